//! Judgements about one call: what is worth telling, and how much it matters. They are Sigma rules: ours under
//! `rules`, one file each, in the folder of their event source, and the user's. Severity is decided here, and
//! where several calls are judged together, and nowhere else.

mod finding;
mod rule;
mod rule_set;
mod severity;
mod steps;

use std::borrow::Cow;
use std::rc::Rc;

use hashbrown::{HashMap, HashSet};
use smallvec::SmallVec;

pub use finding::{CLASSES, Finding, Kind, is_technique};
pub use rule::{Read, Rule, RuleProblem};
pub use rule_set::{Loaded, RuleSet, ours, text_of};
pub use severity::Severity;

use crate::classify::Needs;
use crate::classify::exposure::{Recorded, request_recorded};
use crate::condition::{Answer, EventView, Field, RequestFacts};
use crate::decode::Json;
use crate::event::{Event, Operation, Outcome};
use crate::iam::PrincipalKind;
use crate::intern::Interned;

/// Kinds of call of which is kept what rules they can meet.
const KINDS: usize = 50_000;
/// Findings that are kept to be told again.
const KEPT: usize = 10_000;

/// Judges calls, one after the other. One per thread.
pub struct Detector<'r> {
    rules: &'r RuleSet,
    watching: HashMap<Interned<Operation>, Watch<'r>>,
    /// The same by source and name: they are alike in every account and region.
    shared: HashMap<(Box<str>, Box<str>), Watch<'r>>,
    /// What was told before.
    known: HashSet<Interned<Vec<Finding>>>,
    nothing: Interned<Vec<Finding>>,
    last: Option<Interned<Vec<Finding>>>,
}

/// How calls of one kind are watched.
#[derive(Clone)]
struct Watch<'r> {
    /// The rules that they can meet.
    rules: Rc<[&'r Rule]>,
    /// Whether their order may tell something.
    is_step: bool,
}

/// What there is to tell of a call.
pub struct Judged<'d> {
    /// By itself, gravest first.
    pub findings: &'d Interned<Vec<Finding>>,
    /// Whether its time may tell something beside that of others.
    pub is_step: bool,
    /// Whom it was about, where its resources do not tell.
    pub subject: Option<Json<'d>>,
}

impl<'r> Detector<'r> {
    /// Nothing judged yet.
    pub fn new(rules: &'r RuleSet) -> Self {
        Self {
            rules,
            watching: HashMap::new(),
            shared: HashMap::new(),
            known: HashSet::new(),
            nothing: Interned::new(Vec::new()),
            last: None,
        }
    }

    /// Everything worth telling about a call. Services that act for themselves, and calls that failed for another
    /// reason than a missing permission, are judged by the user's rules only.
    pub fn inspect<'d>(&'d mut self, event: &Event<'d>, needs: &Needs) -> Judged<'d> {
        let Self { rules, watching, shared, known, nothing, last } = self;
        // Names are chosen by whoever called AWS; nothing is lost by beginning again.
        if watching.len().max(shared.len()) >= KINDS {
            (*watching, *shared) = (HashMap::new(), HashMap::new());
        }
        let watching = watching.entry_ref(event.operation).or_insert_with(|| {
            let operation = event.operation;
            let key = (operation.source.clone(), operation.name.clone());
            let watch = || Watch { rules: rules.of(operation).into(), is_step: steps::is_step(operation) };
            shared.entry(key).or_insert_with(watch).clone()
        });
        let is_denied = matches!(event.outcome, Outcome::Denied(_));
        let is_step = watching.is_step || (is_denied && needs.is_privileged());
        let is_step = is_step && !event.identity.principal.kind.is_service();
        let subject = steps::subject(event).filter(|_| is_step);
        let findings = if watching.rules.is_empty() { Vec::new() } else { judged(event, needs, &watching.rules) };
        if findings.is_empty() {
            return Judged { findings: nothing, is_step, subject };
        }
        if known.len() >= KEPT {
            known.clear();
        }
        let new = Interned::new(findings);
        let findings = last.insert(known.get_or_insert_with(&new, Interned::clone).clone());
        Judged { findings, is_step: true, subject }
    }
}

