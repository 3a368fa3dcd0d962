//! How a value of the request is compared with those of a condition.
//!
//! A value of the request that cannot be read as what the operator compares tells nothing. Source: IAM user
//! guide, "IAM JSON policy elements: Condition operators".

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ipnet::IpNet;
use jiff::Timestamp;

use super::request::Context;
use super::template::{Filled, Reading, Template};
use super::truth::Truth;
use crate::iam::document::Comparison;
use crate::iam::pattern::{Part, matches, parts_match, parts_match_ignoring_case};

/// What a value has to fit, the negation left aside: any one of these will do.
#[derive(Debug)]
pub(super) enum Test {
    Equals(Box<[Template]>),
    EqualsIgnoringCase(Box<[Template]>),
    Like(Box<[Template]>),
    /// Both `ArnEquals` and `ArnLike`, which AWS says behave alike.
    Arn(Box<[Template]>),
    Number(Is, Box<[Number]>),
    Date(Is, Box<[Timestamp]>),
    Bool(Box<[bool]>),
    Binary(Box<[Vec<u8>]>),
    Address(Box<[IpNet]>),
}

/// Which order of the request's value and the policy's is meant.
type Is = fn(Ordering) -> bool;

impl Test {
    /// `None` where the operator is not known, or a value is none that it takes.
    pub(super) fn new(comparison: &Comparison, values: &[String], variables: bool) -> Option<Self> {
        use Comparison::*;
        let literal = Reading { variables, wildcards: false };
        let pattern = Reading { variables, wildcards: true };
        Some(match comparison {
            StringEquals | StringNotEquals => Self::Equals(each(values, |text| Template::new(text, literal))?),
            StringEqualsIgnoreCase | StringNotEqualsIgnoreCase => {
                Self::EqualsIgnoringCase(each(values, |text| Template::new(text, literal))?)
            }
            StringLike | StringNotLike => Self::Like(each(values, |text| Template::new(text, pattern))?),
            ArnEquals | ArnLike | ArnNotEquals | ArnNotLike => {
                Self::Arn(each(values, |text| arn_template(text, pattern))?)
            }
            NumericEquals | NumericNotEquals => Self::Number(Ordering::is_eq, each(values, Number::parse)?),
            NumericLessThan => Self::Number(Ordering::is_lt, each(values, Number::parse)?),
            NumericLessThanEquals => Self::Number(Ordering::is_le, each(values, Number::parse)?),
            NumericGreaterThan => Self::Number(Ordering::is_gt, each(values, Number::parse)?),
            NumericGreaterThanEquals => Self::Number(Ordering::is_ge, each(values, Number::parse)?),
            DateEquals | DateNotEquals => Self::Date(Ordering::is_eq, each(values, date)?),
            DateLessThan => Self::Date(Ordering::is_lt, each(values, date)?),
            DateLessThanEquals => Self::Date(Ordering::is_le, each(values, date)?),
            DateGreaterThan => Self::Date(Ordering::is_gt, each(values, date)?),
            DateGreaterThanEquals => Self::Date(Ordering::is_ge, each(values, date)?),
            Bool => Self::Bool(each(values, truth)?),
            BinaryEquals => Self::Binary(each(values, binary)?),
            IpAddress | NotIpAddress => Self::Address(each(values, network)?),
            Null | Other(_) => return None,
        })
    }

    /// Whether a value fits any of the policy's.
    pub(super) fn fits(&self, value: &str, context: &dyn Context) -> Truth {
        let any = |templates: &[Template], fits: &dyn Fn(&Template) -> Truth| Truth::any(templates.iter().map(fits));
        match self {
            Self::Equals(templates) => any(templates, &|template| match template {
                Template::Plain(text) => (**text == *value).into(),
                mixed => filled(mixed, context, |filled| parts_match(&filled.parts, value).into()),
            }),
            Self::EqualsIgnoringCase(templates) => any(templates, &|template| match template {
                Template::Plain(text) => text.eq_ignore_ascii_case(value).into(),
                mixed => filled(mixed, context, |filled| parts_match_ignoring_case(&filled.parts, value).into()),
            }),
            Self::Like(templates) => any(templates, &|template| match template {
                Template::Plain(pattern) => matches(pattern, value).into(),
                mixed => filled(mixed, context, |filled| parts_match(&filled.parts, value).into()),
            }),
            Self::Arn(templates) => match segments_of(value) {
                Some(segments) => {
                    any(templates, &|template| filled(template, context, |pattern| fits_arn(pattern, value, &segments)))
                }
                None => Truth::Maybe,
            },
            Self::Number(is, numbers) => {
                compared(Number::parse(value), numbers, |value, number| is(value.compared_to(number)))
            }
            Self::Date(is, dates) => compared(date(value), dates, |value, date| is(value.cmp(date))),
            Self::Bool(truths) => compared(truth(value), truths, |value, truth| value == truth),
            Self::Binary(all) => compared(binary(value), all, |value, bytes| value == bytes),
            Self::Address(networks) => {
                compared(value.parse::<IpAddr>().ok(), networks, |value, network| network.contains(value))
            }
        }
    }

