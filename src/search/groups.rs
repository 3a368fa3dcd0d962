//! Events put together. Each belongs to exactly one leaf, by all values that are ever asked of it, so that a copy is taken
//! back by lowering one number; groups are leaves that share what is grouped by.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use hashbrown::HashMap;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::cell::{each, encode};
use super::sighting::Sighting;
use super::spill::Sorter;
use super::{Column, Found, Search};
use crate::condition::Field;
use crate::event::EventId;

/// Events that are named as evidence of a group.
const EVIDENCE: usize = 3;
/// Values that are told of a field that is not grouped by, and most frequent ones.
const VALUES: usize = 5;

/// Groups that were found.
pub(super) struct Groups {
    leaves: HashMap<[u64; 2], Leaf>,
    sightings: Sorter<Sighting>,
}

/// Events that are alike in all that is asked.
struct Leaf {
    /// What is asked, a JSON list.
    values: Box<[u8]>,
    sum: Sum,
}

/// What is told of some events.
#[derive(Clone)]
struct Sum {
    count: u64,
    first: Timestamp,
    last: Timestamp,
    evidence: Vec<Place>,
}

/// Where an event stands; the earliest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) time: Timestamp,
    pub(super) event_id: Box<str>,
    pub(super) file: Arc<str>,
    pub(super) record: u64,
}

/// A group while its leaves are put together.
struct Group {
    values: Vec<Value>,
    sum: Sum,
    /// Of each field how often each of its values occurs, by its text.
    fields: Vec<BTreeMap<String, (Value, u64)>>,
}

/// What came of them.
pub(super) struct Settled {
    pub(super) rows: Vec<Found>,
    pub(super) matched: u64,
    pub(super) left_out: u64,
    pub(super) failure: Option<io::Error>,
}

/// Every field that a grouped search asks for: those that are grouped by, then those of its columns.
pub(super) fn fields(search: &Search) -> Vec<Field> {
    search.group_by.iter().cloned().chain(search.columns.iter().filter_map(Column::field)).collect()
}

impl Groups {
    pub(super) fn new(limit: usize) -> Self {
        Self { leaves: HashMap::new(), sightings: Sorter::new(limit) }
    }

    /// Adds an event with its value of each of the [`fields`].
    pub(super) fn add(&mut self, id: EventId, values: Box<[u8]>, place: Place) {
        let leaf = digest(&values);
        self.sightings.push(Sighting { id, leaf });
        let sum = Sum { count: 1, first: place.time, last: place.time, evidence: vec![place] };
        self.insert(leaf, Leaf { values, sum });
    }

    fn insert(&mut self, digest: [u64; 2], leaf: Leaf) {
        match self.leaves.entry(digest) {
            hashbrown::hash_map::Entry::Occupied(mut known) => known.get_mut().sum.add(leaf.sum),
            hashbrown::hash_map::Entry::Vacant(place) => drop(place.insert(leaf)),
        }
    }

    /// Takes in all of another.
    pub(super) fn merge(&mut self, other: Self) {
        other.leaves.into_iter().for_each(|(digest, leaf)| self.insert(digest, leaf));
        self.sightings.merge(other.sightings);
    }

    /// A row for each group, in order; copies are taken back. Where they differ, the one whose leaf sorts first stays.
    pub(super) fn settle(self, search: &Search) -> Settled {
        let Self { mut leaves, sightings } = self;
        let mut sorted = sightings.sorted();
        let (mut matched, mut last) = (0, None);
        for Sighting { id, leaf } in &mut sorted {
            if last.replace(id) != Some(id) {
                matched += 1;
            } else if let Some(leaf) = leaves.get_mut(&leaf) {
                leaf.sum.count = leaf.sum.count.saturating_sub(1);
            }
        }
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for leaf in leaves.into_values().filter(|leaf| leaf.sum.count > 0) {
            let mut values: Vec<Value> = serde_json::from_slice(&leaf.values).unwrap_or_default();
            let asked = values.split_off(search.group_by.len().min(values.len()));
            let key = Value::from(values.clone()).to_string();
            let sum = Sum { count: 0, ..leaf.sum.clone() };
            let group = groups.entry(key).or_insert_with(|| Group { values, sum, fields: Vec::new() });
            group.add(leaf.sum, &asked);
        }
        let mut rows: Vec<(Vec<u8>, Found)> = groups.into_values().map(|group| group.row(search)).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let most = search.limit.unwrap_or(usize::MAX);
        let left_out = u64::try_from(rows.len().saturating_sub(most)).unwrap_or(u64::MAX);
        let rows = rows.into_iter().take(most).map(|(_, found)| found).collect();
        Settled { rows, matched, left_out, failure: sorted.failure() }
    }
}

