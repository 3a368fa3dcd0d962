//! The ledger of grants: who was given which elevation, when, on what terms. Ours in CSV and JSON Lines, and what
//! other tools export. Knows nothing of events.

mod grant;

use std::sync::Arc;

pub use grant::{Grant, GrantConditions, Subject};

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
