use jiff::Timestamp;
use smallvec::SmallVec;

use super::{Distinct, EventRef, Sample};
use crate::decode::Json;

/// Events that are told apart within one stretch of time: as many as are many.
const COUNTED: usize = 10;

/// Subjects of one call that are told apart.
const SUBJECTS: usize = 16;

/// Stretches that are kept for one call: ten days of every hour, a month of working hours.
const KEPT: usize = 256;

/// How long a stretch is, in seconds: an hour, and longer where there would be too many.
const WIDTHS: [i64; 4] = [3600, 86_400, 30 * 86_400, i64::MAX];

/// When a call was made, to the hour: for each hour the first and the last event. So whether something followed
/// within an hour can be told exactly, whatever the order in which files are read. Beyond 256 hours it is kept by
/// the day and beyond that more coarsely, which follows from the set of hours alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    width: usize,
    /// Sorted. Most calls are of one hour.
    stretches: SmallVec<[Stretch; 1]>,
    /// Whom the calls were about, where their resources do not tell.
    subjects: Distinct<Box<str>, SUBJECTS>,
}

/// One hour, or what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    number: i64,
    /// The first event.
    pub first: EventRef,
    /// The last one.
    pub last: EventRef,
    /// By a half of their ids, which copies have in common.
    ids: Distinct<u64, COUNTED>,
}

/// Whether there is an event in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighted<'t> {
    /// There is; this one.
    Yes(&'t EventRef),
    /// There may be: times are not kept so exactly here.
    Maybe(&'t EventRef),
    /// There is none.
    No,
}

impl Stretch {
    /// How many events there are; at most 10 are told apart.
    pub fn count(&self) -> usize {
        self.ids.len()
    }

    fn merge(&mut self, other: Self) {
        if other.first < self.first {
            self.first = other.first;
        }
        if other.last > self.last {
            self.last = other.last;
        }
        self.ids.merge(other.ids);
    }
}

impl Trace {
    pub(super) fn add(&mut self, sample: &Sample<'_>) {
        if let Some(subject) = sample.subject.and_then(Json::as_str) {
            self.subjects.add(subject.into());
        }
        let number = self.number(sample.time);
        let [half, _] = sample.id.id;
        // An archive is read hour by hour, mostly, and in order.
        if let Some(stretch) = self.stretches.last_mut().filter(|last| last.number == number) {
            stretch.ids.add(half);
            if sample.time > stretch.last.time {
                stretch.last = EventRef::of(sample);
                return;
            }
            if sample.time > stretch.first.time && sample.time < stretch.last.time {
                return;
            }
        }
        let event = EventRef::of(sample);
        let mut ids = Distinct::default();
        ids.add(half);
        self.insert(Stretch { number, first: event.clone(), last: event, ids });
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.widen(other.width);
        self.subjects.merge(other.subjects);
        for stretch in other.stretches {
            self.insert(Stretch { number: self.number(stretch.first.time), ..stretch });
        }
    }

    fn number(&self, time: Timestamp) -> i64 {
        time.as_second().div_euclid(WIDTHS.get(self.width).copied().unwrap_or(i64::MAX))
    }

    fn insert(&mut self, stretch: Stretch) {
        match self.stretches.binary_search_by_key(&stretch.number, |known| known.number) {
            Ok(at) => {
                if let Some(known) = self.stretches.get_mut(at) {
                    known.merge(stretch);
                }
            }
            Err(at) => {
                self.stretches.insert(at, stretch);
                while self.stretches.len() > KEPT && self.width + 1 < WIDTHS.len() {
                    self.widen(self.width + 1);
                }
            }
        }
    }

    fn widen(&mut self, width: usize) {
        if width <= self.width {
            return;
        }
        self.width = width;
        for stretch in std::mem::take(&mut self.stretches) {
            let number = self.number(stretch.first.time);
            match self.stretches.last_mut().filter(|last| last.number == number) {
                Some(last) => last.merge(stretch),
                None => self.stretches.push(Stretch { number, ..stretch }),
            }
        }
    }

    /// The hours, in order; longer stretches where [`Self::is_coarse`].
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Whom the calls were about, where their resources do not tell; a few.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subjects.iter().map(|subject| &**subject)
    }

    /// Whether times are kept less exactly than by the hour.
    pub fn is_coarse(&self) -> bool {
        self.width > 0
    }

    /// First and last events of all stretches, in order: where something may have begun.
    pub fn moments(&self) -> impl Iterator<Item = &EventRef> {
        self.stretches.iter().flat_map(|stretch| {
            let last = (stretch.last != stretch.first).then_some(&stretch.last);
            std::iter::once(&stretch.first).chain(last)
        })
    }

    /// The first event that is known from `from` to `to`, both included.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Sighted<'_> {
        let mut maybe = Sighted::No;
        let start = self.stretches.partition_point(|stretch| stretch.last.time < from);
        for stretch in self.stretches.iter().skip(start).take_while(|stretch| stretch.first.time <= to) {
            let is_in = |event: &&EventRef| (from..=to).contains(&event.time);
            match [&stretch.first, &stretch.last].into_iter().find(is_in) {
                Some(event) => return Sighted::Yes(event),
                None if maybe == Sighted::No => maybe = Sighted::Maybe(&stretch.first),
                None => {}
            }
        }
        maybe
    }
}
