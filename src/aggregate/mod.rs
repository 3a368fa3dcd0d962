//! Many events to what each principal did. An [`Activity`] is a value: merging two is associative and
//! commutative, so any split of an archive, over threads, runs or machines, comes to the same.
//!
//! Every event belongs to exactly one [`Call`], which holds all that is ever counted about it. So an
//! event that was delivered twice is taken back by lowering one number, and everything else a call
//! carries (first, last, days, evidence) is the same whether a copy is seen once or more often.

mod call;
mod coverage;
mod distinct;
mod evidence;
mod sightings;
mod usage;

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

pub use call::{Call, CallOutcome};
pub use coverage::{Coverage, Examples, Files, Records};
pub use distinct::Distinct;
pub use evidence::{EVENTS_KEPT, EventRef, Evidence};
pub use sightings::DEFAULT_IN_MEMORY;
pub use usage::{Sample, Usage};

use crate::archive::Trouble;
use crate::event::EventId;
use sightings::Sightings;

/// What was done, not yet cleared of duplicates.
pub struct Activity {
    /// What was read and what was not.
    pub coverage: Coverage,
    calls: Vec<(Call<'static>, Usage)>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    sightings: Sightings,
}

/// What was done: each event counted once, calls in order.
pub struct History {
    /// What was read and what was not.
    pub coverage: Coverage,
    /// Sorted by call.
    pub calls: Vec<(Call<'static>, Usage)>,
}

impl Default for Activity {
    fn default() -> Self {
        Self::new(DEFAULT_IN_MEMORY)
    }
}

impl Activity {
    /// An empty activity that remembers up to `in_memory` event ids (32 bytes each) before it moves
    /// them to a temporary file.
    pub fn new(in_memory: usize) -> Self {
        Self {
            coverage: Coverage::default(),
            calls: Vec::new(),
            index: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            sightings: Sightings::new(in_memory),
        }
    }

    /// Adds one event.
    pub fn add(&mut self, call: Call<'_>, id: EventId, sample: &Sample<'_>) {
        let at = self.slot(call);
        if let Some((_, usage)) = self.calls.get_mut(at as usize) {
            usage.add(sample);
        }
        self.sightings.add(id, at);
    }

    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let (mut all, other) = if self.calls.len() >= other.calls.len() { (self, other) } else { (other, self) };
        all.coverage.merge(other.coverage);
        let mut moved = Vec::with_capacity(other.calls.len());
        for (call, usage) in other.calls {
            let at = all.slot(call);
            if let Some((_, there)) = all.calls.get_mut(at as usize) {
                there.merge(usage);
            }
            moved.push(at);
        }
        all.sightings.merge(other.sightings, &moved);
        all
    }

    /// The place of a call, made when it is new.
    fn slot(&mut self, call: Call<'_>) -> u32 {
        let Self { calls, index, hasher, .. } = self;
        let hash = hasher.hash_one(&call);
        let same = |at: &u32| calls.get(*at as usize).is_some_and(|(known, _)| known.is(&call));
        if let Some(at) = index.find(hash, same) {
            return *at;
        }
        let at = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        calls.push((call.into_owned(), Usage::default()));
        let hash_at = |at: &u32| calls.get(*at as usize).map_or(0, |(call, _)| hasher.hash_one(call));
        index.insert_unique(hash, at, hash_at);
        at
    }

    /// Takes duplicates back, exactly, and sorts. Which copy of an event stays does not depend on the
    /// order of files: where copies differ, the one whose call sorts first.
    pub fn settle(self) -> History {
        let Self { mut coverage, mut calls, sightings, .. } = self;
        let mut order: Vec<u32> = (0..u32::try_from(calls.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by(|a, b| match (calls.get(*a as usize), calls.get(*b as usize)) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        });
        let mut rank = vec![0_u32; calls.len()];
        for (place, at) in order.iter().enumerate() {
            if let Some(rank) = rank.get_mut(*at as usize) {
                *rank = u32::try_from(place).unwrap_or(u32::MAX);
            }
        }
        let rank_of = |call: u32| rank.get(call as usize).copied().unwrap_or(u32::MAX);
        let compared = sightings.copies(&mut |copies: &[u32]| {
            let kept = copies.iter().copied().min_by_key(|call| rank_of(*call));
            if copies.iter().any(|call| Some(*call) != kept) {
                coverage.records.conflicting += 1;
            }
            let mut keep = kept;
            for call in copies {
                if keep == Some(*call) {
                    keep = None;
                    continue;
                }
                coverage.records.duplicates += 1;
                if let Some((_, usage)) = calls.get_mut(*call as usize) {
                    usage.count = usage.count.saturating_sub(1);
                }
            }
        });
        if let Err(error) = compared {
            let reason = format!("duplicates may be counted twice, a temporary file could not be read: {error}");
            coverage.skips.push((Trouble { name: "-".into(), reason }, 0));
        }
        calls.retain(|(_, usage)| usage.count > 0);
        calls.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        coverage.settle(&calls);
        History { coverage, calls }
    }
}
