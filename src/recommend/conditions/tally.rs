//! Which values a key had, in how many of how many events, and what speaks against asking for it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Calls, ConditionKind, Reviewed, events};
use crate::aggregate::{Call, Usage};

/// What is known of a key in all events of one kind of call.
pub(super) enum Told<V> {
    /// Each has one of these values.
    Has(Vec<V>),
    /// Some lack it, or have another value than the one that would be asked for: they would have been blocked.
    Lacks(&'static str),
    /// Of some the log does not tell.
    Unknown(&'static str),
}

/// A condition that may be set.
pub(super) struct Held {
    pub(super) operator: &'static str,
    pub(super) key: &'static str,
    pub(super) values: Vec<String>,
    /// What it rests on.
    pub(super) why: &'static str,
}

pub(super) struct Tally<V> {
    /// Those that were seen.
    pub(super) values: BTreeSet<V>,
    /// What speaks against it in most of the events.
    pub(super) against: Option<&'static str>,
    covered: u64,
    blocked: u64,
}

/// Values that are shown of a condition that is not set.
const SHOWN: usize = 6;

impl<V: Ord + ToString> Tally<V> {
    pub(super) fn of(calls: &Calls<'_, '_>, tell: impl Fn(&Call, &Usage) -> Told<V>) -> Self {
        let mut tally = Self { values: BTreeSet::new(), against: None, covered: 0, blocked: 0 };
        let mut against: BTreeMap<&'static str, u64> = BTreeMap::new();
        for (call, usage) in &calls.calls {
            let told = match tell(call, usage) {
                // It would be known of the request that was made, not of the one that was checked.
                Told::Has(_) if calls.are_of_another_service(call) => {
                    Told::Unknown("services check it while they do what another one is asked for")
                }
                told => told,
            };
            let mut object = |why| *against.entry(why).or_default() += usage.count;
            match told {
                Told::Has(values) => {
                    tally.covered += usage.count;
                    tally.values.extend(values);
                }
                Told::Lacks(why) => {
                    tally.blocked += usage.count;
                    object(why);
                }
                Told::Unknown(why) => object(why),
            }
        }
        tally.against = against.into_iter().max_by_key(|(_, count)| *count).map(|(why, _)| why);
        tally
    }

    /// The condition if nothing speaks against it, neither in the events nor in `decide`.
    pub(super) fn decide(
        self,
        kind: ConditionKind,
        calls: &Calls<'_, '_>,
        decide: impl FnOnce(&Self) -> Result<Held, &'static str>,
    ) -> Reviewed {
        let decided = match self.against {
            Some(why) => Err(why),
            None => decide(&self),
        };
        let (set, values, why) = match decided {
            Ok(Held { operator, key, values, why }) => (Some((operator, key)), values, why),
            Err(why) => (None, self.values.iter().take(SHOWN).map(V::to_string).collect(), why),
        };
        Reviewed {
            kind,
            services: calls.services.iter().map(|service| (*service).to_owned()).collect(),
            set,
            values,
            events: events(&calls.calls),
            covered: self.covered,
            blocked: self.blocked,
            why: why.to_owned(),
        }
    }
}
