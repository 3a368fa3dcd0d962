//! From patterns to the actions of the catalog that they mean.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Hidden, hidden};
use crate::catalog::{self, ActionFacts, prefixes_of};
use crate::iam::document::{Listed, Statement};
use crate::iam::granted::{Attached, Boundary, Holder, Policy};
use crate::iam::{Action, Effect, has_wildcard, matches_ignoring_case};

/// Every action of the catalog in one order, by which sets of them are kept.
pub(super) struct Universe {
    actions: Vec<Known>,
    /// Where the actions of a service are.
    services: BTreeMap<&'static str, Range<usize>>,
}

/// An action of the catalog.
pub(super) struct Known {
    pub(super) facts: &'static ActionFacts,
    /// Why nobody can say whether it was used.
    pub(super) hidden: Option<Hidden>,
}

/// Some actions of a universe.
#[derive(Clone, PartialEq)]
pub(super) struct Set(Vec<bool>);

impl Set {
    pub(super) fn iter(&self) -> impl Iterator<Item = bool> {
        self.0.iter().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    pub(super) fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
    }

    fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= !other);
    }
}

impl Universe {
    /// `sources` are the event sources with data events.
    pub(super) fn new(sources: &BTreeSet<String>) -> Self {
        let with_data: BTreeSet<&str> = sources.iter().flat_map(|source| prefixes_of(source)).collect();
        let (mut actions, mut services) = (Vec::new(), BTreeMap::new());
        for service in catalog::services() {
            let mut own: Vec<_> = service.actions().collect();
            own.sort_unstable_by(|a, b| a.action.cmp(&b.action));
            let start = actions.len();
            let has_data_events = with_data.contains(service.prefix);
            actions
                .extend(own.into_iter().map(|facts| Known { facts, hidden: hidden(&facts.action, has_data_events) }));
            services.insert(service.prefix, start..actions.len());
        }
        Self { actions, services }
    }

    pub(super) fn actions(&self) -> impl Iterator<Item = &Known> {
        self.actions.iter()
    }

    pub(super) fn none(&self) -> Set {
        Set(vec![false; self.actions.len()])
    }

    pub(super) fn set<'a>(&self, actions: impl Iterator<Item = &'a Action>) -> Set {
        let mut set = self.none();
        for action in actions {
            if let Some(own) = self.place(action).and_then(|at| set.0.get_mut(at)) {
                *own = true;
            }
        }
        set
    }

    pub(super) fn has(&self, set: &Set, action: &Action) -> bool {
        self.place(action).and_then(|at| set.0.get(at)) == Some(&true)
    }

    pub(super) fn members<'s>(&'s self, set: &'s Set) -> impl Iterator<Item = &'s Action> {
        self.actions.iter().zip(set.iter()).filter(|(_, is_in)| *is_in).map(|(known, _)| &known.facts.action)
    }

    fn place(&self, action: &Action) -> Option<usize> {
        let range = self.services.get(action.service_prefix())?;
        let own = self.actions.get(range.clone())?;
        own.binary_search_by(|known| known.facts.action.cmp(action)).ok().map(|at| range.start + at)
    }

    /// Adds the actions that a pattern means.
    pub(super) fn mark(&self, pattern: &str, set: &mut Set) {
        let all = 0..self.actions.len();
        let (range, name) = match pattern.split_once(':') {
            // AWS takes no wildcard before the colon but in `*:*`.
            Some((service, name)) if !has_wildcard(service) => {
                (self.services.get(service.to_ascii_lowercase().as_str()).cloned().unwrap_or(0..0), name)
            }
            Some((service, name)) if is_everything(service) => (all, name),
            None if is_everything(pattern) => (all, "*"),
            _ => return,
        };
        let (Some(known), Some(own)) = (self.actions.get(range.clone()), set.0.get_mut(range)) else { return };
        for (known, own) in known.iter().zip(own) {
            *own = *own || matches_ignoring_case(name, known.facts.action.name());
        }
    }

    /// The actions that a statement is about.
    pub(super) fn meant(&self, statement: &Statement) -> Set {
        let mut set = self.none();
        let Some(listed) = &statement.action else { return set };
        listed.entries().iter().for_each(|pattern| self.mark(pattern, &mut set));
        if matches!(listed, Listed::AllBut(_)) {
            set.0.iter_mut().for_each(|own| *own = !*own);
        }
        set
    }

    /// What policies allow together, but what they deny wholly.
    fn allowed<'p>(&self, policies: impl Iterator<Item = &'p Policy>) -> Set {
        let (mut allowed, mut denied) = (self.none(), self.none());
        for written in policies.flat_map(|policy| &policy.statements) {
            let statement = &written.statement;
            match statement.effect {
                Effect::Allow => allowed.add(&self.meant(statement)),
                Effect::Deny if denies_everywhere(statement) => denied.add(&self.meant(statement)),
                Effect::Deny => {}
            }
        }
        allowed.remove(&denied);
        allowed
    }

    /// What is granted by policies within the boundaries of those who hold them.
    pub(super) fn granted(&self, policies: &[&Attached], holders: &[&Holder]) -> Set {
        let mut granted = self.allowed(policies.iter().map(|attached| &*attached.policy));
        for holder in holders {
            if let Some(Boundary::Known(boundary)) = &holder.boundary {
                granted.keep(&self.allowed(std::iter::once(&*boundary.policy)));
            }
        }
        granted
    }

    /// What is allowed under names that mean no action of the catalog.
    pub(super) fn undocumented(&self, policies: &[&Attached]) -> Vec<String> {
        let mut found = BTreeSet::new();
        for written in policies.iter().flat_map(|attached| &attached.policy.statements) {
            if let (Effect::Allow, Some(Listed::Only(patterns))) = (written.statement.effect, &written.statement.action)
            {
                found.extend(patterns.iter().filter(|pattern| self.means_nothing(pattern)).cloned());
            }
        }
        found.into_iter().collect()
    }

    /// Whether no action of the catalog fits a pattern.
    pub(super) fn means_nothing(&self, pattern: &str) -> bool {
        let mut set = self.none();
        self.mark(pattern, &mut set);
        set.is_empty()
    }
}

/// Whether a pattern names no service.
pub(super) fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

/// Whether a Deny takes its actions back on every resource. One that is about some is none of that: the action may
/// still be granted on another.
fn denies_everywhere(statement: &Statement) -> bool {
    let is_wide = |pattern: &String| is_everything(pattern) || matches!(pattern.as_str(), "arn:*" | "arn:aws:*");
    statement.conditions.is_empty()
        && match &statement.resource {
            Some(Listed::Only(patterns)) => patterns.iter().any(is_wide),
            Some(Listed::AllBut(patterns)) => patterns.is_empty(),
            None => false,
        }
}
