//! What is granted beside what was done: nothing is lost, and the reduced policy is one.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright::aggregate::History;
use trailwright::catalog;
use trailwright::iam::granted::{Granted, Reader};
use trailwright::iam::matches_ignoring_case;
use trailwright::recommend::difference::{Asked, Difference, Standing, differences};

use crate::support::{root, scan_paths};

fn history() -> History {
    scan_paths(&[root("fixtures/granted/events.jsonl")])
}

/// What the policy grants to each principal of the story.
fn with_policy(history: &History, policy: &Value) -> Vec<Difference> {
    let mut reader = Reader::default();
    reader.add("policy.json", &policy.to_string());
    with(history, &reader.finish())
}

fn with(history: &History, granted: &Granted) -> Vec<Difference> {
    assert_eq!(granted.problems, []);
    differences(history, granted, &Asked { is_meant: &|_| true, is_by_name: false, services_too: false }).collect()
}

fn granted(difference: &Difference) -> BTreeSet<String> {
    difference.actions.iter().filter(|one| one.is_granted).map(|one| one.action.to_string()).collect()
}

/// What statements grant, asked action by action.
fn slowly_granted(statements: &[Value]) -> BTreeSet<String> {
    let includes = |statement: &Value, action: &str| {
        let fits = |key: &str| {
            let patterns = statement[key].as_array().cloned().unwrap_or_default();
            patterns.iter().any(|pattern| matches_ignoring_case(pattern.as_str().unwrap(), action))
        };
        if statement.get("NotAction").is_some() { !fits("NotAction") } else { fits("Action") }
    };
    let some = |effect: &str, action: &str| {
        statements.iter().any(|statement| statement["Effect"] == effect && includes(statement, action))
    };
    let all = catalog::services().flat_map(|service| service.actions()).filter(|facts| !facts.retired);
    let all = all.map(|facts| facts.action.to_string());
    all.filter(|action| some("Allow", action) && !some("Deny", action)).collect()
}

fn statements() -> impl Strategy<Value = Vec<Value>> {
    let patterns = prop::sample::select(vec![
        "*",
        "ec2:*",
        "ec2:Describe*",
        "EC2:*instances",
        "iam:PassRole",
        "iam:*",
        "lambda:*Function",
        "lambda:UpdateFunctionCode*",
        "s3:*",
        "s3:GetObject",
        "sns:?reateTopic",
        "kms:*",
        "cloudformation:*",
        "secretsmanager:Describe*",
    ]);
    let statement = (prop::collection::vec(patterns, 1..4), 0..5_u8).prop_map(|(patterns, kind)| match kind {
        0 => json!({"Effect": "Deny", "Action": patterns, "Resource": "*"}),
        1 => json!({"Effect": "Allow", "NotAction": patterns, "Resource": ["*"]}),
        _ => json!({"Sid": "Same", "Effect": "Allow", "Action": patterns, "Resource": "*"}),
    });
    prop::collection::vec(statement, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn everything_granted_is_told_and_the_reduced_policy_allows_what_was_used(statements in statements()) {
        let history = history();
        let all = with_policy(&history, &json!({"Version": "2012-10-17", "Statement": statements}));
        // The role without its path is another one here, as no file has it.
        prop_assert_eq!(all.len(), 6);
        let expected = slowly_granted(&statements);
        // All are granted the same; these two used different things.
        for difference in all.iter().filter(|one| ["Deployer", "alice"].contains(&one.principal.short_name())) {
            prop_assert_eq!(&granted(difference), &expected);
            for one in &difference.actions {
                let is_of_granted = matches!(one.standing, Standing::Used | Standing::Unused | Standing::NotObservable(_));
                prop_assert_eq!(is_of_granted, one.is_granted);
            }
            let used = difference.actions.iter().filter(|one| one.standing == Standing::Used);
            let used: BTreeSet<String> = used.map(|one| one.action.to_string()).collect();
            prop_assert!(difference.reduced.len() <= 1);
            let Some(reduced) = difference.reduced.first() else {
                prop_assert!(used.is_empty());
                continue;
            };
            let again = with_policy(&history, reduced);
            let again = again.iter().find(|other| other.principal == difference.principal).unwrap();
            let left = granted(again);
            prop_assert!(left.is_subset(&expected) && used.is_subset(&left));
            let told_unused = difference.actions.iter().filter(|one| one.standing == Standing::Unused);
            prop_assert!(told_unused.into_iter().all(|one| !left.contains(&one.action.to_string())));
        }
    }
}

#[test]
fn each_principal_of_the_story_has_what_its_readme_says() {
    let mut reader = Reader::default();
    reader.add("details.json", &std::fs::read_to_string(root("fixtures/granted/details.json")).unwrap());
    let all = with(&history(), &reader.finish());
    let standing = |who: &str, action: &str| {
        let difference = all.iter().find(|one| one.principal.short_name() == who).unwrap();
        let one = difference.actions.iter().find(|one| one.action.to_string() == action);
        one.map(|one| one.standing.as_str())
    };
    for (who, action, expected) in [
        ("Deployer", "lambda:CreateFunction", Some("used")),
        ("Deployer", "iam:PassRole", Some("used")),
        ("Deployer", "lambda:InvokeFunction", Some("not-observable")),
        ("Deployer", "s3:GetBucketPolicy", Some("not-observable")),
        ("Deployer", "s3:PutBucketPolicy", Some("unused")),
        ("Deployer", "cloudformation:CreateStack", Some("denied")),
        ("Deployer", "cloudformation:DeleteStack", None),
        ("Deployer", "secretsmanager:DescribeSecret", Some("not-granted")),
        ("alice", "ec2:StopInstances", Some("used")),
        ("alice", "ec2:TerminateInstances", None),
        ("alice", "s3:GetObject", Some("not-observable")),
        ("alice", "kms:DisableKey", Some("denied")),
        ("Ops", "iam:PassRole", Some("not-observable")),
        ("Builder", "iam:ListUsers", None),
        ("Nightly", "ec2:CreateSnapshot", Some("unused")),
    ] {
        assert_eq!(standing(who, action), expected, "{who} {action}");
    }
    let stranger = all.iter().find(|one| one.principal.short_name() == "Stranger").unwrap();
    assert!(!stranger.is_known && stranger.reduced.is_empty());
    assert_eq!(all.len(), 6, "the roles of AWS's services are not among them");
}
