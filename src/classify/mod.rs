//! Facts about one event: which IAM actions it used or lacked, on which resources, and whether they
//! are privileged. Judges nothing.

mod privilege;
mod resource;

use std::sync::Arc;

pub use privilege::{Privilege, privileges_of};
pub use resource::{Basis, Resource};

use crate::catalog::{self, ActionFacts, Mapper, Mapping};
use crate::event::{Event, EventKind, Outcome};
use crate::iam::{AccessLevel, Action};

/// An event with what the catalog says of it.
pub struct Classified<'e, 'a> {
    /// The event.
    pub event: &'e Event<'a>,
    /// What it needed.
    pub needs: Needs,
}

/// What a call needs to be allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Needs {
    /// These actions.
    Actions(Vec<Use>),
    /// Nothing: sign-in, service events, and the few calls everybody may make.
    NoPermission,
    /// Nobody documents the call. It is reported as a gap.
    Unknown,
}

/// An action with the resources it was used on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Use {
    /// In the catalog's spelling where it is in the catalog.
    pub action: Action,
    /// Never empty; sorted.
    pub resources: Vec<Resource>,
}

impl Use {
    /// What the catalog says of the action; `None` for one that only a denial message names.
    pub fn facts(&self) -> Option<&'static ActionFacts> {
        catalog::action(self.action.service_prefix(), self.action.name())
    }
}

impl Needs {
    /// The uses, none when no permission is needed or known.
    pub fn uses(&self) -> &[Use] {
        match self {
            Self::Actions(uses) => uses,
            Self::NoPermission | Self::Unknown => &[],
        }
    }

    /// Whether any action is privileged.
    pub fn is_privileged(&self) -> bool {
        self.uses().iter().any(|used| is_privileged(&used.action))
    }
}

/// Whether an action has any privilege class.
pub fn is_privileged(action: &Action) -> bool {
    !privileges_of(action).is_empty()
}

/// The access level of an action, if the catalog knows it.
pub fn level_of(action: &Action) -> Option<AccessLevel> {
    catalog::action(action.service_prefix(), action.name()).map(|facts| facts.level)
}

/// States the facts of an event.
pub fn classify<'e, 'a>(event: &'e Event<'a>, mapper: &mut Mapper) -> Classified<'e, 'a> {
    Classified { event, needs: needs(event, mapper) }
}

fn needs(event: &Event<'_>, mapper: &mut Mapper) -> Needs {
    if matches!(event.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent) {
        return Needs::NoPermission;
    }
    // What AWS says was missing is surer than what the name suggests.
    if let Outcome::Denied(denial) = &event.outcome
        && let Some(named) = &denial.action
    {
        let facts = catalog::action(named.service_prefix(), named.name());
        let action = facts.map_or_else(|| named.clone(), |facts| facts.action.clone());
        let resources = resource::denied(event, denial, facts);
        return Needs::Actions(vec![Use { action, resources }]);
    }
    let mapping: Arc<Mapping> = mapper.map(event.source, event.name);
    match &*mapping {
        Mapping::NoPermission => Needs::NoPermission,
        Mapping::Unknown => Needs::Unknown,
        Mapping::Actions { actions, .. } => Needs::Actions(
            actions
                .iter()
                .map(|facts| Use { action: facts.action.clone(), resources: resource::used(event, facts) })
                .collect(),
        ),
    }
}
