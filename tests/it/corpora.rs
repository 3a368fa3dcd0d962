//! Real logs, where they are at hand. The numbers were counted by other means than this crate.

use trailwright::aggregate::Coverage;

use crate::support::{corpus, scan_paths};

/// Scans a corpus; `None`, loudly, when it is not at hand.
fn check(name: &str) -> Option<Coverage> {
    let coverage = scan_paths(&[corpus(name)?]).coverage;
    assert!(coverage.records.seen > 0, "{name} is empty");
    Some(coverage)
}

#[test]
fn invictus_is_read_whole() {
    let Some(coverage) = check("invictus") else { return };
    let files = coverage.files;
    assert_eq!((files.found, files.read, files.excluded), (56, 55, 1));
    let records = coverage.records;
    assert_eq!((records.seen, records.events, coverage.outcomes.1), (2900, 2900, 60));
}

#[test]
fn stratus_is_read_whole() {
    let Some(coverage) = check("stratus") else { return };
    assert_eq!((coverage.files.read, coverage.files.partial, coverage.files.skipped), (35, 0, 0));
    let records = coverage.records;
    assert_eq!((records.seen, coverage.outcomes.1), (310, 51));
}

#[test]
fn otrf_is_read_whole() {
    let Some(coverage) = check("otrf") else { return };
    assert_eq!((coverage.records.events, coverage.outcomes.1), (103, 0));
}

#[test]
fn odd_records_are_seen_and_refused() {
    let Some(coverage) = check("aws-ctpl") else { return };
    // Its records are made of placeholders: `eventSource1` is no service, so none is an event.
    let records = coverage.records;
    assert_eq!((records.seen - records.rejected, coverage.files.partial, coverage.files.skipped), (0, 1, 0));
    assert!(records.seen >= 41, "{records:?}");
}

#[test]
fn excerpts_of_all_kinds_are_read() {
    let Some(coverage) = check("small") else { return };
    assert!(coverage.records.events > 0, "{coverage:?}");
    assert_eq!((coverage.files.partial, coverage.files.skipped), (0, 0), "{:?}", coverage.skips);
}
