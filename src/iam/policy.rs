use std::collections::BTreeMap;

use serde::Serialize;

/// Whether a statement allows or denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Effect {
    /// Adds a permission.
    Allow,
    /// Takes it away; beats every Allow.
    Deny,
}

/// Operator, then condition key, then values: operators and keys are all required, any one value will do.
pub type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// An identity policy, written as AWS writes it. Its JSON form is AWS's, so it serialises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    /// Always `2012-10-17`: without it policy variables would be literal text.
    pub version: &'static str,
    /// In a stable order.
    pub statement: Vec<Statement>,
}

/// One statement of an identity policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// Letters and digits only, unique in its document.
    pub sid: String,
    /// Allow or Deny.
    pub effect: Effect,
    /// Action patterns, sorted.
    pub action: Vec<String>,
    /// ARN patterns, sorted.
    pub resource: Vec<String>,
    /// Left out when empty.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: Conditions,
}

impl PolicyDocument {
    /// A document of the current policy language.
    pub fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// Its size in characters as AWS counts it against the managed and inline policy quotas: white
    /// space between JSON tokens is free. White space inside strings is counted here, which makes this
    /// an upper bound.
    pub fn size(&self) -> usize {
        serde_json::to_string(self).map_or(usize::MAX, |json| json.chars().count())
    }
}
