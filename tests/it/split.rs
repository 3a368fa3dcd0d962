//! What should be standing and what asked for: each rule by a small history, and what holds for every story.

use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright::aggregate::History;
use trailwright::recommend::split::{Class, Split, UsedBy, What, split};
use trailwright::recommend::{Thresholds, gaps};

use crate::support::{STORIES, Tree, story};

/// Who calls.
#[derive(Clone, Copy)]
enum By {
    Person,
    Program,
    Nobody,
    Console,
}

/// A call on the given day from the first Monday of 2026 on.
fn call(by: By, day: usize, (source, name): (&str, &str), more: Value) -> Value {
    let session = match by {
        By::Person => "alice@example.com",
        By::Program => "i-0123456789abcdef0",
        By::Nobody | By::Console => "session",
    };
    let mut record = json!({
        "eventTime": format!("{}T08:00:00Z", jiff::civil::date(2026, 1, 5) + jiff::Span::new().days(day as i64)),
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROAEXAMPLEEXAMPLE:{session}"),
            "arn": format!("arn:aws:sts::111122223333:assumed-role/App/{session}"),
            "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "arn": "arn:aws:iam::111122223333:role/App", "accountId": "111122223333", "userName": "App"}},
        },
    });
    if matches!(by, By::Console) {
        record["userIdentity"]["sessionContext"]["attributes"] = json!({"mfaAuthenticated": "true"});
    }
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

fn history(records: Vec<Value>) -> History {
    let numbered = records.into_iter().enumerate().map(|(at, mut record)| {
        record["eventID"] = format!("00000000-0000-4000-8000-{at:012}").into();
        record.to_string()
    });
    Tree::delivered(&numbered.collect::<Vec<_>>(), 50).scan()
}

fn of(history: &History) -> Vec<Split<'_>> {
    let thresholds = Thresholds::default();
    split(history, &gaps(history, &thresholds), &thresholds)
}

/// The class of `action` and the reasons, of the only principal.
#[track_caller]
fn check(records: Vec<Value>, action: &str, class: Class, reasons: &[&str]) {
    let history = history(records);
    let splits = of(&history);
    let app = splits.iter().find(|split| split.principal.name.ends_with("role/App")).unwrap();
    let is_it = |what: What<'_>| matches!(what, What::Action(it) if it.to_string() == action);
    let placed = app.actions.iter().find(|placed| is_it(placed.what)).unwrap();
    assert_eq!(placed.reasons, reasons);
    assert_eq!(placed.class, class);
}

const LIST: (&str, &str) = ("dynamodb", "ListTables");
const ATTACH: (&str, &str) = ("iam", "AttachRolePolicy");

fn each(by: By, days: &[usize], what: (&str, &str)) -> Vec<Value> {
    days.iter().map(|day| call(by, *day, what, json!({}))).collect()
}

fn denied() -> Value {
    let message = "User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: dynamodb:DeleteItem on \
                   resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders because no identity-based policy allows \
                   the dynamodb:DeleteItem action";
    json!({"errorCode": "AccessDenied", "errorMessage": message})
}

const DELETE: (&str, &str) = ("dynamodb", "DeleteItem");

#[test]
fn what_people_use_every_week_stands_and_the_rest_is_asked_for() {
    let busy = each(By::Person, &[0, 7, 14, 21, 28], ("ec2", "DescribeVpcs"));
    let with = |more: Vec<Value>| busy.iter().cloned().chain(more).collect::<Vec<_>>();
    let regular = "used regularly, and not privileged";
    check(
        with(each(By::Person, &[0, 7, 15, 22], LIST)),
        "dynamodb:ListTables",
        Class::Standing,
        &["used on 4 days in 4 of 5 weeks", regular],
    );
    check(
        with(each(By::Person, &[0, 1, 2, 3, 4, 7, 14], LIST)),
        "dynamodb:ListTables",
        Class::Eligible,
        &["used on 7 days in 3 of 5 weeks", "used in fewer than 75% of the weeks: asked for when it is needed"],
    );
    check(
        with(each(By::Person, &[0, 7, 14], LIST)),
        "dynamodb:ListTables",
        Class::Eligible,
        &["used on 3 days in 3 of 5 weeks", "used on fewer than 4 days: asked for when it is needed"],
    );
    check(
        with(each(By::Person, &[0, 7, 14, 21, 28], ATTACH)),
        "iam:AttachRolePolicy",
        Class::Eligible,
        &["used on 5 days in 5 of 5 weeks", "privileged: permissions management, privilege escalation"],
    );
}

