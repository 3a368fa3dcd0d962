//! Events one by one: all of them, or the best few.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use hashbrown::HashMap;
use serde_json::Value;

use super::Found;
use super::sighting::Sighting;
use super::spill::{Sorted, Sorter, Spill};
use crate::event::EventId;

/// Where a row stands among others, then where its event stands: copies differ in that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) key: Box<[u8]>,
    pub(super) file: Arc<str>,
    pub(super) record: u64,
}

/// A row of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: EventId,
    pub(super) at: At,
    /// `eventID` as recorded.
    pub(super) event_id: Box<str>,
    /// The values of all columns, a JSON list.
    pub(super) cells: Box<[u8]>,
    /// The record as it stands, where that is asked for.
    pub(super) text: Box<[u8]>,
}

/// Rows that were found.
pub(super) struct Rows {
    kept: Kept,
    limit: usize,
}

enum Kept {
    All(Sorter<ById>),
    /// Those that come first, and the ids of all.
    Best {
        rows: BTreeMap<At, Row>,
        at: HashMap<EventId, At>,
        ids: Sorter<Sighting>,
        most: usize,
    },
}

/// What came of them.
pub(super) struct Settled {
    pub(super) rows: Vec<Row>,
    pub(super) matched: u64,
    pub(super) failure: Option<io::Error>,
}

impl Rows {
    /// At most so many if `most` says so; in memory `limit` bytes of them.
    pub(super) fn new(most: Option<usize>, limit: usize) -> Self {
        let kept = match most {
            // So many are as good as all.
            Some(most) if most <= FEW => {
                Kept::Best { rows: BTreeMap::new(), at: HashMap::new(), ids: Sorter::new(limit), most }
            }
            _ => Kept::All(Sorter::new(limit)),
        };
        Self { kept, limit }
    }

    pub(super) fn add(&mut self, row: Row) {
        match &mut self.kept {
            Kept::All(rows) => rows.push(ById(row)),
            Kept::Best { ids, .. } => {
                ids.push(Sighting { id: row.id, leaf: [0, 0] });
                self.offer(row);
            }
        }
    }

    /// Keeps a row if it is among the best. Of copies the one that comes first is kept.
    fn offer(&mut self, row: Row) {
        let Kept::Best { rows, at, most, .. } = &mut self.kept else { return };
        let is_beyond = rows.len() >= *most && rows.last_key_value().is_none_or(|(last, _)| row.at >= *last);
        if is_beyond {
            return;
        }
        match at.get(&row.id) {
            Some(before) if *before <= row.at => return,
            Some(before) => drop(rows.remove(before)),
            None => {}
        }
        at.insert(row.id, row.at.clone());
        rows.insert(row.at.clone(), row);
        if rows.len() > *most
            && let Some((_, last)) = rows.pop_last()
        {
            at.remove(&last.id);
        }
    }

    /// Takes in all of another.
    pub(super) fn merge(&mut self, other: Self) {
        match (&mut self.kept, other.kept) {
            (Kept::All(all), Kept::All(other)) => all.merge(other),
            (Kept::Best { ids, .. }, Kept::Best { rows, ids: other, .. }) => {
                ids.merge(other);
                rows.into_values().for_each(|row| self.offer(row));
            }
            // One search keeps in one way.
            _ => {}
        }
    }

    /// In order, each event once.
    pub(super) fn settle(self, most: Option<usize>) -> Settled {
        let Self { kept, limit } = self;
        match kept {
            Kept::Best { rows, ids, .. } => {
                let mut ids = ids.sorted();
                let (mut matched, mut last) = (0, None);
                for sighting in &mut ids {
                    matched += u64::from(last.replace(sighting.id) != Some(sighting.id));
                }
                Settled { rows: rows.into_values().collect(), matched, failure: ids.failure() }
            }
            all @ Kept::All(_) => {
                let (mut sorted, matched, failure) = Self { kept: all, limit }.stream();
                let rows = sorted.by_ref().map(|ByOrder(row)| row).take(most.unwrap_or(usize::MAX)).collect();
                Settled { rows, matched, failure: failure.or_else(|| sorted.failure()) }
            }
        }
    }

    /// The same, one after the other, so that they need not fit into memory.
    pub(super) fn stream(self) -> (Sorted<ByOrder>, u64, Option<io::Error>) {
        let mut unique = Sorter::new(self.limit);
        match self.kept {
            Kept::Best { .. } => {
                let settled = self.settle(None);
                settled.rows.into_iter().for_each(|row| unique.push(ByOrder(row)));
                (unique.sorted(), settled.matched, settled.failure)
            }
            Kept::All(rows) => {
                let mut rows = rows.sorted();
                let (mut matched, mut last) = (0, None);
                for ById(row) in &mut rows {
                    if last.replace(row.id) != Some(row.id) {
                        matched += 1;
                        unique.push(ByOrder(row));
                    }
                }
                (unique.sorted(), matched, rows.failure())
            }
        }
    }
}

/// Rows that are kept in memory where only the best are asked for.
const FEW: usize = 100_000;

impl Row {
    /// For readers.
    pub(super) fn found(self) -> Found {
        let cells: Vec<Value> = serde_json::from_slice(&self.cells).unwrap_or_default();
        Found { cells, evidence: vec![(self.at.file.to_string(), self.at.record, self.event_id.into_string())] }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let [high, low] = self.id.id;
        for number in [high, low, self.id.account, self.at.record] {
            out.extend(number.to_le_bytes());
        }
        for part in [&*self.at.key, self.at.file.as_bytes(), self.event_id.as_bytes(), &self.cells, &self.text] {
            out.extend(part.len().to_le_bytes());
            out.extend(part);
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut number = || {
            let (number, behind) = rest.split_first_chunk::<8>()?;
            rest = behind;
            Some(u64::from_le_bytes(*number))
        };
        let (high, low, account, record) = (number()?, number()?, number()?, number()?);
        let mut part = || {
            let (length, behind) = rest.split_first_chunk::<{ size_of::<usize>() }>()?;
            let (part, behind) = behind.split_at_checked(usize::from_le_bytes(*length))?;
            rest = behind;
            Some(part)
        };
        let key = part()?.into();
        let file = Arc::from(std::str::from_utf8(part()?).ok()?);
        let event_id = std::str::from_utf8(part()?).ok()?.into();
        let (cells, text) = (part()?.into(), part()?.into());
        Some(Self { id: EventId { id: [high, low], account }, at: At { key, file, record }, event_id, cells, text })
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.at.key.len() + self.event_id.len() + self.cells.len() + self.text.len()
    }
}

/// Copies of one event side by side, the one that comes first before the others.
#[derive(PartialEq, Eq)]
struct ById(Row);

/// In the order that is asked for.
#[derive(PartialEq, Eq)]
pub(super) struct ByOrder(pub(super) Row);

impl Ord for ById {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0.id, &self.0.at).cmp(&(other.0.id, &other.0.at))
    }
}

impl PartialOrd for ById {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.at.cmp(&other.0.at)
    }
}

impl PartialOrd for ByOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Spill for ById {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Row::read(bytes).map(Self)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}

impl Spill for ByOrder {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Row::read(bytes).map(Self)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
