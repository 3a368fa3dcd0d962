//! Finds the files of an archive, in parallel, handing over each as it is found: a listing of
//! hundreds of thousands of files is never held in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::open::describe;
use super::{Archive, Delivered, LogFile, Source, Trouble, Wanted, file_number};

/// One thing that the walk came upon.
#[derive(Debug)]
pub enum Found {
    /// A file to read.
    File(LogFile),
    /// A file that need not be opened, with why.
    Excluded {
        /// The file.
        name: Arc<str>,
        /// Why it holds nothing of interest.
        reason: &'static str,
    },
    /// Something that could not be looked at.
    Trouble(Trouble),
}

/// Bytes of files that are handed over together at most, but for a larger file: whoever gets a batch has not
/// much to do when all others are done.
const BATCH_BYTES: u64 = 256 << 10;

/// Walks all sources with `threads` threads. `each` is called from several of them, in no order, with up to
/// `batch` at a time, and fewer where files are large; when it answers `false` the walk ends.
pub fn walk(archive: &Archive, threads: usize, batch: usize, each: &(dyn Fn(Vec<Found>) -> bool + Sync)) {
    let mut roots = Vec::new();
    for source in &archive.sources {
        let found = match source {
            Source::Path(path) => {
                roots.push(path);
                continue;
            }
            Source::Stdin => LogFile { name: "-".into(), source: source.clone(), size: 0, delivered: false },
            Source::Bytes { name, bytes } => LogFile {
                name: (*name).into(),
                source: source.clone(),
                size: u64::try_from(bytes.len()).unwrap_or(0),
                delivered: false,
            },
        };
        if !each(vec![Found::File(found)]) {
            return;
        }
    }
    let Some((first, others)) = roots.split_first() else { return };
    let mut builder = WalkBuilder::new(first);
    for root in others {
        builder.add(root);
    }
    // Nothing that looks like a log is passed over: no ignore files, hidden names count, links are
    // followed (the walker knows loops).
    builder.standard_filters(false).follow_links(true).threads(threads);
    builder.build_parallel().run(|| {
        let mut gathered = Batch { found: Vec::with_capacity(batch), bytes: 0, size: batch, each };
        Box::new(move |entry| {
            let found = match entry {
                Ok(entry) => look_at(entry, &archive.wanted),
                Err(error) => Some(trouble(&error, None)),
            };
            let go_on = found.is_none_or(|found| gathered.add(found));
            if go_on { WalkState::Continue } else { WalkState::Quit }
        })
    });
}

/// What one thread has found and not yet handed over; the rest goes when the thread ends.
struct Batch<'e> {
    found: Vec<Found>,
    bytes: u64,
    size: usize,
    each: &'e (dyn Fn(Vec<Found>) -> bool + Sync),
}

impl Batch<'_> {
    fn add(&mut self, found: Found) -> bool {
        if let Found::File(file) = &found {
            self.bytes += file.size;
        }
        self.found.push(found);
        if self.found.len() < self.size && self.bytes < BATCH_BYTES {
            return true;
        }
        self.bytes = 0;
        (self.each)(std::mem::replace(&mut self.found, Vec::with_capacity(self.size)))
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if !self.found.is_empty() {
            (self.each)(std::mem::take(&mut self.found));
        }
    }
}

fn look_at(entry: DirEntry, wanted: &Wanted) -> Option<Found> {
    let kind = entry.file_type()?;
    if kind.is_dir() {
        return None;
    }
    let name: Arc<str> = entry.path().to_string_lossy().into();
    if !kind.is_file() {
        return Some(Found::Excluded { name, reason: "not a regular file" });
    }
    if wanted.files.as_ref().is_some_and(|files| !files.contains(&file_number(&name))) {
        return Some(Found::Excluded { name, reason: "nothing in it is read again" });
    }
    let delivered = Delivered::parse(&name);
    if let Some(key) = &delivered
        && let Some(reason) = key.kind.why_excluded().or_else(|| key.why_unwanted(wanted))
    {
        return Some(Found::Excluded { name, reason });
    }
    let delivered = delivered.is_some();
    Some(match entry.metadata() {
        Ok(metadata) => {
            let (size, path) = (metadata.len(), entry.into_path());
            Found::File(LogFile { name, source: Source::Path(path), size, delivered })
        }
        Err(error) => trouble(&error, Some(entry.path())),
    })
}

fn trouble(error: &ignore::Error, path: Option<&Path>) -> Found {
    let (mut path, mut reason) = (path.map(Path::to_path_buf), error);
    loop {
        reason = match reason {
            ignore::Error::WithPath { path: at, err } => {
                path.get_or_insert_with(|| at.clone());
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            ignore::Error::Loop { child, .. } => {
                path.get_or_insert_with(|| child.clone());
                break;
            }
            _ => break,
        };
    }
    let reason = match reason {
        ignore::Error::Loop { .. } => "symbolic link that leads back to a folder above it".to_owned(),
        ignore::Error::Io(error) => describe(error),
        other => other.to_string(),
    };
    let name = path.unwrap_or_else(|| PathBuf::from("?")).to_string_lossy().into();
    Found::Trouble(Trouble { name, reason })
}
