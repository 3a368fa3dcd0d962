//! What other people's programs say of what is written, where they are at hand.

use std::io::Write;
use std::process::Output;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use trailwright::recommend::jit::{self, Terms, Window};
use trailwright::recommend::{Thresholds, gaps};
use trailwright::report;

use crate::support::{STORIES, root, scan_paths};

/// A program, and the variable that names another one to run instead.
const CFN_LINT: (&str, &str) = ("cfn-lint", "TRAILWRIGHT_CFN_LINT");
const TERRAFORM: (&str, &str) = ("terraform", "TRAILWRIGHT_TERRAFORM");

#[expect(clippy::disallowed_types, reason = "what others wrote judges better than we do")]
fn run((program, variable): (&str, &str), arguments: &[&str]) -> Option<Output> {
    let program = std::env::var(variable).unwrap_or_else(|_| program.to_owned());
    std::process::Command::new(program).args(arguments).output().ok()
}

/// Whether a program is at hand; says loudly when it is not. One that somebody named has to run.
fn is_at_hand(program: (&str, &str)) -> bool {
    let found = run(program, &["--version"]).is_some_and(|output| output.status.success());
    let (name, variable) = program;
    if let Ok(named) = std::env::var(variable) {
        assert!(found, "{variable} names `{named}`, which does not run");
    }
    if !found {
        // Past the test harness, which keeps the output of tests that pass to itself.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: `{name}` is not at hand; put it on PATH or name it in {variable}");
    }
    found
}

#[test]
#[should_panic(expected = "does not run")]
fn a_program_that_was_named_has_to_run() {
    // Cargo sets it for every test, and it names a folder.
    is_at_hand(("no-such-program", "CARGO_MANIFEST_DIR"));
}

/// The grants of all stories in some forms, as files of a folder.
fn written(targets: &[&str]) -> (TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let window = Window { not_before: now, not_after: now + SignedDuration::from_mins(90) };
    let terms = Terms { ticket: Some("INC-42".parse().unwrap()), ..Terms::from(window) };
    let mut files = Vec::new();
    for story in STORIES {
        let history = scan_paths(&[root("fixtures").join(story)]);
        let found = gaps(&history, &Thresholds::default());
        let targets: Vec<_> = targets.iter().map(|name| jit::by_name(name).unwrap()).collect();
        let report = report::jit(&history, &jit::elevations(&history, &found, &terms), &targets, now);
        for row in report.templates.unwrap() {
            let path = folder.path().join(format!("{story}-{}", row.file.unwrap()));
            std::fs::write(&path, row.text).unwrap();
            files.push(path.to_str().unwrap().to_owned());
        }
    }
    assert!(files.len() > 5, "{files:?}");
    (folder, files)
}

#[test]
fn cfn_lint_has_nothing_against_a_stack() {
    if is_at_hand(CFN_LINT) {
        let (_folder, files) = written(&["permission-set-cloudformation"]);
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let output = run(CFN_LINT, &files).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn cfn_lint_has_nothing_against_a_policy() {
    if is_at_hand(CFN_LINT) {
        // It knows the grammar of policies and their actions, where a stack holds one.
        let (_folder, files) = written(&["iam-policy", "session-policy"]);
        for file in &files {
            let policy: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            let properties = serde_json::json!({"PolicyDocument": policy});
            let resource = serde_json::json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties});
            let stack = serde_json::json!({"Resources": {"Grant": resource}});
            std::fs::write(file, stack.to_string()).unwrap();
        }
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let output = run(CFN_LINT, &files).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn terraform_reads_what_is_written_for_it() {
    if is_at_hand(TERRAFORM) {
        let (folder, _) = written(&["permission-set-terraform", "glide-access-rule"]);
        let folder = folder.path().to_str().unwrap();
        let output = run(TERRAFORM, &["fmt", "-list=false", "-write=false", folder]).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
