//! What is granted, to whom, when and on which terms.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Ticket;
use crate::aggregate::{Call, History, Usage};
use crate::catalog;
use crate::classify::{Basis, Resource, is_privileged};
use crate::iam::{Action, Conditions, PolicyDocument, Principal, PrincipalKind, is_account_id, matches_ignoring_case};
use crate::recommend::conditions::{OfServices, conditions};
use crate::recommend::{ConditionKind, FixableBy, Gap, Need, Permission, Reviewed, digest, statements};

/// When a grant holds: from the first moment on, before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Start, in whole seconds.
    pub not_before: Timestamp,
    /// End, in whole seconds.
    pub not_after: Timestamp,
}

impl Window {
    /// How long it is.
    pub fn length(&self) -> SignedDuration {
        self.not_after.duration_since(self.not_before)
    }

    /// The same in hours, a part of one for a whole one.
    pub fn hours(&self) -> i64 {
        (self.length().as_secs() + 3_599).div_euclid(3_600)
    }
}

/// On which terms something is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// When.
    pub window: Window,
    /// Conditions that a grant gets where history supports them.
    pub conditions: BTreeSet<ConditionKind>,
    /// Where it was asked for.
    pub ticket: Option<Ticket>,
    /// Only these gaps, by their ids; empty means all that can be granted.
    pub needs: Vec<String>,
    /// Patterns of actions that are left out.
    pub excluded: Vec<String>,
}

/// Conditions that a grant usually gets.
pub const CONDITIONS: [ConditionKind; 2] = [ConditionKind::Region, ConditionKind::SourceIp];

impl From<Window> for Terms {
    fn from(window: Window) -> Self {
        Self { window, conditions: CONDITIONS.into(), ticket: None, needs: Vec::new(), excluded: Vec::new() }
    }
}

/// What is to be granted to whom, when and under which conditions.
#[derive(Clone, Debug)]
pub struct Elevation<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// The gaps it closes.
    pub gaps: Vec<&'h Gap<'h>>,
    /// Other gaps of the principal.
    pub others: Vec<&'h Gap<'h>>,
    /// Never empty.
    pub permissions: Vec<Permission<'h>>,
    /// When.
    pub window: Window,
    /// Where it was asked for.
    pub ticket: Option<Ticket>,
    /// What history says of each condition that was asked for.
    pub reviewed: Vec<Reviewed>,
    /// Why, and what was left out.
    pub reasons: Vec<String>,
    /// All that the principal did.
    pub(super) calls: Vec<(&'h Call, &'h Usage)>,
    conditions: OfServices,
}

/// One grant per principal with gaps that a grant can close, sorted by principal.
pub fn elevations<'h>(history: &'h History, gaps: &'h [Gap<'h>], terms: &Terms) -> Vec<Elevation<'h>> {
    let mut of: BTreeMap<&'h Principal, Vec<&'h Gap<'h>>> = BTreeMap::new();
    for gap in gaps {
        of.entry(gap.principal).or_default().push(gap);
    }
    let by_principal = history.calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal);
    let calls: BTreeMap<&Principal, &'h [(Call, Usage)]> =
        by_principal.filter_map(|calls| Some((&*calls.first()?.0.principal, calls))).collect();
    let of =
        of.into_iter().map(|(principal, gaps)| (principal, gaps, calls.get(principal).copied().unwrap_or_default()));
    of.filter_map(|(principal, gaps, calls)| elevation(principal, &gaps, calls, terms)).collect()
}

/// Why nothing may be granted for a gap, in words, with what to do instead; `None` where something may.
pub fn refusal(gap: &Gap<'_>) -> Option<String> {
    if gap.fixable_by != FixableBy::IdentityPolicy {
        let (layer, deny) = (gap.refusal.policy_type.as_str(), gap.refusal.kind.as_str());
        let who = gap.fixable_by.as_str();
        return Some(format!(
            "no identity policy can close it (layer {layer}, deny {deny}, fixable by {who}): {}",
            gap.advice
        ));
    }
    if gap.need != Need::Need {
        return Some(format!("nobody seems to need it ({}): {}", gap.need.as_str(), gap.reasons.join("; ")));
    }
    let Some(action) = gap.action else { return Some("nobody knows which action was missing".to_owned()) };
    if catalog::action(action.service_prefix(), action.name()).is_none_or(|facts| facts.retired) {
        return Some(format!("AWS documents no action {action}"));
    }
    if gap.resource.is_none_or(|resource| resource.basis == Basis::Unknown) {
        return Some(format!("nothing names the resource of {action}; add it to a policy by hand, on what is meant"));
    }
    None
}

