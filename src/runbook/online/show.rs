//! A whole runbook for an engine: what it is for, then each step with its query, or with words where there is none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::notes::comment;
use super::{Asked, Engine, by_name};
use crate::runbook::model::{Kind, OnEmpty, Runbook, Step};

/// A runbook in the language of an engine, with the inputs that are given; nothing where there is no such engine.
pub fn show(runbook: &Runbook, engine: &str, inputs: &BTreeMap<String, Value>) -> Option<String> {
    let engine = by_name(engine)?;
    let asked = Asked::new(runbook, inputs);
    let say = |text: &str| comment(engine.comment(), text);
    let mut shown = say(&format!("{}: {}", runbook.runbook, runbook.title));
    shown.push_str(&say(&runbook.purpose));
    shown.push_str(&say(&format!("{}.", engine.about())));
    engine.remarks().iter().for_each(|remark| shown.push_str(&say(remark)));
    for (name, input) in &runbook.inputs {
        if input.default.is_none() && !inputs.contains_key(name) {
            shown.push_str(&say(&format!("<{name}>: {}.", input.about.trim_end_matches('.'))));
        }
    }
    for (number, step) in (1..).zip(&runbook.steps) {
        shown.push('\n');
        shown.push_str(&say(&format!("{number}. {}: {}", step.id, step.title)));
        shown.push_str(&one(engine, step, &asked));
    }
    Some(shown)
}

fn one(engine: &dyn Engine, step: &Step, asked: &Asked<'_>) -> String {
    let say = |text: &str| comment(engine.comment(), text);
    let mut shown = if step.about.trim().is_empty() { String::new() } else { say(&step.about) };
    if let Some(words) = worked_out(step, asked) {
        shown.push_str(&say(&words));
    }
    let query = if step.kind == Kind::Audit || step.from.as_deref() == Some("grants") {
        shown.push_str(&say("No engine knows the ledger. For each of its grants, ask what was done with it:"));
        Some(engine.window())
    } else if matches!(step.kind, Kind::Condition | Kind::Grant) {
        None
    } else {
        let written = engine.query(step, asked);
        shown.push_str(&written.notes.written(engine.comment()));
        written.query
    };
    if let Some(query) = query {
        shown.push_str(&query);
        shown.push('\n');
        shown.push_str(&ends(step).map(|words| say(&words)).unwrap_or_default());
    }
    shown
}

/// What is worked out offline and not asked, in words.
fn worked_out(step: &Step, asked: &Asked<'_>) -> Option<String> {
    let of = step.of.as_deref().unwrap_or("the steps before");
    match step.kind {
        Kind::Condition => Some(format!(
            "No query: for each principal of {of}, see whether all of its calls would have met the same condition ({}), and set only such ones.",
            step.conditions.join(", ")
        )),
        Kind::Grant => {
            let word = |text: &Option<String>, otherwise: &str| {
                text.as_deref().map_or_else(|| otherwise.to_owned(), |text| asked.words(text))
            };
            let mut words = format!(
                "No query: grant exactly the rows of {of}, for {}, beginning {}, ticket {}, {}.",
                word(&step.duration, "as long as it takes"),
                word(&step.not_before, "now"),
                word(&step.ticket, "none"),
                if step.conditions.is_empty() {
                    "without further conditions".to_owned()
                } else {
                    format!("with what history supports of {}", step.conditions.join(", "))
                },
            );
            if let Some(requires) = step.requires.as_ref().filter(|requires| requires.approvers > 0) {
                words.push_str(&format!(" {} have to approve.", people(requires.approvers)));
            }
            words.push_str(" The templates are written offline, by `trailwright runbook run`.");
            Some(words)
        }
        _ => None,
    }
}

fn people(count: u32) -> String {
    if count == 1 { "One other person".to_owned() } else { format!("{count} other people") }
}

/// What its rows decide.
fn ends(step: &Step) -> Option<String> {
    let mut words = Vec::new();
    match (step.expect.min_rows, step.expect.max_rows) {
        (None, None) => {}
        (Some(least), None) => words.push(format!("Rows expected: {least} at least.")),
        (None, Some(most)) => words.push(format!("Rows expected: {most} at most.")),
        (Some(least), Some(most)) => words.push(format!("Rows expected: {least} to {most}.")),
    }
    if step.on_empty == OnEmpty::Stop {
        words.push("Without rows, stop here.".to_owned());
    }
    if step.finds {
        words.push("Each row is a finding.".to_owned());
    }
    (!words.is_empty()).then(|| words.join(" "))
}
