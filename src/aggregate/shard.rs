//! The calls of some principals, each with its usage, and how wide their resources are kept. Whose calls go
//! into which shard follows from the principal alone, so that shards can be merged and put into order side
//! by side.

use std::hash::Hash;

use hashbrown::{HashMap, HashTable};
use smallvec::SmallVec;

use super::call::Hashes;
use super::{Call, CallRef, KindRef, Usage};
use crate::classify::{Needs, WIDEST};
use crate::intern::Interned;

#[derive(Default)]
pub(super) struct Shard {
    /// Different resources for one call of one principal that are told apart.
    limit: usize,
    entries: Vec<(Call, Usage)>,
    /// Of each entry.
    hashes: Vec<Hashes>,
    /// The entry that each has become part of: another one once its resources are kept as a prefix.
    now: Vec<u32>,
    /// Entries that stand for themselves, by their call.
    index: HashTable<u32>,
    /// Calls of one kind.
    groups: HashTable<Group>,
    /// A member of each group whose resources are kept wider than they are, with how wide.
    wide: HashTable<(u32, u8)>,
}

/// Calls of one kind, whose resources are all kept equally exact. How exact depends on how
/// many there are, and so not on the order they come in.
struct Group {
    members: SmallVec<[u32; 2]>,
    /// How wide resources are kept; 0 for as they are.
    width: u8,
}

impl Shard {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// How many entries there were ever.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many groups are kept wider than they are.
    pub(super) fn widened(&self) -> u64 {
        self.groups.iter().filter(|group| group.width > 0).count() as u64
    }

    /// How wide the resources of such calls are kept; 0 is as they are.
    #[inline]
    pub(super) fn width(&self, kind: &KindRef<'_>) -> u8 {
        if self.wide.is_empty() {
            return 0;
        }
        let alike = |(at, _): &(u32, u8)| self.entries.get(*at as usize).is_some_and(|(call, _)| kind.is(call));
        self.wide.find(kind.hash(), alike).map_or(0, |(_, width)| *width)
    }

    /// The usage of a call at its place.
    #[inline]
    pub(super) fn usage(&mut self, at: u32) -> Option<&mut Usage> {
        self.entries.get_mut(at as usize).map(|(_, usage)| usage)
    }

    /// Both together, and for each entry of the other where it is now.
    pub(super) fn merge(mut self, mut other: Self) -> (Self, Vec<u32>) {
        for group in &other.groups {
            if group.width > 0
                && let Some((call, _)) = group.members.first().and_then(|member| other.entries.get(*member as usize))
            {
                // A group is known by its members.
                self.place(&call.as_ref());
                self.widen_to(&call.as_ref().kind, group.width);
            }
        }
        let mut there: Vec<u32> = vec![u32::MAX; other.entries.len()];
        let entries = std::mem::take(&mut other.entries);
        for ((at, (call, usage)), there) in (0_u32..).zip(entries).zip(&mut there) {
            if at == other.now(at) {
                *there = self.place(&call.as_ref());
                if let Some(known) = self.usage(*there) {
                    known.merge(usage);
                }
            }
        }
        let moved = (0..).take(there.len()).filter_map(|at| there.get(other.now(at) as usize).copied()).collect();
        (self, moved)
    }

    /// The calls in order, and for each entry the place of the one that it is part of.
    pub(super) fn settle(self) -> (Vec<(Call, Usage)>, Vec<u32>) {
        let now: Vec<u32> = (0..).take(self.entries.len()).map(|at| self.now(at)).collect();
        let entries = self.entries;
        let order = in_order(&entries, &now);
        let mut place = vec![u32::MAX; entries.len()];
        for (new, at) in (0_u32..).zip(&order) {
            if let Some(place) = place.get_mut(*at as usize) {
                *place = new;
            }
        }
        let places = now.iter().map(|at| place.get(*at as usize).copied().unwrap_or(u32::MAX)).collect();
        (permuted(entries, place, order.len()), places)
    }

    /// The place of a call, made when it is new.
    #[inline]
    pub(super) fn place(&mut self, call: &CallRef<'_>) -> u32 {
        match self.find(call, call.hashes().call) {
            Some(at) => at,
            None => self.place_as_kept(call),
        }
    }

    #[inline]
    fn find(&self, call: &CallRef<'_>, hash: u64) -> Option<u32> {
        let same = |at: &u32| self.entries.get(*at as usize).is_some_and(|(known, _)| call.is(known));
        self.index.find(hash, same).copied()
    }

    /// The place of a call that was not found as it is.
    #[cold]
    fn place_as_kept(&mut self, call: &CallRef<'_>) -> u32 {
        let width = self.width(&call.kind);
        let widened = widened(call.needs, width);
        let call = widened.as_ref().map_or(*call, |needs| CallRef { needs, ..*call });
        let hashes = call.hashes();
        if let Some(at) = widened.is_some().then(|| self.find(&call, hashes.call)).flatten() {
            return at;
        }
        let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push((call.keep(), Usage::default()));
        self.hashes.push(hashes);
        self.now.push(at);
        let all = &self.hashes;
        self.index.insert_unique(hashes.call, at, |at| hash_at(all, *at).call);
        let limit = self.limit;
        let group = self.group(&call.kind);
        group.members.push(at);
        if group.members.len() > limit && width < WIDEST {
            self.widen_to(&call.kind, width + 1);
            return self.now(at);
        }
        at
    }

