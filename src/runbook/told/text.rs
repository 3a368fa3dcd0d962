//! For a terminal.

use unicode_width::UnicodeWidthStr;

use super::said;
use super::shown::{Shown, shown};
use crate::report::render::{self, clean, flat};
use crate::runbook::run::Ran;

/// Characters of a cell.
const CELL: usize = 44;

/// The whole answer as plain text.
pub fn text(ran: &Ran<'_>) -> String {
    let mut text = format!("{} ({})\n{}\n", ran.runbook.title, ran.runbook.runbook, said::answer(ran));
    for line in render::coverage(&ran.coverage).unwrap_or_default() {
        text.push_str(&format!("{line}\n"));
    }
    let inputs: Vec<String> = ran
        .inputs
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{name}={}", clean(&flat(value))))
        .collect();
    if !inputs.is_empty() {
        text.push_str(&format!("inputs: {}\n", inputs.join(", ")));
    }
    for (number, done) in (1..).zip(&ran.steps) {
        let step = done.step;
        text.push_str(&format!(
            "\n{number}. {} ({}, {}: {})\n",
            step.title,
            step.id,
            step.kind.as_str(),
            clean(&said::state(done))
        ));
        if !done.rows.rows.is_empty() && !step.about.is_empty() {
            text.push_str(&format!("   {}\n", step.about.trim()));
        }
        table(&shown(&done.rows, CELL), &mut text);
        for one in &done.decisions {
            text.push_str(&format!("   {}: {} ({})\n", one.outcome.as_str(), clean(&one.what), one.found));
        }
        done.notes.iter().for_each(|note| text.push_str(&format!("   note: {}\n", clean(note))));
    }
    let unread = said::unread(ran);
    if !unread.is_empty() {
        text.push_str("\nNot read\n");
        unread.iter().for_each(|line| text.push_str(&format!("   {}\n", clean(line))));
    }
    text.push_str("\nNext\n");
    said::next(ran).iter().for_each(|line| text.push_str(&format!("   {}\n", clean(line))));
    text
}

fn table(table: &Shown, text: &mut String) {
    if table.rows.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = std::iter::once(&table.columns)
        .chain(&table.rows)
        .map(|row| row.iter().map(|cell| clean(cell)).collect())
        .collect();
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))))
            .collect();
        text.push_str(&format!("   {}\n", cells.join("  ").trim_end()));
    }
    if table.more_rows > 0 || table.more_columns > 0 {
        let more = [(table.more_rows, "row"), (table.more_columns as u64, "column")];
        let more = more.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| said::count(number, noun));
        text.push_str(&format!("   … and {} more\n", more.collect::<Vec<_>>().join(" and ")));
    }
}
