//! Facts about one event: which IAM actions it used or lacked, on which resources, and whether they
//! are privileged. Judges nothing.

mod privilege;
mod resource;

use std::convert::Infallible;

use hashbrown::HashMap;

pub use privilege::{Privilege, privileges_of};
pub use resource::{Basis, Resource, WIDEST};

use crate::catalog::{self, ActionFacts, Mapper, Mapping};
use crate::decode::Json;
use crate::event::{Event, EventKind, Operation, Outcome};
use crate::iam::{AccessLevel, Action};
use crate::intern::{Interned, Memo};

/// An event with what the catalog says of it.
pub struct Classified<'e, 'a> {
    /// The event.
    pub event: &'e Event<'a>,
    /// What it needed.
    pub needs: &'e Interned<Needs>,
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

    /// The same with wider resources; `None` where they are as wide already.
    pub fn widened(&self, width: u8) -> Option<Self> {
        let mut changed = false;
        let mut wider = |resource: &Resource| {
            let wider = resource.widened(width);
            changed |= wider.is_some();
            wider.unwrap_or_else(|| resource.clone())
        };
        let mut uses = self.uses().to_vec();
        for used in &mut uses {
            used.resources = used.resources.iter().map(&mut wider).collect();
            used.resources.sort_unstable();
            used.resources.dedup();
        }
        changed.then_some(Self::Actions(uses))
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

/// States the facts of events, remembering those of events like them. One per thread.
pub struct Classifier {
    mapper: Mapper,
    plans: HashMap<Interned<Operation>, Plan>,
    planned: u32,
    /// By plan and the resources that the service listed.
    by_resources: Memo<Option<Interned<Needs>>>,
    /// By plan and request.
    by_parameters: Memo<Interned<Needs>>,
    no_permission: Interned<Needs>,
    unknown: Interned<Needs>,
    /// The needs that were worked out last, where they are not remembered.
    last: Option<Interned<Needs>>,
}

/// What follows from the kind of a call alone.
enum Plan {
    /// What it needs, whatever is in the request.
    Fixed(Interned<Needs>),
    /// Actions whose resources have to be looked for; with a number for the memory.
    Look(u32, Vec<&'static ActionFacts>),
}

/// Kinds of call whose plan is kept.
const PLANS: usize = 50_000;

/// Needs that are remembered, by what they were read from.
const REMEMBERED: usize = 1 << 13;

impl Default for Classifier {
    fn default() -> Self {
        Self {
            mapper: Mapper::default(),
            plans: HashMap::new(),
            planned: 0,
            by_resources: Memo::new(REMEMBERED),
            by_parameters: Memo::new(REMEMBERED),
            no_permission: Interned::new(Needs::NoPermission),
            unknown: Interned::new(Needs::Unknown),
            last: None,
        }
    }
}

impl Classifier {
    /// What a call needs.
    pub fn needs(&mut self, event: &Event<'_>) -> &Interned<Needs> {
        // What AWS says was missing is surer than what the name suggests.
        if let Outcome::Denied(denial) = &event.outcome
            && let Some(named) = &denial.action
            && !matches!(event.operation.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent)
        {
            let facts = catalog::action(named.service_prefix(), named.name());
            let action = facts.map_or_else(|| named.clone(), |facts| facts.action.clone());
            let resources = resource::denied(event, denial, facts);
            return self.last.insert(Interned::new(Needs::Actions(vec![Use { action, resources }])));
        }
        if !self.plans.contains_key(event.operation) {
            // Names are chosen by whoever called AWS; nothing is lost by beginning again.
            if self.plans.len() >= PLANS {
                self.plans.clear();
            }
            let plan = self.plan(event.operation);
            self.plans.insert(event.operation.clone(), plan);
        }
        let (plan, actions) = match self.plans.get(event.operation) {
            Some(Plan::Look(number, actions)) => (number.to_le_bytes(), actions),
            Some(Plan::Fixed(needs)) => return needs,
            None => return &self.unknown,
        };
        let resources = event.resources.map_or(&b""[..], Json::raw);
        let parameters = event.parameters.map_or(&b""[..], Json::raw);
        if event.resources.is_some() {
            let all_listed = || {
                let all = actions.iter().map(|facts| resource::listed(event, facts)).collect::<Option<Vec<_>>>();
                Ok::<_, Infallible>(all.map(|uses| Interned::new(Needs::Actions(uses))))
            };
            let Ok(found) = self.by_resources.get(&[&plan, resources], all_listed);
            if let Some(found) = found {
                return found;
            }
        }
        let any = || {
            let uses = actions.iter().map(|facts| resource::used(event, facts)).collect();
            Ok::<_, Infallible>(Interned::new(Needs::Actions(uses)))
        };
        let Ok(found) = self.by_parameters.get(&[&plan, resources, parameters], any);
        found
    }

    fn plan(&mut self, operation: &Operation) -> Plan {
        if matches!(operation.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent) {
            return Plan::Fixed(self.no_permission.clone());
        }
        match &*self.mapper.map(&operation.source, &operation.name) {
            Mapping::NoPermission => Plan::Fixed(self.no_permission.clone()),
            Mapping::Unknown => Plan::Fixed(self.unknown.clone()),
            Mapping::Actions { actions, .. } if actions.iter().all(|facts| facts.resources.is_empty()) => {
                let uses = actions.iter().map(|facts| resource::takes_none(facts)).collect();
                Plan::Fixed(Interned::new(Needs::Actions(uses)))
            }
            Mapping::Actions { actions, .. } => {
                self.planned = self.planned.wrapping_add(1);
                Plan::Look(self.planned, actions.clone())
            }
        }
    }
}
