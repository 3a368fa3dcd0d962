//! The ledger of grants: who was given which elevation, when, on what terms. Files in, grants and what is wrong with
//! the files out ([`read`]). Knows nothing of events.
//!
//! A file is cut into records by its syntax (`csv`, `json`), told by how it begins. What a record's members are called
//! is its form, told by the first record: ours, or what another tool exports, one file each; `ALL` is the only list.
//! A form turns a record into a `Row` of our columns, and `check` a row into a [`Grant`]: so all that is asked of a
//! grant is asked in one place, whoever wrote it.

mod cells;
mod check;
mod csv;
mod dynamo;
mod glide;
mod grant;
mod json;
mod lines;
mod ours;
mod overlap;
mod read;
mod record;
mod row;
mod scope;
mod subject;
mod team;
mod terms;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use grant::{Grant, GrantConditions, Subject};
pub use read::read;
use record::Record;
use row::{Column, Row};

/// Grants as they were read, and what is wrong with their files.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Every good row; sorted by start, then by id.
    pub grants: Vec<Grant>,
    /// What is wrong, in the order of the files.
    pub problems: Vec<Problem>,
}

/// Something wrong with a row of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as it was given.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u64,
    /// Whether the row could not be used.
    pub is_fatal: bool,
    /// What is wrong and what to do.
    pub what: String,
}

/// How a tool calls what it knows of a grant.
trait Form: Sync {
    /// What it is called in messages.
    fn name(&self) -> &'static str;
    /// What a file has that is one of its, for messages.
    fn known_by(&self) -> &'static str;
    /// Whether a record with such members is one of its.
    fn fits(&self, has: &dyn Fn(&str) -> bool) -> bool;
    /// Members without which no record is a grant.
    fn required(&self) -> &'static [&'static str];
    /// All members there are, where any other one is a mistake.
    fn all(&self) -> Option<Vec<&'static str>> {
        None
    }
    /// What it calls a column of ours.
    fn calls(&self, column: Column) -> &'static str {
        column.as_str()
    }
    /// A record in our columns.
    fn entry(&self, record: Record<'_>) -> Entry;
}

/// What a record is.
#[derive(Debug)]
enum Entry {
    /// A grant, as far as it says.
    Grant(Box<Row>),
    /// A request that was never granted, with the state it is in.
    Not(String),
    /// Nobody can tell, for this reason.
    Unclear(String),
}

/// Every form.
const ALL: &[&dyn Form] = &[&ours::Ours, &team::Team, &glide::Glide];
