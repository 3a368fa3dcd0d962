//! Reports in which somebody wrote what they liked in every place that a log fills.

use proptest::prelude::*;
use serde_json::json;

use crate::iam::{Effect, PolicyDocument, Statement};
use crate::report::{
    ActionRow, AuditRow, ChangeRow, ComplaintRow, ConditionRow, DeniedRow, DifferenceRow, ElevationRow, EventRow,
    EventTable, EvidenceRow, FindingRow, GrantRow, NextGrantRow, NotJudgedRow, PackingRow, PolicyRow, PrincipalRow,
    PrivilegedCallRow, ProblemRow, RationaleRow, ReasonRow, RecommendationRow, ReducedRow, ReplayRow, Report,
    SearchRow, SkipRow, StepRow, TemplateRow, TimelineRow, UnmappedRow, UnreadRow,
};

/// Texts that are likely to break out of something, and any others.
pub(super) fn text() -> impl Strategy<Value = String> {
    let parts = "[a-z0-9 =+@|`<>&\\[\\]()\\\\\"',;:#*_~!/.\\-\r\n\t\u{0}\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}é]{0,24}";
    prop_oneof![parts, any::<String>()]
}

/// One of each report with a single answer.
pub(super) fn each(text: &str) -> [Report; 9] {
    [
        denied(text),
        findings(text),
        Report { recommendations: Some(vec![recommendation(text)]), ..base(text) },
        Report {
            templates: Some(vec![template(text), text_template(text)]),
            elevation: Some(vec![elevation(text)]),
            ..base(text)
        },
        Report { elevation: Some(vec![elevation(text)]), ..base(text) },
        replay(text),
        differences(text),
        audit(text),
        events(text),
    ]
}

/// A report with several.
pub(super) fn overview(text: &str) -> Report {
    let principal =
        PrincipalRow { principal: text.to_owned(), account: Some(text.to_owned()), ..PrincipalRow::default() };
    Report {
        principals: Some(vec![principal]),
        findings: Some(vec![finding(text)]),
        privileged_calls: findings(text).privileged_calls,
        unmapped: Some(vec![unmapped(text)]),
        ..denied(text)
    }
}

/// Events that were looked for.
fn events(text: &str) -> Report {
    let columns = ["eventTime", "requestParameters.x", "count"].map(str::to_owned);
    let cells = [json!(text), json!([text, {"a": text}]), json!(1)];
    let row = EventRow(columns.iter().cloned().zip(cells).collect());
    let table = EventTable { columns: columns.into(), rows: vec![row], is_timeline: false };
    Report { search: Some(SearchRow::default()), events: Some(table), ..base(text) }
}

/// What was done with grants.
fn audit(text: &str) -> Report {
    let moment = TimelineRow {
        first: Some(text.to_owned()),
        last: Some(text.to_owned()),
        phase: "tail",
        event_source: text.to_owned(),
        event_name: text.to_owned(),
        action: Some(text.to_owned()),
        resources: vec![text.to_owned(), text.to_owned()],
        outcome: "succeeded",
        scope: "action-outside",
        session: text.to_owned(),
        via: Some(text.to_owned()),
        addresses: vec![text.to_owned()],
        evidence: vec![evidence(text)],
        ..TimelineRow::default()
    };
    let grant = GrantRow {
        grant: text.to_owned(),
        kind: "role",
        principal: text.to_owned(),
        person: Some(text.to_owned()),
        account: Some(text.to_owned()),
        not_before: text.to_owned(),
        not_after: text.to_owned(),
        revoked_at: Some(text.to_owned()),
        approvers: vec![text.to_owned()],
        ticket: Some(text.to_owned()),
        source: Some(text.to_owned()),
        file: text.to_owned(),
        status: "used",
        timeline: vec![moment],
        unused: vec![text.to_owned()],
        next: Some(NextGrantRow {
            duration_seconds: 900,
            actions: vec![text.to_owned()],
            document: json!({ text: text }),
        }),
        notes: vec![text.to_owned()],
        ..GrantRow::default()
    };
    let problem = ProblemRow { file: text.to_owned(), line: 1, fatal: true, problem: text.to_owned() };
    let total = AuditRow { grants: 1, complete_through: Some(text.to_owned()), ..AuditRow::default() };
    Report {
        audit: Some(total),
        findings: Some(vec![finding(text)]),
        grants: Some(vec![grant]),
        problems: Some(vec![problem]),
        ..base(text)
    }
}

