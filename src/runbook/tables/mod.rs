//! What steps can ask: events, and the tables that the rest of the program makes of them.

mod columns;
pub mod events;
pub mod sessions;
pub mod usage;

pub use columns::{DEFAULT_FIELDS, Selected, What};

use serde::Serialize;
use serde_json::{Map, Value};

use super::query::Row;
use crate::report::{ConditionRow, DeniedRow, EvidenceRow, FindingRow, GrantRow};

/// A table that a step can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Events, by CloudTrail's names of fields and those that follow from them.
    Events,
    /// Permission gaps, as `denied` tells them.
    Denied,
    /// Findings, as `privileged` tells them.
    Findings,
    /// What each principal did: a row for each call, action, resource and outcome.
    Usage,
    /// Sessions of roles and of people.
    Sessions,
    /// Grants of the ledger of an earlier audit, as `audit` tells them.
    Grants,
}

impl Source {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Events, Self::Denied, Self::Findings, Self::Usage, Self::Sessions, Self::Grants];

    /// Its name in a runbook.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Denied => "denied",
            Self::Findings => "findings",
            Self::Usage => "usage",
            Self::Sessions => "sessions",
            Self::Grants => "grants",
        }
    }

    /// The table with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.as_str() == name)
    }

    /// Its columns; those of events that are shown where nobody chooses.
    pub fn columns(self) -> Vec<String> {
        match self {
            Self::Events => DEFAULT_FIELDS.map(str::to_owned).to_vec(),
            Self::Denied => names(&DeniedRow::default()),
            Self::Findings => names(&FindingRow::default()),
            Self::Usage => USAGE.map(str::to_owned).to_vec(),
            Self::Sessions => SESSIONS.map(str::to_owned).to_vec(),
            Self::Grants => names(&GrantRow::default()),
        }
    }
}

/// Columns of `usage`.
pub const USAGE: [&str; 15] = [
    "principal",
    "kind",
    "account",
    "action",
    "access_level",
    "resource",
    "outcome",
    "event_source",
    "event_name",
    "privileged",
    "count",
    "days",
    "sessions",
    "first",
    "last",
];

/// Columns of `sessions`.
pub const SESSIONS: [&str; 11] =
    ["principal", "person", "session", "began", "account", "events", "denied", "actions", "first", "last", "addresses"];

/// Columns of what a grant step tells.
pub const GRANTED: [&str; 14] = [
    "principal",
    "target",
    "actions",
    "resources",
    "conditions",
    "not_before",
    "not_after",
    "ticket",
    "gaps",
    "proved",
    "proof",
    "complaints",
    "file",
    "why",
];

/// Columns of what a condition step tells.
pub fn condition_columns() -> Vec<String> {
    let mut columns = vec!["principal".to_owned()];
    columns.extend(names(&ConditionRow::default()));
    columns
}

/// Columns of what an audit tells: its findings.
pub fn audit_columns() -> Vec<String> {
    Source::Findings.columns()
}

/// The names of a row's fields. Where its events stand is kept beside a row and is no column of it.
fn names(row: &impl Serialize) -> Vec<String> {
    fields(row).into_iter().map(|(name, _)| name).filter(|name| name != EVIDENCE).collect()
}

/// The field in which rows of reports tell where their events stand.
const EVIDENCE: &str = "evidence";

fn fields(row: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// A row of a report as a row of a table.
pub fn row(row: &impl Serialize, evidence: &[EvidenceRow]) -> Row {
    let mut cells = fields(row);
    // Others keep their order.
    cells.shift_remove(EVIDENCE);
    Row { cells, evidence: evidence.to_vec() }
}
