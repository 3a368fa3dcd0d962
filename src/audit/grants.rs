//! Grant by grant: what was done, what was not, and what to give next time.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use rayon::prelude::*;

use super::completeness::Completeness;
use super::judge::{Found, of_grant};
use super::{Made, rules};
use crate::aggregate::CallOutcome;
use crate::iam::{Conditions, PolicyDocument, Statement, matches_ignoring_case};
use crate::ledger::Grant;
use crate::recommend::{Permission, statements};
use crate::watch::{Phase, Scope, Watch};

/// A grant and what was done with it.
#[derive(Debug)]
pub struct Audited<'h> {
    /// Its number in the ledger.
    pub number: u32,
    /// The grant.
    pub grant: &'h Grant,
    /// Whether it was used.
    pub status: Status,
    /// Whether the archive ends before everything of the window can be in it.
    pub is_provisional: bool,
    /// The calls that belong to it, the first one first: those while it held and those it is told of.
    pub timeline: Vec<Made<'h>>,
    /// Patterns of actions that no call needed.
    pub unused: Vec<&'h str>,
    /// What to give next time.
    pub next: Option<Next>,
    /// What limits what is said here.
    pub notes: Vec<String>,
}

/// Whether a grant was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// While it held.
    Used,
    /// Only denied calls while it held.
    OnlyDenied,
    /// Not that the log tells.
    Unused,
    /// The archive cannot tell.
    NotCovered,
    /// It was taken back before it began.
    NeverHeld,
}

impl Status {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::OnlyDenied => "only-denied",
            Self::Unused => "unused",
            Self::NotCovered => "not-covered",
            Self::NeverHeld => "never-held",
        }
    }
}

/// The narrower grant.
#[derive(Debug)]
pub struct Next {
    /// What was used of it, and nothing else.
    pub document: PolicyDocument,
    /// From the first use to the last, in whole quarters of an hour.
    pub duration: SignedDuration,
}

/// A quarter of an hour, in seconds.
const QUARTER: i64 = 900;

