use std::sync::Arc;

use jiff::Timestamp;
use smallvec::SmallVec;

use crate::decode::Json;

/// How many events are kept as evidence.
pub const EVENTS_KEPT: usize = 3;

/// Where one event can be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventRef {
    /// When it happened.
    pub time: Timestamp,
    /// Its `eventID`, empty where the record has none.
    pub event_id: Box<str>,
    /// The file it stands in.
    pub file: Arc<str>,
    /// Which record of the file it is, from 0.
    pub record: u64,
}

/// The earliest few events, in order. Copies of one event are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence(SmallVec<[EventRef; 1]>);

impl Evidence {
    /// Adds an event, if it is among the earliest.
    #[inline]
    pub fn add(&mut self, time: Timestamp, event_id: Option<Json<'_>>, file: &Arc<str>, record: u64) {
        if self.0.len() < EVENTS_KEPT || self.0.last().is_some_and(|last| time <= last.time) {
            let event_id = event_id.and_then(Json::as_str).unwrap_or_default();
            self.add_early(time, &event_id, file, record);
        }
    }

    #[cold]
    fn add_early(&mut self, time: Timestamp, id: &str, file: &Arc<str>, record: u64) {
        let beyond =
            self.0.len() >= EVENTS_KEPT && self.0.last().is_some_and(|last| (last.time, &*last.event_id) < (time, id));
        if !beyond {
            self.insert(EventRef { time, event_id: id.into(), file: Arc::clone(file), record });
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
            // Most calls are made once. Room for one, then for all that are kept.
            if !self.0.is_empty() {
                self.0.reserve_exact(EVENTS_KEPT + 1 - self.0.len());
            }
            self.0.push(event);
        }
        self.0.sort_unstable();
        self.0.truncate(EVENTS_KEPT);
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
