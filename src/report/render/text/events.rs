//! Events that were looked for, for people: a line each, or bars over time.

use std::io::{self, Write};

use serde_json::Value;

use super::super::value::flat;
use super::*;
use crate::report::EventTable;

/// Columns that a cell takes at most.
const WIDEST: usize = 48;
/// How long the longest bar is.
const LONGEST: u64 = 50;

pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (Some(search), Some(events)) = (&report.search, &report.events) else { return Ok(()) };
    let is_grouped = events.columns.iter().any(|column| column == "count");
    let head = match is_grouped {
        true => format!("{} of {}", plural(search.rows + search.left_out, "group"), plural(search.matched, "event")),
        false => plural(search.matched, "event"),
    };
    heading(&head, out)?;
    if events.is_timeline {
        bars(events, out)?;
    } else if !events.rows.is_empty() {
        rows(events, out)?;
    }
    match search.left_out {
        0 => Ok(()),
        more => writeln!(out, "  {FAINT}… {} more: --limit shows more{FAINT:#}", grouped(more)),
    }
}

fn rows(events: &EventTable, out: &mut dyn Write) -> io::Result<()> {
    let heads: Vec<&str> = events.columns.iter().map(|column| column.rsplit('.').next().unwrap_or(column)).collect();
    let cells: Vec<Vec<Cell>> = events
        .rows
        .iter()
        .map(|row| events.columns.iter().map(|column| shown(column, row.0.get(column))).collect())
        .collect();
    table(&heads, &cells, out)
}

fn shown(column: &str, value: Option<&Value>) -> Cell {
    let text = match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(value) => flat(value),
    };
    let text = match column {
        "eventSource" => text.strip_suffix(".amazonaws.com").unwrap_or(&text).to_owned(),
        "who" | "principal" if text.starts_with("arn:") => who(&text),
        _ => text,
    };
    let style = match (column, text.as_str()) {
        ("outcome", "denied") => RED,
        ("outcome", "failed") => YELLOW,
        _ => PLAIN,
    };
    Cell(shorten(&text, WIDEST), style)
}

/// Each stretch of time with a bar as long as there are events; stretches without any are left out, and that is shown.
fn bars(events: &EventTable, out: &mut dyn Write) -> io::Result<()> {
    let (Some(time), Some(count)) = (events.columns.first(), events.columns.get(1)) else { return Ok(()) };
    let rows = events
        .rows
        .iter()
        .filter_map(|row| Some((row.0.get(time)?.as_str()?.to_owned(), row.0.get(count).and_then(Value::as_u64)?)));
    let rows: Vec<_> = rows.collect();
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let width = grouped(most).len();
    let mut last: Option<&str> = None;
    for (time, count) in &rows {
        if last.is_some_and(|last| !follows(last, time)) {
            writeln!(out, "  {FAINT}…{FAINT:#}")?;
        }
        let length = usize::try_from((count * LONGEST).div_ceil(most)).unwrap_or_default();
        writeln!(out, "  {}  {:>width$}  {GREEN}{}{GREEN:#}", clean(time), grouped(*count), "█".repeat(length))?;
        last = Some(time);
    }
    Ok(())
}

/// Whether no stretch lies between two that are written as days or hours.
fn follows(last: &str, next: &str) -> bool {
    use jiff::Timestamp;
    let moment = |text: &str| {
        let whole = if text.len() > 10 { text.to_owned() } else { format!("{text}T00:00:00Z") };
        whole.parse::<Timestamp>().ok().map(Timestamp::as_second)
    };
    let stretch = if last.len() > 10 { 3600 } else { 86_400 };
    moment(last).zip(moment(next)).is_some_and(|(last, next)| next - last <= stretch)
}
