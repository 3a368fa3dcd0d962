use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Thresholds;
use super::id::digest;
use super::need::{Judge, Judged, Need, Seen};
use super::successes::{People, Successes};
use super::verdict::{Denied, FixableBy};
use crate::aggregate::{Call, CallOutcome, History, Refusal, Usage};
use crate::classify::{Basis, Resource};
use crate::event::{DenialCause, Shape};
use crate::iam::{Action, DenyKind, PolicyType, Principal};

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
    /// The calls that were denied: `eventSource`, `eventName`, and how often; the most frequent first.
    pub calls: Vec<(&'h str, &'h str, u64)>,
    /// Which layer refused, and what it said.
    pub refusal: &'h Refusal,
    /// Messages of no known shape, verbatim.
    pub unread: BTreeSet<&'h str>,
    /// Who can close it.
    pub fixable_by: FixableBy,
    /// Whose the policy is that has to change, where the record tells.
    pub owner: Option<String>,
    /// What to do, in a sentence.
    pub advice: String,
    /// How sure all this is.
    pub confidence: Confidence,
    /// Whether anyone needs it.
    pub need: Need,
    /// Whether it came back often enough to be sure of a need.
    pub recurs: bool,
    /// Why it was judged so, in plain sentences.
    pub reasons: Vec<String>,
    /// The denied events.
    pub usage: Cow<'h, Usage>,
}

impl Gap<'_> {
    /// A short name for a gap that follows from what it is and nothing else. Of a million gaps two share theirs in
    /// about every third archive (40 bits); asking by it shows both then.
    pub fn id(&self) -> String {
        let refusal = self.refusal;
        let call = self.calls.first().filter(|_| self.action.is_none());
        let parts = [
            self.principal.name.clone(),
            self.action.map(ToString::to_string).unwrap_or_default(),
            call.map(|(source, name, _)| format!("{source} {name}")).unwrap_or_default(),
            self.resource.map(|resource| resource.arn.clone()).unwrap_or_default(),
            self.passed_to.unwrap_or_default().to_owned(),
            format!("{} {}", refusal.policy_type.as_str(), refusal.kind.as_str()),
            refusal.policy_arn.as_deref().unwrap_or_default().to_owned(),
            format!("{} {:?}", refusal.shape.as_str(), refusal.cause),
        ];
        digest(&parts, 5)
    }
}

/// How sure it is what was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The message names action, resource and layer.
    High,
    /// The message names the action; the resource or the layer is worked out or not known.
    Medium,
    /// The action follows from the name of the call.
    Low,
    /// Nobody knows the action.
    None,
}

impl Confidence {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
        }
    }
}

/// What gaps of one principal differ in. Two calls that lack the same permission are one gap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'h> {
    action: Option<&'h Action>,
    /// Where nobody knows the action, the call.
    call: Option<(&'h str, &'h str)>,
    resource: Option<&'h Resource>,
    passed_to: Option<&'static str>,
    layer: (PolicyType, DenyKind, Option<&'h str>),
    /// What the message adds to the layer.
    shape: Shape,
    cause: DenialCause,
}

/// The denied calls of a gap.
struct Found<'h> {
    refusal: &'h Refusal,
    is_encoded: bool,
    unread: BTreeSet<&'h str>,
    calls: BTreeMap<(&'h str, &'h str), u64>,
    /// Services that made calls for the principal; `None` for calls it made itself.
    made_by: BTreeSet<Option<&'h str>>,
    usage: Cow<'h, Usage>,
}

/// Every gap, sorted by principal. An event that was denied for several actions at once counts in each.
pub fn gaps<'h>(history: &'h History, thresholds: &Thresholds) -> Vec<Gap<'h>> {
    let people = People::of(history);
    let by_principal: Vec<_> = history.calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal).collect();
    let gaps: Vec<Vec<Gap<'_>>> =
        by_principal.into_par_iter().map(|calls| gaps_of_one(calls, &people, thresholds)).collect();
    gaps.into_iter().flatten().collect()
}

/// The gaps of the principal whose calls these are.
fn gaps_of_one<'h>(calls: &'h [(Call, Usage)], people: &People<'h>, thresholds: &Thresholds) -> Vec<Gap<'h>> {
    let found = denied(calls);
    let Some((first, _)) = calls.first().filter(|_| !found.is_empty()) else { return Vec::new() };
    let principal = &*first.principal;
    let successes = Successes::of(calls, people, found.keys().filter_map(|key| key.action).collect());
    let seen =
        found.iter().map(|(key, found)| Seen::of(principal, (key.action, key.resource), &found.made_by, &found.usage));
    let judge = Judge::new(seen.collect(), &successes, thresholds);
    let judged = judge.all();
    found.into_iter().zip(judged).map(|((key, found), judged)| gap(principal, key, found, judged)).collect()
}

