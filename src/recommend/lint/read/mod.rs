//! From text to a [`Template`]: what it is, is told by what stands in it and not by the name of its file.

mod cloud_formation;
mod functions;
mod json;
mod shell;
mod terraform;
mod tools;
mod yaml;

use serde_json::{Map, Value};

use super::shown;
use super::template::{Attached, Duration, Lasts, Policy, Template, UNKNOWN, is_unknown};

/// Longer than any template that people review.
const LONGEST: usize = 1 << 20;

/// Things that an error names.
const MOST: usize = 5;

/// What can be read, for whoever gave something else.
const FORMS: &str = "an IAM policy, CloudFormation, Terraform, an eligibility of AWS TEAM, an access rule of Glide, or `aws sts assume-role`";

pub(super) fn read(text: &str) -> Result<Template, String> {
    if text.len() > LONGEST {
        return Err(format!("longer than {LONGEST} bytes: no template that anybody could review"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let begins = |words: &[&str]| text.lines().any(|line| words.iter().any(|word| line.starts_with(word)));
    let mut template = Template::default();
    let is_known = if text.trim_start().starts_with(['{', '[']) {
        let value = json::parse(text, "", &mut template)?;
        object(value, text, &mut template)?
    } else if begins(&["Resources:", "AWSTemplateFormatVersion", "Statement:"]) {
        object(yaml::parse(text)?, text, &mut template)?
    } else if begins(&["resource ", "resource\t", "data "]) {
        terraform::read(text, &mut template)?;
        true
    // Last, as any text may tell of it.
    } else if text.contains(shell::COMMAND) {
        shell::read(text, &mut template)?;
        true
    } else {
        false
    };
    match is_known {
        true => Ok(template),
        false => Err(format!("no template of a form that is known: {FORMS}")),
    }
}

/// Whether it was anything that is known. Fails where it is, and nothing in it is judged.
fn object(value: Value, text: &str, template: &mut Template) -> Result<bool, String> {
    match value {
        Value::Array(all) => {
            let mut is_known = false;
            for (number, one) in (1..).zip(all) {
                if object(one, text, template)? {
                    is_known = true;
                } else {
                    let why = "of no form that is known: look at it yourself";
                    template.unread.push((format!("element {number}"), why.to_owned()));
                }
            }
            Ok(is_known)
        }
        Value::Object(object) if object.contains_key("Statement") => {
            policy("", Attached::Unknown, Value::Object(object), text.chars().count(), template);
            Ok(true)
        }
        Value::Object(object) => {
            if let Some(Value::Object(resources)) = object.get("Resources") {
                cloud_formation::read(resources, template)?;
                return Ok(true);
            }
            Ok(shell::input(&object, template) || tools::read(&object, template))
        }
        _ => Ok(false),
    }
}

/// Why a text of a known form is not judged, where nothing in it is of a kind that is.
fn nothing(missing: &str, template: &Template) -> String {
    let mut why = format!("it holds {missing}, and nothing else is judged");
    for (at, unread) in template.unread.iter().take(MOST) {
        why.push_str(&format!("; {}: {}", shown(at), shown(unread)));
    }
    why
}

/// Whether anything in it looks like a policy, or is called like one.
fn holds_policy(value: &Value) -> bool {
    match value {
        Value::Array(all) => all.iter().any(holds_policy),
        Value::Object(object) => object.iter().any(|(key, own)| {
            matches!(key.as_str(), "Policies" | "PolicyDocument" | "ManagedPolicyArns")
                || (key == "Effect" && matches!(own.as_str(), Some("Allow" | "Deny")))
                || holds_policy(own)
        }),
        Value::String(text) => text.contains("\"Effect\""),
        _ => false,
    }
}

/// Adds a policy: an object, or the text of one.
fn policy(at: &str, attached: Attached, value: Value, raw: usize, template: &mut Template) {
    let why = match value {
        Value::Object(object) => match Policy::new(at, attached, object, raw) {
            Ok(policy) => return template.policies.push(policy),
            Err(error) => error.to_string(),
        },
        Value::String(text) if text.trim_start().starts_with('{') => match json::parse(&text, at, template) {
            Ok(value @ Value::Object(_)) => return policy(at, attached, value, text.chars().count(), template),
            Ok(_) => "no JSON object".to_owned(),
            Err(error) => error,
        },
        Value::String(text) if is_unknown(&text) => "it stands elsewhere".to_owned(),
        _ => "neither an object nor the text of one".to_owned(),
    };
    template.unread.push((at.to_owned(), format!("no policy can be read here: {why}; lint that too")));
}

/// Adds how long something lasts, unless only the deployment knows.
fn duration(at: String, value: &Value, of: Lasts, read: fn(&str) -> Option<i64>, template: &mut Template) {
    let text = match value {
        Value::String(text) if is_unknown(text) => return,
        Value::String(text) => text.clone(),
        Value::Null => return,
        other => other.to_string(),
    };
    template.durations.push(Duration { seconds: read(&text), at, text, of });
}

/// Whole seconds.
fn seconds(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// An ISO 8601 duration, such as `PT1H30M`.
fn iso(text: &str) -> Option<i64> {
    if !text.starts_with("PT") {
        return None;
    }
    let span: jiff::SignedDuration = text.parse().ok()?;
    Some(span.as_secs())
}

/// Every text in a list, or the one that stands for it.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The name of a part of something.
fn part(at: &str, part: &str) -> String {
    if at.is_empty() { part.to_owned() } else { format!("{at}, {part}") }
}

/// A member of an object, and none where there is no object.
fn member<'v>(object: &'v Map<String, Value>, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(object.get(*first)?, |value, name| value.get(*name))
}

/// A text of which nothing is known.
fn unknown() -> Value {
    Value::String(UNKNOWN.to_string())
}
