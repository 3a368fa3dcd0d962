//! CloudFormation, in JSON or YAML: the resources that give something to somebody.

use serde_json::{Map, Value};

use super::functions::{Holds, combinations, conditions, resolved};
use super::{duration, holds_policy, iso, nothing, part, policy, seconds, texts};
use crate::iam::Target;
use crate::recommend::lint::template::{Attached, Lasts, Template};

/// Reads the resources that give something to somebody, once for each way in which their conditions may hold. Fails where
/// there are none.
pub(super) fn read(resources: &Map<String, Value>, template: &mut Template) -> Result<(), String> {
    let mut own = Vec::new();
    for (name, resource) in resources {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        if is_judged(kind) {
            own.push((name, kind, resource.get("Properties").unwrap_or(&Value::Null)));
        } else if holds_policy(resource) {
            template.not_judged(name, kind);
        }
    }
    if own.is_empty() {
        return Err(nothing("no role, user, group or policy of IAM and no permission set", template));
    }
    let mut names = Holds::new();
    own.iter().for_each(|(_, _, properties)| conditions(properties, &mut names));
    let (all, are_all) = combinations(&names);
    if !are_all {
        let why = format!(
            "{} conditions may hold together in more ways than are judged: look at these yourself",
            names.len()
        );
        template.unread.push(("Conditions".to_owned(), why));
    }
    for (number, holds) in all.iter().enumerate() {
        let mut choice = Template::default();
        let into = if number == 0 { &mut *template } else { &mut choice };
        for (name, kind, properties) in &own {
            match resolved((*properties).clone(), holds) {
                Value::Object(properties) => one(name, kind, properties, into),
                Value::Null => {}
                _ => into.not_judged(name, kind),
            }
        }
        if number > 0 {
            template.choices.push(choice);
        }
    }
    Ok(())
}

fn is_judged(kind: &str) -> bool {
    kind == "AWS::SSO::PermissionSet"
        || kind.strip_prefix("AWS::IAM::").is_some_and(|kind| {
            matches!(
                kind,
                "Role" | "RolePolicy" | "User" | "UserPolicy" | "Group" | "GroupPolicy" | "Policy" | "ManagedPolicy"
            )
        })
}

fn one(name: &str, kind: &str, mut properties: Map<String, Value>, template: &mut Template) {
    let inline = match kind {
        "AWS::IAM::Role" | "AWS::IAM::RolePolicy" => Target::InlineRole,
        "AWS::IAM::User" | "AWS::IAM::UserPolicy" => Target::InlineUser,
        "AWS::IAM::Group" | "AWS::IAM::GroupPolicy" => Target::InlineGroup,
        "AWS::IAM::Policy" if properties.contains_key("Users") => Target::InlineUser,
        "AWS::IAM::Policy" if properties.contains_key("Groups") => Target::InlineGroup,
        "AWS::IAM::Policy" => Target::InlineRole,
        "AWS::IAM::ManagedPolicy" => Target::Managed,
        "AWS::SSO::PermissionSet" => Target::PermissionSet,
        _ => return,
    };
    let mut add = |at: &str, attached, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            policy(at, attached, value, 0, template);
        }
    };
    add(name, Attached::As(inline), properties.remove("PolicyDocument"));
    add(name, Attached::As(inline), properties.remove("InlinePolicy"));
    add(&part(name, "AssumeRolePolicyDocument"), Attached::Trust, properties.remove("AssumeRolePolicyDocument"));
    match properties.remove("Policies") {
        Some(Value::Array(policies)) => {
            for (number, mut own) in (1..).zip(policies) {
                let at =
                    own.get("PolicyName").and_then(Value::as_str).map_or_else(|| number.to_string(), str::to_owned);
                let document = own.get_mut("PolicyDocument").map(Value::take);
                add(&part(name, &format!("policy {at}")), Attached::As(inline), document.or(Some(own)));
            }
        }
        other => add(&part(name, "Policies"), Attached::As(inline), other),
    }
    if let Some(value) = properties.get("SessionDuration") {
        duration(part(name, "SessionDuration"), value, Lasts::PermissionSet, iso, template);
    }
    if let Some(value) = properties.get("MaxSessionDuration") {
        duration(part(name, "MaxSessionDuration"), value, Lasts::Role, seconds, template);
    }
    for key in ["ManagedPolicies", "ManagedPolicyArns"] {
        template.managed.extend(texts(properties.get(key)).into_iter().map(|arn| (part(name, key), arn)));
    }
}