/// Findings, and the privileged calls behind them.
pub(super) fn findings(text: &str) -> Report {
    let call = PrivilegedCallRow {
        principal: text.to_owned(),
        action: text.to_owned(),
        classes: vec!["credential-access"],
        resources: vec![text.to_owned()],
        people: vec![text.to_owned()],
        ..PrivilegedCallRow::default()
    };
    Report {
        not_judged: Some(NotJudgedRow { principals: 1, count: 2, privileged: 1 }),
        findings: Some(vec![finding(text)]),
        privileged_calls: Some(vec![call]),
        ..base(text)
    }
}

/// What policies would change.
fn replay(text: &str) -> Report {
    let row = ReplayRow {
        change: "newly-blocked",
        principal: text.to_owned(),
        event_source: text.to_owned(),
        event_name: text.to_owned(),
        action: Some(text.to_owned()),
        resources: vec![text.to_owned(), text.to_owned()],
        by: text.to_owned(),
        missing: vec![text.to_owned()],
        people: vec![text.to_owned()],
        evidence: vec![evidence(text)],
        ..ReplayRow::default()
    };
    let change = ChangeRow { change: "newly-blocked", events: 1, principals: 1, rows: 1 };
    Report { changes: Some(vec![change]), replay: Some(vec![row]), ..base(text) }
}

/// Permission gaps.
pub(super) fn denied(text: &str) -> Report {
    let row = DeniedRow {
        principal: text.to_owned(),
        action: Some(text.to_owned()),
        resource: Some(text.to_owned()),
        event_name: text.to_owned(),
        reasons: vec![text.to_owned(), text.to_owned()],
        evidence: vec![evidence(text)],
        ..DeniedRow::default()
    };
    Report { denied: Some(vec![row.clone(), row]), ..base(text) }
}

fn base(text: &str) -> Report {
    let mut report = Report { schema: "trailwright.test/1", ..Report::default() };
    report.coverage.skips = vec![SkipRow { path: text.to_owned(), reason: text.to_owned(), records_kept: 1 }];
    report.coverage.rejected = vec![ReasonRow { reason: text.to_owned(), count: 1, example: Some(text.to_owned()) }];
    report
}

fn evidence(text: &str) -> EvidenceRow {
    EvidenceRow { file: text.to_owned(), event_id: text.to_owned(), ..EvidenceRow::default() }
}

fn finding(text: &str) -> FindingRow {
    let texts = || vec![text.to_owned(), text.to_owned()];
    let step = StepRow {
        time: text.to_owned(),
        event_source: text.to_owned(),
        event_name: text.to_owned(),
        resource: Some(text.to_owned()),
        by: Some(text.to_owned()),
        evidence: evidence(text),
    };
    FindingRow {
        detection: text.to_owned(),
        kinds_of_call: 2,
        title: text.to_owned(),
        severity: "high",
        class: Some(text.to_owned()),
        attack: texts(),
        rule_id: Some(text.to_owned()),
        author: Some(text.to_owned()),
        grants: texts(),
        principal: text.to_owned(),
        kind: "role",
        event_source: text.to_owned(),
        event_name: text.to_owned(),
        action: Some(text.to_owned()),
        resource: Some(text.to_owned()),
        outcome: "succeeded",
        condition: "unknown",
        reasons: texts(),
        why: text.to_owned(),
        next: texts(),
        false_positives: texts(),
        references: vec![format!("https://example.com/{text}")],
        count: 3,
        days: 1,
        sessions: 1,
        first: Some(text.to_owned()),
        last: Some(text.to_owned()),
        people: texts(),
        origins: texts(),
        addresses: texts(),
        steps: vec![step],
        fingerprint: text.to_owned(),
        evidence: vec![evidence(text)],
    }
}

