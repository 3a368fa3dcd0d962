//! `aws sts assume-role` with a session policy, as lines for a shell or as the JSON that the command takes.

use serde_json::{Map, Value};

use super::{duration, json, policy, seconds};
use crate::iam::Target;
use crate::recommend::lint::template::{Attached, Lasts, Template};

/// What tells such a line.
pub(super) const COMMAND: &str = "sts assume-role";

const SESSION: Attached = Attached::As(Target::Session);

/// Reads every command: its policy has to stand in it, in quotes. Fails where none has one.
pub(super) fn read(text: &str, template: &mut Template) -> Result<(), String> {
    let commands: Vec<&str> = commands(text).collect();
    let mut missing = Vec::new();
    for (number, own) in (1..).zip(&commands) {
        let name = |option: &str| match commands.len() {
            1 => option.to_owned(),
            _ => format!("command {number}, {option}"),
        };
        if let Some(value) = after(own, "--duration-seconds") {
            let is_end = |c: char| c.is_whitespace() || matches!(c, '\\' | '\'' | '"');
            let number = value.split(is_end).next().unwrap_or_default().to_owned();
            duration(name("--duration-seconds"), &Value::String(number), Lasts::Session, seconds, template);
        }
        match session_policy(own) {
            Ok(text) => one(&name("--policy"), text, template)?,
            Err(why) => missing.push((name("--policy"), why.to_owned())),
        }
    }
    match missing.first() {
        Some((_, why)) if missing.len() == commands.len() => Err(why.clone()),
        None if commands.is_empty() => Err(format!("`{COMMAND}` stands in comments only")),
        _ => {
            template.unread.extend(missing);
            Ok(())
        }
    }
}

/// What follows each `aws sts assume-role` up to the next, but for comments.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.match_indices(COMMAND).skip(1).map(|(at, _)| at).chain([text.len()]);
    text.match_indices(COMMAND).zip(ends).filter_map(|((at, _), end)| {
        let line = text.get(..at)?.lines().next_back().unwrap_or_default();
        (!line.trim_start().starts_with('#')).then(|| text.get(at..end))?
    })
}

/// Where the policy of a command begins, or why it has none.
fn session_policy(command: &str) -> Result<&str, &'static str> {
    let value = after(command, "--policy")
        .ok_or("there is no session policy, so that the session may do what the role may: lint the role's policies")?;
    let own = value.split(" --").next().unwrap_or_default();
    // `${x}` is a variable of the shell.
    let begin = own.match_indices('{').map(|(at, _)| at).find(|at| own.get(..*at).is_some_and(|s| !s.ends_with('$')));
    begin
        .and_then(|at| value.get(at..))
        .ok_or("the session policy stands in another file or in a variable: lint that one too")
}

/// Reads a policy, and not what follows it.
fn one(at: &str, text: &str, template: &mut Template) -> Result<(), String> {
    let mut all = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match all.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(format!("{at} is no valid JSON: {error}")),
        None => return Err(format!("{at} is empty")),
    };
    let own = text.get(..all.byte_offset()).unwrap_or_default();
    json::parse(own, at, template)?;
    policy(at, SESSION, value, own.chars().count(), template);
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

/// What follows an option, with a space or `=` between. A longer option that begins the same is another one.
fn after<'t>(text: &'t str, option: &str) -> Option<&'t str> {
    let mut all = text.match_indices(option).filter_map(|(at, _)| text.get(at + option.len()..));
    let value = all.find(|rest| rest.starts_with(|c: char| c == '=' || c == '\\' || c.is_whitespace()))?;
    Some(value.trim_start_matches([' ', '=', '\'', '"']))
}
