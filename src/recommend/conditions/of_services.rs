//! Conditions for the statements of one policy, service by service: endpoints, global services and what services call
//! for somebody differ by service, so what is safe for one need not be so for another. A statement is never of two
//! services with different conditions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Calls, ConditionKind, Reviewed, review};
use crate::aggregate::{Call, Usage};
use crate::classify::Use;
use crate::iam::{Action, Conditions, PrincipalKind};
use crate::recommend::Permission;

/// Conditions by the service they are for.
#[derive(Clone, Debug, Default)]
pub(in crate::recommend) struct OfServices(BTreeMap<String, Conditions>);

impl OfServices {
    /// Those for statements with this action.
    pub(in crate::recommend) fn of(&self, action: &Action) -> Conditions {
        self.0.get(&unit(action)).cloned().unwrap_or_default()
    }
}

/// What shares its conditions: the actions of a service. A role is passed within a call to another service, so
/// `iam:PassRole` stands apart from what is asked of IAM itself.
fn unit(action: &Action) -> String {
    match (action.service_prefix(), action.name()) {
        ("iam", "PassRole") => action.to_string(),
        (service, _) => service.to_owned(),
    }
}

/// Reviews the wanted conditions for what is written into a policy. `calls` are those of the principal that went
/// through.
pub(in crate::recommend) fn conditions<'h>(
    calls: &[(&'h Call, &'h Usage)],
    written: &BTreeSet<Permission<'h>>,
    principal: PrincipalKind,
    wanted: &BTreeSet<ConditionKind>,
) -> (Vec<Reviewed>, OfServices) {
    let none = || Calls { principal, services: BTreeSet::new(), calls: Vec::new(), all: calls };
    let (mut all, mut units) = (none(), BTreeMap::<String, Calls<'_, 'h>>::new());
    for (call, usage) in calls {
        let permissions = call.needs.uses().iter().flat_map(|used| {
            let Use { action, resources, passed_to } = used;
            resources.iter().map(|resource| Permission { action, resource, passed_to: *passed_to })
        });
        let actions: BTreeSet<&Action> = permissions.filter(|p| written.contains(p)).map(|p| p.action).collect();
        let mut own: BTreeMap<String, &str> = BTreeMap::new();
        own.extend(actions.into_iter().map(|action| (unit(action), action.service_prefix())));
        if !own.is_empty() {
            all.services.extend(own.values());
            all.calls.push((call, usage));
        }
        for (unit, service) in own {
            let unit = units.entry(unit).or_insert_with(none);
            unit.services.insert(service);
            unit.calls.push((call, usage));
        }
    }
    let (mut reviewed, mut found) = (Vec::new(), OfServices::default());
    for kind in wanted {
        if *kind == ConditionKind::Hours {
            // A habit of whoever works, not of a service.
            reviewed.extend((!all.calls.is_empty()).then(|| review(*kind, &all)));
            continue;
        }
        let first = reviewed.len();
        for (unit, calls) in &units {
            let one = Reviewed { services: BTreeSet::from([unit.clone()]), ..review(*kind, calls) };
            one.put(found.0.entry(unit.clone()).or_default());
            add(&mut reviewed, first, one);
        }
    }
    (reviewed, found)
}

/// Adds to the one of those from `first` on that says the same of other services, if there is one.
fn add(reviewed: &mut Vec<Reviewed>, first: usize, one: Reviewed) {
    let same = |other: &&mut Reviewed| {
        (other.set, &other.why) == (one.set, &one.why) && (one.set.is_none() || other.values == one.values)
    };
    let Some(other) = reviewed.iter_mut().skip(first).find(same) else { return reviewed.push(one) };
    let values: BTreeSet<String> = other.values.drain(..).chain(one.values).collect();
    other.values = values.into_iter().collect();
    other.services.extend(one.services);
    other.events += one.events;
    other.covered += one.covered;
    other.blocked += one.blocked;
}
