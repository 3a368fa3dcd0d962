//! What a runbook has to be told: texts from the command line to values of the types it asks for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Runbook;
use super::model::InputKind;
use crate::condition::did_you_mean;
use crate::iam::is_account_id;

/// Longest text of an input.
const LONGEST: usize = 4096;

impl InputKind {
    /// The word in a runbook.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Account => "account",
            Self::Principal => "principal",
            Self::Person => "person",
            Self::AccessKey => "access-key",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Region => "region",
            Self::File => "file",
            Self::List => "list",
        }
    }

    /// A text as a value of this kind; or what one looks like. Ages become times before `now`.
    pub fn read(self, text: &str, now: Timestamp) -> Result<Value, &'static str> {
        if text.is_empty() || text.len() > LONGEST || text.contains(['\0', '\n', '\r']) {
            return Err("one line that is not empty, of at most 4096 characters");
        }
        let is = |holds: bool, looks: &'static str| if holds { Ok(Value::from(text)) } else { Err(looks) };
        match self {
            Self::Text | Self::File | Self::Person => Ok(Value::from(text)),
            Self::Principal => {
                is(!text.contains(char::is_whitespace), "an ARN or a short name, with `*` and `?`, such as OrdersApp")
            }
            Self::Account => is(is_account_id(text), "twelve digits, such as 111122223333"),
            Self::AccessKey => {
                let is_key = (16..=128).contains(&text.len())
                    && ["AKIA", "ASIA"].iter().any(|head| text.starts_with(head))
                    && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
                is(is_key, "the id of an access key, such as AKIAIOSFODNN7EXAMPLE")
            }
            Self::Time => {
                let time = moment(text, now).ok_or("2026-02-03T04:05:06Z, 2026-02-03, or an age such as 30d")?;
                Ok(time.to_string().into())
            }
            Self::Duration => is(duration(text).is_some(), "a number and a unit (s, m, h or d), such as 90m or 2h"),
            Self::Number => text.parse::<i64>().map(Value::from).map_err(|_| "a whole number, such as 3"),
            Self::Boolean => text.parse::<bool>().map(Value::from).map_err(|_| "true or false"),
            Self::Region => {
                let is_region = text.split('-').count() >= 3
                    && text.ends_with(|c: char| c.is_ascii_digit())
                    && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
                is(is_region, "a region, such as eu-west-1")
            }
            Self::List => {
                let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
                if parts.is_empty() { Err("texts with commas between, such as a,b") } else { Ok(parts.into()) }
            }
        }
    }

    /// A default as it stands in a runbook.
    pub fn read_default(self, value: &Value, now: Timestamp) -> Result<Value, &'static str> {
        match value {
            Value::Null => Ok(Value::Null),
            Value::String(text) => self.read(text, now),
            Value::Array(items) if self == Self::List && items.iter().all(Value::is_string) => Ok(value.clone()),
            // YAML takes what has digits only for a number.
            Value::Number(_) | Value::Bool(_) => self.read(&value.to_string(), now),
            Value::Array(_) | Value::Object(_) => Err("a value of its type"),
        }
    }
}

/// RFC 3339, a date, or an age.
pub fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(day) = text.parse::<Date>() {
        return Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
    }
    now.checked_sub(duration(text)?).ok()
}

/// A length of time: a number and one of `s`, `m`, `h`, `d`.
pub fn duration(text: &str) -> Option<SignedDuration> {
    let (number, seconds) = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let number = number.parse::<u32>().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(SignedDuration::from_secs(i64::from(number).checked_mul(seconds)?))
}

