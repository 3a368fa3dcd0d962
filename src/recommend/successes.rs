//! What went through of what was denied: to the same principal, or to the same person through another one.

use std::collections::BTreeSet;

use hashbrown::{HashMap, HashSet};
use jiff::Timestamp;

use crate::aggregate::{Call, History, Usage};
use crate::classify::{Basis, Resource, Use};
use crate::iam::{Action, Principal, matches};

/// A use that went through.
#[derive(Clone, Copy)]
pub(super) struct Allowed<'h> {
    /// The person it is listed under, if it is.
    person: Option<&'h str>,
    used: &'h Use,
    principal: &'h Principal,
    pub(super) usage: &'h Usage,
}

/// What people did of what they were denied, whichever principal they used, by name and action.
#[derive(Default)]
pub(super) struct People<'h>(HashMap<(&'h str, &'h Action), Vec<Allowed<'h>>>);

impl<'h> People<'h> {
    pub(super) fn of(history: &'h History) -> Self {
        let mut denied: HashSet<(&str, &Action)> = HashSet::new();
        let people_of = |usage: &'h Usage| usage.people.iter().map(|name| name.as_str());
        for (call, usage) in history.calls.iter().filter(|(call, _)| call.is_denied()) {
            for used in call.needs.uses() {
                denied.extend(people_of(usage).map(|name| (name, &used.action)));
            }
        }
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        if denied.is_empty() {
            return Self(found);
        }
        for (call, usage) in history.calls.iter().filter(|(call, _)| call.outcome.is_allowed()) {
            for name in people_of(usage) {
                for used in call.needs.uses().iter().filter(|used| denied.contains(&(name, &used.action))) {
                    let allowed = Allowed { person: Some(name), used, principal: &call.principal, usage };
                    found.entry((name, &used.action)).or_default().push(allowed);
                }
            }
        }
        Self(found)
    }
}

/// What went through of what one principal was denied.
pub(super) struct Successes<'a, 'h> {
    own: HashMap<&'h Action, Vec<Allowed<'h>>>,
    people: &'a People<'h>,
}

/// When and how something was allowed later.
pub(super) struct Later<'h> {
    pub(super) since: Timestamp,
    /// The person and the other principal it used; `None` where it was the same principal.
    pub(super) through: Option<(&'h str, &'h Principal)>,
}

impl<'a, 'h> Successes<'a, 'h> {
    /// `calls` are those of one principal, `denied` the actions it was denied.
    pub(super) fn of(calls: &'h [(Call, Usage)], people: &'a People<'h>, denied: BTreeSet<&Action>) -> Self {
        let mut own: HashMap<_, Vec<_>> = HashMap::new();
        for (call, usage) in calls.iter().filter(|(call, _)| call.outcome.is_allowed()) {
            for used in call.needs.uses().iter().filter(|used| denied.contains(&used.action)) {
                let allowed = Allowed { person: None, used, principal: &call.principal, usage };
                own.entry(&used.action).or_default().push(allowed);
            }
        }
        Self { own, people }
    }

    /// What went through of an action, on a resource where that is known.
    pub(super) fn of_the_same(
        &self,
        action: &Action,
        resource: Option<&'h Resource>,
    ) -> impl Iterator<Item = Allowed<'h>> {
        self.own.get(action).into_iter().flatten().filter(move |allowed| is_on(allowed, resource)).copied()
    }

    /// When the same action went through after the last denial, on the same resource where that is known: to the
    /// principal itself, or else to a person who was denied it. Where several people share a call, only what they
    /// all did later is sure to be later.
    pub(super) fn after(&self, action: &Action, resource: Option<&'h Resource>, denied: &Usage) -> Option<Later<'h>> {
        let last_denied = denied.last()?;
        let own = self.of_the_same(action, resource).filter_map(|allowed| allowed.usage.last());
        if let Some(since) = own.filter(|last| *last > last_denied).min() {
            return Some(Later { since, through: None });
        }
        let is_alone = |usage: &Usage| usage.people.len() == 1;
        let by_people = denied.people.iter().filter_map(|name| self.people.0.get(&(name.as_str(), action)));
        let later = by_people.flatten().filter(|allowed| is_on(allowed, resource)).filter_map(|allowed| {
            let usage = allowed.usage;
            let since = if is_alone(usage) { usage.last()? } else { usage.first()? };
            (since > last_denied).then_some((since, allowed.person?, allowed.principal))
        });
        later.min().map(|(since, name, principal)| Later { since, through: Some((name, principal)) })
    }
}

fn is_on(allowed: &Allowed<'_>, resource: Option<&Resource>) -> bool {
    let known = resource.filter(|r| matches!(r.basis, Basis::Record | Basis::Message | Basis::Partial));
    known.is_none_or(|known| allowed.used.resources.iter().any(|r| r.arn == known.arn || matches(&known.arn, &r.arn)))
}
