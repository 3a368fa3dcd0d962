//! The shapes of all reports. Field names are a contract: added to freely, never renamed.

mod audit;
mod elevation;
mod events;
mod policies;

use std::collections::BTreeMap;

use serde::Serialize;

pub use audit::*;
pub use elevation::*;
pub use events::*;
pub use policies::*;

/// One report: what was covered, and the sections of one command.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Such as `trailwright.scan/1`.
    pub schema: &'static str,
    /// Who wrote it.
    pub tool: Tool,
    /// What was read and what was not.
    pub coverage: CoverageRow,
    /// An audit in numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditRow>,
    /// Everybody who called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principals: Option<Vec<PrincipalRow>>,
    /// Denied events by the layer that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<LayerRow>>,
    /// Denials of AWS's own services and roles, as far as they are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_apart: Option<KeptApartRow>,
    /// How the gaps are grouped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupRow>>,
    /// Whether all there is about each gap or finding is to be told. Formats that hold everything do so anyway.
    #[serde(skip)]
    pub explained: bool,
    /// Permission gaps, group after group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied: Option<Vec<DeniedRow>>,
    /// Events of AWS's own services and roles, in which nothing is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_judged: Option<NotJudgedRow>,
    /// What is worth telling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<FindingRow>>,
    /// Findings that are not among these, by severity: formats that show a few ask for no more.
    #[serde(skip)]
    pub findings_left: Vec<(&'static str, u64)>,
    /// What was done with privileges, or tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged_calls: Option<Vec<PrivilegedCallRow>>,
    /// A policy per principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendations: Option<Vec<RecommendationRow>>,
    /// What each principal is granted beside what it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differences: Option<Vec<DifferenceRow>>,
    /// The same, action by action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<ActionRow>>,
    /// What could not be read of what is granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Vec<UnreadRow>>,
    /// What should be standing, and what should be asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elevation: Option<Vec<ElevationRow>>,
    /// Just-in-time grants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<Vec<TemplateRow>>,
    /// What was done with each grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<GrantRow>>,
    /// What is wrong with the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<ProblemRow>>,
    /// How many calls would fare how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<ChangeRow>>,
    /// Calls that policies would have blocked or let pass, or of which that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Vec<ReplayRow>>,
    /// What looking for events came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchRow>,
    /// Events that were looked for, or groups of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<EventTable>,
    /// Calls that nobody documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<Vec<UnmappedRow>>,
}

/// The program and its data.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
    pub catalog: &'static str,
}