/// Every grant, and what there is to tell of it that no call tells.
pub(super) fn all<'h>(
    made: &[Made<'h>],
    watch: &'h Watch,
    completeness: &Completeness<'_>,
) -> (Vec<Audited<'h>>, Vec<Found<'h>>) {
    let mut of: Vec<Vec<Made<'h>>> = vec![Vec::new(); watch.grants().len()];
    for one in made.iter().filter(|(_, _, stand)| stand.phase != Phase::OtherPerson) {
        for number in &one.2.grants {
            if let Some(calls) = of.get_mut(*number as usize) {
                calls.push(*one);
            }
        }
    }
    let one =
        |((number, grant), timeline): ((u32, &'h Grant), Vec<Made<'h>>)| audited(number, grant, timeline, completeness);
    let numbered: Vec<_> = (0_u32..).zip(watch.grants()).zip(of).collect();
    let (grants, found): (Vec<_>, Vec<_>) = numbered.into_par_iter().map(one).unzip();
    (grants, found.into_iter().flatten().collect())
}

fn audited<'h>(
    number: u32,
    grant: &'h Grant,
    mut timeline: Vec<Made<'h>>,
    completeness: &Completeness<'_>,
) -> (Audited<'h>, Vec<Found<'h>>) {
    timeline
        .sort_by(|(a, one, _), (b, other, _)| (one.first(), one.last(), *a).cmp(&(other.first(), other.last(), *b)));
    let within: Vec<Made<'h>> = timeline.iter().filter(|(_, _, stand)| stand.phase == Phase::Within).copied().collect();
    let is_denied = |(call, ..): &Made<'_>| matches!(*call.outcome, CallOutcome::Denied(_));
    let not_covered = completeness.why_not_covered(grant);
    let status = match (&not_covered, within.is_empty(), within.iter().all(is_denied)) {
        (_, false, false) => Status::Used,
        (_, false, true) => Status::OnlyDenied,
        (_, true, _) if grant.ends() <= grant.not_before => Status::NeverHeld,
        (Some(_), true, _) => Status::NotCovered,
        (None, true, _) => Status::Unused,
    };
    let is_provisional = completeness.is_provisional(grant);
    let mut notes: Vec<String> = not_covered.into_iter().collect();
    let through = completeness.through();
    if let Some(through) = through.filter(|_| is_provisional) {
        notes.push(format!("provisional: the archive ends at {through}, before everything of the window can be in it"));
    }
    let unused = match status {
        Status::Used => unused(grant, &within),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    if status == Status::Unused {
        let mut reasons = vec!["no call is logged by the subject and the person while it held".to_owned()];
        if !completeness.has_data_events {
            reasons.push("no data events are logged: the use of objects, items and functions does not show".to_owned());
        }
        if is_provisional {
            reasons.push("provisional: events may be missing yet".to_owned());
        }
        found.push(of_grant(&rules::UNUSED, number, grant, reasons));
    }
    if !unused.is_empty() {
        let names: Vec<String> = unused.iter().map(|name| (*name).to_owned()).collect();
        found.push(of_grant(
            &rules::PARTLY_USED,
            number,
            grant,
            vec![format!("never used: {}", super::judge::few(&names))],
        ));
    }
    let gaps = completeness.gaps(grant);
    if !gaps.is_empty() {
        found.push(of_grant(&rules::LOG_GAP, number, grant, gaps));
    }
    let next = next(grant, &within);
    (Audited { number, grant, status, is_provisional, timeline, unused, next, notes }, found)
}

/// Patterns of actions that nothing fits of what went through.
fn unused<'h>(grant: &'h Grant, within: &[Made<'_>]) -> Vec<&'h str> {
    // What another role did was not done by what was granted.
    let done = within
        .iter()
        .filter(|(call, _, stand)| stand.origin.is_none() && !matches!(*call.outcome, CallOutcome::Denied(_)));
    let used: BTreeSet<String> =
        done.flat_map(|(call, ..)| call.needs.uses()).map(|used| used.action.to_string()).collect();
    let is_unused = |pattern: &&String| !used.iter().any(|action| matches_ignoring_case(pattern, action));
    grant.actions.iter().filter(is_unused).map(String::as_str).collect()
}

/// What was used while the grant held and is among what it names.
fn next(grant: &Grant, within: &[Made<'_>]) -> Option<Next> {
    let fits = |(call, _, stand): &&Made<'_>| {
        call.outcome.is_allowed() && !matches!(stand.scope, Scope::ActionOutside | Scope::ResourceOutside)
    };
    let used: Vec<_> = within.iter().filter(fits).collect();
    let permissions: BTreeSet<Permission<'_>> = used
        .iter()
        // What another role did was not done by what was granted.
        .filter(|(_, _, stand)| stand.origin.is_none())
        .flat_map(|(call, ..)| call.needs.uses())
        // Where several grants held at once, another one may have allowed it.
        .filter(|one| is_named(grant, &one.action.to_string()))
        .flat_map(|one| {
            let passed_to = one.passed_to;
            one.resources.iter().map(move |resource| Permission { action: &one.action, resource, passed_to })
        })
        .collect();
    let permissions: Vec<_> = permissions.into_iter().collect();
    let statements: Vec<Statement> = statements(&permissions, |_| Conditions::new());
    let first = used.iter().filter_map(|(_, usage, _)| usage.first()).min()?;
    let last = used.iter().filter_map(|(_, usage, _)| usage.last()).max()?;
    let seconds = last.as_second() - first.as_second() + 1;
    let duration = SignedDuration::from_secs((seconds + QUARTER - 1) / QUARTER * QUARTER);
    (!statements.is_empty()).then(|| Next { document: PolicyDocument::new(statements), duration })
}

fn is_named(grant: &Grant, action: &str) -> bool {
    grant.actions.is_empty() || grant.actions.iter().any(|pattern| matches_ignoring_case(pattern, action))
}

impl Audited<'_> {
    /// Events that ended so.
    pub fn events(&self, so: impl Fn(&CallOutcome) -> bool) -> u64 {
        self.timeline.iter().filter(|(call, ..)| so(&call.outcome)).map(|(_, usage, _)| usage.count).sum()
    }

    /// How many sessions there are.
    pub fn sessions(&self) -> usize {
        self.timeline.iter().map(|(_, _, stand)| stand.sitting.number).collect::<BTreeSet<_>>().len()
    }
}
