//! Rows put together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Row;
use crate::report::EvidenceRow;
use crate::runbook::tables::What;

/// Events that are named as evidence of a group.
const EVIDENCE: usize = 3;
/// Values that `top` tells.
const TOP: usize = 5;

#[derive(Default)]
struct Group {
    values: Vec<Value>,
    count: u64,
    rows: u64,
    first: Option<String>,
    last: Option<String>,
    /// How often each value of what is worked out occurred.
    seen: Vec<BTreeMap<String, (Value, u64)>>,
    evidence: BTreeSet<(String, u64, String)>,
}

/// Groups of rows with the same values, in the order of these. A row that stands for several events counts as so many.
pub fn of(rows: impl Iterator<Item = Row>, group_by: &[String], worked_out: &[What]) -> Vec<Row> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for row in rows {
        let value = |column: &String| row.cells.get(column).cloned().unwrap_or_default();
        let values: Vec<Value> = group_by.iter().map(value).collect();
        let group = groups.entry(Value::Array(values.clone()).to_string()).or_default();
        group.values = values;
        group.add(row, worked_out);
    }
    groups.into_values().map(|group| group.row(group_by, worked_out)).collect()
}

impl Group {
    fn add(&mut self, row: Row, worked_out: &[What]) {
        let text = |names: [&str; 2]| {
            names.iter().find_map(|name| row.cells.get(*name)).and_then(Value::as_str).map(str::to_owned)
        };
        let count = ["count", "events"].iter().find_map(|name| row.cells.get(*name)).and_then(Value::as_u64);
        let count = count.unwrap_or(1);
        self.count += count;
        self.rows += 1;
        if let Some(first) = text(["first", "eventTime"]) {
            self.first = Some(self.first.take().map_or(first.clone(), |before| before.min(first)));
        }
        self.last = self.last.take().max(text(["last", "eventTime"]));
        self.seen.resize_with(worked_out.len(), BTreeMap::new);
        for (seen, what) in self.seen.iter_mut().zip(worked_out) {
            let values = match row.cells.get(what.field()) {
                None | Some(Value::Null) => &[],
                Some(Value::Array(values)) => values.as_slice(),
                Some(one) => std::slice::from_ref(one),
            };
            for value in values {
                seen.entry(value.to_string()).or_insert_with(|| (value.clone(), 0)).1 += count;
            }
        }
        self.evidence.extend(row.evidence.into_iter().map(|one| (one.file, one.record, one.event_id)));
        while self.evidence.len() > EVIDENCE {
            self.evidence.pop_last();
        }
    }

    fn row(self, group_by: &[String], worked_out: &[What]) -> Row {
        let mut cells: Map<String, Value> = group_by.iter().cloned().zip(self.values).collect();
        cells.insert("count".to_owned(), self.count.into());
        cells.insert("first".to_owned(), self.first.into());
        cells.insert("last".to_owned(), self.last.into());
        cells.insert("rows".to_owned(), self.rows.into());
        for (seen, what) in self.seen.into_iter().zip(worked_out) {
            let value = match what {
                What::Top(_) => top(seen),
                _ => seen.len().into(),
            };
            cells.insert(what.to_string(), value);
        }
        let evidence = self.evidence.into_iter();
        let evidence = evidence.map(|(file, record, event_id)| EvidenceRow { file, record, event_id, content: None });
        Row { cells, evidence: evidence.collect() }
    }
}

/// The most frequent values, the most frequent first.
fn top(seen: BTreeMap<String, (Value, u64)>) -> Value {
    let mut all: Vec<(Reverse<u64>, String, Value)> =
        seen.into_iter().map(|(text, (value, count))| (Reverse(count), text, value)).collect();
    all.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    Value::Array(all.into_iter().take(TOP).map(|(.., value)| value).collect())
}
