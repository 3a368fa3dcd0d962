//! A runbook as it stands in its file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A runbook: what it is for, what it has to be told, and its steps in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// Its name: lower case, digits and dashes.
    pub runbook: String,
    /// Of the format; 1.
    pub version: u32,
    /// In a few words.
    pub title: String,
    /// What it answers, in a paragraph.
    pub purpose: String,
    /// When to use it.
    pub when: String,
    /// What it has to be told, by name.
    #[serde(default)]
    pub inputs: BTreeMap<String, Input>,
    /// In order; each has rows, which later ones can use.
    pub steps: Vec<Step>,
}

/// Something a runbook has to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it may be.
    #[serde(rename = "type")]
    pub kind: InputKind,
    /// In a sentence.
    pub about: String,
    /// What it is where nobody says. Without one it has to be given; `null` means that it may be left out, and then
    /// conditions that ask for it are left out too.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "given")]
    pub default: Option<Value>,
}

/// What an input may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// Any text.
    Text,
    /// Twelve digits.
    Account,
    /// An ARN or a short name, with `*` and `?`.
    Principal,
    /// The name of a person.
    Person,
    /// The id of an access key, `AKIA…` or `ASIA…`.
    AccessKey,
    /// RFC 3339, a date, or an age such as `30d`.
    Time,
    /// Such as `90m` or `2h`.
    Duration,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A region.
    Region,
    /// A path to a file.
    File,
    /// Texts; on the command line with commas between.
    List,
}

/// A step: a query, or one of our analyses with its options. Which fields a kind takes is checked by `check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// By which later steps name it: lower case, digits and underscores.
    pub id: String,
    /// Which of the five steps it is, or a plain query.
    pub kind: Kind,
    /// What it asks, as a question.
    pub title: String,
    /// What its rows mean and what to do about them, for the report.
    #[serde(default)]
    pub about: String,
    /// `events`, `denied`, `findings`, `usage`, `sessions`, `grants`, or the id of an earlier step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// In Sigma's words: a map is and, a list is or; `field|modifier: value`; values may be `${inputs.NAME}`, or
    /// `${steps.ID.COLUMN}` for all values of a column.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Value>,
    /// The same, of which none may hold.
    #[serde(default, rename = "not", skip_serializing_if = "Option::is_none")]
    pub except: Option<Value>,
    /// Fields to show; `AS`: `{field: name}` renames.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub select: Vec<String>,
    /// Fields that rows are put together by. Then `count`, `first` and `last` are columns too, and `distinct(FIELD)`
    /// and `top(FIELD)` can be selected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<String>,
    /// A condition on the rows after grouping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub having: Option<Value>,
    /// Columns; `-` before one for the greatest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order_by: Vec<String>,
    /// Rows at most; what is left out is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// Of `condition`, `grant` and `audit`: the step whose rows are meant. They need a column `gap` or `principal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Of `condition` and `grant`: `region`, `source-ip`, `vpce`, `mfa`, `hours`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// Of `grant`: as `jit --target`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Of `grant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Of `grant`: a time, or such as `+10m` from when the runbook runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// Of `grant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Of `grant`: as `jit --exclude-action`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude_actions: Vec<String>,
    /// Of `grant`: what somebody has to do before it is applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires: Option<Requires>,
    /// Of `audit`: the ledger, a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// What has to be so for the runbook to go on as planned.
    #[serde(default)]
    pub expect: Expect,
    /// What happens where there are no rows.
    #[serde(default)]
    pub on_empty: OnEmpty,
    /// Whether its rows are findings, by which the exit status is 1.
    #[serde(default)]
    pub finds: bool,
}

/// Kinds of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What is there: gaps, findings, events.
    Identify,
    /// Which of it is real.
    Validate,
    /// Under which conditions.
    Condition,
    /// What to give, for how long.
    Grant,
    /// What was done with it.
    Audit,
    /// Anything else.
    Query,
}

/// What a grant waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// How many people have to approve.
    #[serde(default)]
    pub approvers: u32,
    /// The form of a ticket, a regular expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// What a step's rows have to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// So many at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_rows: Option<u64>,
    /// So many at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
}

/// What happens where a step has no rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnEmpty {
    /// The steps behind it are not run, and the report says so.
    Stop,
    /// They are.
    #[default]
    Continue,
}

/// A default that is there, also where it is `null`.
mod given {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(value: &Option<Value>, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(from).map(Some)
    }
}

/// Fields of a step, as they are called in a file.
pub(super) const FIELDS: &[&str] = &[
    "id",
    "kind",
    "title",
    "about",
    "from",
    "where",
    "not",
    "select",
    "group_by",
    "having",
    "order_by",
    "limit",
    "of",
    "conditions",
    "targets",
    "duration",
    "not_before",
    "ticket",
    "exclude_actions",
    "requires",
    "ledger",
    "expect",
    "on_empty",
    "finds",
];
