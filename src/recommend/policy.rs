use std::collections::{BTreeMap, BTreeSet};

use super::conditions::{ConditionKind, OfServices, Reviewed, conditions};
use super::pack::{NamedPolicy, Packed, generalize, pack};
use super::synthesis::{is_written, statements};
use crate::aggregate::{Call, History, Usage};
use crate::catalog;
use crate::classify::{Basis, Needs, Resource};
use crate::iam::{Action, Principal, PrincipalKind, Target};

/// What policies are written for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What they are attached as; what is usual for each principal where nothing is said.
    pub target: Option<Target>,
    /// How many resources side by side become one pattern though they would fit. Never where nothing is said.
    pub generalize_at: Option<usize>,
    /// Conditions to put in where history supports them.
    pub conditions: BTreeSet<ConditionKind>,
}

/// What a principal should be allowed, with the evidence behind each action.
#[derive(Clone, Debug)]
pub struct Recommendation<'h> {
    /// Who.
    pub principal: &'h Principal,
    /// The policies, and what was done so that they fit. `None` when nothing was used, or nothing can be attached.
    pub packed: Option<Packed>,
    /// What history says of each condition that was asked for.
    pub conditions: Vec<Reviewed>,
    /// One row per action and resource that is in a policy.
    pub rationale: Vec<Rationale<'h>>,
    /// Calls that could not be mapped and are in no policy.
    pub gaps: Vec<Unmapped<'h>>,
    /// What a reviewer has to know.
    pub warnings: Vec<String>,
}

impl Recommendation<'_> {
    /// The policies, none of which is empty.
    pub fn policies(&self) -> &[NamedPolicy] {
        self.packed.as_ref().map(|packed| &*packed.policies).unwrap_or_default()
    }
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
pub fn recommendations<'h>(history: &'h History, options: &Options) -> Vec<Recommendation<'h>> {
    let mut uses: BTreeMap<&Principal, Uses<'_>> = BTreeMap::new();
    let mut unknown: BTreeMap<&Principal, BTreeMap<(&str, &str), u64>> = BTreeMap::new();
    let mut denied: BTreeMap<&Principal, u64> = BTreeMap::new();
    let mut calls: BTreeMap<&Principal, Vec<(&Call, &Usage)>> = BTreeMap::new();
    for (call, usage) in &history.calls {
        let principal = &*call.principal;
        let used = uses.entry(principal).or_default();
        if call.is_denied() {
            *denied.entry(principal).or_default() += usage.count;
        }
        if !call.outcome.is_allowed() {
            continue;
        }
        calls.entry(principal).or_default().push((call, usage));
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
            let did = Did {
                calls: calls.remove(principal).unwrap_or_default(),
                uses,
                gaps,
                denied: denied.get(principal).copied().unwrap_or(0),
            };
            recommend(principal, did, options)
        })
        .collect()
}

/// What one principal did.
struct Did<'h> {
    /// Those that went through.
    calls: Vec<(&'h Call, &'h Usage)>,
    uses: Uses<'h>,
    gaps: Vec<Unmapped<'h>>,
    /// Denied events.
    denied: u64,
}

fn recommend<'h>(principal: &'h Principal, did: Did<'h>, options: &Options) -> Recommendation<'h> {
    let Did { calls, uses, gaps, denied } = did;
    let mut warnings = Vec::new();
    let mut recommendation = Recommendation {
        principal,
        packed: None,
        conditions: Vec::new(),
        rationale: Vec::new(),
        gaps,
        warnings: Vec::new(),
    };
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
    let written = permissions.iter().copied().filter(is_written).collect();
    let (reviewed, conditions) = conditions(&calls, &written, principal.kind, &options.conditions);
    recommendation.conditions = reviewed;
    recommendation.packed = packed(principal, &permissions, &conditions, options);
    if let Some(packed) = &recommendation.packed {
        warnings.extend(warnings_of(packed));
    }
    recommendation.rationale = uses.into_iter().map(|(permission, usage)| Rationale { permission, usage }).collect();
    recommendation.warnings = warnings;
    recommendation
}

fn packed(
    principal: &Principal,
    permissions: &[Permission<'_>],
    conditions: &OfServices,
    options: &Options,
) -> Option<Packed> {
    let statements = statements(permissions, |action| conditions.of(action));
    if statements.is_empty() {
        return None;
    }
    let (statements, mut steps) = match options.generalize_at {
        Some(members) => generalize(statements, members),
        None => (statements, Vec::new()),
    };
    let target = options.target.unwrap_or_else(|| Target::usual_for(principal.kind));
    let mut packed = pack(statements, target, principal.kind, &policy_name(principal));
    steps.append(&mut packed.steps);
    Some(Packed { steps, ..packed })
}

/// What has to be known of policies beyond their size.
fn warnings_of(packed: &Packed) -> Vec<String> {
    let mut warnings = Vec::new();
    let Packed { target, limit, most, .. } = packed;
    if !packed.fits {
        let (over, word) = (packed.over, target.as_str());
        let room = if *most == 1 { format!("{limit}") } else { format!("{most} times {limit}") };
        warnings.push(format!(
            "does not fit: {over} characters more than the {room} of `{word}`; nothing was left out, so give a part of it in another way"
        ));
    }
    if packed.steps.iter().any(|step| !step.adds.is_empty()) {
        warnings.push("the policies allow more than was used; the steps say what, and what it gained".to_owned());
    }
    let pretty = |policy: &NamedPolicy| serde_json::to_string_pretty(&policy.document).map_or(0, |json| json.len());
    let is_long = |most: usize| packed.policies.iter().any(|policy| pretty(policy) > most);
    if target.counts_white_space() || target.raw_bytes().is_some_and(is_long) {
        warnings.push("AWS counts white space here: pass the policy as compact JSON".to_owned());
    }
    warnings
}

fn policy_name(principal: &Principal) -> String {
    let name: String =
        principal.short_name().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}-least-privilege", name.trim_matches('-'))
}
