//! Conditions that history supports, each only where it is safe: one that would have blocked any of the calls it is
//! drawn from is never set. What makes one unsafe is said, so that nobody adds it by hand without knowing. After the
//! IAM user guide's "AWS global condition context keys". One file per condition; [`ConditionKind::ALL`] is the only list.

mod hours;
mod mfa;
mod of_services;
mod region;
mod source_ip;
mod tally;
mod vpce;

use std::collections::BTreeSet;

use crate::aggregate::{Call, Usage};
use crate::catalog;
use crate::iam::{Conditions, PrincipalKind};

pub(super) use of_services::{OfServices, conditions};

/// A condition that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionKind {
    /// The regions that were called.
    Region,
    /// The addresses or networks that calls came from.
    SourceIp,
    /// The VPC endpoints that calls went through.
    Vpce,
    /// That the session was begun with MFA.
    Mfa,
    /// The hours of the day. IAM has no key for them, so that they are told and never set.
    Hours,
}

impl ConditionKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Region, Self::SourceIp, Self::Vpce, Self::Mfa, Self::Hours];

    /// The word used in reports and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::SourceIp => "source-ip",
            Self::Vpce => "vpce",
            Self::Mfa => "mfa",
            Self::Hours => "hours",
        }
    }

    /// IAM's key, where there is one.
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::Region => Some("aws:RequestedRegion"),
            Self::SourceIp => Some("aws:SourceIp"),
            Self::Vpce => Some("aws:SourceVpce"),
            Self::Mfa => Some("aws:MultiFactorAuthPresent"),
            Self::Hours => None,
        }
    }

    /// The condition with this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What history says about one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// Which.
    pub kind: ConditionKind,
    /// Whose statements it is about: IAM's service prefixes, or the action that stands apart.
    pub services: BTreeSet<String>,
    /// Operator and key, where it may be set.
    pub set: Option<(&'static str, &'static str)>,
    /// The values it may be set to; else a few of those that were seen.
    pub values: Vec<String>,
    /// Events it was drawn from, once for each service whose permissions they needed.
    pub events: u64,
    /// Events that are known to carry the key; those of a kind of call count if all of them do.
    pub covered: u64,
    /// Events that it would have blocked, at most; with those of their kind of call.
    pub blocked: u64,
    /// What it rests on, or why it is not set.
    pub why: String,
}

impl Reviewed {
    /// Adds it to others, where it may be set.
    pub fn put(&self, conditions: &mut Conditions) {
        if let Some((operator, key)) = self.set {
            conditions.entry(operator.to_owned()).or_default().insert(key.to_owned(), self.values.clone());
        }
    }
}

/// The calls that a condition is drawn from.
#[derive(Clone, Debug)]
pub struct Calls<'a, 'h> {
    /// What made them.
    pub principal: PrincipalKind,
    /// IAM prefixes of the actions that the condition is for.
    pub services: BTreeSet<&'h str>,
    /// Those that used the actions.
    pub calls: Vec<(&'h Call, &'h Usage)>,
    /// All of the principal, which tell its habits.
    pub all: &'a [(&'h Call, &'h Usage)],
}

impl Calls<'_, '_> {
    /// Whether these services were not called themselves: another one asked for the permission while it did what it
    /// was asked, and how that looked to IAM no record tells.
    fn are_of_another_service(&self, call: &Call) -> bool {
        !catalog::prefixes_of(&call.operation.source).iter().any(|prefix| self.services.contains(prefix))
    }

    /// Whether the principal did too little to have habits.
    fn are_few(&self) -> bool {
        events(self.all) < EVENTS
    }
}

/// Fewer events than this are no habit. One may be chance, two may be one job that was run again.
const EVENTS: u64 = 3;

fn events(calls: &[(&Call, &Usage)]) -> u64 {
    calls.iter().map(|(_, usage)| usage.count).sum()
}

/// Reviews one condition.
pub fn review(kind: ConditionKind, calls: &Calls<'_, '_>) -> Reviewed {
    match kind {
        ConditionKind::Region => region::review(calls),
        ConditionKind::SourceIp => source_ip::review(calls),
        ConditionKind::Vpce => vpce::review(calls),
        ConditionKind::Mfa => mfa::review(calls),
        ConditionKind::Hours => hours::review(calls),
    }
}