#[test]
fn nothing_is_regular_in_a_short_archive() {
    check(
        each(By::Person, &[0, 1, 2, 7, 8, 9, 14], LIST),
        "dynamodb:ListTables",
        Class::Eligible,
        &[
            "used on 7 days in 3 of 3 weeks",
            "too early to call anything regular: 7 days in 3 weeks of activity, of at least 4",
        ],
    );
}

#[test]
fn programs_keep_what_they_used() {
    check(
        each(By::Program, &[0], LIST),
        "dynamodb:ListTables",
        Class::Standing,
        &["used on 1 day in 1 of 1 week", "a program uses it: nobody can ask for it"],
    );
    check(
        each(By::Program, &[0], ATTACH),
        "iam:AttachRolePolicy",
        Class::Standing,
        &[
            "used on 1 day in 1 of 1 week",
            "privileged: permissions management, privilege escalation",
            "a program uses it: nobody can ask for it",
        ],
    );
}

#[test]
fn a_role_that_no_person_was_seen_to_use_is_a_programs() {
    check(
        each(By::Nobody, &[0], LIST),
        "dynamodb:ListTables",
        Class::Standing,
        &["used on 1 day in 1 of 1 week", "no person was seen to use the role: nobody can ask for it"],
    );
    let records = [each(By::Nobody, &[0], LIST), each(By::Console, &[0], ATTACH)].concat();
    let too_early = "too early to call anything regular: 1 day in 1 week of activity, of at least 4";
    check(records, "dynamodb:ListTables", Class::Eligible, &["used on 1 day in 1 of 1 week", too_early]);
}

#[test]
fn what_was_denied_is_asked_for_where_it_is_needed_and_can_be_had() {
    let denials =
        |by, days: &[usize], more: Value| days.iter().map(|day| call(by, *day, DELETE, more.clone())).collect();
    check(
        denials(By::Person, &[0, 1, 2], denied()),
        "dynamodb:DeleteItem",
        Class::Eligible,
        &["denied 3 times on 3 days", "needed"],
    );
    check(
        denials(By::Program, &[0, 1, 2], denied()),
        "dynamodb:DeleteItem",
        Class::Standing,
        &["denied 3 times on 3 days", "needed", "a program uses it, and nobody can ask for it: put it into the policy"],
    );
    check(
        denials(By::Program, &[0], denied()),
        "dynamodb:DeleteItem",
        Class::Eligible,
        &["denied 1 time on 1 day", "needed", "a program uses it, and nobody can ask for it: somebody has to decide"],
    );
    let by_organization = denied()["errorMessage"].as_str().unwrap().replace(
        "no identity-based policy allows the dynamodb:DeleteItem action",
        "no service control policy allows the dynamodb:DeleteItem action",
    );
    let history =
        history(denials(By::Person, &[0, 1, 2], json!({"errorCode": "AccessDenied", "errorMessage": by_organization})));
    let splits = of(&history);
    let [placed] = splits[0].actions.as_slice() else { panic!("{splits:?}") };
    assert_eq!((placed.class, placed.denied), (Class::Neither, true));
    assert!(
        placed.reasons[1].starts_with("an identity policy does not help, but organization"),
        "{:?}",
        placed.reasons
    );
}