    fn group(&mut self, kind: &KindRef<'_>) -> &mut Group {
        let Self { entries, groups, hashes, .. } = self;
        let first = |group: &Group| group.members.first().and_then(|at| entries.get(*at as usize));
        let alike = |group: &Group| first(group).is_some_and(|(call, _)| kind.is(call));
        let hash_of = |group: &Group| group.members.first().map_or(0, |at| hash_at(hashes, *at).kind);
        let entry = groups.entry(kind.hash(), alike, hash_of);
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
            if count <= self.limit || width >= WIDEST {
                return;
            }
            width += 1;
        }
    }

    fn remember_width(&mut self, kind: &KindRef<'_>, member: u32, width: u8) {
        let Self { entries, wide, hashes, .. } = self;
        let of = |at: u32| entries.get(at as usize).map(|(call, _)| call);
        let alike = |(at, _): &(u32, u8)| of(*at).is_some_and(|call| kind.is(call));
        let hash_of = |(at, _): &(u32, u8)| hash_at(hashes, *at).kind;
        let entry = wide.entry(kind.hash(), alike, hash_of);
        *entry.or_insert((member, width)).into_mut() = (member, width);
    }

    /// Widens one entry: it becomes part of another, or stays where it is as wide as needed.
    fn widen_one(&mut self, at: u32, width: u8) -> u32 {
        let Self { entries, now, index, hashes, .. } = self;
        let Some((call, _)) = entries.get(at as usize) else { return at };
        let Some(needs) = widened(&call.needs, width) else { return at };
        let old_hash = hash_at(hashes, at).call;
        let wide = CallRef { needs: &needs, ..call.as_ref() };
        let new = wide.hashes();
        let same = |at: &u32| entries.get(*at as usize).is_some_and(|(known, _)| wide.is(known));
        let known = index.find(new.call, same).copied();
        if let Ok(old) = index.find_entry(old_hash, |other| *other == at) {
            old.remove();
        }
        match known {
            None => {
                if let Some((call, _)) = entries.get_mut(at as usize) {
                    call.needs = needs;
                }
                if let Some(hashes) = hashes.get_mut(at as usize) {
                    *hashes = new;
                }
                index.insert_unique(new.call, at, |at| hash_at(hashes, *at).call);
                at
            }
            Some(there) => {
                if let Some(now) = now.get_mut(at as usize) {
                    *now = there;
                }
                let usage = entries.get_mut(at as usize).map(|(_, usage)| std::mem::take(usage));
                if let (Some((_, known)), Some(usage)) = (entries.get_mut(there as usize), usage) {
                    known.merge(usage);
                }
                there
            }
        }
    }

    /// Where an entry is counted now.
    fn now(&self, mut at: u32) -> u32 {
        loop {
            match self.now.get(at as usize) {
                Some(now) if *now != at => at = *now,
                _ => return at,
            }
        }
    }
}

/// The entries that stand for themselves, in the order of their calls.
fn in_order(entries: &[(Call, Usage)], now: &[u32]) -> Vec<u32> {
    // Principals and operations are few, and compared again and again: by their ranks that is cheap.
    let principals = ranks(entries.iter().map(|(call, _)| &call.principal));
    let operations = ranks(entries.iter().map(|(call, _)| &call.operation));
    let rank = |call: &Call| (principals.get(&call.principal), operations.get(&call.operation));
    let own = (0_u32..).zip(entries).zip(now).filter(|((at, _), now)| at == *now);
    let mut order: Vec<_> = own.map(|((at, (call, _)), _)| (rank(call), at, call)).collect();
    order.sort_unstable_by(|(rank, _, a), (other, _, b)| rank.cmp(other).then_with(|| a.cmp(b)));
    order.into_iter().map(|(_, at, _)| at).collect()
}

/// The place of each value among all of them in order.
fn ranks<'a, T: Ord + Hash + 'a>(values: impl Iterator<Item = &'a Interned<T>>) -> HashMap<&'a Interned<T>, u32> {
    let mut ranks: HashMap<_, _> = values.map(|value| (value, 0)).collect();
    let mut sorted: Vec<_> = ranks.keys().copied().collect();
    sorted.sort_unstable();
    for (rank, value) in (0..).zip(sorted) {
        ranks.insert(value, rank);
    }
    ranks
}

fn hash_at(hashes: &[Hashes], at: u32) -> Hashes {
    hashes.get(at as usize).copied().unwrap_or(Hashes { kind: 0, call: 0 })
}

/// Puts each value where `place` says, those without a place nowhere. `count` have one.
fn permuted<T>(mut values: Vec<T>, mut place: Vec<u32>, count: usize) -> Vec<T> {
    // Those without a place go behind the others, in any order.
    let mut behind = (0_u32..).skip(count);
    for place in place.iter_mut().filter(|place| **place == u32::MAX) {
        *place = behind.next().unwrap_or(u32::MAX);
    }
    for at in 0..values.len() {
        // Each exchange puts one value into its place for good.
        while let Some(to) = place.get(at).map(|to| *to as usize).filter(|to| *to != at && *to < values.len()) {
            values.swap(at, to);
            place.swap(at, to);
        }
    }
    values.truncate(count);
    values
}

/// Needs with their resources as prefixes; `None` where that changes nothing.
fn widened(needs: &Interned<Needs>, width: u8) -> Option<Interned<Needs>> {
    if width == 0 { None } else { needs.widened(width).map(Interned::new) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_value_gets_to_its_place(order in Just((0..50_u32).collect::<Vec<_>>()).prop_shuffle(), count in 0..=50_u32) {
            let place: Vec<u32> = order.iter().map(|to| if *to < count { *to } else { u32::MAX }).collect();
            let values = permuted(order, place, count as usize);
            prop_assert_eq!(values, (0..count).collect::<Vec<_>>());
        }
    }
}
