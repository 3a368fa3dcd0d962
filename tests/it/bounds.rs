//! What a scan does where an archive, a file or a principal is larger than anybody planned for: memory
//! follows the answer, and what is left out is said.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use trailwright::aggregate::Bounds;
use trailwright::archive::Limits;
use trailwright::classify::Basis;
use trailwright::iam::Principal;
use trailwright::scan::{Filter, ScanOptions};

use crate::support::{Tree, gzip, scan_with};

/// A read of one object by one role, with an event id of its own.
fn read_of(role: &str, key: &str, number: u64) -> String {
    let arn = format!("arn:aws:s3:::data/{key}");
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"AROAIDOFAROLEEXAMPLE:s","arn":"arn:aws:sts::111122223333:assumed-role/{role}/s","accountId":"111122223333","sessionContext":{{"sessionIssuer":{{"type":"Role","arn":"arn:aws:iam::111122223333:role/{role}"}}}}}},"eventTime":"2026-02-03T04:05:06Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"10.0.0.1","requestParameters":{{"bucketName":"data","key":"{key}"}},"eventID":"{number:08x}-0000-4000-8000-000000000000","resources":[{{"type":"AWS::S3::Object","ARN":"{arn}"}}],"eventCategory":"Data","recipientAccountId":"111122223333"}}"#
    )
}

/// One file with all records, gzipped as they come, so that the test needs no memory for them either.
fn one_file(tree: &Tree, records: impl Iterator<Item = String>) {
    let path = tree.put("all.json.gz", b"");
    let mut out = GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::fast());
    out.write_all(b"{\"Records\":[").unwrap();
    for (at, record) in records.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(out, "{comma}{record}").unwrap();
    }
    out.write_all(b"]}").unwrap();
    out.finish().unwrap();
}

#[test]
fn many_objects_of_one_bucket_are_kept_as_prefixes_in_any_order() {
    let keys = |count: u64| (0..count).map(|n| (n, format!("year={}/day={}/{n}.parquet", 2000 + n % 7, n % 300)));
    let scan = |threads, reverse: bool| {
        let tree = Tree::new();
        let mut keys: Vec<_> = keys(3_000).collect();
        if reverse {
            keys.reverse();
        }
        for (serial, part) in keys.chunks(500).enumerate() {
            let records: Vec<String> = part.iter().map(|(n, key)| read_of("Reader", key, *n)).collect();
            tree.put(&format!("{serial}.json.gz"), &gzip(format!("[{}]", records.join(",")).as_bytes()));
        }
        scan_with(&[tree.path()], &ScanOptions { threads, ..ScanOptions::default() })
    };
    let history = scan(1, false);
    assert_eq!((history.coverage.records.events, history.coverage.widened), (3_000, 1));
    // 3,000 objects and 2,100 days are too many, seven years are not.
    assert_eq!(history.calls.len(), 7);
    for (call, _) in &history.calls {
        let [used] = call.needs.uses() else { panic!("{:?}", call.needs) };
        let [resource] = used.resources.as_slice() else { panic!("{used:?}") };
        assert!(
            resource.basis == Basis::Prefix && resource.arn.starts_with("arn:aws:s3:::data/year=20"),
            "{resource:?}"
        );
        assert!(resource.arn.ends_with("/*") && resource.in_policy() == resource.arn.as_str(), "{resource:?}");
    }
    for (threads, reverse) in [(1, true), (2, false), (3, true)] {
        let other = scan(threads, reverse);
        let said = |history: &trailwright::aggregate::History| {
            history.calls.iter().map(|(call, usage)| (call.clone(), usage.count)).collect::<Vec<_>>()
        };
        assert_eq!(said(&other), said(&history), "{threads} threads, reversed: {reverse}");
        assert_eq!(other.coverage.widened, 1);
    }
}

#[test]
fn as_many_resources_as_are_kept_stay_as_they_are() {
    let tree = Tree::new();
    let limit = Bounds::default().resources as u64;
    one_file(&tree, (0..limit).map(|n| read_of("Reader", &n.to_string(), n)));
    let history = scan_with(&[tree.path()], &ScanOptions::default());
    assert_eq!((history.calls.len() as u64, history.coverage.widened), (limit, 0));
}

#[test]
fn every_one_of_many_principals_is_kept() {
    let tree = Tree::new();
    one_file(&tree, (0..20_000).map(|n| read_of(&format!("Role{n}"), "k", n)));
    let history = scan_with(&[tree.path()], &ScanOptions { threads: 2, ..ScanOptions::default() });
    let mut principals: Vec<&Principal> = history.calls.iter().map(|(call, _)| &*call.principal).collect();
    principals.dedup();
    assert_eq!((principals.len(), history.coverage.records.events), (20_000, 20_000));
}

#[test]
fn a_record_may_straddle_every_window() {
    let tree = Tree::new();
    // Some records are longer than the window, some as long as its half.
    let long = |n: u64| {
        "x".repeat(match n % 5 {
            0 => 700_000,
            1 => 131_072,
            _ => 10,
        })
    };
    one_file(&tree, (0..60).map(|n| read_of("Reader", &format!("{n}{}", long(n)), n)));
    let history = scan_with(&[tree.path()], &ScanOptions::default());
    assert_eq!((history.coverage.records.events, history.coverage.files.read), (60, 1));
}

