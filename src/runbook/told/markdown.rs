//! A page for people: what was asked, what came out, what was decided, what could not be read, what comes next.

use super::said;
use super::shown::shown;
use crate::report::render::{flat, inline};
use crate::runbook::run::Ran;

/// Characters of a cell.
const CELL: usize = 160;
/// Events that are named for a decision.
const EVENTS: usize = 5;

/// The page; `in_folder` says whether the files it names stand beside it.
pub fn markdown(ran: &Ran<'_>, in_folder: bool) -> String {
    let runbook = ran.runbook;
    let mut page = format!("# {}\n\n", inline(&runbook.title));
    let mut paragraph = |text: &str| page.push_str(&format!("{text}\n\n"));
    paragraph(&inline(runbook.purpose.trim()));
    paragraph(&format!("**Answer.** {}", inline(&said::answer(ran))));
    paragraph(&format!(
        "Runbook {}, version {}, run as of {}.",
        inline(&runbook.runbook),
        runbook.version,
        inline(&ran.at.to_string())
    ));
    page.push_str("## What was asked\n\n");
    for (name, input) in &runbook.inputs {
        let value = ran.inputs.get(name).map(flat).filter(|text| !text.is_empty());
        let value = value.map_or_else(|| "not given".to_owned(), |text| inline(&text));
        page.push_str(&format!("- {}: {value} ({})\n", inline(name), inline(input.about.trim())));
    }
    page.push_str(&format!(
        "\n{}\n",
        inline(&format!(
            "Of {} in {}.",
            said::count(ran.coverage.records.events, "event"),
            said::count(ran.coverage.files.read + ran.coverage.files.partial, "file")
        ))
    ));
    for (number, done) in (1..).zip(&ran.steps) {
        let step = done.step;
        page.push_str(&format!("\n## {number}. {}\n\n", inline(&step.title)));
        page.push_str(&format!("{} ({}, {})\n", inline(&said::state(done)), inline(&step.id), step.kind.as_str()));
        if !step.about.trim().is_empty() {
            page.push_str(&format!("\n{}\n", inline(step.about.trim())));
        }
        let table = shown(&done.rows, CELL);
        if !table.rows.is_empty() {
            let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            page.push('\n');
            page.push_str(&line(table.columns.iter().map(|name| inline(name)).collect()));
            page.push_str(&line(table.columns.iter().map(|_| "---".to_owned()).collect()));
            for row in &table.rows {
                page.push_str(&line(row.iter().map(|cell| inline(cell)).collect()));
            }
        }
        if table.more_rows > 0 || table.more_columns > 0 {
            let file = format!("{number:02}-{}.csv", step.id);
            let whole = if in_folder { format!("; all of it is in {}", inline(&file)) } else { String::new() };
            let rows = said::count(table.more_rows, "row");
            let columns = said::count(table.more_columns as u64, "column");
            page.push_str(&format!("\nNot shown: {rows} and {columns}{whole}.\n"));
        }
        for template in &done.templates {
            let name =
                if in_folder { format!("{number:02}-{}/{}", step.id, template.name) } else { template.name.clone() };
            page.push_str(&format!("\n- template {}", inline(&name)));
        }
        if !done.templates.is_empty() {
            page.push('\n');
        }
        done.notes.iter().for_each(|note| page.push_str(&format!("\n{}\n", inline(note))));
    }
    page.push_str("\n## Decisions\n\n");
    if ran.decisions().next().is_none() {
        page.push_str("None was asked for.\n");
    }
    for one in ran.decisions() {
        let outcome = one.outcome.as_str();
        page.push_str(&format!("- **{outcome}** {}: {}; {}", inline(&one.step), inline(&one.what), inline(&one.found)));
        let events: Vec<String> = one.evidence.iter().take(EVENTS).map(|event| inline(&event.event_id)).collect();
        if !events.is_empty() {
            let more = one.evidence.len() - events.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            page.push_str(&format!(" (events {}{more})", events.join(", ")));
        }
        page.push('\n');
    }
    page.push_str("\n## What could not be read\n\n");
    let unread = said::unread(ran);
    if unread.is_empty() {
        page.push_str("Everything was read.\n");
    }
    unread.iter().for_each(|line| page.push_str(&format!("- {}\n", inline(line))));
    page.push_str("\n## What comes next\n\n");
    said::next(ran).iter().for_each(|line| page.push_str(&format!("- {}\n", inline(line))));
    page
}
