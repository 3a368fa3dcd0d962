//! Drives the pipeline over all files of an archive, in parallel: walk, open, decode, event, classify,
//! detect, aggregate. Never fails: what could not be read is in the coverage.

mod filter;
mod look_up;
mod pipeline;
mod shared;
mod worker;

use std::sync::{Arc, Mutex};

use rayon::prelude::*;

pub use filter::{Filter, FilterError, resolve_service};
pub use look_up::look_up;
pub use pipeline::Pipeline;

use crate::aggregate::{Activity, Bounds, History};
use crate::archive::{Archive, Found, Limits, walk};
use crate::detect::RuleSet;
use crate::replay::Trial;
use crate::search::{Search, Searcher};
use crate::watch::Watch;
use shared::Shared;
use worker::Worker;

/// How to scan.
#[derive(Debug)]
pub struct ScanOptions {
    /// Threads that decode; at least 1.
    pub threads: usize,
    /// Caps against hostile files.
    pub limits: Limits,
    /// Which events count.
    pub filter: Filter,
    /// How much is kept in memory, over all threads.
    pub bounds: Bounds,
    /// What calls are judged by.
    pub rules: RuleSet,
    /// The policies that calls are asked of.
    pub trial: Option<Trial>,
    /// The grants that calls are put beside.
    pub watch: Option<Arc<Watch>>,
    /// What is looked for.
    pub searches: Vec<Search>,
    /// Whether nothing else is asked: then only events count that a search means, and all others are filtered.
    pub only_searches: bool,
    /// Keep the records that the first search finds, as they stand, instead of its rows.
    pub keep_records: bool,
    /// Refuse every record that is not wholly valid JSON.
    pub strict: bool,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            threads: 1,
            limits: Limits::default(),
            filter: Filter::default(),
            bounds: Bounds::default(),
            rules: RuleSet::default(),
            trial: None,
            watch: None,
            searches: Vec::new(),
            only_searches: false,
            keep_records: false,
            strict: false,
        }
    }
}

/// Is told how far a scan has come; called from several threads.
pub trait Progress: Sync {
    /// A file of so many bytes was found.
    fn found(&self, bytes: u64);
    /// A file of so many bytes is done.
    fn done(&self, bytes: u64);
    /// No more files will be found.
    fn all_found(&self) {}
}

/// Tells nobody.
impl Progress for () {
    fn found(&self, _bytes: u64) {}
    fn done(&self, _bytes: u64) {}
}

/// Files that are handed from the walk to a worker together: few enough that no worker has much to do when
/// the others are done, and enough that they seldom wait for each other.
const BATCH: usize = 16;

/// Batches that may wait. Enough to keep workers busy; a walk that ran far ahead would only hold memory.
const WAITING: usize = 64;

/// Reads everything and settles duplicates.
pub fn scan(archive: &Archive, options: &ScanOptions, progress: &dyn Progress) -> History {
    let threads = options.threads.max(1);
    let (send, receive) = crossbeam_channel::bounded::<Vec<Found>>(WAITING);
    let shared = Shared::new(threads);
    let done = Mutex::new(Vec::new());
    let searches: Vec<_> = options.searches.iter().cloned().map(Arc::new).collect();
    let work = |shared: Shared| {
        let ids_in_memory = options.bounds.ids_in_memory / threads;
        let bounds = Bounds { ids_in_memory, ..options.bounds };
        let searcher = Searcher::new(&searches, ids_in_memory, options.keep_records);
        let activity = Worker::new(options, bounds, shared, searcher).work(&receive, progress);
        match done.lock() {
            Ok(mut done) => done.push(activity),
            Err(poisoned) => poisoned.into_inner().push(activity),
        }
    };
    std::thread::scope(|scope| {
        let work = &work;
        for _ in 0..threads {
            let shared = shared.clone();
            scope.spawn(move || work(shared));
        }
        drop(shared);
        // Finding files is little work that waits a lot: a few threads of its own keep disks busy.
        walk(archive, threads.min(4), BATCH, &|found| {
            for file in &found {
                if let Found::File(file) = file {
                    progress.found(file.size);
                }
            }
            send.send(found).is_ok()
        });
        progress.all_found();
        drop(send);
    });
    let activities = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    activities.into_par_iter().reduce(|| Activity::new(options.bounds), Activity::merge).settle()
}
