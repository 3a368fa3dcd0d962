//! What a denial says and what is made of it: a corpus of messages, stories with their verdicts, and what holds
//! whatever comes in whatever order.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright::aggregate::History;
use trailwright::event::Message;
use trailwright::iam::{DenyKind, PolicyType};
use trailwright::recommend::jit::{self, Terms, Window};
use trailwright::recommend::{FixableBy, Gap, Options, Thresholds, gaps, recommendations};
use trailwright::report::{self, View};

use crate::support::{STORIES, Tree, corpus, files_below, root, scan_paths, story};

/// A denied call of a role, with what AWS said of it.
fn denied(id: usize, source: &str, name: &str, message: &str) -> Value {
    json!({
        "eventVersion": "1.11",
        "eventTime": format!("2026-02-{:02}T08:00:00Z", 1 + id % 28),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0",
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "requestParameters": null,
        "responseElements": null,
        "eventID": format!("00000000-0000-4000-8000-{id:012}"),
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLEEXAMPLE:s",
            "arn": "arn:aws:sts::111122223333:assumed-role/App/s",
            "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": {
                "type": "Role", "arn": "arn:aws:iam::111122223333:role/App", "accountId": "111122223333", "userName": "App"}},
        },
    })
}

fn history_of(records: &[Value]) -> History {
    let records: Vec<String> = records.iter().map(ToString::to_string).collect();
    Tree::delivered(&records, 50).scan()
}

