//! Whether a text has the shape of a runbook: what the published schema says, in our words. The schema is the only place
//! where fields and their forms stand, so that editors and `check` say the same.

use regex::Regex;
use serde_json::{Map, Value};

use super::{At, Part, Wrong};
use crate::condition::did_you_mean;

/// Follows the schema through a value.
pub(super) fn look(value: &Value, schema: &Value, root: &Value, way: &mut Vec<At>, wrong: &mut Wrong<'_>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let pointer = name.trim_start_matches('#');
        let Some(inner) = root.pointer(pointer) else { return };
        return look(value, inner, root, way, wrong);
    }
    let about = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let name = way.iter().rev().find_map(|at| match at {
        At::Key(key) => Some(key.as_str()),
        At::Item(_) => None,
    });
    let named = format!("`{}`", name.unwrap_or("runbook"));
    if let Some(wanted) = schema.get("type")
        && !types(wanted).any(|kind| is_a(value, kind))
    {
        let wanted = types(wanted).map(noun).collect::<Vec<_>>().join(" or ");
        let about = if about.is_empty() { String::new() } else { format!(": {about}") };
        return wrong.add(way, Part::Value, format!("{named} has to be {wanted}, not {}{about}", kind_of(value)));
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        let text = value.as_str().unwrap_or_default();
        let hint = did_you_mean(text, words.iter().copied());
        let shown = if value.is_string() { format!("`{text}`") } else { kind_of(value).to_owned() };
        return wrong.add(way, Part::Value, format!("{named} is one of {}, not {shown}{hint}", words.join(", ")));
    }
    let fits = |text: &str, pattern: &Value| {
        pattern.as_str().and_then(|pattern| Regex::new(pattern).ok()).is_none_or(|pattern| pattern.is_match(text))
    };
    let mut refuse = |way: &[At]| wrong.add(way, Part::Value, format!("{named} cannot be this; it is {about}"));
    match value {
        Value::String(text) => {
            let is_short = schema.get("minLength").is_some() && text.trim().is_empty();
            if is_short || schema.get("pattern").is_some_and(|pattern| !fits(text, pattern)) {
                refuse(way);
            }
        }
        Value::Number(number) => {
            let number = number.as_i64();
            let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
            let is_low = bound("minimum").is_some_and(|least| number.is_none_or(|number| number < least));
            let is_high = bound("maximum").is_some_and(|most| number.is_none_or(|number| number > most));
            let is_other = bound("const").is_some_and(|only| number != Some(only));
            if is_low || is_high || is_other {
                refuse(way);
            }
        }
        Value::Array(items) => {
            let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
            let count = items.len() as u64;
            if bound("minItems").is_some_and(|least| count < least)
                || bound("maxItems").is_some_and(|most| count > most)
            {
                refuse(way);
            }
            let Some(inner) = schema.get("items") else { return };
            for (at, item) in items.iter().enumerate() {
                way.push(at.into());
                look(item, inner, root, way, wrong);
                way.pop();
            }
        }
        Value::Object(members) => members_of(members, schema, root, way, wrong),
        Value::Null | Value::Bool(_) => {}
    }
}

fn members_of(members: &Map<String, Value>, schema: &Value, root: &Value, way: &mut Vec<At>, wrong: &mut Wrong<'_>) {
    let Some(known) = schema.get("properties").and_then(Value::as_object) else {
        let Some(inner) = schema.get("additionalProperties") else { return };
        let pattern = schema.pointer("/propertyNames/pattern").and_then(Value::as_str);
        let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
        for (name, value) in members {
            way.push(name.as_str().into());
            if pattern.as_ref().is_some_and(|pattern| !pattern.is_match(name)) {
                let form = "lower-case letters, digits and underscores, beginning with a letter";
                wrong.add(way, Part::Name, format!("`{name}` is no name; one has {form}"));
            }
            look(value, inner, root, way, wrong);
            way.pop();
        }
        return;
    };
    for (name, value) in members {
        way.push(name.as_str().into());
        match known.get(name) {
            Some(inner) => look(value, inner, root, way, wrong),
            None => {
                let hint = did_you_mean(name, known.keys().map(String::as_str));
                let hint = if hint.is_empty() {
                    format!("; there are {}", known.keys().cloned().collect::<Vec<_>>().join(", "))
                } else {
                    hint
                };
                wrong.add(way, Part::Name, format!("there is no `{name}` here{hint}"));
            }
        }
        way.pop();
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            let about = known.get(name).and_then(|one| one.get("description")).and_then(Value::as_str);
            let about = about.map_or_else(String::new, |about| format!(", {about}"));
            wrong.add(way, Part::Value, format!("`{name}` is missing{about}"));
        }
    }
}

fn types(wanted: &Value) -> impl Iterator<Item = &str> {
    let one = wanted.as_str().into_iter();
    one.chain(wanted.as_array().into_iter().flatten().filter_map(Value::as_str))
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn noun(kind: &str) -> &'static str {
    match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        _ => "a map",
    }
}

/// What a value is, in a word.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
