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
