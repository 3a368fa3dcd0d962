//! Rows as people are shown them: a few, the columns that hold something, cells that fit.

use crate::report::render::flat;
use crate::runbook::query::Rows;

/// Rows that are shown of a step.
pub(super) const ROWS: usize = 20;
/// Columns that fit beside each other.
const COLUMNS: usize = 10;

/// A table of texts.
pub(super) struct Shown {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// Rows that are not shown, also those beyond the step's limit.
    pub(super) more_rows: u64,
    /// Columns that are not shown, though they hold something.
    pub(super) more_columns: usize,
}

/// What is shown of rows, with cells of at most so many characters.
pub(super) fn shown(rows: &Rows, longest: usize) -> Shown {
    let few: Vec<_> = rows.rows.iter().take(ROWS).collect();
    let text = |column: &String, row: &crate::runbook::query::Row| {
        row.cells.get(column).map(flat).map(|text| cut(&text, longest)).unwrap_or_default()
    };
    let holding: Vec<&String> =
        rows.columns.iter().filter(|column| few.iter().any(|row| !text(column, row).is_empty())).collect();
    let columns: Vec<&String> = holding.iter().copied().take(COLUMNS).collect();
    Shown {
        rows: few.iter().map(|row| columns.iter().map(|column| text(column, row)).collect()).collect(),
        more_rows: (rows.rows.len().saturating_sub(ROWS) as u64).saturating_add(rows.left_out),
        more_columns: holding.len() - columns.len(),
        columns: columns.into_iter().cloned().collect(),
    }
}

/// A text that is no longer than so many characters; of a long one both ends.
fn cut(text: &str, longest: usize) -> String {
    let count = text.chars().count();
    if count <= longest {
        return text.to_owned();
    }
    let half = longest.saturating_sub(1) / 2;
    let start: String = text.chars().take(longest - 1 - half).collect();
    let end: String = text.chars().skip(count - half).collect();
    format!("{start}…{end}")
}
