//! Looking for events finds what asking every record finds, each event once, however the archive is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use trailwright::aggregate::{Bounds, History};
use trailwright::catalog::without_version;
use trailwright::condition::Condition;
use trailwright::scan::ScanOptions;
use trailwright::search::{Column, Search, Table};

use crate::support::{Tree, scan_with, story, trail_file};

/// Events, with copies among them.
static EVENTS: LazyLock<Vec<String>> = LazyLock::new(|| [story("orders-team"), story("duplicates")].concat());

/// The same once each, by id; of copies that differ any.
static ONCE: LazyLock<BTreeMap<String, Vec<Value>>> = LazyLock::new(|| {
    let mut once: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in EVENTS.iter() {
        let event: Value = serde_json::from_str(event).unwrap();
        let account = event["recipientAccountId"].as_str().unwrap_or_default();
        let id = event["eventID"].as_str().map_or_else(|| event.to_string(), |id| format!("{id} {account}"));
        once.entry(id).or_default().push(event);
    }
    once
});

/// Conditions in the words of maps and lists.
fn condition() -> impl Strategy<Value = Value> {
    let field = select(vec![
        "eventName",
        "eventSource",
        "errorCode",
        "awsRegion",
        "userIdentity.type",
        "userIdentity.arn",
        "requestParameters.bucketName",
        "sourceIPAddress",
        "readOnly",
    ]);
    let value = select(vec![
        json!("GetObject"),
        json!("s3.amazonaws.com"),
        json!("AccessDenied"),
        json!("eu-west-1"),
        json!("AssumedRole"),
        json!("orders"),
        json!("a"),
        json!("e"),
        json!(true),
    ]);
    let modifier = select(vec!["", "|contains", "|startswith", "|endswith"]);
    let one = (field, modifier, proptest::collection::vec(value, 1..3)).prop_map(|(field, modifier, mut values)| {
        values.retain(|value| modifier.is_empty() || value.is_string());
        let value = if values.len() == 1 { values.remove(0) } else { Value::Array(values) };
        json!({ format!("{field}{modifier}"): value })
    });
    one.prop_recursive(3, 12, 3, |inside| {
        prop_oneof![
            proptest::collection::vec(inside.clone(), 0..3).prop_map(Value::Array),
            (inside.clone(), inside.clone()).prop_map(|(a, b)| {
                let mut both: Map<String, Value> = a.as_object().cloned().unwrap_or_default();
                both.insert("not".to_owned(), b);
                Value::Object(both)
            }),
            inside,
        ]
    })
}

/// The same asked slowly.
fn is_met(condition: &Value, event: &Value) -> bool {
    match condition {
        Value::Array(parts) => parts.iter().any(|part| is_met(part, event)),
        Value::Object(parts) => parts.iter().all(|(key, wanted)| match key.as_str() {
            "not" => wanted.as_object().is_some_and(Map::is_empty) || !is_met(wanted, event),
            key => {
                let (field, modifier) = key.split_once('|').unwrap_or((key, ""));
                let value = field.split('.').fold(event, |value, step| &value[step]);
                let text =
                    |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned).to_lowercase();
                let has = |wanted: &Value| {
                    let (value, wanted) = (text(value), text(wanted));
                    let fits = |value: &str| match modifier {
                        "contains" => value.contains(&wanted),
                        "startswith" => value.starts_with(&wanted),
                        "endswith" => value.ends_with(&wanted),
                        _ => value == wanted,
                    };
                    // Some services put a version behind the name of a call, which is asked for with it and without.
                    fits(&value) || (field == "eventName" && fits(without_version(&value)))
                };
                let wanted = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                !value.is_null() && wanted.iter().any(has)
            }
        }),
        _ => false,
    }
}

fn search(condition: &Value, columns: &[&str]) -> Search {
    Search {
        condition: Some(Condition::from_value(condition).unwrap()),
        columns: columns.iter().map(|name| Column::parse(name).unwrap()).collect(),
        group_by: Vec::new(),
        order: Vec::new(),
        limit: None,
    }
}

fn found(tree: &Tree, searches: Vec<Search>, only: bool, (threads, ids): (usize, usize)) -> History {
    let bounds = Bounds { ids_in_memory: ids, ..Bounds::default() };
    let options = ScanOptions { searches, only_searches: only, threads, bounds, ..ScanOptions::default() };
    scan_with(&[tree.path()], &options)
}

