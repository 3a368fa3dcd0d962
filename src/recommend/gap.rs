use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::need::{Denied, Need, Successes, judge};
use crate::aggregate::{Call, CallOutcome, History, Usage};
use crate::classify::{Basis, Resource};
use crate::event::DenialCause;
use crate::iam::{Action, Arn, DenyKind, PolicyType, Principal, PrincipalKind};

/// A permission gap: what one principal was denied, on what, by which layer.
#[derive(Clone, Debug)]
pub struct Gap<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// What was missing; `None` when neither the record nor the catalog says.
    pub action: Option<&'h Action>,
    /// On what, as far as the log says.
    pub resource: Option<&'h Resource>,
    /// The service that a passed role was to be handed to, where that is known.
    pub passed_to: Option<&'static str>,
    /// `eventSource`.
    pub source: &'h str,
    /// `eventName`.
    pub name: &'h str,
    /// Whose permission was missing.
    pub cause: DenialCause,
    /// Implicit or explicit.
    pub kind: DenyKind,
    /// The layer that denied.
    pub policy_type: PolicyType,
    /// The policy that denied.
    pub policy_arn: Option<&'h str>,
    /// Who can close it.
    pub fixable_by: FixableBy,
    /// Whether anyone needs it.
    pub need: Need,
    /// Why it was judged so, in plain sentences.
    pub reasons: Vec<String>,
    /// The denied events.
    pub usage: Cow<'h, Usage>,
}

/// Who can close a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FixableBy {
    /// An Allow in an identity policy of the principal.
    IdentityPolicy,
    /// The owner of the resource, endpoint or role.
    ResourceOwner,
    /// Whoever administers the organisation or the boundary.
    Organization,
    /// The caller, by meeting a condition or using another session; no grant helps.
    Condition,
    /// Nobody: AWS sets it.
    Nobody,
    /// The log does not say enough.
    Unknown,
}

impl FixableBy {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IdentityPolicy => "identity-policy",
            Self::ResourceOwner => "resource-owner",
            Self::Organization => "organization",
            Self::Condition => "condition",
            Self::Nobody => "nobody",
            Self::Unknown => "unknown",
        }
    }
}

type Key<'h> = (
    Option<&'h Action>,
    (Option<&'h Resource>, Option<&'static str>),
    (&'h str, &'h str),
    (DenialCause, DenyKind, PolicyType),
    Option<&'h str>,
);

/// The denials of one principal, and what it was denied action by action.
type Found<'h> = BTreeMap<Key<'h>, Cow<'h, Usage>>;
type Tried<'h> = BTreeMap<&'h Action, BTreeSet<Option<&'h Resource>>>;

/// Every gap, sorted. An event that was denied for several actions at once counts in each.
pub fn gaps(history: &History) -> Vec<Gap<'_>> {
    // Calls are sorted by principal, and nothing here looks beyond one.
    let by_principal: Vec<_> = history.calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal).collect();
    let gaps: Vec<Vec<Gap<'_>>> = by_principal.into_par_iter().map(gaps_of_one).collect();
    gaps.into_iter().flatten().collect()
}

/// The gaps of the principal whose calls these are.
fn gaps_of_one(calls: &[(Call, Usage)]) -> Vec<Gap<'_>> {
    let found = denied(calls);
    let Some((first, _)) = calls.first().filter(|_| !found.is_empty()) else { return Vec::new() };
    let mut tried = Tried::new();
    for (action, (resource, _), ..) in found.keys() {
        if let Some(action) = action {
            tried.entry(action).or_default().insert(*resource);
        }
    }
    let successes = Successes::of(calls, &tried);
    found.into_iter().map(|(key, usage)| gap(&first.principal, key, usage, &tried, &successes)).collect()
}

fn denied(calls: &[(Call, Usage)]) -> Found<'_> {
    let mut found = Found::new();
    for (call, usage) in calls {
        let CallOutcome::Denied { cause, kind, policy_type, policy_arn } = &*call.outcome else { continue };
        let mut wants: Vec<(Option<&Action>, (Option<&Resource>, _))> = Vec::new();
        for used in call.needs.uses() {
            wants.extend(used.resources.iter().map(|one| (Some(&used.action), (Some(one), used.passed_to))));
        }
        if wants.is_empty() {
            wants.push((None, (None, None)));
        }
        let (source, name) = (&*call.operation.source, &*call.operation.name);
        for (action, resource) in wants {
            let layer = (*cause, *kind, *policy_type);
            match found.entry((action, resource, (source, name), layer, policy_arn.as_deref())) {
                Entry::Vacant(entry) => drop(entry.insert(Cow::Borrowed(usage))),
                Entry::Occupied(entry) => entry.into_mut().to_mut().merge(usage.clone()),
            }
        }
    }
    found
}

