//! Judgements about one call: what is worth telling, and how much it matters. They are Sigma rules: ours under
//! `rules`, one file each, in the folder of their event source, and the user's. Severity is decided here, and
//! where several calls are judged together, and nowhere else.

mod complaint;
mod finding;
mod rule;
mod rule_set;
mod severity;
mod steps;
mod verdict;
mod watch;

use std::rc::Rc;

use hashbrown::HashMap;
use smallvec::SmallVec;

pub use finding::{CLASSES, Finding, Kind, is_technique};
pub use rule::{Read, Rule, RuleProblem, text_at};
pub use rule_set::{Loaded, RuleSet, ours, text_of};
pub use severity::Severity;

use verdict::{Circumstances, Verdict, Why};
use watch::{ClientGroups, Heard, Made, Watched, graver};

use crate::classify::Needs;
use crate::classify::exposure::request_recorded;
use crate::condition::{EventView, RequestFacts};
use crate::decode::Json;
use crate::event::{Event, Operation, Outcome};
use crate::intern::Interned;

/// Kinds of call of which is kept what rules they can meet.
const KINDS: usize = 50_000;
/// Findings that are kept to be told again.
const KEPT: usize = 10_000;

/// Judges calls, one after the other. One per thread.
pub struct Detector<'r> {
    rules: &'r RuleSet,
    watching: ByKind<Interned<Operation>, Rc<Watched<'r>>>,
    /// The same by source and name: they are alike in every account and region.
    shared: ByKind<(Box<str>, Box<str>), Rc<Watched<'r>>>,
    groups: ClientGroups<'r>,
    /// What rules said before.
    heard: Heard<'r>,
    /// What was told before, by what it follows from.
    told: HashMap<Told, Interned<Vec<Finding>>>,
    nothing: Interned<Vec<Finding>>,
}

type ByKind<O, T> = HashMap<watch::Alike<O>, T>;

/// What findings follow from, in numbers that hold while the rules do: the rules that are met, by which of their
/// parts, and in which circumstances.
type Told = SmallVec<[usize; 8]>;

/// What there is to tell of a call.
pub struct Judged<'d> {
    /// By itself, gravest first.
    pub findings: &'d Interned<Vec<Finding>>,
    /// Whether its time may tell something beside that of others.
    pub is_step: bool,
    /// Whom it was about, where its resources do not tell.
    pub subject: Option<Json<'d>>,
}

impl<'d> Judged<'d> {
    fn new(findings: &'d Interned<Vec<Finding>>, (is_step, subject): (bool, Option<Json<'d>>)) -> Self {
        Self { findings, is_step, subject }
    }
}

impl<'r> Detector<'r> {
    /// Nothing judged yet.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self {
            rules,
            watching: HashMap::new(),
            shared: HashMap::new(),
            groups: ClientGroups::new(),
            heard: Heard::default(),
            told: HashMap::new(),
            nothing: Interned::new(Vec::new()),
        }
    }

    /// Everything worth telling about a call. Services that act for themselves, and calls that failed for another
    /// reason than a missing permission, are judged by the user's rules only.
    pub fn inspect<'d>(&'d mut self, event: &Event<'d>, needs: &Interned<Needs>) -> Judged<'d> {
        let Self { rules, watching, shared, groups, heard, told, nothing } = self;
        // Names are chosen by whoever called AWS; nothing is lost by beginning again. What was heard goes by their place.
        if watching.len().max(shared.len()) >= KINDS {
            (*watching, *shared, *heard) = (HashMap::new(), HashMap::new(), Heard::default());
        }
        let made = Made::of(event);
        let watched = watching.get(&watch::Alike(event.operation, made)).map(Rc::clone).unwrap_or_else(|| {
            let Operation { source, name, .. } = &**event.operation;
            let known = shared.entry(watch::Alike((source.clone(), name.clone()), made));
            let watched = known.or_insert_with(|| Rc::new(Watched::new(rules, event, groups)));
            watching.insert(watch::Alike(event.operation.clone(), made), Rc::clone(watched));
            Rc::clone(watched)
        });
        let is_denied = matches!(event.outcome, Outcome::Denied(_));
        let is_step = watched.is_step || (is_denied && needs.is_privileged());
        let is_step = is_step && !event.identity.principal.kind.is_service();
        let step = |is_step: bool| (is_step, if is_step { steps::subject(event) } else { None });
        let facts = RequestFacts::default();
        let (known, anew) = watched.ask(event, needs, EventView::new(event, needs, &facts), heard);
        if matches!((&known, &anew), ([None, None], None)) {
            return Judged::new(nothing, step(is_step));
        }
        let said = || known.into_iter().flatten().chain(&anew);
        // Of the rules that ask for a request nobody knows, the gravest one is told.
        let unknown = said().fold(None, |gravest, said| graver(gravest, said.unknown));
        let unknown = unknown.map(|rule| Verdict { rule, why: Why::unknown(request_recorded(event)) });
        let verdicts: SmallVec<[&Verdict<'r>; 4]> = said().flat_map(|said| &said.met).chain(&unknown).collect();
        if verdicts.is_empty() {
            return Judged::new(nothing, step(is_step));
        }
        let circumstances = Circumstances::of(event);
        let mut key: Told = SmallVec::from_slice(&[circumstances.number()]);
        verdicts.iter().for_each(|verdict| verdict.add_to(&mut key));
        if told.len() >= KEPT {
            told.clear();
        }
        let findings = told.entry(key).or_insert_with(|| {
            let mut findings: Vec<_> = verdicts.iter().map(|verdict| circumstances.finding(verdict)).collect();
            findings.sort_unstable_by(|a, b| b.cmp(a));
            Interned::new(findings)
        });
        Judged::new(findings, step(true))
    }
}
