use std::cell::Cell;

use super::matcher::{Matcher, is_same, text_of};
use super::names::Member;
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
