use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Distinct, Evidence};
use crate::event::Session;

/// How often and in which circumstances a call was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Events.
    pub count: u64,
    /// First and last event.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Days (UTC) with at least one event.
    pub days: BTreeSet<Date>,
    /// Sessions, each by its name and beginning.
    pub sessions: Distinct,
    /// Addresses requests came from, where the record has an IP address.
    pub addresses: Distinct,
    /// Whether any request came without an IP address: through AWS itself, or unrecorded.
    pub without_address: bool,
    /// VPC endpoints requests went through.
    pub vpc_endpoints: Distinct,
    /// Whether any session had MFA, had none, or did not say.
    pub mfa: (bool, bool, bool),
    /// A few of the events.
    pub evidence: Evidence,
}

/// What one event adds to a [`Usage`].
pub struct Sample<'a> {
    /// When.
    pub time: Timestamp,
    /// By whom and from where.
    pub session: Session<'a>,
    /// `eventID` as recorded.
    pub event_id: Option<&'a str>,
    /// The file it stands in.
    pub file: &'a std::sync::Arc<str>,
    /// Which record of the file it is, from 0.
    pub record: u64,
}

impl Usage {
    pub(super) fn add(&mut self, sample: &Sample<'_>) {
        let time = sample.time;
        self.count += 1;
        self.span = Some(self.span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        self.days.insert(jiff::tz::Offset::UTC.to_datetime(time).date());
        let session = &sample.session;
        let mut label = session.name.or(session.access_key).unwrap_or("-").to_owned();
        if let Some(created) = session.created {
            let _ = write!(label, " since {created}");
        }
        self.sessions.add(&label);
        match session.address.filter(|text| text.parse::<IpAddr>().is_ok()) {
            Some(address) => self.addresses.add(address),
            None => self.without_address = true,
        }
        if let Some(endpoint) = session.vpc_endpoint {
            self.vpc_endpoints.add(endpoint);
        }
        match session.mfa {
            Some(true) => self.mfa.0 = true,
            Some(false) => self.mfa.1 = true,
            None => self.mfa.2 = true,
        }
        self.evidence.add(time, sample.event_id, sample.file, sample.record);
    }

    /// Takes in another usage of the same call.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.days.extend(other.days);
        self.sessions.merge(other.sessions);
        self.addresses.merge(other.addresses);
        self.without_address |= other.without_address;
        self.vpc_endpoints.merge(other.vpc_endpoints);
        self.mfa.0 |= other.mfa.0;
        self.mfa.1 |= other.mfa.1;
        self.mfa.2 |= other.mfa.2;
        self.evidence.merge(other.evidence);
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
