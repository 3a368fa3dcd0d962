//! Events that were looked for.

use super::build::empty;
use super::rows::*;
use crate::aggregate::History;
use crate::search::Table;

/// What was found; columns beyond `shown` are there for the order only.
pub fn events(history: &History, table: &Table, shown: usize, is_timeline: bool) -> Report {
    let columns: Vec<String> = table.columns.iter().take(shown).cloned().collect();
    let fields = |cells: &[serde_json::Value]| EventRow(columns.iter().cloned().zip(cells.iter().cloned()).collect());
    let rows: Vec<EventRow> = table.rows.iter().map(|row| fields(&row.cells)).collect();
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let mut report = empty("trailwright.events/1", history);
    report.coverage.is_of_found = true;
    Report {
        search: Some(SearchRow { matched: table.matched, rows: shown, left_out: table.left_out }),
        events: Some(EventTable { columns, rows, is_timeline }),
        ..report
    }
}