#[test]
fn every_message_of_the_corpus_is_read_and_judged() {
    let text = fs::read_to_string(root("tests/it/data/messages.tsv")).unwrap();
    let (mut rows, mut services, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for (at, line) in text.lines().enumerate().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [shape, text, action, resource, kind, layer, policy, encoded, cut, fixable_by] = cells[..] else {
            panic!("{line}");
        };
        let message = Message::parse(text);
        let yes = |yes: bool| if yes { "yes" } else { "no" };
        let source = message.action().and_then(|action| action.split_once(':')).map_or("s3", |(service, _)| service);
        let mut record = denied(at, &format!("{}.amazonaws.com", source.to_lowercase()), "GetObject", text);
        if matches!(message, Message::ImagesNotShared(_)) {
            record["errorCode"] = "Client.AuthFailure".into();
        }
        let history = history_of(&[record]);
        let found = gaps(&history, &Thresholds::default());
        let verdict = found.first().map_or("-", |gap| gap.fixable_by.as_str());
        let read = [
            message.shape().as_str(),
            text,
            message.action().unwrap_or("-"),
            message.resource().unwrap_or("-"),
            message.kind().as_str(),
            message.policy_type().as_str(),
            message.policy_arn().unwrap_or("-"),
            yes(message.encoded().is_some()),
            yes(message.is_cut()),
            verdict,
        ];
        let expected = [shape, text, action, resource, kind, layer, policy, encoded, cut, fixable_by];
        if read != expected {
            wrong.push(format!(
                "line {}: {}\n  found    {:?}\n  expected {:?}",
                at + 1,
                text,
                [&read[..1], &read[2..]].concat(),
                [&expected[..1], &expected[2..]].concat()
            ));
        }
        let written = message.to_string();
        assert_eq!(Message::parse(&written), message, "{written}");
        services.extend(message.action().map(|action| action.split(':').next().unwrap().to_lowercase()));
        rows += 1;
    }
    assert!(wrong.is_empty(), "{} of {rows} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows >= 90 && services.len() >= 15, "{rows} rows, {} services", services.len());
}

/// What the README of the stories says of a gap, and what is found of it.
type Verdict = [String; 8];

fn verdict(story: &str, gap: &Gap<'_>) -> Verdict {
    let named = gap.resource.filter(|resource| resource.is_named());
    let resource = named.map_or_else(|| "-".to_owned(), |resource| resource.arn.clone());
    [
        story.to_owned(),
        gap.principal.short_name().to_owned(),
        gap.action.map_or_else(|| "-".to_owned(), ToString::to_string),
        resource,
        gap.refusal.policy_type.as_str().to_owned(),
        gap.refusal.kind.as_str().to_owned(),
        gap.fixable_by.as_str().to_owned(),
        if gap.principal.kind.is_service() { "apart" } else { gap.need.as_str() }.to_owned(),
    ]
}

#[test]
fn every_story_ends_with_the_verdicts_its_readme_tells() {
    let readme = fs::read_to_string(root("fixtures/denials/README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 9);
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`').to_owned()));
    let expected: BTreeSet<Verdict> = cells
        .filter_map(|cells| cells.collect::<Vec<_>>().try_into().ok())
        .filter(|row: &Verdict| row[0] != "story" && !row[0].starts_with("--"))
        .collect();
    let mut found = BTreeSet::new();
    for path in
        files_below(&root("fixtures/denials")).iter().filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
    {
        let history = scan_paths(&[path]);
        let story = path.file_stem().unwrap().to_str().unwrap();
        found.extend(gaps(&history, &Thresholds::default()).iter().map(|gap| verdict(story, gap)));
    }
    let missing: Vec<_> = expected.difference(&found).collect();
    let more: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && more.is_empty(), "not found: {missing:#?}\nnot told: {more:#?}");
    assert!(expected.len() > 30, "{}", expected.len());
}

/// Everything that is said of gaps, but where their evidence stands.
fn said(history: &History) -> Vec<String> {
    let view = View { services_too: true, ..View::default() };
    let report = report::denied(history, &gaps(history, &Thresholds::default()), &view);
    let mut rows = report.denied.unwrap();
    rows.iter_mut().for_each(|row| row.evidence.clear());
    let rows = rows.iter().map(|row| serde_json::to_string(row).unwrap());
    let groups = report.groups.unwrap();
    rows.chain(groups.iter().map(|group| serde_json::to_string(group).unwrap())).collect()
}

/// All lines of stories that are about denials.
fn lines() -> Vec<String> {
    let files = files_below(&root("fixtures/denials"));
    let files = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    let denials =
        files.flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>());
    denials.chain(story("orders-team")).chain(story("every-policy-layer")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn no_order_of_events_or_files_changes_a_verdict(shuffled in Just(lines()).prop_shuffle(), per_file in 1..60_usize) {
        let expected = said(&Tree::delivered(&lines(), 1000).scan());
        prop_assert!(expected.len() > 100);
        prop_assert_eq!(said(&Tree::delivered(&shuffled, per_file).scan()), expected);
    }
}

const LAYERS: &[(&str, PolicyType)] = &[
    ("identity-based policy", PolicyType::Identity),
    ("resource-based policy", PolicyType::Resource),
    ("permissions boundary", PolicyType::Boundary),
    ("session policy", PolicyType::Session),
    ("service control policy", PolicyType::Scp),
    ("resource control policy", PolicyType::Rcp),
    ("VPC endpoint policy", PolicyType::VpcEndpoint),
    ("role trust policy", PolicyType::Trust),
    ("declarative policy", PolicyType::Unknown),
];

/// Actions and resources for which an Allow could be written.
const CALLS: &[(&str, &str, &str)] = &[
    ("dynamodb", "DeleteItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
    ("sqs", "SendMessage", "arn:aws:sqs:eu-west-1:444455556666:jobs"),
    ("kms", "Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-5555aaaabbbb"),
    ("iam", "PassRole", "arn:aws:iam::111122223333:role/Web"),
    ("sts", "AssumeRole", "arn:aws:iam::444455556666:role/Audit"),
    ("s3", "PutObject", "arn:aws:s3:::b/k"),
    ("ec2", "TerminateInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0"),
];

fn grants(history: &History) -> BTreeSet<(String, String)> {
    let window = Window {
        not_before: "2026-03-01T00:00:00Z".parse().unwrap(),
        not_after: "2026-03-01T01:00:00Z".parse().unwrap(),
    };
    let found = gaps(history, &Thresholds::default());
    let grants = jit::elevations(history, &found, &Terms::from(window));
    let mut allowed: BTreeSet<_> = grants
        .iter()
        .flat_map(|grant| grant.permissions.iter().map(|one| (one.action.to_string(), one.resource.arn.clone())))
        .collect();
    for recommendation in recommendations(history, &Options::default()) {
        allowed.extend(
            recommendation
                .rationale
                .iter()
                .map(|why| (why.permission.action.to_string(), why.permission.resource.arn.clone())),
        );
    }
    allowed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn only_what_an_identity_policy_can_fix_is_ever_allowed(
        call in prop::sample::select(CALLS),
        layer in prop::sample::select(LAYERS),
        explicit in any::<bool>(),
        named in any::<bool>(),
        times in 1..6_usize,
    ) {
        let (service, name, resource) = call;
        let action = format!("{service}:{name}");
        let reason = match (explicit, named) {
            (false, _) => format!("because no {} allows the {action} action", layer.0),
            (true, false) => format!("with an explicit deny in a {}", layer.0),
            (true, true) => format!("with an explicit deny in a {}: arn:aws:iam::111122223333:policy/P", layer.0),
        };
        let text = format!("User: arn:aws:sts::111122223333:assumed-role/App/s is not authorized to perform: {action} on resource: {resource} {reason}");
        let records: Vec<_> = (0..times).map(|id| denied(id, &format!("{service}.amazonaws.com"), name, &text)).collect();
        let history = history_of(&records);
        let found = gaps(&history, &Thresholds::default());
        prop_assert_eq!(found.len(), 1);
        let by_identity = !explicit && layer.1 == PolicyType::Identity;
        let by_either = !explicit && layer.1 == PolicyType::Resource && !resource.contains("444455556666") && !matches!(service, "kms" | "sts");
        prop_assert_eq!(found[0].fixable_by == FixableBy::IdentityPolicy, by_identity || by_either);
        prop_assert_eq!(found[0].refusal.kind, if explicit { DenyKind::Explicit } else { DenyKind::Implicit });
        prop_assert_eq!(found[0].advice.starts_with("Allow "), by_identity || by_either, "{}", found[0].advice);
        let allowed = grants(&history);
        prop_assert_eq!(!allowed.is_empty(), by_identity || by_either, "{:?}", allowed);
    }
}

#[test]
fn nothing_in_any_story_is_granted_that_cannot_be() {
    for name in STORIES.iter().map(|name| root("fixtures").join(name)).chain([root("fixtures/denials")]) {
        check_grants(&scan_paths(&[name]));
    }
    for name in ["invictus", "stratus", "otrf"] {
        if let Some(path) = corpus(name) {
            check_grants(&scan_paths(&[path]));
        }
    }
}

/// What templates allow is what gaps say an identity policy can fix.
#[track_caller]
fn check_grants(history: &History) {
    let window = Window {
        not_before: "2026-03-01T00:00:00Z".parse().unwrap(),
        not_after: "2026-03-01T01:00:00Z".parse().unwrap(),
    };
    let found = gaps(history, &Thresholds::default());
    for grant in jit::elevations(history, &found, &Terms::from(window)) {
        for permission in &grant.permissions {
            let fixable = found.iter().any(|gap| {
                gap.principal == grant.principal
                    && gap.action == Some(permission.action)
                    && gap.resource == Some(permission.resource)
                    && gap.fixable_by == FixableBy::IdentityPolicy
                    && gap.refusal.kind == DenyKind::Implicit
                    && matches!(gap.refusal.policy_type, PolicyType::Identity | PolicyType::Resource)
            });
            assert!(fixable, "{permission:?}");
        }
    }
}
