use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::aggregate::{History, Usage};
use crate::catalog;
use crate::classify::{Basis, Needs, Resource, level_of};
use crate::iam::{AccessLevel, Action, Conditions, Effect, PolicyDocument, Principal, PrincipalKind, Statement, quota};

/// What a principal should be allowed, with the evidence behind each action.
#[derive(Clone, Debug)]
pub struct Recommendation<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// Empty when nothing was used, or nothing can be attached.
    pub policies: Vec<NamedPolicy>,
    /// One row per action and resource that is in a policy.
    pub rationale: Vec<Rationale<'h>>,
    /// Calls that could not be mapped and are in no policy.
    pub gaps: Vec<Unmapped<'h>>,
    /// What a reviewer has to know.
    pub warnings: Vec<String>,
}

/// A policy document under a name.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// Letters, digits and hyphens.
    pub name: String,
    /// The document.
    pub document: PolicyDocument,
}

/// An action on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission<'h> {
    /// The action.
    pub action: &'h Action,
    /// The resource.
    pub resource: &'h Resource,
    /// The service that a passed role is handed to, where that is known.
    pub passed_to: Option<&'static str>,
}

impl Permission<'_> {
    /// Whether no event is named after it: it was used by events of other names.
    pub fn is_inferred(&self) -> bool {
        self.action.service_prefix() == "iam" && self.action.name() == "PassRole"
    }
}

/// Why an action is in a policy.
#[derive(Clone, Debug)]
pub struct Rationale<'h> {
    /// What is allowed.
    pub permission: Permission<'h>,
    /// The events that used it.
    pub usage: Usage,
}

/// A call that nobody documents.
#[derive(Clone, Debug)]
pub struct Unmapped<'h> {
    /// `eventSource`.
    pub source: &'h str,
    /// `eventName`.
    pub name: &'h str,
    /// Events.
    pub count: u64,
}

type Uses<'h> = BTreeMap<Permission<'h>, Usage>;

/// A recommendation per principal, sorted by principal. Only calls that went through are in it: what was
/// denied is a gap, and granted knowingly or not at all.
pub fn recommendations(history: &History) -> Vec<Recommendation<'_>> {
    let mut uses: BTreeMap<&Principal, Uses<'_>> = BTreeMap::new();
    let mut unknown: BTreeMap<&Principal, BTreeMap<(&str, &str), u64>> = BTreeMap::new();
    let mut denied: BTreeMap<&Principal, u64> = BTreeMap::new();
    for (call, usage) in &history.calls {
        let principal = &*call.principal;
        let used = uses.entry(principal).or_default();
        if call.is_denied() {
            *denied.entry(principal).or_default() += usage.count;
        }
        if !call.outcome.is_allowed() {
            continue;
        }
        for one in call.needs.uses() {
            for resource in &one.resources {
                let permission = Permission { action: &one.action, resource, passed_to: one.passed_to };
                used.entry(permission).or_default().merge(usage.without_times());
            }
        }
        if *call.needs == Needs::Unknown {
            *unknown
                .entry(principal)
                .or_default()
                .entry((&call.operation.source, &call.operation.name))
                .or_default() += usage.count;
        }
    }
    uses.into_iter()
        .map(|(principal, uses)| {
            let gaps = unknown.remove(principal).into_iter().flatten();
            let gaps = gaps.map(|((source, name), count)| Unmapped { source, name, count }).collect();
            recommend(principal, uses, gaps, denied.get(principal).copied().unwrap_or(0))
        })
        .collect()
}

