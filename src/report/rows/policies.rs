//! The shapes of what is recommended, granted and tried out.

use serde::Serialize;

use super::{EvidenceRow, UnmappedRow};
use crate::iam::{Conditions, PolicyDocument};

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct RecommendationRow {
    pub principal: String,
    pub kind: &'static str,
    pub account: Option<String>,
    /// What people call it: the last part of the ARN, or the permission set.
    pub name: String,
    pub attachable: bool,
    pub policies: Vec<PolicyRow>,
    /// How many such policies the principal can have, where there is one.
    pub most_policies: Option<usize>,
    /// Whether AWS takes them.
    pub fits: Option<bool>,
    /// Characters beyond what fits.
    pub over: usize,
    /// What was done to make the policies shorter.
    pub steps: Vec<PackingRow>,
    /// What history says of each condition that was asked for.
    pub conditions: Vec<ConditionRow>,
    /// How its own history fares under the policies, where that was asked for.
    pub verified: Option<VerifiedRow>,
    pub rationale: Vec<RationaleRow>,
    pub gaps: Vec<UnmappedRow>,
    pub warnings: Vec<String>,
}

/// What history says of a condition for the statements of some services.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConditionRow {
    /// `region`, `source-ip`, `vpce`, `mfa` or `hours`.
    pub condition: &'static str,
    /// IAM prefixes of the services, or `iam:PassRole`, which stands apart.
    pub services: Vec<String>,
    /// Whether it is in their statements.
    pub set: bool,
    /// IAM's operator, where it is set.
    pub operator: Option<&'static str>,
    /// IAM's condition key, where it is set.
    pub key: Option<&'static str>,
    /// The values that it is set to; else a few of those that were seen.
    pub values: Vec<String>,
    /// Events that needed something of the services, once for each of them.
    pub events: u64,
    /// Events that are known to carry the key. A kind of call counts if all its events do.
    pub covered: u64,
    /// Events that it would have blocked, at most: with all events of their kind of call.
    pub blocked: u64,
    /// What it rests on, or why it is not set.
    pub why: String,
}

/// How the calls of a principal that went through fare under the policies that are recommended for it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VerifiedRow {
    /// Events that would go through.
    pub allowed: u64,
    /// Events that would not.
    pub blocked: u64,
    /// Events of which the log does not tell enough.
    pub unknown: u64,
    /// Events that need no permission, or of which nobody knows what they need.
    pub not_asked: u64,
    /// What would not go through, or may not: an action, on what, and why.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct PolicyRow {
    pub name: String,
    pub target: &'static str,
    /// Characters as AWS counts them.
    pub size: usize,
    /// Characters that it may have.
    pub limit: usize,
    pub document: PolicyDocument,
}

/// Something that was done to make policies shorter.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PackingRow {
    pub what: String,
    /// Characters.
    pub saved: usize,
    /// What it allows that was never seen.
    pub adds: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct RationaleRow {
    pub action: String,
    pub resource: String,
    /// `takes-none`, `record`, `message` or `pattern`: where the resource is from.
    pub resource_from: &'static str,
    pub count: u64,
    pub inferred: bool,
    pub first: Option<String>,
    pub last: Option<String>,
    pub evidence: Vec<EvidenceRow>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct TemplateRow {
    pub principal: String,
    pub target: &'static str,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub conditions: Conditions,
    pub not_before: String,
    pub not_after: String,
    pub reasons: Vec<String>,
    /// JSON where the form is JSON, its text where it is not; `null` where it could not be written.
    pub body: serde_json::Value,
    /// The gaps it closes, by their ids.
    pub needs: Vec<String>,
    pub ticket: Option<String>,
    pub duration_seconds: i64,
    /// The file's name in a folder.
    pub file: Option<String>,
    /// How it is put to use and taken back.
    pub commands: Vec<String>,
    /// What history says of each condition that was asked for.
    pub conditions_reviewed: Vec<ConditionRow>,
    /// What reviewers would reject, or ask about.
    pub complaints: Vec<ComplaintRow>,
    /// The file's text.
    #[serde(skip)]
    pub text: String,
}

/// Something that a reviewer would reject, or ask about.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ComplaintRow {
    pub rule: &'static str,
    /// Whether it has to change before anybody approves it.
    pub rejects: bool,
    pub at: String,
    pub why: String,
}

/// How many calls would fare so under the policies that are tried out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChangeRow {
    /// `newly-blocked`, `unknown`, `newly-allowed`, `still-denied`, `allowed` or `not-asked`.
    pub change: &'static str,
    /// Events.
    pub events: u64,
    /// Principals with such events.
    pub principals: u64,
    /// Rows of the section `replay`; none for what stays allowed.
    pub rows: u64,
}

/// A call under the policies that are tried out.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "named by the contract")]
pub struct ReplayRow {
    pub change: &'static str,
    pub principal: String,
    pub kind: &'static str,
    pub event_source: String,
    pub event_name: String,
    /// The action that decides.
    pub action: Option<String>,
    /// On what, a few of them.
    pub resources: Vec<String>,
    /// How many resources there are beside those.
    pub more: u64,
    /// How the call ended.
    pub outcome: &'static str,
    /// The statement that decides, or the layer in which none allows it.
    pub by: String,
    /// Condition keys that the record does not tell.
    pub missing: Vec<String>,
    pub count: u64,
    pub days: usize,
    pub people: Vec<String>,
    pub first: Option<String>,
    pub last: Option<String>,
    pub evidence: Vec<EvidenceRow>,
}

/// What a principal is granted beside what it did, in numbers of actions.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DifferenceRow {
    pub principal: String,
    pub kind: &'static str,
    pub account: Option<String>,
    /// Whether it called anything.
    pub seen: bool,
    /// Whether everything that it is granted is in the files.
    pub complete: bool,
    pub granted: u64,
    pub used: u64,
    pub unused: u64,
    pub not_observable: u64,
    /// Used, and not granted by these policies.
    pub not_granted: u64,
    /// Called and denied at least once, granted or not.
    pub denied: u64,
    /// Where its permissions are from.
    pub policies: Vec<String>,
    pub boundary: Option<String>,
    /// What of its permissions is in no file.
    pub missing: Vec<String>,
    /// Names that are granted and mean no action AWS documents.
    pub undocumented: Vec<String>,
    /// Actions that may be in use, that only `*` or `NotAction` grants, and that the reduced policy lacks.
    pub left_out: u64,
    pub warnings: Vec<String>,
    /// Its policies without what was not used.
    pub reduced: Vec<ReducedRow>,
}

/// A policy without what was not used.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ReducedRow {
    pub name: String,
    pub size: usize,
    pub document: serde_json::Value,
}

/// An action that a principal is granted or called; or all actions of a service, of which it called none.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ActionRow {
    pub principal: String,
    /// `used`, `unused`, `not-observable`, `not-granted`, `denied`.
    pub status: &'static str,
    /// Such as `s3:GetObject`; `s3:*` for all actions of a service.
    pub action: String,
    /// How many actions these are.
    pub actions: u64,
    pub granted: bool,
    pub allowed: u64,
    pub denied: u64,
    pub failed: u64,
    pub last: Option<String>,
    /// Why nobody can say whether it was used.
    pub why: Option<&'static str>,
}

/// Something that could not be read of what is granted.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct UnreadRow {
    pub file: String,
    pub path: String,
    pub reason: String,
}
