//! When a policy holds: from one moment on, before another, both in UTC. `aws:CurrentTime` is checked at every request, so
//! that it ends in the middle of a session too; taking an assignment away only stops new sessions.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::super::template::{Attached, Policy, is_unknown};
use super::super::{About, Rule, Template, Told};
use crate::iam::Target;
use crate::iam::document::{Comparison, Condition, Statement};

pub(in super::super) const RULES: &[Rule] = &[
    Rule { name: "no-window", rejects: true, says: "something is allowed for ever", check: missing },
    Rule {
        name: "assignment-only",
        rejects: true,
        says: "a permission set that ends by taking its assignment away alone",
        check: assignment_only,
    },
    Rule { name: "half-window", rejects: true, says: "a window with one end", check: half },
    Rule { name: "long-window", rejects: true, says: "a window of more than 12 hours", check: long },
    Rule { name: "empty-window", rejects: true, says: "a window that ends when it begins, or before", check: empty },
    Rule { name: "past-window", rejects: true, says: "a window that is over", check: past },
    Rule { name: "local-time", rejects: true, says: "a time without a zone, or in another than UTC", check: local },
    Rule { name: "no-such-time", rejects: true, says: "a date or time that does not exist", check: no_such },
    Rule {
        name: "time-operator",
        rejects: true,
        says: "the time is compared by an operator that bounds nothing",
        check: operator,
    },
];

/// The longest session that AWS gives, and longer than any shift.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// A time as it is written.
enum Moment {
    /// In UTC.
    At(Timestamp),
    /// With another offset.
    Elsewhere(Timestamp),
    /// Without one.
    Local,
    NoSuch,
    /// Only the deployment knows.
    Unknown,
}

impl Moment {
    fn read(text: &str) -> Self {
        if is_unknown(text) {
            return Self::Unknown;
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // Seconds since 1970, which AWS takes too.
            let seconds = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
            return seconds.map_or(Self::NoSuch, Self::At);
        }
        match text.parse::<Timestamp>() {
            Ok(time) if text.ends_with(['Z', 'z']) => Self::At(time),
            Ok(time) => Self::Elsewhere(time),
            Err(_) if text.parse::<DateTime>().is_ok() || text.parse::<Date>().is_ok() => Self::Local,
            Err(_) => Self::NoSuch,
        }
    }

    fn time(&self) -> Option<Timestamp> {
        match self {
            Self::At(time) | Self::Elsewhere(time) => Some(*time),
            _ => None,
        }
    }
}

fn is_on_time(condition: &Condition) -> bool {
    condition.is_on("aws:CurrentTime") || condition.is_on("aws:EpochTime")
}

/// Whether only the deployment knows what is compared, and how: that may be the time.
fn may_be_any(condition: &Condition) -> bool {
    is_unknown(&condition.key) || matches!(&condition.comparison, Comparison::Other(operator) if is_unknown(operator))
}

/// Whether it bounds the time from below and from above.
fn bounds(condition: &Condition) -> (bool, bool) {
    use Comparison::*;
    if may_be_any(condition) {
        return (true, true);
    }
    if !is_on_time(condition) || condition.values.is_empty() || condition.qualifier.is_some() {
        return (false, false);
    }
    match condition.comparison {
        DateGreaterThan | DateGreaterThanEquals => (true, false),
        DateLessThan | DateLessThanEquals => (false, true),
        DateEquals => (true, true),
        NumericGreaterThan | NumericGreaterThanEquals if condition.is_on("aws:EpochTime") => (true, false),
        NumericLessThan | NumericLessThanEquals if condition.is_on("aws:EpochTime") => (false, true),
        NumericEquals if condition.is_on("aws:EpochTime") => (true, true),
        _ => (false, false),
    }
}

/// When a statement holds.
struct Window {
    /// Whether there is such an end, also where it cannot be read.
    begins: bool,
    ends: bool,
    begin: Option<Timestamp>,
    end: Option<Timestamp>,
}