fn judged(event: &Event<'_>, needs: &Needs, rules: &[&Rule]) -> Vec<Finding> {
    let facts = RequestFacts::default();
    let view = || EventView::new(event, needs, &facts);
    let circumstances = Circumstances::of(event);
    let mut findings = Vec::new();
    // Of the rules that ask for a request nobody knows, the gravest one is told.
    let mut gravest: Option<&Rule> = None;
    for rule in rules {
        let view = if rule.is_ours { view() } else { view().as_recorded() };
        if rule.is_ours && !circumstances.are_ours_to_judge(rule) {
            continue;
        }
        match rule.condition.ask(&view) {
            Answer::No => {}
            Answer::Unknown => {
                let order = |rule: &Rule| (rule.level, std::cmp::Reverse(rule.kind.detection.clone()));
                if gravest.is_none_or(|other| order(rule) > order(other)) {
                    gravest = Some(rule);
                }
            }
            Answer::Yes => {
                let met = rule.condition.met(&view);
                findings.push(circumstances.finding(rule, met.into_iter().map(Cow::Owned)));
            }
        }
    }
    if let Some(rule) = gravest {
        let why = match request_recorded(event) {
            Recorded::Yes => "the policy document, which decides, cannot be read",
            Recorded::Omitted => "the request, which decides, was too large to be recorded",
            Recorded::Missing => "the request, which decides, was not recorded",
        };
        let mut finding = circumstances.finding(rule, [Cow::Borrowed(why)]);
        // No policy is as large as that, unless it was padded with blanks so that nobody sees it.
        let is_padded = request_recorded(event) == Recorded::Omitted
            && rule.condition.asks_for(Field::is_of_policy_document);
        if !is_padded {
            finding.severity = finding.severity.lower();
        }
        finding.condition_unknown = true;
        findings.push(finding);
    }
    findings.sort_unstable_by(|a, b| b.cmp(a));
    findings
}

/// What changes how much a finding of ours matters, whatever it is.
struct Circumstances {
    is_failed: bool,
    is_by_service: bool,
    changes: SmallVec<[(Change, &'static str); 2]>,
}

#[derive(Clone, Copy)]
enum Change {
    Lower,
    Raise,
}

impl Circumstances {
    fn of(event: &Event<'_>) -> Self {
        let kind = event.identity.principal.kind;
        let mut changes = SmallVec::new();
        match event.outcome {
            Outcome::Denied(_) => changes.push((Change::Lower, "denied: an attempt")),
            Outcome::DryRun => changes.push((Change::Lower, "a dry run: nothing was done, but it may be")),
            Outcome::Succeeded | Outcome::Failed(_) => {}
        }
        if event.identity.invoked_by.is_some() {
            changes.push((Change::Lower, "made by an AWS service for the caller"));
        }
        if kind == PrincipalKind::Root {
            changes.push((Change::Raise, "by the root user"));
        }
        let is_failed = matches!(event.outcome, Outcome::Failed(_));
        Self { is_failed, is_by_service: kind.is_service(), changes }
    }

    fn are_ours_to_judge(&self, rule: &Rule) -> bool {
        !self.is_failed && (rule.is_about_services || !self.is_by_service)
    }

    fn finding(&self, rule: &Rule, met: impl IntoIterator<Item = Cow<'static, str>>) -> Finding {
        let (mut severity, mut reasons) = (rule.level, met.into_iter().collect::<Vec<_>>());
        if rule.is_ours {
            for (change, why) in &self.changes {
                severity = match change {
                    Change::Lower => severity.lower(),
                    Change::Raise => severity.raise(),
                };
                reasons.push(Cow::Borrowed(why));
            }
        }
        Finding { severity, kind: rule.kind.clone(), reasons, condition_unknown: false }
    }
}

/// Whether a rule asks for something in the request.
pub fn asks_for_the_request(rule: &Rule) -> bool {
    rule.condition.asks_for(Field::is_of_request)
}
