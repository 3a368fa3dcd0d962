//! On which resources a template allows something. Source of which actions take which: Service Authorization Reference.

use std::collections::BTreeSet;

use super::super::template::{UNKNOWN, actions, is_unknown, resources};
use super::super::{About, Rule, Template, Told};
use crate::catalog::{self, ActionFacts, ArnPattern};
use crate::classify::is_privileged;
use crate::iam::document::{Listed, Statement};
use crate::iam::{Arn, has_wildcard, is_account_id, matches, may_overlap};

pub(in super::super) const RULES: &[Rule] = &[
    Rule {
        name: "wildcard-resource",
        rejects: true,
        says: "an action that changes something, or is privileged, on any resource",
        check: wildcard,
    },
    Rule { name: "not-resource", rejects: true, says: "NotResource with Allow", check: not_resource },
    Rule { name: "resource-form", rejects: true, says: "a resource that is no ARN", check: form },
    Rule { name: "needless-arn", rejects: true, says: "an ARN on an action that takes no resource", check: needless },
    Rule {
        name: "resource-type",
        rejects: true,
        says: "no resource of a kind that the action takes",
        check: other_type,
    },
    Rule { name: "kms-alias", rejects: true, says: "an alias where KMS asks for a key", check: alias },
    Rule {
        name: "secret-suffix",
        rejects: false,
        says: "a secret without the characters that Secrets Manager appends",
        check: secret,
    },
    Rule { name: "partitions-differ", rejects: true, says: "ARNs of several partitions", check: partitions },
    Rule { name: "accounts-differ", rejects: false, says: "ARNs of several accounts", check: accounts },
];

/// The actions that a statement names one by one, as AWS documents them.
fn named(statement: &Statement) -> impl Iterator<Item = &'static ActionFacts> {
    let named = actions(statement).iter().filter(|action| !has_wildcard(action));
    named.filter_map(|action| action.split_once(':').and_then(|(prefix, name)| catalog::action(prefix, name)))
}

/// What no ARN holds, so that only a wildcard fits it.
const ANY: &str = "\u{1}";

/// An ARN of a type of which nobody can have named anything.
fn of_type(pattern: &ArnPattern, anything: &str) -> String {
    let mut text = String::new();
    let put = |variable: &str, out: &mut String| {
        out.push_str(if variable == "Partition" { "aws" } else { anything });
        Some(())
    };
    let _ = pattern.write(&mut text, put);
    text
}

/// Whether a resource of a statement takes in every resource that an action can be used on, of one type at least.
fn is_every(resource: &str, facts: &ActionFacts) -> bool {
    if is_unknown(resource) || resource.contains("${") {
        return false;
    }
    let types = facts.resources.iter().map(|one| one.resource_type.pattern_for(facts.action.name()));
    matches(resource, ANY) || types.into_iter().any(|pattern| matches(resource, &of_type(pattern, ANY)))
}

fn wildcard(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for facts in named(statement).filter(|facts| !facts.resources.is_empty()) {
            let (looks, privileged) = (facts.level.only_looks(), is_privileged(&facts.action));
            if looks && !privileged {
                continue;
            }
            // That has a rule of its own.
            if facts.action.name() == "PassRole" && facts.action.service_prefix() == "iam" {
                continue;
            }
            if let Some(resource) = resources(statement).iter().find(|resource| is_every(resource, facts)) {
                let what = if privileged { "which is privileged" } else { "which changes something" };
                told.add(
                    policy.place(statement),
                    format!("{} ({what}) on any resource by `{resource}`: name the resource", facts.action),
                );
            }
        }
    }
}

fn not_resource(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        if matches!(statement.resource, Some(Listed::AllBut(_))) {
            told.add(
                policy.place(statement),
                "NotResource with Allow allows it on everything else, new resources as well: name the resources",
            );
        }
    }
}

fn form(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.statements() {
        for resource in statement.resource.iter().flat_map(|all| all.entries()) {
            let is_sound = is_unknown(resource)
                || resource.starts_with('*')
                || resource.starts_with("${")
                || resource.starts_with("arn:*")
                || Arn::parse(resource).is_ok();
            if !is_sound {
                told.add(policy.place(statement), format!("`{resource}` is no ARN, and not `*`"));
            }
        }
    }
}