fn unmapped(text: &str) -> UnmappedRow {
    UnmappedRow { event_source: text.to_owned(), event_name: text.to_owned(), ..UnmappedRow::default() }
}

fn recommendation(text: &str) -> RecommendationRow {
    let statement = Statement {
        sid: "Read".to_owned(),
        effect: Effect::Allow,
        action: vec!["s3:GetObject".to_owned()],
        resource: vec![text.to_owned()],
        condition: [(text.to_owned(), [(text.to_owned(), vec![text.to_owned()])].into())].into(),
    };
    let document = PolicyDocument::new(vec![statement]);
    RecommendationRow {
        principal: text.to_owned(),
        account: Some(text.to_owned()),
        name: text.to_owned(),
        policies: vec![PolicyRow { name: text.to_owned(), target: "managed", size: 1, limit: 2, document }],
        verified: None,
        steps: vec![PackingRow { what: text.to_owned(), saved: 1, adds: vec![text.to_owned()] }],
        conditions: vec![
            ConditionRow { values: vec![text.to_owned()], why: text.to_owned(), ..ConditionRow::default() },
            ConditionRow {
                set: true,
                operator: Some("StringEquals"),
                key: Some("aws:SourceVpce"),
                services: vec![text.to_owned()],
                values: vec![text.to_owned(), text.to_owned()],
                ..ConditionRow::default()
            },
        ],
        rationale: vec![RationaleRow {
            action: text.to_owned(),
            resource: text.to_owned(),
            resource_from: "record",
            count: 1,
            inferred: false,
            first: None,
            last: None,
            evidence: vec![evidence(text)],
        }],
        gaps: vec![unmapped(text)],
        warnings: vec![text.to_owned()],
        ..RecommendationRow::default()
    }
}

fn differences(text: &str) -> Report {
    let texts = || vec![text.to_owned(), text.to_owned()];
    let difference = DifferenceRow {
        principal: text.to_owned(),
        account: Some(text.to_owned()),
        policies: texts(),
        boundary: Some(text.to_owned()),
        missing: texts(),
        undocumented: texts(),
        warnings: texts(),
        reduced: vec![ReducedRow { name: text.to_owned(), size: 1, document: json!({ text: [text] }) }],
        ..DifferenceRow::default()
    };
    let action = ActionRow {
        principal: text.to_owned(),
        status: "unused",
        action: text.to_owned(),
        actions: 2,
        ..ActionRow::default()
    };
    let unread = UnreadRow { file: text.to_owned(), path: text.to_owned(), reason: text.to_owned() };
    Report {
        differences: Some(vec![difference]),
        actions: Some(vec![action]),
        unread: Some(vec![unread]),
        ..base(text)
    }
}

fn elevation(text: &str) -> ElevationRow {
    ElevationRow {
        principal: text.to_owned(),
        name: text.to_owned(),
        account: Some(text.to_owned()),
        action: Some(text.to_owned()),
        event_source: Some(text.to_owned()),
        event_name: Some(text.to_owned()),
        outcome: "used",
        class: "eligible",
        reasons: vec![text.to_owned(), text.to_owned()],
        ..ElevationRow::default()
    }
}

fn template(text: &str) -> TemplateRow {
    TemplateRow {
        principal: text.to_owned(),
        resources: vec![text.to_owned()],
        reasons: vec![text.to_owned()],
        body: json!({ text: [text] }),
        ticket: Some(text.to_owned()),
        file: Some(text.to_owned()),
        commands: vec![text.to_owned()],
        conditions_reviewed: recommendation(text).conditions,
        complaints: vec![ComplaintRow { rule: "r", rejects: true, at: text.to_owned(), why: text.to_owned() }],
        text: json!({ text: [text] }).to_string(),
        ..TemplateRow::default()
    }
}

/// One in a form that is no JSON.
fn text_template(text: &str) -> TemplateRow {
    TemplateRow { body: text.into(), text: text.to_owned(), ..template(text) }
}
