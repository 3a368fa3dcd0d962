//! CloudFormation's functions. What they give is known to the deployment only, but for the text around it, and for
//! `Fn::If`, which gives one of two values: each is judged.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::unknown;
use crate::recommend::lint::template::UNKNOWN;

/// The conditions that hold.
pub(super) type Holds<'n> = BTreeSet<&'n str>;

/// Conditions of which every combination is judged.
const ALL_OF: usize = 4;
/// Conditions of which each is judged alone and as the only one that does not hold.
const EACH_OF: usize = 16;

/// Collects the names of conditions that a value depends on.
pub(super) fn conditions<'v>(value: &'v Value, found: &mut Holds<'v>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| conditions(one, found)),
        Value::Object(object) => {
            found.extend(object.get("Fn::If").and_then(|parts| parts.get(0)?.as_str()));
            object.values().for_each(|one| conditions(one, found));
        }
        _ => {}
    }
}

/// Which conditions may hold together, first all of them, and whether these are all combinations that there are.
pub(super) fn combinations<'n>(names: &Holds<'n>) -> (Vec<Holds<'n>>, bool) {
    if names.len() <= ALL_OF {
        let of =
            |mask: u32| (0..).zip(names).filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, name)| *name).collect();
        return ((0..1 << names.len()).rev().map(of).collect(), true);
    }
    let but = |name: &&'n str| names.iter().copied().filter(|other| other != name).collect();
    let mut all = vec![names.clone(), Holds::new()];
    all.extend(names.iter().take(EACH_OF).map(|name| Holds::from([*name])));
    all.extend(names.iter().take(EACH_OF).map(but));
    (all, false)
}

/// The same with its functions put in, as far as they can be, where some conditions hold and others do not.
pub(super) fn resolved(value: Value, holds: &Holds<'_>) -> Value {
    match value {
        Value::Array(all) => {
            all.into_iter().map(|value| resolved(value, holds)).filter(|value| !value.is_null()).collect()
        }
        Value::Object(mut object) if object.len() == 1 => {
            let Some((name, value)) = object.iter_mut().next() else { return unknown() };
            match name.as_str() {
                "Ref" | "Condition" if !value.is_string() => resolved_members(object, holds),
                "Ref" if value.as_str() == Some("AWS::NoValue") => Value::Null,
                "Ref" => unknown(),
                "Fn::Sub" => substituted(value),
                "Fn::Join" => joined(value.take(), holds),
                "Fn::If" => either(value.take(), holds),
                name if name.starts_with("Fn::") => unknown(),
                _ => resolved_members(object, holds),
            }
        }
        Value::Object(object) => resolved_members(object, holds),
        other => other,
    }
}

fn resolved_members(object: Map<String, Value>, holds: &Holds<'_>) -> Value {
    let members = object.into_iter().map(|(name, value)| (name, resolved(value, holds)));
    members.filter(|(_, value)| !value.is_null()).collect()
}

/// What a condition puts here.
fn either(value: Value, holds: &Holds<'_>) -> Value {
    let Value::Array(parts) = value else { return unknown() };
    let mut parts = parts.into_iter();
    let (Some(Value::String(condition)), Some(yes), Some(no)) = (parts.next(), parts.next(), parts.next()) else {
        return unknown();
    };
    resolved(if holds.contains(condition.as_str()) { yes } else { no }, holds)
}

/// `arn:${AWS::Partition}:…` with what is not known in the place of variables. `${!x}` is the text `${x}`.
fn substituted(value: &Value) -> Value {
    let text = match value {
        Value::Array(parts) => parts.first().and_then(Value::as_str),
        other => other.as_str(),
    };
    let Some(text) = text else { return unknown() };
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        found.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                match name.strip_prefix('!') {
                    Some(literal) => found.extend(["${", literal, "}"]),
                    None => found.push(UNKNOWN),
                }
                rest = after;
            }
            None => {
                found.push_str("${");
                rest = after;
            }
        }
    }
    found.push_str(rest);
    Value::String(found)
}

fn joined(value: Value, holds: &Holds<'_>) -> Value {
    let Value::Array(parts) = value else { return unknown() };
    let mut parts = parts.into_iter();
    let (Some(Value::String(between)), Some(Value::Array(texts))) = (parts.next(), parts.next()) else {
        return unknown();
    };
    let text = |value| match resolved(value, holds) {
        Value::String(text) => text,
        _ => UNKNOWN.to_string(),
    };
    Value::String(texts.into_iter().map(text).collect::<Vec<_>>().join(&between))
}