fn gap<'h>(
    principal: &'h Principal,
    (action, (resource, passed_to), (source, name), (cause, kind, policy_type), policy_arn): Key<'h>,
    usage: Cow<'h, Usage>,
    tried: &Tried<'h>,
    successes: &Successes<'h>,
) -> Gap<'h> {
    let (fixable_by, why) = who_can_fix(principal, action, resource, cause, kind, policy_type);
    let denied = Denied {
        action,
        resource,
        usage: &usage,
        actions: tried.len(),
        resources: action.and_then(|action| tried.get(action)).map_or(0, BTreeSet::len),
    };
    let (need, mut reasons) = judge(successes, &denied);
    reasons.push(why.to_owned());
    if policy_type != PolicyType::Unknown {
        reasons.push("AWS names one layer only; closing this gap may uncover the next".to_owned());
    }
    if resource.is_some_and(|resource| resource.basis == Basis::Prefix) {
        reasons.push("there are more resources than are told apart; the prefix stands for many of them".to_owned());
    }
    Gap {
        principal,
        action,
        resource,
        passed_to,
        source,
        name,
        cause,
        kind,
        policy_type,
        policy_arn,
        fixable_by,
        need,
        reasons,
        usage,
    }
}

/// Who can close a gap, and why. An explicit deny, and anything an organisation, a boundary, a session
/// or an endpoint says, never leads to an Allow. After the IAM user guide's "Policy evaluation logic".
fn who_can_fix(
    principal: &Principal,
    action: Option<&Action>,
    resource: Option<&Resource>,
    cause: DenialCause,
    kind: DenyKind,
    policy_type: PolicyType,
) -> (FixableBy, &'static str) {
    use FixableBy::{Condition, IdentityPolicy, Nobody, Organization, ResourceOwner, Unknown};
    match (cause, kind, policy_type) {
        (DenialCause::Dependency, ..) => {
            return (Unknown, "a service or role acting for the caller was denied; look at its permissions");
        }
        (DenialCause::ResourceNotShared, ..) => return (ResourceOwner, "the owner of the image has not shared it"),
        (_, _, PolicyType::VpcEndpoint) => {
            return (ResourceOwner, "the policy of the VPC endpoint decides; its owner can change it");
        }
        (_, _, PolicyType::Scp | PolicyType::Rcp) => {
            return (Organization, "a policy of the organisation decides; ask its administrators");
        }
        (_, _, PolicyType::Boundary) => {
            return (Organization, "the permissions boundary decides; whoever owns it can widen it");
        }
        (_, _, PolicyType::Session) => {
            return (Condition, "the session's own policy is narrower; start a session with a wider one");
        }
        (_, _, PolicyType::Trust) => {
            return (ResourceOwner, "the role's trust policy decides; its owner can change it");
        }
        (_, DenyKind::Explicit, PolicyType::Resource) => {
            return (ResourceOwner, "a Deny in the resource's policy hit it; no Allow beats that");
        }
        (_, DenyKind::Explicit, _) => {
            return (Condition, "a Deny statement hit it; no Allow beats that: meet its condition or have it narrowed");
        }
        _ => {}
    }
    match principal.kind.why_no_policy() {
        Some(why) if principal.kind.is_service() => return (Nobody, why),
        Some(why) => return (Unknown, why),
        None => {}
    }
    let unlike = |arn: &Arn<'_>| !arn.account.is_empty() && Some(arn.account) != principal.account.as_deref();
    let elsewhere = resource.is_some_and(|r| Arn::parse(&r.arn).is_ok_and(|arn| unlike(&arn)));
    let owner_decides = action.is_some_and(|a| matches!(a.service_prefix(), "kms" | "sts"));
    match (kind, policy_type) {
        (DenyKind::Implicit, PolicyType::Identity) if principal.kind != PrincipalKind::Unknown => {
            (IdentityPolicy, "no identity policy allows it; one can")
        }
        (DenyKind::Implicit, PolicyType::Resource) if elsewhere || owner_decides => {
            (ResourceOwner, "the resource's own policy has to allow it")
        }
        (DenyKind::Implicit, PolicyType::Resource) => {
            (IdentityPolicy, "in the same account an identity policy can allow it as well as the resource's")
        }
        _ => (Unknown, "the record does not say which policy denied it"),
    }
}
