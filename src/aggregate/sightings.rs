//! Which events were seen, so that copies can be told, exactly and in bounded memory.
//!
//! Nothing is looked up while scanning. Each event leaves its id and the call it was counted under in a
//! list; when the list has grown to its limit it is sorted and moved to an unnamed temporary file, which
//! the operating system removes however the process ends. At the end the sorted lists are merged, and
//! copies of one event come out side by side. So memory does not grow with the archive, threads never
//! wait for each other, and no order of files can change the answer. The price on disk is 28 bytes an
//! event beyond the limit.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::rc::Rc;

use rayon::prelude::*;

use crate::event::EventId;

/// Event ids kept in memory before they are moved to disk: a million, 32 MiB.
pub const DEFAULT_IN_MEMORY: usize = 1 << 20;

const BYTES: usize = 28;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sighting {
    id: EventId,
    call: u32,
}

pub(super) struct Sightings {
    here: Vec<Sighting>,
    limit: usize,
    /// The lists of those that were merged with this one, each within its own limit.
    merged: Vec<Vec<Sighting>>,
    moved: Vec<Run>,
}

/// A sorted list on disk.
struct Run {
    file: File,
    length: usize,
    /// Where the calls it names are now; empty while they are where they were.
    calls: Vec<u32>,
}

impl Default for Sightings {
    fn default() -> Self {
        Self::new(DEFAULT_IN_MEMORY)
    }
}

impl Sightings {
    pub(super) fn new(limit: usize) -> Self {
        Self { here: Vec::new(), limit, merged: Vec::new(), moved: Vec::new() }
    }

    pub(super) fn add(&mut self, id: EventId, call: u32) {
        if self.here.len() >= self.limit {
            self.move_to_disk();
        }
        self.here.push(Sighting { id, call });
    }

    /// Takes in another list whose call `n` is now call `moved[n]`.
    pub(super) fn merge(&mut self, other: Self, moved: &[u32]) {
        let now = |call: u32| moved.get(call as usize).copied().unwrap_or(call);
        for mut run in other.moved {
            run.calls = match run.calls.as_slice() {
                [] => moved.to_vec(),
                calls => calls.iter().map(|call| now(*call)).collect(),
            };
            self.moved.push(run);
        }
        for mut list in other.merged.into_iter().chain([other.here]) {
            list.par_iter_mut().for_each(|sighting| sighting.call = now(sighting.call));
            self.merged.push(list);
        }
    }

    /// Without a disk to move to, correctness goes before the memory limit.
    fn move_to_disk(&mut self) {
        self.here.sort_unstable();
        match write_run(&self.here) {
            Ok(file) => {
                self.moved.push(Run { file, length: self.here.len(), calls: Vec::new() });
                self.here.clear();
            }
            Err(_) => self.limit = self.limit.saturating_mul(2),
        }
    }

    /// The calls of every event that was seen more than once.
    pub(super) fn copies(mut self) -> Copies {
        let mut here = self.here;
        self.merged.drain(..).for_each(|list| here.extend(list));
        here.par_sort_unstable();
        let mut copies = Copies::default();
        if self.moved.is_empty() {
            copies.add_all(here.into_iter());
            return copies;
        }
        let failure = Rc::new(Cell::new(None));
        let mut lists: Vec<Box<dyn Iterator<Item = Sighting>>> = Vec::new();
        for run in self.moved {
            lists.push(Box::new(read_run(run, Rc::clone(&failure))));
        }
        lists.push(Box::new(here.into_iter()));
        // The smallest head of all lists comes next.
        let mut heads = BinaryHeap::new();
        for (from, list) in lists.iter_mut().enumerate() {
            heads.extend(list.next().map(|head| Reverse((head, from))));
        }
        copies.add_all(std::iter::from_fn(|| {
            let Reverse((sighting, from)) = heads.pop()?;
            heads.extend(lists.get_mut(from).and_then(Iterator::next).map(|head| Reverse((head, from))));
            Some(sighting)
        }));
        copies.failure = failure.take();
        copies
    }
}

