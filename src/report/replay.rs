//! What policies would have changed: the calls that they would have blocked, or let pass, or about which the log does
//! not tell enough.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::build::{empty, evidence, time};
use super::rows::*;
use crate::aggregate::{Call, CallOutcome, History, Refusal, Usage};
use crate::classify::Basis;
use crate::iam::{PolicyType, Principal};
use crate::replay::{Answer, Replayed};

/// Resources that a row names.
const RESOURCES: usize = 5;

/// What becomes of a call under the policies that are tried out; the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It went through and would not.
    NewlyBlocked,
    /// It depends on what the record does not tell.
    Unknown,
    /// It was denied and would pass.
    NewlyAllowed,
    /// It was denied and would be.
    StillDenied,
    /// It went through and would.
    Allowed,
    /// It was not asked of the policies.
    NotAsked,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::NewlyBlocked, Self::Unknown, Self::NewlyAllowed, Self::StillDenied, Self::Allowed, Self::NotAsked];

    /// The word used in reports and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyBlocked => "newly-blocked",
            Self::Unknown => "unknown",
            Self::NewlyAllowed => "newly-allowed",
            Self::StillDenied => "still-denied",
            Self::Allowed => "allowed",
            Self::NotAsked => "not-asked",
        }
    }
}

/// Which layers of policies are tried out beside identity policies.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "named by the layers")]
pub struct Layers {
    pub boundary: bool,
    pub session: bool,
    pub scp: bool,
}

impl Layers {
    /// Whether what refused a call is replaced by what is tried out. Which policy it was, older messages do not say.
    fn replace(self, refusal: &Refusal) -> bool {
        match refusal.policy_type {
            PolicyType::Identity | PolicyType::Unknown => true,
            PolicyType::Boundary => self.boundary,
            PolicyType::Session => self.session,
            PolicyType::Scp => self.scp,
            _ => false,
        }
    }
}

/// How a call fares, and by what.
fn change(call: &Call, replayed: &Replayed, layers: Layers) -> (Change, String, Vec<String>) {
    let known = |change: Change, by: &str| (change, by.to_owned(), Vec::new());
    let refusal = match &*call.outcome {
        CallOutcome::Failed(_) => return known(Change::NotAsked, "it failed for another reason than a permission"),
        CallOutcome::Denied(refusal) => Some(refusal),
        CallOutcome::Succeeded | CallOutcome::DryRun => None,
    };
    match (&replayed.answer, refusal) {
        (Answer::NotAsked(why), _) => known(Change::NotAsked, why),
        (Answer::Allowed(by), None) => known(Change::Allowed, by),
        (Answer::Allowed(by), Some(refusal)) if layers.replace(refusal) => known(Change::NewlyAllowed, by),
        (Answer::Allowed(_), Some(refusal)) => {
            let by = format!("another layer refused it ({}), which is not tried out", refusal.policy_type.as_str());
            (Change::StillDenied, by, Vec::new())
        }
        (Answer::Unknown(missing, by), _) => (Change::Unknown, by.clone(), missing.clone()),
        (Answer::Implicit(by) | Answer::Explicit(by), None) => known(Change::NewlyBlocked, by),
        (Answer::Implicit(by) | Answer::Explicit(by), Some(_)) => known(Change::StillDenied, by),
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'h> {
    change: Change,
    principal: &'h Principal,
    source: &'h str,
    name: &'h str,
    action: Option<String>,
    by: String,
    missing: Vec<String>,
    outcome: &'static str,
}

#[derive(Default)]
struct Group<'h> {
    usage: Usage,
    resources: BTreeSet<&'h str>,
}

