//! What each principal did: a row for each call with its action, resource and outcome.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value, json};

use crate::aggregate::{Call, History, Usage};
use crate::classify::{is_privileged, level_of};
use crate::iam::{Action, Principal};
use crate::report;
use crate::runbook::query::Row;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'h> {
    principal: &'h Principal,
    account: Option<&'h str>,
    source: &'h str,
    name: &'h str,
    action: Option<&'h Action>,
    resource: Option<&'h str>,
    outcome: &'static str,
}

/// The rows, in the order of principals and calls.
pub fn rows(history: &History) -> impl Iterator<Item = Row> {
    let mut all: BTreeMap<Key<'_>, Cow<'_, Usage>> = BTreeMap::new();
    for (call, usage) in &history.calls {
        for (action, resource) in uses(call) {
            let key = Key {
                principal: &call.principal,
                account: call.operation.account.as_deref(),
                source: &call.operation.source,
                name: &call.operation.name,
                action,
                resource,
                outcome: call.outcome.as_str(),
            };
            match all.entry(key) {
                Entry::Vacant(entry) => _ = entry.insert(Cow::Borrowed(usage)),
                Entry::Occupied(entry) => entry.into_mut().to_mut().merge(usage.without_times()),
            }
        }
    }
    all.into_iter().map(|(key, usage)| row(&key, &usage))
}

/// Actions with the resources that the log names; one without where nobody documents it.
fn uses(call: &Call) -> Vec<(Option<&Action>, Option<&str>)> {
    let mut all = Vec::new();
    for used in call.needs.uses() {
        let named = used.resources.iter().filter(|one| one.is_named() && one.arn != "*");
        let before = all.len();
        all.extend(named.map(|one| (Some(&used.action), Some(one.arn.as_str()))));
        if all.len() == before {
            all.push((Some(&used.action), None));
        }
    }
    if all.is_empty() {
        all.push((None, None));
    }
    all
}

fn row(key: &Key<'_>, usage: &Usage) -> Row {
    let cells = json!({
        "principal": key.principal.name,
        "kind": key.principal.kind.as_str(),
        "account": key.account,
        "action": key.action.map(ToString::to_string),
        "access_level": key.action.and_then(level_of).map(|level| level.as_str()),
        "resource": key.resource,
        "outcome": key.outcome,
        "event_source": key.source,
        "event_name": key.name,
        "privileged": key.action.is_some_and(is_privileged),
        "count": usage.count,
        "days": usage.days.len(),
        "sessions": usage.sessions.len(),
        "first": usage.first().map(|time| time.to_string()),
        "last": usage.last().map(|time| time.to_string()),
    });
    let cells = match cells {
        Value::Object(cells) => cells,
        _ => Map::new(),
    };
    Row { cells, evidence: report::evidence(&usage.evidence) }
}
