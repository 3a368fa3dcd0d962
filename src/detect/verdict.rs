//! What a rule says of a call, and how circumstances change what that matters.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{Finding, Rule, Told};
use crate::classify::exposure::Recorded;
use crate::condition::{Field, Met};
use crate::event::{Event, Outcome};
use crate::iam::PrincipalKind;

/// What a rule says of a call.
pub(super) struct Verdict<'r> {
    pub rule: &'r Rule,
    pub why: Why<'r>,
}

pub(super) enum Why<'r> {
    /// It is met, by these parts of its condition.
    Met(SmallVec<[Met<'r>; 2]>),
    /// It asks for the request, which was not recorded.
    Unrecorded,
    /// The same, and CloudTrail says that it was too large.
    TooLarge,
    /// It asks for a policy document in the request that cannot be read.
    Unreadable,
}

impl Why<'_> {
    /// Of a rule that asks for a request nobody knows.
    pub(super) fn unknown(request: Recorded) -> Self {
        match request {
            Recorded::Omitted => Self::TooLarge,
            Recorded::Yes => Self::Unreadable,
            Recorded::Missing => Self::Unrecorded,
        }
    }
}

impl Verdict<'_> {
    /// Adds what tells it from others.
    pub(super) fn add_to(&self, key: &mut Told) {
        key.push(std::ptr::from_ref(self.rule).addr());
        match &self.why {
            Why::Met(met) => met.iter().for_each(|met| key.extend(met.id())),
            Why::Unrecorded => key.push(1),
            Why::TooLarge => key.push(2),
            Why::Unreadable => key.push(3),
        }
    }
}

/// What changes how much a finding of ours matters, whatever it is.
pub(super) struct Circumstances {
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
    pub(super) fn of(event: &Event<'_>) -> Self {
        let holds = [
            matches!(event.outcome, Outcome::Denied(_)),
            event.outcome == Outcome::DryRun,
            event.identity.invoked_by.is_some(),
            event.identity.principal.kind == PrincipalKind::Root,
        ];
        Self { changes: (0..).zip(holds).filter(|(_, holds)| *holds).map(|(at, _)| at).collect() }
    }

    /// The same for the same circumstances.
    pub(super) fn number(&self) -> usize {
        self.changes.iter().map(|at| 1 << at).sum()
    }

    /// What is told of the call.
    pub(super) fn finding(&self, verdict: &Verdict<'_>) -> Finding {
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
