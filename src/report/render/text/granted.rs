//! What is granted beside what was done, for people: numbers, then actions with a mark, then the policy without what
//! was not used.

use std::io::{self, Write};

use super::*;
use crate::report::{ActionRow, DifferenceRow, UnreadRow};

pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(rows) = &report.differences else { return Ok(()) };
    for UnreadRow { file, path, reason } in report.unread.iter().flatten() {
        let place = if path.is_empty() { clean(file) } else { clean(&format!("{file}: {path}")) };
        writeln!(out, "{YELLOW}not read{YELLOW:#} {place}: {}", clean(reason))?;
    }
    let mut rest = report.actions.as_deref().unwrap_or_default();
    for row in rows {
        let own = rest.iter().take_while(|action| action.principal == row.principal).count();
        let (own, others) = rest.split_at(own);
        rest = others;
        difference(row, own, report.explained, out)?;
    }
    if rows.is_empty() {
        writeln!(out, "\nNobody to compare: neither the archive nor the files have a principal that is meant.")?;
    } else {
        let marks = "- granted and unused, + used and not granted, ? CloudTrail does not show it, else used or denied";
        writeln!(out, "\n{FAINT}{marks}{FAINT:#}")?;
    }
    Ok(())
}

fn difference(row: &DifferenceRow, actions: &[ActionRow], explained: bool, out: &mut dyn Write) -> io::Result<()> {
    heading(&clean(&row.principal), out)?;
    let numbers = counted(&[
        (row.used, "used"),
        (row.unused, "unused"),
        (row.not_observable, "not observable"),
        (row.not_granted, "used and not granted"),
        (row.denied, "denied"),
    ]);
    let numbers = if numbers.is_empty() { String::new() } else { format!(": {numbers}") };
    writeln!(out, "  {} granted{numbers}", plural(row.granted, "action"))?;
    let by = row.policies.iter().map(|policy| ("by", policy.clone()));
    let within = row.boundary.iter().map(|boundary| ("within", boundary.clone()));
    told(by.chain(within), out)?;
    let lines = if explained { actions.iter().map(line).collect() } else { folded(actions) };
    if !lines.is_empty() {
        table(&["", "action", "calls", "denied", "last", "what"], &lines, out)?;
    }
    for warning in &row.warnings {
        writeln!(out, "  {YELLOW}note{YELLOW:#} {}", clean(warning))?;
    }
    for reduced in &row.reduced {
        let limit = crate::iam::Target::Managed.limit();
        writeln!(out, "  {}, without the unused ({} characters of {limit})", clean(&reduced.name), reduced.size)?;
        indented(&reduced.document, out)?;
    }
    Ok(())
}

/// Lines of what was called, and one a service for the rest; where many services are idle, one for all these.
fn folded(actions: &[ActionRow]) -> Vec<Vec<Cell>> {
    let mut lines = Vec::new();
    let service = |row: &ActionRow| row.action.split(':').next().unwrap_or_default().to_owned();
    let is_idle = |row: &ActionRow| matches!(row.status, "unused" | "not-observable") && row.last.is_none();
    let services: Vec<_> = actions.chunk_by(|a, b| service(a) == service(b)).collect();
    let (idle, busy): (Vec<_>, Vec<_>) = services.iter().copied().partition(|own| own.iter().all(is_idle));
    let is_much = idle.len() > SHOWN;
    for own in if is_much { busy } else { services } {
        let granted: u64 = own.iter().filter(|row| row.granted).map(|row| row.actions).sum();
        lines.extend(own.iter().filter(|row| !is_idle(row)).map(line));
        for status in ["unused", "not-observable"] {
            let idle: Vec<_> = own.iter().filter(|row| is_idle(row) && row.status == status).collect();
            match idle.as_slice() {
                [] => {}
                [one] if one.actions == 1 => lines.push(line(one)),
                [first, ..] => {
                    let count: u64 = idle.iter().map(|row| row.actions).sum();
                    let what = format!("{} of {} {}", grouped(count), grouped(granted), words(first));
                    lines.push(cells(first, format!("{}:*", service(first)), what));
                }
            }
        }
    }
    for status in ["unused", "not-observable"].into_iter().filter(|_| is_much) {
        let rows: Vec<_> = idle.iter().flat_map(|own| own.iter()).filter(|row| row.status == status).collect();
        if let Some(first) = rows.first() {
            let count: u64 = rows.iter().map(|row| row.actions).sum();
            let what = format!("{} actions {}, of services never called", grouped(count), words(first));
            lines.push(cells(first, format!("{} services", idle.len()), what));
        }
    }
    lines
}

fn line(row: &ActionRow) -> Vec<Cell> {
    let what = match row.why {
        Some(why) => why.to_owned(),
        None => words(row).to_owned(),
    };
    let what = if row.actions > 1 { format!("{} actions {what}", grouped(row.actions)) } else { what };
    cells(row, row.action.clone(), what)
}

fn words(row: &ActionRow) -> &'static str {
    match row.status {
        "not-observable" => "not observable",
        "not-granted" => "used and not granted",
        status => status,
    }
}

fn cells(row: &ActionRow, action: String, what: String) -> Vec<Cell> {
    let (mark, style) = match row.status {
        "unused" => ("-", YELLOW),
        "not-granted" => ("+", RED),
        "not-observable" => ("?", FAINT),
        "denied" => (" ", RED),
        _ => (" ", GREEN),
    };
    let calls = row.allowed + row.denied + row.failed;
    vec![
        Cell(mark.to_owned(), style),
        cell(clean(&action)),
        cell(calls.to_string()),
        Cell(row.denied.to_string(), if row.denied > 0 { RED } else { PLAIN }),
        cell(day(row.last.as_ref())),
        Cell(clean(&what), style),
    ]
}
