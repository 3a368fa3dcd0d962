//! What other people's programs say of what is written, where they are at hand.

use std::io::Write;
use std::process::Output;

use jiff::{SignedDuration, Timestamp};
use trailwright::recommend::jit::{self, Terms, Window};
use trailwright::recommend::{Thresholds, gaps};
use trailwright::report;

use crate::support::{STORIES, root, scan_paths};

/// Names the program to run instead of `cfn-lint`.
const NAMED: &str = "TRAILWRIGHT_CFN_LINT";

#[expect(clippy::disallowed_types, reason = "a linter that others wrote judges better than we do")]
fn cfn_lint(arguments: &[&str]) -> Option<Output> {
    let program = std::env::var(NAMED).unwrap_or_else(|_| "cfn-lint".to_owned());
    std::process::Command::new(program).args(arguments).output().ok()
}

#[test]
fn cfn_lint_has_nothing_against_a_stack() {
    if cfn_lint(&["--version"]).is_none_or(|output| !output.status.success()) {
        // Past the test harness, which keeps the output of tests that pass to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED: `cfn-lint` is not at hand; put it on PATH or name it in {NAMED}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let window = Window { not_before: now, not_after: now + SignedDuration::from_mins(90) };
    let terms = Terms { ticket: Some("INC-42".parse().unwrap()), ..Terms::from(window) };
    let mut files = Vec::new();
    for story in STORIES {
        let history = scan_paths(&[root("fixtures").join(story)]);
        let found = gaps(&history, &Thresholds::default());
        let target = jit::by_name("permission-set-cloudformation").unwrap();
        let report = report::jit(&history, &jit::elevations(&history, &found, &terms), &[target], now);
        for row in report.templates.unwrap() {
            let path = folder.path().join(format!("{story}-{}", row.file.unwrap()));
            std::fs::write(&path, row.text).unwrap();
            files.push(path.to_str().unwrap().to_owned());
        }
    }
    assert!(files.len() > 5, "{files:?}");
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = cfn_lint(&files).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
