//! What was done with grants, as rows.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::build::{empty, evidence, time};
use super::origins::origins;
use super::rows::*;
use crate::aggregate::{Call, CallOutcome, History, Usage};
use crate::audit::{Audit, Audited, Found, Next, Status};
use crate::ledger::{Grant, Problem};
use crate::recommend::digest;
use crate::watch::{Phase, Scope, Stand, Watch};

/// Resources that a row names.
const RESOURCES: usize = 3;

/// What there is to say of a ledger; where ids are asked for, of these grants only.
pub fn audit(history: &History, audit: &Audit<'_>, watch: &Watch, problems: &[Problem], asked: &[String]) -> Report {
    let grants = watch.grants();
    let wants = |grant: &Grant| asked.is_empty() || asked.contains(&grant.id);
    let is_wanted = |number: &u32| grants.get(*number as usize).is_some_and(wants);
    let found: Vec<&Found<'_>> =
        audit.findings.iter().filter(|found| asked.is_empty() || found.grants.iter().any(is_wanted)).collect();
    let mut names: BTreeMap<u32, BTreeSet<&'static str>> = BTreeMap::new();
    for one in &found {
        for number in &one.grants {
            names.entry(*number).or_default().insert(one.rule.name);
        }
    }
    let wanted: Vec<&Audited<'_>> = audit.grants.iter().filter(|one| wants(one.grant)).collect();
    let mut report = empty("trailwright.audit/1", history);
    report.audit = Some(summary(audit, &wanted, &found, problems));
    report.findings = Some(found.par_iter().map(|one| finding(one, history, grants)).collect());
    report.grants = Some(wanted.par_iter().map(|one| row(one, names.get(&one.number))).collect());
    report.problems = Some(problems.iter().map(problem).collect());
    report
}

fn summary(audit: &Audit<'_>, grants: &[&Audited<'_>], found: &[&Found<'_>], problems: &[Problem]) -> AuditRow {
    let of = |status| grants.iter().filter(|one| one.status == status).count() as u64;
    let mut findings = BTreeMap::new();
    for one in found {
        *findings.entry(one.severity.as_str()).or_default() += 1;
    }
    AuditRow {
        grants: grants.len() as u64,
        rows_not_used: unusable_rows(problems) as u64,
        used: of(Status::Used),
        only_denied: of(Status::OnlyDenied),
        unused: of(Status::Unused),
        not_covered: of(Status::NotCovered),
        provisional: grants.iter().filter(|one| one.is_provisional).count() as u64,
        complete_through: time(audit.through),
        unplaced_files: audit.unplaced_files as u64,
        findings,
    }
}

/// Rows of a ledger that could not be used: each may have several problems.
pub fn unusable_rows(problems: &[Problem]) -> usize {
    let fatal = problems.iter().filter(|problem| problem.is_fatal);
    fatal.map(|problem| (&problem.file, problem.line)).collect::<BTreeSet<_>>().len()
}

fn problem(problem: &Problem) -> ProblemRow {
    let Problem { file, line, is_fatal, what } = problem;
    ProblemRow { file: file.to_string(), line: *line, fatal: *is_fatal, problem: what.clone() }
}

fn finding(found: &Found<'_>, history: &History, grants: &[Grant]) -> FindingRow {
    let mut usage = Usage::default();
    found.calls.iter().for_each(|(_, one)| usage.merge(one.without_times()));
    let ids: Vec<String> =
        found.grants.iter().filter_map(|number| grants.get(*number as usize)).map(|grant| grant.id.clone()).collect();
    let first = found.calls.first().map(|(call, _)| *call);
    let used = first.and_then(|call| call.needs.uses().first());
    let kinds: BTreeSet<_> =
        found.calls.iter().map(|(call, _)| (&call.operation.source, &call.operation.name)).collect();
    let resource = used.and_then(|used| used.resources.first()).filter(|resource| resource.is_named());
    let name = first.map(|call| call.operation.name.to_string()).unwrap_or_default();
    let parts =
        [found.rule.name.to_owned(), ids.join(";"), found.principal.to_string(), found.names.join(";"), name.clone()];
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    FindingRow {
        detection: found.rule.name.to_owned(),
        title: found.rule.title.to_owned(),
        severity: found.severity.as_str(),
        attack: texts(found.rule.attack),
        grants: ids,
        principal: found.principal.to_string(),
        kind: found.kind,
        event_source: first.map(|call| call.operation.source.to_string()).unwrap_or_default(),
        event_name: name,
        kinds_of_call: kinds.len(),
        action: used.map(|used| used.action.to_string()),
        resource: resource.filter(|_| kinds.len() == 1).map(|resource| resource.arn.clone()),
        outcome: first.map_or("none", |call| call.outcome.as_str()),
        condition: "met",
        reasons: found.reasons.clone(),
        why: found.rule.why.to_owned(),
        next: texts(found.rule.next),
        false_positives: texts(found.rule.harmless),
        count: usage.count,
        days: usage.days.len(),
        sessions: usage.sessions.len(),
        first: time(usage.first()),
        last: time(usage.last()),
        people: if found.names.is_empty() { people(&usage) } else { found.names.clone() },
        origins: origins(&history.credentials, &usage),
        addresses: usage.addresses.iter().map(ToString::to_string).collect(),
        fingerprint: digest(&parts, 8),
        evidence: evidence(&usage.evidence),
        ..FindingRow::default()
    }
}

