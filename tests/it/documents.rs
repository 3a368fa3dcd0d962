//! Every policy document that comes out is one that IAM takes, and says no more than the log does.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use trailwright::catalog;
use trailwright::recommend::jit::{self, Terms, Window};
use trailwright::recommend::{Options, Thresholds, gaps, recommendations};

use crate::support::{STORIES, corpus, root, scan_paths};

/// The texts of a member that is a list of them, none empty, sorted, none twice.
#[track_caller]
fn texts<'v>(statement: &'v Value, member: &str) -> Vec<&'v str> {
    let texts: Vec<&str> = statement[member].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert!(!texts.is_empty() && texts.is_sorted() && texts.iter().all(|text| !text.is_empty()), "{statement}");
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len(), "{statement}");
    texts
}

/// IAM's grammar for an identity policy, as far as these documents use it.
#[track_caller]
fn check(document: &Value) {
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(members(document), set(&["Version", "Statement"]));
    assert_eq!(document["Version"], "2012-10-17");
    // IAM takes printable ASCII, Latin-1 and three kinds of white space.
    assert!(document.to_string().chars().all(|c| matches!(c, ' '..='\u{ff}' | '\t' | '\n' | '\r')), "{document}");
    let mut sids = BTreeSet::new();
    let statements = document["Statement"].as_array().unwrap();
    assert!(!statements.is_empty());
    for statement in statements {
        assert!(members(statement).is_subset(&set(&["Sid", "Effect", "Action", "Resource", "Condition"])));
        let sid = statement["Sid"].as_str().unwrap();
        assert!(!sid.is_empty() && sid.bytes().all(|b| b.is_ascii_alphanumeric()) && sids.insert(sid), "{sid}");
        assert_eq!(statement["Effect"], "Allow");
        let resources = texts(statement, "Resource");
        for resource in &resources {
            let parts = resource.splitn(6, ':').collect::<Vec<_>>();
            assert!(*resource == "*" || (parts.len() == 6 && parts[0] == "arn" && !parts[5].is_empty()), "{resource}");
        }
        for action in texts(statement, "Action") {
            let (prefix, name) = action.split_once(':').unwrap();
            let known = catalog::action(prefix, name);
            assert!(known.is_some(), "{action} is in no catalog");
            let known = known.unwrap();
            assert_eq!(known.action.to_string(), action, "in AWS's spelling");
            assert_eq!(known.resources.is_empty(), resources == ["*"], "{action} on {resources:?}");
        }
        for operator in statement.get("Condition").and_then(Value::as_object).into_iter().flat_map(|all| all.values()) {
            for (key, values) in operator.as_object().unwrap() {
                assert!(key.contains(':') && values.as_array().unwrap().iter().all(Value::is_string), "{operator}");
            }
        }
    }
}

/// Checks all documents over paths, and that there are at least as many as named.
#[track_caller]
fn check_all(paths: &[PathBuf], policies: usize, grants: usize) {
    let history = scan_paths(paths);
    let recommended = recommendations(&history, &Options::default());
    let policy_documents: Vec<_> = recommended.iter().flat_map(|one| one.policies()).collect();
    for policy in &policy_documents {
        check(&serde_json::to_value(&policy.document).unwrap());
    }
    let not_before = "2026-02-03T04:05:06Z".parse().unwrap();
    let window = Window { not_before, not_after: "2026-02-03T05:05:06Z".parse().unwrap() };
    let found = gaps(&history, &Thresholds::default());
    let elevations = jit::elevations(&history, &found, &Terms::from(window));
    for grant in &elevations {
        let document = serde_json::to_value(grant.document(&[])).unwrap();
        check(&document);
        for statement in document["Statement"].as_array().unwrap() {
            let time = |operator: &str| statement["Condition"][operator]["aws:CurrentTime"][0].clone();
            assert_eq!(time("DateGreaterThanEquals"), "2026-02-03T04:05:06Z");
            assert_eq!(time("DateLessThan"), "2026-02-03T05:05:06Z");
        }
    }
    assert!(policy_documents.len() >= policies, "{} policies", policy_documents.len());
    assert!(elevations.len() >= grants, "{} grants", elevations.len());
}

#[test]
fn every_document_over_the_stories_is_one_that_iam_takes() {
    for story in STORIES {
        check_all(&[root("fixtures").join(story)], 0, 0);
    }
    check_all(&[root("fixtures")], 30, 5);
}

#[test]
fn every_document_over_real_logs_is_one_that_iam_takes() {
    for (name, policies, grants) in [("invictus", 4, 1), ("stratus", 4, 1), ("otrf", 1, 0)] {
        if let Some(path) = corpus(name) {
            check_all(&[path], policies, grants);
        }
    }
}
