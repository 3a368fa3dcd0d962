//! What we write ourselves is what reviewers let pass.

use std::collections::BTreeSet;

use serde_json::Value;
use trailwright::recommend::lint::{About, lint};

use crate::support::{STORIES, root};

/// What only whoever asks can narrow: the log names no resource, and the template says so.
const BY_HAND: &[&str] = &["wildcard-resource", "accounts-differ", "pass-role-service"];

/// The grants that the command line writes for a story.
#[expect(clippy::disallowed_types, reason = "what a user gets is what the binary prints")]
fn templates(story: &str) -> Vec<Value> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["jit", "--format", "json", "--quiet", "--allow-partial", "--not-before", "2026-03-01T09:00:00Z"])
        .arg(root("fixtures").join(story).join("events.jsonl"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["templates"].as_array().unwrap().clone()
}

#[test]
fn own_templates_pass_their_lint() {
    let about = About { now: "2026-03-01T08:00:00Z".parse().unwrap(), kind: None };
    let mut seen = 0;
    for story in STORIES {
        for template in templates(story) {
            let body = template["body"].as_str().map_or_else(|| template["body"].to_string(), str::to_owned);
            let complaints = lint(&body, &about).unwrap_or_else(|error| panic!("{story}: {error}: {body}"));
            let rules: BTreeSet<_> =
                complaints.iter().map(|one| one.rule).filter(|one| !BY_HAND.contains(one)).collect();
            assert!(rules.is_empty(), "{story}: {complaints:?}: {body}");
            seen += 1;
        }
    }
    assert!(seen > 5, "{seen}");
}