#[test]
fn who_uses_a_principal_is_told_as_far_as_the_log_tells() {
    let used_by = |records: Vec<Value>| {
        let history = history(records);
        of(&history).iter().find(|split| split.principal.name.ends_with("App")).unwrap().used_by
    };
    assert_eq!(used_by(each(By::Person, &[0], LIST)), UsedBy::People);
    assert_eq!(used_by(each(By::Console, &[0], LIST)), UsedBy::People);
    assert_eq!(used_by(each(By::Program, &[0], LIST)), UsedBy::Workload);
    assert_eq!(used_by(each(By::Nobody, &[0], LIST)), UsedBy::Unknown);
    let both = [each(By::Program, &[0], LIST), each(By::Person, &[0], LIST)].concat();
    assert_eq!(used_by(both), UsedBy::Both);
    // A service that assumes a role hands it to a program, or is one.
    let mut assumed = each(By::Nobody, &[0], LIST);
    assumed.push(call(
        By::Nobody,
        0,
        ("sts", "AssumeRole"),
        json!({
            "userIdentity": {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
            "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/App", "roleSessionName": "session"}}),
    ));
    assert_eq!(used_by(assumed), UsedBy::Workload);
}

#[test]
fn of_what_both_use_each_action_is_judged_by_who_used_it() {
    let records = [each(By::Program, &[0], LIST), each(By::Person, &[0], ATTACH)].concat();
    check(
        records,
        "dynamodb:ListTables",
        Class::Standing,
        &["used on 1 day in 1 of 1 week", "a program uses it: nobody can ask for it"],
    );
    let records = [each(By::Program, &[0], LIST), each(By::Person, &[0], ATTACH)].concat();
    check(
        records,
        "iam:AttachRolePolicy",
        Class::Eligible,
        &["used on 1 day in 1 of 1 week", "privileged: permissions management, privilege escalation"],
    );
}

#[test]
fn every_action_that_was_used_is_somewhere_and_no_privileged_one_stands_for_people() {
    let mut placed = 0;
    for name in STORIES {
        let history = Tree::delivered(&story(name), 50).scan();
        let splits = of(&history);
        for (call, _) in history.calls.iter().filter(|(call, _)| call.outcome.is_allowed()) {
            let split = splits.iter().find(|split| *split.principal == *call.principal).unwrap();
            assert_eq!(split.left_out.is_some(), call.principal.kind.why_no_policy().is_some(), "{name}");
            if split.left_out.is_some() {
                assert!(split.actions.is_empty());
                continue;
            }
            for used in call.needs.uses() {
                let found = split.actions.iter().filter(|one| one.what == What::Action(&used.action) && !one.denied);
                assert_eq!(found.count(), 1, "{name}: {}", used.action);
            }
        }
        for one in splits.iter().flat_map(|split| &split.actions) {
            placed += 1;
            let stands = one.class == Class::Standing && matches!(one.used_by, UsedBy::People | UsedBy::Both);
            assert!(!stands || one.privileges.is_empty(), "{name}: {one:?}");
            assert!(!one.reasons.is_empty() && one.count > 0, "{name}: {one:?}");
        }
    }
    assert!(placed > 100, "{placed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn lower_thresholds_never_take_away_what_stands(days in prop::collection::btree_set(0..60_usize, 1..20), weeks in 1..8_usize, at_least in 1..6_usize, percent in 1..100_usize) {
        let days: Vec<usize> = days.into_iter().collect();
        let records = [each(By::Person, &[0, 7, 14, 21, 28, 35], ATTACH), each(By::Person, &days, LIST)].concat();
        let history = history(records);
        let mut strict = Thresholds::default();
        (strict.standing.weeks, strict.standing.days, strict.standing.percent) = (weeks, at_least, percent);
        let mut lax = strict.clone();
        (lax.standing.weeks, lax.standing.days, lax.standing.percent) = (weeks - 1, at_least - 1, percent - 1);
        let standing = |thresholds: &Thresholds| {
            let splits = split(&history, &gaps(&history, thresholds), thresholds);
            splits.iter().flat_map(|split| &split.actions).filter(|one| one.class == Class::Standing).count()
        };
        prop_assert!(standing(&lax) >= standing(&strict));
    }
}
