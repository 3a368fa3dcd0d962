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
