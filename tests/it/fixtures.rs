//! The stories are invented, clean, and told as their READMEs say.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;

use trailwright::aggregate::Coverage;
use trailwright::decode::Decoder;
use trailwright::scan::{Filter, ScanOptions};

use crate::support::{
    STORIES, Tree, assert_balanced, files_below, inflated, root, scan_paths, scan_with, story, table,
};

/// AWS's documentation accounts, as far as the stories use them.
const ACCOUNTS: &[&str] = &["111122223333", "123456789012", "444455556666", "999988887777"];

/// A count of a story: lines, events, denied, failed, rejected, duplicates.
#[track_caller]
fn check(name: &str, events: u64, denied: u64, failed: u64) {
    check_refused(name, events, denied, failed, 0, 0);
}

#[track_caller]
fn check_refused(name: &str, events: u64, denied: u64, failed: u64, rejected: u64, duplicates: u64) {
    let lines = story(name);
    assert_eq!(lines.len() as u64, events + rejected + duplicates, "{name}: lines");
    // As it stands, and as a trail would deliver it in files of seven records.
    let plain = scan_paths(&[root("fixtures").join(name).join("events.jsonl")]).coverage;
    let delivered = Tree::delivered(&lines, 7).scan().coverage;
    for coverage in [plain, delivered] {
        let (records, outcomes) = (coverage.records, coverage.outcomes);
        assert_eq!(
            (records.events, records.rejected, records.duplicates, records.conflicting),
            (events, rejected, duplicates, 0),
            "{name}: {:?}",
            coverage.rejected
        );
        assert_eq!(outcomes, (events - denied - failed, denied, failed), "{name}: succeeded, denied, failed");
        assert_eq!(coverage.skips, [], "{name}");
    }
}

#[test]
fn a_scan_finds_what_each_story_says() {
    check("orders-team", 199, 57, 4);
    check("denied-then-granted", 8, 4, 0);
    check("every-policy-layer", 79, 70, 8);
    check("every-identity", 44, 1, 1);
    check("partitions", 14, 5, 0);
    check("network-activity", 11, 7, 0);
    check("privileged-calls", 44, 3, 0);
    check("exposures", 158, 5, 0);
    check("elevations", 38, 2, 0);
    check("granted", 11, 2, 1);
    check("replay", 16, 3, 1);
    check_refused("duplicates", 9, 2, 0, 0, 4);
    check_refused("ugly-records", 22, 1, 0, 12, 0);
}

#[test]
fn every_envelope_holds_what_its_readme_says() {
    let coverage = scan_paths(&[root("fixtures/envelopes")]).coverage;
    assert_eq!((coverage.records.events, coverage.outcomes), (21, (10, 11, 0)));
    assert_eq!((coverage.files.found, coverage.files.read, coverage.files.partial), (18, 11, 0));
    assert_eq!(coverage.files.excluded, 6 + 1, "six that hold no event, and the README");
    let readme = fs::read_to_string(root("fixtures/envelopes/README.md")).unwrap();
    let mut rows = 0;
    for row in readme.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (name, events, rejected) = (cells[1].trim_matches('`'), cells[3], cells[4]);
        let bytes = fs::read(root("fixtures/envelopes").join(name)).unwrap();
        let (mut good, mut bad) = (0, 0);
        let decoded =
            Decoder::default().records(&bytes, |record| *(if record.is_ok() { &mut good } else { &mut bad }) += 1);
        decoded.unwrap();
        assert_eq!(good.to_string(), events, "{name}");
        // A dash: not a matter of records.
        assert!(rejected == "–" || rejected == bad.to_string(), "{name}: {bad} rejected");
        rows += 1;
    }
    assert_eq!(rows, 17);
}

