//! Files that are so long that several threads read them: one cuts, all read the pieces. Whoever is done
//! last with a file says what became of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::archive::Ended;
use crate::decode::{Broken, Piece, Reject};

/// Pieces that wait to be read by whoever has time. One per thread.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) send: Sender<Work>,
    pub(super) receive: Receiver<Work>,
}

/// A piece of a file, and what is known of the file.
pub(super) struct Work {
    pub(super) piece: Piece,
    pub(super) file: Arc<SharedFile>,
}

/// A file that several threads read.
pub(super) struct SharedFile {
    pub(super) name: Arc<str>,
    so_far: Mutex<(Tally, Option<End>)>,
}

/// How a file ended.
pub(super) struct End {
    pub(super) ended: Ended,
    pub(super) broken: Result<(), Broken>,
}

/// What became of the values of one file.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) seen: u64,
    pub(super) events: u64,
    pub(super) filtered: u64,
    pub(super) rejected: BTreeMap<Reject, u64>,
}

impl Shared {
    pub(super) fn new(threads: usize) -> Self {
        let (send, receive) = bounded(2 * threads);
        Self { send, receive }
    }
}

impl SharedFile {
    pub(super) fn new(name: Arc<str>) -> Arc<Self> {
        Arc::new(Self { name, so_far: Mutex::default() })
    }

    pub(super) fn add(&self, tally: Tally) {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner).0.merge(tally);
    }

    pub(super) fn end(&self, end: End) {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(end);
    }

    /// Everything about the file, for the one who held it last.
    pub(super) fn close(self: Arc<Self>) -> Option<(Arc<str>, Tally, End)> {
        let Self { name, so_far } = Arc::into_inner(self)?;
        let (tally, end) = so_far.into_inner().unwrap_or_else(PoisonError::into_inner);
        Some((name, tally, end?))
    }
}

impl Tally {
    /// Counts a value that was an event, was left out, or was none.
    pub(super) fn count(&mut self, answer: Result<bool, Reject>) {
        self.seen += 1;
        match answer {
            Ok(true) => self.events += 1,
            Ok(false) => self.filtered += 1,
            Err(reject) => *self.rejected.entry(reject).or_default() += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.seen += other.seen;
        self.events += other.events;
        self.filtered += other.filtered;
        for (reject, count) in other.rejected {
            *self.rejected.entry(reject).or_default() += count;
        }
    }

    /// Set when the file holds nothing that was ever meant to be a record: it is another kind of file,
    /// not one with bad records.
    pub(super) fn only_foreign(&self) -> Option<Reject> {
        let none_of_ours = self.events + self.filtered == 0 && self.rejected.keys().all(|r| r.is_foreign());
        self.rejected.keys().next().copied().filter(|_| none_of_ours)
    }
}
