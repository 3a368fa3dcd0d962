//! What is asked for and how far it reaches, the most sensitive first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Elevation, first_of, level_of};
use crate::classify::{Basis, Privilege, privileges_of};
use crate::iam::{Action, has_wildcard};
use crate::recommend::jit::elevation::STANDS_FOR_OTHERS;

/// Each action with its resources, and what it may do to whoever grants it.
pub(super) fn what(grant: &Elevation<'_>) -> Vec<String> {
    let mut by_action: BTreeMap<&Action, BTreeSet<String>> = BTreeMap::new();
    for permission in &grant.permissions {
        let passed = permission.passed_to.map(|service| format!(" to {service}")).unwrap_or_default();
        let resource = format!("{}{passed}", permission.resource.in_policy());
        by_action.entry(permission.action).or_default().insert(resource);
    }
    let mut rows: Vec<_> = by_action.into_iter().map(|(action, on)| (privileges_of(action), action, on)).collect();
    rows.sort_by_key(|(privileges, action, _)| (Reverse(privileges.len()), *action));
    let line = |(privileges, action, on): (Vec<Privilege>, &Action, BTreeSet<String>)| {
        let mut line = format!("{action} ({})", level_of(action));
        if !privileges.is_empty() {
            let risks: Vec<_> = privileges.into_iter().map(risk).collect();
            line.push_str(&format!(", privileged: it {}", risks.join(", and ")));
        }
        let on: Vec<String> = on.into_iter().collect();
        format!("{line}, on {}", on.join(" and "))
    };
    first_of(rows.into_iter().map(line).collect(), "the policy has all")
}

/// What could go wrong, in plain words.
fn risk(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::PermissionsManagement => "changes who may do what",
        Privilege::PrivilegeEscalation => "lets the caller gain permissions it was not given",
        Privilege::CredentialAccess => "yields or makes credentials or secrets",
        Privilege::ResourceExposure => "opens a resource to others",
        Privilege::DataAccess => "reads data that is rarely read in daily work",
        Privilege::DefenseEvasion => "blinds logging or detection",
        Privilege::Destruction => "destroys data or keys",
        Privilege::OrganizationAdministration => "administers the organisation",
        Privilege::IdentityCenterAdministration => "administers Identity Center",
    }
}

/// The far-reaching things about it, also those that are not there.
pub(super) fn reach(grant: &Elevation<'_>) -> Vec<String> {
    let actions: BTreeSet<&Action> = grant.permissions.iter().map(|permission| permission.action).collect();
    let mut levels: BTreeMap<String, usize> = BTreeMap::new();
    actions.iter().for_each(|action| *levels.entry(level_of(action)).or_default() += 1);
    let levels: Vec<_> = levels.into_iter().map(|(level, count)| format!("{count} {level}")).collect();
    let wide = grant.permissions.iter().filter(|permission| has_wildcard(&permission.resource.in_policy()));
    let wide: Vec<String> = wide
        .map(|permission| {
            let why = match permission.resource.basis {
                Basis::TakesNone => "it takes no resource",
                Basis::Pattern => "the log names none: narrow it",
                Basis::Prefix => "there are more than are told apart: narrow it",
                Basis::Created => "AWS chooses the name",
                _ if permission.resource.is_widened_to_write() => STANDS_FOR_OTHERS,
                _ => "as the log has it",
            };
            format!("wildcard: {} on {} ({why})", permission.action, permission.resource.in_policy())
        })
        .collect();
    let classes: BTreeSet<&str> =
        actions.iter().flat_map(|action| privileges_of(action)).map(Privilege::as_str).collect();
    let of = |is: &dyn Fn(&Action) -> bool| -> Vec<String> {
        actions.iter().filter(|action| is(action)).map(ToString::to_string).collect()
    };
    let mut lines = vec![format!("actions by AWS's levels: {}", levels.join(", "))];
    lines.push(match classes.is_empty() {
        true => "privileged: none".to_owned(),
        false => format!("privileged: {}", classes.into_iter().collect::<Vec<_>>().join(", ")),
    });
    if wide.is_empty() {
        lines.push("no wildcards in actions or resources".to_owned());
    }
    lines.extend(first_of(wide, "the policy has all"));
    let passes = of(&|action| action.service_prefix() == "iam" && action.name() == "PassRole");
    let passed: BTreeSet<&str> =
        grant.permissions.iter().filter(|one| one.is_inferred()).map(|one| &*one.resource.arn).collect();
    if !passes.is_empty() {
        let roles: Vec<_> = passed.into_iter().collect();
        lines.push(format!("passes roles, whose permissions come with it: {}", roles.join(", ")));
    }
    let keys = of(&|action| action.service_prefix() == "kms");
    if !keys.is_empty() {
        lines.push(format!("uses or changes KMS keys, and so what they protect: {}", keys.join(", ")));
    }
    lines
}
