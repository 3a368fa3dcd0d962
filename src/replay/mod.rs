//! What policies would have said: each event is asked of them again, with what its record tells of the request. Purely
//! from the policies that are given: what resource policies, or policies that are not given, would have said is not
//! known here.

mod context;

use std::collections::BTreeSet;
use std::convert::Infallible;

use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::classify::{Basis, Needs, Resource};
use crate::event::Event;
use crate::iam::evaluate::{Context, Deciding, Decision, Known, Layer, Policies, RESOURCE, Request, evaluate};
use crate::iam::{Action, Principal};
use crate::intern::{Interned, Memo};
use context::RecordContext;

/// The policies that are tried out.
#[derive(Debug)]
pub enum Trial {
    /// The same for every principal.
    All(Policies),
    /// Each principal's own, by its name. Others are not asked.
    Each(HashMap<String, Policies>),
}

impl Trial {
    fn of(&self, principal: &Principal) -> Option<&Policies> {
        match self {
            Self::All(policies) => Some(policies),
            Self::Each(policies) => policies.get(&principal.name),
        }
    }
}

/// What the policies say of a call, without what differs from event to event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replayed {
    /// What.
    pub answer: Answer,
    /// The action that decided; the first of several that are alike.
    pub action: Option<Action>,
}

/// An answer, the best one first. A call is allowed as far as the worst of its permissions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Everything that it needs is allowed, by these statements.
    Allowed(String),
    /// Nothing was asked: the call needs no permission, or the principal has no policies in the trial.
    NotAsked(&'static str),
    /// It depends on condition keys that the record does not tell, in this statement.
    Unknown(Vec<String>, String),
    /// Not allowed: in this layer no statement allows it.
    Implicit(String),
    /// Denied by this statement.
    Explicit(String),
}

/// Asks events of policies, one after the other. One per thread.
pub struct Replayer<'t> {
    trial: &'t Trial,
    /// What was said before, with what it was said of: their places must not be taken by others.
    said: Memo<Said>,
    not_asked: HashMap<&'static str, Interned<Replayed>>,
}

struct Said {
    replayed: Interned<Replayed>,
    _of: (Interned<Needs>, Interned<Principal>),
}

/// Answers that are remembered.
const REMEMBERED: usize = 1 << 14;
/// Condition keys by which answers are remembered; of more, the event is asked each time.
const KEYS: usize = 5;

impl<'t> Replayer<'t> {
    /// Nothing asked yet.
    pub fn new(trial: &'t Trial) -> Self {
        Self { trial, said: Memo::new(REMEMBERED), not_asked: HashMap::new() }
    }

    /// What the policies say of an event that needs this.
    pub fn ask(&mut self, event: &Event<'_>, needs: &Interned<Needs>) -> Interned<Replayed> {
        let principal = &event.identity.principal;
        // Such as the root user, whom no identity policy limits.
        let is_limited = principal.kind.why_no_policy().map_or(Ok(()), Err);
        let why = is_limited.and_then(|()| match (&**needs, self.trial.of(principal)) {
            (_, None) => Err("no policy of it is tried out"),
            (Needs::NoPermission, _) => Err("it needs no permission"),
            (Needs::Unknown, _) => Err("nobody documents what it needs"),
            (Needs::Actions(_), Some(policies)) => Ok(policies),
        });
        let policies = match why {
            Ok(policies) => policies,
            Err(why) => {
                let new = || Interned::new(Replayed { answer: Answer::NotAsked(why), action: None });
                return self.not_asked.entry(why).or_insert_with(new).clone();
            }
        };
        let mut keys: SmallVec<[String; KEYS]> = SmallVec::new();
        for key in keys_of(policies) {
            if keys.len() >= KEYS || is_of_permission(key) {
                return Interned::new(replay(policies, event, needs));
            }
            keys.push(told(RecordContext::new(event, None, "*").get(key)));
        }
        let places = [needs.place(), principal.place()].map(usize::to_ne_bytes);
        let mut parts: SmallVec<[&[u8]; 8]> = places.iter().map(|place| &place[..]).collect();
        parts.extend(keys.iter().map(String::as_bytes));
        let Ok(said) = self.said.get(&parts, || {
            let replayed = Interned::new(replay(policies, event, needs));
            Ok::<_, Infallible>(Said { replayed, _of: (needs.clone(), principal.clone()) })
        });
        said.replayed.clone()
    }
}

