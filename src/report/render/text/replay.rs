//! What policies would change, for people: how many calls fare how, then the changes.

use std::io::{self, Write};

use super::*;
use crate::report::{ChangeRow, ReplayRow};

/// Rows of one change that are shown; formats for programs hold all.
const MOST: usize = 40;

pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (Some(changes), Some(rows)) = (&report.changes, &report.replay) else { return Ok(()) };
    heading("Under these policies", out)?;
    let counted: Vec<_> = changes.iter().filter(|row| row.events > 0).map(count).collect();
    table(&["change", "events", "principals", "what it means"], &counted, out)?;
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let (same, others) = rest.split_at(rest.iter().take_while(|row| row.change == first.change).count());
        let style = style_of(first.change);
        writeln!(out, "\n {style}{}{style:#}: {}", first.change, same.len())?;
        let cells: Vec<_> = same.iter().take(MOST).map(line).collect();
        table(&["who", "call", "action", "on", "times", "last", "by"], &cells, out)?;
        if let Some(more) = same.len().checked_sub(MOST).filter(|more| *more > 0) {
            writeln!(out, "  {FAINT}… {more} more: --format json lists all{FAINT:#}")?;
        }
        rest = others;
    }
    Ok(())
}

fn count(row: &ChangeRow) -> Vec<Cell> {
    let meaning = match row.change {
        "newly-blocked" => "went through, and would not",
        "unknown" => "depends on what the log does not tell",
        "newly-allowed" => "was denied, and would pass",
        "still-denied" => "was denied, and would be",
        "allowed" => "went through, and would",
        _ => "was not asked: no permission, not documented, failed, or another's",
    };
    vec![
        Cell(row.change.to_owned(), style_of(row.change)),
        cell(row.events.to_string()),
        cell(row.principals.to_string()),
        Cell(meaning.to_owned(), FAINT),
    ]
}

fn style_of(change: &str) -> Style {
    match change {
        "newly-blocked" => RED,
        "unknown" => YELLOW,
        "newly-allowed" => GREEN,
        _ => PLAIN,
    }
}

fn line(row: &ReplayRow) -> Vec<Cell> {
    let more = if row.more > 0 || row.resources.len() > 1 {
        format!(" +{}", row.more + row.resources.len().saturating_sub(1) as u64)
    } else {
        String::new()
    };
    let on = row.resources.first().map_or_else(|| "-".to_owned(), |arn| shorten(arn, 40));
    let by = match row.missing.as_slice() {
        [] => row.by.clone(),
        missing => format!("{}, asks for {}", row.by, missing.join(", ")),
    };
    vec![
        cell(who(&row.principal)),
        cell(shorten(&row.event_name, 30)),
        cell(clean(row.action.as_deref().unwrap_or("-"))),
        cell(on + &more),
        cell(row.count.to_string()),
        cell(day(row.last.as_ref())),
        cell(clean(&by)),
    ]
}
