//! From a history to a report. Rows come out sorted, most important first.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::denied::{View, grouped, kept_apart, layers};
use super::findings;
use super::rows::*;
use crate::aggregate::{EventRef, Evidence, Examples, History};
use crate::catalog;
use crate::classify::Basis;
use crate::recommend::{self, Options, Packed, Recommendation, Reviewed, Thresholds, Unmapped};

/// What is in an archive: principals, denials, findings, calls that nobody documents.
pub fn scan(history: &History, thresholds: &Thresholds, view: &View) -> Report {
    let services_too = view.services_too;
    let denied = || {
        let gaps = recommend::gaps(history, thresholds);
        (kept_apart(&gaps, view), grouped(&gaps, view))
    };
    let others = || rayon::join(|| principals(history, services_too), || findings::worst(history, view.most));
    let ((apart, (groups, denied)), (principals, (findings, others))) = rayon::join(denied, others);
    let mut report = empty("trailwright.scan/1", history);
    report.principals = Some(principals);
    report.layers = Some(layers(history));
    report.kept_apart = Some(apart);
    report.groups = Some(groups);
    report.denied = Some(denied);
    report.findings = Some(findings);
    report.findings_left = others;
    report.unmapped = Some(recommend::unmapped(history).iter().map(unmapped_row).collect());
    report
}

/// Policies for each principal.
pub fn recommend(history: &History, options: &Options, services_too: bool) -> Report {
    let mut report = empty("trailwright.recommend/1", history);
    let all = recommend::recommendations(history, options);
    let rows = all.iter().filter(|r| services_too || !r.principal.kind.is_service()).map(recommendation_row);
    report.recommendations = Some(rows.collect());
    report
}

pub(super) fn empty(schema: &'static str, history: &History) -> Report {
    Report {
        schema,
        tool: Tool { name: "trailwright", version: env!("CARGO_PKG_VERSION"), catalog: catalog::date() },
        coverage: coverage_row(history),
        principals: None,
        layers: None,
        kept_apart: None,
        groups: None,
        explained: false,
        denied: None,
        not_judged: None,
        findings: None,
        findings_left: Vec::new(),
        privileged_calls: None,
        recommendations: None,
        differences: None,
        actions: None,
        unread: None,
        elevation: None,
        templates: None,
        audit: None,
        grants: None,
        problems: None,
        changes: None,
        replay: None,
        search: None,
        events: None,
        unmapped: None,
    }
}

pub(super) fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// What was read and what was not.
pub fn coverage_row(history: &History) -> CoverageRow {
    let coverage = &history.coverage;
    let reason = |reason: String, examples: &Examples| ReasonRow {
        reason,
        count: examples.count,
        example: examples.file.as_deref().map(str::to_owned),
    };
    CoverageRow {
        files: FilesRow {
            found: coverage.files.found,
            read: coverage.files.read,
            partial: coverage.files.partial,
            skipped: coverage.files.skipped,
            excluded: coverage.files.excluded,
        },
        bytes: BytesRow { compressed: coverage.bytes_compressed, decompressed: coverage.bytes_decompressed },
        records: RecordsRow {
            seen: coverage.records.seen,
            events: coverage.records.events,
            duplicates: coverage.records.duplicates,
            filtered: coverage.records.filtered,
            rejected: coverage.records.rejected,
            conflicting: coverage.records.conflicting,
        },
        outcomes: OutcomesRow {
            succeeded: coverage.outcomes.0,
            denied: coverage.outcomes.1,
            failed: coverage.outcomes.2,
            dry_runs: coverage.dry_runs,
            failed_by: coverage.failures.iter().map(|(why, count)| (why.as_str(), *count)).collect(),
            denied_by_message: coverage.messages.iter().map(|(shape, count)| (shape.as_str(), *count)).collect(),
        },
        time: TimeRow { first: time(coverage.span.map(|s| s.0)), last: time(coverage.span.map(|s| s.1)) },
        accounts: coverage.accounts.iter().cloned().collect(),
        regions: coverage.regions.iter().cloned().collect(),
        data_events: DataEventsRow {
            present: !coverage.data_event_services.is_empty(),
            services: coverage.data_event_services.iter().cloned().collect(),
        },
        skips: coverage
            .skips
            .iter()
            .map(|(trouble, kept)| SkipRow {
                path: trouble.name.to_string(),
                reason: trouble.reason.clone(),
                records_kept: *kept,
            })
            .collect(),
        rejected: coverage.rejected.iter().map(|(why, examples)| reason(why.to_string(), examples)).collect(),
        excluded: coverage.excluded.iter().map(|(why, examples)| reason((*why).to_owned(), examples)).collect(),
        keys_left_out: history.credentials.has_more(),
        is_of_found: false,
    }
}

