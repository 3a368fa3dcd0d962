//! Many events to what each principal did. An [`Activity`] is a value: merging two is associative and
//! commutative, so any split of an archive, over threads, runs or machines, comes to the same.
//!
//! Every event belongs to exactly one [`Call`], which holds all that is ever counted about it. So an
//! event that was delivered twice is taken back by lowering one number, and everything else a call
//! carries (first, last, days, evidence) is the same whether a copy is seen once or more often.

mod call;
mod coverage;
mod credentials;
mod distinct;
mod evidence;
mod hours;
mod pulse;
mod shard;
mod sightings;
mod trace;
mod usage;
mod whereabouts;

use rayon::prelude::*;

pub use call::{Call, CallOutcome, CallRef, KindRef, Refusal};
pub use coverage::{Coverage, Examples, Files, Records};
pub use credentials::{CREDENTIALS_KEPT, Credential, Credentials, Holder, Issued, Network, Seen, Used};
pub use distinct::Distinct;
pub use evidence::{EVENTS_KEPT, EventRef, Evidence, RecordedId};
pub use hours::Hours;
pub use pulse::Pulse;
pub use sightings::DEFAULT_IN_MEMORY;
pub use trace::{Sighted, Stretch, Trace};
pub use usage::{ADDRESSES_KEPT, Days, PEOPLE_KEPT, SESSIONS_KEPT, Sample, Usage};
pub use whereabouts::Whereabouts;

use crate::archive::Trouble;
use crate::search::{Gathered, Records as FoundRecords, Table};
use shard::Shard;
use sightings::Sightings;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Event ids in memory (32 bytes each) before they are moved to a temporary file.
    pub ids_in_memory: usize,
    /// Different resources for one call of one principal. Beyond that they are kept as prefixes, so
    /// that ten million object keys do not fill the memory.
    pub resources: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { ids_in_memory: DEFAULT_IN_MEMORY, resources: 50 }
    }
}

/// What was done, not yet cleared of duplicates.
pub struct Activity {
    /// What was read and what was not.
    pub coverage: Coverage,
    /// Who was given which credentials and used them.
    pub credentials: Credentials,
    /// When each account had events, where somebody asks.
    pub pulse: Pulse,
    /// In which files sessions occur, where somebody asks.
    pub whereabouts: Whereabouts,
    /// What was looked for.
    pub gathered: Gathered,
    shards: [Shard; SHARDS],
    sightings: Sightings,
}

/// Parts of an activity that are merged and put into order side by side.
const SHARDS: usize = 1 << SHARD_BITS;
const SHARD_BITS: u32 = 4;

/// The number of an entry: its place in its shard, and which shard that is.
fn number(at: u32, shard: usize) -> u32 {
    at << SHARD_BITS | u32::try_from(shard).unwrap_or_default()
}

impl Default for Activity {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}

/// What was done: each event counted once, calls in order.
pub struct History {
    /// What was read and what was not.
    pub coverage: Coverage,
    /// Sorted by call.
    pub calls: Vec<(Call, Usage)>,
    /// Who is behind which session, and which key was used from where.
    pub credentials: Credentials,
    /// When each account had events, where somebody asked.
    pub pulse: Pulse,
    /// In which files sessions occur, where somebody asked.
    pub whereabouts: Whereabouts,
    /// What was looked for, in the order of searches.
    pub searched: Vec<Table>,
    /// The records that the first search found, where they are kept.
    pub records: Option<FoundRecords>,
}

