//! Whether anyone needs what was denied, by stated rules: [`Thresholds`] holds their numbers and their order.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use jiff::Timestamp;

use super::Thresholds;
use super::successes::Successes;
use crate::aggregate::Usage;
use crate::classify::{Resource, is_privileged, level_of};
use crate::iam::{Action, Principal, PrincipalKind};

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
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Need, Self::Probing, Self::Noise, Self::Resolved];

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

/// A gap as far as its need depends on it.
pub(super) struct Seen<'a, 'h> {
    pub(super) principal: &'h Principal,
    pub(super) action: Option<&'h Action>,
    pub(super) resource: Option<&'h Resource>,
    pub(super) made_by: &'a BTreeSet<Option<&'h str>>,
    pub(super) usage: &'a Usage,
    is_privileged: bool,
    /// Whether the action only looks, at nothing that is worth much.
    looks: bool,
}

impl<'a, 'h> Seen<'a, 'h> {
    pub(super) fn of(
        principal: &'h Principal,
        (action, resource): (Option<&'h Action>, Option<&'h Resource>),
        made_by: &'a BTreeSet<Option<&'h str>>,
        usage: &'a Usage,
    ) -> Self {
        let is_privileged = action.is_some_and(is_privileged);
        let looks = !is_privileged && action.and_then(level_of).is_some_and(|level| level.only_looks());
        Self { principal, action, resource, made_by, usage, is_privileged, looks }
    }

    /// Whether only pages of the console asked, for what they show to whoever may see it.
    fn is_of_pages(&self, thresholds: &Thresholds) -> bool {
        self.looks && self.usage.console == (true, false) && self.usage.days.len() < thresholds.console.days
    }
}

/// What was found of a gap.
pub(super) struct Judged {
    pub(super) need: Need,
    pub(super) recurs: bool,
    /// What was seen, and what decided.
    pub(super) reasons: Vec<String>,
    /// In what denied calls differ from those that were allowed.
    pub(super) hint: Option<String>,
}

/// Judges the gaps of one principal, of which it has to know all: who is denied many things tries what works.
pub(super) struct Judge<'a, 'h> {
    seen: Vec<Seen<'a, 'h>>,
    successes: &'a Successes<'a, 'h>,
    thresholds: &'a Thresholds,
    actions: usize,
    resources: HashMap<&'h Action, usize>,
    /// For each gap, what the burst it lies in holds, if it lies in one: actions and services.
    bursts: Vec<Option<(usize, usize)>>,
}

impl<'a, 'h> Judge<'a, 'h> {
    pub(super) fn new(seen: Vec<Seen<'a, 'h>>, successes: &'a Successes<'a, 'h>, thresholds: &'a Thresholds) -> Self {
        // Gaps come in order of action and resource: what is equal stands side by side. Somebody whose pages ask
        // for much has not tried much.
        let mut resources: HashMap<&Action, usize> = HashMap::new();
        let tried =
            seen.iter().filter(|one| !one.is_of_pages(thresholds)).filter_map(|one| Some((one.action?, one.resource)));
        let mut last = None;
        for (action, resource) in tried {
            if last != Some((action, resource)) {
                *resources.entry(action).or_default() += 1;
            }
            last = Some((action, resource));
        }
        let bursts = bursts(&seen, thresholds);
        Self { actions: resources.len(), seen, successes, thresholds, resources, bursts }
    }

    /// The judgements, in the order of the gaps.
    pub(super) fn all(&self) -> Vec<Judged> {
        self.seen.iter().zip(&self.bursts).map(|(seen, burst)| self.judged(seen, *burst)).collect()
    }

    fn judged(&self, seen: &Seen<'_, 'h>, burst: Option<(usize, usize)>) -> Judged {
        let (usage, rule) = (seen.usage, &self.thresholds.need);
        let (days, sessions) = (usage.days.len(), usage.sessions.len());
        let recurs = usage.count >= rule.repeats || days >= rule.days || sessions >= rule.sessions;
        let mut reasons = vec![what_was_seen(usage)];
        let (need, why) = self.need(seen, burst);
        reasons.extend(why);
        if need == Need::Need && !recurs {
            reasons.push("it did not come back: ask before granting".to_owned());
        }
        Judged { need, recurs, reasons, hint: self.hint(seen) }
    }