fn denied(calls: &[(Call, Usage)]) -> BTreeMap<Key<'_>, Found<'_>> {
    let mut all = BTreeMap::new();
    for (call, usage) in calls {
        let CallOutcome::Denied(refusal) = &*call.outcome else { continue };
        let name = (&*call.operation.source, &*call.operation.name);
        let key = Key {
            action: None,
            call: None,
            resource: None,
            passed_to: None,
            layer: (refusal.policy_type, refusal.kind, refusal.policy_arn.as_deref()),
            shape: refusal.shape,
            cause: refusal.cause,
        };
        let mut wants = Vec::new();
        for used in call.needs.uses() {
            let key = Key { action: Some(&used.action), passed_to: used.passed_to, ..key };
            let mut named = used.resources.iter().filter(|one| one.is_named()).peekable();
            match (refusal.policy_type, named.peek()) {
                // Where nobody knows who refused, nothing is granted: that there may be other resources helps
                // nobody.
                (PolicyType::Unknown, Some(_)) => wants.extend(named.map(|one| Key { resource: Some(one), ..key })),
                (PolicyType::Unknown, None) => wants.push(Key { resource: used.resources.first(), ..key }),
                _ => wants.extend(used.resources.iter().map(|one| Key { resource: Some(one), ..key })),
            }
        }
        if wants.is_empty() {
            wants.push(Key { call: Some(name), ..key });
        }
        for key in wants {
            let found = match all.entry(key) {
                Entry::Vacant(entry) => entry.insert(Found {
                    refusal,
                    is_encoded: false,
                    unread: BTreeSet::new(),
                    calls: BTreeMap::new(),
                    made_by: BTreeSet::new(),
                    usage: Cow::Borrowed(usage),
                }),
                Entry::Occupied(entry) => {
                    let found = entry.into_mut();
                    found.usage.to_mut().merge(usage.without_times());
                    found
                }
            };
            found.is_encoded |= refusal.is_encoded;
            found.unread.extend(refusal.unread.as_deref());
            *found.calls.entry(name).or_default() += usage.count;
            found.made_by.insert(call.invoked_by.as_ref().map(|service| service.as_str()));
        }
    }
    all
}

fn gap<'h>(principal: &'h Principal, key: Key<'h>, found: Found<'h>, judged: Judged) -> Gap<'h> {
    let Key { action, resource, passed_to, .. } = key;
    let Found { refusal, is_encoded, unread, calls, usage, .. } = found;
    let mut calls: Vec<_> = calls.into_iter().map(|((source, name), count)| (source, name, count)).collect();
    calls.sort_by_key(|(.., count)| Reverse(*count));
    let event = calls.first().map(|(_, name, _)| *name).unwrap_or_default();
    let verdict = Denied { principal, action, resource, passed_to, event, refusal, usage: &usage }.verdict();
    let Judged { need, recurs, mut reasons, hint } = judged;
    let layer_is_known = refusal.policy_type != PolicyType::Unknown;
    if layer_is_known {
        reasons.push("AWS names one layer only; closing this gap may uncover the next".to_owned());
    }
    if verdict.fixable_by == FixableBy::Unknown && action.is_some() && principal.kind.why_no_policy().is_none() {
        reasons.push(
            "within one account it is mostly an identity policy that lacks the action; nothing here proves it"
                .to_owned(),
        );
    }
    if is_encoded {
        reasons.push("part of the message is encoded; `aws sts decode-authorization-message` reads it, which needs sts:DecodeAuthorizationMessage".to_owned());
    }
    if resource.is_some_and(|resource| resource.basis == Basis::Prefix) {
        reasons.push("there are more resources than are told apart; the prefix stands for many of them".to_owned());
    }
    if let Some(hint) = hint.filter(|_| verdict.fixable_by == FixableBy::Condition) {
        reasons.push(hint);
    }
    let from_message = resource.is_some_and(|resource| resource.basis == Basis::Message);
    let confidence = match action {
        None => Confidence::None,
        Some(_) if refusal.names_action && from_message && layer_is_known => Confidence::High,
        Some(_) if refusal.names_action => Confidence::Medium,
        Some(_) => Confidence::Low,
    };
    Gap {
        principal,
        action,
        resource,
        passed_to,
        calls,
        refusal,
        unread,
        fixable_by: verdict.fixable_by,
        owner: verdict.owner,
        advice: verdict.advice,
        confidence,
        need,
        recurs,
        reasons,
        usage,
    }
}