/// How an archive may be read: with so many records in a file, threads, and ids in memory.
fn reading() -> impl Strategy<Value = (usize, (usize, usize))> {
    (1..300_usize, (1..4_usize, select(vec![1, 20, 1 << 20])))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_found_is_what_meets_the_condition(condition in condition(), (part, how) in reading(), only: bool) {
        let tree = Tree::delivered(&EVENTS, part);
        let history = found(&tree, vec![search(&condition, &["eventID"])], only, how);
        let table = &history.searched[0];
        let ids = table.rows.iter().map(|row| row.cells[0].clone()).collect::<Vec<_>>();
        let expected: Vec<_> = ONCE.values().filter(|copies| copies.iter().any(|copy| is_met(&condition, copy))).collect();
        prop_assert_eq!(ids.len(), expected.len());
        prop_assert_eq!(table.matched, u64::try_from(expected.len()).unwrap());
        let ids: BTreeSet<String> = ids.iter().map(Value::to_string).collect();
        let expected: BTreeSet<String> = expected.iter().map(|copies| copies[0]["eventID"].to_string()).collect();
        prop_assert_eq!(ids, expected);
        if only {
            prop_assert_eq!(history.coverage.records.events, table.matched);
        }
    }

    #[test]
    fn tables_are_the_same_however_the_archive_is_read(condition in condition(), (part, how) in reading(), limit in 0..20_usize) {
        let columns = ["eventTime", "eventName", "principal", "action", "resource", "outcome", "network", "session"];
        let rows = search(&condition, &columns);
        let best = Search { limit: Some(limit), order: vec![(1, true), (2, false)], ..rows.clone() };
        let all = Search { order: best.order.clone(), ..rows.clone() };
        let mut groups = search(&condition, &["eventName", "count", "first", "last", "distinct(resource)", "top(principal)"]);
        groups.group_by = vec![trailwright::condition::Field::parse("eventName").unwrap()];
        groups.order = vec![(1, true)];
        let searches = vec![rows, best, all, groups];
        let told = |history: History| history.searched.into_iter().map(without_files).collect::<Vec<_>>();
        let usual = told(found(&Tree::delivered(&EVENTS, 1000), searches.clone(), true, (1, 1 << 20)));
        let now = told(found(&Tree::delivered(&EVENTS, part), searches, false, how));
        prop_assert_eq!(&now, &usual);
        let [rows, best, all, groups] = now.as_slice() else { unreachable!() };
        prop_assert_eq!(&best.rows[..], &all.rows[..limit.min(all.rows.len())]);
        prop_assert_eq!(best.matched, u64::try_from(best.rows.len()).unwrap() + best.left_out);
        let sum: u64 = groups.rows.iter().map(|row| row.cells[1].as_u64().unwrap()).sum();
        prop_assert_eq!(sum, rows.matched);
        prop_assert_eq!(groups.matched, rows.matched);
    }

    #[test]
    fn records_that_are_cut_out_are_read_back_as_the_same_events(condition in condition(), (part, (threads, ids)) in reading()) {
        let tree = Tree::delivered(&EVENTS, part);
        let columns = ["eventTime", "eventName", "principal", "action", "resource", "outcome"];
        let searches = vec![search(&condition, &columns)];
        let bounds = Bounds { ids_in_memory: ids, ..Bounds::default() };
        let options = ScanOptions { searches: searches.clone(), threads, bounds, only_searches: true, ..ScanOptions::default() };
        let before = scan_with(&[tree.path()], &options);
        let keeping = ScanOptions { keep_records: true, ..options };
        let records: Vec<String> =
            scan_with(&[tree.path()], &keeping).records.unwrap().map(|text| String::from_utf8(text.into()).unwrap()).collect();
        prop_assert!(records.iter().all(|record| EVENTS.contains(record)));
        let cut = Tree::new();
        cut.put("cut.json", &trail_file(&records));
        let after = found(&cut, searches, false, (1, 1 << 20));
        prop_assert_eq!(after.coverage.records.duplicates, 0);
        prop_assert_eq!(
            after.searched.into_iter().map(without_files).collect::<Vec<_>>(),
            before.searched.into_iter().map(without_files).collect::<Vec<_>>()
        );
    }
}

/// Where events stand differs with the files.
fn without_files(mut table: Table) -> Table {
    for row in &mut table.rows {
        row.evidence.iter_mut().for_each(|(file, record, _)| (*file, *record) = (String::new(), 0));
    }
    table
}
