use std::net::IpAddr;

use jiff::Timestamp;
use smallvec::SmallVec;

use super::{Distinct, Evidence, Hours, Trace};
use crate::decode::Json;
use crate::event::{Actor, Event, EventId, Identity, Outcome};
use crate::intern::Interned;

/// Sessions that are told apart for one call; beyond that it is known that there are more.
pub const SESSIONS_KEPT: usize = 16;
/// Addresses and VPC endpoints that are kept for one call: as many as a condition would list, and a few.
pub const ADDRESSES_KEPT: usize = 6;

/// People that are told apart for one call.
pub const PEOPLE_KEPT: usize = 4;

/// How often and in which circumstances a call was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Events.
    pub count: u64,
    /// First and last event.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Days (UTC) with at least one event.
    pub days: Days,
    /// Hours of the day (UTC) with at least one event.
    pub hours: Hours,
    /// Sessions, each by its number.
    pub sessions: Distinct<u64, SESSIONS_KEPT>,
    /// People who made it, by the name that follows them from role to role.
    pub people: Distinct<Interned<String>, PEOPLE_KEPT>,
    /// Whether any event was made by a program on AWS.
    pub by_workload: bool,
    /// Whether any event came from the console, and whether any did not. Asked of denied events only.
    pub console: (bool, bool),
    /// Addresses requests came from, where the record has an IP address.
    pub addresses: Distinct<IpAddr, ADDRESSES_KEPT>,
    /// Whether any request came without an IP address: through AWS itself, or unrecorded.
    pub without_address: bool,
    /// Whether any request did not go through a VPC endpoint whose id is recorded.
    pub without_endpoint: bool,
    /// VPC endpoints requests went through.
    pub vpc_endpoints: Distinct<Box<str>, ADDRESSES_KEPT>,
    /// Whether any session had MFA, had none, or did not say.
    pub mfa: (bool, bool, bool),
    /// A few of the events.
    pub evidence: Evidence,
    /// When it was made, where the order of calls may tell something.
    pub trace: Option<Box<Trace>>,
}

/// What one event adds to a [`Usage`].
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// When.
    pub time: Timestamp,
    /// By whom.
    pub identity: &'a Identity,
    /// Whether it came from the console, where somebody asked.
    pub from_console: Option<bool>,
    /// From where, if that is an address.
    pub address: Option<IpAddr>,
    /// Through which VPC endpoint.
    pub vpc_endpoint: Option<Json<'a>>,
    /// By which copies of the event are known.
    pub id: EventId,
    /// `eventID` as recorded.
    pub event_id: Option<Json<'a>>,
    /// The file it stands in.
    pub file: &'a std::sync::Arc<str>,
    /// Which record of the file it is, from 0.
    pub record: u64,
    /// Whether its time matters beside that of other calls.
    pub is_traced: bool,
    /// Whom the call was about, where its resources do not tell.
    pub subject: Option<Json<'a>>,
}

impl<'a> Sample<'a> {
    /// Of an event that stands somewhere.
    pub fn of(event: &Event<'a>, file: &'a std::sync::Arc<str>, record: u64) -> Self {
        Self {
            time: event.time,
            identity: event.identity,
            from_console: matches!(event.outcome, Outcome::Denied(_)).then(|| event.is_from_console()),
            address: event.address,
            vpc_endpoint: event.vpc_endpoint,
            id: event.id,
            event_id: event.event_id,
            file,
            record,
            is_traced: false,
            subject: None,
        }
    }
}

/// Days with events, each by its number since 1970 (UTC).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(SmallVec<[i32; 4]>);

