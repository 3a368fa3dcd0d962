//! The slow twin: the rules read out one after the other over the JSON itself, for requests of which all is
//! known. Wildcards become regular expressions. It shares no code with what it is compared to.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use regex::Regex;
use serde_json::Value;

/// Every key of a request with its values; a key that is not there is absent.
pub(super) type Known = BTreeMap<String, Vec<String>>;

/// Identity policies, boundary, session policies, levels of service control policies.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) identity: Vec<Value>,
    pub(super) boundary: Option<Vec<Value>>,
    pub(super) session: Option<Vec<Value>>,
    pub(super) scps: Vec<Vec<Value>>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
}

pub(super) fn decide(layers: &Layers, action: &str, resource: &str, known: &Known) -> Answer {
    let mut all: Vec<&Vec<Value>> = vec![&layers.identity];
    all.extend(&layers.boundary);
    all.extend(&layers.session);
    all.extend(&layers.scps);
    let any = |policies: &Vec<Value>, effect: &str| {
        policies.iter().any(|policy| {
            let old = policy.get("Version").is_none_or(|version| version == "2008-10-17");
            list(&policy["Statement"])
                .iter()
                .any(|statement| statement["Effect"] == effect && applies(statement, action, resource, known, old))
        })
    };
    if all.iter().any(|policies| any(policies, "Deny")) {
        Answer::ExplicitlyDenied
    } else if all.iter().all(|policies| any(policies, "Allow")) {
        Answer::Allowed
    } else {
        Answer::ImplicitlyDenied
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect()
}

fn applies(statement: &Value, action: &str, resource: &str, known: &Known, old: bool) -> bool {
    let lower = action.to_lowercase();
    let is_action = |pattern: &String| regex_of(&pattern.to_lowercase(), true, None).is_match(&lower);
    let actions = match statement.get("Action") {
        Some(listed) => texts(listed).iter().any(is_action),
        None => !texts(&statement["NotAction"]).iter().any(is_action),
    };
    let variables = (!old).then_some(known);
    let is_resource = |pattern: &String| matches(pattern, resource, true, variables);
    let resources = match statement.get("Resource") {
        Some(listed) => texts(listed).iter().any(is_resource),
        None => !texts(&statement["NotResource"]).iter().any(is_resource),
    };
    let no_conditions = serde_json::Map::new();
    let conditions = statement.get("Condition").and_then(Value::as_object).unwrap_or(&no_conditions);
    actions
        && resources
        && conditions.iter().all(|(operator, keys)| {
            keys.as_object()
                .unwrap()
                .iter()
                .all(|(key, values)| holds(operator, known.get(&key.to_lowercase()), &texts(values), variables))
        })
}

/// One condition: taken apart by its name.
fn holds(operator: &str, found: Option<&Vec<String>>, values: &[String], variables: Option<&Known>) -> bool {
    if operator == "Null" {
        return values.iter().any(|value| (value == "true") == found.is_none());
    }
    let (set, name) = operator.split_once(':').unwrap_or(("", operator));
    let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
    let positive = name.replace("NotEquals", "Equals").replace("NotLike", "Like").replace("NotIp", "Ip");
    let is_negated = positive != name;
    let Some(found) = found else {
        return if_exists || set == "ForAllValues" || (set.is_empty() && is_negated);
    };
    let one = |value: &String| values.iter().any(|policy| compares(&positive, value, policy, variables)) != is_negated;
    match set {
        "ForAllValues" => found.iter().filter(|value| !value.is_empty()).all(one),
        _ => found.iter().any(one),
    }
}

fn compares(operator: &str, value: &str, policy: &str, variables: Option<&Known>) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap();
    let moment = |text: &str| match text.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => text.parse::<jiff::Timestamp>().unwrap().as_second(),
    };
    match operator {
        "StringEquals" => matches(policy, value, false, variables),
        "StringEqualsIgnoreCase" => {
            let lower = |text: &str| text.to_lowercase();
            let known = variables.map(|known| {
                known
                    .iter()
                    .map(|(key, all)| (key.clone(), all.iter().map(|one| lower(one)).collect()))
                    .collect::<Known>()
            });
            matches(&lower(policy), &lower(value), false, known.as_ref())
        }
        "StringLike" => matches(policy, value, true, variables),
        "ArnEquals" | "ArnLike" => {
            let (policy, value): (Vec<_>, Vec<_>) = (policy.splitn(6, ':').collect(), value.splitn(6, ':').collect());
            policy.iter().zip(&value).all(|(policy, value)| matches(policy, value, true, variables))
        }
        "NumericEquals" => number(value) == number(policy),
        "NumericLessThan" => number(value) < number(policy),
        "NumericLessThanEquals" => number(value) <= number(policy),
        "NumericGreaterThan" => number(value) > number(policy),
        "NumericGreaterThanEquals" => number(value) >= number(policy),
        "DateEquals" => moment(value) == moment(policy),
        "DateLessThan" => moment(value) < moment(policy),
        "DateLessThanEquals" => moment(value) <= moment(policy),
        "DateGreaterThan" => moment(value) > moment(policy),
        "DateGreaterThanEquals" => moment(value) >= moment(policy),
        "Bool" | "BinaryEquals" => value == policy,
        "IpAddress" => is_in(value, policy),
        other => unreachable!("{other}"),
    }
}

