//! From Sigma's syntax, as the parser read it, to a condition.

use rsigma_parser::{ConditionExpr, Detection, DetectionItem, Detections, Quantifier, SigmaValue};

use super::matcher::{Matcher, Pattern, Place};
use super::modifiers::{Modifiers, text_matcher};
use super::test::{Check, Test};
use super::{Condition, Expression, Field, FieldError, Names, did_you_mean};

/// Why a condition cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong and what to do.
    pub message: String,
    /// What stands where it is wrong, to find its line: a key, and the text behind it or below.
    pub near: (String, String),
}

impl ConditionError {
    /// The line of a text in which it is wrong, from 1: where the key stands, and then where the text is.
    pub fn line_in(&self, text: &str) -> usize {
        let (key, behind) = &self.near;
        let find = |from: usize, what: &str| {
            let at = text.lines().skip(from).position(|line| !what.is_empty() && line.contains(what));
            at.map_or(from, |at| from + at)
        };
        find(find(0, key), behind) + 1
    }
}

pub(super) fn error(key: &str, message: impl Into<String>) -> ConditionError {
    error_at(key, "", message)
}

pub(super) fn error_at(key: &str, text: &str, message: impl Into<String>) -> ConditionError {
    ConditionError { message: message.into(), near: (key.to_owned(), text.to_owned()) }
}

/// Deepest nesting of a condition.
pub(super) const DEEPEST: usize = 64;

impl Condition {
    /// The condition of a rule.
    pub fn compile(detections: &Detections) -> Result<Self, ConditionError> {
        let all = detections.conditions.iter().map(|one| expression(one, detections, 0));
        // Several conditions are several ways to be met.
        let mut all = all.collect::<Result<Vec<_>, _>>()?;
        let expression = if all.len() == 1 { all.remove(0) } else { Expression::Any(all) };
        Ok(Self { expression })
    }
}

fn expression(condition: &ConditionExpr, detections: &Detections, depth: usize) -> Result<Expression, ConditionError> {
    if depth > DEEPEST {
        return Err(error("condition", "the condition is nested too deep"));
    }
    let of_all = |parts: &[ConditionExpr]| {
        parts.iter().map(|part| expression(part, detections, depth + 1)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        ConditionExpr::And(parts) => Expression::All(of_all(parts)?),
        ConditionExpr::Or(parts) => Expression::Any(of_all(parts)?),
        ConditionExpr::Not(part) => Expression::Not(Box::new(expression(part, detections, depth + 1)?)),
        ConditionExpr::Identifier(name) => match detections.named.get(name) {
            Some(named) => detection(name, named, depth + 1)?,
            None => {
                let hint = did_you_mean(name, detections.named.keys().map(String::as_str));
                return Err(error(
                    "condition",
                    format!("the condition asks for `{name}`, which is nowhere described{hint}"),
                ));
            }
        },
        ConditionExpr::Selector { quantifier, pattern } => {
            let mut names: Vec<&String> =
                detections.named.keys().filter(|name| pattern.matches_detection_name(name)).collect();
            names.sort_unstable();
            if names.is_empty() {
                return Err(error(
                    "condition",
                    format!("the condition asks for `{pattern}`, and nothing is called so"),
                ));
            }
            let parts = names.into_iter().filter_map(|name| Some((name, detections.named.get(name)?)));
            let parts = parts.map(|(name, named)| detection(name, named, depth + 1)).collect::<Result<Vec<_>, _>>()?;
            match quantifier {
                Quantifier::Count(0) => return Err(error("condition", format!("`0 of {pattern}` is always met"))),
                Quantifier::Any => Expression::Any(parts),
                Quantifier::All => Expression::All(parts),
                Quantifier::Count(count) => Expression::Some(usize::try_from(*count).unwrap_or(usize::MAX), parts),
            }
        }
    })
}

