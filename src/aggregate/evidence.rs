use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use smallvec::SmallVec;

use super::Sample;
use crate::decode::Json;

/// How many events are kept as evidence.
pub const EVENTS_KEPT: usize = 3;

/// Where one event can be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventRef {
    /// When it happened.
    pub time: Timestamp,
    /// Its `eventID`.
    pub event_id: RecordedId,
    /// The file it stands in.
    pub file: Arc<str>,
    /// Which record of the file it is, from 0.
    pub record: u64,
}

/// An `eventID` as recorded, ordered as texts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedId {
    /// A GUID, as nearly every one is.
    Guid([u64; 2]),
    /// Anything else; empty where the record has none.
    Text(Box<str>),
}

impl EventRef {
    /// Of an event that stands somewhere.
    pub(super) fn of(sample: &Sample<'_>) -> Self {
        let (time, event_id) = (sample.time, RecordedId::of(sample));
        Self { time, event_id, file: Arc::clone(sample.file), record: sample.record }
    }
}

impl RecordedId {
    fn of(sample: &Sample<'_>) -> Self {
        match sample.id.guid() {
            Some(guid) => Self::Guid(guid),
            None => Self::Text(sample.event_id.and_then(Json::as_str).unwrap_or_default().into()),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}

impl fmt::Display for RecordedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guid([high, low]) => {
                let (a, b, c) = (high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF);
                write!(f, "{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xFFFF_FFFF_FFFF)
            }
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl PartialOrd for RecordedId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RecordedId {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Guid(own), Self::Guid(other)) => own.cmp(other),
            (Self::Text(own), Self::Text(other)) => own.cmp(other),
            _ => self.to_string().cmp(&other.to_string()),
        }
    }
}

/// The earliest few events, in order. Copies of one event are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence(SmallVec<[EventRef; 1]>);

impl Evidence {
    /// Adds an event, if it is among the earliest.
    #[inline]
    pub fn add(&mut self, sample: &Sample<'_>) {
        if self.0.len() < EVENTS_KEPT || self.0.last().is_some_and(|last| sample.time <= last.time) {
            self.add_early(sample);
        }
    }

    #[cold]
    fn add_early(&mut self, sample: &Sample<'_>) {
        let (time, event_id) = (sample.time, RecordedId::of(sample));
        let beyond = self.0.len() >= EVENTS_KEPT
            && self.0.last().is_some_and(|last| (last.time, &last.event_id) < (time, &event_id));
        if !beyond {
            self.insert(EventRef { time, event_id, file: Arc::clone(sample.file), record: sample.record });
        }
    }

    fn insert(&mut self, event: EventRef) {
        let same = |other: &EventRef| {
            other.time == event.time
                && other.event_id == event.event_id
                && (!event.event_id.is_empty() || (&other.file, other.record) == (&event.file, event.record))
        };
        if let Some(copy) = self.0.iter_mut().find(|other| same(other)) {
            if event < *copy {
                *copy = event;
            }
        } else {
            let place = self.0.partition_point(|other| *other < event);
            if place >= EVENTS_KEPT {
                return;
            }
            if self.0.len() == EVENTS_KEPT {
                self.0.pop();
            } else if !self.0.is_empty() {
                // Most calls are made once. Room for one, then for all that are kept.
                self.0.reserve_exact(EVENTS_KEPT - self.0.len());
            }
            self.0.insert(place, event);
            return;
        }
        self.0.sort_unstable();
    }

    /// The earliest of some events.
    pub fn of<'e>(events: impl IntoIterator<Item = &'e EventRef>) -> Self {
        let mut evidence = Self::default();
        events.into_iter().for_each(|event| evidence.insert(event.clone()));
        evidence
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        for event in other.0 {
            self.insert(event);
        }
    }

    /// The events, earliest first.
    pub fn iter(&self) -> impl Iterator<Item = &EventRef> {
        self.0.iter()
    }
}
