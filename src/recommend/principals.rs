use std::collections::BTreeMap;

use hashbrown::HashMap;
use jiff::Timestamp;

use super::Unmapped;
use crate::aggregate::{Call, History, Usage};
use crate::classify::Needs;
use crate::iam::Principal;

/// One principal at a glance.
#[derive(Clone, Debug)]
pub struct PrincipalSummary<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// Events.
    pub events: u64,
    /// Events that were denied.
    pub denied: u64,
    /// Events that needed a privileged action, denied or not.
    pub privileged: u64,
    /// First and last event.
    pub span: Option<(Timestamp, Timestamp)>,
}

/// Every principal, sorted.
pub fn principals(history: &History) -> Vec<PrincipalSummary<'_>> {
    let mut privileged = HashMap::new();
    let by_principal = history.calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal);
    by_principal.filter_map(|calls| summary(calls, &mut privileged)).collect()
}

/// The calls of one principal at a glance. Whether needs are privileged is looked up once for each.
fn summary<'h>(
    calls: &'h [(Call, Usage)],
    privileged: &mut HashMap<*const Needs, bool>,
) -> Option<PrincipalSummary<'h>> {
    let (first, _) = calls.first()?;
    let mut summary = PrincipalSummary { principal: &first.principal, events: 0, denied: 0, privileged: 0, span: None };
    for (call, usage) in calls {
        summary.events += usage.count;
        summary.denied += if call.is_denied() { usage.count } else { 0 };
        let needs: &Needs = &call.needs;
        let is_privileged = *privileged.entry(std::ptr::from_ref(needs)).or_insert_with(|| needs.is_privileged());
        summary.privileged += if is_privileged { usage.count } else { 0 };
        summary.span = match (summary.span, usage.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
    Some(summary)
}

/// Calls that nobody documents, by source and name.
pub fn unmapped(history: &History) -> Vec<Unmapped<'_>> {
    let mut found: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (call, usage) in history.calls.iter().filter(|(call, _)| *call.needs == Needs::Unknown) {
        *found.entry((&call.operation.source, &call.operation.name)).or_default() += usage.count;
    }
    found.into_iter().map(|((source, name), count)| Unmapped { source, name, count }).collect()
}