/// The number of a day since 1970.
fn day_of(time: Timestamp) -> i32 {
    // Timestamps reach from the year -9999 to 9999, which is four million days.
    i32::try_from(time.as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

impl FromIterator<Timestamp> for Days {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(times: I) -> Self {
        let mut days = Self::default();
        times.into_iter().for_each(|time| days.add(day_of(time)));
        days
    }
}

impl Days {
    #[inline]
    fn add(&mut self, day: i32) {
        // An archive is read day by day, mostly.
        match self.0.last() {
            Some(last) if *last == day => {}
            Some(last) if *last > day => {
                if let Err(place) = self.0.binary_search(&day) {
                    self.0.insert(place, day);
                }
            }
            _ => self.0.push(day),
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|day| self.add(*day));
    }

    /// How many weeks (Monday to Sunday, UTC) hold at least one of them.
    pub fn weeks(&self) -> usize {
        // The first day of 1970 was a Thursday.
        let weeks = self.0.iter().map(|day| day.saturating_add(3).div_euclid(7));
        let mut last = None;
        weeks.filter(|week| last.replace(*week) != Some(*week)).count()
    }

    /// How many days.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Usage {
    #[inline]
    pub(super) fn add(&mut self, sample: &Sample<'_>) {
        let time = sample.time;
        self.count += 1;
        self.span = Some(self.span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        self.days.add(day_of(time));
        self.hours.add(time);
        self.sessions.add(sample.identity.session);
        match &sample.identity.actor {
            Actor::Person(name) => self.people.add(name.clone()),
            Actor::Workload => self.by_workload = true,
            Actor::Unknown => {}
        }
        match sample.from_console {
            Some(true) => self.console.0 = true,
            Some(false) => self.console.1 = true,
            None => {}
        }
        match sample.address {
            Some(address) => self.addresses.add(address),
            None => self.without_address = true,
        }
        match sample.vpc_endpoint.map(Json::as_str) {
            Some(Some(endpoint)) => self.vpc_endpoints.add(endpoint.into()),
            None => self.without_endpoint = true,
            // An endpoint without a readable id: AWS saw neither this address nor an endpoint that is known.
            Some(None) => (self.without_endpoint, self.without_address) = (true, true),
        }
        match sample.identity.mfa {
            Some(true) => self.mfa.0 = true,
            Some(false) => self.mfa.1 = true,
            None => self.mfa.2 = true,
        }
        self.evidence.add(sample);
        if sample.is_traced {
            self.trace.get_or_insert_default().add(sample);
        }
    }

    /// Takes in another usage of the same call.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.days.merge(&other.days);
        self.hours.merge(other.hours);
        self.sessions.merge(other.sessions);
        self.people.merge(other.people);
        self.by_workload |= other.by_workload;
        self.console.0 |= other.console.0;
        self.console.1 |= other.console.1;
        self.addresses.merge(other.addresses);
        self.without_address |= other.without_address;
        self.without_endpoint |= other.without_endpoint;
        self.vpc_endpoints.merge(other.vpc_endpoints);
        self.mfa.0 |= other.mfa.0;
        self.mfa.1 |= other.mfa.1;
        self.mfa.2 |= other.mfa.2;
        self.evidence.merge(other.evidence);
        match (&mut self.trace, other.trace) {
            (Some(trace), Some(other)) => trace.merge(*other),
            (trace @ None, other) => *trace = other,
            (Some(_), None) => {}
        }
    }

    /// The same without when it was made, which is long and seldom asked for.
    pub fn without_times(&self) -> Self {
        let Self { count, span, hours, by_workload, console, without_address, without_endpoint, mfa, .. } = *self;
        Self {
            days: self.days.clone(),
            sessions: self.sessions.clone(),
            people: self.people.clone(),
            addresses: self.addresses.clone(),
            vpc_endpoints: self.vpc_endpoints.clone(),
            evidence: self.evidence.clone(),
            trace: None,
            ..Self {
                count,
                span,
                hours,
                by_workload,
                console,
                without_address,
                without_endpoint,
                mfa,
                ..Self::default()
            }
        }
    }

    /// First event.
    pub fn first(&self) -> Option<Timestamp> {
        self.span.map(|(first, _)| first)
    }

    /// Last event.
    pub fn last(&self) -> Option<Timestamp> {
        self.span.map(|(_, last)| last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let weeks = |times: &[&str]| times.iter().map(|time| time.parse().unwrap()).collect::<Days>().weeks();
        assert_eq!(weeks(&[]), 0);
        assert_eq!(weeks(&["2026-02-01T23:59:59Z", "2026-02-02T00:00:00Z"]), 2);
        assert_eq!(weeks(&["2026-02-08T23:59:59Z", "2026-02-02T00:00:00Z"]), 1);
        assert_eq!(weeks(&["1969-12-31T12:00:00Z", "1970-01-01T12:00:00Z", "1970-01-05T12:00:00Z"]), 2);
    }
}
