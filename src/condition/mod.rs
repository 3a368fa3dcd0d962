//! Which events are meant: conditions in the words of Sigma, compiled once, asked of many events.
//!
//! Sigma's text comes in (`compile`), a [`Condition`] comes out. It is asked of a [`Subject`], which knows some
//! fields of an event and may not know others: the answer is yes, no or unknown, by Kleene's logic. So one
//! condition serves twice. Asked of what a kind of call has in common, a no means that no such call can meet
//! it, and the others need not be asked. Asked of an event whose request was not recorded, unknown means that
//! nobody can tell.

mod bounds;
mod compile;
mod field;
mod matcher;
mod modifiers;
mod names;
mod row;
mod subject;
mod test;
mod written;

use std::fmt;

use smallvec::SmallVec;

pub use bounds::Bounds;
pub use compile::ConditionError;
pub use field::{Field, FieldError, did_you_mean};
pub use modifiers::MODIFIERS;
use names::Names;
pub use names::{Derived, Member};
pub use row::Row;
pub use subject::{CallView, EventView, RequestFacts};
use test::Test;
pub use written::literal;

/// What a condition says of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It is not met.
    No,
    /// What decides was not recorded.
    Unknown,
    /// It is met.
    Yes,
}

impl Answer {
    fn of(is_met: bool) -> Self {
        if is_met { Self::Yes } else { Self::No }
    }
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text.
    Text(std::borrow::Cow<'a, str>),
    /// A number, as it is written.
    Number(&'a str),
    /// A truth value.
    Bool(bool),
    /// An object as it is written: it is there, and equals nothing.
    Object(&'a [u8]),
}

/// What is known of an event.
pub trait Subject {
    /// Hands over the values of a field, until `each` says that it has seen enough by `true`. A field that is not
    /// there has none. `false` where it is not known which values it has.
    fn values(&self, field: &Field, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool;
}

/// A part of a condition that is met.
#[derive(Clone, Copy, Debug)]
pub struct Met<'c> {
    test: &'c Test,
    matcher: usize,
}

impl Met<'_> {
    /// Two numbers that tell it from all others while the condition is there.
    pub fn id(&self) -> [usize; 2] {
        [std::ptr::from_ref(self.test).addr(), self.matcher]
    }
}

/// In words, such as `requestParameters.policyArn ends with :policy/AdministratorAccess`.
impl fmt::Display for Met<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.test.words(self.matcher))
    }
}

/// A compiled condition.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expression,
}

#[derive(Clone, Debug)]
enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// So many of them at least.
    Some(usize, Vec<Expression>),
    Not(Box<Expression>),
    Test(Test),
}

impl Condition {
    /// Whether an event meets it, as far as is known.
    pub fn ask(&self, subject: &impl Subject) -> Answer {
        self.expression.ask(subject)
    }

    /// What is left to ask of those of whom so much is known already, the cheapest first; it gives what the whole gives.
    #[must_use]
    pub fn given(&self, known: &impl Subject) -> Self {
        Self { expression: self.expression.given(known) }
    }

    /// What of it an event meets that is about more than which call it was. Only what the condition says is told,
    /// never what the event says: what is told of events would not end.
    pub fn met(&self, subject: &impl Subject) -> SmallVec<[Met<'_>; 2]> {
        let mut met = SmallVec::new();
        self.expression.met(subject, &mut met);
        met
    }

    /// Whether it asks for a field of which `is_meant` says so.
    pub fn asks_for(&self, is_meant: impl Fn(&Field) -> bool + Copy) -> bool {
        self.expression.asks_for(is_meant)
    }
}

impl Expression {
    fn ask(&self, subject: &impl Subject) -> Answer {
        match self {
            // All of them are as true as the least true of them.
            Self::All(parts) => {
                let mut least = Answer::Yes;
                for part in parts {
                    least = least.min(part.ask(subject));
                    if least == Answer::No {
                        break;
                    }
                }
                least
            }
            Self::Any(parts) => {
                let mut most = Answer::No;
                for part in parts {
                    most = most.max(part.ask(subject));
                    if most == Answer::Yes {
                        break;
                    }
                }
                most
            }
            Self::Some(needed, parts) => {
                let (mut yes, mut maybe) = (0, 0);
                for part in parts {
                    match part.ask(subject) {
                        Answer::Yes => yes += 1,
                        Answer::Unknown => maybe += 1,
                        Answer::No => {}
                    }
                }
                match *needed {
                    needed if yes >= needed => Answer::Yes,
                    needed if yes + maybe >= needed => Answer::Unknown,
                    _ => Answer::No,
                }
            }
            Self::Not(part) => match part.ask(subject) {
                Answer::No => Answer::Yes,
                Answer::Unknown => Answer::Unknown,
                Answer::Yes => Answer::No,
            },
            Self::Test(test) => test.ask(subject),
        }
    }

    fn given(&self, known: &impl Subject) -> Self {
        let rest = |parts: &[Self], needless: Answer| {
            let open = parts.iter().filter(|part| part.ask(known) != needless);
            let mut open: Vec<_> = open.map(|part| part.given(known)).collect();
            open.sort_by_key(Self::cost);
            open
        };
        match self {
            Self::All(parts) => Self::All(rest(parts, Answer::Yes)),
            Self::Any(parts) => Self::Any(rest(parts, Answer::No)),
            Self::Some(..) | Self::Test(_) => self.clone(),
            Self::Not(part) => Self::Not(Box::new(part.given(known))),
        }
    }

