//! What a step asks of events, as a search of the one reading of the archive, and what is left to ask of its rows.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::What;
use crate::condition::{Condition, ConditionError, Field};
use crate::report::EvidenceRow;
use crate::runbook::fill::{Given, asks_steps};
use crate::runbook::model::Step;
use crate::runbook::query::{Query, Row, Rows, filled};
use crate::runbook::tables::DEFAULT_FIELDS;
use crate::search::{Column, Found, Search, Table};

/// A step's question to events.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Asked while the archive is read.
    pub search: Search,
    /// Names of the columns that come out of the search.
    names: Vec<String>,
    /// What depends on earlier steps, and is asked of the rows.
    left: (Option<Value>, Option<Value>),
    /// Whether rows are put together while the archive is read.
    is_grouped: bool,
}

impl Asked {
    /// Splits a step's question.
    pub fn of(step: &Step, given: &Given) -> Result<Self, ConditionError> {
        let (now, later) = split(step.condition.as_ref());
        let (except_now, except_later) = match &step.except {
            Some(except) if asks_steps(except) => (None, Some(except.clone())),
            except => (except.clone(), None),
        };
        let mut conditions = Vec::new();
        for (value, is_except) in [(now, false), (except_now, true)] {
            let Some(value) = value else { continue };
            conditions.extend(filled(given.condition(&value), Condition::from_value, is_except)?);
        }
        let query = Query::shown(step);
        let left = (later, except_later);
        let is_grouped = !query.group_by.is_empty() && left == (None, None);
        let mut names = Vec::new();
        let mut columns = Vec::new();
        let mut order = Vec::new();
        let mut limit = None;
        if is_grouped {
            for name in &query.group_by {
                add(name, &mut names, &mut columns);
            }
            for (name, column) in [("count", Column::Count), ("first", Column::First), ("last", Column::Last)] {
                names.push(name.to_owned());
                columns.push(column);
            }
            for what in query.worked_out() {
                let Ok(field) = Field::parse(what.field()) else { continue };
                names.push(what.to_string());
                columns.push(match what {
                    What::Top(_) => Column::Top(field),
                    _ => Column::Distinct(field),
                });
            }
        } else {
            let mut needed: Vec<String> = query.select.iter().map(|one| one.what.field().to_owned()).collect();
            if needed.is_empty() && query.group_by.is_empty() {
                needed = DEFAULT_FIELDS.map(str::to_owned).to_vec();
            }
            needed.extend(query.group_by.iter().cloned());
            needed.extend(query.order_by.iter().map(|(name, _)| query.source(name)));
            needed.extend(left.0.iter().chain(&left.1).flat_map(fields));
            needed.push("eventTime".to_owned());
            needed.iter().for_each(|name| add(name, &mut names, &mut columns));
            if query.group_by.is_empty() && left == (None, None) {
                limit = query.limit;
                let place = |name: &str| names.iter().position(|known| known == name);
                let by = |(name, is_descending): &(String, bool)| Some((place(&query.source(name))?, *is_descending));
                order = query.order_by.iter().filter_map(by).collect();
            }
        }
        let group_by = if is_grouped { query.group_by.as_slice() } else { &[] };
        let search = Search {
            condition: (!conditions.is_empty()).then(|| Condition::all(conditions)),
            columns,
            group_by: group_by.iter().filter_map(|name| Field::parse(name).ok()).collect(),
            order,
            limit,
        };
        Ok(Self { search, names, left, is_grouped })
    }

    /// Asks what is left of what the search found.
    pub fn answer(&self, step: &Step, found: &Table, given: &Given) -> Result<Rows, ConditionError> {
        let rest = Step { condition: self.left.0.clone(), except: self.left.1.clone(), ..step.clone() };
        let query = Query::of(&rest, given, &self.names, false)?;
        let rows = found.rows.iter().map(|row| self.row(row));
        let shown = DEFAULT_FIELDS.map(str::to_owned);
        let mut rows = if self.is_grouped { query.finish(rows.collect(), &shown) } else { query.run(rows, &shown) };
        if !self.is_grouped {
            rows.left_out += found.left_out;
        }
        Ok(rows)
    }

    fn row(&self, found: &Found) -> Row {
        let cells: Map<String, Value> = self.names.iter().cloned().zip(found.cells.iter().cloned()).collect();
        Row { cells, evidence: found.evidence.iter().map(evidence).collect() }
    }
}

/// Where an event stands, as reports have it.
pub(super) fn evidence((file, record, event_id): &(String, u64, String)) -> EvidenceRow {
    EvidenceRow { file: file.clone(), record: *record, event_id: event_id.clone(), content: None }
}

fn add(name: &str, names: &mut Vec<String>, columns: &mut Vec<Column>) {
    if !names.iter().any(|known| known == name)
        && let Ok(field) = Field::parse(name)
    {
        names.push(name.to_owned());
        columns.push(Column::Field(field));
    }
}

/// What of a condition can be asked at once, and what has to wait for earlier steps.
fn split(condition: Option<&Value>) -> (Option<Value>, Option<Value>) {
    let Some(condition) = condition else { return (None, None) };
    let Value::Object(tests) = condition else {
        return if asks_steps(condition) { (None, Some(condition.clone())) } else { (Some(condition.clone()), None) };
    };
    let (later, now): (Map<_, _>, Map<_, _>) = tests.clone().into_iter().partition(|(_, wanted)| asks_steps(wanted));
    let some = |tests: Map<String, Value>| (!tests.is_empty()).then_some(Value::Object(tests));
    (some(now), some(later))
}

/// Fields that a condition asks for.
fn fields(condition: &Value) -> BTreeSet<String> {
    match condition {
        Value::Array(parts) => parts.iter().flat_map(fields).collect(),
        Value::Object(tests) => {
            let of = |(key, wanted): (&String, &Value)| match key.as_str() {
                "not" => fields(wanted),
                key => BTreeSet::from([key.split('|').next().unwrap_or_default().to_owned()]),
            };
            tests.iter().flat_map(of).collect()
        }
        _ => BTreeSet::new(),
    }
}
