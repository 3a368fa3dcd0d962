//! The difference between what is granted and what was done: what each principal used, what is granted and was not
//! used, what was denied, what CloudTrail cannot show; and its policies without what was not used.
//!
//! An action counts as granted where some Allow includes it, on whatever resource and under whatever condition, no
//! Deny without condition takes it back on every resource, and the boundary includes it. So what is told is about
//! actions: one that is granted may still be denied on a resource, and `denied` then counts that.

mod expand;
mod reduce;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::aggregate::{CallOutcome, History};
use crate::catalog::{self, Recorded};
use crate::iam::granted::{Attached, Boundary, Granted, Holder};
use crate::iam::{Action, Principal, PrincipalKind};
use expand::{Set, Universe};

/// What a principal is granted beside what it did.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Who.
    pub principal: Principal,
    /// Whether it called anything at all.
    pub is_seen: bool,
    /// Whether there is any event of its account; if not, nobody can say that it did nothing.
    pub is_covered: bool,
    /// Whether the files say anything of it. If not, nothing is known of what it is granted.
    pub is_known: bool,
    /// Where its permissions are from.
    pub policies: Vec<String>,
    /// The policy that bounds them.
    pub boundary: Option<String>,
    /// What of its permissions is in no file.
    pub missing: Vec<String>,
    /// Every action that it is granted or called, sorted.
    pub actions: Vec<ActionUse>,
    /// What is granted by a name that AWS does not document.
    pub undocumented: Vec<String>,
    /// Its policies without what was not used, in AWS's JSON: one, or one for each version of the language.
    pub reduced: Vec<Value>,
    /// Actions that nobody can say anything of and that are in no reduced policy, as only `*` or `NotAction` grants
    /// them.
    pub left_out: Vec<Action>,
}

/// An action that a principal is granted or called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionUse {
    /// The action.
    pub action: Action,
    /// Whether it is granted.
    pub is_granted: bool,
    /// How its calls ended.
    pub calls: Calls,
    /// What it comes to.
    pub standing: Standing,
}

/// How the calls of an action ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Went through.
    pub allowed: u64,
    /// Were denied.
    pub denied: u64,
    /// Failed otherwise.
    pub failed: u64,
    /// The last of them.
    pub last: Option<Timestamp>,
}

/// What granting and using an action come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Granted and used.
    Used,
    /// Granted and not used.
    Unused,
    /// Granted, and CloudTrail does not say whether it was used.
    NotObservable(Hidden),
    /// Used and not granted by these policies: by that of a resource, or by one that was there before.
    NotGranted,
    /// Not granted, and called in vain.
    Refused,
}

/// Why nobody can say whether an action was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hidden {
    /// No event is known that needs it.
    NoEvent,
    /// It shows in data events, and the archive has none of its service.
    DataEvent,
    /// It was called, and failed for another reason than a denial.
    OnlyFailed,
}

impl Standing {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Unused => "unused",
            Self::NotObservable(_) => "not-observable",
            Self::NotGranted => "not-granted",
            Self::Refused => "denied",
        }
    }

    /// The mark before a line: nothing where granted and used go together.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Used | Self::Refused => " ",
            Self::Unused => "-",
            Self::NotObservable(_) => "?",
            Self::NotGranted => "+",
        }
    }

    /// Whether a policy has to keep the action.
    fn is_kept(self) -> bool {
        matches!(self, Self::Used | Self::NotObservable(_))
    }
}

impl Hidden {
    /// In plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoEvent => "no event is known that needs it",
            Self::DataEvent => "it shows in data events, which the archive lacks for this service",
            Self::OnlyFailed => "its calls failed for another reason than a denial",
        }
    }
}

/// Of whom a difference is told.
pub struct Asked<'a> {
    /// Whether somebody is meant who called nothing.
    pub is_meant: &'a dyn Fn(&Principal) -> bool,
    /// Whether they are asked for by name: then also those of accounts without events.
    pub is_by_name: bool,
    /// AWS's own services and roles too.
    pub services_too: bool,
}

/// A difference per principal that called something or is in the files, as far as a policy can be attached to it;
/// sorted by principal. One after the other, as an administrator's has twenty thousand actions.
pub fn differences<'h>(
    history: &'h History,
    granted: &'h Granted,
    asked: &Asked<'_>,
) -> impl Iterator<Item = Difference> + use<'h> {
    let universe = Universe::new(&history.coverage.data_event_services);
    let is_shown = |principal: &Principal| {
        principal.kind.why_no_policy().is_none() || (asked.services_too && !granted.of(principal).is_empty())
    };
    let mut calls = calls(history, granted);
    calls.retain(|principal, _| is_shown(principal));
    let is_covered = move |principal: &Principal| {
        principal.account.as_ref().is_some_and(|own| history.coverage.accounts.contains(own))
    };
    let seen: BTreeSet<&str> =
        calls.keys().flat_map(|known| granted.of(known)).map(|known| known.arn.as_str()).collect();
    let mut silent: BTreeMap<&Principal, Vec<&Holder>> = BTreeMap::new();
    for holder in &granted.holders {
        let principal = &holder.principal;
        if !seen.contains(holder.arn.as_str())
            && (asked.is_by_name || is_covered(principal))
            && is_shown(principal)
            && (asked.is_meant)(principal)
        {
            silent.entry(principal).or_default().push(holder);
        }
    }
    let called = calls.into_iter().map(|(principal, calls)| (principal, granted.of(principal), Some(calls)));
    let silent = silent.into_iter().map(|(principal, holders)| (principal, holders, None));
    let mut all: Vec<_> = called.chain(silent).collect();
    all.sort_by_key(|(principal, ..)| *principal);
    all.into_iter().map(move |(principal, holders, calls)| {
        let is_covered = calls.is_some() || is_covered(principal);
        Difference { is_covered, ..difference(principal, &holders, calls, granted, &universe) }
    })
}

