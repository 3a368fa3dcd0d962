//! Which permissions calls need, over real logs: how many calls are mapped, how many resources are named,
//! and whether what is put together from a request is what the service itself listed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwright::classify::{Basis, Needs, Use};

use crate::needs::needs_of;
use crate::support::{corpus, files_below, inflated};

/// Every record of the real logs, wherever it stands in its file.
fn real_records() -> Vec<Value> {
    fn gather(value: Value, records: &mut Vec<Value>) {
        match value {
            Value::Object(object) if object.contains_key("eventName") && object.contains_key("eventSource") => {
                let mut object = object;
                let shipped = object.get("@timestamp").cloned();
                object.entry("eventTime").or_insert(shipped.unwrap_or_default());
                records.push(Value::Object(object));
            }
            Value::Object(object) => object.into_iter().for_each(|(_, value)| gather(value, records)),
            Value::Array(list) => list.into_iter().for_each(|value| gather(value, records)),
            _ => {}
        }
    }
    let mut records = Vec::new();
    for name in ["invictus", "stratus", "otrf", "small"] {
        let Some(folder) = corpus(name) else { continue };
        for path in files_below(&folder) {
            let bytes = std::fs::read(&path).unwrap();
            let text = inflated(&bytes);
            for value in serde_json::Deserializer::from_slice(&text).into_iter().map_while(Result::ok) {
                gather(value, &mut records);
            }
        }
    }
    records
}

fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key].as_str().unwrap_or_default()
}

/// Whether a resource is one of its kind, and no pattern.
fn is_specific(used: &Use) -> bool {
    used.resources.iter().any(|resource| !matches!(resource.basis, Basis::Pattern | Basis::TakesNone | Basis::Unknown))
}

#[test]
fn real_calls_are_mapped_and_their_resources_named() {
    let records = real_records();
    if records.is_empty() {
        return;
    }
    let mut pairs: BTreeMap<(String, String), bool> = BTreeMap::new();
    let (mut with_types, mut specific) = (0, 0);
    let (mut listed, mut equal) = (0, 0);
    let mut denied = 0;
    for record in &records {
        let Some((needs, named)) = needs_of(record) else { continue };
        let pair = (text(record, "eventSource").to_owned(), text(record, "eventName").to_owned());
        *pairs.entry(pair).or_default() |= needs != Needs::Unknown;
        if let Some(named) = named {
            // The same call, had it gone through, needs the action that AWS named, or may need it.
            let mut other = record.clone();
            other["errorCode"] = Value::Null;
            other["errorMessage"] = Value::Null;
            let (needs, _) = needs_of(&other).unwrap();
            let actions: BTreeSet<String> = needs.uses().iter().map(|used| used.action.to_string()).collect();
            assert!(actions.contains(&named), "{named} is not among {actions:?}");
            denied += 1;
        }
        let failed = record["errorCode"].is_string();
        let takes = |used: &&Use| used.facts().is_some_and(|facts| !facts.resources.is_empty());
        if failed || needs.uses().iter().find(takes).is_none() {
            continue;
        }
        with_types += 1;
        specific += usize::from(needs.uses().iter().any(is_specific));
        let arns = record["resources"].as_array().into_iter().flatten();
        let arns: BTreeSet<&str> = arns.filter_map(|r| r["ARN"].as_str().or(r["arn"].as_str())).collect();
        if arns.is_empty() {
            continue;
        }
        // The same without the service's own list.
        let mut other = record.clone();
        other["resources"] = Value::Null;
        let (needs, _) = needs_of(&other).unwrap();
        let built: Vec<String> = needs
            .uses()
            .iter()
            .flat_map(|used| &used.resources)
            .filter(|r| matches!(r.basis, Basis::Record | Basis::Created))
            .map(|resource| resource.arn.clone())
            .collect();
        if !built.is_empty() {
            listed += 1;
            equal += usize::from(built.iter().any(|arn| arns.contains(arn.as_str())));
        }
    }
    let mapped = pairs.values().filter(|mapped| **mapped).count();
    assert!(mapped * 100 >= pairs.len() * 98, "{mapped} of {} calls are mapped", pairs.len());
    assert!(specific * 100 >= with_types * 93, "{specific} of {with_types} calls name a resource");
    assert!(equal * 100 >= listed * 90, "{equal} of {listed} resources are those the service listed");
    assert!(pairs.len() > 250 && with_types > 1_500 && listed > 300 && denied > 50, "too few to tell");
}
