//! What the API models add to the tables of events: API Gateway's verbs, calls without AWS
//! credentials, and calls of another name than their action that only the method map knows.

use std::collections::{BTreeMap, BTreeSet};

use super::botocore::Model;
use super::lookup::{Found, Lookup};
use super::method_map::MethodMap;

/// Signed for API Gateway, whose permissions are the verbs of HTTP on the path that was asked for.
const BY_VERB: &str = "apigateway";

/// Rows of `verbs.tsv`: event, action, path with the request members in it. Two APIs share some names.
pub fn verbs(models: &[Model], lookup: &Lookup<'_>) -> BTreeSet<[String; 4]> {
    let mut rows = BTreeSet::new();
    for model in models.iter().filter(|model| model.newest && model.signing == BY_VERB) {
        for (event, operation) in &model.operations {
            if lookup.catalog.action(BY_VERB, &operation.verb).is_none() {
                continue;
            }
            let path = operation.uri.split('?').next().unwrap_or_default();
            let action = format!("{BY_VERB}:{}", operation.verb);
            rows.insert([BY_VERB.to_owned(), event.clone(), action, model.path_as_logged(operation, path)]);
        }
    }
    rows
}

/// Rows of `methods.tsv`: label, event, actions.
pub fn methods(models: &[Model], lookup: &Lookup<'_>, map: &MethodMap) -> BTreeMap<[String; 2], String> {
    let mut rows = BTreeMap::new();
    for model in models.iter().filter(|model| model.newest && model.signing != BY_VERB) {
        for (event, operation) in &model.operations {
            if lookup.operation(model, event).is_some() {
                continue;
            }
            let question = [model.endpoint.clone(), event.clone()];
            if let Some(action) = only_action(model, event, lookup, map) {
                rows.insert(question, action);
            } else if operation.unsigned {
                rows.insert(question, String::new());
            }
        }
    }
    rows
}

/// The map's lists are of what some request may need. One action with nothing said about when is no list.
fn only_action(model: &Model, event: &str, lookup: &Lookup<'_>, map: &MethodMap) -> Option<String> {
    let known = |action: &str| {
        let (prefix, name) = action.split_once(':')?;
        let (prefix, service) = lookup.catalog.services.get_key_value(prefix)?;
        Some(format!("{prefix}:{}", service.find(name)?.0))
    };
    let mut actions = BTreeSet::new();
    for entry in map.of(model, event) {
        if entry.is_conditional {
            return None;
        }
        actions.insert(known(&entry.action)?);
    }
    if actions.len() == 1 { actions.pop_first() } else { None }
}

/// Rows of `without-operation.tsv`: actions of today's reference that no operation of any version needs, and that
/// none of the tables of events names. `known` are those made by hand; tags come with operations.
pub fn without_operation(
    models: &[Model],
    lookup: &Lookup<'_>,
    verbs: &BTreeSet<[String; 4]>,
    methods: &BTreeMap<[String; 2], String>,
    known: &[&str],
) -> BTreeSet<[String; 2]> {
    let mut needed: BTreeSet<(String, String)> = BTreeSet::new();
    let mut need = |(prefix, name): (&str, &str)| {
        needed.insert((prefix.to_owned(), name.to_ascii_lowercase()));
    };
    for model in models {
        for event in model.operations.keys() {
            let Some(Found::Actions(actions)) = lookup.operation(model, event) else { continue };
            actions.into_iter().for_each(&mut need);
        }
    }
    let of_verbs = verbs.iter().map(|[_, _, action, _]| action.as_str());
    let by_hand = known.iter().flat_map(|table| table.lines()).filter(|line| !line.starts_with('#'));
    let by_hand = by_hand.filter_map(|line| line.rsplit('\t').next());
    for cell in of_verbs.chain(methods.values().map(String::as_str)).chain(by_hand) {
        cell.split(' ').filter_map(|word| word.split_once(':')).for_each(&mut need);
    }
    let mut rows = BTreeSet::new();
    for (prefix, service) in &lookup.catalog.services {
        for (name, _) in service.actions.iter().filter(|(_, action)| !action.retired) {
            if !needed.contains(&(prefix.clone(), name.to_ascii_lowercase())) {
                rows.insert([prefix.clone(), name.clone()]);
            }
        }
    }
    rows
}

/// How many operations the tables answer, and the rest by endpoint.
pub struct Coverage {
    pub operations: usize,
    pub mapped: usize,
    pub missing: BTreeMap<String, BTreeSet<String>>,
}

impl Coverage {
    /// In tenths of a percent.
    pub fn per_mille(&self) -> usize {
        self.mapped.saturating_mul(1000) / self.operations.max(1)
    }

    pub fn print(&self, with_missing: bool) {
        let tenths = self.per_mille();
        let missing = self.operations - self.mapped;
        println!("operations: {}, mapped {}.{}%, missing {missing}", self.operations, tenths / 10, tenths % 10);
        for (endpoint, events) in self.missing.iter().filter(|_| with_missing) {
            println!("{endpoint}\t{}\t{}", events.len(), events.iter().cloned().collect::<Vec<_>>().join(" "));
        }
    }
}

/// Over every version of every model, each pair of endpoint and operation counted once.
pub fn coverage(
    models: &[Model],
    lookup: &Lookup<'_>,
    verbs: &BTreeSet<[String; 4]>,
    methods: &BTreeMap<[String; 2], String>,
) -> Coverage {
    let by_verb: BTreeSet<_> = verbs.iter().map(|[_, event, ..]| event.as_str()).collect();
    let mut answered: BTreeMap<[&str; 2], bool> = BTreeMap::new();
    for model in models {
        for event in model.operations.keys() {
            let found = match lookup.operation(model, event) {
                Some(Found::Actions(_) | Found::None) => true,
                None if model.signing == BY_VERB => by_verb.contains(event.as_str()),
                None => methods.contains_key(&[model.endpoint.clone(), event.clone()]),
            };
            *answered.entry([&model.endpoint, event]).or_default() |= found;
        }
    }
    let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for [endpoint, event] in answered.iter().filter(|(_, found)| !**found).map(|(pair, _)| pair) {
        missing.entry((*endpoint).to_owned()).or_default().insert((*event).to_owned());
    }
    let mapped = answered.values().filter(|found| **found).count();
    Coverage { operations: answered.len(), mapped, missing }
}