impl Activity {
    /// An empty activity.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            coverage: Coverage::default(),
            credentials: Credentials::default(),
            pulse: Pulse::default(),
            whereabouts: Whereabouts::default(),
            gathered: Gathered::default(),
            shards: std::array::from_fn(|_| Shard::new(bounds.resources)),
            sightings: Sightings::new(bounds.ids_in_memory.max(1)),
        }
    }

    /// How wide the resources of such calls are kept; 0 is as they are.
    #[inline]
    pub fn width(&self, kind: &KindRef<'_>) -> u8 {
        self.shards.get(kind.shard()).map_or(0, |shard| shard.width(kind))
    }

    /// Adds one event.
    #[inline]
    pub fn add(&mut self, call: &CallRef<'_>, sample: &Sample<'_>) {
        let number_of_shard = call.kind.shard();
        let Some(shard) = self.shards.get_mut(number_of_shard) else { return };
        let at = shard.place(call);
        if let Some(usage) = shard.usage(at) {
            usage.add(sample);
        }
        self.sightings.add(sample.id, number(at, number_of_shard));
    }

    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let entries = |activity: &Self| activity.shards.iter().map(Shard::len).sum::<usize>();
        let (mut all, mut other) = if entries(&self) >= entries(&other) { (self, other) } else { (other, self) };
        all.coverage.merge(std::mem::take(&mut other.coverage));
        all.credentials.merge(std::mem::take(&mut other.credentials));
        all.pulse.merge(std::mem::take(&mut other.pulse));
        all.whereabouts.merge(std::mem::take(&mut other.whereabouts));
        all.gathered.merge(std::mem::take(&mut other.gathered));
        let longest = other.shards.iter().map(Shard::len).max().unwrap_or_default();
        let merged: Vec<(Shard, Vec<u32>)> =
            all.shards.into_par_iter().zip(other.shards).map(|(all, other)| all.merge(other)).collect();
        let mut moved = vec![u32::MAX; longest << SHARD_BITS];
        let mut shards = std::array::from_fn(|_| Shard::default());
        for ((number_of_shard, (shard, there)), place) in merged.into_iter().enumerate().zip(&mut shards) {
            *place = shard;
            for (at, there) in (0..).zip(there) {
                if let Some(moved) = moved.get_mut(number(at, number_of_shard) as usize) {
                    *moved = number(there, number_of_shard);
                }
            }
        }
        all.sightings.merge(other.sightings, &moved);
        Self { shards, ..all }
    }

    /// Takes duplicates back, exactly, and sorts. Which copy of an event stays does not depend on the
    /// order of files: where copies differ, the one whose call sorts first.
    pub fn settle(self) -> History {
        let Self { mut coverage, mut credentials, pulse, whereabouts, gathered, shards, sightings } = self;
        credentials.settle();
        coverage.widened = shards.iter().map(Shard::widened).sum();
        let (settled, copies) =
            rayon::join(|| shards.into_par_iter().map(Shard::settle).collect::<Vec<_>>(), || sightings.copies());
        let (mut calls, ranks) = in_one_order(settled);
        let rank_of = |number: u32| {
            let rank = ranks.get(number as usize % SHARDS).and_then(|ranks| ranks.get(number as usize / SHARDS));
            rank.copied().unwrap_or(u32::MAX)
        };
        for copies in copies.events() {
            let kept = copies.iter().map(|number| rank_of(*number)).min();
            if copies.iter().any(|number| Some(rank_of(*number)) != kept) {
                coverage.records.conflicting += 1;
            }
            let mut keep = kept;
            for rank in copies.iter().map(|number| rank_of(*number)) {
                if keep == Some(rank) {
                    keep = None;
                    continue;
                }
                coverage.records.duplicates += 1;
                if let Some((_, usage)) = calls.get_mut(rank as usize) {
                    usage.count = usage.count.saturating_sub(1);
                }
            }
        }
        let (searched, records, failure) = gathered.settle();
        if let Some(error) = copies.failure.or(failure) {
            let reason = format!("duplicates may be counted twice, a temporary file could not be read: {error}");
            coverage.skips.push((Trouble { name: "-".into(), reason }, 0));
        }
        calls.retain(|(_, usage)| usage.count > 0);
        coverage.settle(&calls);
        History { coverage, calls, credentials, pulse: pulse.settled(), whereabouts, searched, records }
    }
}

/// Calls in order.
type Calls = Vec<(Call, Usage)>;

/// The calls of all shards in one order, and for each shard and entry the place in it. A principal's calls
/// are in one shard, and calls are sorted by principal first: only principals have to be sorted.
fn in_one_order(settled: Vec<(Calls, Vec<u32>)>) -> (Calls, Vec<Vec<u32>>) {
    let mut principals = Vec::new();
    for (shard, (calls, _)) in settled.iter().enumerate() {
        for calls in calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal) {
            principals.extend(calls.first().map(|(first, _)| (first.principal.clone(), shard, calls.len())));
        }
    }
    principals.sort_unstable();
    let (shards, mut ranks): (Vec<_>, Vec<_>) = settled.into_iter().unzip();
    // Where the calls of a shard are in the one order, call by call.
    let mut moved: Vec<Vec<u32>> = shards.iter().map(|calls| Vec::with_capacity(calls.len())).collect();
    let mut shards: Vec<_> = shards.into_iter().map(Vec::into_iter).collect();
    let mut all = Calls::with_capacity(shards.iter().map(ExactSizeIterator::len).sum());
    for (_, shard, count) in principals {
        let first = u32::try_from(all.len()).unwrap_or(u32::MAX);
        if let (Some(calls), Some(moved)) = (shards.get_mut(shard), moved.get_mut(shard)) {
            all.extend(calls.by_ref().take(count));
            moved.extend((first..).take(count));
        }
    }
    ranks.par_iter_mut().zip(moved).for_each(|(ranks, moved)| {
        for rank in ranks {
            *rank = moved.get(*rank as usize).copied().unwrap_or(u32::MAX);
        }
    });
    (all, ranks)
}
