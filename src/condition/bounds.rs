//! What a condition says of where its events can stand, so that files in which none can be need not be opened.

use jiff::civil::Date;
use jiff::tz::Offset;

use super::matcher::{Comparison, Matcher, Pattern, Place, Text};
use super::names::Member;
use super::test::{Check, Test};
use super::{Condition, Derived, Expression, Field};

/// Where events can stand that meet a condition; what is not said leaves everything open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The first day (UTC).
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Accounts whose copies of events are meant; empty means all.
    pub accounts: Vec<String>,
    /// Regions; empty means all.
    pub regions: Vec<String>,
}

impl Condition {
    /// Where its events can stand.
    pub fn bounds(&self) -> Bounds {
        of(&self.expression)
    }
}

fn of(expression: &Expression) -> Bounds {
    match expression {
        Expression::All(parts) => parts.iter().map(of).fold(Bounds::default(), Bounds::and),
        Expression::Any(parts) => parts.iter().map(of).reduce(Bounds::or).unwrap_or_default(),
        Expression::Test(test) => of_test(test),
        // What must not be says little of where the rest can be.
        Expression::Some(..) | Expression::Not(_) => Bounds::default(),
    }
}

fn of_test(test: &Test) -> Bounds {
    let Check::OneOf(matchers) = &test.check else { return Bounds::default() };
    let whole = || matchers.iter().map(whole_text).collect::<Option<Vec<_>>>().unwrap_or_default();
    match &test.field {
        Field::Recorded(Member::AwsRegion, _) => Bounds { regions: whole(), ..Bounds::default() },
        Field::Recorded(Member::RecipientAccountId, _) | Field::Derived(Derived::Account) => {
            Bounds { accounts: whole(), ..Bounds::default() }
        }
        Field::Recorded(Member::EventTime, _) | Field::Derived(Derived::Day | Derived::Hour) => {
            matchers.iter().map(of_time).reduce(Bounds::or).unwrap_or_default()
        }
        _ => Bounds::default(),
    }
}

fn whole_text(matcher: &Matcher) -> Option<String> {
    match matcher {
        Matcher::Text(Text { place: Place::Whole, pattern: Pattern::Literal(literal), .. }) => Some(literal.clone()),
        _ => None,
    }
}

fn of_time(matcher: &Matcher) -> Bounds {
    match matcher {
        Matcher::Moment(comparison, time) => {
            let day = Some(Offset::UTC.to_datetime(*time).date());
            match comparison {
                Comparison::Less | Comparison::AtMost => Bounds { to: day, ..Bounds::default() },
                Comparison::More | Comparison::AtLeast => Bounds { from: day, ..Bounds::default() },
            }
        }
        Matcher::Text(Text { place: Place::Whole | Place::Start, pattern: Pattern::Literal(literal), .. }) => {
            let day: Option<Date> = literal.get(..DAY.len()).and_then(|day| day.parse().ok());
            Bounds { from: day, to: day, ..Bounds::default() }
        }
        _ => Bounds::default(),
    }
}

const DAY: &str = "2026-02-03";

impl Bounds {
    /// Where both hold. Two lists that have nothing in common leave the first one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let both = |own: Vec<String>, other: Vec<String>| match (own.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => own,
            _ if own.iter().any(|one| other.contains(one)) => {
                own.into_iter().filter(|one| other.contains(one)).collect()
            }
            _ => own,
        };
        Self {
            from: self.from.max(other.from),
            to: match (self.to, other.to) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            accounts: both(self.accounts, other.accounts),
            regions: both(self.regions, other.regions),
        }
    }

    /// Where one of both holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let any = |mut own: Vec<String>, other: Vec<String>| {
            if own.is_empty() || other.is_empty() {
                return Vec::new();
            }
            own.extend(other);
            own.sort_unstable();
            own.dedup();
            own
        };
        Self {
            from: self.from.zip(other.from).map(|(a, b)| a.min(b)),
            to: self.to.zip(other.to).map(|(a, b)| a.max(b)),
            accounts: any(self.accounts, other.accounts),
            regions: any(self.regions, other.regions),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_condition_tells_where_its_events_can_stand() {
        #[track_caller]
        fn check(condition: Value, expected: &str) {
            let Bounds { from, to, accounts, regions } = Condition::from_value(&condition).unwrap().bounds();
            let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
            let told = format!("{}..{} {} {}", day(from), day(to), accounts.join(","), regions.join(","));
            assert_eq!(told.trim_end(), expected, "{condition}");
        }
        check(json!({}), "..");
        check(json!({"eventName": "GetObject"}), "..");
        check(json!({"eventTime|gte": "2026-02-03T04:05:06Z", "eventTime|lt": "2026-02-05"}), "2026-02-03..2026-02-05");
        check(json!({"eventTime|startswith": "2026-02-03T04"}), "2026-02-03..2026-02-03");
        check(json!({"day": ["2026-02-03", "2026-02-05"]}), "2026-02-03..2026-02-05");
        check(
            json!({"recipientAccountId": "111122223333", "awsRegion": ["eu-west-1", "us-east-1"]}),
            ".. 111122223333 eu-west-1,us-east-1",
        );
        check(json!([{"awsRegion": "eu-west-1"}, {"awsRegion": "us-east-1"}]), "..  eu-west-1,us-east-1");
        // Whatever leaves anything open leaves all open.
        check(json!([{"awsRegion": "eu-west-1"}, {"eventName": "GetObject"}]), "..");
        check(json!({"awsRegion": ["eu-*", "us-east-1"]}), "..");
        check(json!({"awsRegion|neq": "eu-west-1"}), "..");
        check(json!({"not": {"awsRegion": "eu-west-1"}}), "..");
        check(
            json!({"awsRegion": ["eu-west-1", "us-east-1"], "not": {}, "awsRegion|startswith": "eu"}),
            "..  eu-west-1,us-east-1",
        );
    }
}
