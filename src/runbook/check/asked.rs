//! Whether what a step asks is there: fields, modifiers, columns, inputs and earlier steps, by their names.

use serde_json::{Map, Value};

use super::shape::kind_of;
use super::steps::{Known, input};
use super::{At, Part, Wrong};
use crate::condition::{Condition, Field, MODIFIERS, did_you_mean};
use crate::runbook::fill::{Piece, pieces};
use crate::runbook::model::Step;
use crate::runbook::tables::{Selected, What};

/// A step and what it asks.
pub(super) struct Asked<'a> {
    /// Its place among the steps.
    pub(super) at: usize,
    pub(super) step: &'a Step,
    /// Columns of the rows that it asks.
    pub(super) from: &'a [String],
    /// Whether these are events, whose fields are more than the columns that are usually shown.
    pub(super) is_events: bool,
}

/// Columns that groups have.
const OF_GROUPS: [&str; 4] = ["count", "first", "last", "rows"];

/// Looks at what is asked; gives the columns that come out.
pub(super) fn look(asked: Asked<'_>, known: &mut Known<'_>, wrong: &mut Wrong<'_>) -> Vec<String> {
    let Asked { at, step, .. } = asked;
    let way = |field: &str| vec![At::from("steps"), at.into(), field.into()];
    let names = if asked.is_events { Names::Events } else { Names::Columns(asked.from) };
    let is_field = |name: &str| names.problem(name);
    for (field, condition) in [("where", &step.condition), ("not", &step.except)] {
        if let Some(condition) = condition {
            tests(condition, &mut way(field), names, known, wrong);
        }
    }
    let mut name = |field: &str, item: usize, problem: Option<String>| {
        if let Some(problem) = problem {
            let mut way = way(field);
            way.push(item.into());
            wrong.add(&way, Part::Value, problem);
        }
    };
    for (item, group) in step.group_by.iter().enumerate() {
        name("group_by", item, is_field(group));
    }
    let is_grouped = !step.group_by.is_empty();
    let mut columns = Vec::new();
    for (item, text) in step.select.iter().enumerate() {
        let Selected { what, name: column } = Selected::parse(text);
        let problem = match &what {
            What::Distinct(field) | What::Top(field) if is_grouped => is_field(field),
            What::Distinct(_) | What::Top(_) => Some(format!("`{what}` is of a group; say by what with `group_by`")),
            What::Field(field) if is_grouped => {
                let names = || step.group_by.iter().map(String::as_str).chain(OF_GROUPS);
                (!names().any(|name| name == field)).then(|| {
                    let hint = did_you_mean(field, names());
                    format!("`{field}` is not among what rows are grouped by, nor count, first, last, rows, distinct(…) or top(…){hint}")
                })
            }
            What::Field(field) => is_field(field),
        };
        name("select", item, problem);
        if columns.contains(&column) {
            name("select", item, Some(format!("the column `{column}` is there twice; rename one with ` as NAME`")));
        }
        columns.push(column);
    }
    if step.select.is_empty() {
        columns = if is_grouped {
            let groups = step.group_by.iter().cloned();
            groups.chain(["count", "first", "last"].map(str::to_owned)).collect()
        } else {
            asked.from.to_vec()
        };
    }
    let mut sortable = columns.clone();
    if is_grouped {
        sortable.extend(OF_GROUPS.map(str::to_owned));
        sortable.extend(step.group_by.iter().cloned());
    }
    let is_column = |name: &str| no_column(name, sortable.iter().map(String::as_str));
    for (item, text) in step.order_by.iter().enumerate() {
        let field = text.strip_prefix('-').unwrap_or(text);
        let problem =
            if is_grouped || sortable.iter().any(|name| name == field) { is_column(field) } else { is_field(field) };
        name("order_by", item, problem);
    }
    if let Some(having) = &step.having {
        if is_grouped {
            tests(having, &mut way("having"), Names::Columns(&sortable), known, wrong);
        } else {
            wrong.add(
                &way("having"),
                Part::Name,
                "`having` is about groups; say by what with `group_by`, or use `where`",
            );
        }
    }
    columns
}

/// What can be asked for.
#[derive(Clone, Copy)]
enum Names<'n> {
    /// Fields of events.
    Events,
    /// Columns of rows.
    Columns(&'n [String]),
}

impl Names<'_> {
    /// What is wrong with the name of a field or column.
    fn problem(self, name: &str) -> Option<String> {
        match self {
            Self::Events => Field::parse(name).err().map(|error| error.to_string()),
            Self::Columns(columns) => {
                let outer = name.split_once('.').map_or(name, |(outer, _)| outer);
                let names = || columns.iter().map(String::as_str);
                no_column(name, names()).filter(|_| no_column(outer, names()).is_some())
            }
        }
    }

    /// Why a test cannot be asked, though its field is there: such as a word that the field never is.
    fn refusal(self, key: &str, wanted: &Value) -> Option<String> {
        let test = Value::Object(Map::from_iter([(key.to_owned(), wanted.clone())]));
        let compiled = match self {
            Self::Events => Condition::from_value(&test),
            Self::Columns(columns) => Condition::of_rows(&test, columns),
        };
        compiled.err().map(|error| error.message)
    }
}

