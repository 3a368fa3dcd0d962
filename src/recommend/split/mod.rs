//! What should be standing, and what should be asked for: each principal's history, action by action, by the rules and
//! numbers of [`Thresholds::standing`].
//!
//! - What a program used stays, privileged or not: nobody is there to ask for it. Privileged ones are said to be so. A
//!   role that no person was seen to use is a program's.
//! - Of what people used, privileged actions are asked for, and so is what they use now and then. The rest stays.
//! - Nothing is regular in an archive of a few days. There all that people use is asked for, and the reason says why;
//!   nobody should take permissions away on such grounds.
//! - A user of whom the record does not tell whether it is a person's is judged as a person's, with a word of warning.
//! - What was denied, is needed and can be allowed by an identity policy is asked for; it stays where only a program
//!   needs it again and again, unless it is privileged: that somebody decides.
//! - What AWS's own roles do, and others without policies of their own, is left out.

mod judge;
mod seen;

use hashbrown::HashSet;
use jiff::Timestamp;
use rayon::prelude::*;

use super::{Gap, Thresholds};
use crate::aggregate::{Days, History};
use crate::classify::Privilege;
use crate::iam::{Action, Principal, PrincipalKind};
use judge::Judge;
use seen::Seen;

/// The actions of one principal, each with whether it should be standing.
#[derive(Clone, Debug)]
pub struct Split<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// Who or what uses it.
    pub used_by: UsedBy,
    /// Days on which it made any call.
    pub active: Days,
    /// Whether it was active for too few weeks to call anything regular.
    pub is_short: bool,
    /// Why nothing of it is judged; its actions are then none.
    pub left_out: Option<&'static str>,
    /// Standing ones first, then sorted by action.
    pub actions: Vec<Placed<'h>>,
}

/// One action of a principal. An action that was used and was denied as well, such as on another resource, is told twice.
#[derive(Clone, Debug)]
pub struct Placed<'h> {
    /// What was used, or was missing; the call where nobody documents its action.
    pub what: What<'h>,
    /// Whether it was denied, and not used.
    pub denied: bool,
    /// Where it belongs.
    pub class: Class,
    /// Who or what made these calls.
    pub used_by: UsedBy,
    /// Why, in plain sentences.
    pub reasons: Vec<String>,
    /// Why the action counts as privileged, if it does.
    pub privileges: Vec<Privilege>,
    /// Events.
    pub count: u64,
    /// Days with such an event.
    pub days: Days,
    /// The last event.
    pub last: Option<Timestamp>,
    /// Different resources that the log names.
    pub resources: usize,
    /// Where it was denied, the gaps that it is about.
    pub gaps: Vec<Gap<'h>>,
}

/// A permission, or a call of which nobody knows what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What<'h> {
    /// An action.
    Action(&'h Action),
    /// `eventSource` and `eventName`.
    Call(&'h str, &'h str),
}

/// Where an action belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// In a policy that is always attached.
    Standing,
    /// In what can be asked for, for a while.
    Eligible,
    /// Nowhere: not needed, not to be had by an identity policy, or not known.
    Neither,
}

impl Class {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Standing, Self::Eligible, Self::Neither];

    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standing => "standing",
            Self::Eligible => "eligible",
            Self::Neither => "neither",
        }
    }
}

/// Who or what uses a principal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UsedBy {
    /// People: permission sets, sessions with a person's name or with MFA, users who sign in at the console.
    People,
    /// Programs: sessions of instances, functions and tasks, roles that AWS services assume.
    Workload,
    /// Both.
    Both,
    /// The record does not say.
    #[default]
    Unknown,
}

impl UsedBy {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Workload => "workload",
            Self::Both => "both",
            Self::Unknown => "unknown",
        }
    }

    fn of(people: bool, workload: bool) -> Self {
        match (people, workload) {
            (true, false) => Self::People,
            (false, true) => Self::Workload,
            (true, true) => Self::Both,
            (false, false) => Self::Unknown,
        }
    }
}

/// Splits the history of every principal, sorted by principal. `gaps` are all of the same history.
pub fn split<'h>(history: &'h History, gaps: &[Gap<'h>], thresholds: &Thresholds) -> Vec<Split<'h>> {
    let given = given_to_programs(history);
    let by_principal: Vec<_> = history.calls.chunk_by(|(a, _), (b, _)| a.principal == b.principal).collect();
    let splits = by_principal.into_par_iter().filter_map(|calls| {
        let principal = &*calls.first()?.0.principal;
        // Gaps are sorted by principal too.
        let begin = gaps.partition_point(|gap| gap.principal < principal);
        let own = gaps.get(begin..).unwrap_or_default();
        let own = own.get(..own.partition_point(|gap| gap.principal == principal)).unwrap_or_default();
        let seen = Seen::of(principal, calls, own, given.contains(&*principal.name));
        let left_out = principal.kind.why_no_policy();
        let judge = Judge { seen: &seen, thresholds: &thresholds.standing };
        Some(Split {
            principal,
            used_by: seen.used_by,
            is_short: judge.is_short(),
            actions: if left_out.is_none() { judge.all() } else { Vec::new() },
            left_out,
            active: seen.active,
        })
    });
    splits.collect()
}

/// Roles that an AWS service assumed, to hand them to a program or to act itself.
fn given_to_programs(history: &History) -> HashSet<&str> {
    let by_services = history.calls.iter().filter(|(call, _)| call.principal.kind == PrincipalKind::AwsService);
    let uses = by_services.flat_map(|(call, _)| call.needs.uses());
    let assumed = uses.filter(|one| one.action.service_prefix() == "sts" && one.action.name() == "AssumeRole");
    assumed.flat_map(|one| &one.resources).filter(|one| one.is_named()).map(|one| one.arn.as_str()).collect()
}
