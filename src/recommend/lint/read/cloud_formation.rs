//! CloudFormation, in JSON or YAML. What its functions give is known to the deployment only, but for the text around it.

use serde_json::{Map, Value};
use yaml_serde::Value as Yaml;

use super::{duration, iso, part, policy, seconds, texts, unknown};
use crate::iam::Target;
use crate::recommend::lint::template::{Attached, Lasts, Template, UNKNOWN};

/// YAML as JSON, with the short forms of functions (`!Sub`) written out.
pub(super) fn yaml(text: &str) -> Result<Value, String> {
    let value: Yaml = yaml_serde::from_str(text).map_err(|error| format!("no valid YAML: {error}"))?;
    Ok(plain(value))
}

fn plain(value: Yaml) -> Value {
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => serde_json::to_value(&number).unwrap_or_default(),
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(all) => all.into_iter().map(plain).collect(),
        Yaml::Mapping(all) => {
            let key = |key: Yaml| match key {
                Yaml::String(text) => text,
                other => plain(other).to_string(),
            };
            all.into_iter().map(|(name, value)| (key(name), plain(value))).collect()
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let name = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
            Value::Object(Map::from_iter([(name, plain(tagged.value))]))
        }
    }
}

/// Reads the resources that give something to somebody.
pub(super) fn read(resources: Map<String, Value>, template: &mut Template) {
    for (name, resource) in resources {
        let Value::Object(mut resource) = resolved(resource) else { continue };
        let (Some(Value::String(kind)), Some(Value::Object(properties))) =
            (resource.remove("Type"), resource.remove("Properties"))
        else {
            continue;
        };
        one(&name, &kind, properties, template);
    }
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
    if let Some(Value::Array(policies)) = properties.remove("Policies") {
        for (number, own) in (1..).zip(policies) {
            let Value::Object(mut own) = own else { continue };
            let at = own.get("PolicyName").and_then(Value::as_str).map_or_else(|| number.to_string(), str::to_owned);
            add(&part(name, &format!("policy {at}")), Attached::As(inline), own.remove("PolicyDocument"));
        }
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

/// The same with its functions put in, as far as they can be.
fn resolved(value: Value) -> Value {
    match value {
        Value::Array(all) => all.into_iter().map(resolved).filter(|value| !is_no_value(value)).collect(),
        Value::Object(mut object) if object.len() == 1 => {
            let Some((name, value)) = object.iter_mut().next() else { return unknown() };
            match name.as_str() {
                "Ref" | "Condition" if !value.is_string() => resolved_members(object),
                "Ref" if value.as_str() == Some("AWS::NoValue") => Value::Null,
                "Ref" => unknown(),
                "Fn::Sub" => substituted(value),
                "Fn::Join" => joined(value.take()),
                "Fn::If" => either(value.take()),
                name if name.starts_with("Fn::") => unknown(),
                _ => resolved_members(object),
            }
        }
        Value::Object(object) => resolved_members(object),
        other => other,
    }
}

fn resolved_members(object: Map<String, Value>) -> Value {
    object.into_iter().map(|(name, value)| (name, resolved(value))).filter(|(_, value)| !is_no_value(value)).collect()
}

fn is_no_value(value: &Value) -> bool {
    value.is_null()
}

/// `arn:${AWS::Partition}:…` with what is not known in the place of variables. `${!x}` is the text `${x}`.
fn substituted(value: &Value) -> Value {
    let text = match value {
        Value::Array(parts) => parts.first().and_then(Value::as_str),
        other => other.as_str(),
    };
    let Some(text) = text else { return unknown() };
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        found.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                match name.strip_prefix('!') {
                    Some(literal) => found.extend(["${", literal, "}"]),
                    None => found.push(UNKNOWN),
                }
                rest = after;
            }
            None => {
                found.push_str("${");
                rest = after;
            }
        }
    }
    found.push_str(rest);
    Value::String(found)
}

fn joined(value: Value) -> Value {
    let Value::Array(parts) = value else { return unknown() };
    let mut parts = parts.into_iter();
    let (Some(Value::String(between)), Some(Value::Array(texts))) = (parts.next(), parts.next()) else {
        return unknown();
    };
    let text = |value| match resolved(value) {
        Value::String(text) => text,
        _ => UNKNOWN.to_string(),
    };
    Value::String(texts.into_iter().map(text).collect::<Vec<_>>().join(&between))
}

/// What a condition may put here: the first of its two values that is one.
fn either(value: Value) -> Value {
    let Value::Array(parts) = value else { return unknown() };
    let mut values = parts.into_iter().skip(1).map(resolved).filter(|value| !is_no_value(value));
    values.next().unwrap_or_default()
}
