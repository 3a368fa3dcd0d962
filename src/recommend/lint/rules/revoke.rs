//! Policies that only deny, such as those that end sessions by `aws:TokenIssueTime`: no window is asked of them.

use jiff::{SignedDuration, Timestamp};

use super::super::template::Policy;
use super::super::{About, Rule, Template, Told};
use crate::iam::document::{Comparison, Condition, Statement};

pub(in super::super) const RULES: &[Rule] = &[
    Rule { name: "revoke-in-future", rejects: false, says: "sessions are ended that have not begun", check: future },
    Rule { name: "revoke-in-past", rejects: false, says: "only sessions are ended that are over", check: past },
    Rule { name: "revoke-operator", rejects: true, says: "not the older sessions are ended", check: operator },
];

/// Clocks differ, and somebody has to attach it.
const SLACK: SignedDuration = SignedDuration::from_mins(15);
/// No session of a role is longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// What a policy that only denies compares with the time at which credentials were issued.
fn revocations(template: &Template) -> impl Iterator<Item = (&Policy, &Statement, &Condition)> {
    let policies = template.policies.iter().filter(|policy| policy.only_denies());
    let statements = policies.flat_map(|policy| policy.document.statements.iter().map(move |one| (policy, one)));
    statements.flat_map(|(policy, statement)| {
        let on_issue = statement.conditions.iter().filter(|one| one.is_on("aws:TokenIssueTime"));
        on_issue.map(move |condition| (policy, statement, condition))
    })
}

fn older_than(condition: &Condition) -> impl Iterator<Item = Timestamp> {
    let is_older = matches!(condition.comparison, Comparison::DateLessThan | Comparison::DateLessThanEquals);
    condition.values.iter().filter(move |_| is_older).filter_map(|text| text.parse().ok())
}

fn future(template: &Template, about: &About, told: &mut Told) {
    for (policy, statement, condition) in revocations(template) {
        if let Some(time) = older_than(condition).find(|time| time.duration_since(about.now) > SLACK) {
            told.add(policy.place(statement), format!("denies sessions that begin before {time}, which is not yet: attached before then it lets nobody in at all; wait until then, or write the time at which it is attached"));
        }
    }
}

fn past(template: &Template, about: &About, told: &mut Told) {
    for (policy, statement, condition) in revocations(template) {
        if let Some(time) = older_than(condition).max().filter(|time| about.now.duration_since(*time) > LONGEST) {
            told.add(
                policy.place(statement),
                format!("sessions from before {time} are over by themselves: it ends none, and can go"),
            );
        }
    }
}

fn operator(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement, condition) in revocations(template) {
        use Comparison::*;
        if !matches!(condition.comparison, DateLessThan | DateLessThanEquals | Null) {
            told.add(
                policy.place(statement),
                format!("{} on aws:TokenIssueTime does not end older sessions: use DateLessThan", condition.operator()),
            );
        }
    }
}
