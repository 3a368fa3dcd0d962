//! Facts about one event: which IAM actions it used or lacked, on which resources, and whether they
//! are privileged. Judges nothing.

mod draft;
mod privilege;
mod resource;

use std::convert::Infallible;

use hashbrown::HashMap;

pub use privilege::{Privilege, privileges_of};
pub use resource::{Basis, Resource, WIDEST};

use crate::catalog::{self, ActionFacts, Mapper, Mapping};
use crate::decode::Json;
use crate::event::{Denial, Event, EventKind, Operation, Outcome};
use crate::iam::{AccessLevel, Action};
use crate::intern::{Interned, Memo};
use draft::{Draft, Known};

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

    /// Of a denied call whose action AWS does not document.
    fn of_unknown(action: &Action, denial: &Denial<'_>) -> Self {
        let resource = match denial.resource.as_deref() {
            Some(arn) if arn != "*" => Resource { arn: arn.to_owned(), basis: Basis::Message },
            _ => Resource { arn: "*".to_owned(), basis: Basis::Unknown },
        };
        Self::Actions(vec![Use { action: action.clone(), resources: vec![resource] }])
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

/// States the facts of events. One per thread.
pub struct Classifier {
    mapper: Mapper,
    plans: HashMap<Interned<Operation>, Plan>,
    planned: u32,
    /// By plan, width and what the service listed; none where that is not enough.
    by_list: Memo<Option<Interned<Needs>>>,
    /// By plan, width, list and request.
    by_request: Memo<Interned<Needs>>,
    draft: Draft,
    known: Known,
    /// Needs that no draft can describe: of an action that only a denial names.
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
/// Lists and requests whose needs are remembered, about 300 bytes each.
const REMEMBERED: usize = 1 << 13;

impl Default for Classifier {
    fn default() -> Self {
        Self {
            mapper: Mapper::default(),
            plans: HashMap::new(),
            planned: 0,
            by_list: Memo::new(REMEMBERED),
            by_request: Memo::new(REMEMBERED),
            draft: Draft::default(),
            known: Known::default(),
            last: None,
        }
    }
}

impl Classifier {
    /// What a call needs. `width` says how wide resources are kept, which is asked where there are some:
    /// 0 is as they are, see [`WIDEST`].
    pub fn needs(&mut self, event: &Event<'_>, width: impl FnOnce() -> u8) -> &Interned<Needs> {
        let Self { mapper, plans, planned, by_list, by_request, draft, known, last } = self;
        draft.clear();
        // What AWS says was missing is surer than what the name suggests.
        if let Outcome::Denied(denial) = &event.outcome
            && let Some(named) = &denial.action
            && !matches!(event.operation.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent)
        {
            let Some(facts) = catalog::action(named.service_prefix(), named.name()) else {
                return last.insert(Interned::new(Needs::of_unknown(named, denial)));
            };
            resource::denied(event, denial, facts, draft);
            return known.get(draft, width());
        }
        // Names are chosen by whoever called AWS; nothing is lost by beginning again.
        if plans.len() >= PLANS {
            plans.clear();
        }
        let plan = plans.entry_ref(event.operation).or_insert_with(|| {
            *planned = planned.wrapping_add(1);
            plan(mapper, event.operation, *planned)
        });
        let (number, actions) = match plan {
            Plan::Fixed(needs) => return needs,
            Plan::Look(number, actions) => (number.to_le_bytes(), actions),
        };
        let width = width();
        let list = event.resources.map_or(&b""[..], Json::raw);
        if event.resources.is_some() {
            let Ok(found) = by_list.get(&[&number, &[width], list], || {
                let enough = actions.iter().all(|facts| resource::listed_only(event, facts, draft));
                Ok::<_, Infallible>(enough.then(|| known.get(draft, width).clone()))
            });
            if let Some(found) = found {
                return found;
            }
        }
        let request = event.parameters.map_or(&b""[..], Json::raw);
        let Ok(found) = by_request.get(&[&number, &[width], list, request], || {
            draft.clear();
            actions.iter().for_each(|facts| resource::used(event, facts, draft));
            Ok::<_, Infallible>(known.get(draft, width).clone())
        });
        found
    }
}

fn plan(mapper: &mut Mapper, operation: &Operation, number: u32) -> Plan {
    if matches!(operation.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent) {
        return Plan::Fixed(Interned::new(Needs::NoPermission));
    }
    match &*mapper.map(&operation.source, &operation.name) {
        Mapping::NoPermission => Plan::Fixed(Interned::new(Needs::NoPermission)),
        Mapping::Unknown => Plan::Fixed(Interned::new(Needs::Unknown)),
        Mapping::Actions { actions, .. } if actions.iter().all(|facts| facts.resources.is_empty()) => {
            let any = || vec![Resource { arn: "*".to_owned(), basis: Basis::TakesNone }];
            let uses = actions.iter().map(|facts| Use { action: facts.action.clone(), resources: any() });
            Plan::Fixed(Interned::new(Needs::Actions(uses.collect())))
        }
        Mapping::Actions { actions, .. } => Plan::Look(number, actions.clone()),
    }
}
