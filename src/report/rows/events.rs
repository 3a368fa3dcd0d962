use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// What looking for events came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SearchRow {
    /// Events that were meant, each once.
    pub matched: u64,
    /// Rows that are shown.
    pub rows: u64,
    /// Rows beyond the limit.
    pub left_out: u64,
}

/// Events, or groups of them, by what was asked of them.
#[derive(Clone, Debug, Default)]
pub struct EventTable {
    /// Names of the fields of every row.
    pub columns: Vec<String>,
    /// In order.
    pub rows: Vec<EventRow>,
    /// Whether it is events by time, and nothing else.
    pub is_timeline: bool,
}

impl Serialize for EventTable {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(to)
    }
}

/// An event or a group, by its fields.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct EventRow(pub Map<String, Value>);
