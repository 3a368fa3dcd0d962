//! What the words behind a field's name, such as `contains`, make of its values.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use regex::Regex;
use rsigma_parser::{Modifier, SigmaString, SigmaValue, SpecialChar, StringPart};

use super::compile::{error, error_at};
use super::matcher::{Comparison, Matcher, Pattern, Place, Text, Token};
use super::{ConditionError, Field, Member};

/// What the modifiers behind a field's name ask for.
#[derive(Default)]
pub(super) struct Modifiers {
    /// The one that says how values are compared; there can be one only.
    pub(super) kind: Option<&'static str>,
    pub(super) all: bool,
    pub(super) cased: bool,
    pub(super) is_not: bool,
    pub(super) flags: String,
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
    pub(super) fn of(modifiers: &[Modifier], near: &str) -> Result<Self, ConditionError> {
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

    pub(super) fn comparison(&self) -> Option<Comparison> {
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

    pub(super) fn matcher(&self, value: &SigmaValue, field: &Field, near: &str) -> Result<Matcher, ConditionError> {
        if self.kind == Some("cidr") {
            let text = value.to_string();
            let single = || text.parse::<IpAddr>().map(IpNet::from);
            let network = text.parse::<IpNet>().ok().or_else(|| single().ok()).map(Matcher::Network);
            return network
                .ok_or_else(|| error_at(near, &text, format!("`{text}` is no network; one looks like 192.0.2.0/24")));
        }
        if let Some(comparison) = self.comparison() {
            return compared(comparison, value, field, near);
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

/// A comparison with a number or a time. A date is the whole of its day.
fn compared(comparison: Comparison, value: &SigmaValue, field: &Field, near: &str) -> Result<Matcher, ConditionError> {
    let text = value.to_string();
    let is_time = matches!(field, Field::Recorded(Member::EventTime, _));
    let number = text.parse().ok().filter(|_| !is_time && !matches!(value, SigmaValue::Bool(_) | SigmaValue::Null));
    if let Some(number) = number {
        return Ok(Matcher::Compared(comparison, number));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Matcher::Moment(comparison, time));
    }
    let day = text.parse::<Date>().ok().filter(|_| text.len() == DAY.len());
    let midnight = |day: Date| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let (comparison, midnight) = match comparison {
        Comparison::AtMost => (Comparison::Less, day.and_then(|day| day.tomorrow().ok()).and_then(midnight)),
        Comparison::More => (Comparison::AtLeast, day.and_then(|day| day.tomorrow().ok()).and_then(midnight)),
        same => (same, day.and_then(midnight)),
    };
    midnight.map(|time| Matcher::Moment(comparison, time)).ok_or_else(|| {
        let what = if is_time {
            "no time; one looks like 2026-02-03T04:05:06Z or 2026-02-03"
        } else {
            "no number and no time"
        };
        error_at(near, &text, format!("`{near}` is compared with `{text}`, which is {what}"))
    })
}

const DAY: &str = "2026-02-03";

/// Whether numbers in it are names: an account that begins with a zero is no number.
fn is_id(field: &Field) -> bool {
    let Field::Recorded(member, steps) = field else { return false };
    let last = steps.last().map_or(member.as_str(), |step| step);
    last.to_ascii_lowercase().ends_with("accountid") || last.eq_ignore_ascii_case("userId")
}

pub(super) fn text_matcher(
    value: &SigmaValue,
    place: Place,
    cased: bool,
    near: &str,
) -> Result<Matcher, ConditionError> {
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
