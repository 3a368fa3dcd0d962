//! Every way in which files come: compressed, damaged, foreign, unwanted.

use std::fs;

use trailwright::aggregate::{Coverage, Files};
use trailwright::scan::{Filter, ScanOptions};

use crate::support::{Tree, gzip, key, scan_paths, scan_with, story, trail_file};

const KEY: &str = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/03/111122223333_CloudTrail_eu-west-1_20260203T0405Z_abcdefgh12345678.json.gz";

/// What becomes of one file: read, partial, skipped or excluded; the events it gives; the reason.
#[track_caller]
fn check(name: &str, bytes: &[u8], what: &str, events: u64, reason: &str) -> Coverage {
    let tree = Tree::new();
    tree.put(name, bytes);
    let coverage = tree.scan().coverage;
    let files = match what {
        "read" => Files { found: 1, read: 1, ..Files::default() },
        "partial" => Files { found: 1, partial: 1, ..Files::default() },
        "skipped" => Files { found: 1, skipped: 1, ..Files::default() },
        _ => Files { found: 1, excluded: 1, ..Files::default() },
    };
    assert_eq!((coverage.files, coverage.records.events), (files, events), "{name} {:?}", reasons(&coverage));
    assert!(reasons(&coverage).contains(reason), "{:?} lacks {reason:?}", reasons(&coverage));
    coverage
}

/// Every reason in a coverage.
fn reasons(coverage: &Coverage) -> String {
    let skips = coverage.skips.iter().map(|(trouble, _)| trouble.reason.as_str());
    skips.chain(coverage.excluded.keys().copied()).collect::<Vec<_>>().join("; ")
}

