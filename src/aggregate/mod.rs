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

use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::SmallVec;

pub use call::{Call, CallOutcome, CallRef, KindRef};
pub use coverage::{Coverage, Examples, Files, Records};
pub use distinct::Distinct;
pub use evidence::{EVENTS_KEPT, EventRef, Evidence, RecordedId};
pub use sightings::DEFAULT_IN_MEMORY;
pub use usage::{ADDRESSES_KEPT, Days, SESSIONS_KEPT, Sample, Usage};

use crate::archive::Trouble;
use crate::classify::{Needs, WIDEST};
use crate::intern::Interned;
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
#[derive(Default)]
pub struct Activity {
    /// What was read and what was not.
    pub coverage: Coverage,
    bounds: Bounds,
    entries: Vec<Entry>,
    /// Entries that stand for themselves, by their call.
    index: HashTable<u32>,
    /// Calls of one kind.
    groups: HashTable<Group>,
    /// A member of each group whose resources are kept wider than they are, with how wide.
    wide: HashTable<(u32, u8)>,
    hasher: DefaultHashBuilder,
    sightings: Sightings,
}

struct Entry {
    call: Call,
    usage: Usage,
    /// The entry that this one has become part of: another one once its resources are kept as a prefix.
    now: u32,
}

/// Calls of one kind, whose resources are all kept equally exact. How exact depends on how
/// many there are, and so not on the order they come in.
struct Group {
    members: SmallVec<[u32; 2]>,
    /// How wide resources are kept; 0 for as they are.
    width: u8,
}

/// What was done: each event counted once, calls in order.
pub struct History {
    /// What was read and what was not.
    pub coverage: Coverage,
    /// Sorted by call.
    pub calls: Vec<(Call, Usage)>,
}

