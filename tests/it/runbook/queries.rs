//! Queries over rows against asking them in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trailwright::report::EvidenceRow;
use trailwright::runbook::fill::Given;
use trailwright::runbook::model::Step;
use trailwright::runbook::query::{Query, Row};

/// A row: who, what (one or several, or nothing), how often, when.
#[derive(Clone, Debug)]
struct Plain {
    who: &'static str,
    what: Vec<&'static str>,
    count: u64,
    first: u32,
    last: u32,
}

fn plain() -> impl Strategy<Value = Plain> {
    let word = || prop::sample::select(vec!["a", "b*", "C", "d"]);
    (word(), prop::collection::btree_set(word(), 0..3), 1..5_u64, 0..50_u32, 0..50_u32).prop_map(
        |(who, what, count, one, other)| Plain {
            who,
            what: what.into_iter().collect(),
            count,
            first: one.min(other),
            last: one.max(other),
        },
    )
}

fn time(minute: u32) -> String {
    format!("2026-02-03T04:{minute:02}:00Z")
}

fn row(at: usize, plain: &Plain) -> Row {
    let what = match plain.what.as_slice() {
        [] => Value::Null,
        [one] => json!(one),
        several => json!(several),
    };
    let cells: Map<String, Value> = [
        ("who", json!(plain.who)),
        ("what", what),
        ("count", json!(plain.count)),
        ("first", json!(time(plain.first))),
        ("last", json!(time(plain.last))),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let event = EvidenceRow { file: "f".to_owned(), record: at as u64, event_id: format!("e{at}"), content: None };
    Row { cells, evidence: vec![event] }
}

fn columns() -> Vec<String> {
    ["who", "what", "count", "first", "last"].map(str::to_owned).to_vec()
}

fn ask(step: Value, rows: &[Plain]) -> (Vec<Value>, u64) {
    let mut whole = json!({"id": "s", "kind": "query", "title": "t", "from": "t"});
    whole.as_object_mut().unwrap().extend(step.as_object().unwrap().clone());
    let step: Step = serde_json::from_value(whole).unwrap();
    let query = Query::of(&step, &Given::default(), &columns(), false).unwrap();
    let found = query.run(rows.iter().enumerate().map(|(at, one)| row(at, one)), &columns());
    (found.rows.into_iter().map(|row| Value::Object(row.cells)).collect(), found.left_out)
}

/// Asks without any library: `who` is one of some words as they are, `count` is at least so much, `what` has not that word.
fn is_meant(plain: &Plain, who: &[&str], least: u64, without: &str) -> bool {
    let same = |word: &&str| word.eq_ignore_ascii_case(plain.who);
    who.iter().any(same) && plain.count >= least && !plain.what.iter().any(|word| word.eq_ignore_ascii_case(without))
}

proptest! {
    #[test]
    fn rows_are_found_as_asking_one_by_one_finds_them(
        rows in prop::collection::vec(plain(), 0..30),
        who in prop::collection::btree_set(prop::sample::select(vec!["a", "b*", "C", "x"]), 1..3),
        least in 1..5_u64,
        without in prop::sample::select(vec!["a", "d", "x"]),
        limit in 1..10_usize,
    ) {
        let who: Vec<&str> = who.into_iter().collect();
        let literal: Vec<String> = who.iter().map(|word| trailwright::condition::literal(word)).collect();
        let step = json!({
            "where": {"who": literal, "count|gte": least},
            "not": {"what": without},
            "select": ["who", "count as times"],
            "order_by": ["-times", "first"],
            "limit": limit,
        });
        let (found, left_out) = ask(step, &rows);
        let mut expected: Vec<&Plain> = rows.iter().filter(|row| is_meant(row, &who, least, without)).collect();
        expected.sort_by_key(|row| (u64::MAX - row.count, row.first));
        let all = expected.len();
        let expected: Vec<Value> =
            expected.into_iter().take(limit).map(|row| json!({"who": row.who, "times": row.count})).collect();
        prop_assert_eq!(left_out as usize, all - expected.len());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn groups_are_what_counting_by_hand_gives(
        rows in prop::collection::vec(plain(), 0..30),
        least in 1..8_u64,
    ) {
        let step = json!({
            "group_by": ["who"],
            "having": {"count|gte": least},
            "select": ["who", "count", "rows", "first", "last", "distinct(what)", "top(what)"],
            "order_by": ["-count", "who"],
        });
        let (found, _) = ask(step, &rows);
        let mut groups: BTreeMap<&str, Vec<&Plain>> = BTreeMap::new();
        for row in &rows {
            groups.entry(row.who).or_default().push(row);
        }
        let mut expected: Vec<(u64, &str, Value)> = Vec::new();
        for (who, rows) in groups {
            let count: u64 = rows.iter().map(|row| row.count).sum();
            if count < least {
                continue;
            }
            let different: BTreeSet<&str> = rows.iter().flat_map(|row| row.what.iter().copied()).collect();
            let often = |word: &str| -> u64 {
                rows.iter().filter(|row| row.what.contains(&word)).map(|row| row.count).sum()
            };
            let mut top: Vec<&str> = different.iter().copied().collect();
            top.sort_by_key(|word| (u64::MAX - often(word), json!(word).to_string()));
            expected.push((count, who, json!({
                "who": who,
                "count": count,
                "rows": rows.len(),
                "first": time(rows.iter().map(|row| row.first).min().unwrap()),
                "last": time(rows.iter().map(|row| row.last).max().unwrap()),
                "distinct(what)": different.len(),
                "top(what)": top,
            })));
        }
        expected.sort_by_key(|(count, who, _)| (u64::MAX - count, *who));
        let expected: Vec<Value> = expected.into_iter().map(|(.., row)| row).collect();
        prop_assert_eq!(found, expected);
    }
}