    /// The first rule that fits.
    fn need(&self, seen: &Seen<'_, 'h>, burst: Option<(usize, usize)>) -> (Need, Option<String>) {
        let Self { successes, thresholds, .. } = self;
        let Seen { principal, action, resource, usage, .. } = *seen;
        if principal.kind.is_service() {
            let why = match principal.kind {
                PrincipalKind::ServiceLinkedRole => "AWS's own role: nobody can change what it may",
                _ => "an AWS service by itself: nobody waits for it",
            };
            return (Need::Noise, Some(why.to_owned()));
        }
        if let Some(later) = action.and_then(|action| successes.after(action, resource, usage)) {
            let since = later.since;
            return (
                Need::Resolved,
                Some(match later.through {
                    None => format!("allowed since {since}"),
                    Some((person, other)) => format!("allowed to {person} as {} since {since}", other.short_name()),
                }),
            );
        }
        let (privileged, looks) = (seen.is_privileged, seen.looks);
        if seen.is_of_pages(thresholds) {
            return (Need::Noise, Some("only looks, and only pages of the console asked".to_owned()));
        }
        if let Some((actions, services)) = burst {
            let minutes = thresholds.burst.minutes;
            let why = format!("within {minutes} minutes of {actions} different denied actions of {services} services");
            return (Need::Probing, Some(why));
        }
        let rule = &thresholds.probing;
        let many = if privileged { rule.privileged_actions.min(rule.actions) } else { rule.actions };
        if usage.count <= rule.repeats && self.actions >= many {
            return (
                Need::Probing,
                Some(format!("one of {} different actions denied to this principal", self.actions)),
            );
        }
        let resources = action.and_then(|action| self.resources.get(action)).copied().unwrap_or(0);
        if usage.count <= rule.repeats && resources >= rule.resources {
            return (Need::Probing, Some(format!("one of {resources} different resources this action was denied on")));
        }
        if looks && !seen.made_by.contains(&None) {
            return (Need::Noise, Some("only looks, made by a service for the caller".to_owned()));
        }
        if looks && usage.count <= thresholds.noise.repeats && usage.days.len() <= 1 && !usage.by_workload {
            return (Need::Noise, Some("only looks, and nobody tried again on another day".to_owned()));
        }
        (Need::Need, None)
    }

    /// In what the denied calls differ from calls of the same action that were allowed.
    fn hint(&self, seen: &Seen<'_, 'h>) -> Option<String> {
        let denied = seen.usage;
        let mut allowed =
            self.successes.of_the_same(seen.action?, seen.resource).map(|allowed| allowed.usage).peekable();
        allowed.peek()?;
        let (mut with_mfa, mut by_endpoint) = (true, true);
        for usage in allowed {
            with_mfa &= usage.mfa == (true, false, false);
            by_endpoint &= !usage.vpc_endpoints.is_empty()
                && usage.vpc_endpoints.iter().all(|id| !denied.vpc_endpoints.iter().any(|other| other == id));
        }
        if with_mfa && !denied.mfa.0 {
            return Some("the calls that were allowed had MFA, those that were denied had not".to_owned());
        }
        by_endpoint.then(|| "the calls that were allowed came through another VPC endpoint".to_owned())
    }
}

/// How often something was denied, and to whom.
fn what_was_seen(usage: &Usage) -> String {
    let times = match usage.count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let days = match usage.days.len() {
        1 => "on one day".to_owned(),
        days => format!("on {days} days"),
    };
    let more = if usage.sessions.has_more() { "at least " } else { "" };
    let sessions = match usage.sessions.len() {
        0 | 1 => String::new(),
        sessions => format!(", in {more}{sessions} sessions"),
    };
    let names: Vec<&str> = usage.people.iter().map(|name| name.as_str()).collect();
    let others = if usage.people.has_more() { " and others" } else { "" };
    let who = match (names.is_empty(), usage.by_workload) {
        (false, _) => format!(", by {}{others}", names.join(", ")),
        (true, true) => ", by a program".to_owned(),
        (true, false) => String::new(),
    };
    format!("denied {times} {days}{sessions}{who}")
}

/// For each gap, the burst it lies in: within so many minutes its principal was denied many actions of many
/// services. Looks at the gaps in order of their first event, whatever order they come in.
fn bursts(seen: &[Seen<'_, '_>], thresholds: &Thresholds) -> Vec<Option<(usize, usize)>> {
    let rule = &thresholds.burst;
    let window = jiff::SignedDuration::from_mins(i64::from(rule.minutes));
    let mut short: Vec<(Timestamp, usize, &Action)> = Vec::new();
    for (at, one) in seen.iter().enumerate() {
        if let (Some((first, last)), Some(action)) = (one.usage.span, one.action)
            && !one.is_of_pages(thresholds)
            && last.duration_since(first) <= window
        {
            short.push((first, at, action));
        }
    }
    short.sort_unstable();
    let mut found = vec![None; seen.len()];
    let (mut begin, mut marked) = (0, 0);
    let (mut actions, mut services) = (HashMap::<&Action, usize>::new(), HashMap::<&str, usize>::new());
    for (end, (time, _, action)) in short.iter().enumerate() {
        *actions.entry(action).or_default() += 1;
        *services.entry(action.service_prefix()).or_default() += 1;
        while let Some((_, _, action)) = short.get(begin).filter(|(first, ..)| time.duration_since(*first) > window) {
            take_one(&mut actions, action);
            take_one(&mut services, &action.service_prefix());
            begin += 1;
        }
        if actions.len() >= rule.actions && services.len() >= rule.services {
            let size = Some((actions.len(), services.len()));
            // Those that were marked in a window before stay as they are.
            for (_, at, _) in short.get(marked.max(begin)..=end).unwrap_or_default() {
                if let Some(place) = found.get_mut(*at) {
                    *place = size;
                }
            }
            marked = end + 1;
        }
    }
    found
}

fn take_one<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
