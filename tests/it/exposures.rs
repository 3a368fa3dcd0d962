//! What one call alone tells: every event of `fixtures/exposures` and `fixtures/privileged-calls` is told as the
//! README beside it says, by which rule and how grave.

use trailwright::detect::Severity;
use trailwright::report::FindingRow;

use crate::support::{Tree, findings, story, table};

/// What is told of each event of a story, alone, so that no other call has a part in it. Gravest first.
fn told(name: &str) -> Vec<Vec<FindingRow>> {
    story(name).iter().map(|event| findings(&Tree::delivered(&[event], 1).scan())).collect()
}

/// Compares what is told with rows of line, what it is about, severity and rules, both a dash where nothing is told.
#[track_caller]
fn check(name: &str, rows: &[[String; 4]]) {
    let told = told(name);
    assert_eq!(rows.len(), told.len());
    let mut wrong = Vec::new();
    for ([line, about, severity, rules], found) in rows.iter().zip(told) {
        let gravest = found.iter().filter_map(|row| row.severity.parse::<Severity>().ok()).max();
        let gravest = gravest.map_or("–", Severity::as_str);
        let mut names: Vec<String> = found.iter().map(|row| format!("`{}`", row.detection)).collect();
        names.sort();
        let names = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
        let rules = if rules.contains('`') || rules == "–" { rules.clone() } else { format!("`{rules}`") };
        if (severity.as_str(), &rules) != (gravest, &names) {
            wrong.push(format!("{line} {about}: {severity} {rules}, but told is {gravest} {names}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_exposure_is_told_as_its_readme_says() {
    let rows: Vec<[String; 5]> = table("fixtures/exposures/README.md");
    let rows = rows.into_iter().map(|[line, _, told, severity, rules]| [line, told, severity, rules]);
    check("exposures", &rows.collect::<Vec<_>>());
}

#[test]
fn every_privileged_call_is_told_as_its_readme_says() {
    let rows: Vec<[String; 6]> = table("fixtures/privileged-calls/README.md");
    let rows = rows.into_iter().map(|[line, _, _, why, severity, rules]| [line, why, severity, rules]);
    check("privileged-calls", &rows.collect::<Vec<_>>());
}