/// Every key that is asked for, once.
fn keys_of(policies: &Policies) -> BTreeSet<&str> {
    let Policies { identity, boundary, session, scps } = policies;
    let all = identity.iter().chain(boundary.iter().flatten()).chain(session.iter().flatten());
    all.chain(scps.iter().flatten()).flat_map(|policy| policy.keys()).map(|key| &**key).collect()
}

/// Whether a key has another value for each permission of a call.
fn is_of_permission(key: &str) -> bool {
    matches!(key, "iam:passedtoservice" | "aws:resourceaccount")
}

/// What is known of a key, so that it differs where anything does.
fn told(known: Known<'_>) -> String {
    match known {
        Known::Values(values) => format!("={}", values.join("\u{0}")),
        Known::Absent => "absent".to_owned(),
        Known::Unknown => "unknown".to_owned(),
    }
}

fn replay(policies: &Policies, event: &Event<'_>, needs: &Needs) -> Replayed {
    let mut worst: Option<Replayed> = None;
    for used in needs.uses() {
        let ask = |resource: &Resource| {
            let written = resource.in_request();
            let context = RecordContext::new(event, used.passed_to, &written);
            let request = Request { action: &used.action, resource: &written, context: &context };
            Answer::of(&evaluate(policies, &request))
        };
        // Where the log names no resource, each type that it may have been of stands there; it was one of them.
        let (types, named): (Vec<_>, Vec<_>) = used.resources.iter().partition(|r| r.basis == Basis::Pattern);
        let of_type = types.into_iter().map(ask).reduce(Answer::one_of);
        for answer in named.into_iter().map(ask).chain(of_type) {
            if worst.as_ref().is_none_or(|worst| answer > worst.answer) {
                worst = Some(Replayed { answer, action: Some(used.action.clone()) });
            }
        }
    }
    worst.unwrap_or(Replayed { answer: Answer::NotAsked("it needs no permission"), action: None })
}

impl Answer {
    /// Of a request that is one of two: where they differ nobody knows.
    fn one_of(self, other: Self) -> Self {
        let (better, worse) = if self <= other { (self, other) } else { (other, self) };
        match (&better, &worse) {
            (Self::Allowed(_), Self::Implicit(by) | Self::Explicit(by)) => {
                Self::Unknown(vec!["the resource".to_owned()], by.clone())
            }
            _ => worse,
        }
    }

    fn of(decision: &Decision<'_>) -> Self {
        match decision {
            Decision::Allowed { by } => Self::Allowed(words(by)),
            Decision::ExplicitlyDenied { by } => Self::Explicit(words(by)),
            Decision::ImplicitlyDenied { layer: Layer::Scp(level) } => {
                Self::Implicit(format!("no statement of the service control policies of level {level} allows it"))
            }
            Decision::ImplicitlyDenied { layer } => {
                Self::Implicit(format!("no statement of the {} allows it", layer.as_str()))
            }
            Decision::Unknown { missing, by } => {
                let missing = missing.iter().map(|key| if *key == RESOURCE { "the resource" } else { key });
                Self::Unknown(missing.map(str::to_owned).collect(), words(by))
            }
        }
    }
}

/// Such as `ReadOrders of orders.json`.
fn words(by: &Deciding<'_>) -> String {
    match by.sid {
        Some(sid) => format!("{sid} of {}", by.policy),
        None => format!("statement {} of {}", by.statement, by.policy),
    }
}