impl Activity {
    /// An empty activity.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, sightings: Sightings::new(bounds.ids_in_memory.max(1)), ..Self::default() }
    }

    /// How wide the resources of such calls are kept; 0 is as they are.
    #[inline]
    pub fn width(&self, kind: &KindRef<'_>) -> u8 {
        if self.wide.is_empty() {
            return 0;
        }
        let alike = |(at, _): &(u32, u8)| self.entries.get(*at as usize).is_some_and(|entry| kind.is(&entry.call));
        self.wide.find(kind.hash(&self.hasher), alike).map_or(0, |(_, width)| *width)
    }

    /// Adds one event.
    #[inline]
    pub fn add(&mut self, call: &CallRef<'_>, sample: &Sample<'_>) {
        let at = self.place(call);
        if let Some(entry) = self.entries.get_mut(at as usize) {
            entry.usage.add(sample);
        }
        self.sightings.add(sample.id, at);
    }

    /// Both together.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let (mut all, mut other) =
            if self.entries.len() >= other.entries.len() { (self, other) } else { (other, self) };
        all.coverage.merge(std::mem::take(&mut other.coverage));
        for group in &other.groups {
            if group.width > 0
                && let Some(entry) = group.members.first().and_then(|member| other.entries.get(*member as usize))
            {
                // A group is known by its members.
                all.place(&entry.call.as_ref());
                all.widen_to(&entry.call.as_ref().kind, group.width);
            }
        }
        let now: Vec<u32> = (0..).take(other.entries.len()).map(|at| other.now(at)).collect();
        let mut there: Vec<u32> = vec![u32::MAX; now.len()];
        for ((entry, there), (at, now)) in other.entries.into_iter().zip(&mut there).zip((0_u32..).zip(&now)) {
            if at == *now {
                *there = all.place(&entry.call.as_ref());
                if let Some(known) = all.entries.get_mut(*there as usize) {
                    known.usage.merge(entry.usage);
                }
            }
        }
        let moved: Vec<u32> = now.iter().filter_map(|now| there.get(*now as usize).copied()).collect();
        all.sightings.merge(other.sightings, &moved);
        all
    }

    /// The place of a call, made when it is new.
    #[inline]
    fn place(&mut self, call: &CallRef<'_>) -> u32 {
        let hash = call.hash(&self.hasher);
        match self.find(call, hash) {
            Some(at) => at,
            None => self.place_as_kept(call),
        }
    }

    #[inline]
    fn find(&self, call: &CallRef<'_>, hash: u64) -> Option<u32> {
        let same = |at: &u32| self.entries.get(*at as usize).is_some_and(|entry| call.is(&entry.call));
        self.index.find(hash, same).copied()
    }

    /// The place of a call that was not found as it is.
    #[cold]
    fn place_as_kept(&mut self, call: &CallRef<'_>) -> u32 {
        let width = self.width(&call.kind);
        let widened = widened(call.needs, width);
        let call = widened.as_ref().map_or(*call, |needs| CallRef { needs, ..*call });
        let hash = call.hash(&self.hasher);
        if let Some(at) = widened.is_some().then(|| self.find(&call, hash)).flatten() {
            return at;
        }
        let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { call: call.keep(), usage: Usage::default(), now: at });
        let Self { entries, index, hasher, .. } = self;
        let hash_at = |at: &u32| entries.get(*at as usize).map_or(0, |entry| entry.call.as_ref().hash(hasher));
        index.insert_unique(hash, at, hash_at);
        let limit = self.bounds.resources;
        let group = self.group(&call.kind);
        group.members.push(at);
        if group.members.len() > limit && width < WIDEST {
            self.widen_to(&call.kind, width + 1);
            return self.now(at);
        }
        at
    }

    fn group(&mut self, kind: &KindRef<'_>) -> &mut Group {
        let Self { entries, groups, hasher, .. } = self;
        let first = |group: &Group| group.members.first().and_then(|at| entries.get(*at as usize));
        let alike = |group: &Group| first(group).is_some_and(|entry| kind.is(&entry.call));
        let hash_of = |group: &Group| first(group).map_or(0, |entry| entry.call.as_ref().kind.hash(hasher));
        let entry = groups.entry(kind.hash(hasher), alike, hash_of);
        entry.or_insert_with(|| Group { members: SmallVec::new(), width: 0 }).into_mut()
    }

    /// Keeps the resources of all calls like this one at least so wide, and wider for as long as there are
    /// too many of them.
    fn widen_to(&mut self, kind: &KindRef<'_>, width: u8) {
        let mut width = width;
        loop {
            let group = self.group(kind);
            if group.width >= width {
                return;
            }
            group.width = width;
            let members = std::mem::take(&mut group.members);
            // A group without members cannot be found; the first one stands for it meanwhile.
            group.members.extend(members.first().copied());
            let mut kept: SmallVec<[u32; 2]> = SmallVec::new();
            for member in members {
                let now = self.widen_one(member, width);
                if !kept.contains(&now) {
                    kept.push(now);
                }
            }
            let count = kept.len();
            let member = kept.first().copied().unwrap_or(u32::MAX);
            self.group(kind).members = kept;
            self.remember_width(kind, member, width);
            if count <= self.bounds.resources || width >= WIDEST {
                return;
            }
            width += 1;
        }
    }

    fn remember_width(&mut self, kind: &KindRef<'_>, member: u32, width: u8) {
        let Self { entries, wide, hasher, .. } = self;
        let of = |at: u32| entries.get(at as usize).map(|entry| &entry.call);
        let alike = |(at, _): &(u32, u8)| of(*at).is_some_and(|call| kind.is(call));
        let hash_of = |(at, _): &(u32, u8)| of(*at).map_or(0, |call| call.as_ref().kind.hash(hasher));
        let entry = wide.entry(kind.hash(hasher), alike, hash_of);
        *entry.or_insert((member, width)).into_mut() = (member, width);
    }

    /// Widens one entry: it becomes part of another, or stays where it is as wide as needed.
    fn widen_one(&mut self, at: u32, width: u8) -> u32 {
        let Self { entries, index, hasher, .. } = self;
        let Some(entry) = entries.get(at as usize) else { return at };
        let Some(needs) = widened(&entry.call.needs, width) else { return at };
        let old_hash = entry.call.as_ref().hash(hasher);
        let wide = CallRef { needs: &needs, ..entry.call.as_ref() };
        let hash = wide.hash(hasher);
        let same = |at: &u32| entries.get(*at as usize).is_some_and(|entry| wide.is(&entry.call));
        let known = index.find(hash, same).copied();
        if let Ok(old) = index.find_entry(old_hash, |other| *other == at) {
            old.remove();
        }
        match known {
            None => {
                if let Some(entry) = entries.get_mut(at as usize) {
                    entry.call.needs = needs;
                }
                let hash_at = |at: &u32| entries.get(*at as usize).map_or(0, |entry| entry.call.as_ref().hash(hasher));
                index.insert_unique(hash, at, hash_at);
                at
            }
            Some(there) => {
                let usage = entries.get_mut(at as usize).map(|entry| {
                    entry.now = there;
                    std::mem::take(&mut entry.usage)
                });
                if let (Some(known), Some(usage)) = (entries.get_mut(there as usize), usage) {
                    known.usage.merge(usage);
                }
                there
            }
        }
    }

    /// Where an entry is counted now.
    fn now(&self, mut at: u32) -> u32 {
        loop {
            match self.entries.get(at as usize) {
                Some(entry) if entry.now != at => at = entry.now,
                _ => return at,
            }
        }
    }

    /// Takes duplicates back, exactly, and sorts. Which copy of an event stays does not depend on the
    /// order of files: where copies differ, the one whose call sorts first.
    pub fn settle(self) -> History {
        let now: Vec<u32> = (0..).take(self.entries.len()).map(|at| self.now(at)).collect();
        let Self { mut coverage, entries, sightings, groups, .. } = self;
        coverage.widened = groups.iter().filter(|group| group.width > 0).count() as u64;
        let mut order: Vec<u32> = (0..).zip(&now).filter(|(at, now)| at == *now).map(|(at, _)| at).collect();
        order.sort_unstable_by(|a, b| match (entries.get(*a as usize), entries.get(*b as usize)) {
            (Some(a), Some(b)) => a.call.cmp(&b.call),
            _ => std::cmp::Ordering::Equal,
        });
        // Entries by their place in that order; parts have that of the entry they belong to.
        let mut rank = vec![0_u32; entries.len()];
        for (place, at) in (0_u32..).zip(&order) {
            if let Some(rank) = rank.get_mut(*at as usize) {
                *rank = place;
            }
        }
        let rank_of = |at: u32| now.get(at as usize).and_then(|at| rank.get(*at as usize)).copied().unwrap_or(u32::MAX);
        let mut entries: Vec<Option<Entry>> = entries.into_iter().map(Some).collect();
        let mut calls: Vec<(Call, Usage)> = Vec::with_capacity(order.len());
        for at in &order {
            let entry = entries.get_mut(*at as usize).and_then(Option::take);
            calls.extend(entry.map(|entry| (entry.call, entry.usage)));
        }
        drop(entries);
        let compared = sightings.copies(&mut |copies: &[u32]| {
            let kept = copies.iter().map(|at| rank_of(*at)).min();
            if copies.iter().any(|at| Some(rank_of(*at)) != kept) {
                coverage.records.conflicting += 1;
            }
            let mut keep = kept;
            for place in copies.iter().map(|at| rank_of(*at)) {
                if keep == Some(place) {
                    keep = None;
                    continue;
                }
                coverage.records.duplicates += 1;
                if let Some((_, usage)) = calls.get_mut(place as usize) {
                    usage.count = usage.count.saturating_sub(1);
                }
            }
        });
        if let Err(error) = compared {
            let reason = format!("duplicates may be counted twice, a temporary file could not be read: {error}");
            coverage.skips.push((Trouble { name: "-".into(), reason }, 0));
        }
        calls.retain(|(_, usage)| usage.count > 0);
        coverage.settle(&calls);
        History { coverage, calls }
    }
}

/// Needs with their resources as prefixes; `None` where that changes nothing.
fn widened(needs: &Interned<Needs>, width: u8) -> Option<Interned<Needs>> {
    if width == 0 { None } else { needs.widened(width).map(Interned::new) }
}