/// By which a leaf is known; nobody can make two that are the same.
fn digest(values: &[u8]) -> [u64; 2] {
    let digest = Sha256::digest(values);
    let mut halves = digest.iter().copied();
    let mut half = || halves.by_ref().take(8).fold(0, |number, byte| number << 8 | u64::from(byte));
    [half(), half()]
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        // Evidence that is full of earlier events stays as it is, as nearly always.
        let last = self.evidence.last().filter(|_| self.evidence.len() == EVIDENCE).cloned();
        for place in other.evidence {
            if last.as_ref().is_none_or(|last| place < *last) {
                self.evidence.push(place);
            }
        }
        self.evidence.sort_unstable();
        self.evidence.dedup_by(|a, b| (a.time, &a.event_id) == (b.time, &b.event_id) && !a.event_id.is_empty());
        self.evidence.truncate(EVIDENCE);
    }
}

impl Group {
    fn add(&mut self, sum: Sum, asked: &[Value]) {
        self.fields.resize_with(asked.len(), BTreeMap::new);
        for (counts, cell) in self.fields.iter_mut().zip(asked) {
            for value in each(cell) {
                counts.entry(value.to_string()).or_insert_with(|| (value.clone(), 0)).1 += sum.count;
            }
        }
        self.sum.add(sum);
    }

    /// Its row, and by what that is sorted.
    fn row(self, search: &Search) -> (Vec<u8>, Found) {
        let Self { values, sum, fields } = self;
        let mut fields = fields.iter();
        let mut cells = Vec::with_capacity(search.columns.len());
        for column in &search.columns {
            // Each column that is made of a field has its own values, in the order of columns.
            let counts = column.field().and_then(|_| fields.next());
            let grouped = |field: &Field| {
                let at = search.group_by.iter().position(|one| one == field)?;
                values.get(at).cloned()
            };
            cells.push(match column {
                Column::First => json!(sum.first.to_string()),
                Column::Last => json!(sum.last.to_string()),
                Column::Count => json!(sum.count),
                Column::Distinct(_) => json!(counts.map_or(0, BTreeMap::len)),
                Column::Top(_) => counts.map_or(Value::Null, top),
                Column::Field(field) => grouped(field).unwrap_or_else(|| counts.map_or(Value::Null, some)),
                Column::Session => counts.map_or(Value::Null, some),
                Column::Place => sum.evidence.first().map_or(
                    Value::Null,
                    |place| json!({"file": &*place.file, "record": place.record, "event_id": &*place.event_id}),
                ),
            });
        }
        let mut key = Vec::new();
        for (at, is_descending) in &search.order {
            encode(cells.get(*at).unwrap_or(&Value::Null), *is_descending, &mut key);
        }
        encode(&json!(sum.first.to_string()), false, &mut key);
        encode(&Value::from(values), false, &mut key);
        let place = |place: Place| (place.file.to_string(), place.record, place.event_id.into_string());
        (key, Found { cells, evidence: sum.evidence.into_iter().map(place).collect() })
    }
}

/// The most frequent values.
fn top(counts: &BTreeMap<String, (Value, u64)>) -> Value {
    let mut values: Vec<_> = counts.values().collect();
    // Those that are as frequent stay in the order of their texts.
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    values.into_iter().take(VALUES).map(|(value, _)| value.clone()).collect()
}

/// A few of the values; one by itself.
fn some(counts: &BTreeMap<String, (Value, u64)>) -> Value {
    match counts.len() {
        0 => Value::Null,
        1 => counts.values().next().map_or(Value::Null, |(value, _)| value.clone()),
        _ => counts.values().take(VALUES).map(|(value, _)| value.clone()).collect(),
    }
}