fn no_column<'n>(name: &str, names: impl Iterator<Item = &'n str> + Clone) -> Option<String> {
    if names.clone().any(|known| known == name) {
        return None;
    }
    let hint = did_you_mean(name, names.clone());
    let hint = if hint.is_empty() { format!("; there are {}", names.collect::<Vec<_>>().join(", ")) } else { hint };
    Some(format!("there is no column `{name}`{hint}"))
}

/// Looks at a condition, test by test.
fn tests(condition: &Value, way: &mut Vec<At>, names: Names<'_>, known: &mut Known<'_>, wrong: &mut Wrong<'_>) {
    match condition {
        Value::Array(parts) => {
            if parts.is_empty() {
                wrong.add(way, Part::Value, "this list is empty; it would never hold");
            }
            for (item, part) in parts.iter().enumerate() {
                way.push(item.into());
                tests(part, way, names, known, wrong);
                way.pop();
            }
        }
        Value::Object(members) => {
            if members.is_empty() {
                wrong.add(way, Part::Value, "this asks for nothing; leave it out");
            }
            all(members, way, names, known, wrong);
        }
        other => {
            let message =
                format!("a condition is lines of `field: value` or a list of such maps, not {}", kind_of(other));
            wrong.add(way, Part::Value, message);
        }
    }
}

fn all(
    members: &Map<String, Value>,
    way: &mut Vec<At>,
    names: Names<'_>,
    known: &mut Known<'_>,
    wrong: &mut Wrong<'_>,
) {
    for (key, wanted) in members {
        way.push(key.as_str().into());
        if key == "not" {
            tests(wanted, way, names, known, wrong);
            way.pop();
            continue;
        }
        let before = wrong.count();
        let mut parts = key.split('|');
        if let Some(problem) = names.problem(parts.next().unwrap_or_default()) {
            wrong.add(way, Part::Name, problem);
        }
        for modifier in parts.filter(|modifier| !MODIFIERS.contains(modifier)) {
            let hint = did_you_mean(modifier, MODIFIERS.iter().copied());
            let hint = if hint.is_empty() { format!("; there are {}", MODIFIERS.join(", ")) } else { hint };
            wrong.add(way, Part::Name, format!("there is no modifier `{modifier}`{hint}"));
        }
        match wanted {
            Value::Array(values) if values.is_empty() => {
                wrong.add(way, Part::Value, format!("`{key}` asks for one of no values; it would never hold"));
            }
            Value::Array(values) => {
                for (item, value) in values.iter().enumerate() {
                    way.push(item.into());
                    one(value, way, known, wrong);
                    way.pop();
                }
            }
            value => one(value, way, known, wrong),
        }
        // What is put in is known only when it runs.
        if wrong.count() == before
            && !is_filled(wanted)
            && let Some(why) = names.refusal(key, wanted)
        {
            wrong.add(way, Part::Value, why);
        }
        way.pop();
    }
}

/// Whether something is put into a value before it is asked.
fn is_filled(wanted: &Value) -> bool {
    match wanted {
        Value::String(text) => text.contains("${"),
        Value::Array(values) => values.iter().any(is_filled),
        _ => false,
    }
}

/// Looks at one value.
fn one(value: &Value, way: &[At], known: &mut Known<'_>, wrong: &mut Wrong<'_>) {
    let text = match value {
        Value::String(text) => text,
        Value::Array(_) | Value::Object(_) => {
            let message = "a value is a text, a number, true, false or null, or a list of them; \
                           parts of a field have names with dots";
            return wrong.add(way, Part::Value, message);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => return,
    };
    let pieces = match pieces(text) {
        Ok(pieces) => pieces,
        Err(message) => {
            known.has_missed = true;
            return wrong.add(way, Part::Value, message);
        }
    };
    for piece in &pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Input(name) => input(way, name, known, wrong),
            Piece::Column(step, column) => match known.columns.get(step) {
                None => wrong.add(way, Part::Value, known.no_step(step)),
                Some(_) if pieces.len() > 1 => {
                    let message =
                        format!("`${{steps.{step}.{column}}}` stands for several values and has to stand alone");
                    wrong.add(way, Part::Value, message);
                }
                Some(columns) => {
                    if let Some(problem) = no_column(column, columns.iter().map(String::as_str)) {
                        wrong.add(way, Part::Value, problem);
                    }
                }
            },
        }
    }
}