impl Window {
    fn of(statement: &Statement) -> Self {
        let mut window = Self { begins: false, ends: false, begin: None, end: None };
        for condition in &statement.conditions {
            let (begins, ends) = bounds(condition);
            let times: Vec<_> = condition.values.iter().map(|text| Moment::read(text).time()).collect();
            // Of several values one is enough: the widest counts. Where one cannot be read, nobody knows.
            let known: Option<Vec<Timestamp>> = times.into_iter().collect();
            let known = known.filter(|_| !may_be_any(condition));
            if begins {
                window.begins = true;
                window.begin = window.begin.max(known.as_ref().and_then(|all| all.iter().copied().min()));
            }
            if ends {
                window.ends = true;
                let end = known.as_ref().and_then(|all| all.iter().copied().max());
                window.end = match (window.end, end) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
        }
        window
    }
}

/// Statements that allow something for a while; a session ends by itself.
fn windows(template: &Template) -> impl Iterator<Item = (&Policy, &Statement, Window)> {
    let all = template.allows().filter(|(policy, _)| policy.attached != Attached::As(Target::Session));
    all.map(|(policy, statement)| (policy, statement, Window::of(statement)))
}

fn missing(template: &Template, about: &About, told: &mut Told) {
    for (policy, statement, window) in windows(template) {
        if !window.begins && !window.ends && !policy.is_of_permission_set(about) {
            told.add(policy.place(statement), "no window: it allows this until somebody thinks of it; add DateGreaterThanEquals and DateLessThan on aws:CurrentTime");
        }
    }
}

fn assignment_only(template: &Template, about: &About, told: &mut Told) {
    for (policy, statement, window) in windows(template) {
        if !window.begins && !window.ends && policy.is_of_permission_set(about) {
            told.add(policy.place(statement), "no window: when the assignment is taken away, running sessions go on until their end; add DateGreaterThanEquals and DateLessThan on aws:CurrentTime");
        }
    }
}

fn half(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement, window) in windows(template) {
        let missing = match (window.begins, window.ends) {
            (true, false) => "no end: it holds for ever once it has begun; add DateLessThan on aws:CurrentTime",
            (false, true) => {
                "no beginning: it holds at once, whatever was asked for; add DateGreaterThanEquals on aws:CurrentTime"
            }
            _ => continue,
        };
        told.add(policy.place(statement), missing);
    }
}

fn long(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement, window) in windows(template) {
        if let (Some(begin), Some(end)) = (window.begin, window.end)
            && end.duration_since(begin) > LONGEST
        {
            let hours = (end.duration_since(begin).as_secs() + 3_599) / 3_600;
            told.add(
                policy.place(statement),
                format!("{hours} hours, and 12 are the most that reviewers let pass: ask again for more"),
            );
        }
    }
}

fn empty(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement, window) in windows(template) {
        if let (Some(begin), Some(end)) = (window.begin, window.end)
            && end <= begin
        {
            told.add(policy.place(statement), format!("ends at {end} and begins at {begin}: it never holds"));
        }
    }
}

fn past(template: &Template, about: &About, told: &mut Told) {
    for (policy, statement, window) in windows(template) {
        if let Some(end) = window.end.filter(|end| *end <= about.now) {
            told.add(policy.place(statement), format!("ended at {end}: it allows nothing any more; write a new one"));
        }
    }
}

/// Every time of a template that is compared with another.
fn times(template: &Template) -> impl Iterator<Item = (&Policy, &Statement, &String)> {
    template.statements().flat_map(|(policy, statement)| {
        let dated = statement.conditions.iter().filter(|condition| {
            let is_date = is_on_time(condition) || condition.is_on("aws:TokenIssueTime");
            is_date && condition.comparison != Comparison::Null
        });
        dated.flat_map(|condition| &condition.values).map(move |text| (policy, statement, text))
    })
}

fn local(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement, text) in times(template) {
        let why = match Moment::read(text) {
            Moment::Local => "has no zone, and nobody knows which is meant",
            Moment::Elsewhere(_) => "is not in UTC, and an hour is easily missed when clocks change",
            _ => continue,
        };
        told.add(policy.place(statement), format!("`{text}` {why}: write UTC, such as 2026-02-03T09:00:00Z"));
    }
}

fn no_such(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement, text) in times(template) {
        if matches!(Moment::read(text), Moment::NoSuch) {
            told.add(
                policy.place(statement),
                format!("`{text}` is no date and time that exists: write one such as 2026-02-28T09:00:00Z"),
            );
        }
    }
}

fn operator(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for condition in statement.conditions.iter().filter(|condition| is_on_time(condition)) {
            if bounds(condition) == (false, false) && condition.comparison != Comparison::Null {
                told.add(
                    policy.place(statement),
                    format!(
                        "{} on {} bounds nothing: use DateGreaterThanEquals and DateLessThan",
                        condition.operator(),
                        condition.key
                    ),
                );
            }
        }
    }
}
