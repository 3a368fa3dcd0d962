//! Runbooks that run: what a query gives is what asking row by row gives, the same input gives the same evidence, which
//! verifies, and each ending has its exit status.

mod queries;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trailwright::archive::{Archive, Source};
use trailwright::recommend::Thresholds;
use trailwright::runbook::run::{self, Plan};
use trailwright::runbook::told::{self, EvidenceFile};
use trailwright::runbook::{SCHEMA, all, check, inputs};
use trailwright::scan::{ScanOptions, scan};

use crate::support::{STORIES, Tree, root};

const AT: &str = "2026-03-10T00:00:00Z";

/// Runs a runbook on what was read, and gives its evidence.
fn evidence(text: &str, given: &[&str], paths: &[PathBuf], threads: usize) -> Vec<EvidenceFile> {
    let now: Timestamp = AT.parse().unwrap();
    let runbook = check::read(text).unwrap();
    let given: Vec<String> = given.iter().map(ToString::to_string).collect();
    let values = inputs::values(&runbook, &given, now).unwrap();
    let plan = Plan::of(&runbook, values, now).unwrap();
    let sources = paths.iter().cloned().map(Source::Path).collect();
    let options = ScanOptions { threads, searches: plan.searches.clone(), ..ScanOptions::default() };
    let history = scan(&Archive { sources, ..Archive::default() }, &options, &());
    let thresholds = Thresholds::default();
    let archive =
        run::Archive { history: &history, chained: None, watch: None, problems: &[], thresholds: &thresholds };
    let ran = run::run(&plan, archive).unwrap();
    told::files(&ran, text).unwrap()
}

fn file<'f>(files: &'f [EvidenceFile], name: &str) -> &'f str {
    &files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("no {name}")).text
}

fn rows(files: &[EvidenceFile], name: &str) -> Vec<Value> {
    serde_json::from_str(file(files, name)).unwrap()
}

/// Something for each input that has to be given.
fn needed(text: &str) -> Vec<&'static str> {
    let runbook = check::read(text).unwrap();
    let missing = runbook.inputs.iter().filter(|(_, input)| input.default.is_none());
    let value = |(name, input): (&String, &trailwright::runbook::model::Input)| -> &'static str {
        let text = match input.kind.as_str() {
            "account" => "111122223333",
            "access-key" => "AKIAIOSFODNN7EXAMPLE",
            "time" => "2026-02-01T00:00:00Z",
            "duration" => "2h",
            "number" => "3",
            "boolean" => "true",
            "region" => "eu-west-1",
            _ => "alice",
        };
        format!("{name}={text}").leak()
    };
    missing.map(value).collect()
}

#[test]
fn the_same_input_gives_the_same_evidence_however_it_is_read() {
    let mut paths: Vec<PathBuf> = STORIES.iter().map(|story| root("fixtures").join(story)).collect();
    let mut seen = 0;
    for (name, text) in all() {
        let given = needed(text);
        let first = evidence(text, &given, &paths, 1);
        paths.reverse();
        let second = evidence(text, &given, &paths, 3);
        for (one, other) in first.iter().zip(&second) {
            assert_eq!(one, other, "{name}");
        }
        assert_eq!(first.len(), second.len(), "{name}");
        seen += 1;
    }
    assert!(seen >= 2, "only {seen} runbooks");
}

#[test]
fn sums_are_those_of_every_file() {
    for (name, text) in all() {
        let files = evidence(text, &needed(text), &[root("fixtures/orders-team")], 1);
        let sums = file(&files, "SHA256SUMS");
        let told: Vec<(&str, &str)> = sums.lines().map(|line| line.split_once("  ").unwrap()).collect();
        assert_eq!(told.len(), files.len() - 1, "{name}");
        for (sum, of) in told {
            let digest: String = Sha256::digest(file(&files, of)).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sum, digest, "{of}");
        }
        assert_eq!(file(&files, "runbook.yaml"), text);
    }
}

#[test]
fn runbooks_that_ship_are_what_the_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, text) in all().chain([("beginning", trailwright::runbook::BEGINNING)]) {
        let text = text.replace("runbook: NAME", "runbook: name");
        let yaml: Value = yaml_serde::from_str(&text).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&yaml).map(|error| error.to_string()).collect();
        assert_eq!(wrong, <[String; 0]>::default(), "{name}");
        let runbook = check::read(&text).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert!(name == "beginning" || runbook.runbook == name, "{name} is called {}", runbook.runbook);
    }
}

