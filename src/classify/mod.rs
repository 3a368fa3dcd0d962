//! Facts about one event: which IAM actions it used or lacked, on which resources, and whether they
//! are privileged. Judges nothing.

mod asked;
mod draft;
pub mod exposure;
mod locate;
mod places;
mod privilege;
mod request;
mod resource;
mod special;

use std::convert::Infallible;
use std::rc::Rc;

use hashbrown::HashMap;
use smallvec::SmallVec;

pub use privilege::{Privilege, privileges_of};
pub use resource::{Basis, Resource, WIDEST};

use crate::catalog::{self, ActionFacts, Conditional, Mapper, Mapping, PassedRole, Place, When};
use crate::decode::Json;
use crate::event::{Denial, Event, EventKind, Operation, Outcome};
use crate::iam::{AccessLevel, Action};
use crate::intern::{Interned, Memo, Repetition};
use asked::{Asked, Inquiry, Special};
use draft::{Draft, Known};
use places::Places;

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
    /// The service that a passed role is handed to, as `iam:PassedToService` has it, where that is known.
    pub passed_to: Option<&'static str>,
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
        Self::Actions(vec![Use { action: action.clone(), passed_to: None, resources: vec![resource] }])
    }

    /// The same with wider resources; `None` where they are as wide already.
    pub fn widened(&self, width: u8) -> Option<Self> {
        let mut resources = self.uses().iter().flat_map(|used| &used.resources);
        if !resources.any(|resource| resource.is_narrower(width)) {
            return None;
        }
        let uses = self.uses().iter().map(|used| {
            let wider = |resource: &Resource| resource.widened(width).unwrap_or_else(|| resource.clone());
            let mut resources: Vec<_> = used.resources.iter().map(wider).collect();
            resources.sort_unstable();
            resources.dedup();
            Use { action: used.action.clone(), passed_to: used.passed_to, resources }
        });
        Some(Self::Actions(uses.collect()))
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
    /// Each with a number for what remembers by it.
    plans: HashMap<Interned<Operation>, (u32, Rc<Plan>)>,
    /// Plans by source, name and kind: the same in every account and region.
    shared: HashMap<(Box<str>, Box<str>, EventKind), Rc<Plan>>,
    /// Where the resources of an action stand that a denial names, by action and event.
    asked: HashMap<(Action, Box<str>), Rc<Alone>>,
    /// By plan, width and what the service listed; none where that is not enough.
    by_list: Memo<Option<Interned<Needs>>>,
    /// By plan, width, list and request.
    by_request: Memo<Interned<Needs>>,
    draft: Draft,
    known: Known,
    /// Needs that no draft can describe: of an action that only a denial names.
    last: Option<Interned<Needs>>,
}

/// An action that is asked for by itself, as where a denial names it, and where to look for it.
type Alone = (Asked, Places);

/// What follows from the kind of a call alone.
enum Plan {
    /// What it needs, whatever is in the request.
    Fixed(Interned<Needs>),
    /// What has to be looked for in the request.
    Look(Box<Look>),
}