type CallsOfAll<'h> = BTreeMap<&'h Principal, BTreeMap<Action, Calls>>;

/// How the calls of each principal ended, by action in the catalog's spelling.
fn calls<'h>(history: &'h History, granted: &'h Granted) -> CallsOfAll<'h> {
    let mut all = CallsOfAll::new();
    for (call, usage) in &history.calls {
        let own = all.entry(by_path(&call.principal, granted)).or_default();
        for used in call.needs.uses() {
            let known = catalog::action(used.action.service_prefix(), used.action.name());
            let action = known.map_or(&used.action, |facts| &facts.action);
            let calls = own.entry(action.clone()).or_default();
            let count = match &*call.outcome {
                CallOutcome::Succeeded | CallOutcome::DryRun => &mut calls.allowed,
                CallOutcome::Denied(_) => &mut calls.denied,
                CallOutcome::Failed(_) => &mut calls.failed,
            };
            *count += usage.count;
            calls.last = calls.last.max(usage.last());
        }
    }
    all
}

/// A role of which the log does not show the path, under its own ARN where the files have it.
fn by_path<'h>(principal: &'h Principal, granted: &'h Granted) -> &'h Principal {
    match principal.kind {
        PrincipalKind::RolePathUnknown => granted.of(principal).first().map_or(principal, |holder| &holder.principal),
        _ => principal,
    }
}

fn difference(
    principal: &Principal,
    holders: &[&Holder],
    calls: Option<BTreeMap<Action, Calls>>,
    granted: &Granted,
    universe: &Universe,
) -> Difference {
    let own = holders.iter().flat_map(|holder| &holder.policies);
    let policies: Vec<&Attached> = own.chain(&granted.everybody).collect();
    let is_seen = calls.is_some();
    let calls = calls.unwrap_or_default();
    let allowed = universe.granted(&policies, holders);
    let mut actions = Vec::new();
    for (known, is_granted) in universe.actions().zip(allowed.iter()) {
        let own = calls.get(&known.facts.action).copied();
        if own.is_none() && (!is_granted || known.facts.retired) {
            continue;
        }
        actions.extend(action_use(known.facts.action.clone(), is_granted, own.unwrap_or_default(), known.hidden));
    }
    let is_documented = |action: &Action| catalog::action(action.service_prefix(), action.name()).is_some();
    let others = calls.iter().filter(|(action, _)| !is_documented(action));
    actions.extend(others.filter_map(|(action, calls)| action_use(action.clone(), false, *calls, None)));
    actions.sort_by(|a, b| a.action.cmp(&b.action));

    let kept: Set = universe.set(actions.iter().filter(|one| one.standing.is_kept()).map(|one| &one.action));
    let used: Set = universe.set(actions.iter().filter(|one| one.standing == Standing::Used).map(|one| &one.action));
    let reduced = reduce::reduced(&policies, universe, &kept, &used);
    let is_left_out = |one: &&ActionUse| one.standing.is_kept() && !universe.has(&reduced.allowed, &one.action);
    let left_out = actions.iter().filter(is_left_out).map(|one| one.action.clone()).collect();

    let mut missing: Vec<String> = holders.iter().flat_map(|holder| holder.missing.iter().cloned()).collect();
    missing.extend(holders.iter().filter_map(|holder| match &holder.boundary {
        Some(Boundary::Missing(arn)) => Some(format!("boundary {arn}")),
        _ => None,
    }));
    Difference {
        principal: principal.clone(),
        is_seen,
        is_covered: is_seen,
        is_known: !policies.is_empty() || !holders.is_empty(),
        policies: policies.iter().map(|policy| policy.origin.to_string()).collect(),
        boundary: holders.iter().find_map(|holder| match &holder.boundary {
            Some(Boundary::Known(policy)) => Some(policy.origin.to_string()),
            Some(Boundary::Missing(arn)) => Some(arn.clone()),
            None => None,
        }),
        missing,
        undocumented: universe.undocumented(&policies),
        actions,
        reduced: reduced.documents,
        left_out,
    }
}

/// `None` for an action that is neither granted nor went through nor was denied: a call that only failed.
fn action_use(action: Action, is_granted: bool, calls: Calls, hidden: Option<Hidden>) -> Option<ActionUse> {
    let standing = match (is_granted, calls.allowed > 0) {
        (true, true) => Standing::Used,
        (false, true) => Standing::NotGranted,
        (true, false) => match hidden {
            Some(hidden) => Standing::NotObservable(hidden),
            None if calls.failed > 0 => Standing::NotObservable(Hidden::OnlyFailed),
            None => Standing::Unused,
        },
        (false, false) if calls.denied > 0 => Standing::Refused,
        (false, false) => return None,
    };
    Some(ActionUse { action, is_granted, calls, standing })
}

/// Why nobody can say whether an action was used, where that follows from the archive as a whole.
fn hidden(action: &Action, has_data_events: bool) -> Option<Hidden> {
    match catalog::recorded(action) {
        Recorded::NotKnown => Some(Hidden::NoEvent),
        Recorded::AsDataEvent if !has_data_events => Some(Hidden::DataEvent),
        Recorded::AsDataEvent | Recorded::Always => None,
    }
}
