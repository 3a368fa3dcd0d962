//! From Sigma's syntax, as the parser read it, to a condition.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;
use rsigma_parser::{
    ConditionExpr, Detection, DetectionItem, Detections, Modifier, Quantifier, SigmaString,
    SigmaValue, SpecialChar, StringPart,
};

use super::test::{Check, Comparison, Matcher, Pattern, Place, Test, Text, Token};
use super::{Condition, Expression, Field, FieldError};

/// Why a condition cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong and what to do.
    pub message: String,
    /// The text that is wrong as it stands in the rule, to find its line.
    pub near: String,
}

fn error(near: &str, message: impl Into<String>) -> ConditionError {
    ConditionError { message: message.into(), near: near.to_owned() }
}

/// Deepest nesting of a condition.
const DEEPEST: usize = 64;

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

fn expression(
    condition: &ConditionExpr,
    detections: &Detections,
    depth: usize,
) -> Result<Expression, ConditionError> {
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
            Some(named) => detection(named, depth + 1)?,
            None => return Err(error(name, format!("the condition asks for `{name}`, which is nowhere described"))),
        },
        ConditionExpr::Selector { quantifier, pattern } => {
            let mut names: Vec<&String> = detections.named.keys().filter(|name| pattern.matches_detection_name(name)).collect();
            names.sort_unstable();
            if names.is_empty() {
                return Err(error("condition", format!("the condition asks for `{pattern}`, and nothing is called so")));
            }
            let parts = names.into_iter().filter_map(|name| detections.named.get(name));
            let parts = parts.map(|named| detection(named, depth + 1)).collect::<Result<Vec<_>, _>>()?;
            match quantifier {
                Quantifier::Any => Expression::Any(parts),
                Quantifier::All => Expression::All(parts),
                Quantifier::Count(count) => Expression::Some(usize::try_from(*count).unwrap_or(usize::MAX), parts),
            }
        }
    })
}