/// What calls of one kind need, and what they may need.
struct Look {
    always: Vec<Asked>,
    /// Only where the request says so.
    conditional: Vec<(Conditional, Asked)>,
    /// Where a role is passed.
    passed: Vec<PassedRole>,
    /// Members without which a request asks for nothing more.
    triggers: Vec<&'static str>,
    /// Their lengths, a bit each; the last one stands for all that are longer.
    lengths: u64,
    places: Places,
    /// Whether what the service lists occurs again, and whether requests do.
    lists: Repetition,
    requests: Repetition,
    /// Whether the response or the caller may tell something.
    beyond_the_request: bool,
    /// Whether `additionalEventData` may.
    additional: bool,
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
            shared: HashMap::new(),
            asked: HashMap::new(),
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
        let Self { mapper, plans, shared, asked, by_list, by_request, draft, known, last } = self;
        draft.clear();
        // Names are chosen by whoever called AWS; nothing is lost by beginning again.
        if plans.len().max(shared.len()).max(asked.len()) >= PLANS {
            // What remembers by their numbers begins again too.
            (*plans, *shared, *asked) = (HashMap::new(), HashMap::new(), HashMap::new());
            (*by_list, *by_request) = (Memo::new(REMEMBERED), Memo::new(REMEMBERED));
        }
        // What AWS says was missing is surer than what the name suggests.
        if let Outcome::Denied(denial) = &event.outcome
            && let Some(named) = &denial.action
            && !matches!(event.operation.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent)
        {
            let Some(facts) = catalog::action(named.service_prefix(), named.name()) else {
                return last.insert(Interned::new(Needs::of_unknown(named, denial)));
            };
            locate::denied(event, denial, facts, draft, |facts, name| {
                Rc::clone(asked.entry((facts.action.clone(), name.into())).or_insert_with(|| {
                    let asked = Asked::new(facts, name);
                    let places = Places::of(asked.places());
                    Rc::new((asked, places))
                }))
            });
            return known.get(draft, width());
        }
        // Account and region are part of an ARN: the plan is shared, its number is not.
        let next = u32::try_from(plans.len()).unwrap_or(u32::MAX);
        let (number, plan) = plans.entry_ref(event.operation).or_insert_with(|| {
            let operation = event.operation;
            let key = (operation.source.clone(), operation.name.clone(), operation.kind);
            (next, Rc::clone(shared.entry(key).or_insert_with(|| Rc::new(plan(mapper, operation)))))
        });
        let number = number.to_le_bytes();
        let look = match &**plan {
            Plan::Fixed(needs) => return needs,
            Plan::Look(look) => look,
        };
        let asks = look.asks(event);
        let inquiry = Inquiry::of(event, &look.places);
        let width = width();
        let list = event.resources.map_or(&b""[..], Json::raw);
        if event.resources.is_some() && !asks {
            let listed =
                |draft: &mut Draft| look.always.iter().all(|asked| locate::listed_only(&inquiry, asked, draft));
            if look.lists.is_likely() {
                let mut is_new = false;
                let Ok(found) = by_list.get(&[&number, &[width], list], || {
                    is_new = true;
                    Ok::<_, Infallible>(listed(draft).then(|| known.get(draft, width).clone()))
                });
                if !is_new {
                    look.lists.met();
                }
                if let Some(found) = found {
                    return found;
                }
            } else if listed(draft) {
                return known.get(draft, width);
            }
        }
        let worked_out = |draft: &mut Draft| {
            draft.clear();
            if asks {
                look.draft(&inquiry, draft);
            } else {
                look.always.iter().for_each(|asked| locate::used(&inquiry, asked, draft));
            }
        };
        if !look.requests.is_likely() {
            worked_out(draft);
            return known.get(draft, width);
        }
        let request = event.parameters.map_or(&b""[..], Json::raw);
        let (response, caller) = if look.beyond_the_request {
            (event.response.map_or(&b""[..], Json::raw), event.identity.principal.name.as_bytes())
        } else {
            (&b""[..], &b""[..])
        };
        let additional = event.additional.filter(|_| look.additional).map_or(&b""[..], Json::raw);
        let outcome = [u8::from(event.outcome.is_allowed())];
        let key: [&[u8]; 8] = [&number, &[width], list, request, response, caller, additional, &outcome];
        let mut is_new = false;
        let Ok(found) = by_request.get(&key, || {
            is_new = true;
            worked_out(draft);
            Ok::<_, Infallible>(known.get(draft, width).clone())
        });
        if !is_new {
            look.requests.met();
        }
        found
    }
}

impl Look {
    /// Whether the request has a member by which it may ask for more, or for something else, than every such
    /// call needs, or CloudTrail added what may tell.
    fn asks(&self, event: &Event<'_>) -> bool {
        if self.additional && event.additional.is_some() {
            return true;
        }
        let Some(request) = event.parameters.filter(|_| !self.triggers.is_empty()) else { return false };
        request.pairs().any(|(name, _)| {
            let name = name.key();
            // Nearly every name is no trigger, and most do not have the length of one.
            if self.lengths & length_bit(name.len()) == 0 && name.last() != Some(&b't') {
                return false;
            }
            // EC2 wraps some requests in `<Event>Request`.
            name.ends_with(b"Request") || self.triggers.iter().any(|t| name.eq_ignore_ascii_case(t.as_bytes()))
        })
    }

