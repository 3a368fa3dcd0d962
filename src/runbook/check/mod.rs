//! Whether a runbook can be run: every mistake, with where it stands and what was meant. `shape` asks whether it has
//! the form that the schema publishes, `steps` whether each step makes sense where it stands, `asked` whether what it
//! asks is there.

mod asked;
mod place;
mod shape;
mod steps;

use std::fmt;

use serde_json::Value;

use super::model::Runbook;
use super::{SCHEMA, kinds};
pub(crate) use place::{At, Part};
pub(super) use steps::LONGEST_GRANT;

/// Longest text of a runbook.
pub const LONGEST: usize = 1 << 20;

/// Something wrong with a runbook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// With line and column before it.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// The runbook in a text, or everything that is wrong with it, in the order in which it stands there.
pub fn read(text: &str) -> Result<Runbook, Vec<Problem>> {
    let at = |line, column, message| Problem { line, column, message };
    if text.len() > LONGEST {
        return Err(vec![at(1, 1, format!("this is longer than a runbook may be, {LONGEST} bytes"))]);
    }
    let value = value(text).map_err(|problem| vec![problem])?;
    let mut wrong = Wrong { text, problems: Vec::new() };
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    shape::look(&value, &schema, &schema, &mut Vec::new(), &mut wrong);
    kinds::look(&value, &mut wrong);
    // What has the form of one is looked at further, so that all mistakes are told at once.
    match serde_json::from_value::<Runbook>(value) {
        Ok(runbook) => {
            steps::look(&runbook, &mut wrong);
            if wrong.problems.is_empty() {
                return Ok(runbook);
            }
        }
        // The schema and the model say the same, as a test holds; this is for what the test does not think of.
        Err(error) if wrong.problems.is_empty() => wrong.add(&[], Part::Value, error.to_string()),
        Err(_) => {}
    }
    let mut problems = wrong.problems;
    problems.sort();
    problems.dedup();
    Err(problems)
}

/// The text as JSON has it.
fn value(text: &str) -> Result<Value, Problem> {
    // YAML's own type is read first: it refuses a key that is written twice.
    let read = yaml_serde::from_str::<yaml_serde::Value>(text);
    match read.map(|yaml| json(&yaml)) {
        Ok(Some(Value::Object(members))) => Ok(Value::Object(members)),
        Ok(_) => {
            let what =
                "this is no runbook; one is lines of `key: value`, as `trailwright runbook new NAME` writes them";
            Err(Problem { line: 1, column: 1, message: what.to_owned() })
        }
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |found| (found.line(), found.column()));
            Err(Problem { line, column, message: complaint(&error.to_string()) })
        }
    }
}

/// YAML as JSON, where that has a form for it: tags and keys that are no texts have none.
fn json(yaml: &yaml_serde::Value) -> Option<Value> {
    use yaml_serde::Value as Yaml;
    Some(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(*value),
        Yaml::Number(number) => serde_json::to_value(number).ok()?,
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(json).collect::<Option<_>>()?),
        Yaml::Mapping(members) => {
            let members = members.iter().map(|(key, value)| Some((name(key)?, json(value)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
        Yaml::Tagged(_) => return None,
    })
}

fn name(key: &yaml_serde::Value) -> Option<String> {
    match json(key)? {
        Value::String(name) => Some(name),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_)) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// What the reader of YAML complains about, in our words.
fn complaint(said: &str) -> String {
    let why = said.split(" at line ").next().unwrap_or(said);
    if let Some((_, key)) = why.split_once("duplicate entry with key ") {
        return format!("`{}` is written twice; of several values make a list", key.trim_matches('"'));
    }
    let shown = why.replace('"', "`").replace(['\n', '\r'], " ");
    match () {
        () if why.contains("did not find expected") || why.contains("not allowed in this context") => {
            "this is not YAML: a line is not indented as those around it, or a quote or bracket is missing".to_owned()
        }
        () => format!("this is not YAML: {shown}"),
    }
}

/// Where mistakes are gathered.
pub(super) struct Wrong<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

/// More mistakes than this help nobody.
const MOST: usize = 100;

impl Wrong<'_> {
    /// Adds one that is about what a way leads to.
    pub(super) fn add(&mut self, way: &[At], part: Part, message: impl Into<String>) {
        if self.problems.len() < MOST {
            let (line, column) = place::place(self.text, way, part);
            self.problems.push(Problem { line, column, message: message.into() });
        }
    }

    /// How many there are.
    fn count(&self) -> usize {
        self.problems.len()
    }
}