/// What was read and what was not. Sums balance: see [`crate::aggregate::Coverage`].
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct CoverageRow {
    pub files: FilesRow,
    pub bytes: BytesRow,
    pub records: RecordsRow,
    pub outcomes: OutcomesRow,
    pub time: TimeRow,
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    pub data_events: DataEventsRow,
    pub skips: Vec<SkipRow>,
    pub rejected: Vec<ReasonRow>,
    pub excluded: Vec<ReasonRow>,
    /// Whether there were more access keys than are followed, so that role chains and keys used from several networks
    /// are told for a part of them.
    pub keys_left_out: bool,
    /// Whether outcomes, time, accounts, regions and data events are those of the events that were looked for.
    #[serde(skip)]
    pub is_of_found: bool,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct FilesRow {
    pub found: u64,
    pub read: u64,
    pub partial: u64,
    pub skipped: u64,
    pub excluded: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct BytesRow {
    pub compressed: u64,
    pub decompressed: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct RecordsRow {
    pub seen: u64,
    pub events: u64,
    pub duplicates: u64,
    pub filtered: u64,
    pub rejected: u64,
    /// Events whose copies differ in what they say.
    pub conflicting: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct OutcomesRow {
    pub succeeded: u64,
    pub denied: u64,
    pub failed: u64,
    /// Of those that succeeded, dry runs: allowed, and nothing done.
    pub dry_runs: u64,
    /// Failed events by why: `authentication`, `maybe-masked`, `account-or-region`, `throttle`, `state`, `other`.
    pub failed_by: BTreeMap<&'static str, u64>,
    /// Denied events by the shape of their message; `unread` is of no known shape.
    pub denied_by_message: BTreeMap<&'static str, u64>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct TimeRow {
    pub first: Option<String>,
    pub last: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct DataEventsRow {
    pub present: bool,
    pub services: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct SkipRow {
    pub path: String,
    pub reason: String,
    pub records_kept: u64,
}

/// Files or records with a reason in common, and one file to look at.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ReasonRow {
    pub reason: String,
    pub count: u64,
    pub example: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct PrincipalRow {
    pub principal: String,
    pub kind: &'static str,
    pub account: Option<String>,
    pub events: u64,
    pub denied: u64,
    pub privileged: u64,
    pub first: Option<String>,
    pub last: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct DeniedRow {
    pub principal: String,
    pub kind: &'static str,
    /// `None` when neither the record nor the catalog names one.
    pub action: Option<String>,
    /// `None` when the log names none; a pattern of the resource type is none.
    pub resource: Option<String>,
    /// Of the call that was denied most often; `calls` has all.
    pub event_source: String,
    pub event_name: String,
    pub deny: &'static str,
    pub policy_type: &'static str,
    pub policy_arn: Option<String>,
    pub fixable_by: &'static str,
    /// Whose the policy is that has to change, where the record tells.
    pub owner: Option<String>,
    /// What to do, in a sentence.
    pub advice: String,
    /// `high`, `medium`, `low` or `none`: how sure it is what was missing.
    pub confidence: &'static str,
    pub need: &'static str,
    /// Whether it came back often enough to be sure of a need.
    pub recurs: bool,
    pub reasons: Vec<String>,
    pub count: u64,
    pub days: usize,
    pub sessions: usize,
    pub first: Option<String>,
    pub last: Option<String>,
    /// People by the name that follows them from role to role, a few.
    pub people: Vec<String>,
    pub addresses: Vec<String>,
    pub vpc_endpoints: Vec<String>,
    /// Whether MFA was used, `null` where no record says or they differ.
    pub mfa: Option<bool>,
    /// Such as `s3:HeadObject ×3`: the calls that were denied for it.
    pub calls: Vec<CallRow>,
    /// The shape of the message.
    pub message_shape: &'static str,
    /// Messages of no known shape, verbatim.
    pub unread_messages: Vec<String>,
    /// The same for the same gap in every run, to ask for it.
    pub gap: String,
    pub evidence: Vec<EvidenceRow>,
}

/// A kind of call, and how often it was denied.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CallRow {
    pub event_source: String,
    pub event_name: String,
    pub count: u64,
}

/// Gaps with something in common, the most needed first.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct GroupRow {
    /// By what they are grouped: `principal`, `action`, `resource`, `layer` or `policy`.
    pub by: &'static str,
    /// What they have in common; `null` where the record does not say.
    pub key: Option<String>,
    pub gaps: u64,
    pub needs: u64,
    pub probing: u64,
    pub noise: u64,
    pub resolved: u64,
    /// Denied events, once for each permission they lacked.
    pub count: u64,
    pub last: Option<String>,
}

/// Denied events by the layer that refused.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct LayerRow {
    pub policy_type: &'static str,
    pub deny: &'static str,
    pub count: u64,
}

/// Denials of AWS's own services and roles, which nobody can change.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct KeptApartRow {
    pub principals: u64,
    pub gaps: u64,
    pub count: u64,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct EvidenceRow {
    pub file: String,
    pub record: u64,
    pub event_id: String,
    /// The record itself, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Box<serde_json::value::RawValue>>,
}

/// What was found in one call or in the order of several, as often as it was found.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct FindingRow {
    pub detection: String,
    pub title: String,
    pub severity: &'static str,
    pub class: Option<String>,
    pub attack: Vec<String>,
    /// The UUID of the Sigma rule.
    pub rule_id: Option<String>,
    /// Who wrote the rule, where that was not us.
    pub author: Option<String>,
    /// The grants it is about, in an audit.
    pub grants: Vec<String>,
    pub principal: String,
    pub kind: &'static str,
    pub event_source: String,
    pub event_name: String,
    /// How many kinds of call it stands for where it is about the caller; the one above is the first.
    #[serde(skip)]
    pub kinds_of_call: usize,
    pub action: Option<String>,
    pub resource: Option<String>,
    pub outcome: &'static str,
    /// `met`, or `unknown` where the request, which decides, was not recorded.
    pub condition: &'static str,
    /// What made it so.
    pub reasons: Vec<String>,
    /// Why it matters.
    pub why: String,
    /// What to check next.
    pub next: Vec<String>,
    /// What harmless work looks the same.
    pub false_positives: Vec<String>,
    pub references: Vec<String>,
    pub count: u64,
    pub days: usize,
    pub sessions: usize,
    pub first: Option<String>,
    pub last: Option<String>,
    /// People by the name that follows them from role to role, a few.
    pub people: Vec<String>,
    /// Who is behind a chain of roles.
    pub origins: Vec<String>,
    pub addresses: Vec<String>,
    /// The calls in their order, where it is found in that.
    pub steps: Vec<StepRow>,
    /// The same for the same finding in every run, also when there are more events of it.
    pub fingerprint: String,
    pub evidence: Vec<EvidenceRow>,
}

/// One of the calls in whose order something was found.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct StepRow {
    pub time: String,
    pub event_source: String,
    pub event_name: String,
    pub resource: Option<String>,
    /// By whom, where that is not the principal of the finding.
    pub by: Option<String>,
    pub evidence: EvidenceRow,
}

/// Events of AWS's own services and roles, in which nothing is looked for.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NotJudgedRow {
    pub principals: u64,
    pub count: u64,
    /// Of these, events that needed a privileged action.
    pub privileged: u64,
}

/// A privileged action of one principal. Calls that failed for other reasons than a denial do not count.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PrivilegedCallRow {
    pub principal: String,
    pub kind: &'static str,
    pub action: String,
    /// AWS's word for it, where the catalog has the action.
    pub access_level: Option<&'static str>,
    /// Why it counts as privileged.
    pub classes: Vec<&'static str>,
    pub count: u64,
    pub denied: u64,
    /// A few of those that the log names.
    pub resources: Vec<String>,
    /// How many others it names.
    pub more: u64,
    pub people: Vec<String>,
    pub first: Option<String>,
    pub last: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct UnmappedRow {
    pub event_source: String,
    pub event_name: String,
    pub count: u64,
    pub reason: &'static str,
}
