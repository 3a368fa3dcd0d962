//! What was done with privileges: the findings, and by principal and action the privileged calls behind them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::build::{empty, time};
use super::findings::{FindingView, Found, shown};
use super::rows::*;
use crate::aggregate::{CallOutcome, History, Usage};
use crate::classify::{Basis, Privilege, level_of, privileges_of};
use crate::correlate::correlate;
use crate::detect::Severity;
use crate::iam::{Action, Principal};

/// Resources that a row names.
const RESOURCES: usize = 5;

/// Everything worth telling, and the privileged calls: of all principals, or where findings were picked, of those
/// who made the picked ones.
pub fn privileged(history: &History, view: &FindingView) -> Report {
    let mut report = empty("trailwright.privileged/1", history);
    let several = correlate(history);
    let found = shown(history, &several, view);
    let privileges = Privileges::of(history);
    report.not_judged = Some(not_judged(history, &privileges));
    report.privileged_calls = Some(calls(history, &privileges, &found, view));
    report.findings = Some(found.iter().map(Found::row).collect());
    report
}

/// The privilege classes of every action in a history, each looked up once.
struct Privileges<'h>(HashMap<&'h Action, Vec<Privilege>>);

impl<'h> Privileges<'h> {
    fn of(history: &'h History) -> Self {
        let mut known = HashMap::new();
        for used in history.calls.iter().flat_map(|(call, _)| call.needs.uses()) {
            known.entry(&used.action).or_insert_with(|| privileges_of(&used.action));
        }
        Self(known)
    }

    fn get(&self, action: &Action) -> &[Privilege] {
        self.0.get(action).map_or(&[], Vec::as_slice)
    }
}

/// Nothing is looked for in what AWS's own services and roles do.
fn not_judged(history: &History, privileges: &Privileges<'_>) -> NotJudgedRow {
    let mut row = NotJudgedRow::default();
    let mut principals = BTreeSet::new();
    for (call, usage) in history.calls.iter().filter(|(call, _)| call.principal.kind.is_service()) {
        principals.insert(&*call.principal);
        row.count += usage.count;
        let is_privileged = call.needs.uses().iter().any(|used| !privileges.get(&used.action).is_empty());
        row.privileged += if is_privileged { usage.count } else { 0 };
    }
    row.principals = principals.len() as u64;
    row
}

/// A privileged action of one principal.
#[derive(Default)]
struct Done<'h> {
    usage: Usage,
    denied: u64,
    resources: BTreeSet<&'h str>,
}

/// The principal with the worst finding first, then the one with the most privileged calls.
fn calls<'h>(
    history: &'h History,
    privileges: &Privileges<'h>,
    found: &[Found<'h>],
    view: &FindingView,
) -> Vec<PrivilegedCallRow> {
    let mut worst: BTreeMap<&Principal, Severity> = BTreeMap::new();
    for found in found {
        let severity = worst.entry(found.principal).or_insert(found.finding.severity);
        *severity = found.finding.severity.max(*severity);
    }
    let is_shown = |principal: &Principal| {
        (view.services_too || !principal.kind.is_service()) && (!view.is_narrow() || worst.contains_key(principal))
    };
    let mut done: BTreeMap<&Principal, BTreeMap<&Action, Done<'_>>> = BTreeMap::new();
    for (call, usage) in &history.calls {
        if matches!(*call.outcome, CallOutcome::Failed(_)) || !is_shown(&call.principal) {
            continue;
        }
        for used in call.needs.uses().iter().filter(|used| !privileges.get(&used.action).is_empty()) {
            let done = done.entry(&call.principal).or_default().entry(&used.action).or_default();
            done.usage.merge(usage.without_times());
            done.denied += if call.is_denied() { usage.count } else { 0 };
            let named = used.resources.iter().filter(|r| r.is_named() && r.basis != Basis::TakesNone);
            done.resources.extend(named.map(|resource| resource.arn.as_str()));
        }
    }
    let mut principals: Vec<_> = done.into_iter().collect();
    principals.sort_by_key(|(principal, actions)| {
        let count: u64 = actions.values().map(|done| done.usage.count).sum();
        (Reverse(worst.get(principal).copied()), Reverse(count), *principal)
    });
    let rows = principals.into_iter().flat_map(|(principal, actions)| {
        let mut actions: Vec<_> = actions.into_iter().collect();
        actions.sort_by_key(|(action, done)| (Reverse(done.usage.count), *action));
        actions.into_iter().map(move |(action, done)| row(principal, action, privileges.get(action), &done))
    });
    rows.collect()
}

fn row(principal: &Principal, action: &Action, classes: &[Privilege], done: &Done<'_>) -> PrivilegedCallRow {
    let usage = &done.usage;
    PrivilegedCallRow {
        principal: principal.name.clone(),
        kind: principal.kind.as_str(),
        action: action.to_string(),
        access_level: level_of(action).map(|level| level.as_str()),
        classes: classes.iter().map(|class| class.as_str()).collect(),
        count: usage.count,
        denied: done.denied,
        resources: done.resources.iter().take(RESOURCES).map(|arn| (*arn).to_owned()).collect(),
        more: done.resources.len().saturating_sub(RESOURCES) as u64,
        people: usage.people.iter().map(|name| name.to_string()).collect(),
        first: time(usage.first()),
        last: time(usage.last()),
    }
}
