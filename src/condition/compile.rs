//! From Sigma's syntax, as the parser read it, to a condition.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::Regex;
use rsigma_parser::{
    ConditionExpr, Detection, DetectionItem, Detections, Modifier, Quantifier, SigmaString, SigmaValue, SpecialChar,
    StringPart,
};

use super::test::{Check, Comparison, Matcher, Pattern, Place, Test, Text, Token};
use super::{Condition, Expression, Field, FieldError, did_you_mean};

/// Why a condition cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionError {
    /// What is wrong and what to do.
    pub message: String,
    /// What stands where it is wrong, to find its line: a key, and the text behind it or below.
    pub near: (String, String),
}

fn error(key: &str, message: impl Into<String>) -> ConditionError {
    error_at(key, "", message)
}

fn error_at(key: &str, text: &str, message: impl Into<String>) -> ConditionError {
    ConditionError { message: message.into(), near: (key.to_owned(), text.to_owned()) }
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
        Detection::AllOf(items) => items.iter().map(item).collect::<Result<Vec<_>, _>>()?,
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

fn item(item: &DetectionItem) -> Result<Expression, ConditionError> {
    let name = item.field.name.as_deref();
    let near = name.unwrap_or("|");
    let field = match name {
        Some(name) => Field::parse(name).map_err(|wrong: FieldError| error(near, wrong.to_string()))?,
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
                Field::parse(&other).map(Check::SameAs).map_err(|wrong| error_at(near, &other, wrong.to_string()))
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

/// What the modifiers behind a field's name ask for.
#[derive(Default)]
struct Modifiers {
    /// The one that says how values are compared; there can be one only.
    kind: Option<&'static str>,
    all: bool,
    cased: bool,
    is_not: bool,
    flags: String,
}

/// Modifiers that can be asked for.
pub const MODIFIERS: &[&str] = &[
    "contains",
    "startswith",
    "endswith",
    "all",
    "cased",
    "re",
    "i",
    "m",
    "s",
    "cidr",
    "exists",
    "gt",
    "gte",
    "lt",
    "lte",
    "neq",
    "fieldref",
];

impl Modifiers {
    fn of(modifiers: &[Modifier], near: &str) -> Result<Self, ConditionError> {
        let mut of = Self::default();
        for modifier in modifiers {
            let kind = match modifier {
                Modifier::Contains => "contains",
                Modifier::StartsWith => "startswith",
                Modifier::EndsWith => "endswith",
                Modifier::Exists => "exists",
                Modifier::FieldRef => "fieldref",
                Modifier::Cidr => "cidr",
                Modifier::Gt => "gt",
                Modifier::Gte => "gte",
                Modifier::Lt => "lt",
                Modifier::Lte => "lte",
                Modifier::Re => "re",
                Modifier::All | Modifier::Cased | Modifier::Neq => {
                    of.all |= *modifier == Modifier::All;
                    of.cased |= *modifier == Modifier::Cased;
                    of.is_not |= *modifier == Modifier::Neq;
                    continue;
                }
                Modifier::IgnoreCase | Modifier::Multiline | Modifier::DotAll => {
                    of.flags.push(match modifier {
                        Modifier::IgnoreCase => 'i',
                        Modifier::Multiline => 'm',
                        _ => 's',
                    });
                    continue;
                }
                other => {
                    let name = format!("{other:?}").to_ascii_lowercase();
                    let message = format!(
                        "the modifier `{name}` of `{near}` is not supported; those that are: {}",
                        MODIFIERS.join(", ")
                    );
                    return Err(error_at(near, &format!("|{name}"), message));
                }
            };
            if let Some(before) = of.kind.replace(kind).filter(|before| *before != kind) {
                let message = format!("`{before}` and `{kind}` of `{near}` exclude each other");
                return Err(error_at(near, &format!("|{kind}"), message));
            }
        }
        if let Some(flag) = of.flags.chars().next().filter(|_| of.kind != Some("re")) {
            return Err(error_at(
                near,
                &format!("|{flag}"),
                format!("`{flag}` of `{near}` is for regular expressions, behind `re`"),
            ));
        }
        if of.cased && !matches!(of.kind, None | Some("contains" | "startswith" | "endswith" | "re")) {
            let kind = of.kind.unwrap_or_default();
            return Err(error_at(near, "|cased", format!("`{kind}` and `cased` of `{near}` exclude each other")));
        }
        Ok(of)
    }

    fn comparison(&self) -> Option<Comparison> {
        Some(match self.kind? {
            "gt" => Comparison::More,
            "gte" => Comparison::AtLeast,
            "lt" => Comparison::Less,
            "lte" => Comparison::AtMost,
            _ => return None,
        })
    }

    /// Where in a value a text has to stand, if that is said. Words without a field may stand anywhere.
    fn place(&self, field: &Field) -> Option<Place> {
        match self.kind {
            Some("contains") => Some(Place::Anywhere),
            Some("startswith") => Some(Place::Start),
            Some("endswith") => Some(Place::End),
            _ => (*field == Field::Anything).then_some(Place::Anywhere),
        }
    }

    fn matcher(&self, value: &SigmaValue, field: &Field, near: &str) -> Result<Matcher, ConditionError> {
        if self.kind == Some("cidr") {
            let text = value.to_string();
            let single = || text.parse::<IpAddr>().map(IpNet::from);
            let network = text.parse::<IpNet>().ok().or_else(|| single().ok()).map(Matcher::Network);
            return network
                .ok_or_else(|| error_at(near, &text, format!("`{text}` is no network; one looks like 192.0.2.0/24")));
        }
        if let Some(comparison) = self.comparison() {
            let text = value.to_string();
            let number = text.parse().ok().filter(|_| !matches!(value, SigmaValue::Bool(_) | SigmaValue::Null));
            return number.map(|number| Matcher::Compared(comparison, number)).ok_or_else(|| {
                error_at(near, &text, format!("`{near}` is compared with `{text}`, which is no number"))
            });
        }
        if self.kind == Some("re") {
            let text = value.to_string();
            let flags = if self.flags.is_empty() { String::new() } else { format!("(?{})", self.flags) };
            return Regex::new(&format!("{flags}{text}")).map(Matcher::Regex).map_err(|wrong| {
                let why = wrong.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
                error_at(near, &text, format!("`{text}` is no regular expression: {why}"))
            });
        }
        match (value, self.place(field)) {
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
