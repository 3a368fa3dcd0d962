//! What several calls together tell, and who is behind a role: the stories under `fixtures/sequences` and
//! `fixtures/chains` end as their READMEs say, in any order and any split. Only what the command line prints counts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Tree, files_below, root, table};

/// Findings that take more than one call.
const SEQUENCES: [&str; 13] = [
    "changed-role-then-assumed",
    "changed-user-then-credentials",
    "copied-then-shared",
    "first-use-of-role",
    "key-from-many-networks",
    "made-then-run",
    "many-denied-probes",
    "many-secrets-read",
    "mass-destruction",
    "new-access-key-used",
    "new-password-used",
    "password-guessing",
    "tampering-then-activity",
];

/// What the command line finds, as JSON tells it.
#[expect(clippy::disallowed_types, reason = "what a user gets is what the binary prints")]
pub(crate) fn privileged<P: AsRef<Path>>(paths: &[P], threads: u16) -> Vec<Value> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_trailwright"))
        .args(["privileged", "--format", "json", "--quiet", "--threads", &threads.to_string()])
        .args(paths.iter().map(AsRef::as_ref))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

fn is_sequence(finding: &Value) -> bool {
    SEQUENCES.contains(&finding["detection"].as_str().unwrap())
}

/// The stories of a folder: a file each, or a folder of files.
fn stories(folder: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(root("fixtures").join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let stories = entries.filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "jsonl"));
    let mut stories: Vec<_> =
        stories.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect();
    stories.sort();
    stories
}

/// All lines of the stories of a folder.
fn lines(folder: &str) -> Vec<String> {
    let files = files_below(&root("fixtures").join(folder));
    let files = files.iter().filter(|path| path.extension().is_some_and(|e| e == "jsonl"));
    files.flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A principal as the READMEs write it.
fn short(finding: &Value) -> &str {
    let principal = finding["principal"].as_str().unwrap();
    principal.strip_prefix("arn:aws:iam::").unwrap_or(principal)
}

/// Detection, principal and severity.
type Found = [String; 3];

fn found(paths: &[&Path], threads: u16) -> BTreeSet<Found> {
    let findings = privileged(paths, threads);
    let sequences = findings.iter().filter(|finding| is_sequence(finding));
    sequences
        .map(|finding| {
            assert!(finding["steps"].as_array().is_some_and(|steps| !steps.is_empty()), "{finding:#}");
            ["detection", "principal", "severity"].map(|field| match field {
                "principal" => short(finding).to_owned(),
                _ => finding[field].as_str().unwrap().to_owned(),
            })
        })
        .collect()
}

/// The rows of the README: story, detection, principal, severity, why.
fn told() -> Vec<[String; 5]> {
    table("fixtures/sequences/README.md")
}

/// Compares what was found with what is told of a story, or of all.
#[track_caller]
fn check(story: Option<&str>, found: &BTreeSet<Found>) {
    let rows = told();
    let rows: Vec<_> =
        rows.iter().filter(|row| row[3] != "absent" && story.is_none_or(|story| row[0] == story)).collect();
    let fits = |row: &[String; 5], finding: &Found| row[1..4].iter().zip(finding).all(|(r, f)| r == f || r == "*");
    let missing: Vec<_> = rows.iter().filter(|row| !found.iter().any(|finding| fits(row, finding))).collect();
    let more: Vec<_> = found.iter().filter(|finding| !rows.iter().any(|row| fits(row, finding))).collect();
    assert!(missing.is_empty() && more.is_empty(), "{story:?}\nnot found: {missing:#?}\nnot told: {more:#?}");
}

#[test]
fn every_sequence_is_found_and_nothing_that_only_looks_like_one() {
    for (story, path) in stories("sequences") {
        check(Some(&story), &found(&[&path], 2));
    }
}

#[test]
fn sequences_are_found_whatever_else_is_read_and_by_however_many() {
    let folder = root("fixtures/sequences");
    check(None, &found(&[&folder], 1));
    check(None, &found(&[&folder], 3));
}

#[test]
fn the_readme_of_the_sequences_tells_of_all_stories_and_both_ways() {
    let rows = told();
    let stories = stories("sequences");
    let names: BTreeSet<&str> = stories.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<BTreeSet<_>>(), names);
    for detection in SEQUENCES {
        let expected: BTreeSet<bool> =
            rows.iter().filter(|row| row[1] == detection).map(|row| row[3] == "absent").collect();
        assert_eq!(expected.len(), 2, "{detection}: both found and absent");
    }
    // A caller that is not there would be absent without any effort.
    for row in rows.iter().filter(|row| row[2] != "*") {
        let path = &stories.iter().find(|(name, _)| *name == row[0]).unwrap().1;
        let name = row[2].rsplit_once('/').unwrap().1.trim_end_matches('*');
        assert!(fs::read_to_string(path).unwrap().contains(name), "{row:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn no_order_of_events_or_files_changes_a_sequence(
        shuffled in Just(lines("sequences")).prop_shuffle(),
        per_file in 1..90_usize,
        threads in 1..4_u16,
    ) {
        check(None, &found(&[Tree::delivered(&shuffled, per_file).path()], threads));
    }
}

/// Every text in a value, in order.
fn texts(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(values) => values.iter().map(texts).collect(),
        Value::Object(fields) => fields.values().map(texts).collect(),
        _ => String::new(),
    }
}

