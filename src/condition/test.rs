use std::cell::Cell;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use regex::Regex;

use super::field::Member;
use super::{Answer, Field, Subject, Value};

/// One question about one field.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) field: Field,
    pub(super) check: Check,
}

#[derive(Clone, Debug)]
pub(super) enum Check {
    /// Whether there is any value.
    Exists(bool),
    /// Whether some value is one of these.
    OneOf(Vec<Matcher>),
    /// Whether some value is one of another field.
    SameAs(Field),
}

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

impl Test {
    pub(super) fn ask(&self, subject: &impl Subject) -> Answer {
        match &self.check {
            Check::SameAs(other) => {
                let is_known = Cell::new(true);
                let is_one_of_theirs = |value: &Value<'_>| {
                    let Some(own) = text_of(value) else { return false };
                    let mut found = false;
                    let known = subject.values(other, &mut |value| {
                        found = text_of(&value).is_some_and(|other| is_same(&own, &other));
                        found
                    });
                    is_known.set(is_known.get() && known);
                    found
                };
                match self.find(subject, is_one_of_theirs) {
                    Found::No { any: true } if !is_known.get() => Answer::Unknown,
                    found => found.answer(false),
                }
            }
            Check::Exists(wanted) => match self.find(subject, |_| true).answer(false) {
                Answer::Unknown => Answer::Unknown,
                answer => Answer::of((answer == Answer::Yes) == *wanted),
            },
            Check::OneOf(matchers) => {
                let found = self.find(subject, |value| matchers.iter().any(|matcher| matcher.accepts(value)));
                found.answer(matchers.iter().any(|matcher| matches!(matcher, Matcher::Null)))
            }
        }
    }

    /// Looks for a value of the field. One that is found counts, whatever else is not known.
    fn find(&self, subject: &impl Subject, accepts: impl Fn(&Value<'_>) -> bool) -> Found {
        let (mut found, mut any) = (false, false);
        let is_known = subject.values(&self.field, &mut |value| {
            any = true;
            found |= accepts(&value);
            found
        });
        match found {
            true => Found::Yes,
            false if is_known => Found::No { any },
            false => Found::Unknown,
        }
    }

    /// Which of its matchers is met, if one is; 0 where there are none to choose from.
    pub(super) fn met(&self, subject: &impl Subject) -> Option<usize> {
        let Check::OneOf(matchers) = &self.check else {
            return (self.ask(subject) == Answer::Yes).then_some(0);
        };
        let first = Cell::new(usize::MAX);
        let found = self.find(subject, |value| {
            let met = matchers.iter().position(|matcher| matcher.accepts(value)).unwrap_or(usize::MAX);
            first.set(first.get().min(met));
            first.get() == 0
        });
        let null = || matchers.iter().position(|matcher| matches!(matcher, Matcher::Null));
        match (first.get(), found) {
            (usize::MAX, Found::No { any: false }) => null(),
            (usize::MAX, _) => None,
            (first, _) => Some(first),
        }
    }

    /// Whether it only says which call it was.
    pub(super) fn is_of_call(&self) -> bool {
        matches!(self.field, Field::Recorded(Member::EventSource | Member::EventName, _))
    }

    /// What is met, in words.
    pub(super) fn words(&self, met: usize) -> String {
        let field = &self.field;
        match &self.check {
            Check::Exists(true) => format!("{field} is given"),
            Check::Exists(false) => format!("{field} is not given"),
            Check::SameAs(other) => format!("{field} is the same as {other}"),
            Check::OneOf(matchers) => {
                let matcher = matchers.get(met).map(Matcher::to_string).unwrap_or_default();
                format!("{field} {matcher}")
            }
        }
    }

    /// About how long it takes to ask, in no unit: how far the field is, and how many patterns there are.
    pub(super) fn cost(&self) -> usize {
        let field = match &self.field {
            Field::Recorded(_, steps) => 2 + 4 * steps.len(),
            Field::Derived(_) if self.field.is_of_request() => 50,
            Field::Derived(_) => 1,
            Field::Column(_) => 1,
            Field::Anything => 200,
        };
        let check = match &self.check {
            Check::Exists(_) => 0,
            Check::OneOf(matchers) => matchers.iter().map(Matcher::cost).sum(),
            Check::SameAs(_) => 10,
        };
        field + check
    }

    pub(super) fn asks_for(&self, is_meant: impl Fn(&Field) -> bool + Copy) -> bool {
        is_meant(&self.field) || matches!(&self.check, Check::SameAs(other) if is_meant(other))
    }
}

impl Check {
    fn any(&self, is_meant: impl Fn(&Matcher) -> bool) -> bool {
        matches!(self, Self::OneOf(matchers) if matchers.iter().any(is_meant))
    }

    pub(super) fn asks_for_network(&self) -> bool {
        self.any(|matcher| matches!(matcher, Matcher::Network(_)))
    }

    pub(super) fn asks_for_order(&self) -> bool {
        self.any(|matcher| matches!(matcher, Matcher::Compared(..) | Matcher::Moment(..)))
    }

    pub(super) fn asks_for_truth_or_number(&self) -> bool {
        self.any(|matcher| matches!(matcher, Matcher::Bool(_) | Matcher::Number(_)))
    }
}

/// What looking for a value came to.
enum Found {
    Yes,
    /// No such value, but others if there are `any`.
    No {
        any: bool,
    },
    Unknown,
}

impl Found {
    /// `if_absent` says whether a field without a value is what is asked for.
    fn answer(self, if_absent: bool) -> Answer {
        match self {
            Self::Yes => Answer::Yes,
            Self::No { any } => Answer::of(!any && if_absent),
            Self::Unknown => Answer::Unknown,
        }
    }
}

/// Whether two texts differ in case at most.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || (!one.is_ascii() && one.to_lowercase() == other.to_lowercase())
}

/// A value as a text, as Sigma compares it with one.
fn text_of<'v>(value: &'v Value<'_>) -> Option<std::borrow::Cow<'v, str>> {
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
    fn cost(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 1,
            Self::Text(text) if text.place == Place::Anywhere => 10,
            Self::Text(_) | Self::Number(_) | Self::Compared(..) => 2,
            Self::Regex(_) | Self::Network(_) | Self::Moment(..) => 30,
        }
    }

    fn accepts(&self, value: &Value<'_>) -> bool {
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