    /// About how long it takes to ask, in no unit.
    fn cost(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::Some(_, parts) => parts.iter().map(Self::cost).sum(),
            Self::Not(part) => part.cost(),
            Self::Test(test) => test.cost(),
        }
    }

    fn met<'c>(&'c self, subject: &impl Subject, met: &mut SmallVec<[Met<'c>; 2]>) {
        match self {
            Self::All(parts) => parts.iter().for_each(|part| part.met(subject, met)),
            Self::Any(parts) | Self::Some(_, parts) => {
                for part in parts {
                    // Parts of something that is not met as a whole are no reason.
                    if part.ask(subject) == Answer::Yes {
                        part.met(subject, met);
                    }
                }
            }
            // What is not there is no reason.
            Self::Not(_) => {}
            Self::Test(test) if test.is_of_call() => {}
            Self::Test(test) => met.extend(test.met(subject).map(|matcher| Met { test, matcher })),
        }
    }

    fn asks_for(&self, is_meant: impl Fn(&Field) -> bool + Copy) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::Some(_, parts) => {
                parts.iter().any(|part| part.asks_for(is_meant))
            }
            Self::Not(part) => part.asks_for(is_meant),
            Self::Test(test) => test.asks_for(is_meant),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::matcher::Matcher;
    use super::test::Check;
    use super::*;

    /// What is known of some fields: values, and whether these are all.
    #[derive(Clone, Debug)]
    struct Told(Vec<(Vec<&'static str>, bool)>);

    impl Subject for Told {
        fn values(&self, field: &Field, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
            let at = FIELDS.iter().position(|known| Field::Derived(*known) == *field);
            let (values, are_all) = &self.0[at.unwrap()];
            values.iter().any(|value| each(Value::Text((*value).into()))) || *are_all
        }
    }

    const FIELDS: [Derived; 3] = [Derived::Principal, Derived::Person, Derived::Action];

    /// A subject, and the same of which less is known.
    fn more_and_less() -> impl Strategy<Value = (Told, Told)> {
        let field = (vec(select(vec!["a", "b", "c"]), 0..3), any::<bool>(), 0..3_usize);
        vec(field, FIELDS.len()).prop_map(|fields| {
            let more = fields.iter().map(|(values, ..)| (values.clone(), true)).collect();
            let less = fields.into_iter().map(|(mut values, are_all, seen)| {
                if !are_all {
                    values.truncate(seen);
                }
                (values, are_all)
            });
            (Told(more), Told(less.collect()))
        })
    }

    fn expression() -> impl Strategy<Value = Expression> {
        let matcher = prop_oneof![
            3 => select(vec!["a", "b", "c"]).prop_map(|text| Matcher::Regex(regex::Regex::new(text).unwrap())),
            1 => Just(Matcher::Null),
        ];
        let field = || select(FIELDS.to_vec()).prop_map(Field::Derived);
        let check = prop_oneof![
            4 => vec(matcher, 1..3).prop_map(Check::OneOf),
            1 => any::<bool>().prop_map(Check::Exists),
            1 => field().prop_map(Check::SameAs),
        ];
        let test = (field(), check).prop_map(|(field, check)| Expression::Test(Test { field, check }));
        test.prop_recursive(4, 24, 3, |inside| {
            prop_oneof![
                vec(inside.clone(), 1..4).prop_map(Expression::All),
                vec(inside.clone(), 1..4).prop_map(Expression::Any),
                (1..4_usize, vec(inside.clone(), 1..4)).prop_map(|(count, parts)| Expression::Some(count, parts)),
                inside.prop_map(|part| Expression::Not(Box::new(part))),
            ]
        })
    }

    fn not(part: &Expression) -> Expression {
        Expression::Not(Box::new(part.clone()))
    }

    proptest! {
        #[test]
        fn who_knows_more_does_not_contradict((more, less) in more_and_less(), expression in expression()) {
            let (sure, said) = (expression.ask(&more), expression.ask(&less));
            prop_assert_ne!(sure, Answer::Unknown);
            prop_assert!(said == Answer::Unknown || said == sure, "{said:?} was said, and now {sure:?}");
        }

        #[test]
        fn answers_combine_by_the_laws_of_logic((_, told) in more_and_less(), parts in vec(expression(), 1..4)) {
            let ask = |expression: Expression| expression.ask(&told);
            let (all, any) = (Expression::All(parts.clone()), Expression::Any(parts.clone()));
            let nots: Vec<_> = parts.iter().map(not).collect();
            prop_assert_eq!(ask(not(&all)), ask(Expression::Any(nots.clone())));
            prop_assert_eq!(ask(not(&any)), ask(Expression::All(nots)));
            prop_assert_eq!(ask(not(&not(&all))), ask(all.clone()));
            prop_assert_eq!(ask(Expression::Some(1, parts.clone())), ask(any));
            prop_assert_eq!(ask(Expression::Some(parts.len(), parts.clone())), ask(all));
            prop_assert_eq!(ask(Expression::Some(parts.len() + 1, parts)), Answer::No);
        }

        #[test]
        fn what_is_met_has_a_reason((_, told) in more_and_less(), expression in expression()) {
            let condition = Condition { expression };
            if matches!(condition.expression, Expression::Test(_)) && condition.ask(&told) == Answer::Yes {
                prop_assert!(!condition.met(&told).is_empty());
            }
        }
    }
}
