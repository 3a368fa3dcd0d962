//! What a step asked, with everything put in, as it is kept beside its answer.

use serde_json::{Map, Value};

use crate::runbook::fill::{Filled, Given};
use crate::runbook::model::Step;

/// The step in YAML. What was left out is left out; what can never hold asks for one of no values.
pub fn as_asked(step: &Step, given: &Given) -> String {
    let Ok(Value::Object(members)) = serde_json::to_value(step) else { return String::new() };
    let mut filled = Map::new();
    for (name, value) in members {
        let value = match (name.as_str(), &value) {
            ("where" | "not" | "having", condition) => match given.condition(condition) {
                Filled::Always => continue,
                Filled::Never => Value::Array(Vec::new()),
                Filled::Asks(condition) => condition,
            },
            ("expect", Value::Object(inside)) if inside.is_empty() => continue,
            ("about", Value::String(text)) if text.is_empty() => continue,
            ("duration" | "not_before" | "ticket" | "ledger", Value::String(text)) => match given.text(text) {
                Some(text) => Value::String(text),
                None => continue,
            },
            _ => value,
        };
        filled.insert(name, value);
    }
    yaml_serde::to_string(&Value::Object(filled)).unwrap_or_default()
}
