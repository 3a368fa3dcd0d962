//! Which actions a template allows.

use hashbrown::HashMap;

use super::super::template::{actions, is_unknown};
use super::super::{About, Rule, Template, Told};
use crate::catalog::{self, Service};
use crate::classify::is_privileged;
use crate::condition::did_you_mean;
use crate::iam::document::Listed;
use crate::iam::has_wildcard;

pub(in super::super) const RULES: &[Rule] = &[
    Rule {
        name: "wildcard-action",
        rejects: true,
        says: "`*` or a pattern that allows more than to look",
        check: wildcard,
    },
    Rule { name: "not-action", rejects: true, says: "NotAction with Allow", check: not_action },
    Rule { name: "unknown-action", rejects: true, says: "an action that AWS does not document", check: unknown },
    Rule {
        name: "retired-action",
        rejects: false,
        says: "an action that AWS has taken out of its reference",
        check: retired,
    },
];

fn wildcard(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for pattern in actions(statement).iter().filter(|pattern| has_wildcard(pattern) && !is_unknown(pattern)) {
            let why = match pattern.split_once(':') {
                _ if pattern.trim_matches('*').is_empty() => "allows every action".to_owned(),
                Some((service, name)) if name.trim_matches('*').is_empty() => {
                    format!("allows every action of {service}")
                }
                _ => {
                    let all = catalog::matching(pattern);
                    let far =
                        |facts: &&&catalog::ActionFacts| !facts.level.only_looks() || is_privileged(&facts.action);
                    let Some(first) = all.iter().find(far) else { continue };
                    format!("allows {} actions, {} among them, and new ones as AWS adds them", all.len(), first.action)
                }
            };
            told.add(policy.place(statement), format!("`{pattern}` {why}: name the actions that are needed"));
        }
    }
}

fn not_action(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        if matches!(statement.action, Some(Listed::AllBut(_))) {
            told.add(
                policy.place(statement),
                "NotAction with Allow allows every other action, new ones as well: name the actions that are needed",
            );
        }
    }
}

fn unknown(template: &Template, _: &About, told: &mut Told) {
    // What may have been meant takes a while to find.
    let mut known = HashMap::new();
    for (policy, statement) in template.statements() {
        let named = statement.action.iter().flat_map(|all| all.entries());
        for action in named.filter(|action| !is_unknown(action) && *action != "*") {
            if told.is_full() {
                return;
            }
            if let Some(why) = known.entry(action.as_str()).or_insert_with(|| why_unknown(action)) {
                told.add(policy.place(statement), why);
            }
        }
    }
}

/// Why nothing is meant by a pattern of actions, with what may have been meant.
fn why_unknown(text: &str) -> Option<String> {
    let Some((prefix, name)) = text.split_once(':') else {
        return Some(format!("`{text}` is no action: one looks like s3:GetObject"));
    };
    let lower = prefix.to_ascii_lowercase();
    if has_wildcard(prefix) {
        return Some(format!("`{text}`: the service before the colon cannot have wildcards"));
    }
    let Some(service) = catalog::service(&lower) else {
        let hint = did_you_mean(&lower, catalog::services().map(|service| service.prefix));
        return Some(format!("`{text}`: there is no service `{prefix}`, so that it allows nothing{hint}"));
    };
    if !catalog::matching(&format!("{lower}:{name}")).is_empty() {
        return None;
    }
    if has_wildcard(name) {
        return Some(format!("`{text}` fits no action of {}, so that it allows nothing", service.name));
    }
    let hint = did_you_mean(name, service.actions().map(|facts| facts.action.name()));
    Some(format!("`{text}`: AWS documents no such action, so that it allows nothing{hint}"))
}

fn retired(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for action in actions(statement) {
            let facts = action.split_once(':').and_then(|(prefix, name)| catalog::action(prefix, name));
            let is_of_retired = |prefix| catalog::service(prefix).is_some_and(|service: &Service| service.retired);
            if let Some(facts) = facts
                && (facts.retired || is_of_retired(facts.action.service_prefix()))
            {
                told.add(
                    policy.place(statement),
                    format!("`{action}` is not in AWS's reference any more: check that it still does something"),
                );
            }
        }
    }
}