    /// The texts in it that may hold variables.
    pub(super) fn templates(&self) -> &[Template] {
        match self {
            Self::Equals(templates)
            | Self::EqualsIgnoringCase(templates)
            | Self::Like(templates)
            | Self::Arn(templates) => templates,
            _ => &[],
        }
    }
}

fn each<T>(values: &[String], read: impl Fn(&str) -> Option<T>) -> Option<Box<[T]>> {
    values.iter().map(|value| read(value)).collect()
}

fn compared<V, P>(value: Option<V>, with: &[P], fits: impl Fn(&V, &P) -> bool) -> Truth {
    value.map_or(Truth::Maybe, |value| with.iter().any(|other| fits(&value, other)).into())
}

/// Whether a value fits a text with its variables filled in.
fn filled(template: &Template, context: &dyn Context, fits: impl Fn(&Filled) -> Truth) -> Truth {
    match template.fill(context) {
        None => Truth::No,
        // What an unknown value is taken to be fits more than the value does, so No is certain.
        Some(filled) if !filled.is_certain => fits(&filled).min(Truth::Maybe),
        Some(filled) => fits(&filled),
    }
}

/// A pattern of six parts between colons, unless a variable may bring them.
fn arn_template(text: &str, reading: Reading) -> Option<Template> {
    let template = Template::new(text, reading)?;
    let is_arn = template.variables().next().is_some() || text.matches(':').count() >= 5;
    is_arn.then_some(template)
}

fn segments_of(arn: &str) -> Option<[&str; 6]> {
    let mut segments = arn.splitn(6, ':');
    let mut next = || segments.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

/// Each of the six parts is compared by itself, so that a wildcard does not reach into the next.
fn fits_arn(pattern: &Filled, value: &str, segments: &[&str; 6]) -> Truth {
    if !parts_match(&pattern.parts, value) {
        return Truth::No;
    }
    // An unknown value may bring colons of its own; of less than six parts AWS does not say what becomes.
    if !pattern.is_certain || pattern.parts.iter().filter(|part| **part == Part::Is(b':')).count() < 5 {
        return Truth::Maybe;
    }
    let mut patterns = pattern.parts.splitn(6, |part| *part == Part::Is(b':'));
    segments.iter().all(|text| patterns.next().is_some_and(|pattern| parts_match(pattern, text))).into()
}

/// A decimal number; whole ones are compared without loss.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    whole: Option<i128>,
    real: f64,
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
        let real = is_decimal.then(|| text.parse().ok()).flatten()?;
        Some(Self { whole: text.parse().ok(), real })
    }

    fn compared_to(&self, other: &Self) -> Ordering {
        match (self.whole, other.whole) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.real.total_cmp(&other.real),
        }
    }
}

/// ISO 8601, as W3C profiles it: a month, a day, or a time with its zone; or seconds since 1970. Four digits
/// would be either a year or seconds.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
        return if text.len() == 4 { None } else { Timestamp::from_second(text.parse().ok()?).ok() };
    }
    let at_midnight = |date: &str| format!("{date}T00:00:00Z").parse().ok();
    match text.len() {
        7 => at_midnight(&format!("{text}-01")),
        10 => at_midnight(text),
        _ => text.parse().ok(),
    }
}

pub(super) fn truth(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|truth| text.eq_ignore_ascii_case(if *truth { "true" } else { "false" }))
}

fn binary(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// A range of addresses, or a single one.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
