//! Looks for events: which ones, by a condition; what of them, by columns; one by one or put together. Each thread keeps
//! what it found, and finding is merged so that no order of files matters.
//!
//! Copies of one event are found by its id at the end, as everywhere: rows carry the id, groups leave it in a list. Both go
//! to temporary files beyond a limit.

mod cell;
mod gathered;
mod groups;
mod rows;
mod searcher;
mod sighting;
mod spill;

use serde_json::Value;

pub use gathered::{Gathered, Records};
pub use searcher::Searcher;

use crate::condition::{Condition, Field, FieldError};

/// What is looked for, and what is kept of it.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which events; all where there is none.
    pub condition: Option<Condition>,
    /// What is told of each, or of each group.
    pub columns: Vec<Column>,
    /// What events are put together by; nothing means a row for each. An event with several values of a field is in one
    /// group, that of all of them.
    pub group_by: Vec<Field>,
    /// Columns that rows are sorted by, by their places, with whether the greatest come first; then by time, then id.
    pub order: Vec<(usize, bool)>,
    /// Rows at most; how many are left out is told.
    pub limit: Option<usize>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// A field of the record or one that follows from it. Of a group a few of its values, where they differ.
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

impl Column {
    /// A column by its name: `count`, `first`, `last`, `evidence`, `distinct(FIELD)`, `top(FIELD)`, or a field.
    pub fn parse(name: &str) -> Result<Self, FieldError> {
        let of = |what: &str| name.strip_prefix(what)?.strip_prefix('(')?.strip_suffix(')').map(str::trim);
        if let Some(field) = of("distinct") {
            return Field::parse(field).map(Self::Distinct);
        }
        if let Some(field) = of("top") {
            return Field::parse(field).map(Self::Top);
        }
        Ok(match name {
            "count" => Self::Count,
            "first" => Self::First,
            "last" => Self::Last,
            "evidence" => Self::Place,
            field => Self::Field(Field::parse(field)?),
        })
    }

    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Self::Field(field) => field.to_string(),
            Self::First => "first".to_owned(),
            Self::Last => "last".to_owned(),
            Self::Count => "count".to_owned(),
            Self::Distinct(field) => format!("distinct({field})"),
            Self::Top(field) => format!("top({field})"),
            Self::Session => "session".to_owned(),
            Self::Place => "evidence".to_owned(),
        }
    }

    /// The field it is made of, if it is.
    fn field(&self) -> Option<Field> {
        match self {
            Self::Field(field) | Self::Distinct(field) | Self::Top(field) => Some(field.clone()),
            Self::Session => Some(Field::Derived(crate::condition::Derived::Session)),
            Self::First | Self::Last | Self::Count | Self::Place => None,
        }
    }
}

impl Search {
    /// Whether it asks for a field of which `is_meant` says so.
    pub fn asks_for(&self, is_meant: impl Fn(&Field) -> bool + Copy) -> bool {
        let columns = self.columns.iter().filter_map(Column::field);
        self.condition.as_ref().is_some_and(|condition| condition.asks_for(is_meant))
            || columns.chain(self.group_by.iter().cloned()).any(|field| is_meant(&field))
    }
}
