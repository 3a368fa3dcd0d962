//! Conditions that never hold, or hold where nobody meant them to. Source: IAM user guide, "AWS global condition context
//! keys" and "IAM JSON policy elements: Condition operators".

use super::super::template::{actions, is_unknown};
use super::super::{About, Rule, Template, Told};
use crate::catalog;
use crate::iam::document::{Comparison, Condition, Qualifier, Statement};
use crate::iam::{PrincipalKind, has_wildcard, matches};

pub(in super::super) const RULES: &[Rule] = &[
    Rule {
        name: "unknown-operator",
        rejects: true,
        says: "an operator that IAM does not know",
        check: unknown_operator,
    },
    Rule {
        name: "ip-and-endpoint",
        rejects: true,
        says: "an IP address and a VPC endpoint in one statement",
        check: ip_and_endpoint,
    },
    Rule {
        name: "mfa-of-sso",
        rejects: true,
        says: "MFA is asked of people who come through Identity Center",
        check: mfa_of_sso,
    },
    Rule { name: "mfa-of-keys", rejects: false, says: "MFA is asked of an IAM user", check: mfa_of_keys },
    Rule { name: "mfa-if-exists", rejects: true, says: "MFA is asked only of who tells", check: mfa_if_exists },
    Rule {
        name: "region-of-global",
        rejects: true,
        says: "a region that a global service never reports",
        check: region_of_global,
    },
    Rule {
        name: "for-all-values",
        rejects: true,
        says: "ForAllValues with Allow and no check that there are values",
        check: for_all_values,
    },
    Rule {
        name: "negated-condition",
        rejects: false,
        says: "a condition with Allow that holds where the key is absent",
        check: negated,
    },
    Rule {
        name: "key-of-other-action",
        rejects: false,
        says: "a condition key that an action of the statement does not have",
        check: other_key,
    },
];

fn unknown_operator(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.statements() {
        for condition in &statement.conditions {
            if let Comparison::Other(operator) = &condition.comparison
                && !is_unknown(operator)
            {
                told.add(policy.place(statement), format!("there is no operator `{operator}`: AWS refuses it"));
            }
        }
    }
}

fn requires(statement: &Statement, keys: &[&str]) -> Option<String> {
    let of = |condition: &&Condition| condition.requires_its_key() && keys.iter().any(|key| condition.is_on(key));
    statement.conditions.iter().find(of).map(|condition| condition.key.clone())
}

fn ip_and_endpoint(template: &Template, _: &About, told: &mut Told) {
    const ENDPOINT: [&str; 4] = ["aws:SourceVpce", "aws:SourceVpc", "aws:SourceVpcArn", "aws:VpcSourceIp"];
    for (policy, statement) in template.allows() {
        if let (Some(ip), Some(other)) = (requires(statement, &["aws:SourceIp"]), requires(statement, &ENDPOINT)) {
            told.add(policy.place(statement), format!("{ip} is absent where {other} is there, so that both never hold: write two statements, one for each way"));
        }
    }
}

/// A condition that holds only with MFA.
fn asks_mfa(condition: &Condition) -> bool {
    (condition.is_on("aws:MultiFactorAuthPresent")
        && condition.values.iter().any(|value| value.eq_ignore_ascii_case("true")))
        || condition.is_on("aws:MultiFactorAuthAge")
}

fn mfa_of_sso(template: &Template, about: &About, told: &mut Told) {
    for (policy, statement) in template.allows().filter(|(policy, _)| policy.is_of_permission_set(about)) {
        if let Some(condition) = statement.conditions.iter().find(|one| asks_mfa(one) && one.requires_its_key()) {
            told.add(policy.place(statement), format!("{} is absent in sessions of Identity Center, whatever the person did to sign in, so that it never holds: ask for MFA there", condition.key));
        }
    }
}

fn mfa_of_keys(template: &Template, about: &About, told: &mut Told) {
    if about.kind != Some(PrincipalKind::User) {
        return;
    }
    for (policy, statement) in template.allows() {
        if let Some(condition) = statement.conditions.iter().find(|one| asks_mfa(one) && one.requires_its_key()) {
            told.add(policy.place(statement), format!("{} is absent with long-term keys: it holds in the console and in sessions of sts:GetSessionToken with a code only; tell the person so", condition.key));
        }
    }
}