    fn draft(&self, event: &Inquiry<'_, '_>, draft: &mut Draft) {
        let says = |when: When| {
            let mut found = false;
            let mut look = |value| found |= request::says(value, when);
            if when.is_of_request() {
                event.values_at(Place::Request(when.path()), &mut look);
            } else if let Some(value) = event.additional.and_then(|json| json.get_ignoring_case(when.path())) {
                look(value);
            }
            found
        };
        let asked_for = self.conditional.iter().filter(|(conditional, _)| says(conditional.when));
        let asked_for: SmallVec<[_; 8]> = asked_for.collect();
        let replaced = |facts: &ActionFacts| {
            let same = |other: Option<&'static ActionFacts>| other.is_some_and(|other| other.action == facts.action);
            asked_for.iter().any(|(conditional, _)| same(conditional.instead_of))
        };
        let always = self.always.iter().filter(|asked| !replaced(asked.facts));
        let mut taken: SmallVec<[&Action; 8]> = SmallVec::new();
        for asked in always.chain(asked_for.iter().map(|(_, asked)| asked)) {
            // Two conditions may ask for the same action.
            if !taken.contains(&&asked.facts.action) {
                taken.push(&asked.facts.action);
                locate::used(event, asked, draft);
            }
        }
        // A call that did not go through may have been stopped before the role was looked at.
        if event.outcome.is_allowed()
            && !self.passed.is_empty()
            && let Some(pass) = catalog::action("iam", "PassRole")
        {
            self.passed.iter().for_each(|passed| locate::passed_role(event, passed, pass, draft));
        }
    }
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

fn plan(mapper: &mut Mapper, operation: &Operation) -> Plan {
    if matches!(operation.kind, EventKind::ConsoleSignIn | EventKind::ServiceEvent) {
        return Plan::Fixed(Interned::new(Needs::NoPermission));
    }
    let name = catalog::without_version(&operation.name);
    let (actions, prefixes) = match &*mapper.map(&operation.source, &operation.name) {
        Mapping::NoPermission => return Plan::Fixed(Interned::new(Needs::NoPermission)),
        Mapping::Unknown => (Vec::new(), catalog::prefixes_of(&operation.source)),
        Mapping::Actions { actions, .. } => {
            let mut prefixes: Vec<_> = actions.iter().map(|facts| facts.action.service_prefix()).collect();
            prefixes.dedup();
            (actions.clone(), prefixes)
        }
    };
    let conditional = prefixes.iter().flat_map(|prefix| catalog::conditional_actions(prefix, name));
    let conditional: Vec<_> = conditional.chain(catalog::told_apart(&operation.source, name)).collect();
    let passed: Vec<_> = prefixes.iter().flat_map(|prefix| catalog::passed_roles(prefix, name)).collect();
    if actions.is_empty() && conditional.is_empty() {
        return Plan::Fixed(Interned::new(Needs::Unknown));
    }
    if conditional.is_empty() && passed.is_empty() && actions.iter().all(|facts| facts.resources.is_empty()) {
        let any = || vec![Resource { arn: "*".to_owned(), basis: Basis::TakesNone }];
        let uses = actions.iter().map(|facts| Use { action: facts.action.clone(), passed_to: None, resources: any() });
        return Plan::Fixed(Interned::new(Needs::Actions(uses.collect())));
    }
    let of_request = conditional.iter().filter(|one| one.when.is_of_request());
    let paths = of_request.map(|one| one.when.path()).chain(passed.iter().map(|passed| passed.path));
    let mut triggers: Vec<&'static str> = paths.map(|path| path.split(['.', '[']).next().unwrap_or(path)).collect();
    triggers.sort_unstable();
    triggers.dedup();
    let always: Vec<_> = actions.into_iter().map(|facts| Asked::new(facts, name)).collect();
    let conditional: Vec<_> = conditional.into_iter().map(|one| (one, Asked::new(one.action, name))).collect();
    let of_request = conditional.iter().map(|(one, _)| one.when).filter(|when| when.is_of_request());
    let paths = of_request.map(When::path).chain(passed.iter().map(|passed| passed.path));
    let all = always.iter().chain(conditional.iter().map(|(_, asked)| asked));
    let mut of_caller = all.clone();
    let places = Places::of(all.flat_map(Asked::places).chain(paths.map(Place::Request)));
    let beyond_the_request =
        !places.response.is_empty() || of_caller.any(|asked| asked.special == Some(Special::IamCaller));
    let additional = conditional.iter().any(|(one, _)| !one.when.is_of_request());
    Plan::Look(Box::new(Look {
        always,
        conditional,
        passed,
        lengths: triggers.iter().fold(0, |all, trigger| all | length_bit(trigger.len())),
        triggers,
        places,
        lists: Repetition::default(),
        requests: Repetition::default(),
        beyond_the_request,
        additional,
    }))
}