fn detection(name: &str, named: &Detection, depth: usize) -> Result<Expression, ConditionError> {
    if depth > DEEPEST {
        return Err(error(name, format!("`{name}` is nested too deep")));
    }
    let of_all =
        |parts: &[Detection]| parts.iter().map(|part| detection(name, part, depth + 1)).collect::<Result<Vec<_>, _>>();
    let parts = match named {
        Detection::AllOf(items) => items.iter().map(|one| item(one, Names::OfEvents)).collect::<Result<Vec<_>, _>>()?,
        Detection::AnyOf(parts) | Detection::And(parts) => of_all(parts)?,
        Detection::Keywords(values) => {
            let values = values.iter().filter(|value| **value != SigmaValue::Null);
            let keyword = |value| text_matcher(value, Place::Anywhere, false, name);
            let matchers = values.map(keyword).collect::<Result<Vec<_>, _>>()?;
            let is_empty = matchers.is_empty();
            let test = Test { field: Field::Anything, check: Check::OneOf(matchers) };
            if is_empty { Vec::new() } else { vec![Expression::Test(test)] }
        }
        Detection::ArrayMatch { field, .. } => {
            return Err(error(field, "blocks over the members of a list are not supported; a path goes through lists"));
        }
        Detection::Conditional { .. } => {
            return Err(error(name, format!("`{name}` has a condition inside, which is not supported")));
        }
    };
    // Nothing at all would be met by every call, or by none.
    if parts.is_empty() {
        return Err(error(name, format!("`{name}` is empty")));
    }
    Ok(if matches!(named, Detection::AnyOf(_)) { Expression::Any(parts) } else { Expression::All(parts) })
}

/// A field with what its values have to be.
pub(super) fn item(item: &DetectionItem, names: Names<'_>) -> Result<Expression, ConditionError> {
    let name = item.field.name.as_deref();
    let near = name.unwrap_or("|");
    let field = match name {
        Some(name) => names.field(name).map_err(|wrong: FieldError| error(near, wrong.to_string()))?,
        None => Field::Anything,
    };
    let modifiers = Modifiers::of(&item.field.modifiers, near)?;
    if item.values.is_empty() {
        return Err(error(near, format!("`{near}` has no value")));
    }
    for value in &item.values {
        // So the parser writes a value that it has no form for.
        if let SigmaValue::String(text) = value
            && ["Mapping {", "Sequence [", "Tagged"].iter().any(|form| text.original.starts_with(form))
        {
            let message = format!(
                "the value of `{near}` is a text, a number, true or false, or a list of them; parts of a field have names with dots"
            );
            return Err(error(near, message));
        }
    }
    let mut parts = match modifiers.kind {
        Some("exists") => match item.values.as_slice() {
            [SigmaValue::Bool(wanted)] => vec![Check::Exists(*wanted)],
            _ => return Err(error_at(near, "|exists", format!("`{near}|exists` is true or false"))),
        },
        Some("fieldref") => {
            let other = |value: &SigmaValue| {
                let other = value.to_string();
                names.field(&other).map(Check::SameAs).map_err(|wrong| error_at(near, &other, wrong.to_string()))
            };
            item.values.iter().map(other).collect::<Result<_, _>>()?
        }
        _ => {
            let mut matchers = Vec::with_capacity(item.values.len());
            for value in &item.values {
                let made = modifiers.matcher(value, &field, near)?;
                check_words(&field, &made, near)?;
                matchers.push(made);
            }
            // Each value for itself: of a list, one may have the first and another one the second.
            if modifiers.all {
                matchers.into_iter().map(|matcher| Check::OneOf(vec![matcher])).collect()
            } else {
                vec![Check::OneOf(matchers)]
            }
        }
    };
    let test = |check| Expression::Test(Test { field: field.clone(), check });
    let asked = match parts.pop() {
        Some(check) if parts.is_empty() => test(check),
        last => {
            let parts = parts.into_iter().chain(last).map(test).collect();
            if modifiers.all { Expression::All(parts) } else { Expression::Any(parts) }
        }
    };
    Ok(if modifiers.is_not { Expression::Not(Box::new(asked)) } else { asked })
}

/// A word that a field can never be is a mistake.
fn check_words(field: &Field, matcher: &Matcher, near: &str) -> Result<(), ConditionError> {
    let (Some(words), Matcher::Text(text)) = (field.words(), matcher) else { return Ok(()) };
    let is_word = |literal: &str| words.iter().any(|word| word.eq_ignore_ascii_case(literal));
    match &text.pattern {
        Pattern::Literal(literal) if text.place == Place::Whole && !is_word(literal) => {
            let hint = words.join(", ");
            Err(error_at(near, &text.written, format!("`{near}` is never `{}`; it is one of {hint}", text.written)))
        }
        _ => Ok(()),
    }
}
