//! Whether anyone needs what was denied, by stated rules.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::aggregate::{Call, CallOutcome, Usage};
use crate::classify::{Basis, Resource, Use, is_privileged, level_of};
use crate::iam::{Action, matches};

/// The judgement on a denied permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Somebody tries to do work and cannot.
    Need,
    /// Somebody tries what works.
    Probing,
    /// A page or tool asks for more than anybody wants.
    Noise,
    /// It was allowed later.
    Resolved,
}

impl Need {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Need => "need",
            Self::Probing => "probing",
            Self::Noise => "noise",
            Self::Resolved => "resolved",
        }
    }
}

/// A principal that was denied at least this many different actions tries what works…
const PROBING_ACTIONS: usize = 10;
/// …or this many, where the action is privileged…
const PROBING_ACTIONS_IF_PRIVILEGED: usize = 3;
/// …as far as it tried each of them at most this often.
const PROBING_REPEATS: u64 = 2;
/// An action denied to one principal on at least this many different resources is a search through them.
const PROBING_RESOURCES: usize = 10;
/// A look (List or Read) that was denied at most this often, on one day, is noise.
const NOISE_REPEATS: u64 = 2;

/// A gap with what else its principal was denied.
pub(super) struct Denied<'a, 'u> {
    /// What was missing.
    pub(super) action: Option<&'a Action>,
    /// On what.
    pub(super) resource: Option<&'a Resource>,
    /// The denied events.
    pub(super) usage: &'u Usage,
    /// How many different actions the principal was denied.
    pub(super) actions: usize,
    /// On how many different resources it was denied this one.
    pub(super) resources: usize,
}

/// Judges a gap.
pub(super) fn judge<'h>(successes: &Successes<'h>, denied: &Denied<'h, '_>) -> (Need, Vec<String>) {
    let Denied { action, usage, .. } = *denied;
    let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let days = usage.days.len();
    let on = if days == 1 { "on one day".to_owned() } else { format!("on {days} days") };
    let seen = format!("denied {} {on}", times(usage.count));
    if let Some(allowed) = successes.after(denied) {
        return (Need::Resolved, vec![seen, format!("allowed since {allowed}")]);
    }
    let privileged = action.is_some_and(is_privileged);
    let many = if privileged { PROBING_ACTIONS_IF_PRIVILEGED } else { PROBING_ACTIONS };
    let seldom = usage.count <= PROBING_REPEATS;
    if seldom && denied.actions >= many {
        let why = format!("one of {} different actions denied to this principal", denied.actions);
        return (Need::Probing, vec![seen, why]);
    }
    if seldom && denied.resources >= PROBING_RESOURCES {
        let why = format!("one of {} different resources this action was denied on", denied.resources);
        return (Need::Probing, vec![seen, why]);
    }
    let only_looks = action.and_then(level_of).is_some_and(|level| level.only_looks());
    if only_looks && usage.count <= NOISE_REPEATS && days <= 1 && !privileged {
        return (Need::Noise, vec![seen, "only looks, and nobody tried again on another day".to_owned()]);
    }
    (Need::Need, vec![seen])
}

/// What went through of what one principal was denied, by action.
pub(super) struct Successes<'h>(HashMap<&'h Action, Vec<(&'h Use, jiff::Timestamp)>>);

impl<'h> Successes<'h> {
    /// `calls` are those of one principal, `denied` has what it was denied.
    pub(super) fn of<V>(calls: &'h [(Call, Usage)], denied: &BTreeMap<&Action, V>) -> Self {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        let succeeded = calls.iter().filter(|(call, _)| *call.outcome == CallOutcome::Succeeded);
        for (call, usage) in succeeded {
            let Some(last) = usage.last() else { continue };
            for used in call.needs.uses().iter().filter(|used| denied.contains_key(&used.action)) {
                found.entry(&used.action).or_default().push((used, last));
            }
        }
        Self(found)
    }

    /// When the same action went through after the last denial, on the same resource where that is known.
    fn after(&self, denied: &Denied<'h, '_>) -> Option<jiff::Timestamp> {
        let (action, last_denied) = (denied.action?, denied.usage.last()?);
        let known = denied
            .resource
            .filter(|resource| matches!(resource.basis, Basis::Record | Basis::Message | Basis::Partial));
        let same = |used: &Use| {
            known.is_none_or(|known| used.resources.iter().any(|r| r.arn == known.arn || matches(&known.arn, &r.arn)))
        };
        let used = self.0.get(action).into_iter().flatten();
        used.filter(|(used, last)| *last > last_denied && same(used)).map(|(_, last)| *last).min()
    }
}
