//! The sentences of a report.

use crate::runbook::run::{Decided, Done, Ran, State};

/// `1 row`, `2 rows`.
pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// All rows that a step has, also those beyond its limit.
pub(super) fn rows(done: &Done<'_>) -> u64 {
    (done.rows.rows.len() as u64).saturating_add(done.rows.left_out)
}

/// The answer in two sentences: what was looked at, and what was found.
pub(super) fn answer(ran: &Ran<'_>) -> String {
    let answered = ran.steps.iter().filter(|done| done.state == State::Answered).count();
    let events = count(ran.coverage.records.events, "event");
    let day = |time: &Option<String>| time.as_ref().and_then(|text| text.get(..10)).unwrap_or("?").to_owned();
    let when = match &ran.coverage.time.first {
        Some(_) => format!(" from {} to {}", day(&ran.coverage.time.first), day(&ran.coverage.time.last)),
        None => String::new(),
    };
    let looked = format!("steps answered: {answered} of {}, from {events}{when}", ran.steps.len());
    let found: Vec<String> = ran
        .steps
        .iter()
        .filter(|done| done.is_finding())
        .map(|done| format!("{} has {}", done.step.id, count(rows(done), "row")))
        .collect();
    let found = match (found.is_empty(), ran.steps.iter().any(|done| done.step.finds)) {
        (false, _) => format!("found: {}", found.join(", ")),
        (true, true) => "nothing was found that it looks for".to_owned(),
        (true, false) => {
            let all = ran.steps.iter().filter(|done| done.state == State::Answered);
            let all: Vec<String> =
                all.map(|done| format!("{} has {}", done.step.id, count(rows(done), "row"))).collect();
            format!("answered: {}", all.join(", "))
        }
    };
    let templates = ran.steps.iter().map(|done| done.templates.len() as u64).sum::<u64>();
    let templates = match templates {
        0 => String::new(),
        number if ran.waits() => format!("; {} for approval", count(number, "template")),
        number => format!("; {}", count(number, "template")),
    };
    capital(&format!("{looked}. ")) + &capital(&format!("{found}{templates}."))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// A text of a runbook on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which events count, where that is not all.
pub(super) fn filters(ran: &Ran<'_>) -> Option<String> {
    let filters = ran.filters.iter().map(|(name, values)| format!("{name} {}", values.join(", ")));
    let filters: Vec<String> = filters.collect();
    (!filters.is_empty()).then(|| format!("only events {}", filters.join("; ")))
}

/// Why a step has no answer, or how many rows it has.
pub(super) fn state(done: &Done<'_>) -> String {
    match &done.state {
        State::Answered => count(rows(done), "row"),
        State::NotAsked(why) => format!("not asked: {why}"),
        State::NotReached(why) => format!("not reached: {why}"),
    }
}

/// What could not be read, in a line each.
pub(super) fn unread(ran: &Ran<'_>) -> Vec<String> {
    let coverage = &ran.coverage;
    let mut lines: Vec<String> = coverage
        .skips
        .iter()
        .map(|skip| format!("{}: {} ({} kept)", skip.path, skip.reason, count(skip.records_kept, "record")))
        .collect();
    lines.extend(coverage.rejected.iter().map(|row| {
        let example = row.example.as_deref().unwrap_or_default();
        format!("{} rejected: {}, such as in {example}", count(row.count, "record"), row.reason)
    }));
    if ran.unusable > 0 {
        lines.push(format!("{} of the ledger could not be used", count(ran.unusable as u64, "row")));
    }
    lines
}

/// What comes next, in a line each.
pub(super) fn next(ran: &Ran<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for one in ran.decisions() {
        match one.outcome {
            Decided::Waits => lines.push(format!("{}: {} cannot be applied until {}", one.step, one.found, one.what)),
            Decided::NotMet => lines.push(format!(
                "{}: it was expected that there are {}, and there are {}; find out why before anything else is done",
                one.step, one.what, one.found
            )),
            Decided::Stops => {
                lines.push(format!("{}: there was nothing to go on with; the steps behind it were not run", one.step))
            }
            Decided::Met => {}
        }
    }
    for done in ran.steps.iter().filter(|done| done.is_finding()) {
        lines.push(format!("{}: go through the {}", done.step.id, count(rows(done), "row")));
    }
    if !ran.coverage.skips.is_empty() || ran.unusable > 0 {
        lines.push("get what could not be read, and run it again: what is not in it was not asked".to_owned());
    }
    if lines.is_empty() {
        lines.push("nothing is left to do".to_owned());
    }
    lines
}
