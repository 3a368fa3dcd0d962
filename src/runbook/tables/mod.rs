//! What steps can ask: events, and the tables that the rest of the program makes of them.

mod columns;

pub use columns::{DEFAULT_FIELDS, Selected, What};

use crate::report::{ConditionRow, DeniedRow, FindingRow, GrantRow, Row};

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

/// Where events stand is kept beside a row and is no column of it.
fn names(row: &dyn Row) -> Vec<String> {
    let fields = row.fields().unwrap_or_default();
    fields.into_iter().map(|(name, _)| name).filter(|name| name != "evidence").collect()
}