/// Events that were seen more than once, each with the calls it was counted under.
#[derive(Default)]
pub(super) struct Copies {
    calls: Vec<u32>,
    /// Where the calls of each event end.
    ends: Vec<usize>,
    /// Why a list that was moved to disk could not be read back; copies may then have been missed.
    pub(super) failure: Option<io::Error>,
}

impl Copies {
    fn add_all(&mut self, sorted: impl Iterator<Item = Sighting>) {
        let mut last: Option<Sighting> = None;
        let mut is_copied = false;
        for sighting in sorted {
            match last {
                Some(last) if last.id == sighting.id => {
                    if !is_copied {
                        self.calls.push(last.call);
                    }
                    self.calls.push(sighting.call);
                    is_copied = true;
                }
                _ => {
                    self.end(is_copied);
                    is_copied = false;
                }
            }
            last = Some(sighting);
        }
        self.end(is_copied);
    }

    fn end(&mut self, is_copied: bool) {
        if is_copied {
            self.ends.push(self.calls.len());
        }
    }

    /// The calls of each event.
    pub(super) fn events(&self) -> impl Iterator<Item = &[u32]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let calls = self.calls.get(start..*end).unwrap_or_default();
            start = *end;
            calls
        })
    }
}

fn write_run(sorted: &[Sighting]) -> io::Result<File> {
    let mut writer = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
    for sighting in sorted {
        for half in sighting.id.id {
            writer.write_all(&half.to_le_bytes())?;
        }
        writer.write_all(&sighting.id.account.to_le_bytes())?;
        writer.write_all(&sighting.call.to_le_bytes())?;
    }
    let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

fn read_run(run: Run, failure: Rc<Cell<Option<io::Error>>>) -> impl Iterator<Item = Sighting> {
    let mut left = run.length;
    let mut reader = BufReader::with_capacity(1 << 16, run.file);
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        let mut bytes = [0_u8; BYTES];
        if let Err(error) = reader.read_exact(&mut bytes) {
            failure.set(Some(error));
            return None;
        }
        let (high, rest) = bytes.split_first_chunk::<8>()?;
        let (low, rest) = rest.split_first_chunk::<8>()?;
        let (account, call) = rest.split_first_chunk::<8>()?;
        let call = u32::from_le_bytes(*call.first_chunk()?);
        Some(Sighting {
            id: EventId {
                id: [u64::from_le_bytes(*high), u64::from_le_bytes(*low)],
                account: u64::from_le_bytes(*account),
            },
            call: run.calls.get(call as usize).copied().unwrap_or(call),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sightings: Sightings) -> Vec<Vec<u32>> {
        let copies = sightings.copies();
        assert!(copies.failure.is_none());
        let mut found: Vec<Vec<u32>> = copies.events().map(<[u32]>::to_vec).collect();
        found.iter_mut().for_each(|calls| calls.sort_unstable());
        found
    }

    /// The copies found among ids, each under a call of its own, whatever the limit.
    fn check(ids: &[u64], limit: usize, expected: &[&[u32]]) {
        let mut sightings = Sightings::new(limit);
        for (call, id) in ids.iter().enumerate() {
            sightings.add(EventId { id: [0, *id], account: 1 }, u32::try_from(call).unwrap());
        }
        assert_eq!(found(sightings), expected, "limit {limit}");
    }

    #[test]
    fn copies_are_found_in_memory_and_on_disk_alike() {
        let ids = [5, 1, 5, 9, 2, 1, 5, 7];
        for limit in [1, 2, 3, 100] {
            check(&ids, limit, &[&[1, 5], &[0, 2, 6]]);
        }
        check(&[], 1, &[]);
    }

    #[test]
    fn calls_keep_their_names_through_merges() {
        let list = |limit, ids: &[u64]| {
            let mut sightings = Sightings::new(limit);
            for id in ids {
                sightings.add(EventId { id: [0, *id], account: 1 }, 0);
            }
            sightings
        };
        let mut inner = list(1, &[1, 2, 3]);
        inner.merge(list(1, &[2, 4]), &[1]);
        let mut outer = list(100, &[4, 9]);
        outer.merge(inner, &[5, 6]);
        assert_eq!(found(outer), [[5, 6], [0, 6]]);
    }
}
