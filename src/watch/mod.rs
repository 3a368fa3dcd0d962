//! Where each event stands beside the grants of a ledger: whose it is, whether a grant held then, and whether it kept
//! within it. Each event is asked by itself, so that no order of files matters; what several of them mean is for later.

mod index;
mod terms;
mod timeline;

use std::convert::Infallible;
use std::sync::Arc;

use hashbrown::HashMap;
use jiff::{SignedDuration, Timestamp};

pub use terms::Broken;

use crate::classify::Needs;
use crate::decode::{Invalid, Json, Record};
use crate::event::{Actor, Event, Session, UserIdentity};
use crate::iam::{Principal, PrincipalKind};
use crate::intern::{Interned, Memo};
use crate::ledger::Grant;
use index::{Candidates, Index};

/// What to look for.
#[derive(Debug)]
pub struct Watch {
    /// The ledger, which may be long: those that follow sessions share it.
    ledger: Arc<(Vec<Grant>, Index)>,
    options: Options,
    /// Sessions that others of the ledger made, by their number.
    followed: HashMap<u64, Followed>,
}

/// How events and grants are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How far clocks may be apart, and how long AWS may need until a change holds everywhere.
    pub skew: SignedDuration,
    /// How near to its window something counts as before or after a grant, and not as without one.
    pub near: SignedDuration,
    /// Principals whose every use has to be granted beside those of the ledger, by name or ARN with `*` and `?`.
    pub elevated: Vec<String>,
    /// Principals that also have permissions of their own, so that of what they do only the actions count that their grants
    /// name. IAM users always are.
    pub standing: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            skew: SignedDuration::from_secs(60),
            near: SignedDuration::from_hours(24),
            elevated: Vec::new(),
            standing: Vec::new(),
        }
    }
}

/// The session that another one was made by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Followed {
    /// The principal of the session that has the grant.
    pub principal: Interned<Principal>,
    /// That session.
    pub origin: Interned<Sitting>,
}

/// One use of a principal by somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sitting {
    /// The session, by its number.
    pub number: u64,
    /// When it began; nothing where credentials are not temporary.
    pub began: Option<Timestamp>,
    /// By which names somebody is known in it, in lower case: the source identity or else its own name, and the id of
    /// Identity Center.
    pub names: Vec<String>,
    /// Whether one of them is a person's or a user's, and not only what somebody called a session.
    pub is_named: bool,
}

/// Where events stand beside the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stand {
    /// When.
    pub phase: Phase,
    /// The grants it is about, by their numbers in the ledger; all of them where several held.
    pub grants: Vec<u32>,
    /// Whether it kept within them: with the one that it keeps to best.
    pub scope: Scope,
    /// Terms that it did not keep: of the same one.
    pub broken: Broken,
    /// The session.
    pub sitting: Interned<Sitting>,
    /// The session that made this one, where it is that which has the grant.
    pub origin: Option<Followed>,
    /// Whether it gives something to the person who asks.
    pub is_for_self: bool,
}

/// When an event happened, as grants see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// While a grant held.
    Within,
    /// Before a grant of the person held, and not long before.
    Before,
    /// After it, by a session that had begun while it held, within the life of its credentials.
    Tail,
    /// The same, beyond the life of credentials.
    Overrun,
    /// Not long after it, by a session that began later, or by credentials that are not temporary.
    After,
    /// While only somebody else's grant held.
    OtherPerson,
    /// No grant was near.
    Ungranted,
}

/// Whether a call is among what a grant names; the better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The grant names nothing: it gives what its subject has.
    Unlimited,
    /// It is.
    Inside,
    /// The log does not tell.
    Unknown,
    /// It is on another resource.
    ResourceOutside,
    /// It is another action.
    ActionOutside,
}

impl Watch {
    /// For the grants of a ledger.
    pub fn new(grants: Vec<Grant>, options: Options) -> Self {
        let index = Index::new(&grants, options.elevated.clone(), options.standing.clone());
        Self { ledger: Arc::new((grants, index)), options, followed: HashMap::new() }
    }

    /// The same ledger, where sessions that were made by others are followed and nothing else.
    #[must_use]
    pub fn following(&self, followed: HashMap<u64, Followed>) -> Self {
        Self { ledger: Arc::clone(&self.ledger), options: self.options.clone(), followed }
    }

    /// The ledger.
    pub fn grants(&self) -> &[Grant] {
        &self.ledger.0
    }

