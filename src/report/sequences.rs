//! What several calls tell together, in the form of what one call tells.

use std::borrow::Cow;

use super::findings::Found;
use super::origins::origins;
use crate::aggregate::{Evidence, History, Usage};
use crate::correlate::Correlated;

/// Rows of what was found in several calls.
pub(super) fn found<'h>(history: &'h History, all: &'h [Correlated<'h>]) -> Vec<Found<'h>> {
    all.iter().map(|one| of(history, one)).collect()
}

fn of<'h>(history: &'h History, one: &'h Correlated<'h>) -> Found<'h> {
    let last = one.found.steps.iter().rev().find(|step| !step.name.is_empty());
    let usage = usage(one);
    Found {
        finding: &one.finding,
        principal: one.found.principal,
        source: last.map_or("", |step| step.source),
        name: last.map_or("", |step| step.name),
        action: None,
        resource: one.found.resource.as_deref(),
        outcome: last.map_or("succeeded", |step| step.outcome),
        origins: origins(&history.credentials, &usage),
        usage: Cow::Owned(usage),
        steps: one.found.steps.clone(),
        kinds: 1,
    }
}

/// Once, from the first event to the last; by whom and from where its calls were made.
fn usage(one: &Correlated<'_>) -> Usage {
    let mut usage = Usage::default();
    for part in &one.found.usages {
        usage.merge(part.without_times());
    }
    let days = one.found.steps.iter().map(|step| step.event.time);
    Usage {
        count: 1,
        span: one.span(),
        days: days.collect(),
        evidence: Evidence::of(one.found.steps.iter().map(|step| step.event)),
        ..usage
    }
}
