//! Which rules a call can meet, and what of them has to be asked. What they say follows from the fields they ask for:
//! where these were seen before, it is known.

use std::convert::Infallible;
use std::rc::Rc;

use hashbrown::{Equivalent, HashMap};
use smallvec::{SmallVec, smallvec};

use super::verdict::{Verdict, Why};
use super::{Rule, RuleSet, steps};
use crate::classify::Needs;
use crate::condition::{Answer, CallView, Condition, Derived, EventView, Field, Member};
use crate::decode::Json;
use crate::event::{Client, Event, Operation, Outcome};
use crate::iam::{Principal, PrincipalKind};
use crate::intern::{Interned, Memo};

/// Answers that are remembered of each kind.
const REMEMBERED: usize = 1 << 12;
/// Longest request by which answers are remembered, in bytes. Long ones seldom come again.
const LONGEST: usize = 4096;

/// How a call ended, for how it is watched.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Ended {
    Succeeded,
    DryRun,
    Denied,
    Failed,
}

/// By which kind of principal a call was made, and how it ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Made(PrincipalKind, Ended);

impl Made {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let ended = match event.outcome {
            Outcome::Succeeded => Ended::Succeeded,
            Outcome::DryRun => Ended::DryRun,
            Outcome::Denied(_) => Ended::Denied,
            Outcome::Failed(_) => Ended::Failed,
        };
        Self(event.identity.principal.kind, ended)
    }

    /// Nobody has to be told of what AWS does by itself, or of what came to nothing, unless asked to.
    fn is_told(self, rule: &Rule) -> bool {
        let Self(by, ended) = self;
        !rule.is_ours || (ended != Ended::Failed && (rule.is_about_services || !by.is_service()))
    }
}

/// Calls that are watched alike: of one operation, made alike.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Alike<O>(pub O, pub Made);

impl Equivalent<Alike<Interned<Operation>>> for Alike<&Interned<Operation>> {
    fn equivalent(&self, key: &Alike<Interned<Operation>>) -> bool {
        *self.0 == key.0 && self.1 == key.1
    }
}

/// The rules that calls of one kind by one kind of principal that ended alike can meet, by what their answers follow
/// from.
#[derive(Default)]
pub(super) struct Watched<'r> {
    /// Nothing but the client, with the number of the group.
    by_client: Option<(u32, Rc<Group<'r>>)>,
    /// The request, and what is known of many calls.
    by_request: Group<'r>,
    /// What differs from call to call.
    anew: Vec<Watching<'r>>,
    /// Whether their order may tell something.
    pub is_step: bool,
}

#[derive(Default)]
pub(super) struct Group<'r> {
    basis: Basis,
    rules: Vec<Watching<'r>>,
}

/// Rules that go by nothing but the client, and so say the same whatever is called: few groups for all kinds of call. By
/// where the rules are.
pub(super) type ClientGroups<'r> = HashMap<Vec<usize>, (u32, Rc<Group<'r>>)>;

/// A rule, and what is left to ask of calls of one kind.
struct Watching<'r> {
    rule: &'r Rule,
    left: Condition,
}

impl<'r> Watched<'r> {
    /// Of the rules about an operation, those that calls like this one can meet.
    pub(super) fn new(rules: &'r RuleSet, event: &Event<'_>, groups: &mut ClientGroups<'r>) -> Self {
        let (kind, made) = (event.identity.principal.kind, Made::of(event));
        let view = &CallView::of(event.operation).made(kind, &event.outcome);
        let can = |rule: &&Rule| made.is_told(rule) && rule.condition.ask(view) != Answer::No;
        let mut watched = Self { is_step: steps::is_step(event.operation), ..Self::default() };
        let mut of_client = Group::default();
        for rule in rules.of(event.operation).into_iter().filter(can) {
            if let Some(basis) = Basis::of(&rule.condition).filter(|basis| basis.is_of_client()) {
                of_client.add(basis, Watching { rule, left: rule.condition.clone() });
                continue;
            }
            let watching = Watching { rule, left: rule.condition.given(view) };
            match Basis::of(&watching.left) {
                Some(basis) => watched.by_request.add(basis, watching),
                None => watched.anew.push(watching),
            }
        }
        if !of_client.rules.is_empty() {
            let places = of_client.rules.iter().map(|one| std::ptr::from_ref(one.rule).addr()).collect();
            let number = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            watched.by_client = Some(groups.entry(places).or_insert_with(|| (number, Rc::new(of_client))).clone());
        }
        watched
    }
}

