//! What correlations look at: the calls whose times are kept, principal by principal.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Found, Step};
use crate::aggregate::{Call, CallOutcome, EventRef, History, Sighted, Trace, Usage};
use crate::catalog::without_version;
use crate::classify::Basis;
use crate::detect::Severity;
use crate::iam::{Arn, Principal, service_label};
use crate::intern::Interned;

/// A history, ready to be looked at.
pub struct Story<'h> {
    /// All of it.
    pub history: &'h History,
    /// The calls whose times are kept, by principal.
    pub principals: Vec<Actions<'h>>,
    by_name: BTreeMap<&'h str, usize>,
}

/// What one principal did that may be part of something.
pub struct Actions<'h> {
    /// Who.
    pub principal: &'h Interned<Principal>,
    /// First and last of all that it did.
    pub span: (Timestamp, Timestamp),
    /// The calls whose times are kept.
    pub traced: Vec<Traced<'h>>,
}

/// A call and when it was made.
#[derive(Clone, Copy)]
pub struct Traced<'h> {
    /// The call.
    pub call: &'h Call,
    /// How often and in which circumstances.
    pub usage: &'h Usage,
    /// When.
    pub trace: &'h Trace,
}

impl<'h> Story<'h> {
    /// Of a history.
    pub fn of(history: &'h History) -> Self {
        let groups = history.calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal);
        let principals: Vec<_> = groups.filter_map(Actions::of).collect();
        let names = (0..).zip(&principals).map(|(at, actions)| (actions.principal.name.as_str(), at));
        Self { history, by_name: names.collect(), principals }
    }

    /// What a principal did, by its ARN.
    pub fn principal(&self, name: &str) -> Option<&Actions<'h>> {
        self.principals.get(*self.by_name.get(name)?)
    }
}

impl<'h> Actions<'h> {
    fn of(calls: &'h [(Call, Usage)]) -> Option<Self> {
        let (first, _) = calls.first()?;
        let traced = calls.iter().filter_map(|(call, usage)| {
            let trace = usage.trace.as_deref()?;
            Some(Traced { call, usage, trace })
        });
        let first_time = calls.iter().filter_map(|(_, usage)| usage.first()).min()?;
        let last_time = calls.iter().filter_map(|(_, usage)| usage.last()).max()?;
        let traced: Vec<_> = traced.collect();
        let is_of_use = !traced.is_empty() && !first.principal.kind.is_service();
        is_of_use.then_some(Self { principal: &first.principal, span: (first_time, last_time), traced })
    }

    /// Its calls of some names of a source that succeeded.
    pub fn done(&self, source: &str, names: &[&str]) -> Vec<Traced<'h>> {
        self.traced.iter().filter(|one| one.is_done() && one.is(source, names)).copied().collect()
    }
}

impl<'h> Traced<'h> {
    /// Whether it is a call of one of these names.
    pub fn is(&self, source: &str, names: &[&str]) -> bool {
        let operation = &self.call.operation;
        service_label(&operation.source) == Some(source) && names.contains(&without_version(&operation.name))
    }

    /// Whether it was done.
    pub fn is_done(&self) -> bool {
        *self.call.outcome == CallOutcome::Succeeded
    }

    /// What it is about.
    pub fn about(&self) -> Option<&'h str> {
        about(self.call)
    }

    /// Every resource that it names.
    pub fn resources(&self) -> impl Iterator<Item = &'h str> {
        named(self.call)
    }

    /// The gravest finding of a class.
    pub fn finds(&self, class: &str) -> Option<Severity> {
        let of_class = self.call.findings.iter().filter(|finding| finding.kind.class.as_deref() == Some(class));
        of_class.map(|finding| finding.severity).max()
    }

    /// Whether the same person may have made both: unless both times somebody else is named.
    pub fn may_be_one_person(&self, other: &Self) -> bool {
        let (own, others) = (&self.usage.people, &other.usage.people);
        let unknown = own.is_empty() || others.is_empty() || own.has_more() || others.has_more();
        unknown || own.iter().any(|person| others.iter().any(|other| person == other))
    }

    /// The first time that `then` followed within `window`, both ends included.
    pub fn followed_by(&self, then: &Self, window: SignedDuration) -> Option<Pair<'h>> {
        let mut maybe = None;
        for first in self.trace.moments() {
            let end = first.time.checked_add(window).unwrap_or(Timestamp::MAX);
            match then.trace.between(first.time, end) {
                Sighted::Yes(second) => return Some(Pair { first, second, is_uncertain: false }),
                Sighted::Maybe(second) => maybe = maybe.or(Some(Pair { first, second, is_uncertain: true })),
                Sighted::No => {}
            }
        }
        maybe
    }
}

/// One event after another.
pub struct Pair<'h> {
    /// The earlier one.
    pub first: &'h EventRef,
    /// The later one.
    pub second: &'h EventRef,
    /// Whether times are not kept exactly enough to be sure.
    pub is_uncertain: bool,
}

impl<'h> Pair<'h> {
    /// What that is of two calls of one principal.
    pub fn found(&self, severity: Severity, first: &Traced<'h>, second: &Traced<'h>) -> Found<'h> {
        Found {
            principal: &first.call.principal,
            severity,
            resource: first.about().map(Into::into),
            reasons: Vec::new(),
            is_uncertain: self.is_uncertain,
            steps: vec![Step::of(first.call, self.first), Step::of(second.call, self.second)],
            usages: vec![first.usage, second.usage],
        }
    }
}

/// The resource that a call names, if it names one that is not kept as a prefix.
pub(super) fn about(call: &Call) -> Option<&str> {
    named(call).next()
}

fn named(call: &Call) -> impl Iterator<Item = &str> {
    let resources = call.needs.uses().iter().flat_map(|used| &used.resources);
    let is_named = |basis| matches!(basis, Basis::Record | Basis::Message | Basis::Partial | Basis::Created);
    resources.filter(move |resource| is_named(resource.basis)).map(|resource| resource.arn.as_str())
}

/// Whether two ARNs name one thing: what stands behind the name, a version or an alias, does not count.
pub(super) fn is_same_thing(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (Ok(one), Ok(other)) = (Arn::parse(one), Arn::parse(other)) else { return false };
    let place = |arn: &Arn<'_>| (arn.service.to_owned(), arn.region.to_owned(), arn.account.to_owned());
    place(&one) == place(&other) && bare(one.resource) == bare(other.resource)
}

/// The name in a resource without its kind: `f` of `function:f:prod`, `family` of `task-definition/family:3`, and
/// `Name` of `role/path/Name`.
fn bare(resource: &str) -> &str {
    let without_kind = match resource.split_once(['/', ':']) {
        Some((_, rest)) => rest,
        None => resource,
    };
    let last = without_kind.rsplit('/').next().unwrap_or(without_kind);
    last.split(':').next().unwrap_or(last)
}
