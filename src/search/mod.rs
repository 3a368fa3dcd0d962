//! Looks for events: which ones, by a condition; what of them, by columns; one by one or put together. Each thread keeps
//! what it found, and finding is merged so that no order of files matters.

use serde_json::Value;

use crate::condition::{Condition, Field};

/// What is looked for, and what is kept of it.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which events; all where there is none.
    pub condition: Option<Condition>,
    /// What is told of each, or of each group.
    pub columns: Vec<Column>,
    /// What events are put together by; nothing means a row for each.
    pub group_by: Vec<Field>,
    /// Columns that rows are sorted by, by their places, with whether the greatest come first; then by time, then id.
    pub order: Vec<(usize, bool)>,
    /// Rows at most; how many are left out is told.
    pub limit: Option<usize>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// A field of the record or one that follows from it.
    Field(Field),
    /// `eventTime`; of a group the first one.
    First,
    /// Of a group the last one.
    Last,
    /// Events in the group.
    Count,
    /// How many different values.
    Distinct(Field),
    /// The most frequent values, a few.
    Top(Field),
    /// The name of a session, the same in every run.
    Session,
    /// The file, the record in it, from 0, and the event id: where it stands.
    Place,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of columns.
    pub columns: Vec<String>,
    /// In order.
    pub rows: Vec<Found>,
    /// Events that met the condition, duplicates taken away.
    pub matched: u64,
    /// Rows beyond the limit.
    pub left_out: u64,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// A value for each column; `null` where there is none.
    pub cells: Vec<Value>,
    /// Where a few of the events stand: file, record, event id.
    pub evidence: Vec<(String, u64, String)>,
}