impl<'r> Group<'r> {
    fn add(&mut self, basis: Basis, watching: Watching<'r>) {
        self.basis.0 |= basis.0;
        self.rules.push(watching);
    }
}

/// Fields that answers follow from, one bit each.
#[derive(Clone, Copy, Default)]
struct Basis(u8);

/// Members of a record that many calls have in common, each with its bit.
const COMMON: [(Member, u8); 5] = [
    (Member::UserAgent, 1),
    (Member::SessionCredentialFromConsole, 1 << 1),
    (Member::RequestParameters, 1 << 2),
    (Member::AwsRegion, 1 << 3),
    (Member::RecipientAccountId, 1 << 4),
];

impl Basis {
    const REQUEST: u8 = 1 << 2;
    const NEEDS: u8 = 1 << 5;
    const PRINCIPAL: u8 = 1 << 6;
    /// What all calls of a kind by one kind of principal that ended alike have in common.
    const KIND: u8 = 1 << 7;

    /// None where it differs from call to call, or comes seldom.
    fn of_field(field: &Field) -> Option<u8> {
        match field {
            Field::Recorded(Member::EventSource | Member::EventName, _)
            | Field::Derived(Derived::Outcome | Derived::PrincipalKind) => Some(Self::KIND),
            Field::Recorded(member, _) => COMMON.iter().find(|(common, _)| common == member).map(|(_, bit)| *bit),
            Field::Derived(Derived::Principal) => Some(Self::PRINCIPAL),
            Field::Derived(Derived::Action | Derived::AccessLevel | Derived::Privilege | Derived::Resource) => {
                Some(Self::NEEDS)
            }
            Field::Derived(Derived::RolePassed) => Some(Self::NEEDS | Self::REQUEST),
            Field::Derived(_) | Field::Column(_) | Field::Anything => None,
        }
    }

    fn of(condition: &Condition) -> Option<Self> {
        if condition.asks_for(|field| Self::of_field(field).is_none()) {
            return None;
        }
        let bits = (0..u8::BITS).map(|at| 1 << at);
        let asked =
            bits.filter(|bit| condition.asks_for(|field| Self::of_field(field).is_some_and(|of| of & bit != 0)));
        Some(Self(asked.sum()))
    }

    /// Whether it is nothing but the client, whatever is called.
    fn is_of_client(self) -> bool {
        self.0 & !0b11 == 0
    }

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// What rules say of a call.
#[derive(Default)]
pub(super) struct Said<'r> {
    /// Those that are met.
    pub met: SmallVec<[Verdict<'r>; 1]>,
    /// The gravest of those that ask for what was not recorded.
    pub unknown: Option<&'r Rule>,
    /// What the answer is known by: their places must not be taken by others.
    _of: Option<(Interned<Needs>, Interned<Principal>)>,
}

/// The graver of two rules that may be met.
pub(super) fn graver<'r>(one: Option<&'r Rule>, other: Option<&'r Rule>) -> Option<&'r Rule> {
    one.into_iter().chain(other).max_by(|a, b| {
        // By name where levels are alike.
        a.level.cmp(&b.level).then_with(|| b.kind.detection.cmp(&a.kind.detection))
    })
}

/// What was said before, while the rules and what is [`Watched`] are the same.
pub(super) struct Heard<'r> {
    /// By client and group: a few hundred clients make the calls of most archives.
    clients: Vec<Option<HeardOfClient<'r>>>,
    requests: Memo<Said<'r>>,
}

struct HeardOfClient<'r> {
    key: (Client, u32, Console),
    /// None where it is nothing, as it mostly is.
    said: Option<Box<Said<'r>>>,
}

impl Default for Heard<'_> {
    fn default() -> Self {
        let clients = std::iter::repeat_with(|| None).take(REMEMBERED).collect();
        Self { clients, requests: Memo::new(REMEMBERED) }
    }
}

/// What the record says of credentials from the console.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Console {
    Nothing,
    Yes,
    Otherwise,
}

