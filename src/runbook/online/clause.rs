//! `where`, `not` and `having` as a tree, with inputs filled in: what every engine writes in its own words.

use rsigma_parser::{Modifier, SigmaString, parse_field_spec};
use serde_json::Value;

use super::asked::{Asked, Filled};
use super::table::instead;

/// A condition.
#[derive(Clone, Debug)]
pub(super) enum Clause {
    All(Vec<Clause>),
    Any(Vec<Clause>),
    Not(Box<Clause>),
    Test(Test),
    /// What cannot be read, with why.
    Unread(String),
}

/// One question about one field.
#[derive(Clone, Debug)]
pub(super) struct Test {
    /// None where any text of a record is meant.
    pub(super) field: Option<String>,
    pub(super) how: How,
    /// Whether each value has to be there, not only one.
    pub(super) all: bool,
    pub(super) cased: bool,
    pub(super) values: Vec<Operand>,
}

/// How values are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum How {
    Is,
    Contains,
    Starts,
    Ends,
    /// With its flags.
    Regex(String),
    Network,
    /// `<`, `<=`, `>` or `>=`.
    Compared(&'static str),
    Exists,
    SameAs,
}

/// What a field is compared with.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    /// With the wildcards of Sigma.
    Text(SigmaString),
    /// A text in which an input stands as `<name>`.
    Open(String),
    /// All values of a column of an earlier step.
    Column(String, String),
}

impl Test {
    /// What to do where it cannot be asked.
    pub(super) fn instead(&self, field: &str) -> String {
        let from_step = self.values.iter().find_map(|value| match value {
            Operand::Column(step, column) => Some(format!("run the step {step} first and put its {column} in")),
            _ => None,
        });
        from_step.unwrap_or_else(|| instead(field).to_owned())
    }
}

/// Deepest nesting.
const DEEPEST: usize = 32;

/// What a step asks of its rows.
pub(super) fn of(wanted: Option<&Value>, except: Option<&Value>, asked: &Asked<'_>) -> Option<Clause> {
    let wanted = wanted.and_then(|value| read(value, asked, 0));
    let except = except.and_then(|value| read(value, asked, 0)).map(|clause| Clause::Not(Box::new(clause)));
    let wanted = match wanted {
        Some(Clause::All(parts)) => parts,
        wanted => wanted.into_iter().collect(),
    };
    joined(wanted.into_iter().chain(except).collect(), Clause::All)
}

fn joined(mut parts: Vec<Clause>, join: impl Fn(Vec<Clause>) -> Clause) -> Option<Clause> {
    if parts.len() > 1 { Some(join(parts)) } else { parts.pop() }
}

fn read(value: &Value, asked: &Asked<'_>, depth: usize) -> Option<Clause> {
    if depth > DEEPEST {
        return Some(Clause::Unread("it is nested too deep".to_owned()));
    }
    match value {
        Value::Object(map) => {
            let parts = map.iter().filter_map(|(key, value)| match key.as_str() {
                "not" => read(value, asked, depth + 1).map(|clause| Clause::Not(Box::new(clause))),
                key => test(key, value, asked),
            });
            joined(parts.collect(), Clause::All)
        }
        Value::Array(list) if list.iter().any(|one| one.is_object() || one.is_array()) => {
            joined(list.iter().filter_map(|one| read(one, asked, depth + 1)).collect(), Clause::Any)
        }
        keywords => test("|contains", keywords, asked),
    }
}

/// `field|modifier: value`. Nothing where it asks for an input that is left out.
fn test(key: &str, value: &Value, asked: &Asked<'_>) -> Option<Clause> {
    let Ok(spec) = parse_field_spec(key) else {
        return Some(Clause::Unread(format!("`{key}` has a modifier that nobody knows")));
    };
    let mut test = Test { field: spec.name, how: How::Is, all: false, cased: false, values: Vec::new() };
    let (mut flags, mut is_not) = (String::new(), false);
    for modifier in spec.modifiers {
        match modifier {
            Modifier::Contains => test.how = How::Contains,
            Modifier::StartsWith => test.how = How::Starts,
            Modifier::EndsWith => test.how = How::Ends,
            Modifier::Re => test.how = How::Regex(String::new()),
            Modifier::Cidr => test.how = How::Network,
            Modifier::Exists => test.how = How::Exists,
            Modifier::FieldRef => test.how = How::SameAs,
            Modifier::Lt => test.how = How::Compared("<"),
            Modifier::Lte => test.how = How::Compared("<="),
            Modifier::Gt => test.how = How::Compared(">"),
            Modifier::Gte => test.how = How::Compared(">="),
            Modifier::All => test.all = true,
            Modifier::Cased => test.cased = true,
            Modifier::Neq => is_not = true,
            Modifier::IgnoreCase => flags.push('i'),
            Modifier::Multiline => flags.push('m'),
            Modifier::DotAll => flags.push('s'),
            _ => return Some(Clause::Unread(format!("`{key}` has a modifier that runbooks do not know"))),
        }
    }
    if let How::Regex(own) = &mut test.how {
        *own = flags;
    }
    let values = match value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    for value in values {
        match asked.fill(value, test.how == How::Is)? {
            Filled::Values(filled) => test.values.extend(filled.iter().map(|value| operand(value, &test.how))),
            Filled::Open(text) => test.values.push(Operand::Open(text)),
            Filled::Column(step, column) => test.values.push(Operand::Column(step, column)),
        }
    }
    let clause = Clause::Test(test);
    Some(if is_not { Clause::Not(Box::new(clause)) } else { clause })
}

fn operand(value: &Value, how: &How) -> Operand {
    match value {
        Value::Null => Operand::Null,
        Value::Bool(truth) => Operand::Bool(*truth),
        Value::Number(number) => Operand::Number(number.clone()),
        // These know no wildcards.
        Value::String(text) if matches!(how, How::Regex(_) | How::Network | How::SameAs) => {
            Operand::Text(SigmaString::from_raw(text))
        }
        Value::String(text) => Operand::Text(SigmaString::new(text)),
        other => Operand::Text(SigmaString::from_raw(&other.to_string())),
    }
}

/// The fields a condition asks for.
pub(super) fn fields(clause: Option<&Clause>) -> impl Iterator<Item = &str> {
    let mut found = Vec::new();
    let mut left: Vec<&Clause> = clause.into_iter().collect();
    while let Some(clause) = left.pop() {
        match clause {
            Clause::All(parts) | Clause::Any(parts) => left.extend(parts),
            Clause::Not(part) => left.push(part),
            Clause::Test(test) => found.extend(test.field.as_deref()),
            Clause::Unread(_) => {}
        }
    }
    found.into_iter()
}