#[test]
fn every_denial_story_holds_what_its_readme_says() {
    let mut expected = BTreeSet::from(["README.md".to_owned()]);
    let mut check = |name: &str, events: u64, denied: u64| {
        let file = format!("{name}.jsonl");
        let coverage = scan_paths(&[root("fixtures/denials").join(&file)]).coverage;
        assert_eq!((coverage.records.events, coverage.records.rejected), (events, 0), "{name}");
        assert_eq!(coverage.outcomes, (events - denied, denied, 0), "{name}: succeeded, denied, failed");
        expected.insert(file);
    };
    check("scp", 7, 7);
    check("rcp", 4, 4);
    check("boundary", 3, 3);
    check("session", 6, 4);
    check("vpc-endpoint", 4, 4);
    check("role-trust", 4, 4);
    check("pass-role", 5, 5);
    check("cross-account", 7, 7);
    check("mfa-condition", 7, 6);
    check("probing-burst", 23, 22);
    check("resolved-need", 15, 12);
    check("console-noise", 18, 18);
    check("workload", 72, 72);
    let files = fs::read_dir(root("fixtures/denials")).unwrap();
    let found: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, expected);
    let readme = fs::read_to_string(root("fixtures/denials/README.md")).unwrap();
    let gaps = readme.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let told: BTreeSet<String> = gaps.map(|row| format!("{}.jsonl", row.split('|').nth(1).unwrap().trim())).collect();
    assert!(told.iter().eq(expected.iter().filter(|file| file.ends_with("jsonl"))), "{told:?}");
}

#[test]
fn every_story_of_a_runbook_holds_what_its_readme_says() {
    let rows: Vec<[String; 5]> = table("fixtures/runbooks/README.md");
    for [name, events, denied, failed, _] in &rows {
        let coverage = scan_paths(&[root("fixtures/runbooks").join(name).with_extension("jsonl")]).coverage;
        let (_, refused, otherwise) = coverage.outcomes;
        let found = [coverage.records.events, refused, otherwise].map(|count| count.to_string());
        assert_eq!(found, [events.clone(), denied.clone(), failed.clone()], "{name}");
        assert_eq!(coverage.records.rejected, 0, "{name}");
    }
    assert_eq!(rows.len(), 5);
    assert_eq!(files_below(&root("fixtures/runbooks")).len(), rows.len() + 2, "a README and a ledger");
}

#[test]
fn every_line_of_the_exposures_is_told() {
    let rows: Vec<[String; 5]> = table("fixtures/exposures/README.md");
    let events = story("exposures");
    assert_eq!(rows.len(), events.len());
    for (at, (row, event)) in rows.iter().zip(&events).enumerate() {
        assert_eq!(row[0], (at + 1).to_string());
        let name = row[1].trim_start_matches('`').split(['`', ' ']).next().unwrap();
        assert!(event.contains(&format!("\"eventName\":\"{name}\"")), "{row:?}");
        assert_eq!(row[1].contains("(denied)"), event.contains("is not authorized to perform"), "{row:?}");
        assert_eq!(row[1].contains("(through"), event.contains("\"invokedBy\""), "{row:?}");
    }
}

#[test]
fn every_layout_of_a_synced_bucket_is_read_and_pruned() {
    let scan = |filter: Filter| {
        let options = ScanOptions { threads: 2, filter, ..ScanOptions::default() };
        scan_with(&[root("fixtures/synced-bucket")], &options).coverage
    };
    let opened = |coverage: &Coverage| (coverage.files.found, coverage.files.read, coverage.records.seen);
    let all = scan(Filter::default());
    assert_eq!((opened(&all), all.files.excluded), ((13, 8, 14), 5));
    assert_eq!((all.records.events, all.outcomes), (14, (8, 6, 0)));
    assert_eq!((all.accounts.len(), all.regions.len()), (3, 5));
    let here = scan(Filter { regions: vec!["eu-west-1".to_owned()], ..Filter::default() });
    assert_eq!((opened(&here), here.records.events), ((13, 4, 6), 6));
    let one = scan(Filter { accounts: vec!["123456789012".to_owned()], ..Filter::default() });
    assert_eq!((opened(&one), one.records.events), ((13, 2, 4), 4));
    // Delivered up to a day late: the folders of the 5th and, for what came late, of the 4th on.
    let late = scan(Filter { from: "2026-02-05T00:00:00Z".parse().ok(), ..Filter::default() });
    assert_eq!((opened(&late), late.records.events), ((13, 2, 3), 3));
}