/// What the rules say of a call.
pub(super) type Answers<'h, 'r> = ([Option<&'h Said<'r>>; 2], Option<Said<'r>>);

impl<'r> Watched<'r> {
    /// What the rules say of a call: three parts, of which most are none.
    #[inline]
    pub(super) fn ask<'h>(
        &self,
        event: &Event<'_>,
        needs: &Interned<Needs>,
        view: EventView<'_, '_>,
        heard: &'h mut Heard<'r>,
    ) -> Answers<'h, 'r> {
        let Heard { clients, requests } = heard;
        let mut anew = (!self.anew.is_empty()).then(|| ask(&self.anew, view));
        let by_client = match &self.by_client {
            None => None,
            Some((number, group)) => match console(event) {
                Console::Otherwise => {
                    anew.get_or_insert_default().add(ask(&group.rules, view));
                    None
                }
                console => heard_of_client(clients, (event.client, *number, console), || ask(&group.rules, view)),
            },
        };
        let is_long = || event.parameters.is_some_and(|request| request.raw().len() > LONGEST);
        let by_request = match &self.by_request {
            group if group.rules.is_empty() => None,
            group if group.basis.has(Basis::REQUEST) && is_long() => {
                anew.get_or_insert_default().add(ask(&group.rules, view));
                None
            }
            group => Some(group.ask(event, needs, view, requests)),
        };
        ([by_client, by_request], anew)
    }
}

fn console(event: &Event<'_>) -> Console {
    match event.record.session_credential_from_console.map(Json::raw) {
        None => Console::Nothing,
        Some(b"true" | b"\"true\"") => Console::Yes,
        Some(_) => Console::Otherwise,
    }
}

#[inline]
#[expect(clippy::indexing_slicing, reason = "the place is a remainder of the number of places")]
fn heard_of_client<'h, 'r>(
    clients: &'h mut [Option<HeardOfClient<'r>>],
    key: (Client, u32, Console),
    ask: impl FnOnce() -> Said<'r>,
) -> Option<&'h Said<'r>> {
    let (client, group, console) = key;
    // Few groups and many clients.
    let spread = client.number().wrapping_add(31 * u64::from(group)).wrapping_add(127 * console as u64);
    let place = &mut clients[spread as usize % REMEMBERED];
    if !place.as_ref().is_some_and(|heard| heard.key == key) {
        let said = ask();
        *place = Some(HeardOfClient { key, said: (!said.is_nothing()).then(|| Box::new(said)) });
    }
    place.as_ref()?.said.as_deref()
}

impl<'r> Said<'r> {
    fn is_nothing(&self) -> bool {
        self.met.is_empty() && self.unknown.is_none()
    }

    fn add(&mut self, other: Self) {
        self.met.extend(other.met);
        self.unknown = graver(self.unknown, other.unknown);
    }
}

impl<'r> Group<'r> {
    fn ask<'h>(
        &self,
        event: &Event<'_>,
        needs: &Interned<Needs>,
        view: EventView<'_, '_>,
        heard: &'h mut Memo<Said<'r>>,
    ) -> &'h Said<'r> {
        let basis = self.basis;
        let principal = &event.identity.principal;
        let places = [std::ptr::from_ref(self).addr(), needs.place(), principal.place()].map(usize::to_ne_bytes);
        let [group, of_needs, of_principal] = &places;
        let mut parts: SmallVec<[&[u8]; 8]> = smallvec![&group[..]];
        parts.extend(basis.has(Basis::NEEDS).then_some(&of_needs[..]));
        parts.extend(basis.has(Basis::PRINCIPAL).then_some(&of_principal[..]));
        let common = COMMON.iter().filter(|(_, bit)| basis.has(*bit));
        parts.extend(common.map(|(member, _)| view.member(*member).map_or(&b""[..], Json::raw)));
        let Ok(said) = heard.get(&parts, || {
            let is_by_place = basis.has(Basis::NEEDS | Basis::PRINCIPAL);
            let of = is_by_place.then(|| (needs.clone(), principal.clone()));
            Ok::<_, Infallible>(Said { _of: of, ..ask(&self.rules, view) })
        });
        said
    }
}

fn ask<'r>(rules: &[Watching<'r>], view: EventView<'_, '_>) -> Said<'r> {
    let mut said = Said::default();
    for one in rules {
        let rule = one.rule;
        let view = if rule.is_ours { view } else { view.as_recorded() };
        match one.left.ask(&view) {
            Answer::No => {}
            Answer::Unknown => said.unknown = graver(said.unknown, Some(rule)),
            Answer::Yes => said.met.push(Verdict { rule, why: Why::Met(rule.condition.met(&view)) }),
        }
    }
    said
}