/// Who is behind a call, as the README tells it: story, principal, call, names from the first to the last, why.
struct Chain {
    story: String,
    principal: String,
    call: String,
    names: Vec<String>,
}

fn chains() -> Vec<Chain> {
    let rows: Vec<[String; 5]> = table("fixtures/chains/README.md");
    rows.into_iter()
        .map(|[story, principal, call, behind, _]| {
            let names = behind.split('›').map(|name| name.trim().trim_matches('`').to_owned());
            Chain { story, principal, call, names: names.filter(|name| name != "–").collect() }
        })
        .collect()
}

#[track_caller]
fn check_chains(story: Option<&str>, findings: &[Value]) {
    let chains = chains();
    for chain in chains.iter().filter(|chain| story.is_none_or(|story| chain.story == story)) {
        let Chain { principal, call, names, .. } = chain;
        let of_call =
            |finding: &&Value| !is_sequence(finding) && short(finding) == principal && finding["event_name"] == **call;
        let mut findings = findings.iter().filter(of_call).peekable();
        assert!(findings.peek().is_some(), "{principal} {call}: not found");
        // Who is behind other calls of the story has nothing to do with this one.
        let others = chains.iter().filter(|other| other.story == chain.story).filter_map(|other| other.names.first());
        let others: Vec<_> = others.filter(|other| !names.contains(other)).collect();
        for finding in findings {
            // Where no session was followed, the record of the call itself may name somebody.
            let behind = ["origins", "people"].map(|field| texts(&finding[field]));
            let origins = behind.into_iter().find(|names| !names.is_empty()).unwrap_or_default();
            let mut rest = origins.as_str();
            for name in names {
                let at = rest.find(name.as_str());
                assert!(at.is_some(), "{principal} {call}: {name} of {names:?} is missing in {origins:?}");
                rest = &rest[at.unwrap() + name.len()..];
            }
            for other in &others {
                assert!(!origins.contains(other.as_str()), "{principal} {call}: not {other}, as in {origins:?}");
            }
        }
    }
}

#[test]
fn who_is_behind_a_role_is_found_as_far_as_the_archive_goes() {
    for (story, path) in stories("chains") {
        check_chains(Some(&story), &privileged(&[&path], 2));
    }
    assert!(chains().len() > 20);
}

#[test]
fn the_readme_of_the_chains_tells_of_all_stories() {
    let names: BTreeSet<String> = stories("chains").into_iter().map(|(name, _)| name).collect();
    assert_eq!(chains().into_iter().map(|chain| chain.story).collect::<BTreeSet<_>>(), names);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn no_order_of_events_or_files_changes_who_is_behind(
        shuffled in Just(lines("chains")).prop_shuffle(),
        per_file in 1..20_usize,
        threads in 1..4_u16,
    ) {
        check_chains(None, &privileged(&[Tree::delivered(&shuffled, per_file).path()], threads));
    }
}
