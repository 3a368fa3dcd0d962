//! What was done with grants: the story under `fixtures/elevations` ends as its README says, and single calls at the
//! edges of a window, to the second.

mod missing;

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright::audit::{Audit, Options, audit, followed};
use trailwright::ledger;
use trailwright::report;
use trailwright::scan::ScanOptions;
use trailwright::watch::{self, Watch};

use crate::support::{Tree, root, scan_with, story, table};

/// What an audit tells, for as long as `then` looks at it.
fn audited<T>(
    tree: &Tree,
    ledger: &str,
    terms: watch::Options,
    threads: usize,
    then: impl Fn(&Audit<'_>, &Value) -> T,
) -> T {
    let read = ledger::read(&[("ledger.csv".into(), ledger.as_bytes().to_vec())]);
    assert_eq!(
        read.problems.iter().filter(|problem| problem.is_fatal).collect::<Vec<_>>(),
        Vec::<&ledger::Problem>::new()
    );
    let watch = Arc::new(Watch::new(read.grants, terms));
    let options =
        |watch: &Arc<Watch>| ScanOptions { threads, watch: Some(Arc::clone(watch)), ..ScanOptions::default() };
    let paths = [tree.path().to_path_buf()];
    let first = scan_with(&paths, &options(&watch));
    let made = followed(&first);
    let again = (!made.is_empty()).then(|| scan_with(&paths, &options(&Arc::new(watch.following(made)))));
    let audited = audit(&first, again.as_ref(), &watch, &Options::default());
    let report = report::audit(&first, &audited, &watch, &read.problems, &[]);
    then(&audited, &serde_json::to_value(&report).unwrap())
}

const HEAD: &str = "grant_id,principal_kind,principal,person,account_id,actions,resources,not_before,not_after,\
                    session_max_seconds,approver,ticket,conditions,break_glass,revoked_at";

/// A ledger of one grant of the permission set `Ops` to alice.
fn ops(actions: &str, resources: &str, window: (&str, &str), conditions: &str, revoked: &str) -> String {
    let (start, end) = window;
    let conditions = conditions.replace('"', "\"\"");
    let grant = format!(
        "G,permission_set,Ops,alice@example.com,111122223333,{actions},{resources},{start},{end},3600,lead,T-1,\"{conditions}\",,{revoked}"
    );
    format!("{HEAD}\n{grant}\n")
}

/// A call by a session of the permission set.
#[derive(Clone)]
struct Call {
    person: &'static str,
    began: &'static str,
    time: String,
    name: &'static str,
    region: &'static str,
    address: &'static str,
    account: &'static str,
    suffix: &'static str,
    number: usize,
}

fn at(time: &str) -> Call {
    Call {
        person: "alice@example.com",
        began: "2026-02-28T23:30:00Z",
        time: time.to_owned(),
        name: "DescribeTable",
        region: "eu-west-1",
        address: "203.0.113.7",
        account: "111122223333",
        suffix: "0123456789abcdef",
        number: 0,
    }
}

impl Call {
    fn record(&self) -> String {
        let Self { person, began, time, name, region, address, account, suffix, number } = self;
        let role = format!("AWSReservedSSO_Ops_{suffix}");
        let arn = format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{role}");
        json!({
            "eventVersion": "1.10", "eventTime": time, "eventSource": "dynamodb.amazonaws.com", "eventName": name,
            "awsRegion": region, "sourceIPAddress": address, "recipientAccountId": account, "eventType": "AwsApiCall",
            "eventID": format!("{number:08x}-aaaa-4bbb-8ccc-{:0>12x}", time.bytes().map(u64::from).sum::<u64>() * 7919 + *number as u64),
            "requestParameters": {"tableName": "orders"},
            "userIdentity": {
                "type": "AssumedRole", "principalId": format!("AROAEXAMPLEOPS:{person}"), "accountId": account,
                "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/{person}"), "accessKeyId": "ASIAOPSEXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "arn": arn, "accountId": account, "userName": role},
                    "attributes": {"creationDate": began, "mfaAuthenticated": "false"}}}
        })
        .to_string()
    }
}

/// Names of what is found of one call.
fn found(call: &Call, ledger: &str) -> String {
    // Something that nobody has to be granted, long before and after, so that the archive holds the whole window.
    let other = |time, number| {
        let call = Call { person: "somebody", number, ..at(time) };
        call.record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other")
    };
    let tree = Tree::delivered(&[other("2026-01-01T00:00:00Z", 1), call.record(), other("2029-01-01T00:00:00Z", 2)], 7);
    audited(&tree, ledger, watch::Options::default(), 1, |audit, _| {
        let names: BTreeSet<&str> = audit.findings.iter().map(|found| found.rule.name).collect();
        names.into_iter().collect::<Vec<_>>().join(" ")
    })
}