    fn index(&self) -> &Index {
        &self.ledger.1
    }

    /// How events and grants are put together.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether it is sessions that are followed: then all other events are left out.
    pub fn follows(&self) -> bool {
        !self.followed.is_empty()
    }
}

/// Asks events where they stand. One per thread.
pub struct Watcher<'w> {
    watch: &'w Watch,
    /// Whether what a principal does has to be granted.
    elevated: HashMap<Interned<Principal>, bool>,
    who: Memo<Option<Who>>,
    wanted: Memo<bool>,
}

/// Who uses a principal, with the grants that may be meant.
struct Who {
    candidates: Candidates,
    sitting: Interned<Sitting>,
    origin: Option<Followed>,
}

/// Users of principals that are remembered: in the console each request has an identity of its own.
const REMEMBERED: usize = 1 << 12;

impl<'w> Watcher<'w> {
    /// Nothing asked yet.
    pub fn new(watch: &'w Watch) -> Self {
        Self { watch, elevated: HashMap::new(), who: Memo::new(REMEMBERED), wanted: Memo::new(REMEMBERED) }
    }

    /// Whether a record has to be looked at. Where sessions are followed that is seen by who made it, before anything
    /// else is read of it.
    #[inline]
    pub fn wants(&mut self, record: &Record<'_>) -> bool {
        if !self.watch.follows() {
            return true;
        }
        let Some(identity) = record.user_identity else { return false };
        let Self { watch, wanted, .. } = self;
        let is_followed = || {
            let number = Session::number(&UserIdentity::read(identity));
            Ok::<_, Infallible>(number.is_ok_and(|number| watch.followed.contains_key(&number)))
        };
        let Ok(is_wanted) = wanted.get(&[identity.raw()], is_followed);
        *is_wanted
    }

    /// Where an event stands; nothing where nobody has to be granted what its principal does.
    pub fn stand<'n>(
        &mut self,
        event: &Event<'_>,
        needs: impl FnOnce() -> &'n Interned<Needs>,
    ) -> Result<Option<Interned<Stand>>, Invalid> {
        let Self { watch, elevated, who, .. } = self;
        let principal = &event.identity.principal;
        let is_elevated = match elevated.get(principal) {
            Some(known) => *known,
            None => *elevated.entry(principal.clone()).or_insert(watch.index().is_elevated(principal)),
        };
        let is_followed = watch.followed.contains_key(&event.identity.session);
        let is_meant = if watch.follows() { is_followed } else { is_elevated };
        if !is_meant {
            return Ok(None);
        }
        let raw = event.user_identity.map_or(&b""[..], Json::raw);
        let who = who.get(&[raw, &principal.place().to_ne_bytes()], || watch.who(event, is_elevated).map(Some))?;
        let Some(who) = who.as_ref() else { return Ok(None) };
        let needs = needs();
        if watch.index().is_standing(principal) && who.origin.is_none() && !who.candidates.name(needs) {
            return Ok(None);
        }
        Ok(Some(Interned::new(watch.place(event, needs, who))))
    }
}

impl Watch {
    fn who(&self, event: &Event<'_>, is_elevated: bool) -> Result<Who, Invalid> {
        let session = event.session()?;
        let sitting = Interned::new(Sitting::of(event, session)?);
        let followed = self.followed.get(&event.identity.session);
        let own = self.index().candidates(&event.identity.principal, &sitting.names);
        // A session that has grants of its own is told by them.
        if let Some(followed) = followed.filter(|_| !is_elevated || own.own.iter().all(|timeline| timeline.is_empty()))
        {
            let candidates = self.index().candidates(&followed.principal, &followed.origin.names);
            return Ok(Who { candidates, sitting, origin: Some(followed.clone()) });
        }
        Ok(Who { candidates: own, sitting, origin: None })
    }

    fn place(&self, event: &Event<'_>, needs: &Needs, who: &Who) -> Stand {
        let (phase, grants) = self.phase(event.time, who);
        let held = || grants.iter().filter_map(|number| self.grants().get(*number as usize));
        let best = match phase {
            Phase::OtherPerson | Phase::Ungranted => None,
            // Best is one that allows it whole.
            _ => held()
                .map(|grant| (Scope::of(needs, grant), Broken::of(event, grant)))
                .min_by_key(|(scope, broken)| (*scope > Scope::Inside || !broken.is_none(), *scope, *broken)),
        };
        let (scope, broken) = best.unwrap_or((Scope::Unknown, Broken::default()));
        let sitting = who.sitting.clone();
        Stand { phase, grants, scope, broken, sitting, origin: who.origin.clone(), is_for_self: is_for_self(event) }
    }

