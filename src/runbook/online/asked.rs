//! A runbook with what it was told: what stands in place of `${…}`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::runbook::fill::{Piece, pieces, principal};
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
    /// through for references again. `is_whole` where it is compared with all of a field, and not looked for inside.
    pub(super) fn fill(&self, value: &Value, is_whole: bool) -> Option<Filled> {
        let Value::String(text) = value else { return Some(Filled::Values(vec![value.clone()])) };
        // What looks like a reference and is none stays text.
        let parts = pieces(text).unwrap_or_else(|_| vec![Piece::Text(text)]);
        if let [Piece::Column(step, column)] = parts.as_slice() {
            return Some(Filled::Column((*step).to_owned(), (*column).to_owned()));
        }
        if let [Piece::Input(name)] = parts.as_slice() {
            return match self.input(name) {
                Some(Value::Null) => None,
                Some(Value::Array(values)) => Some(Filled::Values(values.clone())),
                Some(Value::String(list)) if self.kind(name) == Some(InputKind::List) => {
                    Some(Filled::Values(list.split(',').map(|one| Value::from(one.trim())).collect()))
                }
                Some(Value::String(one)) if is_whole && self.kind(name) == Some(InputKind::Principal) => {
                    Some(Filled::Values(principal(one)))
                }
                Some(value) => Some(Filled::Values(vec![value.clone()])),
                None => Some(Filled::Open(format!("<{name}>"))),
            };
        }
        let (mut filled, mut is_open) = (String::new(), false);
        for part in parts {
            match part {
                Piece::Text(text) => filled.push_str(text),
                Piece::Input(name) => match self.input(name) {
                    Some(Value::Null) => return None,
                    Some(Value::String(text)) => filled.push_str(text),
                    Some(value) => filled.push_str(&value.to_string()),
                    None => {
                        is_open = true;
                        filled.push_str(&format!("<{name}>"));
                    }
                },
                Piece::Column(step, column) => {
                    is_open = true;
                    filled.push_str(&format!("<{column} of {step}>"));
                }
            }
        }
        Some(if is_open { Filled::Open(filled) } else { Filled::Values(vec![filled.into()]) })
    }

    fn kind(&self, name: &str) -> Option<InputKind> {
        self.runbook.inputs.get(name).map(|input| input.kind)
    }

    /// A text as words for people.
    pub(super) fn words(&self, text: &str) -> String {
        match self.fill(&Value::from(text), false) {
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
