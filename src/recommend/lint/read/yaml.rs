//! YAML, as CloudFormation has it.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value};
use yaml_serde::Value as Yaml;

/// Brackets in brackets at most: the parser's time grows with the square of their number.
const DEEPEST: usize = 100;

/// YAML as JSON, with the short forms of functions (`!Sub`) written out.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    if [true, false].iter().any(|has_quotes| depth(text, *has_quotes) > DEEPEST) {
        return Err(format!(
            "brackets stand in brackets more than {DEEPEST} deep: no template that anybody could review"
        ));
    }
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

/// How deep brackets stand in brackets, but for those in comments and, if it has any, in quotes. A quote may be a letter of
/// a text (`- 'tis`), which only a parser can tell: so both readings have to be shallow.
fn depth(text: &str, has_quotes: bool) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut before = '\n';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '#' if before.is_whitespace() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\'' | '"' if has_quotes && (before.is_whitespace() || "[{,:".contains(before)) => {
                pass_quoted(&mut chars, c);
            }
            _ => {}
        }
        deepest = deepest.max(depth);
        before = c;
    }
    deepest
}

/// Goes behind the end of what stands in quotes.
fn pass_quoted(chars: &mut Peekable<Chars<'_>>, quote: char) {
    while let Some(c) = chars.next() {
        match c {
            '\\' if quote == '"' => _ = chars.next(),
            // Twice, it is a letter.
            c if c == quote && chars.next_if_eq(&quote).is_none() => return,
            _ => {}
        }
    }
}