fn recommend<'h>(principal: &'h Principal, uses: Uses<'h>, gaps: Vec<Unmapped<'h>>, denied: u64) -> Recommendation<'h> {
    let mut warnings = Vec::new();
    let mut recommendation =
        Recommendation { principal, policies: Vec::new(), rationale: Vec::new(), gaps, warnings: Vec::new() };
    if let Some(why) = principal.kind.why_no_policy() {
        recommendation.warnings.push(format!("no policy: {why}"));
        return recommendation;
    }
    if principal.kind == PrincipalKind::RolePathUnknown {
        warnings.push("the log does not show the role's path; the ARN may lack it".to_owned());
    }
    let of_basis = |wanted: &[Basis]| -> Vec<String> {
        let found = uses.keys().filter(|permission| wanted.contains(&permission.resource.basis));
        found.map(|permission| permission.action.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let mut warn = |actions: Vec<String>, before: &str, behind: &str| {
        if !actions.is_empty() {
            warnings.push(format!("{before} {}{behind}", actions.join(", ")));
        }
    };
    let (pattern, prefix) = (of_basis(&[Basis::Pattern]), of_basis(&[Basis::Prefix]));
    warn(pattern, "the log names no resource for", "; the policy holds the pattern of the resource type, narrow it");
    warn(prefix, "more different resources than are told apart for", "; the policy holds prefixes they share");
    let created = of_basis(&[Basis::Created]);
    warn(created, "AWS chose the name of what was made by", "; the policy allows any of its type");
    for permission in uses.keys().filter(|permission| permission.resource.basis == Basis::Unknown) {
        let Permission { action, resource, .. } = permission;
        warnings.push(if permission.is_inferred() {
            format!("a role was passed in {}, which the log does not name; add {action} on it by hand", resource.arn)
        } else {
            format!("{action}: nothing names its resource; it is in no policy")
        });
    }
    let is_retired =
        |action: &Action| catalog::action(action.service_prefix(), action.name()).is_some_and(|facts| facts.retired);
    let retired: BTreeSet<&Action> = uses.keys().map(|p| p.action).filter(|action| is_retired(action)).collect();
    for action in retired {
        warnings.push(format!("{action} is retired; AWS documents it no longer, and it is in no policy"));
    }
    if denied > 0 {
        warnings.push(format!(
            "{denied} denied calls are not in this policy; see `trailwright denied` and `trailwright jit`"
        ));
    }
    if !recommendation.gaps.is_empty() {
        warnings.push("some calls are documented nowhere and are in no policy; they are listed as gaps".to_owned());
    }
    let permissions: Vec<_> = uses.keys().copied().collect();
    let document = PolicyDocument::new(statements(&permissions, &Conditions::new()));
    if !document.statement.is_empty() {
        let size = document.size();
        if size > quota::MANAGED_POLICY {
            let limit = quota::MANAGED_POLICY;
            warnings
                .push(format!("{size} characters exceed the {limit} of a managed policy; split it before attaching"));
        }
        recommendation.policies.push(NamedPolicy { name: policy_name(principal), document });
    }
    recommendation.rationale = uses.into_iter().map(|(permission, usage)| Rationale { permission, usage }).collect();
    recommendation.warnings = warnings;
    recommendation
}

fn policy_name(principal: &Principal) -> String {
    let name: String =
        principal.short_name().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}-least-privilege", name.trim_matches('-'))
}

/// Statements that allow exactly these permissions: actions of one service that share their resources stand
/// together, actions that take no resource apart from the others, in a stable order. What AWS does not
/// document (any more), or has no known resource, is in none.
pub fn statements(permissions: &[Permission<'_>], conditions: &Conditions) -> Vec<Statement> {
    type Allowed<'h> = (&'h Action, Option<&'static str>);
    let mut by_action: BTreeMap<Allowed<'_>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for Permission { action, resource, passed_to } in permissions {
        let facts = catalog::action(action.service_prefix(), action.name());
        if resource.basis != Basis::Unknown && facts.is_some_and(|facts| !facts.retired) {
            by_action.entry((action, *passed_to)).or_default().insert(resource.in_policy());
        }
    }
    type Group<'h> = (&'h str, Option<&'static str>, BTreeSet<Cow<'h, str>>);
    let mut grouped: BTreeMap<Group<'_>, Vec<&Action>> = BTreeMap::new();
    for ((action, passed_to), resources) in by_action {
        grouped.entry((action.service_prefix(), passed_to, resources)).or_default().push(action);
    }
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    grouped
        .into_iter()
        .map(|((service, passed_to, resources), actions)| {
            let base = sid(service, &actions, &resources);
            let number = taken.entry(base.clone()).and_modify(|n| *n += 1).or_insert(1);
            let mut condition = conditions.clone();
            if let Some(service) = passed_to {
                let keys = condition.entry("StringEquals".to_owned()).or_default();
                keys.insert("iam:PassedToService".to_owned(), vec![service.to_owned()]);
            }
            Statement {
                sid: if *number == 1 { base } else { format!("{base}{number}") },
                effect: Effect::Allow,
                action: actions.iter().map(ToString::to_string).collect(),
                resource: resources.into_iter().map(Cow::into_owned).collect(),
                condition,
            }
        })
        .collect()
}

/// What a statement is for, in letters and digits: `S3ReadWrite`, `Ec2Look`.
fn sid(service: &str, actions: &[&Action], resources: &BTreeSet<Cow<'_, str>>) -> String {
    let mut name: String = service
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
        })
        .collect();
    let levels: BTreeSet<_> = actions.iter().filter_map(|action| level_of(action)).collect();
    let words = [
        (AccessLevel::List, "List"),
        (AccessLevel::Read, "Read"),
        (AccessLevel::Write, "Write"),
        (AccessLevel::Tagging, "Tag"),
        (AccessLevel::PermissionsManagement, "Permissions"),
    ];
    name.extend(words.iter().filter(|(level, _)| levels.contains(level)).map(|(_, word)| *word));
    if resources.contains("*") {
        name.push_str("Account");
    }
    name
}
