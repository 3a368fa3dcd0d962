//! Whether anyone needs what was denied, by stated rules.

use crate::aggregate::{CallOutcome, History, Usage};
use crate::classify::{is_privileged, level_of};
use crate::iam::{Action, Principal};

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
/// …as far as it tried each of them at most this often.
const PROBING_REPEATS: u64 = 2;
/// A look (List or Read) that was denied at most this often, on one day, is noise.
const NOISE_REPEATS: u64 = 2;

/// Judges a gap. `denied_actions` is how many different actions the principal was denied.
pub(super) fn judge(
    history: &History,
    principal: &Principal,
    action: Option<&Action>,
    usage: &Usage,
    denied_actions: usize,
) -> (Need, Vec<String>) {
    let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let days = usage.days.len();
    let on = if days == 1 { "on one day".to_owned() } else { format!("on {days} days") };
    let seen = format!("denied {} {on}", times(usage.count));
    if let Some(allowed) = action.and_then(|action| allowed_after(history, principal, action, usage)) {
        return (Need::Resolved, vec![seen, format!("allowed since {allowed}")]);
    }
    if denied_actions >= PROBING_ACTIONS && usage.count <= PROBING_REPEATS {
        return (Need::Probing, vec![seen, format!("one of {denied_actions} different actions denied to this principal")]);
    }
    let only_looks = action.and_then(level_of).is_some_and(|level| level.only_looks());
    if only_looks && usage.count <= NOISE_REPEATS && days <= 1 && !action.is_some_and(is_privileged) {
        return (Need::Noise, vec![seen, "only looks, and nobody tried again on another day".to_owned()]);
    }
    (Need::Need, vec![seen])
}

/// When the same action first went through after the last denial.
fn allowed_after(
    history: &History,
    principal: &Principal,
    action: &Action,
    usage: &Usage,
) -> Option<jiff::Timestamp> {
    let last_denied = usage.last()?;
    let succeeded = history.calls.iter().filter(|(call, _)| {
        call.outcome == CallOutcome::Succeeded
            && *call.principal == *principal
            && call.needs.uses().iter().any(|used| used.action == *action)
    });
    succeeded.filter_map(|(_, usage)| usage.last()).filter(|last| *last > last_denied).min()
}