const WINDOW: (&str, &str) = ("2026-02-28T23:00:00Z", "2026-03-01T01:00:00Z");

#[test]
fn the_story_ends_as_its_readme_says() {
    let lines = story("elevations");
    let tree = Tree::delivered(&lines, 5);
    let ledger = std::fs::read_to_string(root("fixtures/elevations/ledger.csv")).unwrap();
    let mut expected: Vec<String> =
        table::<6>("fixtures/elevations/README.md").iter().map(|row| row[..5].join(" | ")).collect();
    let mut told = audited(&tree, &ledger, watch::Options::default(), 2, |_, report| {
        let of = |row: &Value| {
            let grants =
                row["grants"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";");
            let people = row["people"].as_array().unwrap();
            let who =
                people.last().and_then(Value::as_str).unwrap_or_default().split(['@', '-']).next().unwrap().to_owned();
            let who = if row["kind"] == "user" {
                row["principal"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
            } else {
                who
            };
            let count =
                row["count"].as_u64().filter(|count| *count > 0).map_or("–".to_owned(), |count| count.to_string());
            let grants = if grants.is_empty() { "–" } else { &grants };
            format!(
                "{} | {} | {grants} | {who} | {count}",
                row["detection"].as_str().unwrap(),
                row["severity"].as_str().unwrap()
            )
        };
        report["findings"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    });
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
}

#[test]
fn a_window_holds_to_the_second() {
    let ledger = ops("", "", WINDOW, "", "");
    #[track_caller]
    fn check(time: &str, began: &'static str, ledger: &str, expected: &str) {
        assert_eq!(found(&Call { began, ..at(time) }, ledger), expected, "{time}");
    }
    let early = "2026-02-28T22:50:00Z";
    // Clocks may be a minute apart.
    check("2026-02-28T22:58:59Z", early, &ledger, "unused-grant used-before-grant");
    check("2026-02-28T22:59:00Z", early, &ledger, "");
    check("2026-02-28T23:59:59Z", "2026-02-28T23:30:00Z", &ledger, "");
    check("2026-03-01T00:00:00Z", "2026-02-28T23:30:00Z", &ledger, "");
    check("2026-03-01T01:00:59Z", "2026-03-01T00:30:00Z", &ledger, "");
    // A session that began at half past midnight may live until half past one.
    check("2026-03-01T01:01:00Z", "2026-03-01T00:30:00Z", &ledger, "session-tail unused-grant");
    check("2026-03-01T01:31:00Z", "2026-03-01T00:30:00Z", &ledger, "session-tail unused-grant");
    check("2026-03-01T01:31:01Z", "2026-03-01T00:30:00Z", &ledger, "session-overrun unused-grant");
    // One that began when the window was over.
    check("2026-03-01T01:05:00Z", "2026-03-01T01:00:59Z", &ledger, "session-tail unused-grant");
    check("2026-03-01T01:05:00Z", "2026-03-01T01:01:00Z", &ledger, "unused-grant used-after-grant");
    // One that began before the window is no session of it.
    check("2026-03-01T01:05:00Z", early, &ledger, "unused-grant used-after-grant");
    // A day later nobody would say that it belongs to the grant.
    check("2026-03-02T01:00:00Z", "2026-03-02T00:59:00Z", &ledger, "unused-grant used-after-grant");
    check("2026-03-02T01:00:01Z", "2026-03-02T00:59:00Z", &ledger, "unused-grant used-without-grant");
    check("2026-02-27T22:59:59Z", "2026-02-27T22:50:00Z", &ledger, "unused-grant used-without-grant");
    // Leap days and years do not matter to moments.
    let leap = ops("", "", ("2028-02-29T23:00:00Z", "2028-03-01T01:00:00Z"), "", "");
    check("2028-03-01T00:30:00Z", "2028-02-29T23:30:00Z", &leap, "");
    let year = ops("", "", ("2026-12-31T23:30:00Z", "2027-01-01T00:30:00Z"), "", "");
    check("2027-01-01T00:29:59Z", "2026-12-31T23:59:59Z", &year, "");
}

#[test]
fn a_grant_that_was_revoked_ends_then() {
    let ledger = ops("", "", WINDOW, "", "2026-02-28T23:40:00Z");
    let within = Call { began: "2026-02-28T23:30:00Z", ..at("2026-02-28T23:35:00Z") };
    assert_eq!(found(&within, &ledger), "");
    let after = Call { time: "2026-02-28T23:50:00Z".to_owned(), ..within.clone() };
    assert_eq!(found(&after, &ledger), "session-tail unused-grant");
    let new = Call { began: "2026-02-28T23:45:00Z", ..after };
    assert_eq!(found(&new, &ledger), "unused-grant used-after-grant");
}

#[test]
fn a_person_is_known_with_the_domain_or_without() {
    let ledger = ops("", "", WINDOW, "", "");
    let by = |person, ledger: &str| found(&Call { person, ..at("2026-02-28T23:50:00Z") }, ledger);
    assert_eq!(by("alice@example.com", &ledger), "");
    assert_eq!(by("Alice@Example.com", &ledger), "");
    assert_eq!(by("alice", &ledger), "");
    assert_eq!(by("alice@example.org", &ledger), "unused-grant used-by-another-person");
    assert_eq!(by("alicea", &ledger), "unused-grant used-by-another-person");
    let short = ledger.replace("alice@example.com", "alice");
    assert_eq!(by("alice@example.org", &short), "");
    let both = ledger.replace("alice@example.com", "alice.smith@corp.example;asmith");
    assert_eq!(by("asmith", &both), "");
    let anyone = ledger.replace("alice@example.com", "");
    assert_eq!(by("bob", &anyone), "");
}

#[test]
fn a_set_is_itself_under_any_suffix_and_in_one_account() {
    let ledger = ops("", "", WINDOW, "", "");
    let call = at("2026-02-28T23:50:00Z");
    assert_eq!(found(&Call { suffix: "fedcba9876543210", ..call.clone() }, &ledger), "");
    assert_eq!(found(&Call { account: "444455556666", ..call.clone() }, &ledger), "unused-grant used-without-grant");
    let everywhere = ledger.replace("111122223333", "");
    assert_eq!(found(&Call { account: "444455556666", ..call }, &everywhere), "");
}

#[test]
fn scope_is_what_the_patterns_say() {
    let orders = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    #[track_caller]
    fn check(actions: &str, resources: &str, is_outside: bool) {
        let found = found(&at("2026-02-28T23:50:00Z"), &ops(actions, resources, WINDOW, "", ""));
        assert_eq!(found.contains("outside-scope"), is_outside, "{actions} on {resources}: {found}");
    }
    check("", "", false);
    check("dynamodb:*", "", false);
    check("DynamoDB:describetable", "", false);
    check("dynamodb:Get*", "", true);
    check("", orders, false);
    check("", "arn:aws:dynamodb:*:111122223333:table/*", false);
    check("", "arn:aws:dynamodb:eu-west-1:111122223333:table/order", true);
    check("", "arn:aws:dynamodb:us-east-1:111122223333:table/orders", true);
    check("dynamodb:Describe*;dynamodb:List*", orders, false);
    check("dynamodb:List*", orders, true);
}

#[test]
fn conditions_are_kept_or_told() {
    #[track_caller]
    fn check(conditions: &str, call: Call, is_kept: bool) {
        let found = found(&call, &ops("", "", WINDOW, conditions, ""));
        assert_eq!(!found.contains("condition-not-kept"), is_kept, "{conditions}: {found}");
    }
    let call = || at("2026-02-28T23:50:00Z");
    check(r#"{"source_ip":["203.0.113.0/24"]}"#, call(), true);
    check(r#"{"source_ip":["203.0.113.0/29","198.51.100.0/24"]}"#, Call { address: "198.51.100.1", ..call() }, true);
    check(r#"{"source_ip":["203.0.113.0/24"]}"#, Call { address: "198.51.100.1", ..call() }, false);
    // A service has no address that counts.
    check(r#"{"source_ip":["203.0.113.0/24"]}"#, Call { address: "athena.amazonaws.com", ..call() }, true);
    check(r#"{"regions":["eu-west-1"]}"#, call(), true);
    check(r#"{"regions":["us-east-1"]}"#, call(), false);
    // MFA with the identity provider does not show.
    check(r#"{"mfa":true}"#, call(), true);
}

#[test]
fn grants_that_overlap_are_one_window_and_two_rows() {
    let wide = ops("dynamodb:Describe*", "", ("2026-02-28T23:45:00Z", "2026-03-01T02:00:00Z"), "", "");
    let narrow = ops("dynamodb:Get*", "", WINDOW, "", "");
    let both = narrow + &wide.lines().nth(1).unwrap().replacen("G,", "H,", 1) + "\n";
    let before = at("2026-01-01T00:00:00Z").record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other");
    let calls = [before, at("2026-02-28T23:50:00Z").record(), at("2026-03-01T01:30:00Z").record()];
    let tree = Tree::delivered(&calls, 7);
    audited(&tree, &both, watch::Options::default(), 1, |audit, _| {
        let names: Vec<&str> = audit.findings.iter().map(|found| found.rule.name).collect();
        // The first call is within both, and the wider one names it; the second is within the wider one.
        assert_eq!(names, ["partly-used-grant"]);
        let lengths: Vec<usize> = audit.grants.iter().map(|grant| grant.timeline.len()).collect();
        assert_eq!(lengths, [1, 2]);
    });
}

#[test]
fn a_session_belongs_to_the_grant_that_held_when_it_began() {
    let first = ops("", "", ("2026-02-28T23:00:00Z", "2026-03-01T00:00:00Z"), "", "");
    let second = ops("", "", ("2026-03-01T00:10:00Z", "2026-03-01T00:20:00Z"), "", "");
    let both = first + &second.lines().nth(1).unwrap().replacen("G,", "H,", 1) + "\n";
    let call = Call { began: "2026-02-28T23:50:00Z", ..at("2026-03-01T00:25:00Z") };
    assert_eq!(found(&call, &both), "session-tail unused-grant");
}

#[test]
fn the_grant_that_allows_a_call_whole_is_the_one_that_counts() {
    let narrow = ops("", "", WINDOW, r#"{"source_ip":["198.51.100.0/24"]}"#, "");
    let wide = ops("dynamodb:*", "", WINDOW, "", "");
    let both = narrow + &wide.lines().nth(1).unwrap().replacen("G,", "H,", 1) + "\n";
    assert_eq!(found(&at("2026-02-28T23:50:00Z"), &both), "");
}

#[test]
fn a_source_identity_counts_and_not_what_the_session_is_called() {
    let with = |identity: &str| {
        let record = at("2026-02-28T23:50:00Z").record();
        record.replace("\"attributes\"", &format!("\"sourceIdentity\":\"{identity}\",\"attributes\""))
    };
    let names = |record: String| {
        let before = at("2026-01-01T00:00:00Z").record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other");
        let tree = Tree::delivered(&[before, record], 7);
        audited(&tree, &ops("", "", WINDOW, "", ""), watch::Options::default(), 1, |audit, _| {
            audit.findings.iter().map(|found| found.rule.name).collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(names(with("alice@example.com")), "");
    assert!(names(with("mallory@example.com")).contains("used-by-another-person"));
}

/// A call by an IAM user.
fn by_user(name: &str, account: &str, time: &str, source: &str, event: &str, request: &Value) -> String {
    json!({
        "eventVersion": "1.10", "eventTime": time, "eventSource": format!("{source}.amazonaws.com"), "eventName": event,
        "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.7", "recipientAccountId": account,
        "eventType": "AwsApiCall", "requestParameters": request,
        "eventID": format!("{name}-{account}-{time}"),
        "userIdentity": {
            "type": "IAMUser", "principalId": format!("AIDA{}EXAMPLE", account.len()), "accountId": account, "userName": name,
            "arn": format!("arn:aws:iam::{account}:user/{name}"), "accessKeyId": "AKIAEXAMPLE"}
    })
    .to_string()
}

#[test]
fn of_a_user_what_grants_name_is_elevated_and_nothing_else() {
    let ledger = |kind: &str, principal: &str, actions: &str| {
        let (start, end) = WINDOW;
        format!("{HEAD}\nG,{kind},{principal},alice@example.com,111122223333,{actions},,{start},{end},,lead,T-1,,,\n")
    };
    let names = |ledger: &str, record: String| {
        let far = |time: &str| at(time).record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other");
        let tree = Tree::delivered(&[far("2026-01-01T00:00:00Z"), record, far("2029-01-01T00:00:00Z")], 7);
        audited(&tree, ledger, watch::Options::default(), 1, |audit, _| {
            audit
                .findings
                .iter()
                .map(|found| found.rule.name)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(" ")
        })
    };
    let list = |time: &str| by_user("alice", "111122223333", time, "iam", "ListUsers", &json!({}));
    let inside = "2026-02-28T23:50:00Z";
    // A user's records never tell a person, and need not.
    assert_eq!(names(&ledger("user", "alice", "iam:List*"), list(inside)), "");
    assert_eq!(names(&ledger("group", "Admins", "iam:List*"), list(inside)), "");
    // What it may do every day is nobody's elevation, in the window and out of it.
    assert_eq!(names(&ledger("user", "alice", "s3:*"), list(inside)), "unused-grant");
    assert_eq!(names(&ledger("user", "alice", "s3:*"), list("2026-04-01T00:00:00Z")), "unused-grant");
    assert_eq!(
        names(&ledger("user", "alice", "iam:List*"), list("2026-04-01T00:00:00Z")),
        "unused-grant used-without-grant"
    );
    // Another account may have a user of that name.
    let elsewhere = by_user("alice", "444455556666", inside, "iam", "ListUsers", &json!({}));
    assert_eq!(names(&ledger("user", "alice", ""), elsewhere), "unused-grant");
    // One that was given as a whole always counts.
    assert_eq!(names(&ledger("user", "alice", ""), list("2026-04-01T00:00:00Z")), "unused-grant used-without-grant");
}

#[test]
fn chains_are_followed_whatever_the_session_is_called_and_only_there() {
    let ledger =
        format!("{HEAD}\nG,user,arn:aws:iam::111122223333:user/terraform,,,,,{},{},,lead,T-1,,,\n", WINDOW.0, WINDOW.1);
    let names = |account: &str, session: &str| {
        let assume = by_user(
            "terraform",
            account,
            "2026-02-28T23:50:00Z",
            "sts",
            "AssumeRole",
            &json!({"roleSessionName": session}),
        );
        let answer = json!({
            "credentials": {"accessKeyId": "ASIACHAINEXAMPLE"},
            "assumedRoleUser": {
                "assumedRoleId": format!("AROADEPLOYEXAMPLE:{session}"),
                "arn": format!("arn:aws:sts::{account}:assumed-role/Deploy/{session}")}
        });
        let assume =
            assume.replace("\"requestParameters\"", &format!("\"responseElements\":{answer},\"requestParameters\""));
        let call = json!({
            "eventVersion": "1.10", "eventTime": "2026-02-28T23:55:00Z", "eventSource": "iam.amazonaws.com",
            "eventName": "CreateAccessKey", "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.7",
            "recipientAccountId": account, "eventType": "AwsApiCall", "eventID": "chained",
            "requestParameters": {"userName": "reporting"},
            "userIdentity": {
                "type": "AssumedRole", "principalId": format!("AROADEPLOYEXAMPLE:{session}"), "accountId": account,
                "arn": format!("arn:aws:sts::{account}:assumed-role/Deploy/{session}"), "accessKeyId": "ASIACHAINEXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{account}:role/Deploy"), "userName": "Deploy"},
                    "attributes": {"creationDate": "2026-02-28T23:50:00Z"}}}
        });
        let tree = Tree::delivered(&[call.to_string(), assume], 1);
        audited(&tree, &ledger, watch::Options::default(), 1, |audit, _| {
            let names = audit.findings.iter().map(|found| found.rule.name).filter(|name| *name != "log-gap");
            names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
        })
    };
    let told = "chained-use persistence-under-grant privileged-under-grant";
    assert_eq!(names("111122223333", "work"), told);
    assert_eq!(names("111122223333", "i-0123456789abcdef0"), told);
    // Another account has a user of that name too.
    assert!(!names("444455556666", "work").contains("chained-use"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn no_order_of_files_matters(lines in Just(story("elevations")).prop_shuffle(), per_file in 1..9_usize, threads in 1..4_usize) {
        let ledger = std::fs::read_to_string(root("fixtures/elevations/ledger.csv")).unwrap();
        let of = |lines: &[String], per_file, threads| {
            audited(&Tree::delivered(lines, per_file), &ledger, watch::Options::default(), threads, |_, report| {
                // Where a record stands is another place then.
                let mut findings = report["findings"].clone();
                findings.as_array_mut().unwrap().iter_mut().for_each(|row| row["evidence"] = Value::Null);
                let grants = report["grants"].as_array().unwrap().iter().map(|row| {
                    let mut row = row.clone();
                    row["timeline"].as_array_mut().unwrap().iter_mut().for_each(|row| row["evidence"] = Value::Null);
                    row
                });
                (findings, grants.collect::<Vec<_>>())
            })
        };
        prop_assert_eq!(of(&lines, per_file, threads), of(&story("elevations"), 38, 1));
    }
}
