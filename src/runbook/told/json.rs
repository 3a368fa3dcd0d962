//! For programs: one object, keys in a fixed order, everything there is.

use serde_json::{Map, Value, json};

use crate::runbook::query::Row;
use crate::runbook::run::{Decision, Done, Ran, State};

/// The whole answer.
pub fn json(ran: &Ran<'_>) -> Value {
    let steps: Vec<Value> = (1_u64..).zip(&ran.steps).map(|(number, done)| step(number, done)).collect();
    let decisions: Vec<Value> = ran.decisions().map(decision).collect();
    let mut all = run(ran);
    all.insert("coverage".to_owned(), serde_json::to_value(&ran.coverage).unwrap_or_default());
    all.insert("steps".to_owned(), steps.into());
    all.insert("decisions".to_owned(), decisions.into());
    Value::Object(all)
}

/// What ran, when, with what, and how it ended.
pub(super) fn run(ran: &Ran<'_>) -> Map<String, Value> {
    let object = json!({
        "schema": "trailwright.runbook/1",
        "tool": {"name": "trailwright", "version": env!("CARGO_PKG_VERSION"), "catalog": crate::catalog::date()},
        "runbook": ran.runbook.runbook,
        "title": ran.runbook.title,
        "at": ran.at.to_string(),
        "inputs": ran.inputs,
        "findings": ran.has_findings(),
        "as_expected": !ran.is_not_as_expected(),
        "needs_approval": ran.waits(),
    });
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn step(number: u64, done: &Done<'_>) -> Value {
    let why = match &done.state {
        State::Answered => None,
        State::NotAsked(why) | State::NotReached(why) => Some(why),
    };
    let templates = done.templates.iter().map(|one| json!({"file": one.name, "text": one.text}));
    json!({
        "number": number,
        "id": done.step.id,
        "kind": done.step.kind.as_str(),
        "title": done.step.title,
        "about": done.step.about,
        "state": done.state.as_str(),
        "why": why,
        "finds": done.step.finds,
        "asked": done.asked,
        "columns": done.rows.columns,
        "rows": rows(done),
        "left_out": done.rows.left_out,
        "notes": done.notes,
        "templates": templates.collect::<Vec<_>>(),
    })
}

/// The rows of a step, each with where its events stand.
pub(super) fn rows(done: &Done<'_>) -> Vec<Value> {
    done.rows.rows.iter().map(row).collect()
}

fn row(row: &Row) -> Value {
    let mut cells = row.cells.clone();
    let evidence = serde_json::to_value(&row.evidence).unwrap_or_default();
    cells.entry("evidence").or_insert(evidence);
    Value::Object(cells)
}

/// A decision with the events it rests on.
pub(super) fn decision(one: &Decision) -> Value {
    json!({
        "step": one.step,
        "what": one.what,
        "found": one.found,
        "outcome": one.outcome.as_str(),
        "evidence": one.evidence,
    })
}
