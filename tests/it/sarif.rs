//! Findings as SARIF are valid by its schema, whatever archive they are from.

use std::path::PathBuf;

use serde_json::Value;
use trailwright::report::{FindingView, privileged, render};

use crate::support::{STORIES, corpus, root, scan_paths};

/// The findings over paths as SARIF, checked by the schema.
#[track_caller]
fn valid(paths: &[PathBuf]) -> Value {
    let schema = serde_json::from_str(include_str!("data/sarif-2.1.0.schema.json")).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let report = privileged(&scan_paths(paths), &FindingView::default());
    let mut out = Vec::new();
    render::by_name("sarif").unwrap().render(&report, &mut out).unwrap();
    let document: Value = serde_json::from_slice(&out).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new(), "{paths:?}");
    let rows = report.findings.unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), rows.len());
    for (result, row) in results.iter().zip(rows) {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(document["runs"][0]["tool"]["driver"]["rules"][index]["id"], row.detection.as_str());
    }
    document
}

fn results(document: &Value) -> usize {
    document["runs"][0]["results"].as_array().unwrap().len()
}

#[test]
fn every_story_is_told_in_valid_sarif() {
    let stories: Vec<PathBuf> = STORIES.iter().map(|story| root("fixtures").join(story)).collect();
    for story in &stories {
        valid(std::slice::from_ref(story));
    }
    assert!(results(&valid(&stories)) > 30);
}

#[test]
fn the_same_finding_has_the_same_fingerprint_in_a_larger_archive() {
    let prints = |document: &Value| -> Vec<String> {
        let results = document["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|result| result["partialFingerprints"]["trailwright/v1"].to_string()).collect()
    };
    let alone = prints(&valid(&[root("fixtures/privileged-calls")]));
    let among_others = prints(&valid(&[root("fixtures/privileged-calls"), root("fixtures/orders-team")]));
    assert!(alone.len() > 30 && among_others.len() > alone.len());
    assert!(alone.iter().all(|print| among_others.contains(print)));
}

#[test]
fn what_could_not_be_read_is_told() {
    let document = valid(&[root("fixtures/envelopes"), root("fixtures/ugly-records")]);
    let told = document["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(told.iter().any(|notification| notification["level"] == "warning"), "{told:?}");
    assert!(told.iter().any(|notification| notification["level"] == "note"), "{told:?}");
}

#[test]
fn real_logs_are_told_in_valid_sarif() {
    for (name, least) in [("invictus", 10), ("stratus", 10), ("otrf", 0)] {
        if let Some(path) = corpus(name) {
            let found = results(&valid(&[path]));
            assert!(found >= least, "{name}: {found}");
        }
    }
}
