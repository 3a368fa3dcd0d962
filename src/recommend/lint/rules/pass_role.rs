//! Handing a role to a service: whoever may do that with any role has what all of them have.

use super::super::template::{actions, is_unknown, resources};
use super::super::{About, Rule, Template, Told};
use crate::iam::document::{Condition, Statement};
use crate::iam::{Arn, matches, matches_ignoring_case};

pub(in super::super) const RULES: &[Rule] = &[
    Rule { name: "pass-any-role", rejects: true, says: "iam:PassRole on any role", check: any_role },
    Rule {
        name: "pass-role-service",
        rejects: true,
        says: "iam:PassRole without iam:PassedToService",
        check: any_service,
    },
];

/// Whether it names the action; `*` has a rule of its own.
fn passes(statement: &Statement) -> bool {
    let is_it = |pattern: &String| pattern.contains(':') && matches_ignoring_case(pattern, "iam:PassRole");
    actions(statement).iter().any(is_it)
}

fn any_role(template: &Template, _: &About, told: &mut Told) {
    // A name that nobody can have written: only wildcards fit it.
    let is_any = |resource: &&String| {
        !is_unknown(resource)
            && (matches(resource, "\u{1}") || Arn::parse(resource).is_ok_and(|arn| matches(arn.resource, "role/\u{1}")))
    };
    for (policy, statement) in template.allows().filter(|(_, statement)| passes(statement)) {
        if let Some(resource) = resources(statement).iter().find(is_any) {
            told.add(policy.place(statement), format!("iam:PassRole on any role by `{resource}`: whoever has it can use what any of them may; name the role"));
        }
    }
}

fn any_service(template: &Template, _: &About, told: &mut Told) {
    let narrows = |condition: &Condition| {
        condition.requires_its_key()
            && (condition.is_on("iam:PassedToService") || condition.is_on("iam:AssociatedResourceArn"))
    };
    for (policy, statement) in template.allows().filter(|(_, statement)| passes(statement)) {
        if !statement.conditions.iter().any(narrows) {
            told.add(policy.place(statement), "iam:PassRole to any service: add the condition iam:PassedToService with the one that is meant, such as lambda.amazonaws.com");
        }
    }
}
