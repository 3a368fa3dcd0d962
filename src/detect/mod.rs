//! Judgements about one call: what is worth telling, and how much it matters. They are Sigma rules: ours under
//! `rules`, one file each, in the folder of their event source, and the user's. Severity is decided here, and
//! where several calls are judged together, and nowhere else.

mod complaint;
mod finding;
mod rule;
mod rule_set;
mod severity;
mod steps;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::convert::Infallible;
use std::rc::Rc;

use hashbrown::HashMap;
use smallvec::SmallVec;

pub use finding::{CLASSES, Finding, Kind, is_technique};
pub use rule::{Read, Rule, RuleProblem, text_at};
pub use rule_set::{Loaded, RuleSet, ours, text_of};
pub use severity::Severity;

use crate::classify::Needs;
use crate::classify::exposure::{Recorded, request_recorded};
use crate::condition::{Answer, CallView, Condition, EventView, Field, Met, RequestFacts};
use crate::decode::Json;
use crate::event::{Event, Operation, Outcome};
use crate::iam::PrincipalKind;
use crate::intern::{Interned, Memo};

/// Kinds of call of which is kept what rules they can meet.
const KINDS: usize = 50_000;
/// Clients whose names are remembered.
const AGENTS: usize = 1 << 10;
/// Findings that are kept to be told again.
const KEPT: usize = 10_000;

/// Judges calls, one after the other. One per thread.
pub struct Detector<'r> {
    rules: &'r RuleSet,
    watching: HashMap<Interned<Operation>, Rc<Watches<'r>>>,
    /// The same by source and name: they are alike in every account and region.
    shared: HashMap<(Box<str>, Box<str>), Rc<Watches<'r>>>,
    /// Whether some rule that asks for nothing but the client's name is met by one.
    agents: Memo<bool>,
    /// What was told before, by what it follows from.
    told: HashMap<Told, Interned<Vec<Finding>>>,
    nothing: Interned<Vec<Finding>>,
}

/// What findings follow from, in numbers that hold while the rules do: the rules that are met, by which of their
/// parts, and in which circumstances.
type Told = SmallVec<[usize; 8]>;

/// How calls of one kind are watched.
struct Watches<'r> {
    /// The rules that they can meet, whoever makes them.
    all: OnceCell<Vec<&'r Rule>>,
    /// Those by the kind of their principal and by their outcome, once one came.
    rules: [[OnceCell<Box<[Watching<'r>]>>; OUTCOMES]; PrincipalKind::COUNT],
    /// Whether their order may tell something.
    is_step: bool,
}

/// Succeeded, dry run, denied, failed.
const OUTCOMES: usize = 4;

impl<'r> Watches<'r> {
    fn new(operation: &Operation) -> Self {
        let rules = std::array::from_fn(|_| std::array::from_fn(|_| OnceCell::new()));
        Self { all: OnceCell::new(), rules, is_step: steps::is_step(operation) }
    }

    /// The rules that an event can meet.
    fn of(&self, event: &Event<'_>, rules: &'r RuleSet) -> &[Watching<'r>] {
        let kind = event.identity.principal.kind;
        let outcome = match event.outcome {
            Outcome::Succeeded => 0,
            Outcome::DryRun => 1,
            Outcome::Denied(_) => 2,
            Outcome::Failed(_) => 3,
        };
        let Some(cell) = self.rules.get(kind as usize).and_then(|cells| cells.get(outcome)) else { return &[] };
        cell.get_or_init(|| {
            let view = CallView::of(event.operation).made(kind, &event.outcome);
            // Nobody has to be told of what AWS does by itself, or of what came to nothing, unless asked to.
            let is_told =
                |rule: &Rule| !rule.is_ours || (outcome != 3 && (rule.is_about_services || !kind.is_service()));
            let all = self.all.get_or_init(|| rules.of(event.operation)).iter().filter(|rule| is_told(rule));
            let can = all.filter(|rule| rule.condition.ask(&view) != Answer::No);
            can.map(|rule| Watching::new(rule, &view)).collect()
        })
    }
}

/// A rule, and what is left to ask of calls of one kind.
struct Watching<'r> {
    rule: &'r Rule,
    left: Condition,
    /// Whether it asks for nothing but the client's name, whatever is called.
    only_agent: bool,
}

impl<'r> Watching<'r> {
    fn new(rule: &'r Rule, view: &CallView<'_>) -> Self {
        let left = rule.condition.given(view);
        Self { rule, left, only_agent: rule.condition.asks_only_for(Field::is_user_agent) }
    }
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
            agents: Memo::new(AGENTS),
            told: HashMap::new(),
            nothing: Interned::new(Vec::new()),
        }
    }

    /// Everything worth telling about a call. Services that act for themselves, and calls that failed for another
    /// reason than a missing permission, are judged by the user's rules only.
    pub fn inspect<'d>(&'d mut self, event: &Event<'d>, needs: &Needs) -> Judged<'d> {
        let Self { rules, watching, shared, agents, told, nothing } = self;
        // Names are chosen by whoever called AWS; nothing is lost by beginning again.
        if watching.len().max(shared.len()) >= KINDS {
            (*watching, *shared) = (HashMap::new(), HashMap::new());
        }
        let watching = watching.entry_ref(event.operation).or_insert_with(|| {
            let operation = event.operation;
            let key = (operation.source.clone(), operation.name.clone());
            Rc::clone(shared.entry(key).or_insert_with(|| Rc::new(Watches::new(operation))))
        });
        let is_denied = matches!(event.outcome, Outcome::Denied(_));
        let is_step = watching.is_step || (is_denied && needs.is_privileged());
        let is_step = is_step && !event.identity.principal.kind.is_service();
        let subject = steps::subject(event).filter(|_| is_step);
        let facts = RequestFacts::default();
        let view = EventView::new(event, needs, &facts);
        let verdicts = verdicts(event, view, watching.of(event, rules), agents);
        if verdicts.is_empty() {
            return Judged { findings: nothing, is_step, subject };
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
        Judged { findings, is_step: true, subject }
    }
}