/// Every change, and how many calls there are of each kind.
pub fn replay(history: &History, layers: Layers, services_too: bool) -> Report {
    let mut groups: BTreeMap<Key<'_>, Group<'_>> = BTreeMap::new();
    let mut changes: BTreeMap<Change, (u64, BTreeSet<&Principal>)> = BTreeMap::new();
    for (call, usage) in &history.calls {
        let Some(replayed) = &call.replayed else { continue };
        if !services_too && call.principal.kind.is_service() {
            continue;
        }
        let (change, by, missing) = change(call, replayed, layers);
        let (events, principals) = changes.entry(change).or_default();
        *events += usage.count;
        principals.insert(&call.principal);
        if matches!(change, Change::Allowed | Change::NotAsked) {
            continue;
        }
        let key = Key {
            change,
            principal: &call.principal,
            source: &call.operation.source,
            name: &call.operation.name,
            action: replayed.action.as_ref().map(ToString::to_string),
            by,
            missing,
            outcome: call.outcome.as_str(),
        };
        let group = groups.entry(key).or_default();
        group.usage.merge(usage.without_times());
        let of_action = call.needs.uses().iter().filter(|used| Some(&used.action) == replayed.action.as_ref());
        let named = of_action.flat_map(|used| &used.resources).filter(|r| r.basis != Basis::TakesNone);
        group.resources.extend(named.map(|resource| resource.arn.as_str()));
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, one), (b, other)| {
        (a.change, Reverse(one.usage.count), a).cmp(&(b.change, Reverse(other.usage.count), b))
    });
    let mut report = empty("trailwright.replay/1", history);
    let of = |change: &Change| changes.get(change);
    let counted = Change::ALL.iter().map(|change| ChangeRow {
        change: change.as_str(),
        events: of(change).map_or(0, |(events, _)| *events),
        principals: of(change).map_or(0, |(_, principals)| principals.len() as u64),
        rows: groups.iter().filter(|(key, _)| key.change == *change).count() as u64,
    });
    report.changes = Some(counted.collect());
    report.replay = Some(groups.into_iter().map(row).collect());
    report
}

fn row((key, group): (Key<'_>, Group<'_>)) -> ReplayRow {
    let usage = &group.usage;
    ReplayRow {
        change: key.change.as_str(),
        principal: key.principal.name.clone(),
        kind: key.principal.kind.as_str(),
        event_source: key.source.to_owned(),
        event_name: key.name.to_owned(),
        action: key.action,
        resources: group.resources.iter().take(RESOURCES).map(|arn| (*arn).to_owned()).collect(),
        more: group.resources.len().saturating_sub(RESOURCES) as u64,
        outcome: key.outcome,
        by: key.by,
        missing: key.missing,
        count: usage.count,
        days: usage.days.len(),
        people: usage.people.iter().map(|name| name.to_string()).collect(),
        first: time(usage.first()),
        last: time(usage.last()),
        evidence: evidence(&usage.evidence),
    }
}

/// Adds to recommendations how the calls of their principals fared when they were tried out.
pub fn verify(report: &mut Report, history: &History) {
    let mut fared: BTreeMap<&str, VerifiedRow> = BTreeMap::new();
    let mut problems: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
    for (call, usage) in history.calls.iter().filter(|(call, _)| call.outcome.is_allowed()) {
        let Some(replayed) = &call.replayed else { continue };
        let row = fared.entry(&call.principal.name).or_default();
        let (change, by, missing) = change(call, replayed, Layers::default());
        match change {
            Change::Allowed => row.allowed += usage.count,
            Change::Unknown => row.unknown += usage.count,
            Change::NotAsked => row.not_asked += usage.count,
            Change::NewlyBlocked | Change::NewlyAllowed | Change::StillDenied => row.blocked += usage.count,
        }
        if matches!(change, Change::NewlyBlocked | Change::Unknown) {
            let action = replayed.action.as_ref().map(ToString::to_string).unwrap_or_default();
            let of_action = call.needs.uses().iter().filter(|used| Some(&used.action) == replayed.action.as_ref());
            let on: Vec<&str> = of_action.flat_map(|used| &used.resources).map(|resource| &*resource.arn).collect();
            let asks = if missing.is_empty() { by } else { format!("it depends on {}", missing.join(", ")) };
            let problem = format!("{action} on {}: {asks}", on.join(", "));
            *problems.entry(&call.principal.name).or_default().entry(problem).or_default() += usage.count;
        }
    }
    for row in report.recommendations.iter_mut().flatten() {
        let mut verified = fared.get(&*row.principal).cloned().unwrap_or_default();
        let problems = problems.get(&*row.principal).into_iter().flatten();
        verified.problems = problems.map(|(problem, count)| format!("{problem} ({count})")).collect();
        row.verified = Some(verified);
    }
}
