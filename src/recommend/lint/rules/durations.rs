//! How long sessions and elevations last, by AWS's rules and by what reviewers let pass. Sources: the STS API reference's
//! page of `AssumeRole`, the IAM Identity Center user guide's page "Set session duration", AWS TEAM's documentation.

use super::super::template::{Duration, Lasts};
use super::super::{About, Rule, Template, Told};

pub(in super::super) const RULES: &[Rule] = &[
    Rule {
        name: "duration",
        rejects: true,
        says: "a duration that AWS or the tool does not take",
        check: out_of_range,
    },
    Rule { name: "long-elevation", rejects: true, says: "an elevation of more than 12 hours", check: long },
    Rule {
        name: "role-chaining",
        rejects: false,
        says: "a session of more than an hour, which no session can ask for",
        check: chained,
    },
];

const HOUR: i64 = 3_600;
/// No session of a role is longer.
const LONGEST: i64 = 12 * HOUR;

/// What is taken, in seconds, and how that is written.
fn range(of: Lasts) -> (i64, i64, &'static str) {
    match of {
        Lasts::PermissionSet => (HOUR, LONGEST, "PT1H to PT12H"),
        Lasts::Role => (HOUR, LONGEST, "3600 to 43200 seconds"),
        Lasts::Session => (900, LONGEST, "900 to 43200 seconds"),
        Lasts::Team => (HOUR, 8_000 * HOUR, "1 to 8000 whole hours"),
        Lasts::Glide => (60, i64::MAX, "whole seconds, a minute at least"),
    }
}

fn out_of_range(template: &Template, _: &About, told: &mut Told) {
    for Duration { at, text, seconds, of } in &template.durations {
        let (least, most, taken) = range(*of);
        if !seconds.is_some_and(|seconds| (least..=most).contains(&seconds)) {
            told.add(at, format!("`{text}` is not taken: write {taken}"));
        }
    }
}

fn long(template: &Template, _: &About, told: &mut Told) {
    for duration in template.durations.iter().filter(|one| matches!(one.of, Lasts::Team | Lasts::Glide)) {
        let (_, most, _) = range(duration.of);
        if let Some(seconds) = duration.seconds.filter(|seconds| (LONGEST + 1..=most).contains(seconds)) {
            told.add(
                &duration.at,
                format!(
                    "{} hours, and 12 are the most that reviewers let pass: ask again for more",
                    (seconds - 1) / HOUR + 1
                ),
            );
        }
    }
}

fn chained(template: &Template, _: &About, told: &mut Told) {
    for duration in template.durations.iter().filter(|one| one.of == Lasts::Session) {
        if duration.seconds.is_some_and(|seconds| (HOUR + 1..=LONGEST).contains(&seconds)) {
            told.add(&duration.at, "whoever is in a session of a role already (role chaining, Identity Center) gets an hour at most, and more is refused; others get what the role's MaxSessionDuration allows");
        }
    }
}
