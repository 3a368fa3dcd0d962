//! Gaps as rows: which are shown, how they are grouped, in which order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::build::{empty, evidence, time};
use super::rows::*;
use crate::aggregate::{CallOutcome, History};
use crate::recommend::{FixableBy, Gap, Need};

/// By what gaps are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Who was denied.
    #[default]
    Principal,
    /// The permission that was missing.
    Action,
    /// On what it was missing.
    Resource,
    /// The layer that refused, and how.
    Layer,
    /// The policy that refused.
    Policy,
}

impl By {
    /// Every one; the first is the default.
    pub const ALL: [Self; 5] = [Self::Principal, Self::Action, Self::Resource, Self::Layer, Self::Policy];

    /// The word users type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Layer => "layer",
            Self::Policy => "policy",
        }
    }

    /// What a gap has in common with others of its group.
    fn key(self, gap: &Gap<'_>) -> Option<String> {
        match self {
            Self::Principal => Some(gap.principal.name.clone()),
            Self::Action => gap.action.map(ToString::to_string),
            Self::Resource => resource(gap),
            Self::Layer => Some(format!("{} {}", gap.refusal.policy_type.as_str(), gap.refusal.kind.as_str())),
            Self::Policy => gap.refusal.policy_arn.as_deref().map(str::to_owned),
        }
    }
}

/// Which gaps are shown, and how.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// How they are grouped.
    pub by: By,
    /// Only these; empty means all.
    pub needs: Vec<Need>,
    /// Only these; empty means all.
    pub fixable_by: Vec<FixableBy>,
    /// Only those with such an id; empty means all.
    pub gaps: Vec<String>,
    /// Denials of AWS's own services and roles too.
    pub services_too: bool,
    /// Rows only of so many needs, the most needed; groups count all. `None` means rows of all gaps.
    pub most: Option<usize>,
}

