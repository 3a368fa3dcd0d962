//! The hours of the day in which calls were made.

use super::{Calls, ConditionKind, Reviewed, events};
use crate::aggregate::{Days, Hours};

/// Never sets anything: `aws:CurrentTime` is a date with its time, so it can hold one window and no habit.
pub(super) fn review(calls: &Calls<'_, '_>) -> Reviewed {
    let (mut hours, mut days) = (Hours::default(), Days::default());
    for (_, usage) in &calls.calls {
        hours.merge(usage.hours);
        days.merge(&usage.days);
    }
    let where_to = "IAM has no key for the hour of the day; only a just-in-time grant, by aws:CurrentTime, can hold it";
    let days = match days.len() {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let (values, why) = if hours.is_whole_day() {
        (Vec::new(), format!("calls fell into every hour of the day, on {days}"))
    } else {
        let stretch = |(first, end)| format!("{first:02}:00-{end:02}:00");
        let values = hours.stretches().into_iter().map(stretch).collect();
        (values, format!("all calls fell into these hours (UTC), on {days}; {where_to}"))
    };
    Reviewed {
        kind: ConditionKind::Hours,
        services: calls.services.iter().map(|service| (*service).to_owned()).collect(),
        set: None,
        values,
        events: events(&calls.calls),
        covered: events(&calls.calls),
        blocked: 0,
        why,
    }
}