fn eight() -> Vec<u8> {
    trail_file(&story("denied-then-granted"))
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn every_compression_is_read_whatever_the_name_says() {
    for name in [KEY, "a.json", "a.json.gz", "a", ".hidden"] {
        check(name, &eight(), "read", 8, "");
        check(name, &gzip(&eight()), "read", 8, "");
        check(name, &zstd(&eight()), "read", 8, "");
        check(name, &gzip(&gzip(&eight())), "read", 8, "");
    }
}

#[test]
fn members_and_frames_in_a_row_are_one_text() {
    let records = story("denied-then-granted");
    let (one, two) = (trail_file(&records[..3]), trail_file(&records[3..]));
    check(KEY, &[gzip(&one), gzip(&two)].concat(), "read", 8, "");
    check(KEY, &[zstd(&one), zstd(&two)].concat(), "read", 8, "");
    // A member may end in the middle of a record.
    let whole = eight();
    let (before, after) = whole.split_at(whole.len() / 2);
    check(KEY, &[gzip(before), gzip(after)].concat(), "read", 8, "");
}

#[test]
fn what_stands_before_a_break_is_kept() {
    let records = story("orders-team");
    let whole = gzip(&trail_file(&records));
    let cut = &whole[..whole.len() / 2];
    let tree = Tree::new();
    tree.put(KEY, cut);
    let coverage = tree.scan().coverage;
    assert_eq!((coverage.files.partial, coverage.skips.len()), (1, 1));
    let (trouble, kept) = &coverage.skips[0];
    assert!(trouble.reason.starts_with("truncated gzip after "), "{}", trouble.reason);
    assert!((10..199).contains(&coverage.records.events), "{:?}", coverage.records);
    assert_eq!((*kept, coverage.records.rejected), (coverage.records.events, 1));

    let plain = eight();
    check("a.json", &plain[..plain.len() - 3], "partial", 7, "JSON breaks off");
    check(KEY, &[gzip(&eight()), b"junk".to_vec()].concat(), "partial", 8, "after the end of the gzip data");
}

#[test]
fn what_is_no_cloudtrail_is_excluded_by_name() {
    let envelope = |name: &str| fs::read(crate::support::root("fixtures/envelopes").join(name)).unwrap();
    check("LICENSE", b"Apache License\nVersion 2.0\n", "excluded", 0, "neither JSON nor compressed");
    check("flow.log", &envelope("vpc-flow-log.txt"), "excluded", 0, "VPC flow log");
    check("flow.log.gz", &gzip(&envelope("vpc-flow-log.txt")), "excluded", 0, "VPC flow log");
    check("access.log", &envelope("s3-access-log.txt"), "excluded", 0, "S3 server access log");
    check("a.json", &envelope("config-snapshot.json"), "excluded", 0, "AWS Config snapshot");
    check("a.json", &envelope("s3-notification.json"), "excluded", 0, "notification");
    check("a.json", &envelope("insight.json"), "excluded", 0, "Insights");
    check("digest.json", &envelope("digest.json"), "excluded", 0, "CloudTrail digest");
    let digest = KEY.replace("CloudTrail", "CloudTrail-Digest");
    check(&digest, b"never looked at", "excluded", 0, "digest file");
    check(&KEY.replace("CloudTrail", "CloudTrail-Insight"), b"never looked at", "excluded", 0, "Insights file");
}

#[test]
fn what_should_have_been_read_and_was_not_is_skipped() {
    check(KEY, b"", "skipped", 0, "empty file");
    check("empty.json", b"", "excluded", 0, "empty file");
    check("logs.zip", b"PK\x03\x04rest", "skipped", 0, "unpack it first");
    check(KEY, &gzip(&gzip(&gzip(&eight()))), "skipped", 0, "compressed more than twice");
    check(KEY, &gzip(&eight())[..5], "skipped", 0, "truncated gzip");
}

#[test]
fn a_missing_path_is_reported_and_the_rest_is_read() {
    let tree = Tree::delivered(&story("denied-then-granted"), 3);
    let coverage = scan_paths(&[tree.path().join("AWSLogs"), tree.path().join("gone")]).coverage;
    assert_eq!(coverage.files, Files { found: 4, read: 3, skipped: 1, ..Files::default() });
    let (trouble, _) = &coverage.skips[0];
    assert_eq!((trouble.name.ends_with("gone"), trouble.reason.as_str()), (true, "not found"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_end() {
    use std::os::unix::fs::symlink;
    let tree = Tree::delivered(&story("denied-then-granted"), 8);
    symlink(tree.path(), tree.path().join("AWSLogs/loop")).unwrap();
    symlink("nowhere", tree.path().join("dangling")).unwrap();
    let coverage = tree.scan().coverage;
    assert_eq!(coverage.files, Files { found: 3, read: 1, skipped: 2, ..Files::default() });
    assert_eq!(coverage.records.events, 8);
    assert!(reasons(&coverage).contains("leads back to a folder above it"), "{}", reasons(&coverage));

    let other = Tree::new();
    symlink(tree.path().join("AWSLogs/111122223333"), other.path().join("linked")).unwrap();
    assert_eq!(other.scan().coverage.records.events, 8);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_reported_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::delivered(&story("denied-then-granted"), 8);
    let locked = tree.put("locked.json", &eight());
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&locked).is_ok() {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "SKIPPED: nothing is unreadable to this user");
        return;
    }
    let coverage = tree.scan().coverage;
    assert_eq!(coverage.files, Files { found: 2, read: 1, skipped: 1, ..Files::default() });
    assert_eq!((reasons(&coverage).as_str(), coverage.records.events), ("permission denied", 8));
}

#[test]
fn what_a_key_rules_out_is_not_opened() {
    let tree = Tree::new();
    let records = story("denied-then-granted");
    let mut serial = 0;
    for account in ["111122223333", "123456789012"] {
        for region in ["eu-west-1", "us-east-1"] {
            for day in ["2026-01-01", "2026-02-03", "2026-03-01"] {
                serial += 1;
                tree.put(&key(account, region, day, serial), &gzip(&trail_file(&records)));
            }
        }
    }
    let excluded = |change: &dyn Fn(&mut Filter)| {
        let mut options = ScanOptions::default();
        change(&mut options.filter);
        let coverage = scan_with(&[tree.path()], &options).coverage;
        assert_eq!((coverage.files.found, coverage.files.read + coverage.files.excluded), (12, 12));
        (coverage.files.excluded, reasons(&coverage))
    };
    assert_eq!(excluded(&|_| ()), (0, String::new()));
    let (count, why) = excluded(&|filter| filter.accounts.push("111122223333".into()));
    assert_eq!((count, why.as_str()), (6, "delivered for an account that --account leaves out"));
    let (count, why) = excluded(&|filter| filter.regions.push("us-east-1".into()));
    assert_eq!((count, why.as_str()), (6, "delivered for a region that --region leaves out"));
    let (count, why) = excluded(&|filter| {
        filter.from = "2026-02-01T00:00:00Z".parse().ok();
        filter.to = "2026-02-10T00:00:00Z".parse().ok();
    });
    assert_eq!((count, why.as_str()), (8, "delivered outside --from/--to"));
}
