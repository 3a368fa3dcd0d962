//! From JSON to lists of users, groups, roles and policies. Each entry is read by itself, so that a bad one costs
//! itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Attached, Granted, Origin, Policy, Problem, Written};
use crate::iam::document::decoded;
use crate::iam::{Document, DocumentError};

/// Reads file after file; what one says may refer to another.
#[derive(Debug, Default)]
pub struct Reader {
    pub(super) users: Vec<Entity>,
    pub(super) roles: Vec<Entity>,
    pub(super) groups: Vec<Entity>,
    /// Managed policies by ARN; none where the document cannot be read.
    pub(super) managed: BTreeMap<String, Option<Arc<Policy>>>,
    everybody: Vec<Attached>,
    problems: Vec<Problem>,
    file: String,
}

/// A user, group or role.
#[derive(Debug)]
pub(super) struct Entity {
    pub(super) arn: String,
    pub(super) inline: Vec<(String, Option<Arc<Policy>>)>,
    pub(super) attached: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) boundary: Option<String>,
    /// Places of what could not be read of it.
    pub(super) unread: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Details {
    user_detail_list: Value,
    group_detail_list: Value,
    role_detail_list: Value,
    policies: Value,
    is_truncated: Value,
    next_token: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    arn: String,
    #[serde(default, rename = "UserPolicyList", alias = "GroupPolicyList", alias = "RolePolicyList")]
    inline: Value,
    #[serde(default)]
    attached_managed_policies: Value,
    #[serde(default)]
    group_list: Value,
    #[serde(default)]
    permissions_boundary: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inline {
    policy_name: String,
    #[serde(default)]
    policy_document: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByArn {
    policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByBoundary {
    permissions_boundary_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Managed {
    arn: String,
    #[serde(default)]
    default_version_id: Option<String>,
    #[serde(default)]
    policy_version_list: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    #[serde(default)]
    version_id: Option<String>,
    #[serde(default)]
    is_default_version: bool,
    #[serde(default)]
    document: Value,
}

const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

impl Reader {
    /// Reads a file; `name` is how it is told of.
    pub fn add(&mut self, name: &str, text: &str) {
        name.clone_into(&mut self.file);
        // Windows puts a mark before the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = decoded(text).ok().and_then(|text| serde_json::from_str(&text).ok());
        match value {
            Some(Value::Object(object)) if LISTS.iter().any(|list| object.contains_key(*list)) => self.details(object),
            Some(Value::Object(object)) if object.keys().any(|key| key.eq_ignore_ascii_case("Statement")) => {
                if let Some(policy) = self.policy("", Value::Object(object)) {
                    self.everybody.push(Attached { origin: Origin::File(name.to_owned()), policy });
                }
            }
            Some(_) => self.complain(
                "",
                "neither the output of `aws iam get-account-authorization-details` nor a policy document",
            ),
            None => self.complain("", "no valid JSON"),
        }
    }

    /// The policies of everybody.
    pub fn finish(mut self) -> Granted {
        let (everybody, problems) = (std::mem::take(&mut self.everybody), std::mem::take(&mut self.problems));
        Granted { holders: self.holders(), everybody, problems }
    }

    fn details(&mut self, object: Map<String, Value>) {
        let details: Details = serde_json::from_value(Value::Object(object)).unwrap_or_default();
        let users = self.entities("UserDetailList", "UserPolicyList", details.user_detail_list);
        self.users.extend(users);
        let groups = self.entities("GroupDetailList", "GroupPolicyList", details.group_detail_list);
        self.groups.extend(groups);
        let roles = self.entities("RoleDetailList", "RolePolicyList", details.role_detail_list);
        self.roles.extend(roles);
        for (path, managed) in self.each::<Managed>("Policies", details.policies) {
            let document = self.default_version(&path, &managed.default_version_id, managed.policy_version_list);
            // The same policy stands in the files of all accounts that have it attached.
            let known = self.managed.entry(managed.arn).or_default();
            *known = known.take().or(document);
        }
        if details.is_truncated == Value::Bool(true) || !details.next_token.is_null() {
            self.complain(
                "IsTruncated",
                "there is more than this file holds; add the other pages with `--granted` too",
            );
        }
    }

    fn default_version(&mut self, path: &str, default: &Option<String>, versions: Value) -> Option<Arc<Policy>> {
        let versions = self.each::<Version>(&format!("{path}.PolicyVersionList"), versions);
        let by_id = |version: &Version| default.is_some() && version.version_id == *default;
        let marked = versions.iter().position(|(_, version)| version.is_default_version);
        let at = marked.or_else(|| versions.iter().position(|(_, version)| by_id(version)));
        match at.and_then(|at| versions.into_iter().nth(at)) {
            Some((path, version)) => self.policy(&format!("{path}.Document"), version.document),
            None => {
                self.complain(path, "no version of it is the default one");
                None
            }
        }
    }

    fn entities(&mut self, list: &str, inline: &str, value: Value) -> Vec<Entity> {
        let listed = self.each::<Listed>(list, value);
        listed.into_iter().map(|(path, listed)| self.entity(&path, inline, listed)).collect()
    }

    fn entity(&mut self, path: &str, inline: &str, listed: Listed) -> Entity {
        let before = self.problems.len();
        let policies = self.each::<Inline>(&format!("{path}.{inline}"), listed.inline);
        let policies = policies.into_iter().map(|(path, own)| {
            let document = self.policy(&format!("{path}.PolicyDocument"), own.policy_document);
            (own.policy_name, document)
        });
        let inline = policies.collect();
        let attached = self.each::<ByArn>(&format!("{path}.AttachedManagedPolicies"), listed.attached_managed_policies);
        let groups = self.each::<String>(&format!("{path}.GroupList"), listed.group_list);
        let boundary = match listed.permissions_boundary {
            Value::Null => None,
            value => self.one::<ByBoundary>(&format!("{path}.PermissionsBoundary"), value),
        };
        let unread = self.problems.iter().skip(before).map(|problem| problem.path.clone());
        Entity {
            arn: listed.arn,
            inline,
            attached: attached.into_iter().map(|(_, policy)| policy.policy_arn).collect(),
            groups: groups.into_iter().map(|(_, name)| name).collect(),
            boundary: boundary.map(|boundary| boundary.permissions_boundary_arn),
            unread: unread.collect(),
        }
    }

    /// A document, which the command line gives as an object and the API as encoded text.
    fn policy(&mut self, path: &str, value: Value) -> Option<Arc<Policy>> {
        let object = match value {
            Value::Object(object) => Ok(object),
            Value::String(text) => match decoded(&text).map(|text| serde_json::from_str(&text)) {
                Ok(Ok(Value::Object(object))) => Ok(object),
                Ok(Ok(_)) => Err(DocumentError::NotAnObject),
                _ => Err(DocumentError::NotJson),
            },
            _ => Err(DocumentError::NotAnObject),
        };
        let mut policy = Policy::default();
        let mut statements = None;
        match object {
            Ok(object) => {
                for (key, value) in object {
                    match key.to_ascii_lowercase().as_str() {
                        "version" => policy.version = value.as_str().map(str::to_owned),
                        "statement" => statements = Some(value),
                        _ => {}
                    }
                }
            }
            Err(error) => {
                self.complain(path, &error.to_string());
                return None;
            }
        }
        let place = if path.is_empty() { "Statement".to_owned() } else { format!("{path}.Statement") };
        match statements {
            Some(Value::Array(statements)) => {
                for (at, value) in statements.into_iter().enumerate() {
                    policy.statements.extend(self.statement(&format!("{place}[{at}]"), value));
                }
            }
            Some(statement @ Value::Object(_)) => policy.statements.extend(self.statement(&place, statement)),
            _ => {
                self.complain(path, &DocumentError::NoStatement.to_string());
                return None;
            }
        }
        Some(Arc::new(policy))
    }

    fn statement(&mut self, path: &str, value: Value) -> Option<Written> {
        let Value::Object(json) = value else {
            self.complain(path, "no JSON object");
            return None;
        };
        let alone = Map::from_iter([("Statement".to_owned(), Value::Object(json.clone()))]);
        let document = Document::of(alone).unwrap_or_default();
        let is_partly_read = document.is_partly_read();
        let Some(statement) = document.statements.into_iter().next() else {
            self.complain(path, "its `Effect` is neither Allow nor Deny; it is left out");
            return None;
        };
        if statement.principal.is_some() {
            self.complain(path, "it names principals, as policies of identities cannot; it is left out");
            return None;
        }
        if statement.action.is_none() {
            self.complain(path, "it has no `Action`; it is left out");
            return None;
        }
        if is_partly_read {
            self.complain(path, "not all of it was understood");
        }
        Some(Written { statement, json })
    }

    /// The entries of a list, each with its place.
    fn each<T: DeserializeOwned>(&mut self, path: &str, value: Value) -> Vec<(String, T)> {
        let items = match value {
            Value::Null => return Vec::new(),
            Value::Array(items) => items,
            _ => {
                self.complain(path, "no list");
                return Vec::new();
            }
        };
        let mut found = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let path = format!("{path}[{at}]");
            if let Some(one) = self.one(&path, item) {
                found.push((path, one));
            }
        }
        found
    }

    fn one<T: DeserializeOwned>(&mut self, path: &str, value: Value) -> Option<T> {
        serde_json::from_value(value).map_err(|error| self.complain(path, &error.to_string())).ok()
    }

    pub(super) fn complain(&mut self, path: &str, what: &str) {
        self.problems.push(Problem { file: self.file.clone(), path: path.to_owned(), what: what.to_owned() });
    }
}
