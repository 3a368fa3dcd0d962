//! Policies tried out on events.

use std::collections::BTreeSet;
use std::path::Path;

use trailwright::iam::Document;
use trailwright::iam::evaluate::{Policies, Policy};
use trailwright::recommend::{ConditionKind, Options, recommendations, trial};
use trailwright::replay::Trial;
use trailwright::report::{Layers, ReplayRow, Report, replay};
use trailwright::scan::ScanOptions;

use crate::support::{Tree, corpus, root, scan_paths, scan_with, story, table};

fn tried(paths: &[&Path], trial: Trial) -> Report {
    let options = ScanOptions { threads: 2, trial: Some(trial), ..ScanOptions::default() };
    replay(&scan_with(paths, &options), Layers::default(), false)
}

fn policy(name: &str) -> Policy {
    let text = std::fs::read_to_string(root("fixtures/replay").join(name)).unwrap();
    Policy::new(name, &Document::parse(&text).unwrap())
}

/// How each event of the story fares by itself.
fn changes(policies: impl Fn() -> Policies, layers: Layers) -> Vec<String> {
    let each = story("replay").into_iter().map(|event| {
        let tree = Tree::delivered(&[event], 1);
        let options = ScanOptions { trial: Some(Trial::All(policies())), ..ScanOptions::default() };
        let report = replay(&scan_with(&[tree.path()], &options), layers, false);
        let changes = report.changes.unwrap();
        let mut changes = changes.iter().filter(|row| row.events > 0).map(|row| row.change.to_owned());
        let change = changes.next().unwrap();
        assert_eq!(changes.next(), None);
        change
    });
    each.collect()
}

#[test]
fn each_call_fares_as_its_story_says() {
    let rows: Vec<[String; 4]> = table("fixtures/replay/README.md");
    let identity = || Policies { identity: vec![policy("reports.json")], ..Policies::default() };
    let alone = changes(identity, Layers::default());
    let guarded = || Policies {
        boundary: Some(vec![policy("boundary.json")]),
        scps: vec![vec![policy("full-access.json"), policy("guardrails.json")]],
        ..identity()
    };
    let together = changes(guarded, Layers { boundary: true, scp: true, ..Layers::default() });
    let found = (1..).zip(alone).zip(together);
    let found: Vec<_> = found.map(|((line, alone), together)| [line.to_string(), alone, together]).collect();
    let told: Vec<_> = rows.into_iter().map(|[line, _, alone, together]| [line, alone, together]).collect();
    assert_eq!(found, told);
}

#[test]
fn each_resource_is_asked_for_however_many_there_are() {
    let read = story("replay").remove(0);
    let events: Vec<String> = (0..400_u32)
        .map(|n| {
            let id = format!("\"eventID\":\"00000000-0000-4000-8000-{n:012x}\"");
            let before = read.split("\"eventID\":\"").nth(1).unwrap().split('"').next().unwrap();
            let key = format!("2026/01/{n}.csv");
            read.replace("2026/01/sales.csv", &key).replace(&format!("\"eventID\":\"{before}\""), &id)
        })
        .collect();
    let tree = Tree::delivered(&events, 50);
    let document = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::reports-111122223333/2026/01/7*.csv"}]}"#;
    for threads in [1, 2, 3] {
        let identity = vec![Policy::new("p", &Document::parse(document).unwrap())];
        let trial = Some(Trial::All(Policies { identity, ..Policies::default() }));
        let options = ScanOptions { threads, trial, ..ScanOptions::default() };
        let report = replay(&scan_with(&[tree.path()], &options), Layers::default(), false);
        let events = |change: &str| {
            report.changes.iter().flatten().filter(|row| row.change == change).map(|row| row.events).sum::<u64>()
        };
        // 7, and 70 to 79.
        assert_eq!(["newly-blocked", "allowed", "unknown"].map(events), [11, 389, 0], "{threads} threads");
    }
}

/// What of a history its own recommendations would not let pass, in words; what they leave out and say so, apart.
fn blocked(path: &Path, options: &Options) -> Vec<String> {
    let history = scan_paths(&[path]);
    let trial = trial(&recommendations(&history, options)).unwrap();
    let report = tried(&[path], trial);
    let rows = report.replay.unwrap().into_iter();
    // Which role an instance profile holds no record tells; the recommendation says so.
    let is_told = |row: &ReplayRow| row.resources.iter().all(|arn| arn.contains(":instance-profile/"));
    let is_told = |row: &ReplayRow| row.action.as_deref() == Some("iam:PassRole") && is_told(row);
    let rows = rows.filter(|row| row.outcome != "denied" && matches!(row.change, "newly-blocked" | "unknown"));
    let rows = rows.filter(|row| !is_told(row));
    rows.map(|row| {
        format!("{} {} {:?} {:?} {} {:?}", row.change, row.principal, row.action, row.resources, row.by, row.missing)
    })
    .collect()
}

#[test]
fn a_recommendation_blocks_nothing_of_its_own_history() {
    let stories = std::fs::read_dir(root("fixtures")).unwrap().map(|entry| entry.unwrap().path());
    let corpora = ["invictus", "stratus", "otrf"].into_iter().filter_map(corpus);
    let mut wrong = Vec::new();
    for path in stories.filter(|path| path.is_dir()).chain(corpora) {
        for conditions in [BTreeSet::new(), ConditionKind::ALL.into()] {
            let options = Options { conditions, ..Options::default() };
            wrong.extend(blocked(&path, &options).into_iter().map(|row| format!("{}: {row}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
