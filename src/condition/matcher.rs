//! What a value has to be: a text or a pattern of texts, a number, a time, an address in a network.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use regex::Regex;

use super::Value;

/// What a value has to be.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    /// There is none.
    Null,
    Text(Text),
    Number(f64),
    Bool(bool),
    Regex(Regex),
    Network(IpNet),
    Compared(Comparison, f64),
    /// A time, before or after that.
    Moment(Comparison, Timestamp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A text, or a pattern of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) place: Place,
    /// In lower case where case does not count.
    pub(super) pattern: Pattern,
    pub(super) cased: bool,
    /// As it was written, for readers.
    pub(super) written: String,
}

/// Where in a value the text has to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Whole,
    Anywhere,
    Start,
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Literal(String),
    /// With wildcards, for the whole value.
    Wild(Vec<Token>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// Whether two texts differ in case at most.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || (!one.is_ascii() && one.to_lowercase() == other.to_lowercase())
}

/// A value as a text, as Sigma compares it with one.
pub(super) fn text_of<'v>(value: &'v Value<'_>) -> Option<std::borrow::Cow<'v, str>> {
    match value {
        Value::Text(text) => Some(text.as_ref().into()),
        // All digits of a long id count, and `10.0` is written `10`.
        Value::Number(written) if !written.contains(['.', 'e', 'E']) => Some((*written).into()),
        Value::Number(written) => written.parse::<f64>().ok().map(|number| number.to_string().into()),
        Value::Bool(truth) => Some(if *truth { "true" } else { "false" }.into()),
        Value::Object(_) => None,
    }
}

fn number_of(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Number(written) => written.parse().ok(),
        Value::Text(text) => text.parse().ok(),
        Value::Bool(_) | Value::Object(_) => None,
    }
}

impl Matcher {
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 1,
            Self::Text(text) if text.place == Place::Anywhere => 10,
            Self::Text(_) | Self::Number(_) | Self::Compared(..) => 2,
            Self::Regex(_) | Self::Network(_) | Self::Moment(..) => 30,
        }
    }

    pub(super) fn accepts(&self, value: &Value<'_>) -> bool {
        match self {
            Self::Null => false,
            Self::Text(text) => text_of(value).is_some_and(|value| text.accepts(&value)),
            Self::Number(number) => number_of(value).is_some_and(|value| value == *number),
            // CloudTrail writes truth values as texts too.
            Self::Bool(truth) => {
                text_of(value).is_some_and(|value| value.eq_ignore_ascii_case(if *truth { "true" } else { "false" }))
            }
            Self::Regex(regex) => text_of(value).is_some_and(|value| regex.is_match(&value)),
            Self::Network(network) => match value {
                Value::Text(text) => text.parse::<IpAddr>().is_ok_and(|address| network.contains(&address)),
                _ => false,
            },
            Self::Compared(comparison, number) => {
                number_of(value).is_some_and(|value| comparison.holds(value, *number))
            }
            Self::Moment(comparison, time) => match value {
                Value::Text(text) => text.parse().is_ok_and(|value: Timestamp| comparison.holds(value, *time)),
                _ => false,
            },
        }
    }
}

impl Text {
    fn accepts(&self, value: &str) -> bool {
        let lowered;
        // Nearly every text in a record is ASCII, and then nothing has to be copied.
        let value = if self.cased || value.is_ascii() {
            value
        } else {
            lowered = value.to_lowercase();
            &lowered
        };
        let same = |a: &[u8], b: &[u8]| if self.cased { a == b } else { a.eq_ignore_ascii_case(b) };
        match &self.pattern {
            Pattern::Literal(literal) => {
                let (value, literal) = (value.as_bytes(), literal.as_bytes());
                let Some(room) = value.len().checked_sub(literal.len()) else { return false };
                let at = |start: usize| value.get(start..start + literal.len()).is_some_and(|part| same(part, literal));
                match self.place {
                    Place::Whole => room == 0 && at(0),
                    Place::Start => at(0),
                    Place::End => at(room),
                    Place::Anywhere => self.starts(value, literal, room).any(at),
                }
            }
            Pattern::Wild(tokens) => fits(tokens, value, self.cased),
        }
    }
}

impl Text {
    /// Where in a value the literal may begin: where its first byte is, in either case.
    fn starts<'v>(&self, value: &'v [u8], literal: &[u8], room: usize) -> impl Iterator<Item = usize> + use<'v> {
        let first = literal.first().copied().unwrap_or_default();
        let other = if self.cased { first } else { first.to_ascii_uppercase() };
        let heads = value.get(..=room).unwrap_or(value);
        let empty = literal.is_empty().then_some(0);
        empty.into_iter().chain(memchr::memchr2_iter(first, other, heads))
    }
}

/// Whether a value fits a pattern as a whole. Quadratic at worst, never recursive.
fn fits(tokens: &[Token], value: &str, cased: bool) -> bool {
    let (mut token, mut rest) = (0, value.chars());
    // Where to go on when what follows the last `*` did not fit: one character further.
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let before = rest.clone();
        match (tokens.get(token), rest.next()) {
            (Some(Token::Many), _) => {
                token += 1;
                rest = before;
                retry = Some((token, rest.clone()));
            }
            (None, None) => return true,
            (Some(Token::One), Some(_)) => token += 1,
            (Some(Token::Char(wanted)), Some(c)) if *wanted == c || (!cased && wanted.eq_ignore_ascii_case(&c)) => {
                token += 1;
            }
            (_, _) => {
                let Some((after, from)) = &mut retry else { return false };
                if from.next().is_none() {
                    return false;
                }
                token = *after;
                rest = from.clone();
            }
        }
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("is not given"),
            Self::Text(text) => match text.place {
                Place::Whole => write!(f, "is {}", text.written),
                Place::Anywhere => write!(f, "contains {}", text.written),
                Place::Start => write!(f, "begins with {}", text.written),
                Place::End => write!(f, "ends with {}", text.written),
            },
            Self::Number(number) => write!(f, "is {number}"),
            Self::Bool(truth) => write!(f, "is {truth}"),
            Self::Regex(regex) => write!(f, "matches {regex}"),
            Self::Network(network) => write!(f, "is in {network}"),
            Self::Compared(comparison, number) => write!(f, "is {comparison} {number}"),
            Self::Moment(comparison, time) => write!(f, "is {comparison} {time}"),
        }
    }
}

impl Comparison {
    fn holds<T: PartialOrd>(self, value: T, limit: T) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            Self::More => value > limit,
            Self::AtLeast => value >= limit,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "less than",
            Self::AtMost => "at most",
            Self::More => "more than",
            Self::AtLeast => "at least",
        })
    }
}