fn needless(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        let all = resources(statement);
        let is_any = |resource: &String| is_unknown(resource) || matches(resource, ANY);
        if all.is_empty() || all.iter().any(is_any) {
            continue;
        }
        for facts in named(statement).filter(|facts| facts.resources.is_empty()) {
            told.add(
                policy.place(statement),
                format!(
                    "{} takes no resource: with an ARN it allows nothing; put it into a statement of its own, on `*`",
                    facts.action
                ),
            );
        }
    }
}

fn other_type(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        let all = resources(statement);
        let is_open = |resource: &String| resource.contains("${") || matches(resource, ANY);
        if all.is_empty() || all.iter().any(is_open) {
            continue;
        }
        for facts in named(statement).filter(|facts| !facts.resources.is_empty()) {
            let patterns: Vec<String> = facts
                .resources
                .iter()
                .map(|one| {
                    of_type(one.resource_type.pattern_for(facts.action.name()), "*").replacen("arn:aws:", "arn:*:", 1)
                })
                .collect();
            let fits = |resource: &String| {
                let open = resource.replace(UNKNOWN, "*");
                patterns.iter().any(|pattern| may_overlap(&open, pattern))
            };
            // An alias of KMS has a rule of its own.
            if !all.iter().any(fits) && !all.iter().any(|resource| is_alias(resource)) {
                let types: Vec<&str> = facts.resources.iter().map(|one| one.resource_type.name).collect();
                told.add(
                    policy.place(statement),
                    format!(
                        "{} takes {}, and none of the resources is one, so that it allows nothing",
                        facts.action,
                        types.join(", ")
                    ),
                );
            }
        }
    }
}

fn is_alias(resource: &str) -> bool {
    Arn::parse(resource).is_ok_and(|arn| arn.service == "kms" && arn.resource.starts_with("alias/"))
}

fn alias(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for resource in resources(statement).iter().filter(|resource| is_alias(resource)) {
            let of_keys = |facts: &&ActionFacts| {
                facts.action.service_prefix() == "kms"
                    && facts.resources.iter().all(|one| one.resource_type.name != "alias")
            };
            if let Some(facts) = named(statement).find(of_keys) {
                told.add(policy.place(statement), format!("`{resource}` does not name a key to {}: write the ARN of the key, or the condition kms:RequestAlias", facts.action));
            }
        }
    }
}

fn secret(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for resource in resources(statement) {
            let name = Arn::parse(resource)
                .ok()
                .filter(|arn| arn.service == "secretsmanager")
                .and_then(|arn| arn.resource.strip_prefix("secret:"));
            let Some(name) = name.filter(|name| !is_unknown(name) && !name.contains("${")) else { continue };
            let has_end =
                |end: &str| end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'?');
            let is_whole = name.ends_with('*') || name.rsplit_once('-').is_some_and(|(_, end)| has_end(end));
            if !is_whole {
                told.add(policy.place(statement), format!("`{resource}` lacks the six characters that Secrets Manager appends to a name: end it with `-??????`"));
            }
        }
    }
}

/// What the ARNs of all policies have in a segment, but for wildcards and what is not known.
fn segments(template: &Template, segment: fn(&Arn<'_>) -> String) -> BTreeSet<String> {
    let all = template.statements().flat_map(|(_, statement)| resources(statement));
    let arns = all.filter_map(|resource| Arn::parse(resource).ok().map(|arn| segment(&arn)));
    arns.filter(|text| !text.is_empty() && !has_wildcard(text) && !is_unknown(text) && !text.contains("${")).collect()
}

fn partitions(template: &Template, _: &About, told: &mut Told) {
    let all = segments(template, |arn| arn.partition.to_owned());
    if all.len() > 1 {
        told.add(
            "resources",
            format!("ARNs of {} partitions ({}): no principal reaches beyond its own", all.len(), join(&all)),
        );
    }
}

fn accounts(template: &Template, _: &About, told: &mut Told) {
    let mut all = segments(template, |arn| arn.account.to_owned());
    all.retain(|account| is_account_id(account));
    if all.len() > 1 {
        told.add("resources", format!("ARNs of {} accounts ({}): another account has to allow it by a policy of its own; check that none is a slip", all.len(), join(&all)));
    }
}

fn join(all: &BTreeSet<String>) -> String {
    all.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