fn people(usage: &Usage) -> Vec<String> {
    usage.people.iter().map(|name| name.to_string()).collect()
}

fn row(one: &Audited<'_>, findings: Option<&BTreeSet<&'static str>>) -> GrantRow {
    let grant = one.grant;
    let times = one.timeline.iter().filter_map(|(_, usage, _)| usage.span);
    GrantRow {
        grant: grant.id.clone(),
        kind: grant.subject.kind(),
        principal: grant.subject.name().to_owned(),
        person: grant.person.clone(),
        account: grant.account.clone(),
        not_before: grant.not_before.to_string(),
        not_after: grant.not_after.to_string(),
        revoked_at: time(grant.revoked_at),
        break_glass: grant.break_glass,
        approvers: grant.approvers.clone(),
        ticket: grant.ticket.clone(),
        source: grant.source.clone(),
        file: grant.file.to_string(),
        line: grant.line,
        status: one.status.as_str(),
        provisional: one.is_provisional,
        sessions: one.sessions() as u64,
        events: one.events(|_| true),
        denied: one.events(|outcome| matches!(outcome, CallOutcome::Denied(_))),
        failed: one.events(|outcome| matches!(outcome, CallOutcome::Failed(_))),
        first: time(times.clone().map(|(first, _)| first).min()),
        last: time(times.map(|(_, last)| last).max()),
        timeline: one.timeline.iter().map(|(call, usage, stand)| moment(call, usage, stand)).collect(),
        unused: one.unused.iter().map(|pattern| (*pattern).to_owned()).collect(),
        next: one.next.as_ref().map(next),
        findings: findings.into_iter().flatten().copied().collect(),
        notes: one.notes.clone(),
    }
}

fn next(next: &Next) -> NextGrantRow {
    let actions: BTreeSet<&String> = next.document.statement.iter().flat_map(|statement| &statement.action).collect();
    NextGrantRow {
        duration_seconds: next.duration.as_secs(),
        actions: actions.into_iter().cloned().collect(),
        document: serde_json::to_value(&next.document).unwrap_or_default(),
    }
}

fn moment(call: &Call, usage: &Usage, stand: &Stand) -> TimelineRow {
    let uses = call.needs.uses();
    let resources: BTreeSet<&str> = uses
        .iter()
        .flat_map(|used| &used.resources)
        .filter(|one| one.is_named() && one.arn != "*")
        .map(|one| &*one.arn)
        .collect();
    TimelineRow {
        first: time(usage.first()),
        last: time(usage.last()),
        phase: match stand.phase {
            Phase::Within => "within",
            Phase::Before => "before",
            Phase::Tail => "tail",
            Phase::Overrun => "overrun",
            Phase::After => "after",
            Phase::OtherPerson | Phase::Ungranted => "ungranted",
        },
        event_source: call.operation.source.to_string(),
        event_name: call.operation.name.to_string(),
        action: uses.first().map(|used| used.action.to_string()),
        more: resources.len().saturating_sub(RESOURCES) as u64,
        resources: resources.into_iter().take(RESOURCES).map(str::to_owned).collect(),
        outcome: call.outcome.as_str(),
        count: usage.count,
        scope: match stand.scope {
            Scope::Unlimited => "unlimited",
            Scope::Inside => "inside",
            Scope::Unknown => "unknown",
            Scope::ResourceOutside => "resource-outside",
            Scope::ActionOutside => "action-outside",
        },
        privileged: call.needs.is_privileged(),
        session: format!("{:016x}", stand.sitting.number),
        via: stand.origin.is_some().then(|| call.principal.name.clone()),
        addresses: usage.addresses.iter().map(ToString::to_string).collect(),
        evidence: evidence(&usage.evidence),
    }
}