    /// When a moment is, and the grants that say so.
    fn phase(&self, time: Timestamp, who: &Who) -> (Phase, Vec<u32>) {
        let all = self.grants();
        let (skew, near) = (self.options.skew.as_secs(), self.options.near.as_secs());
        let own = &who.candidates.own;
        let holding = |time: Timestamp| {
            let mut found = Vec::new();
            own.iter().for_each(|timeline| timeline.holding(time, skew, all, &mut found));
            found.sort_unstable();
            found.dedup();
            found
        };
        let held = holding(time);
        if !held.is_empty() {
            return (Phase::Within, held);
        }
        let grant = |number: u32| all.get(number as usize);
        let end = |number: &u32| grant(*number).map(|grant| grant.ends());
        let second = time.as_second();
        // Of a chain it counts when its origin began. A session that began while a grant held is a session of that grant.
        let own_began = who.sitting.began;
        let began =
            who.origin.as_ref().map_or(own_began, |followed| followed.origin.began).filter(|began| *began <= time);
        let of_session = began.map(holding).unwrap_or_default();
        if let (Some(began), Some(number)) = (began, of_session.into_iter().max_by_key(end))
            && let Some(ended) = grant(number)
        {
            let life = ended.session_max.as_secs();
            let until = match own_began.filter(|_| who.origin.is_some()) {
                // Credentials of a chain live for an hour at most, and are got while its origin lives.
                Some(own) => own.as_second().saturating_add(CHAINED_LIFE.min(life)),
                None => began.as_second().saturating_add(life),
            };
            let is_alive = second <= until.saturating_add(skew);
            return (if is_alive { Phase::Tail } else { Phase::Overrun }, vec![number]);
        }
        let before = own.iter().filter_map(|timeline| timeline.before(time, all)).max_by_key(end);
        if let Some(number) = before.filter(|number| end(number).is_some_and(|end| second - end.as_second() <= near)) {
            return (Phase::After, vec![number]);
        }
        let start = |number: &u32| grant(*number).map(|grant| grant.not_before);
        let after = own.iter().filter_map(|timeline| timeline.after(time, all)).min_by_key(start);
        if let Some(number) =
            after.filter(|number| start(number).is_some_and(|start| start.as_second() - second <= near))
        {
            return (Phase::Before, vec![number]);
        }
        // One tells enough, and there may be many.
        match who.candidates.all.iter().filter_map(|of| of.any_holding(time, skew, all)).min() {
            Some(others) => (Phase::OtherPerson, vec![others]),
            None => (Phase::Ungranted, Vec::new()),
        }
    }
}

/// The longest life of credentials that a role's session got for another role, in seconds. Source: IAM user guide, "Role
/// chaining".
const CHAINED_LIFE: i64 = 3600;

impl Sitting {
    fn of(event: &Event<'_>, session: Session) -> Result<Self, Invalid> {
        let identity = event.user_identity.map(UserIdentity::read).unwrap_or_default();
        let id = Json::text_of(identity.on_behalf_of_user_id)?.map(std::borrow::Cow::into_owned);
        // What a session is called is chosen by whoever begins it; the source identity is not.
        let name = session.source_identity.filter(|name| !name.is_empty()).or(session.name);
        let mut names: Vec<String> =
            [name, id].into_iter().flatten().filter(|name| !name.is_empty()).map(|name| name.to_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        let is_named =
            event.identity.principal.kind == PrincipalKind::User || matches!(event.identity.actor, Actor::Person(_));
        Ok(Self { number: event.identity.session, began: session.created, names, is_named })
    }
}

/// Whether a person of Identity Center assigns something to itself.
fn is_for_self(event: &Event<'_>) -> bool {
    let assigns = event.source() == "sso.amazonaws.com" && event.name() == "CreateAccountAssignment";
    let own = || {
        let identity = event.user_identity.map(UserIdentity::read)?;
        let to = event.parameters?.get("principalId")?.as_str()?;
        Some(identity.on_behalf_of_user_id?.as_str()? == to)
    };
    assigns && own() == Some(true)
}