fn elevation<'h>(
    principal: &'h Principal,
    all: &[&'h Gap<'h>],
    calls: &'h [(Call, Usage)],
    terms: &Terms,
) -> Option<Elevation<'h>> {
    let is_excluded = |gap: &Gap<'_>| gap.action.is_some_and(|action| terms.excludes(action));
    let (picked, mut others): (Vec<&Gap<'_>>, Vec<_>) =
        all.iter().partition(|gap| refusal(gap).is_none() && terms.picks(gap));
    let (excluded, gaps): (Vec<_>, Vec<_>) = picked.into_iter().partition(|gap| is_excluded(gap));
    let permission =
        |gap: &&'h Gap<'h>| Some(Permission { action: gap.action?, resource: gap.resource?, passed_to: gap.passed_to });
    let permissions: BTreeSet<_> = gaps.iter().filter_map(permission).collect();
    if permissions.is_empty() {
        return None;
    }
    let calls: Vec<_> = calls.iter().map(|(call, usage)| (call, usage)).collect();
    // What was denied otherwise tells no habit: an intruder's tries would put their address into a grant.
    let actions: BTreeSet<&Action> = permissions.iter().map(|permission| permission.action).collect();
    let is_habit =
        |call: &Call| call.outcome.is_allowed() || call.needs.uses().iter().any(|used| actions.contains(&used.action));
    let habits: Vec<_> = calls.iter().copied().filter(|(call, _)| is_habit(call)).collect();
    let (reviewed, conditions) = conditions(&habits, &permissions, principal.kind, &terms.conditions);
    let mut reasons: Vec<String> = gaps.iter().flat_map(|gap| reasons(gap)).collect();
    let left_out: BTreeSet<String> = excluded.iter().filter_map(|gap| gap.action).map(ToString::to_string).collect();
    if !left_out.is_empty() {
        let left_out = left_out.into_iter().collect::<Vec<_>>().join(", ");
        reasons.push(format!("left out as asked, though needed: {left_out}"));
    }
    reasons.extend(actions.iter().filter_map(|action| asked_besides(action, &permissions)));
    reasons.dedup();
    others.extend(excluded);
    Some(Elevation {
        principal,
        gaps,
        others,
        permissions: permissions.into_iter().collect(),
        window: terms.window,
        ticket: terms.ticket.clone(),
        reviewed,
        reasons,
        calls,
        conditions,
    })
}

fn reasons(gap: &Gap<'_>) -> Vec<String> {
    let Some(action) = gap.action else { return Vec::new() };
    let privileged = if is_privileged(action) { " (privileged)" } else { "" };
    let why = gap.reasons.first().map(String::as_str).unwrap_or_default();
    let mut reasons = vec![format!("{action}{privileged}: {why}")];
    if gap.resource.is_some_and(|resource| resource.basis == Basis::Pattern) {
        reasons
            .push(format!("{action}: the log names no resource; the grant holds the pattern of its type, narrow it"));
    }
    if gap.resource.is_some_and(Resource::is_widened_to_write) {
        reasons.push(format!("{action}: {STANDS_FOR_OTHERS}"));
    }
    reasons
}

/// What is said where a grant is wider than what was denied, because a policy cannot write it.
pub(super) const STANDS_FOR_OTHERS: &str =
    "the name has characters that no policy may hold; ? stands for each and fits others too";