#[test]
fn all_stories_together_balance() {
    let coverage = scan_paths(&[root("fixtures")]).coverage;
    assert_balanced(&coverage);
    assert_eq!(
        coverage.records.events,
        199 + 8 + 79 + 44 + 14 + 9 + 11 + 44 + 22 + 21 + 14 + 175 + 591 + 73 + 158 + 11 + 16 + 38 + 98
    );
    // Ids are unique over the stories.
    assert_eq!((coverage.records.duplicates, coverage.records.rejected), (4 + 3, 12));
}

#[test]
fn every_folder_is_a_story_or_described_otherwise() {
    let folders = fs::read_dir(root("fixtures")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir());
    let found: BTreeSet<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    let expected = STORIES
        .iter()
        .chain(&["chains", "denials", "envelopes", "rules", "runbooks", "sequences", "synced-bucket"])
        .map(|name| (*name).to_owned());
    assert_eq!(found, expected.collect());
}

/// The longest runs of certain characters in a text.
fn runs(text: &str, of: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |c| !of(c)).filter(|run| !run.is_empty())
}

/// What in a text should not be in a fixture.
fn strays(text: &str) -> Vec<&str> {
    let account = |run: &&str| run.len() == 12 && run.bytes().all(|b| b.is_ascii_digit()) && !ACCOUNTS.contains(run);
    let accounts = runs(text, |c| c.is_ascii_alphanumeric()).filter(account);
    let addresses = runs(text, |c| c.is_ascii_digit() || c == '.').filter(|run| {
        let address = run.trim_matches('.').parse::<Ipv4Addr>();
        address.is_ok_and(|address| !(is_documentation(address) || address.is_unspecified()))
    });
    let key = |run: &&str| {
        let is_key = run.len() >= 20 && (run.starts_with("AKIA") || run.starts_with("ASIA"));
        is_key && !(run.len() == 20 && run.ends_with("EXAMPLE"))
    };
    let keys = runs(text, |c| c.is_ascii_uppercase() || c.is_ascii_digit()).filter(key);
    accounts.chain(addresses).chain(keys).collect()
}

fn is_documentation(address: Ipv4Addr) -> bool {
    address.is_documentation() || address.octets()[0] == 10
}

#[test]
fn nothing_real_is_in_a_fixture() {
    let (mut files, mut open) = (0, 0);
    for path in files_below(&root("fixtures")).into_iter().chain(files_below(&root("tests/it/data"))) {
        let text = String::from_utf8(inflated(&fs::read(&path).unwrap())).unwrap();
        assert_eq!(strays(&text), Vec::<&str>::new(), "{}", path.display());
        if path.extension().is_some_and(|e| e != "md") {
            let here = text.matches("0.0.0.0/0").count();
            let may = ["privileged-calls", "exposures"].iter().any(|story| path.to_string_lossy().contains(story));
            assert!(here == 0 || may, "{}", path.display());
            open += here;
            assert_eq!(runs(&text, |c| c.is_ascii_digit() || c == '.').filter(|r| *r == "0.0.0.0").count(), here);
        }
        files += 1;
    }
    assert!(files > 30, "only {files} files");
    assert_eq!(open, 1 + 15, "security group rules and a condition, open to the world");
}

#[test]
fn what_looks_real_is_seen() {
    for text in ["arn:aws:iam::210987654321:root", "from 8.8.8.8", "\"AKIAABCDEFGHIJKLMNOP\"", "10.1.2.3 172.16.0.1"] {
        assert_eq!(strays(text).len(), 1, "{text}");
    }
    assert_eq!(
        strays("111122223333 192.0.2.1 10.1.2.3 AKIAABCDEFGHIEXAMPLE 1.2.3 20260203T040506Z"),
        Vec::<&str>::new()
    );
}
