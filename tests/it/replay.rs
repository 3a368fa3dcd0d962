//! Policies tried out on events.

use std::collections::BTreeSet;
use std::path::Path;

use trailwright::recommend::{ConditionKind, Options, recommendations, trial};
use trailwright::replay::Trial;
use trailwright::report::{Layers, ReplayRow, Report, replay};
use trailwright::scan::ScanOptions;

use crate::support::{corpus, root, scan_paths, scan_with};

fn tried(paths: &[&Path], trial: Trial) -> Report {
    let options = ScanOptions { threads: 2, trial: Some(trial), ..ScanOptions::default() };
    replay(&scan_with(paths, &options), Layers::default(), false)
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
