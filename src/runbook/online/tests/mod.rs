//! What is written for engines is what they can read, whatever a runbook holds.

mod commands;
mod hostile;
mod sql;

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::runbook::model::Runbook;

const EVERY: &str = include_str!("every.yaml");

/// Every form of condition and every table, and all runbooks that ship.
pub(super) fn runbooks() -> Vec<Runbook> {
    let texts: Vec<&str> = std::iter::once(EVERY).chain(crate::runbook::all().map(|(_, text)| text)).collect();
    assert!(texts.len() > 1, "no runbook ships");
    texts.iter().map(|text| yaml_serde::from_str(text).unwrap()).collect()
}

/// What is shown of a runbook by an engine, without inputs.
pub(super) fn shown(runbook: &Runbook, engine: &str) -> String {
    show(runbook, engine, &BTreeMap::new()).unwrap()
}

/// A runbook of one step from events.
pub(super) fn asking(condition: Value) -> Runbook {
    let step = serde_json::json!({
        "id": "step", "kind": "query", "title": "?", "from": "events", "where": condition, "select": ["eventID"],
    });
    let runbook = serde_json::json!({
        "runbook": "one", "version": 1, "title": "", "purpose": "", "when": "",
        "inputs": {
            "given": {"type": "text", "about": ""},
            "absent": {"type": "text", "about": "", "default": null},
            "open": {"type": "text", "about": ""},
        },
        "steps": [step],
    });
    serde_json::from_value(runbook).unwrap()
}

/// The lines of a runbook's steps that are no comments, and those that say what is left out.
pub(super) fn written(runbook: &Runbook, engine: &str, inputs: &BTreeMap<String, Value>) -> (String, String) {
    let mark = by_name(engine).unwrap().comment();
    let text = show(runbook, engine, inputs).unwrap();
    let body = text.split_once("\n\n").unwrap().1;
    let (comments, query): (Vec<&str>, Vec<&str>) = body.lines().partition(|line| line.starts_with(mark));
    (query.join("\n"), comments[1..].join("\n"))
}

#[test]
fn the_runbook_that_has_every_form_is_a_good_one() {
    let problems = crate::runbook::check::read(EVERY).err().unwrap_or_default();
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn engines_are_known_by_their_names() {
    let runbook = asking(serde_json::json!({}));
    for engine in ALL {
        let text = shown(&runbook, engine.name());
        assert!(text.contains("eventID") || text.contains("eventid"), "{text}");
    }
    assert_eq!(show(&runbook, "excel", &BTreeMap::new()), None);
}

#[test]
fn one_runbook_in_every_language() {
    for engine in ALL {
        insta::assert_snapshot!(engine.name(), shown(&runbooks()[0], engine.name()));
    }
}
