//! What we write ourselves is what reviewers let pass.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwright::recommend::jit;
use trailwright::recommend::lint::{About, lint};

use crate::support::{STORIES, root};

/// What only whoever asks can narrow: the log names no resource, and the template says so.
const BY_HAND: &[&str] = &["wildcard-resource", "accounts-differ", "pass-role-service"];

/// The grants that the command line writes for a story.
#[expect(clippy::disallowed_types, reason = "what a user gets is what the binary prints")]
fn templates(story: &str) -> Vec<Value> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["jit", "--target", "all", "--format", "json", "--quiet", "--allow-partial"])
        .args(["--not-before", "2026-03-01T09:00:00Z", "--ticket", "INC-42"])
        .arg(root("fixtures").join(story).join("events.jsonl"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["templates"].as_array().unwrap().clone()
}

#[test]
fn own_templates_pass_their_lint() {
    let mut seen = BTreeSet::new();
    for story in STORIES {
        // A page for people is no template, and not every principal can have every form.
        for template in templates(story).into_iter().filter(|one| one["target"] != "request" && !one["body"].is_null())
        {
            // What ends sessions is for the time after the grant.
            let now =
                if template["target"] == "revoke" { &template["not_after"] } else { &json!("2026-03-01T08:00:00Z") };
            let about = About { now: now.as_str().unwrap().parse().unwrap(), kind: None };
            let body = template["body"].as_str().map_or_else(|| template["body"].to_string(), str::to_owned);
            let complaints = lint(&body, &about).unwrap_or_else(|error| panic!("{story}: {error}: {body}"));
            let rules: BTreeSet<_> =
                complaints.iter().map(|one| one.rule).filter(|one| !BY_HAND.contains(one)).collect();
            assert!(rules.is_empty(), "{story}: {complaints:?}: {body}");
            seen.insert(template["target"].as_str().unwrap().to_owned());
        }
    }
    let all: BTreeSet<String> = jit::ALL.iter().map(|target| target.name().to_owned()).collect();
    assert_eq!(seen.len() + 1, all.len(), "{seen:?}");
    assert!(seen.is_subset(&all), "{seen:?}");
}
