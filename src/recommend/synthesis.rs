//! From permissions to statements that allow exactly these: actions of one service that share their resources
//! stand together, actions that take no resource apart from the others.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Permission;
use super::draft::{Draft, PASSED_TO};
use crate::catalog;
use crate::classify::Basis;
use crate::iam::{Action, Conditions, Effect, Statement};

/// Whether a permission can be written into a policy: what AWS does not document (any more), or has no known resource,
/// cannot.
pub(super) fn is_written(permission: &Permission<'_>) -> bool {
    let facts = catalog::action(permission.action.service_prefix(), permission.action.name());
    permission.resource.basis != Basis::Unknown && facts.is_some_and(|facts| !facts.retired)
}

/// Statements that allow exactly these permissions, in a stable order, each action under its conditions. What cannot
/// be written is in none.
pub fn statements(permissions: &[Permission<'_>], conditions: impl Fn(&Action) -> Conditions) -> Vec<Statement> {
    /// An action with the service that a role is passed to by it.
    type Allowed<'h> = (&'h Action, Option<&'static str>);
    let mut by_action: BTreeMap<Allowed<'_>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for Permission { action, resource, passed_to } in permissions.iter().filter(|permission| is_written(permission)) {
        by_action.entry((action, *passed_to)).or_default().insert(resource.in_policy());
    }
    // The same role, passed to several services, is one statement with several values.
    let mut passed: BTreeMap<(_, BTreeSet<Cow<'_, str>>), Vec<Option<&str>>> = BTreeMap::new();
    for ((action, passed_to), resources) in by_action {
        // Without a service is another statement: there is no condition then.
        passed.entry(((action, passed_to.is_some()), resources)).or_default().push(passed_to);
    }
    let blocks = passed.into_iter().map(|(((action, _), resources), services)| {
        let mut condition = conditions(action);
        let services: Vec<String> = services.into_iter().flatten().map(str::to_owned).collect();
        if !services.is_empty() {
            condition.entry("StringEquals".to_owned()).or_default().insert(PASSED_TO.to_owned(), services);
        }
        Statement {
            sid: String::new(),
            effect: Effect::Allow,
            action: vec![action.to_string()],
            resource: resources.into_iter().map(Cow::into_owned).collect(),
            condition,
        }
    });
    let mut draft = Draft::new(blocks);
    draft.merge_equal();
    draft.into_statements()
}
