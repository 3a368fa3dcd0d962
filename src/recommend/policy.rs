use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::aggregate::{CallOutcome, History, Usage};
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

/// Why an action is in a policy.
#[derive(Clone, Debug)]
pub struct Rationale<'h> {
    /// The action.
    pub action: &'h Action,
    /// The resource.
    pub resource: &'h Resource,
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

type Uses<'h> = BTreeMap<(&'h Action, &'h Resource), Usage>;

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
        if *call.outcome != CallOutcome::Succeeded {
            continue;
        }
        for one in call.needs.uses() {
            for resource in &one.resources {
                used.entry((&one.action, resource)).or_default().merge(usage.clone());
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
    let patterns: BTreeSet<&str> =
        uses.keys().filter(|(_, r)| r.basis == Basis::Pattern).map(|(action, _)| action.name()).collect();
    if !patterns.is_empty() {
        let names: Vec<_> = patterns.into_iter().collect();
        warnings.push(format!(
            "the log names no resource for {}; the policy holds the pattern of the resource type, narrow it",
            names.join(", ")
        ));
    }
    if denied > 0 {
        warnings.push(format!(
            "{denied} denied calls are not in this policy; see `trailwright denied` and `trailwright jit`"
        ));
    }
    if !recommendation.gaps.is_empty() {
        warnings.push("some calls are documented nowhere and are in no policy; they are listed as gaps".to_owned());
    }
    let pairs: Vec<_> = uses.keys().copied().collect();
    let document = PolicyDocument::new(statements(&pairs, &Conditions::new()));
    if !document.statement.is_empty() {
        let size = document.size();
        if size > quota::MANAGED_POLICY {
            let limit = quota::MANAGED_POLICY;
            warnings
                .push(format!("{size} characters exceed the {limit} of a managed policy; split it before attaching"));
        }
        recommendation.policies.push(NamedPolicy { name: policy_name(principal), document });
    }
    recommendation.rationale =
        uses.into_iter().map(|((action, resource), usage)| Rationale { action, resource, usage }).collect();
    recommendation.warnings = warnings;
    recommendation
}

fn policy_name(principal: &Principal) -> String {
    let name: String =
        principal.short_name().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}-least-privilege", name.trim_matches('-'))
}

/// Statements that allow exactly these pairs: actions of one service that share their resources stand
/// together, actions that take no resource apart from the others, in a stable order.
pub fn statements(pairs: &[(&Action, &Resource)], conditions: &Conditions) -> Vec<Statement> {
    let mut by_action: BTreeMap<&Action, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for (action, resource) in pairs {
        let unknown =
            resource.basis == Basis::Unknown || catalog::action(action.service_prefix(), action.name()).is_none();
        if !unknown {
            by_action.entry(action).or_default().insert(resource.in_policy());
        }
    }
    let mut grouped: BTreeMap<(&str, BTreeSet<Cow<'_, str>>), Vec<&Action>> = BTreeMap::new();
    for (action, resources) in by_action {
        grouped.entry((action.service_prefix(), resources)).or_default().push(action);
    }
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    grouped
        .into_iter()
        .map(|((service, resources), actions)| {
            let base = sid(service, &actions, &resources);
            let number = taken.entry(base.clone()).and_modify(|n| *n += 1).or_insert(1);
            Statement {
                sid: if *number == 1 { base } else { format!("{base}{number}") },
                effect: Effect::Allow,
                action: actions.iter().map(ToString::to_string).collect(),
                resource: resources.into_iter().map(Cow::into_owned).collect(),
                condition: conditions.clone(),
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
