//! The shapes of what was done with grants.

use std::collections::BTreeMap;

use serde::Serialize;

use super::EvidenceRow;

/// All of an audit in numbers.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct AuditRow {
    /// Good rows of the ledger.
    pub grants: u64,
    /// Rows that could not be used; the section `problems` says why.
    pub rows_not_used: u64,
    pub used: u64,
    /// Grants with denied calls only.
    pub only_denied: u64,
    pub unused: u64,
    /// Grants of which the archive cannot tell.
    pub not_covered: u64,
    /// Grants of whose window not everything can be in the archive yet.
    pub provisional: u64,
    /// The last event in the archive.
    pub complete_through: Option<String>,
    /// Files that could not be read and whose names do not tell which windows they are of.
    pub unplaced_files: u64,
    /// Findings by severity.
    pub findings: BTreeMap<&'static str, u64>,
}

/// A grant, and what was done with it.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct GrantRow {
    pub grant: String,
    /// `user`, `role`, `permission-set` or `group`.
    pub kind: &'static str,
    pub principal: String,
    pub person: Option<String>,
    pub account: Option<String>,
    pub not_before: String,
    pub not_after: String,
    pub revoked_at: Option<String>,
    pub break_glass: bool,
    pub approvers: Vec<String>,
    pub ticket: Option<String>,
    pub source: Option<String>,
    /// Where it stands in the ledger.
    pub file: String,
    pub line: u64,
    /// `used`, `only-denied`, `unused` or `not-covered`.
    pub status: &'static str,
    /// Whether the archive ends before everything of the window can be in it.
    pub provisional: bool,
    pub sessions: u64,
    pub events: u64,
    pub denied: u64,
    /// For another reason than a permission.
    pub failed: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    /// What was done, in order.
    pub timeline: Vec<TimelineRow>,
    /// Patterns of actions that nobody used.
    pub unused: Vec<String>,
    /// What to give next time.
    pub next: Option<NextGrantRow>,
    /// Names of what was found.
    pub findings: Vec<&'static str>,
    /// What limits what is said here.
    pub notes: Vec<String>,
}

/// A kind of call in one session that belongs to a grant.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TimelineRow {
    pub first: Option<String>,
    pub last: Option<String>,
    /// `within`, `before`, `tail`, `overrun` or `after`.
    pub phase: &'static str,
    pub event_source: String,
    pub event_name: String,
    pub action: Option<String>,
    /// On what, a few of them.
    pub resources: Vec<String>,
    /// How many others there are.
    pub more: u64,
    pub outcome: &'static str,
    pub count: u64,
    /// `unlimited` where the grant names nothing, `inside`, `resource-outside`, `action-outside` or `unknown`.
    pub scope: &'static str,
    pub privileged: bool,
    /// The session, the same in every run.
    pub session: String,
    /// The role that was assumed with the grant, where that made the call.
    pub via: Option<String>,
    pub addresses: Vec<String>,
    pub evidence: Vec<EvidenceRow>,
}

/// A narrower grant.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NextGrantRow {
    /// From the first use to the last, in whole quarters of an hour.
    pub duration_seconds: i64,
    pub actions: Vec<String>,
    /// A policy of what was used and nothing else, without conditions.
    pub document: serde_json::Value,
}

/// Something wrong with a row of a ledger.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ProblemRow {
    pub file: String,
    pub line: u64,
    /// Whether the row could not be used.
    pub fatal: bool,
    pub problem: String,
}
