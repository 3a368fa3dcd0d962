//! What a step asks of rows: which, put together by what, in which order, how many, and what of them is shown. The same for
//! every table; rows of events may be put together while they are read already.

mod group;
mod order;

use serde_json::{Map, Value};

use super::fill::{Filled, Given};
use super::model::Step;
use super::tables::{Selected, What};
use crate::condition::{self, Answer, Condition, ConditionError};
use crate::report::EvidenceRow;

pub use group::of as put_together;
pub use order::compare;

/// A row: its values by column, and where a few of the events it rests on stand.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// By the names of columns.
    pub cells: Map<String, Value>,
    /// Files, records, event ids.
    pub evidence: Vec<EvidenceRow>,
}

/// Rows that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// In the order in which they are shown.
    pub columns: Vec<String>,
    /// In order.
    pub rows: Vec<Row>,
    /// Rows beyond the limit.
    pub left_out: u64,
}

/// What is asked, with everything put in.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which rows; all where nothing is said.
    pub wanted: Vec<Condition>,
    /// By what they are put together.
    pub group_by: Vec<String>,
    /// Which groups.
    pub having: Vec<Condition>,
    /// What is shown; everything there is where nothing is said.
    pub select: Vec<Selected>,
    /// By which columns rows are sorted, and whether the greatest come first.
    pub order_by: Vec<(String, bool)>,
    /// Rows at most.
    pub limit: Option<usize>,
}

impl Query {
    /// What a step asks of rows with these columns. Which of them is not asked where that was asked already.
    pub fn of(step: &Step, given: &Given, columns: &[String], is_asked: bool) -> Result<Self, ConditionError> {
        let mut query = Self::shown(step);
        if !is_asked {
            query.wanted = conditions(step.condition.as_ref(), step.except.as_ref(), given, columns)?;
        }
        if !step.group_by.is_empty() {
            query.having = conditions(step.having.as_ref(), None, given, &query.of_groups())?;
        }
        Ok(query)
    }

    /// What of it does not depend on what is put in.
    pub fn shown(step: &Step) -> Self {
        let order = |text: &String| match text.strip_prefix('-') {
            Some(column) => (column.to_owned(), true),
            None => (text.clone(), false),
        };
        Self {
            group_by: step.group_by.clone(),
            select: step.select.iter().map(|text| Selected::parse(text)).collect(),
            order_by: step.order_by.iter().map(order).collect(),
            limit: step.limit,
            ..Self::default()
        }
    }

    /// What is worked out of each group besides how often and when.
    pub fn worked_out(&self) -> Vec<What> {
        let of_group = |one: &Selected| matches!(one.what, What::Distinct(_) | What::Top(_));
        self.select.iter().filter(|one| of_group(one)).map(|one| one.what.clone()).collect()
    }

    /// Columns of a group, shown or not.
    pub fn of_groups(&self) -> Vec<String> {
        let mut columns = self.group_by.clone();
        columns.extend(["count", "first", "last", "rows"].map(str::to_owned));
        columns.extend(self.worked_out().iter().map(ToString::to_string));
        columns
    }

    /// Asks.
    pub fn run(&self, rows: impl Iterator<Item = Row>, columns: &[String]) -> Rows {
        let wanted = rows.filter(|row| holds(&self.wanted, row));
        if self.group_by.is_empty() {
            return self.finish(wanted.collect(), columns);
        }
        let groups = put_together(wanted, &self.group_by, &self.worked_out());
        self.finish(groups, columns)
    }

    /// Asks what is left to ask of groups, or of rows that are meant.
    pub fn finish(&self, mut rows: Vec<Row>, columns: &[String]) -> Rows {
        rows.retain(|row| holds(&self.having, row));
        let columns = self.columns(columns);
        let source = |name: &str| self.source(name);
        let order: Vec<(String, bool)> =
            self.order_by.iter().map(|(name, is_descending)| (source(name), *is_descending)).collect();
        rows.sort_by(|a, b| order::by(&order, &a.cells, &b.cells));
        let left_out = rows.len().saturating_sub(self.limit.unwrap_or(usize::MAX)) as u64;
        rows.truncate(self.limit.unwrap_or(usize::MAX));
        for row in &mut rows {
            let cells = columns.iter().map(|column| {
                let value = row.cells.get(&source(column)).cloned().unwrap_or_default();
                (column.clone(), value)
            });
            row.cells = cells.collect();
        }
        Rows { columns, rows, left_out }
    }

    /// What a column is under its own name: it may be sorted by under a new one.
    pub fn source(&self, name: &str) -> String {
        let renamed = self.select.iter().find(|one| one.name == name);
        renamed.map_or_else(|| name.to_owned(), |one| one.what.to_string())
    }

    /// Columns that are shown.
    fn columns(&self, from: &[String]) -> Vec<String> {
        if !self.select.is_empty() {
            return self.select.iter().map(|one| one.name.clone()).collect();
        }
        if self.group_by.is_empty() {
            return from.to_vec();
        }
        self.group_by.iter().cloned().chain(["count", "first", "last"].map(str::to_owned)).collect()
    }
}

fn holds(conditions: &[Condition], row: &Row) -> bool {
    conditions.iter().all(|one| one.ask(&condition::Row(&row.cells)) == Answer::Yes)
}

/// The conditions of `where` and `not` on rows.
fn conditions(
    wanted: Option<&Value>,
    except: Option<&Value>,
    given: &Given,
    columns: &[String],
) -> Result<Vec<Condition>, ConditionError> {
    let mut all = Vec::new();
    for (value, is_except) in [(wanted, false), (except, true)] {
        let Some(value) = value else { continue };
        if let Some(condition) = filled(given.condition(value), |value| Condition::of_rows(value, columns), is_except)?
        {
            all.push(condition);
        }
    }
    Ok(all)
}

/// A condition that was filled in; nothing where nothing is left to ask.
pub fn filled(
    filled: Filled,
    compile: impl FnOnce(&Value) -> Result<Condition, ConditionError>,
    is_except: bool,
) -> Result<Option<Condition>, ConditionError> {
    match filled {
        Filled::Always => Ok(None),
        Filled::Never if is_except => Ok(None),
        // An empty list is met by nothing.
        Filled::Never => compile(&Value::Array(Vec::new())).map(Some),
        Filled::Asks(value) => {
            let condition = compile(&value)?;
            Ok(Some(if is_except { condition.negated() } else { condition }))
        }
    }
}