fn mfa_if_exists(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        if let Some(condition) = statement.conditions.iter().find(|one| asks_mfa(one) && one.if_exists) {
            told.add(
                policy.place(statement),
                format!(
                    "{} on {} holds for long-term keys, which have no MFA: leave IfExists out",
                    condition.operator(),
                    condition.key
                ),
            );
        }
    }
}

/// Services with one endpoint for all regions, and the regions that their requests report, of each partition.
const GLOBAL: &[(&[&str], &[&str])] = &[
    (
        &["iam", "organizations", "route53", "cloudfront", "support", "account"],
        &["us-east-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1"],
    ),
    (&["globalaccelerator", "networkmanager"], &["us-west-2", "us-gov-west-1"]),
];

fn region_of_global(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for condition in statement.conditions.iter().filter(|one| one.is_on("aws:RequestedRegion")) {
            if condition.comparison.is_negated() || condition.values.iter().any(|value| is_unknown(value)) {
                continue;
            }
            for action in actions(statement) {
                let prefix = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
                let Some((_, regions)) = GLOBAL.iter().find(|(services, _)| services.contains(&prefix.as_str())) else {
                    continue;
                };
                if !condition.values.iter().any(|value| regions.iter().any(|region| matches(value, region))) {
                    let own = regions.first().copied().unwrap_or_default();
                    told.add(policy.place(statement), format!("{prefix} is a global service and reports {own}, so that aws:RequestedRegion never holds for `{action}`: add {own}, or leave the condition out for it"));
                }
            }
        }
    }
}

fn for_all_values(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        let is_checked = |key: &str| {
            let check =
                |one: &Condition| one.comparison == Comparison::Null && one.is_on(key) && one.requires_its_key();
            statement.conditions.iter().any(check)
        };
        for condition in statement.conditions.iter().filter(|one| one.qualifier == Some(Qualifier::ForAllValues)) {
            if !is_checked(&condition.key) {
                let key = &condition.key;
                told.add(policy.place(statement), format!("ForAllValues holds where the request has no {key} at all: add \"Null\": {{\"{key}\": \"false\"}}"));
            }
        }
    }
}

fn negated(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for condition in statement.conditions.iter().filter(|one| one.comparison.is_negated()) {
            told.add(policy.place(statement), format!("{} with Allow also holds where the request has no {}: say what is meant, not what is not, or deny the rest", condition.operator(), condition.key));
        }
    }
}

fn other_key(template: &Template, _: &About, told: &mut Told) {
    for (policy, statement) in template.allows() {
        for condition in statement.conditions.iter().filter(|one| one.requires_its_key()) {
            let key = stem(&condition.key);
            // AWS lists some of those of all services by action too, not all.
            if key.starts_with("aws:") || is_unknown(&key) || !key.contains(':') {
                continue;
            }
            for action in actions(statement).iter().filter(|action| !has_wildcard(action)) {
                let facts = action.split_once(':').and_then(|(prefix, name)| catalog::action(prefix, name));
                let Some(facts) = facts else { continue };
                let service = catalog::service(facts.action.service_prefix());
                let of_types = facts.resources.iter().flat_map(|one| {
                    let name = one.resource_type.name;
                    let whatever = service.map(|service| service.condition_keys_of_type(name)).unwrap_or_default();
                    facts.condition_keys_with(name).iter().chain(whatever)
                });
                if !facts.condition_keys().iter().chain(of_types).any(|known| stem(known) == key) {
                    told.add(policy.place(statement), format!("AWS lists no {} for {}, so that it may never be allowed: put it into a statement of its own", condition.key, facts.action));
                }
            }
        }
    }
}

/// A key in lower case, without what varies: `s3:ExistingObjectTag/` of `s3:ExistingObjectTag/<key>`.
fn stem(key: &str) -> String {
    let end = key.find('/').map_or(key.len(), |at| at + 1);
    key.get(..end).unwrap_or(key).to_ascii_lowercase()
}