/// Resource types that AWS asks about at every call of an action, and that nothing which was denied is of: it names the
/// first that it refuses.
fn asked_besides(action: &Action, permissions: &BTreeSet<Permission<'_>>) -> Option<String> {
    let facts = catalog::action(action.service_prefix(), action.name())?;
    let of_action = permissions.iter().filter(|permission| permission.action == action);
    let types: Option<BTreeSet<&str>> = of_action
        .map(|one| catalog::type_of_arn(action.service_prefix(), &one.resource.arn).map(|found| found.name))
        .collect();
    let types = types?;
    let required = facts.resources.iter().filter(|used| used.required).map(|used| used.resource_type.name);
    let missing: BTreeSet<&str> = required.filter(|name| !types.contains(name)).collect();
    let missing: Vec<&str> = missing.into_iter().collect();
    (!missing.is_empty()).then(|| {
        format!("{action} is asked about other types too, of which none was denied by name: {}; add them where it is denied again", missing.join(", "))
    })
}

impl Terms {
    /// Whether a gap is among those that are asked for.
    pub fn picks(&self, gap: &Gap<'_>) -> bool {
        self.needs.is_empty() || self.needs.contains(&gap.id())
    }

    /// Whether an action is left out.
    pub fn excludes(&self, action: &Action) -> bool {
        let action = action.to_string();
        self.excluded.iter().any(|pattern| matches_ignoring_case(pattern, &action))
    }
}

impl Elevation<'_> {
    /// The policy: what was denied, in the window, under the conditions but for some of them.
    pub fn document(&self, without: &[ConditionKind]) -> PolicyDocument {
        PolicyDocument::new(statements(&self.permissions, |action| self.conditions_of(action, without)))
    }

    fn conditions_of(&self, action: &Action, without: &[ConditionKind]) -> Conditions {
        let mut conditions = self.conditions.of(action);
        for key in without.iter().filter_map(|kind| kind.key()) {
            conditions.values_mut().for_each(|keys| _ = keys.remove(key));
        }
        conditions.retain(|_, keys| !keys.is_empty());
        let Window { not_before, not_after } = self.window;
        for (operator, time) in [("DateGreaterThanEquals", not_before), ("DateLessThan", not_after)] {
            let keys = conditions.entry(operator.to_owned()).or_default();
            keys.insert("aws:CurrentTime".to_owned(), vec![time.to_string()]);
        }
        conditions
    }

    /// What every statement of the policy asks for.
    pub fn conditions(&self, without: &[ConditionKind]) -> Conditions {
        let mut all = self.permissions.iter().map(|permission| self.conditions_of(permission.action, without));
        let mut shared = all.next().unwrap_or_default();
        for other in all {
            for (operator, keys) in &mut shared {
                keys.retain(|key, values| other.get(operator).and_then(|keys| keys.get(key)) == Some(values));
            }
        }
        shared.retain(|_, keys| !keys.is_empty());
        shared
    }

    /// A short name for it that follows from who is to get what, and when.
    pub fn id(&self) -> String {
        let mut parts =
            vec![self.principal.name.clone(), self.window.not_before.to_string(), self.window.not_after.to_string()];
        parts.extend(self.gaps.iter().map(|gap| gap.id()));
        digest(&parts, 4)
    }

    /// The account of the principal, where it is known.
    pub fn account(&self) -> Option<&str> {
        self.principal.account.as_deref().filter(|account| is_account_id(account))
    }

    /// The person who was denied, where it is one and known.
    pub fn person(&self) -> Option<&str> {
        if self.principal.kind == PrincipalKind::User {
            return Some(self.principal.short_name());
        }
        let people: BTreeSet<&str> = self.people();
        people
            .first()
            .copied()
            .filter(|_| people.len() == 1 && !self.gaps.iter().any(|gap| gap.usage.people.has_more()))
    }

    /// People who were denied what is granted, a few.
    pub fn people(&self) -> BTreeSet<&str> {
        self.gaps.iter().flat_map(|gap| gap.usage.people.iter()).map(|name| name.as_str()).collect()
    }

    /// Whether any of it is privileged.
    pub fn is_privileged(&self) -> bool {
        self.permissions.iter().any(|permission| is_privileged(permission.action))
    }
}
