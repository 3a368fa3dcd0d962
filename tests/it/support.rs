//! Stories and bytes to archives in a temporary folder, and archives to a `History`.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use trailwright::aggregate::{Coverage, History};
use trailwright::archive::{Archive, Source};
use trailwright::report::{FindingRow, FindingView, privileged};
use trailwright::scan::{ScanOptions, scan};

/// Every story: a folder of `fixtures` with an `events.jsonl`.
pub(crate) const STORIES: &[&str] = &[
    "denied-then-granted",
    "duplicates",
    "elevations",
    "every-identity",
    "every-policy-layer",
    "exposures",
    "granted",
    "network-activity",
    "orders-team",
    "partitions",
    "privileged-calls",
    "replay",
    "ugly-records",
];

/// A path below the crate's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The lines of a story, one record each.
pub(crate) fn story(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root("fixtures").join(name).join("events.jsonl")).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A corpus of real logs, where it is at hand; says loudly when it is not.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let path = root("../shared/corpora").join(name);
    if path.is_dir() {
        return Some(path);
    }
    // Past the test harness, which keeps the output of tests that pass to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: the corpus `{name}` is not at hand");
    None
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// One gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a file holds, out of gzip where it is in it.
pub(crate) fn inflated(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(&[0x1F, 0x8B]) {
        return bytes.to_vec();
    }
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

/// A trail file around records.
pub(crate) fn trail_file<T: AsRef<str>>(records: &[T]) -> Vec<u8> {
    let records: Vec<&str> = records.iter().map(AsRef::as_ref).collect();
    format!("{{\"Records\":[{}]}}", records.join(",")).into_bytes()
}

/// The key under which a trail delivers its file number `serial`.
pub(crate) fn key(account: &str, region: &str, day: &str, serial: usize) -> String {
    let folder = format!("AWSLogs/{account}/CloudTrail/{region}/{}", day.replace('-', "/"));
    let time = format!("{}T{:02}{:02}Z", day.replace('-', ""), serial / 60 % 24, serial % 60);
    format!("{folder}/{account}_CloudTrail_{region}_{time}_abcdefgh{serial:08}.json.gz")
}

/// An archive that lasts as long as the test.
pub(crate) struct Tree {
    folder: TempDir,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Records as a trail delivers them, `per_file` in each file, in the order given.
    pub(crate) fn delivered<T: AsRef<str>>(records: &[T], per_file: usize) -> Self {
        let tree = Self::new();
        for (serial, records) in records.chunks(per_file).enumerate() {
            tree.put(&key("111122223333", "eu-west-1", "2026-02-03", serial), &gzip(&trail_file(records)));
        }
        tree
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn scan(&self) -> History {
        scan_paths(&[self.path()])
    }
}

/// Everything worth telling of a history.
pub(crate) fn findings(history: &History) -> Vec<FindingRow> {
    privileged(history, &FindingView::default()).findings.unwrap()
}

/// Scans paths with the usual options.
pub(crate) fn scan_paths<P: AsRef<Path>>(paths: &[P]) -> History {
    scan_with(paths, &ScanOptions { threads: 2, ..ScanOptions::default() })
}

/// Scans paths; what the filter says of files is applied to them, as the command does.
pub(crate) fn scan_with<P: AsRef<Path>>(paths: &[P], options: &ScanOptions) -> History {
    let sources = paths.iter().map(|path| Source::Path(path.as_ref().to_owned())).collect();
    let history = scan(&Archive { sources, wanted: options.filter.wanted() }, options, &());
    assert_balanced(&history.coverage);
    history
}

/// The rows of all tables of a file that have so many cells, without the heads; a cell that is code is told bare.
pub(crate) fn table<const CELLS: usize>(path: &str) -> Vec<[String; CELLS]> {
    let text = fs::read_to_string(root(path)).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") || line.starts_with("|--"));
    let rows: Vec<&str> = rows.collect();
    let is_rule = |row: &str| row.starts_with("|--");
    // A head stands before a rule.
    let bodies =
        rows.iter().zip(rows.iter().skip(1).chain([&""])).filter(|(row, next)| !is_rule(row) && !is_rule(next));
    let cells = |row: &str| {
        let cells = row.trim_matches('|').split('|').map(|cell| bare(cell.trim()).to_owned());
        cells.collect::<Vec<_>>().try_into().ok()
    };
    bodies.filter_map(|(row, _)| cells(row)).collect()
}

/// A cell without the quotes around all of it.
fn bare(cell: &str) -> &str {
    let inner = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
    inner.filter(|inner| !inner.contains('`')).unwrap_or(cell)
}

/// The two sums that always hold.
#[track_caller]
pub(crate) fn assert_balanced(coverage: &Coverage) {
    let (files, records) = (coverage.files, coverage.records);
    assert_eq!(files.found, files.read + files.partial + files.skipped + files.excluded, "{files:?}");
    assert_eq!(records.seen, records.events + records.duplicates + records.filtered + records.rejected, "{records:?}");
    let (succeeded, denied, failed) = coverage.outcomes;
    assert_eq!(records.events, succeeded + denied + failed);
    assert_eq!(records.rejected, coverage.rejected.values().map(|examples| examples.count).sum::<u64>());
    assert_eq!(files.excluded, coverage.excluded.values().map(|examples| examples.count).sum::<u64>());
    assert!(coverage.skips.len() as u64 >= files.partial + files.skipped);
}
