//! What only the request tells of one call: every event of `fixtures/exposures` is as severe as its README says.

use std::fs;

use crate::sequences::privileged;
use crate::support::{Tree, root, table};

const SEVERITIES: [&str; 6] = ["–", "info", "low", "medium", "high", "critical"];

#[test]
fn every_exposure_is_as_severe_as_its_readme_says() {
    let events = fs::read_to_string(root("fixtures/exposures/events.jsonl")).unwrap();
    let rows: Vec<[String; 4]> = table("fixtures/exposures/README.md");
    assert_eq!(rows.len(), events.lines().count());
    let rank = |severity: &str| SEVERITIES.iter().position(|s| *s == severity).unwrap();
    let mut wrong = Vec::new();
    for (event, [line, name, told, severity]) in events.lines().zip(rows) {
        // Alone, so that no other call has a part in it.
        let findings = privileged(&[Tree::delivered(&[event], 1).path()], 1);
        let highest = findings.iter().map(|finding| rank(finding["severity"].as_str().unwrap())).max().unwrap_or(0);
        if highest != rank(&severity) {
            let found: Vec<_> = findings.iter().map(|finding| finding["detection"].as_str().unwrap()).collect();
            wrong.push(format!("{line} {name}: {told}: {severity}, found {} {found:?}", SEVERITIES[highest]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