/// The values of inputs that are given (`name=value`), or every mistake.
pub fn given(runbook: &Runbook, given: &[String], now: Timestamp) -> Result<BTreeMap<String, Value>, Vec<String>> {
    let mut wrong = Vec::new();
    let mut values = BTreeMap::new();
    for text in given {
        let Some((name, text)) = text.split_once('=') else {
            wrong.push(format!("`{text}` is no input; one looks like name=value"));
            continue;
        };
        let Some(input) = runbook.inputs.get(name) else {
            let names = runbook.inputs.keys().map(String::as_str);
            let hint = did_you_mean(name, names.clone());
            let all = names.collect::<Vec<_>>().join(", ");
            let all = if all.is_empty() { "; it has none".to_owned() } else { format!("; it has {all}") };
            wrong.push(format!(
                "`{}` has no input `{name}`{}",
                runbook.runbook,
                if hint.is_empty() { all } else { hint }
            ));
            continue;
        };
        match input.kind.read(text, now) {
            Ok(value) => match values.insert(name.to_owned(), value) {
                Some(Value::Array(mut before)) if input.kind == InputKind::List => {
                    // Repeated, a list grows.
                    before
                        .extend(values.remove(name).and_then(|value| value.as_array().cloned()).into_iter().flatten());
                    values.insert(name.to_owned(), before.into());
                }
                Some(_) => wrong.push(format!("the input `{name}` is given twice")),
                None => {}
            },
            Err(looks) => {
                wrong.push(format!(
                    "the input `{name}` cannot be `{text}`: it is of type {}, {looks}",
                    input.kind.as_str()
                ));
            }
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// The values of all inputs: those that are given, and defaults. Or every mistake.
pub fn values(runbook: &Runbook, given: &[String], now: Timestamp) -> Result<BTreeMap<String, Value>, Vec<String>> {
    let (mut values, mut wrong) = match self::given(runbook, given, now) {
        Ok(values) => (values, Vec::new()),
        Err(wrong) => (BTreeMap::new(), wrong),
    };
    for (name, input) in runbook.inputs.iter().filter(|(name, _)| !given.iter().any(|one| is_of(one, name))) {
        let Some(default) = &input.default else {
            wrong.push(format!("the input `{name}` is missing: {}; give it with --input {name}=…", input.about));
            continue;
        };
        match input.kind.read_default(default, now) {
            Ok(value) => _ = values.insert(name.clone(), value),
            Err(looks) => wrong.push(format!("the default of the input `{name}` has to be {looks}")),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

fn is_of(given: &str, name: &str) -> bool {
    given.split_once('=').is_some_and(|(one, _)| one == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_become_values_of_their_type_or_it_is_told_how_one_looks() {
        let now: Timestamp = "2026-02-03T12:00:00Z".parse().unwrap();
        for (kind, text, expected) in [
            (InputKind::Text, "a b", Some(json!("a b"))),
            (InputKind::Account, "111122223333", Some(json!("111122223333"))),
            (InputKind::Account, "11112222333", None),
            (InputKind::AccessKey, "AKIAIOSFODNN7EXAMPLE", Some(json!("AKIAIOSFODNN7EXAMPLE"))),
            (InputKind::AccessKey, "alice", None),
            (InputKind::Time, "2d", Some(json!("2026-02-01T12:00:00Z"))),
            (InputKind::Time, "2026-02-01", Some(json!("2026-02-01T00:00:00Z"))),
            (InputKind::Time, "yesterday", None),
            (InputKind::Duration, "90m", Some(json!("90m"))),
            (InputKind::Duration, "+1h", None),
            (InputKind::Number, "3", Some(json!(3))),
            (InputKind::Number, "3.5", None),
            (InputKind::Boolean, "true", Some(json!(true))),
            (InputKind::Boolean, "yes", None),
            (InputKind::Region, "eu-west-1", Some(json!("eu-west-1"))),
            (InputKind::Region, "Ireland", None),
            (InputKind::List, "a, b", Some(json!(["a", "b"]))),
            (InputKind::List, ",", None),
            (InputKind::Text, "a\nb", None),
            (InputKind::Text, "", None),
        ] {
            assert_eq!(kind.read(text, now).ok(), expected, "{text}");
        }
        assert_eq!(InputKind::Account.read_default(&json!(111122223333_u64), now), Ok(json!("111122223333")));
        assert_eq!(InputKind::List.read_default(&json!(["a"]), now), Ok(json!(["a"])));
        assert!(InputKind::Text.read_default(&json!({}), now).is_err());
    }
}