fn principals(history: &History, services_too: bool) -> Vec<PrincipalRow> {
    let mut rows: Vec<_> = recommend::principals(history)
        .into_iter()
        .filter(|summary| services_too || !summary.principal.kind.is_service())
        .map(|summary| PrincipalRow {
            principal: summary.principal.name.clone(),
            kind: summary.principal.kind.as_str(),
            account: summary.principal.account.clone(),
            events: summary.events,
            denied: summary.denied,
            privileged: summary.privileged,
            first: time(summary.span.map(|s| s.0)),
            last: time(summary.span.map(|s| s.1)),
        })
        .collect();
    rows.sort_by(|a, b| (Reverse(a.events), &a.principal, a.kind).cmp(&(Reverse(b.events), &b.principal, b.kind)));
    rows
}

/// Where events stand.
pub fn evidence(evidence: &Evidence) -> Vec<EvidenceRow> {
    evidence.iter().map(event).collect()
}

pub(super) fn event(event: &EventRef) -> EvidenceRow {
    EvidenceRow {
        file: event.file.to_string(),
        record: event.record,
        event_id: event.event_id.to_string(),
        content: None,
    }
}

fn unmapped_row(unmapped: &Unmapped<'_>) -> UnmappedRow {
    UnmappedRow {
        event_source: unmapped.source.to_owned(),
        event_name: unmapped.name.to_owned(),
        count: unmapped.count,
        reason: "no documented IAM action for this call",
    }
}

fn recommendation_row(recommendation: &Recommendation<'_>) -> RecommendationRow {
    let principal = recommendation.principal;
    RecommendationRow {
        principal: principal.name.clone(),
        kind: principal.kind.as_str(),
        account: principal.account.clone(),
        name: principal.short_name().to_owned(),
        attachable: principal.kind.why_no_policy().is_none(),
        policies: recommendation.packed.as_ref().map(policy_rows).unwrap_or_default(),
        most_policies: recommendation.packed.as_ref().map(|packed| packed.most),
        fits: recommendation.packed.as_ref().map(|packed| packed.fits),
        over: recommendation.packed.as_ref().map_or(0, |packed| packed.over),
        steps: recommendation.packed.as_ref().map(packing_rows).unwrap_or_default(),
        conditions: recommendation.conditions.iter().map(condition_row).collect(),
        verified: None,
        rationale: recommendation
            .rationale
            .iter()
            .map(|why| RationaleRow {
                action: why.permission.action.to_string(),
                resource: why.permission.resource.in_policy().into_owned(),
                resource_from: match why.permission.resource.basis {
                    Basis::TakesNone => "takes-none",
                    Basis::Record => "record",
                    Basis::Message => "message",
                    Basis::Partial => "partial",
                    Basis::Created => "created",
                    Basis::Prefix => "prefix",
                    Basis::Pattern => "pattern",
                    Basis::Unknown => "unknown",
                },
                count: why.usage.count,
                inferred: why.permission.is_inferred(),
                first: time(why.usage.first()),
                last: time(why.usage.last()),
                evidence: evidence(&why.usage.evidence),
            })
            .collect(),
        gaps: recommendation.gaps.iter().map(unmapped_row).collect(),
        warnings: recommendation.warnings.clone(),
    }
}

/// What history says of a condition.
pub fn condition_row(reviewed: &Reviewed) -> ConditionRow {
    ConditionRow {
        condition: reviewed.kind.as_str(),
        services: reviewed.services.iter().cloned().collect(),
        set: reviewed.set.is_some(),
        operator: reviewed.set.map(|(operator, _)| operator),
        key: reviewed.set.map(|(_, key)| key),
        values: reviewed.values.clone(),
        events: reviewed.events,
        covered: reviewed.covered,
        blocked: reviewed.blocked,
        why: reviewed.why.clone(),
    }
}

fn policy_rows(packed: &Packed) -> Vec<PolicyRow> {
    let policies = packed.policies.iter().zip(&packed.used);
    policies
        .map(|(policy, used)| PolicyRow {
            name: policy.name.clone(),
            target: packed.target.as_str(),
            size: *used,
            limit: packed.limit,
            document: policy.document.clone(),
        })
        .collect()
}

fn packing_rows(packed: &Packed) -> Vec<PackingRow> {
    let row =
        |step: &recommend::Step| PackingRow { what: step.what.clone(), saved: step.saved, adds: step.adds.clone() };
    packed.steps.iter().map(row).collect()
}
