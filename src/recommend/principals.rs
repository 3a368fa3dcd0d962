use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Unmapped;
use crate::aggregate::History;
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
    let mut found: BTreeMap<&Principal, PrincipalSummary<'_>> = BTreeMap::new();
    for (call, usage) in &history.calls {
        let principal = &*call.principal;
        let summary = found.entry(principal).or_insert(PrincipalSummary {
            principal,
            events: 0,
            denied: 0,
            privileged: 0,
            span: None,
        });
        summary.events += usage.count;
        summary.denied += if call.is_denied() { usage.count } else { 0 };
        summary.privileged += if call.needs.is_privileged() { usage.count } else { 0 };
        summary.span = match (summary.span, usage.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
    found.into_values().collect()
}

/// Calls that nobody documents, by source and name.
pub fn unmapped(history: &History) -> Vec<Unmapped<'_>> {
    let mut found: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (call, usage) in history.calls.iter().filter(|(call, _)| *call.needs == Needs::Unknown) {
        *found.entry((&call.operation.source, &call.operation.name)).or_default() += usage.count;
    }
    found.into_iter().map(|((source, name), count)| Unmapped { source, name, count }).collect()
}
