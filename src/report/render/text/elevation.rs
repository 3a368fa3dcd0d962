//! What should be standing and what eligible, for people: how many first, then what is to be decided. What stays is one
//! line, unless all is asked for.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::*;
use crate::report::ElevationRow;

/// A reason that is longer is told once where several rows have it.
const NOTE: usize = 40;

pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(rows) = &report.elevation else { return Ok(()) };
    let rows: Vec<&ElevationRow> = rows.iter().collect();
    heading(&format!("Standing and eligible: {}", classes(&rows)), out)?;
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let is_same = |row: &&&ElevationRow| (&row.principal, row.kind) == (&first.principal, first.kind);
        let (own, others) = rest.split_at(rest.iter().take_while(is_same).count());
        principal(own, first, report.explained, out)?;
        rest = others;
    }
    Ok(())
}

/// `2 eligible, 12 standing`.
fn classes(rows: &[&ElevationRow]) -> String {
    let of = |class| rows.iter().filter(|row| row.class == class && !row.outcome.is_empty()).count() as u64;
    let counts = ["eligible", "standing", "neither"].map(|class| (of(class), class));
    Some(counted(&counts)).filter(|text| !text.is_empty()).unwrap_or_else(|| "nothing to judge".to_owned())
}

fn principal(rows: &[&ElevationRow], first: &ElevationRow, explained: bool, out: &mut dyn Write) -> io::Result<()> {
    let name = clean(&first.principal);
    write!(out, "\n {HEAD}{}{HEAD:#} {FAINT}{} {name}{FAINT:#}: ", who(&first.principal), first.kind)?;
    if first.outcome.is_empty() {
        return writeln!(out, "{}", first.reasons.join("; "));
    }
    let used_by = match first.used_by {
        "workload" => "a program",
        "both" => "people and programs",
        "unknown" => "nobody that the log names",
        people => people,
    };
    let (days, weeks) = (plural(first.active_days as u64, "day"), plural(first.active_weeks as u64, "week"));
    writeln!(out, "{}; used by {used_by}, on {days} in {weeks}", classes(rows))?;
    let shown: Vec<_> = rows.iter().copied().filter(|row| explained || row.class == "eligible").collect();
    let notes = notes(&shown);
    if !shown.is_empty() {
        let lines: Vec<_> = shown.iter().map(|row| line(row, &notes)).collect();
        table(&["class", "action", "seen", "times", "days", "weeks", "last", "why"], &lines, out)?;
    }
    for (number, note) in (1..).zip(&notes) {
        writeln!(out, "  {FAINT}[{number}] {}{FAINT:#}", clean(note))?;
    }
    if !explained {
        folded(rows, first, out)?;
    }
    Ok(())
}

/// Long reasons that several rows have in common, told once.
fn notes<'r>(rows: &[&'r ElevationRow]) -> Vec<&'r str> {
    let mut notes: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for reason in rows.iter().flat_map(|row| row.reasons.iter().skip(1)).filter(|reason| reason.len() > NOTE) {
        if !seen.insert(reason) && !notes.contains(&reason.as_str()) {
            notes.push(reason);
        }
    }
    notes
}

/// What is not shown line by line.
fn folded(rows: &[&ElevationRow], first: &ElevationRow, out: &mut dyn Write) -> io::Result<()> {
    let of = |class| rows.iter().filter(|row| row.class == class).count() as u64;
    let standing = of("standing");
    if standing > 0 {
        let has = |class, outcome| rows.iter().any(|row| row.class == class && row.outcome == outcome);
        let but = match (has("eligible", "used"), has("standing", "denied")) {
            (true, true) => ", with what is eligible in it and without what was denied",
            (true, false) => ", with what is eligible in it",
            (false, true) => ", without what was denied",
            (false, false) => "",
        };
        let actions = plural(standing, "action");
        let privileged = rows.iter().filter(|row| row.class == "standing" && !row.privileged.is_empty()).count() as u64;
        let privileged = if privileged > 0 { format!(" ({privileged} privileged)") } else { String::new() };
        writeln!(
            out,
            "  {FAINT}{actions}{privileged} standing: `trailwright recommend PATH --principal {}` writes that policy{but}{FAINT:#}",
            typed(&first.name)
        )?;
    }
    match of("neither") {
        0 => Ok(()),
        count => writeln!(out, "  {FAINT}{} neither: --explain tells why{FAINT:#}", plural(count, "action")),
    }
}

fn line(row: &ElevationRow, notes: &[&str]) -> Vec<Cell> {
    let why = |reason: &String| match (1..).zip(notes).find(|(_, note)| **note == reason) {
        Some((number, _)) => format!("[{number}]"),
        None => clean(reason),
    };
    let call = row.event_name.as_deref().unwrap_or_default();
    let style = match row.class {
        "eligible" => YELLOW,
        "standing" => GREEN,
        _ => FAINT,
    };
    vec![
        Cell(row.class.to_owned(), style),
        cell(row.action.as_deref().map_or_else(|| format!("? ({})", clean(call)), clean)),
        Cell(row.outcome.to_owned(), if row.outcome == "denied" { RED } else { PLAIN }),
        cell(row.count.to_string()),
        cell(row.days.to_string()),
        cell(row.weeks.to_string()),
        cell(day(row.last.as_ref())),
        // How often stands in the columns already.
        cell(row.reasons.iter().skip(1).map(why).collect::<Vec<_>>().join("; ")),
    ]
}

/// A name as it is typed in a shell.
fn typed(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@+=,".contains(&byte));
    if is_plain { name.to_owned() } else { format!("'{}'", clean(name).replace('\'', "'\\''")) }
}
