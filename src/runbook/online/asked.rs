//! A runbook with what it was told: what stands in place of `${…}`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::runbook::model::{InputKind, Runbook, Step};

/// A runbook and its inputs.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    /// The runbook.
    pub runbook: &'r Runbook,
    inputs: &'r BTreeMap<String, Value>,
}

/// A value of a runbook with its references followed.
pub(super) enum Filled {
    /// What it is. Several, where an input is a list.
    Values(Vec<Value>),
    /// A text in which an input that nobody gave stands as `<name>`.
    Open(String),
    /// All values of a column of an earlier step.
    Column(String, String),
}

enum Part<'t> {
    Text(&'t str),
    Input(&'t str),
    Column(&'t str, &'t str),
}

impl<'r> Asked<'r> {
    /// With the inputs that were given.
    pub fn new(runbook: &'r Runbook, inputs: &'r BTreeMap<String, Value>) -> Self {
        Self { runbook, inputs }
    }

    /// A step before another one, by its id.
    pub(super) fn step_before(&self, id: &str, step: &Step) -> Option<&'r Step> {
        let before = self.runbook.steps.iter().take_while(|other| other.id != step.id);
        before.into_iter().find(|other| other.id == id)
    }

    /// What an input is: given, or by default. Nothing where nobody said.
    fn input(&self, name: &str) -> Option<&'r Value> {
        let default = || self.runbook.inputs.get(name).and_then(|input| input.default.as_ref());
        self.inputs.get(name).or_else(default)
    }

    /// A value with its references followed. Nothing where an input is left out. What an input says is never looked
    /// through for references again.
    pub(super) fn fill(&self, value: &Value) -> Option<Filled> {
        let Value::String(text) = value else { return Some(Filled::Values(vec![value.clone()])) };
        let parts = parts(text);
        if let [Part::Column(step, column)] = parts.as_slice() {
            return Some(Filled::Column((*step).to_owned(), (*column).to_owned()));
        }
        if let [Part::Input(name)] = parts.as_slice() {
            return match self.input(name) {
                Some(Value::Null) => None,
                Some(Value::Array(values)) => Some(Filled::Values(values.clone())),
                Some(Value::String(list)) if self.is_list(name) => {
                    Some(Filled::Values(list.split(',').map(|one| Value::from(one.trim())).collect()))
                }
                Some(value) => Some(Filled::Values(vec![value.clone()])),
                None => Some(Filled::Open(format!("<{name}>"))),
            };
        }
        let (mut filled, mut is_open) = (String::new(), false);
        for part in parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Input(name) => match self.input(name) {
                    Some(Value::Null) => return None,
                    Some(Value::String(text)) => filled.push_str(text),
                    Some(value) => filled.push_str(&value.to_string()),
                    None => {
                        is_open = true;
                        filled.push_str(&format!("<{name}>"));
                    }
                },
                Part::Column(step, column) => {
                    is_open = true;
                    filled.push_str(&format!("<{column} of {step}>"));
                }
            }
        }
        Some(if is_open { Filled::Open(filled) } else { Filled::Values(vec![filled.into()]) })
    }

    fn is_list(&self, name: &str) -> bool {
        self.runbook.inputs.get(name).is_some_and(|input| input.kind == InputKind::List)
    }

    /// A text as words for people.
    pub(super) fn words(&self, text: &str) -> String {
        match self.fill(&Value::from(text)) {
            None => "nothing".to_owned(),
            Some(Filled::Open(text)) => text,
            Some(Filled::Column(step, column)) => format!("the {column} of the step {step}"),
            Some(Filled::Values(values)) => {
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                values.iter().map(text).collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// Cuts a text at its references. What looks like one and is none stays text.
fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(begin) = rest.get(from..).and_then(|tail| tail.find("${")).map(|at| from + at) {
        let reference = rest.get(begin + 2..).and_then(|tail| tail.split_once('}'));
        let part = reference.and_then(|(name, _)| match name.split_once('.')? {
            ("inputs", input) => Some(Part::Input(input)),
            ("steps", column) => column.split_once('.').map(|(step, column)| Part::Column(step, column)),
            _ => None,
        });
        let (Some(part), Some((_, behind))) = (part, reference) else {
            from = begin + 2;
            continue;
        };
        parts.extend(rest.get(..begin).filter(|before| !before.is_empty()).map(Part::Text));
        parts.push(part);
        (rest, from) = (behind, 0);
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}