#[test]
fn the_schema_and_the_model_have_the_same_fields() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let names = |pointer: &str| -> Vec<String> {
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    // A field that the model lacks is refused by it, and one that the schema lacks is refused there.
    let text = |extra: &str| {
        format!(
            "{{\"runbook\": \"r\", \"version\": 1, \"title\": \"t\", \"purpose\": \"p\", \"when\": \"w\", \
             \"inputs\": {{}}, \"steps\": [{{\"id\": \"a\", \"kind\": \"query\", \"title\": \"t\"{extra}}}]}}"
        )
    };
    for name in names("/$defs/step/properties") {
        let value = match &schema["$defs"]["step"]["properties"][&name] {
            one if one.get("$ref").is_some_and(|to| to.as_str() == Some("#/$defs/condition")) => json!({"a": "b"}),
            one if one.get("$ref").is_some() || one["type"] == "array" => json!([]),
            one if one["type"] == "integer" => json!(1),
            one if one["type"] == "boolean" => json!(true),
            one if one["type"] == "object" => json!({}),
            one => one.get("enum").map_or(json!("x"), |words| words[0].clone()),
        };
        let extra =
            if ["id", "kind", "title"].contains(&&*name) { String::new() } else { format!(", \"{name}\": {value}") };
        let read = serde_json::from_str::<trailwright::runbook::Runbook>(&text(&extra));
        assert!(read.is_ok(), "{name}: {:?}", read.err());
    }
    let whole: trailwright::runbook::Runbook = serde_json::from_str(&text(
        r#", "from": "a", "where": {}, "not": {}, "select": ["a"], "group_by": ["a"], "having": {}, "order_by": ["a"],
        "limit": 1, "of": "a", "conditions": ["mfa"], "targets": ["a"], "duration": "1h", "not_before": "+1h",
        "ticket": "a", "exclude_actions": ["a"], "requires": {"approvers": 1, "ticket": "a"}, "ledger": "a",
        "expect": {"min_rows": 1, "max_rows": 2}, "on_empty": "stop", "finds": true"#,
    ))
    .unwrap();
    let written = serde_json::to_value(&whole).unwrap();
    let keys = |value: &Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(keys(&written), sorted(names("/properties")));
    let step = &written["steps"][0];
    assert_eq!(keys(step), sorted(names("/$defs/step/properties")));
    assert_eq!(keys(&step["requires"]), sorted(names("/$defs/step/properties/requires/properties")));
    assert_eq!(keys(&step["expect"]), sorted(names("/$defs/step/properties/expect/properties")));
}

/// The beginning of a runbook whose steps follow.
const HEAD: &str = "{runbook: r, version: 1, title: t, purpose: p, when: w, steps: [";

#[test]
fn what_depends_on_earlier_steps_gives_what_it_would_give_written_out() {
    let later = format!(
        "{HEAD}{{id: who, kind: query, title: t, from: denied, where: {{need: need}}, select: [principal]}},
        {{id: did, kind: query, title: t, from: events,
          where: {{principal: \"${{steps.who.principal}}\", outcome: succeeded}},
          group_by: [principal, eventName], select: [principal, eventName, count, last, top(awsRegion)],
          order_by: [-count, principal, eventName]}}]}}"
    );
    let paths = [root("fixtures/orders-team")];
    let files = evidence(&later, &[], &paths, 1);
    let who: Vec<String> = rows(&files, "01-who.json")
        .iter()
        .map(|row| trailwright::condition::literal(row["principal"].as_str().unwrap()))
        .collect();
    assert!(who.len() > 3);
    let written_out = format!(
        "{HEAD}{{id: did, kind: query, title: t, from: events,
          where: {{principal: {}, outcome: succeeded}},
          group_by: [principal, eventName], select: [principal, eventName, count, last, top(awsRegion)],
          order_by: [-count, principal, eventName]}}]}}",
        json!(who)
    );
    let expected = evidence(&written_out, &[], &paths, 1);
    let without_evidence = |rows: Vec<Value>| -> Vec<Value> {
        let strip = |mut row: Value| {
            row.as_object_mut().unwrap().remove("evidence");
            row
        };
        rows.into_iter().map(strip).collect()
    };
    let found = without_evidence(rows(&files, "02-did.json"));
    assert!(found.len() > 5);
    assert_eq!(found, without_evidence(rows(&expected, "01-did.json")));
}

#[test]
fn nothing_is_granted_for_what_no_row_is_about() {
    let text = format!(
        "{HEAD}{{id: none, kind: identify, title: t, from: denied, where: {{action: \"nobody:Asked\"}}}},
        {{id: grant, kind: grant, title: t, of: none, targets: [all]}},
        {{id: rules, kind: condition, title: t, of: none}}]}}"
    );
    let files = evidence(&text, &[], &[root("fixtures/orders-team")], 1);
    assert_eq!(rows(&files, "02-grant.json"), <[Value; 0]>::default());
    assert_eq!(rows(&files, "03-rules.json"), <[Value; 0]>::default());
    assert!(!files.iter().any(|file| file.name.starts_with("02-grant/")));
}