/// What a rule says of a call.
struct Verdict<'r> {
    rule: &'r Rule,
    why: Why<'r>,
}

enum Why<'r> {
    /// It is met, by these parts of its condition.
    Met(SmallVec<[Met<'r>; 2]>),
    /// It asks for the request, which was not recorded.
    Unrecorded,
    /// The same, and CloudTrail says that it was too large.
    TooLarge,
    /// It asks for a policy document in the request that cannot be read.
    Unreadable,
}

impl Verdict<'_> {
    fn add_to(&self, key: &mut Told) {
        key.push(std::ptr::from_ref(self.rule).addr());
        match &self.why {
            Why::Met(met) => met.iter().for_each(|met| key.extend(met.id())),
            Why::Unrecorded => key.push(1),
            Why::TooLarge => key.push(2),
            Why::Unreadable => key.push(3),
        }
    }
}

fn verdicts<'r>(
    event: &Event<'_>,
    view: EventView<'_, '_>,
    rules: &[Watching<'r>],
    agents: &mut Memo<bool>,
) -> SmallVec<[Verdict<'r>; 2]> {
    let mut verdicts = SmallVec::new();
    // Clients call themselves the same in call after call.
    let asked = rules.iter().filter(|one| one.only_agent);
    let is_known_agent = asked.clone().next().is_some() && {
        let name = event.user_agent.map_or(&b""[..], Json::raw);
        let is_met = || Ok::<_, Infallible>(asked.clone().any(|one| one.left.ask(&view) != Answer::No));
        matches!(agents.get(&[name], is_met), Ok(true))
    };
    // Of the rules that ask for a request nobody knows, the gravest one is told.
    let mut gravest: Option<&Rule> = None;
    for one in rules.iter().filter(|one| !one.only_agent || is_known_agent) {
        let rule = one.rule;
        let view = if rule.is_ours { view } else { view.as_recorded() };
        match one.left.ask(&view) {
            Answer::No => {}
            Answer::Unknown => {
                let order = |rule: &Rule| (rule.level, std::cmp::Reverse(rule.kind.detection.clone()));
                if gravest.is_none_or(|other| order(rule) > order(other)) {
                    gravest = Some(rule);
                }
            }
            Answer::Yes => verdicts.push(Verdict { rule, why: Why::Met(rule.condition.met(&view)) }),
        }
    }
    let unknown = gravest.map(|rule| match request_recorded(event) {
        Recorded::Omitted => Verdict { rule, why: Why::TooLarge },
        Recorded::Yes => Verdict { rule, why: Why::Unreadable },
        Recorded::Missing => Verdict { rule, why: Why::Unrecorded },
    });
    verdicts.extend(unknown);
    verdicts
}

/// What changes how much a finding of ours matters, whatever it is.
struct Circumstances {
    /// Each by its place among all that there may be.
    changes: SmallVec<[usize; 2]>,
}

/// What there may be, and how it changes what a finding of ours matters.
const CHANGES: [(Change, &str); 4] = [
    (Change::Lower, "denied: an attempt"),
    (Change::Lower, "a dry run: nothing was done, but it may be"),
    (Change::Lower, "made by an AWS service for the caller"),
    (Change::Raise, "by the root user"),
];

enum Change {
    Lower,
    Raise,
}

impl Circumstances {
    fn of(event: &Event<'_>) -> Self {
        let holds = [
            matches!(event.outcome, Outcome::Denied(_)),
            event.outcome == Outcome::DryRun,
            event.identity.invoked_by.is_some(),
            event.identity.principal.kind == PrincipalKind::Root,
        ];
        Self { changes: (0..).zip(holds).filter(|(_, holds)| *holds).map(|(at, _)| at).collect() }
    }

    /// The same for the same circumstances.
    fn number(&self) -> usize {
        self.changes.iter().map(|at| 1 << at).sum()
    }

    fn finding(&self, verdict: &Verdict<'_>) -> Finding {
        let rule = verdict.rule;
        let mut severity = rule.level;
        let mut reasons: Vec<Cow<'static, str>> = match &verdict.why {
            Why::Met(met) => met.iter().map(|met| Cow::Owned(met.to_string())).collect(),
            Why::TooLarge => {
                // No policy is as large as that, unless it was padded with blanks so that nobody sees it.
                if !rule.condition.asks_for(Field::is_of_policy_document) {
                    severity = severity.lower();
                }
                vec!["the request, which decides, was too large to be recorded".into()]
            }
            Why::Unrecorded => {
                severity = severity.lower();
                vec!["the request, which decides, was not recorded".into()]
            }
            Why::Unreadable => {
                severity = severity.lower();
                vec!["the policy document, which decides, cannot be read".into()]
            }
        };
        for (change, why) in self.changes.iter().filter_map(|at| CHANGES.get(*at)).filter(|_| rule.is_ours) {
            severity = match change {
                Change::Lower => severity.lower(),
                Change::Raise => severity.raise(),
            };
            reasons.push(Cow::Borrowed(why));
        }
        let condition_unknown = !matches!(verdict.why, Why::Met(_));
        Finding { severity, kind: rule.kind.clone(), reasons, condition_unknown }
    }
}