/// Permission gaps, the most needed first.
pub fn denied(history: &History, gaps: &[Gap<'_>], view: &View) -> Report {
    let mut report = empty("trailwright.denied/1", history);
    let (groups, rows) = grouped(gaps, view);
    report.layers = Some(layers(history));
    report.kept_apart = Some(kept_apart(gaps, view));
    report.groups = Some(groups);
    report.denied = Some(rows);
    report
}

/// Denied events by layer, the most frequent first.
pub(super) fn layers(history: &History) -> Vec<LayerRow> {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for (call, usage) in &history.calls {
        if let CallOutcome::Denied(refusal) = &*call.outcome {
            *counts.entry((refusal.policy_type, refusal.kind)).or_default() += usage.count;
        }
    }
    let mut rows: Vec<_> = counts
        .into_iter()
        .map(|((layer, kind), count)| LayerRow { policy_type: layer.as_str(), deny: kind.as_str(), count })
        .collect();
    rows.sort_by_key(|row| Reverse(row.count));
    rows
}

pub(super) fn kept_apart(gaps: &[Gap<'_>], view: &View) -> KeptApartRow {
    let apart = gaps.iter().filter(|gap| !view.services_too && gap.principal.kind.is_service());
    let principals: BTreeSet<_> = apart.clone().map(|gap| gap.principal).collect();
    KeptApartRow {
        principals: principals.len() as u64,
        gaps: apart.clone().count() as u64,
        count: apart.map(|gap| gap.usage.count).sum(),
    }
}

/// Of groups and of gaps within one: the most needed first, and what can be done about.
fn rank(gap: &Gap<'_>) -> impl Ord {
    (gap.need, gap.fixable_by, Reverse((gap.recurs, gap.usage.days.len(), gap.usage.count)))
}

/// The groups, and the gaps one group after the other.
pub(super) fn grouped(gaps: &[Gap<'_>], view: &View) -> (Vec<GroupRow>, Vec<DeniedRow>) {
    let mut groups: BTreeMap<Option<String>, Vec<&Gap<'_>>> = BTreeMap::new();
    for gap in gaps.iter().filter(|gap| view.shows(gap)) {
        groups.entry(view.by.key(gap)).or_default().push(gap);
    }
    for gaps in groups.values_mut() {
        gaps.sort_by_key(|gap| rank(gap));
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, gaps)| gaps.first().map(|gap| rank(gap)));
    let heads = groups.iter().map(|(key, gaps)| group_row(view.by, key.clone(), gaps)).collect();
    let mut rows: Vec<_> = groups.into_iter().flat_map(|(_, gaps)| gaps).collect();
    if let Some(most) = view.most {
        rows.retain(|gap| gap.need == Need::Need);
        rows.sort_by_key(|gap| rank(gap));
        rows.truncate(most);
    }
    (heads, rows.into_par_iter().map(row).collect())
}

impl View {
    fn shows(&self, gap: &Gap<'_>) -> bool {
        (self.services_too || !gap.principal.kind.is_service())
            && (self.needs.is_empty() || self.needs.contains(&gap.need))
            && (self.fixable_by.is_empty() || self.fixable_by.contains(&gap.fixable_by))
            && (self.gaps.is_empty() || self.gaps.contains(&gap.id()))
    }
}

fn group_row(by: By, key: Option<String>, gaps: &[&Gap<'_>]) -> GroupRow {
    let of = |need| gaps.iter().filter(|gap| gap.need == need).count() as u64;
    GroupRow {
        by: by.as_str(),
        key,
        gaps: gaps.len() as u64,
        needs: of(Need::Need),
        probing: of(Need::Probing),
        noise: of(Need::Noise),
        resolved: of(Need::Resolved),
        count: gaps.iter().map(|gap| gap.usage.count).sum(),
        last: time(gaps.iter().filter_map(|gap| gap.usage.last()).max()),
    }
}

/// The resource, where the log names one.
fn resource(gap: &Gap<'_>) -> Option<String> {
    gap.resource.filter(|resource| resource.is_named()).map(|resource| resource.arn.clone())
}

fn row(gap: &Gap<'_>) -> DeniedRow {
    let usage = &*gap.usage;
    let first = gap.calls.first();
    let call = |(source, name, count): &(&str, &str, u64)| CallRow {
        event_source: (*source).to_owned(),
        event_name: (*name).to_owned(),
        count: *count,
    };
    DeniedRow {
        principal: gap.principal.name.clone(),
        kind: gap.principal.kind.as_str(),
        action: gap.action.map(ToString::to_string),
        resource: resource(gap),
        event_source: first.map(|(source, ..)| (*source).to_owned()).unwrap_or_default(),
        event_name: first.map(|(_, name, _)| (*name).to_owned()).unwrap_or_default(),
        deny: gap.refusal.kind.as_str(),
        policy_type: gap.refusal.policy_type.as_str(),
        policy_arn: gap.refusal.policy_arn.as_deref().map(str::to_owned),
        fixable_by: gap.fixable_by.as_str(),
        owner: gap.owner.clone(),
        advice: gap.advice.clone(),
        confidence: gap.confidence.as_str(),
        need: gap.need.as_str(),
        recurs: gap.recurs,
        reasons: gap.reasons.clone(),
        count: usage.count,
        days: usage.days.len(),
        sessions: usage.sessions.len(),
        first: time(usage.first()),
        last: time(usage.last()),
        people: usage.people.iter().map(|name| name.to_string()).collect(),
        addresses: usage.addresses.iter().map(ToString::to_string).collect(),
        vpc_endpoints: usage.vpc_endpoints.iter().map(ToString::to_string).collect(),
        mfa: match usage.mfa {
            (true, false, false) => Some(true),
            (false, true, false) => Some(false),
            _ => None,
        },
        calls: gap.calls.iter().map(call).collect(),
        message_shape: gap.refusal.shape.as_str(),
        unread_messages: gap.unread.iter().map(|text| (*text).to_owned()).collect(),
        gap: gap.id(),
        evidence: evidence(&usage.evidence),
    }
}