#[test]
fn one_long_file_is_the_same_read_by_one_thread_or_by_several() {
    let tree = Tree::new();
    // Records, copies of records, and what is none, in an envelope and behind it, and at last a break.
    let mut text = "{\"Records\":[".to_owned();
    for n in 0..24_000_u64 {
        let other = match n % 400 {
            7 => r#"{"eventName":1 2},"#,
            8 => "17,",
            9 => r#"{"some":"thing"},"#,
            _ => "",
        };
        write!(text, "{other}{},", read_of(&format!("Role{}", n % 9), &format!("k{}", n % 90), n / 2 * 2)).unwrap();
    }
    text.push_str("{}],\"x\":[1]}\n");
    writeln!(text, "{}", read_of("Alone", "k", 1_000_001)).unwrap();
    text.push_str("{\"eventName\":");
    let file = tree.put("all.json", text.as_bytes());
    assert!(text.len() > 12 << 20, "long enough to be shared: {}", text.len());
    let scan = |threads| {
        let history = scan_with(&[&file], &ScanOptions { threads, ..ScanOptions::default() });
        (format!("{:?}", history.coverage), history.calls)
    };
    let alone = scan(1);
    assert!(alone.0.contains("seen: 24183") && alone.0.contains("duplicates: 12000"), "{}", alone.0);
    for threads in 2..=4 {
        assert!(scan(threads) == alone, "{threads} threads: {} is not {}", scan(threads).0, alone.0);
    }
}

#[test]
fn a_file_is_read_up_to_the_limit_and_what_is_beyond_is_said() {
    let tree = Tree::new();
    one_file(&tree, (0..5_000).map(|n| read_of("Reader", "k", n)));
    let options = ScanOptions { limits: Limits { inflated: 1 << 20 }, ..ScanOptions::default() };
    let coverage = scan_with(&[tree.path()], &options).coverage;
    assert_eq!((coverage.files.partial, coverage.bytes_decompressed), (1, 1 << 20));
    let (trouble, kept) = &coverage.skips[0];
    assert!(trouble.reason.contains("more than 1024 KiB inflated; raise --max-file-size"), "{}", trouble.reason);
    assert_eq!(*kept, coverage.records.events);
    assert!((1_000..2_000).contains(kept), "{kept}");
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let tree = Tree::new();
    // A trail file that holds nothing but blanks for a gigabyte: a thousandth of that on disk.
    let path = tree.put("bomb.json.gz", b"");
    let mut out = GzEncoder::new(std::fs::File::create(path).unwrap(), Compression::fast());
    out.write_all(b"{\"Records\":[").unwrap();
    let blank = vec![b' '; 1 << 20];
    for _ in 0..256 {
        out.write_all(&blank).unwrap();
    }
    out.finish().unwrap();
    let options = ScanOptions { limits: Limits { inflated: 64 << 20 }, ..ScanOptions::default() };
    let coverage = scan_with(&[tree.path()], &options).coverage;
    assert_eq!((coverage.files.partial, coverage.bytes_decompressed), (1, 64 << 20));
}

#[test]
fn an_element_without_end_costs_itself_only() {
    let tree = Tree::new();
    // A string that is never closed, in a file of lines: the lines behind it are read all the same.
    let mut lines = String::new();
    writeln!(lines, "{}", read_of("Reader", "before", 1)).unwrap();
    writeln!(lines, "{{\"eventName\":\"{}", "x".repeat(20 << 20)).unwrap();
    writeln!(lines, "{}", read_of("Reader", "after", 2)).unwrap();
    tree.put("lines.jsonl.gz", &gzip(lines.as_bytes()));
    let coverage = scan_with(&[tree.path()], &ScanOptions::default()).coverage;
    assert_eq!((coverage.records.events, coverage.records.rejected), (2, 1), "{:?}", coverage.rejected);
}

#[test]
fn a_snapshot_too_long_for_memory_is_told_by_its_first_keys() {
    let tree = Tree::new();
    let items = format!("{{\"n\":\"{}\"}}", "y".repeat(1 << 20));
    let snapshot = format!("{{\"fileVersion\":\"1.0\",\"configurationItems\":[{}]}}", vec![items; 20].join(","));
    tree.put("snapshot.json.gz", &gzip(snapshot.as_bytes()));
    let coverage = scan_with(&[tree.path()], &ScanOptions::default()).coverage;
    assert_eq!(
        (coverage.files.excluded, coverage.files.partial),
        (1, 0),
        "{:?} {:?}",
        coverage.excluded,
        coverage.skips
    );
    assert!(coverage.excluded.contains_key("AWS Config snapshot"));
}

#[test]
fn strict_refuses_damage_that_nobody_reads() {
    let tree = Tree::new();
    let damaged =
        read_of("Reader", "k", 1).replacen("\"eventVersion\"", "\"tlsDetails\":{\"a\":tru},\"eventVersion\"", 1);
    let sound = read_of("Reader", "k", 2);
    tree.put("a.json", format!("{{\"Records\":[{damaged},{sound}]}}").as_bytes());
    let scan = |strict| scan_with(&[tree.path()], &ScanOptions { strict, ..ScanOptions::default() }).coverage.records;
    assert_eq!((scan(false).events, scan(false).rejected), (2, 0));
    assert_eq!((scan(true).events, scan(true).rejected), (1, 1));
    let other = Filter { regions: vec!["us-east-1".to_owned()], ..Filter::default() };
    let filtered = scan_with(&[tree.path()], &ScanOptions { filter: other, ..ScanOptions::default() });
    assert_eq!(filtered.coverage.records.filtered, 2);
}
