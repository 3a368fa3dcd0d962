//! Just-in-time elevation: what was denied, is needed and can be fixed by an identity policy, as a grant
//! that ends by itself. One file per target; [`ALL`] is the only list.

mod iam_policy;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Calls, ConditionKind, FixableBy, Gap, Need, Permission, Reviewed, review};
use crate::aggregate::History;
use crate::catalog;
use crate::classify::{Basis, is_privileged};
use crate::iam::{Action, Conditions, Principal};

/// A format that a grant can be written in.
pub trait Target: Sync {
    /// The word users type.
    fn name(&self) -> &'static str;
    /// One line for `--help`.
    fn about(&self) -> &'static str;
    /// Writes the grant.
    fn body(&self, grant: &Elevation<'_>) -> serde_json::Value;
}

/// Every target.
pub const ALL: &[&dyn Target] = &[&iam_policy::IamPolicy];

/// When a grant holds: from the first moment on, before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Start, in whole seconds.
    pub not_before: Timestamp,
    /// End, in whole seconds.
    pub not_after: Timestamp,
}

/// What is to be granted to whom, when and under which conditions.
#[derive(Clone, Debug)]
pub struct Elevation<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// Never empty.
    pub permissions: Vec<Permission<'h>>,
    /// When.
    pub window: Window,
    /// The window and what history supports.
    pub conditions: Conditions,
    /// Why, and what each condition rests on.
    pub reasons: Vec<String>,
}

/// Conditions that a grant gets where history supports them for all of it.
const CONDITIONS: [ConditionKind; 2] = [ConditionKind::Region, ConditionKind::SourceIp];

/// One grant per principal with gaps that a grant can close, sorted by principal.
pub fn elevations<'h>(history: &'h History, gaps: &[Gap<'h>], window: Window) -> Vec<Elevation<'h>> {
    let mut wanted: BTreeMap<&'h Principal, Vec<&Gap<'h>>> = BTreeMap::new();
    for gap in gaps.iter().filter(|gap| can_grant(gap)) {
        wanted.entry(gap.principal).or_default().push(gap);
    }
    wanted.into_iter().map(|(principal, gaps)| elevation(history, principal, &gaps, window)).collect()
}

fn can_grant(gap: &Gap<'_>) -> bool {
    let known = gap.action.is_some_and(|a| catalog::action(a.service_prefix(), a.name()).is_some());
    let somewhere = gap.resource.is_some_and(|resource| resource.basis != Basis::Unknown);
    gap.fixable_by == FixableBy::IdentityPolicy && gap.need == Need::Need && known && somewhere
}

fn elevation<'h>(history: &'h History, principal: &'h Principal, gaps: &[&Gap<'h>], window: Window) -> Elevation<'h> {
    let permission =
        |gap: &&Gap<'h>| Some(Permission { action: gap.action?, resource: gap.resource?, passed_to: gap.passed_to });
    let permissions: BTreeSet<_> = gaps.iter().filter_map(permission).collect();
    let actions: BTreeSet<&Action> = permissions.iter().map(|permission| permission.action).collect();
    let services = actions.iter().map(|action| action.service_prefix()).collect();
    // All that the principal did with these actions, denied or not, is the history to draw from.
    let calls: Vec<_> = history
        .calls
        .iter()
        .filter(|(call, _)| *call.principal == *principal)
        .filter(|(call, _)| call.needs.uses().iter().any(|used| actions.contains(&used.action)))
        .map(|(call, usage)| (call, usage))
        .collect();
    let calls = Calls { principal: principal.kind, services, all: &calls, calls: calls.clone() };
    let reviewed = CONDITIONS.map(|kind| review(kind, &calls));
    let mut conditions = Conditions::new();
    reviewed.iter().for_each(|one| one.put(&mut conditions));
    for (operator, time) in [("DateGreaterThanEquals", window.not_before), ("DateLessThan", window.not_after)] {
        conditions.entry(operator.to_owned()).or_default().insert("aws:CurrentTime".to_owned(), vec![time.to_string()]);
    }
    let mut reasons: Vec<String> = Vec::new();
    for gap in gaps {
        let Some(action) = gap.action else { continue };
        let privileged = if is_privileged(action) { " (privileged)" } else { "" };
        let why = gap.reasons.first().map(String::as_str).unwrap_or_default();
        reasons.push(format!("{action}{privileged}: {why}"));
        if gap.resource.is_some_and(|resource| resource.basis == Basis::Pattern) {
            reasons.push(format!(
                "{action}: the log names no resource; the grant holds the pattern of its type, narrow it"
            ));
        }
    }
    reasons.extend(reviewed.iter().map(Reviewed::sentence));
    reasons.dedup();
    Elevation { principal, permissions: permissions.into_iter().collect(), window, conditions, reasons }
}
