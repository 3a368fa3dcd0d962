//! `aws sts assume-role` with a session policy, as a line for a shell or as the JSON that the command takes.

use serde_json::{Map, Value};

use super::{duration, json, policy, seconds};
use crate::iam::Target;
use crate::recommend::lint::template::{Attached, Lasts, Template};

const SESSION: Attached = Attached::As(Target::Session);

/// Reads a line: the policy has to stand in it, in quotes.
pub(super) fn read(text: &str, template: &mut Template) -> Result<(), String> {
    if let Some(value) = after(text, "--duration-seconds") {
        let number: String = value.chars().take_while(|c| !c.is_whitespace() && *c != '\\').collect();
        duration("--duration-seconds".to_owned(), &Value::String(number), Lasts::Session, seconds, template);
    }
    let Some(begin) = text.find('{') else {
        return Err("the session policy stands in another file: lint that one too".to_owned());
    };
    let rest = text.get(begin..).unwrap_or_default();
    let mut all = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let value = match all.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(format!("the session policy is no valid JSON: {error}")),
        None => return Err("there is no session policy".to_owned()),
    };
    let own = rest.get(..all.byte_offset()).unwrap_or_default();
    json::parse(own, "--policy", template)?;
    policy("--policy", SESSION, value, own.chars().count(), template);
    Ok(())
}

/// Reads what `--cli-input-json` takes; whether it is that.
pub(super) fn input(object: &Map<String, Value>, template: &mut Template) -> bool {
    if !(object.contains_key("RoleArn") && object.contains_key("RoleSessionName")) {
        return false;
    }
    if let Some(value) = object.get("DurationSeconds") {
        duration("DurationSeconds".to_owned(), value, Lasts::Session, seconds, template);
    }
    if let Some(value) = object.get("Policy") {
        policy("Policy", SESSION, value.clone(), 0, template);
    }
    true
}

/// What follows an option, with a space or `=` between.
fn after<'t>(text: &'t str, option: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(option)?;
    Some(rest.trim_start_matches([' ', '=', '\'', '"']))
}
