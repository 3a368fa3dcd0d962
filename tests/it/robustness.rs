//! Any bytes are read without a panic, and the sums balance.

use std::sync::LazyLock;

use proptest::prelude::*;
use trailwright::archive::{Archive, Limits, Source};
use trailwright::decode::Decoder;
use trailwright::scan::{ScanOptions, scan};

use crate::support::{assert_balanced, files_below, gzip, root, story, trail_file};

/// Valid files to damage: every envelope, a trail file and an ugly one.
static VALID: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let envelopes = files_below(&root("fixtures/envelopes"));
    let mut files: Vec<Vec<u8>> = envelopes.iter().map(|path| std::fs::read(path).unwrap()).collect();
    files.push(trail_file(&story("denied-then-granted")));
    files.push(story("ugly-records").join("\n").into_bytes());
    assert!(files.len() > 15);
    files
});

/// Decodes and scans, plain and compressed.
#[track_caller]
fn check(bytes: &[u8]) {
    let _ = Decoder::default().records(bytes, |_| ());
    let files = [bytes.to_vec(), gzip(bytes), gzip(&gzip(bytes))];
    for file in files {
        check_file(&file);
    }
}

#[track_caller]
fn check_file(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    std::fs::write(&path, bytes).unwrap();
    let options = ScanOptions { limits: Limits { inflated: 1 << 20 }, ..ScanOptions::default() };
    let archive = Archive { sources: vec![Source::Path(path)], ..Archive::default() };
    let history = scan(&archive, &options, &());
    assert_balanced(&history.coverage);
    assert_eq!(history.coverage.files.found, 1);
}

fn any_valid() -> impl Strategy<Value = Vec<u8>> {
    any::<prop::sample::Index>().prop_map(|index| index.get(&VALID).clone())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes);
    }

    #[test]
    fn anything_that_looks_like_json_is_read(text in r#"[{}\[\]:," \\\n0-9a-zntfu]{0,200}"#) {
        check(text.as_bytes());
    }

    #[test]
    fn flipped_bytes_are_read(
        mut bytes in any_valid(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        for (at, byte) in flips {
            *at.get_mut(&mut bytes) = byte;
        }
        check(&bytes);
    }

    #[test]
    fn cut_and_spliced_files_are_read(
        a in any_valid(),
        b in any_valid(),
        cut in any::<prop::sample::Index>(),
        join in any::<prop::sample::Index>(),
    ) {
        let (before, after) = (&a[..cut.index(a.len())], &b[join.index(b.len())..]);
        check(before);
        check(&[before, after].concat());
    }

    #[test]
    fn damaged_gzip_is_read(
        plain in any_valid(),
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let whole = gzip(&plain);
        check_file(&whole[..cut.index(whole.len())]);
        let mut flipped = whole.clone();
        *at.get_mut(&mut flipped) = byte;
        check_file(&flipped);
        check_file(&[whole, flipped].concat());
    }
}

#[test]
fn hostile_nesting_is_refused_and_not_recursed_into() {
    for open in ["[", "{\"a\":", "{\"Records\":[", "{\"Records\":[{\"eventName\":["] {
        check(open.repeat(200_000).as_bytes());
    }
    let text = format!("{{\"timestamp\":1,\"message\":\"{}\"}}", "[".repeat(200_000));
    check(text.as_bytes());
}

/// What a text gives: events, and what was rejected or broke off.
#[track_caller]
fn check_records(text: &str, events: usize, rejected: usize) {
    let (mut good, mut bad) = (0, 0);
    let decoded =
        Decoder::default().records(text.as_bytes(), |record| *(if record.is_ok() { &mut good } else { &mut bad }) += 1);
    assert_eq!((good, bad, decoded.is_ok()), (events, rejected, true), "{text}");
}

#[test]
fn a_record_is_read_alike_after_records_written_otherwise() {
    let compact = r#"{"eventVersion":"1.11","eventTime":"2026-02-03T04:05:06Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}"#;
    let spaced = compact.replace(':', ": ").replace("04: 05: 06", "04:05:06").replace(',', ", ");
    check_records(&format!("{compact}\n{spaced}\n{compact}\n{spaced}"), 4, 0);
    check_records(&format!("{}\n{}", compact, compact.replace("\"eventName\":", "\"eventName\": ")), 2, 0);
}

#[test]
fn an_escape_hides_nothing() {
    let record = |source: &str| {
        format!(r#"{{"eventTime":"2026-02-03T04:05:06Z","eventSource":"{source}","eventName":"GetObject"}}"#)
    };
    check_records(&record("s3.amazonaws.com"), 1, 0);
    check_records(&record(r"s3\u002eamazonaws.com"), 1, 0);
    check_records(&record(r"\u0061ws:s3.amazonaws.com"), 0, 1);
    check_records(&record(r"s3\ud800.amazonaws.com"), 0, 1);
}

#[test]
fn records_before_damage_are_kept_however_it_shows() {
    let text = trail_file(&story("orders-team"));
    // Stored blocks and a flush in between: what follows is no deflate block at all.
    let mut file = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut file, flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &text[..text.len() / 2]).unwrap();
    std::io::Write::flush(&mut encoder).unwrap();
    std::mem::forget(encoder);
    file.extend([7, 0, 0, 0, 0, 0, 0, 0]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json.gz");
    std::fs::write(&path, file).unwrap();
    let archive = Archive { sources: vec![Source::Path(path)], ..Archive::default() };
    let coverage = scan(&archive, &ScanOptions::default(), &()).coverage;
    assert_balanced(&coverage);
    assert_eq!(coverage.files.partial, 1, "{:?}", coverage.skips);
    assert!(coverage.records.events > 80, "{:?}", coverage.records);
}

#[test]
fn a_name_chosen_by_a_caller_makes_no_tar_file() {
    let record = story("denied-then-granted")[0].clone();
    let at = record.find("\"eventVersion\"").unwrap();
    let pad = 257 - "{\"Records\":[".len() - at - "\"x\":\"".len();
    let named = format!("{}\"x\":\"{}ustar\",{}", &record[..at], "x".repeat(pad), &record[at..]);
    let text = trail_file(&[named]);
    assert_eq!(&text[257..262], b"ustar");
    check_file(&text);
    assert_eq!(trailwright::archive::recognise(&text[..512]), trailwright::archive::Content::Json);
}
