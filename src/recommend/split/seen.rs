use std::collections::{BTreeMap, BTreeSet};

use super::{UsedBy, What};
use crate::aggregate::{Call, Days, Usage};
use crate::classify::Needs;
use crate::iam::{Principal, PrincipalKind};
use crate::recommend::Gap;

/// What one principal did and lacked, action by action.
pub(super) struct Seen<'h> {
    pub(super) used_by: UsedBy,
    is_role: bool,
    pub(super) active: Days,
    pub(super) used: BTreeMap<What<'h>, Used<'h>>,
    pub(super) denied: BTreeMap<What<'h>, Vec<Gap<'h>>>,
}

/// What was used of one action.
#[derive(Default)]
pub(super) struct Used<'h> {
    pub(super) usage: Usage,
    pub(super) resources: BTreeSet<&'h str>,
}

impl<'h> Seen<'h> {
    /// `calls` and `gaps` are those of the principal; `given_to_programs` is whether an AWS service assumed it.
    pub(super) fn of(
        principal: &Principal,
        calls: &'h [(Call, Usage)],
        gaps: &[Gap<'h>],
        given_to_programs: bool,
    ) -> Self {
        let mut active = Days::default();
        let mut used: BTreeMap<What<'h>, Used<'h>> = BTreeMap::new();
        let (mut people, mut workload) = (principal.kind == PrincipalKind::PermissionSet, given_to_programs);
        for (call, usage) in calls {
            active.merge(&usage.days);
            people |= is_by_people(usage) || is_sign_in(call);
            workload |= usage.by_workload;
            if !call.outcome.is_allowed() {
                continue;
            }
            if *call.needs == Needs::Unknown {
                let what = What::Call(&call.operation.source, &call.operation.name);
                used.entry(what).or_default().usage.merge(usage.without_times());
            }
            for one in call.needs.uses() {
                let used = used.entry(What::Action(&one.action)).or_default();
                used.usage.merge(usage.without_times());
                used.resources.extend(one.resources.iter().filter(|r| r.is_named()).map(|r| r.arn.as_str()));
            }
        }
        let mut denied: BTreeMap<What<'h>, Vec<Gap<'h>>> = BTreeMap::new();
        for gap in gaps {
            denied.entry(what(gap)).or_default().push(gap.clone());
        }
        let is_role = matches!(principal.kind, PrincipalKind::Role | PrincipalKind::RolePathUnknown);
        Self { is_role, used_by: UsedBy::of(people, workload), active, used, denied }
    }

    /// Who or what made some calls; where they do not tell, as with all calls of the principal.
    pub(super) fn made_by(&self, usage: &Usage) -> UsedBy {
        match UsedBy::of(is_by_people(usage), usage.by_workload) {
            UsedBy::Unknown if self.used_by != UsedBy::Both => self.used_by,
            told => told,
        }
    }

    /// Why nobody can ask for what was used so: a program cannot, nor can whoever uses a role without being a person.
    pub(super) fn why_not_asked(&self, used_by: UsedBy) -> Option<&'static str> {
        match used_by {
            UsedBy::Workload => Some("a program uses it"),
            UsedBy::Unknown if self.is_role && self.used_by == UsedBy::Unknown => {
                Some("no person was seen to use the role")
            }
            _ => None,
        }
    }
}

fn what<'h>(gap: &Gap<'h>) -> What<'h> {
    let call = || gap.calls.first().map_or(("", ""), |(source, name, _)| (*source, *name));
    gap.action.map_or_else(|| What::Call(call().0, call().1), What::Action)
}

/// Only people have names, type the code of an MFA device and use the console.
fn is_by_people(usage: &Usage) -> bool {
    !usage.people.is_empty() || usage.mfa.0 || usage.console.0
}

/// Whether it is the call by which somebody comes into the console with a password.
fn is_sign_in(call: &Call) -> bool {
    &*call.operation.source == "signin.amazonaws.com" && &*call.operation.name == "ConsoleLogin"
}
