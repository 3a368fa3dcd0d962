//! What policies decide is what AWS documents, and what nobody knows stays unknown.

mod conditions;
mod language;
mod layers;
mod properties;
mod slow;

use std::borrow::Cow;
use std::collections::BTreeMap;

use trailwright::iam::evaluate::{Context, Decision, Known, Policies, Policy, Request, evaluate};
use trailwright::iam::{Action, Document};

/// What is known of a request: `aws:TagKeys=a|b; aws:username=?` has two values of one key and nobody knows
/// which of the other. Keys that are not named are absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts(pub(crate) BTreeMap<String, Option<Vec<String>>>);

impl Facts {
    fn read(text: &str) -> Self {
        let facts = text.split("; ").filter(|fact| !fact.is_empty()).map(|fact| {
            let (key, values) = fact.split_once('=').unwrap();
            let values = (values != "?").then(|| values.split('|').map(str::to_owned).collect());
            (key.to_lowercase(), values)
        });
        Self(facts.collect())
    }
}

impl Context for Facts {
    fn get(&self, key: &str) -> Known<'_> {
        match self.0.get(key) {
            None => Known::Absent,
            Some(None) => Known::Unknown,
            Some(Some(values)) => Known::Values(values.iter().map(|value| Cow::Borrowed(value.as_str())).collect()),
        }
    }
}

pub(crate) fn policy(name: &str, text: &str) -> Policy {
    Policy::new(name, &Document::parse(text).unwrap())
}

/// A policy of the current version with these statements.
fn of_statements(statements: &str) -> Policy {
    policy("p", &format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
}

fn identity(policy: Policy) -> Policies {
    Policies { identity: vec![policy], ..Policies::default() }
}

/// Asks, and says the answer in words: the kind of it, then what is missing, or who decides.
fn answer(policies: &Policies, action: &str, resource: &str, facts: &str) -> String {
    let (action, facts): (Action, _) = (action.parse().unwrap(), Facts::read(facts));
    match evaluate(policies, &Request { action: &action, resource, context: &facts }) {
        Decision::Allowed { .. } => "allowed".to_owned(),
        Decision::ExplicitlyDenied { by } => format!("denied by {}", by.layer.as_str()),
        Decision::ImplicitlyDenied { layer } => format!("not allowed by {}", layer.as_str()),
        Decision::Unknown { missing, .. } => format!("unknown: {}", missing.join(" ")),
    }
}