#[test]
fn every_grant_was_tried_out_and_every_gap_is_accounted_for() {
    let text = format!(
        "{HEAD}{{id: gaps, kind: identify, title: t, from: denied}},
        {{id: grant, kind: grant, title: t, of: gaps, targets: [iam-policy], duration: 90m,
          not_before: \"2026-02-28T23:30:00Z\"}}]}}"
    );
    let (mut proved, mut refused) = (0, 0);
    for story in STORIES {
        let files = evidence(&text, &[], &[root("fixtures").join(story)], 1);
        let gaps = rows(&files, "01-gaps.json");
        let granted = rows(&files, "02-grant.json");
        let mut told = BTreeMap::<String, u64>::new();
        for row in &granted {
            for gap in row["gaps"].as_array().unwrap() {
                *told.entry(gap.as_str().unwrap().to_owned()).or_default() += 1;
            }
            match row["file"].as_str() {
                Some(name) => {
                    assert_eq!(row["proved"], true, "{row}");
                    assert!(files.iter().any(|file| file.name == format!("02-grant/{name}")));
                    proved += 1;
                }
                None => {
                    assert!(row["why"].is_string(), "{row}");
                    refused += 1;
                }
            }
        }
        for gap in gaps {
            assert!(told.contains_key(gap["gap"].as_str().unwrap()), "{story} {gap}");
        }
    }
    assert!(proved >= 5 && refused >= 20, "{proved} {refused}");
}

fn trailwright(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trailwright")).args(args).current_dir(folder).output().unwrap()
}

#[test]
fn each_ending_has_its_exit_status() {
    let tree = Tree::new();
    tree.put("quiet/events.jsonl", fs::read(root("fixtures/denied-then-granted/events.jsonl")).unwrap().as_slice());
    tree.put("torn/events.json.gz", b"\x1f\x8b\x08\x00torn");
    let step = |rest: &str| format!("{HEAD}{{id: a, kind: query, title: t, from: events{rest}}}]}}");
    tree.put("nothing.yaml", step(", where: {eventName: Nobody}, finds: true").as_bytes());
    tree.put("found.yaml", step(", limit: 1, finds: true").as_bytes());
    tree.put("expected.yaml", step(", where: {eventName: Nobody}, expect: {min_rows: 1}").as_bytes());
    tree.put("broken.yaml", step(", where: {eventNam: Nobody}").as_bytes());
    let grant = format!(
        "{HEAD}{{id: gaps, kind: identify, title: t, from: denied, finds: true}},
        {{id: grant, kind: grant, title: t, of: gaps, requires: {{approvers: 1}}}}]}}"
    );
    tree.put("grant.yaml", grant.as_bytes());
    let team = root("fixtures/orders-team/events.jsonl");
    #[track_caller]
    fn check(tree: &Tree, args: &[&str], expected: i32) {
        let args = [&["runbook", "run"], args].concat();
        let output = trailwright(&args, tree.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{args:?}: {said}");
    }
    check(&tree, &["./nothing.yaml", "quiet"], 0);
    check(&tree, &["./found.yaml", "quiet"], 1);
    check(&tree, &["./expected.yaml", "quiet"], 1);
    check(&tree, &["./broken.yaml", "quiet"], 2);
    check(&tree, &["./nothing.yaml", "quiet", "--input", "a=b"], 2);
    check(&tree, &["no-such-runbook", "quiet"], 2);
    check(&tree, &["./nothing.yaml", "quiet", "torn"], 3);
    check(&tree, &["./nothing.yaml", "quiet", "torn", "--allow-partial"], 0);
    check(&tree, &["./nothing.yaml", "nowhere"], 4);
    check(&tree, &["./nothing.yaml", "quiet", "-o", "quiet"], 4);
    check(&tree, &["./grant.yaml", team.to_str().unwrap()], 6);
}

#[test]
fn evidence_is_written_whole_or_not_at_all() {
    let tree = Tree::new();
    let story = root("fixtures/orders-team");
    let story = story.to_str().unwrap();
    let write = |more: &[&str]| {
        let args = ["runbook", "run", "permission-gaps", story, "--at", AT, "-o", "evidence/"];
        trailwright(&[&args, more].concat(), tree.path())
    };
    let first = write(&[]);
    assert_eq!(first.status.code(), Some(1), "{}", String::from_utf8_lossy(&first.stderr));
    let report = fs::read_to_string(tree.path().join("evidence/report.md")).unwrap();
    assert!(report.starts_with("# "), "{report}");
    // What is there already stays as it is, unless it is to be replaced; what is not evidence always stays.
    let again = write(&[]);
    assert_eq!(again.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force replaces the evidence in it"));
    assert_eq!(write(&["--force"]).status.code(), Some(1));
    assert_eq!(fs::read_to_string(tree.path().join("evidence/report.md")).unwrap(), report);
    fs::remove_file(tree.path().join("evidence/SHA256SUMS")).unwrap();
    assert_eq!(write(&["--force"]).status.code(), Some(4));
    let left: Vec<_> = fs::read_dir(tree.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["evidence"]);
}