/// Bit by bit.
fn is_in(address: &str, range: &str) -> bool {
    let bits = |text: &str| -> String {
        match text.parse().unwrap() {
            std::net::IpAddr::V4(v4) => v4.octets().iter().map(|byte| format!("{byte:08b}")).collect(),
            std::net::IpAddr::V6(v6) => v6.octets().iter().map(|byte| format!("{byte:08b}")).collect(),
        }
    };
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (bits(network), length.parse().unwrap()),
        None => (bits(range), bits(range).len()),
    };
    let address = bits(address);
    address.len() == network.len() && address[..length] == network[..length]
}

/// Whether a text of the policy is, or as a pattern takes in, a text of the request.
fn matches(pattern: &str, text: &str, wildcards: bool, variables: Option<&Known>) -> bool {
    if pattern == "*" && wildcards {
        return true;
    }
    if let Some(known) = variables {
        let inside = pattern.split("${").skip(1).map(|after| after.split_once('}').unwrap().0);
        let is_resolved = |text: &str| {
            matches!(text, "*" | "?" | "$") || text.contains(',') || known.contains_key(&text.to_lowercase())
        };
        if !inside.into_iter().all(is_resolved) {
            return false;
        }
    }
    regex_of(pattern, wildcards, variables).is_match(text)
}

/// The whole text has to fit.
fn regex_of(pattern: &str, wildcards: bool, variables: Option<&Known>) -> Regex {
    let mut regex = "(?s)^".to_owned();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if let (Some(known), Some(after)) = (variables, rest.strip_prefix("${")) {
            let (inside, after) = after.split_once('}').unwrap();
            let (key, default) = inside.split_once(',').map_or((inside, None), |(key, text)| (key, Some(text)));
            let default = default.map(|text| text.trim().trim_matches('\'').to_owned());
            let value = match known.get(&key.to_lowercase()) {
                Some(values) => values[0].clone(),
                None => default.unwrap_or_else(|| key.to_owned()),
            };
            regex += &regex::escape(&value);
            rest = after;
            continue;
        }
        match c {
            '*' if wildcards => regex += ".*",
            '?' if wildcards => regex += ".",
            c => regex += &regex::escape(&c.to_string()),
        }
        rest = &rest[c.len_utf8()..];
    }
    REGEXES.with_borrow_mut(|known| {
        known.entry(regex + "$").or_insert_with_key(|regex| Regex::new(regex).unwrap()).clone()
    })
}

thread_local! {
    /// Compiling them takes most of the time.
    static REGEXES: RefCell<HashMap<String, Regex>> = RefCell::default();
}
