//! Sessions: who, since when, from where, how much. Two searches of the same reading: all events of each, and those that
//! were denied.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::events::evidence;
use crate::condition::{Condition, ConditionError, Field};
use crate::runbook::query::Row;
use crate::search::{Column, Search, Table};

/// What tells sessions apart, and how it is called in a row.
const BY: [(&str, &str); 5] = [
    ("session", "session"),
    ("principal", "principal"),
    ("person", "person"),
    ("userIdentity.sessionContext.attributes.creationDate", "began"),
    ("account", "account"),
];

/// The searches that make the table.
pub fn searches() -> Result<[Search; 2], ConditionError> {
    let field = |name: &str| Field::parse(name).ok();
    let by: Vec<Field> = BY.iter().filter_map(|(name, _)| field(name)).collect();
    let mut columns: Vec<Column> = by.iter().cloned().map(Column::Field).collect();
    columns.extend([Column::Count, Column::First, Column::Last]);
    columns.extend(field("action").map(Column::Distinct));
    columns.extend(field("sourceIPAddress").map(Column::Top));
    let all = Search { condition: None, columns, group_by: by, order: Vec::new(), limit: None };
    let is_denied = Condition::from_value(&json!({"outcome": "denied"}))?;
    Ok([all.clone(), Search { condition: Some(is_denied), ..all }])
}

/// The rows that what was found makes.
pub fn rows(all: &Table, denied: &Table) -> Vec<Row> {
    let key = |cells: &[Value]| Value::Array(cells.iter().take(BY.len()).cloned().collect()).to_string();
    let denied: BTreeMap<String, Value> =
        denied.rows.iter().map(|row| (key(&row.cells), row.cells.get(BY.len()).cloned().unwrap_or_default())).collect();
    let mut rows: Vec<Row> = all
        .rows
        .iter()
        .map(|found| {
            let named = BY.iter().zip(&found.cells).map(|((_, name), value)| ((*name).to_owned(), value.clone()));
            let named: BTreeMap<String, Value> = named.collect();
            let of = |name: &str| named.get(name).cloned().unwrap_or_default();
            let worked_out = |at: usize| found.cells.get(BY.len() + at).cloned().unwrap_or_default();
            let cells = [
                ("principal", of("principal")),
                ("person", of("person")),
                ("session", of("session")),
                ("began", of("began")),
                ("account", of("account")),
                ("events", worked_out(0)),
                ("denied", denied.get(&key(&found.cells)).cloned().unwrap_or_else(|| 0.into())),
                ("actions", worked_out(3)),
                ("first", worked_out(1)),
                ("last", worked_out(2)),
                ("addresses", worked_out(4)),
            ];
            let cells: Map<String, Value> = cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            Row { cells, evidence: found.evidence.iter().map(evidence).collect() }
        })
        .collect();
    let order = |row: &Row| {
        let text = |name: &str| row.cells.get(name).map(ToString::to_string).unwrap_or_default();
        (text("principal"), text("first"), text("session"))
    };
    rows.sort_by_cached_key(order);
    rows
}
