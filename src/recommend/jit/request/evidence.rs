//! What the log shows: denied calls, what is new to the principal, what no grant helps with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Elevation, first_of};
use crate::iam::{Action, matches};
use crate::recommend::jit::refusal;
use crate::recommend::{ConditionKind, FixableBy, Gap};

/// The denied events behind each permission.
pub(super) fn events(grant: &Elevation<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for gap in &grant.gaps {
        let (usage, refusal) = (&gap.usage, gap.refusal);
        let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        lines.push(format!(
            "{}: denied {}, first {}, last {}, by layer {}, deny {}; gap {}",
            name(gap),
            if usage.count == 1 { "once".to_owned() } else { format!("{} times", usage.count) },
            time(usage.first()),
            time(usage.last()),
            refusal.policy_type.as_str(),
            refusal.kind.as_str(),
            gap.id()
        ));
        for event in usage.evidence.iter() {
            lines.push(format!("event {} in {} record {}", event.event_id, event.file, event.record));
        }
        lines.push(match gap.action.and_then(|action| last_granted(grant, action)) {
            Some(last) => format!("{} last went through at {last}", name(gap)),
            None => format!("{} never went through in this archive", name(gap)),
        });
    }
    first_of(lines, "trailwright denied LOGS --explain has all")
}

fn name(gap: &Gap<'_>) -> String {
    gap.action.map_or_else(|| "an unknown action".to_owned(), ToString::to_string)
}

/// When the principal was last allowed an action, on whatever.
fn last_granted(grant: &Elevation<'_>, action: &Action) -> Option<Timestamp> {
    let allowed = grant.calls.iter().filter(|(call, _)| call.outcome.is_allowed());
    let used = allowed.filter(|(call, _)| call.needs.uses().iter().any(|used| used.action == *action));
    used.filter_map(|(_, usage)| usage.last()).max()
}

/// In what it differs from what the principal does already.
pub(super) fn difference(grant: &Elevation<'_>) -> Vec<String> {
    let mut used: BTreeMap<&Action, BTreeSet<&str>> = BTreeMap::new();
    for (call, _) in grant.calls.iter().filter(|(call, _)| call.outcome.is_allowed()) {
        for one in call.needs.uses() {
            used.entry(&one.action).or_default().extend(one.resources.iter().map(|resource| &*resource.arn));
        }
    }
    let services: BTreeSet<&str> = used.keys().map(|action| action.service_prefix()).collect();
    let (mut actions, mut resources) = (BTreeSet::new(), BTreeSet::new());
    for permission in &grant.permissions {
        let (action, arn) = (permission.action, &*permission.resource.arn);
        match used.get(action) {
            None if services.contains(action.service_prefix()) => _ = actions.insert(format!("new action: {action}")),
            None => _ = actions.insert(format!("new action: {action}, of a service that it never used")),
            Some(known) if !known.iter().any(|one| *one == arn || matches(one, arn)) => {
                _ = resources.insert(format!("new resource for {action}: {arn}"));
            }
            Some(_) => {}
        }
    }
    let touched: BTreeSet<&str> = used.values().flatten().copied().collect();
    let untouched: BTreeSet<String> = grant
        .permissions
        .iter()
        .map(|permission| &*permission.resource.arn)
        .filter(|arn| *arn != "*" && !touched.contains(arn))
        .map(|arn| format!("nothing of it was used on {arn} before, by any action"))
        .collect();
    let lines: Vec<String> = actions.into_iter().chain(resources).chain(untouched).collect();
    if lines.is_empty() {
        return vec!["nothing: all of it went through before".to_owned()];
    }
    first_of(lines, "the policy has all")
}

/// Gaps of the principal that the grant leaves open.
pub(super) fn others(grant: &Elevation<'_>) -> Vec<String> {
    let (beyond, others): (Vec<&Gap<'_>>, Vec<_>) =
        grant.others.iter().partition(|gap| gap.fixable_by != FixableBy::IdentityPolicy);
    let (unneeded, left): (Vec<&Gap<'_>>, Vec<_>) = others.into_iter().partition(|gap| refusal(gap).is_some());
    let line = |gap: &&Gap<'_>| {
        let on = gap.resource.map(|resource| format!(" on {}", resource.arn)).unwrap_or_default();
        let (layer, deny) = (gap.refusal.policy_type.as_str(), gap.refusal.kind.as_str());
        format!("{}{on}: layer {layer}, deny {deny}. {}", name(gap), gap.advice)
    };
    let mut lines = first_of(beyond.iter().map(line).collect(), "trailwright denied LOGS has all");
    if !unneeded.is_empty() {
        lines.push(format!("{} denials that nobody seems to need, or of which too little is known", unneeded.len()));
    }
    for gap in left {
        lines.push(format!("{}: needed, and left out here; gap {}", name(gap), gap.id()));
    }
    if lines.is_empty() {
        lines.push("nothing else was denied to it".to_owned());
    }
    lines
}

/// What a condition does not keep away.
pub(super) fn not_blocked(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::Region => "it does not block calls of whoever else is in those regions",
        ConditionKind::SourceIp => "it does not block anybody else behind the same address",
        ConditionKind::Vpce => "it does not block anything else that can reach the endpoint",
        ConditionKind::Mfa => "it does not block a session that was stolen after MFA",
        ConditionKind::Hours => "it is told only",
    }
}