fn detection(named: &Detection, depth: usize) -> Result<Expression, ConditionError> {
    if depth > DEEPEST {
        return Err(error("detection", "the detection is nested too deep"));
    }
    let of_all = |parts: &[Detection]| {
        parts.iter().map(|part| detection(part, depth + 1)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match named {
        Detection::AllOf(items) => Expression::All(items.iter().map(item).collect::<Result<_, _>>()?),
        Detection::AnyOf(parts) => Expression::Any(of_all(parts)?),
        Detection::And(parts) => Expression::All(of_all(parts)?),
        Detection::Keywords(values) => {
            let matchers = values.iter().map(|value| text_matcher(value, Place::Anywhere, false, "keywords"));
            let check = Check::OneOf(matchers.collect::<Result<_, _>>()?);
            Expression::Test(Test { field: Field::Anything, check })
        }
        Detection::ArrayMatch { field, .. } => {
            return Err(error(field, "blocks over the members of a list are not supported; a path goes through lists"));
        }
        Detection::Conditional { .. } => return Err(error("condition", "a condition inside a detection is not supported")),
    })
}

fn item(item: &DetectionItem) -> Result<Expression, ConditionError> {
    let name = item.field.name.as_deref();
    let near = name.unwrap_or_default();
    let field = match name {
        Some(name) => Field::parse(name).map_err(|wrong: FieldError| error(near, wrong.to_string()))?,
        None => Field::Anything,
    };
    let modifiers = Modifiers::of(&item.field.modifiers, near)?;
    if item.values.is_empty() {
        return Err(error(near, format!("`{near}` has no value")));
    }
    if modifiers.exists {
        return match item.values.as_slice() {
            [SigmaValue::Bool(wanted)] => Ok(Expression::Test(Test { field, check: Check::Exists(*wanted) })),
            _ => Err(error(near, format!("`{near}|exists` is true or false"))),
        };
    }
    if modifiers.other_field {
        let [SigmaValue::String(other)] = item.values.as_slice() else {
            return Err(error(near, format!("`{near}|fieldref` names one field")));
        };
        let other = Field::parse(&other.original).map_err(|wrong| error(&other.original, wrong.to_string()))?;
        return Ok(Expression::Test(Test { field, check: Check::SameAs(other) }));
    }
    let mut matchers = Vec::with_capacity(item.values.len());
    for value in &item.values {
        let made = modifiers.matcher(value, &field, near)?;
        check_words(&field, &made, near)?;
        matchers.push(made);
    }
    let check = if modifiers.all { Check::AllOf(matchers) } else { Check::OneOf(matchers) };
    let test = Expression::Test(Test { field, check });
    Ok(if modifiers.is_not { Expression::Not(Box::new(test)) } else { test })
}

/// A word that a field can never be is a mistake.
fn check_words(field: &Field, matcher: &Matcher, near: &str) -> Result<(), ConditionError> {
    let (Some(words), Matcher::Text(text)) = (field.words(), matcher) else { return Ok(()) };
    let is_word = |literal: &str| words.iter().any(|word| word.eq_ignore_ascii_case(literal));
    match &text.pattern {
        Pattern::Literal(literal) if text.place == Place::Whole && !is_word(literal) => {
            Err(error(near, format!("`{near}` is never `{}`; it is one of {}", text.written, words.join(", "))))
        }
        _ => Ok(()),
    }
}

/// What the modifiers behind a field's name ask for.
#[derive(Default)]
struct Modifiers {
    place: Option<Place>,
    all: bool,
    cased: bool,
    exists: bool,
    other_field: bool,
    is_not: bool,
    is_network: bool,
    comparison: Option<Comparison>,
    is_regex: bool,
    flags: String,
}

impl Modifiers {
    fn of(modifiers: &[Modifier], near: &str) -> Result<Self, ConditionError> {
        let mut of = Self::default();
        for modifier in modifiers {
            match modifier {
                Modifier::Contains => of.place = Some(Place::Anywhere),
                Modifier::StartsWith => of.place = Some(Place::Start),
                Modifier::EndsWith => of.place = Some(Place::End),
                Modifier::All => of.all = true,
                Modifier::Cased => of.cased = true,
                Modifier::Exists => of.exists = true,
                Modifier::FieldRef => of.other_field = true,
                Modifier::Neq => of.is_not = true,
                Modifier::Cidr => of.is_network = true,
                Modifier::Gt => of.comparison = Some(Comparison::More),
                Modifier::Gte => of.comparison = Some(Comparison::AtLeast),
                Modifier::Lt => of.comparison = Some(Comparison::Less),
                Modifier::Lte => of.comparison = Some(Comparison::AtMost),
                Modifier::Re => of.is_regex = true,
                Modifier::IgnoreCase => of.flags.push('i'),
                Modifier::Multiline => of.flags.push('m'),
                Modifier::DotAll => of.flags.push('s'),
                other => {
                    let name = format!("{other:?}").to_ascii_lowercase();
                    return Err(error(near, format!("the modifier `{name}` of `{near}` is not supported")));
                }
            }
        }
        Ok(of)
    }

    fn matcher(&self, value: &SigmaValue, field: &Field, near: &str) -> Result<Matcher, ConditionError> {
        if self.is_network {
            let text = value.to_string();
            let single = || text.parse::<IpAddr>().map(IpNet::from);
            let network = text.parse::<IpNet>().ok().or_else(|| single().ok()).map(Matcher::Network);
            return network.ok_or_else(|| error(&text, format!("`{text}` is no network; one looks like 192.0.2.0/24")));
        }
        if let Some(comparison) = self.comparison {
            return match value {
                SigmaValue::Integer(_) | SigmaValue::Float(_) | SigmaValue::String(_) => value
                    .to_string()
                    .parse()
                    .map(|number| Matcher::Compared(comparison, number))
                    .map_err(|_| error(near, format!("`{near}` is compared with `{value}`, which is no number"))),
                SigmaValue::Bool(_) | SigmaValue::Null => {
                    Err(error(near, format!("`{near}` is compared with `{value}`, which is no number")))
                }
            };
        }
        if self.is_regex {
            let SigmaValue::String(text) = value else {
                return Err(error(near, format!("`{value}` is no regular expression")));
            };
            let flags = if self.flags.is_empty() { String::new() } else { format!("(?{})", self.flags) };
            return Regex::new(&format!("{flags}{}", text.original)).map(Matcher::Regex).map_err(|wrong| {
                let why = wrong.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                error(&text.original, format!("`{}` is no regular expression: {why}", text.original))
            });
        }
        match (value, self.place) {
            (SigmaValue::Null, None) => Ok(Matcher::Null),
            (SigmaValue::Bool(truth), None) => Ok(Matcher::Bool(*truth)),
            (SigmaValue::Integer(number), None) if !is_id(field) => {
                #[expect(clippy::cast_precision_loss, reason = "numbers in requests are sizes, ports and days")]
                let number = *number as f64;
                Ok(Matcher::Number(number))
            }
            (SigmaValue::Float(number), None) => Ok(Matcher::Number(*number)),
            (_, place) => text_matcher(value, place.unwrap_or(Place::Whole), self.cased, near),
        }
    }
}

/// Whether numbers in it are names: an account that begins with a zero is no number.
fn is_id(field: &Field) -> bool {
    let Field::Recorded(member, steps) = field else { return false };
    let last = steps.last().map_or(member.as_str(), |step| step);
    last.to_ascii_lowercase().ends_with("accountid") || last.eq_ignore_ascii_case("userId")
}

fn text_matcher(value: &SigmaValue, place: Place, cased: bool, near: &str) -> Result<Matcher, ConditionError> {
    let owned;
    let text = match value {
        SigmaValue::String(text) => text,
        SigmaValue::Integer(_) | SigmaValue::Float(_) | SigmaValue::Bool(_) => {
            owned = SigmaString::from_raw(&value.to_string());
            &owned
        }
        SigmaValue::Null => return Err(error(near, format!("`{near}` cannot contain null"))),
    };
    let lower = |part: &str| if cased { part.to_owned() } else { part.to_lowercase() };
    let pattern = if text.is_plain() {
        Pattern::Literal(lower(&text.as_plain().unwrap_or_default()))
    } else {
        let mut tokens = Vec::new();
        if matches!(place, Place::Anywhere | Place::End) {
            tokens.push(Token::Many);
        }
        for part in &text.parts {
            match part {
                StringPart::Plain(part) => tokens.extend(lower(part).chars().map(Token::Char)),
                StringPart::Special(SpecialChar::WildcardMulti) => tokens.push(Token::Many),
                StringPart::Special(SpecialChar::WildcardSingle) => tokens.push(Token::One),
            }
        }
        if matches!(place, Place::Anywhere | Place::Start) {
            tokens.push(Token::Many);
        }
        Pattern::Wild(tokens)
    };
    Ok(Matcher::Text(Text { place, pattern, cased, written: text.original.clone() }))
}
