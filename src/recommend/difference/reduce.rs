//! Policies without what was not used: the statements that grant, with the actions that stay in the place of those
//! they name; all else in them as it stands. What denies stays whole.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::expand::{Set, Universe, is_everything};
use crate::iam::document::{Listed, Statement};
use crate::iam::granted::Attached;
use crate::iam::{Action, Effect};

/// Reduced policies, and what they allow.
pub(super) struct Reduced {
    pub(super) documents: Vec<Value>,
    pub(super) allowed: Set,
}

/// Reduces policies to `kept`. Where a statement names no service, as `*` and `NotAction` do, only what was `used`
/// stays: nobody meant each of the thousand actions by it that CloudTrail does not show.
pub(super) fn reduced(policies: &[&Attached], universe: &Universe, kept: &Set, used: &Set) -> Reduced {
    let mut allowed = universe.none();
    // Documents of two versions of the language cannot be one: variables are text in the older.
    let mut documents: BTreeMap<Option<&str>, Vec<Map<String, Value>>> = BTreeMap::new();
    for attached in policies {
        let policy = &attached.policy;
        for written in &policy.statements {
            let mut json = written.json.clone();
            if written.statement.effect == Effect::Allow {
                let stays = stays(&written.statement, universe, kept, used);
                let unknown = unknown(&written.statement, universe);
                if stays.is_empty() && unknown.is_empty() {
                    continue;
                }
                allowed.add(&stays);
                let names = universe.members(&stays).map(Action::to_string).chain(unknown);
                let names: BTreeSet<String> = names.collect();
                set_actions(&mut json, names);
            }
            let statements = documents.entry(policy.version.as_deref()).or_default();
            // The same policy may come in several ways.
            if !statements.contains(&json) {
                statements.push(json);
            }
        }
    }
    // What only denies gives nobody anything.
    let grants = |statements: &[Map<String, Value>]| statements.iter().any(|json| !denies(json));
    let some_grants = documents.values().any(|statements| grants(statements));
    let documents = documents.into_iter().filter(|_| some_grants);
    Reduced { documents: documents.map(|(version, statements)| document(version, statements)).collect(), allowed }
}

fn stays(statement: &Statement, universe: &Universe, kept: &Set, used: &Set) -> Set {
    let mut stays = universe.meant(statement);
    match &statement.action {
        Some(Listed::Only(patterns)) => {
            // What a pattern names whose service is said, and of the others what was used.
            let mut named = universe.none();
            let is_wide = |pattern: &str| pattern.split(':').next().is_some_and(is_everything);
            patterns.iter().filter(|pattern| !is_wide(pattern)).for_each(|pattern| universe.mark(pattern, &mut named));
            named.keep(kept);
            stays.keep(used);
            stays.add(&named);
        }
        _ => stays.keep(used),
    }
    stays
}

/// Names that mean nothing in the catalog: nobody can say that they are not used.
fn unknown(statement: &Statement, universe: &Universe) -> Vec<String> {
    match &statement.action {
        Some(Listed::Only(patterns)) => {
            patterns.iter().filter(|pattern| universe.means_nothing(pattern)).cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// Puts actions in the place of `Action` or `NotAction`.
fn set_actions(json: &mut Map<String, Value>, names: BTreeSet<String>) {
    let is_actions = |key: &str| ["Action", "NotAction"].iter().any(|known| known.eq_ignore_ascii_case(key));
    let mut names = Some(Value::from_iter(names));
    let old = std::mem::take(json);
    for (key, value) in old {
        if !is_actions(&key) {
            json.insert(key, value);
        } else if let Some(names) = names.take() {
            json.insert("Action".to_owned(), names);
        }
    }
}

fn denies(json: &Map<String, Value>) -> bool {
    let effect = json.iter().find(|(key, _)| key.eq_ignore_ascii_case("Effect"));
    effect.and_then(|(_, value)| value.as_str()).is_some_and(|effect| effect.eq_ignore_ascii_case("Deny"))
}

/// A document of statements, no two of them with the same `Sid`.
fn document(version: Option<&str>, mut statements: Vec<Map<String, Value>>) -> Value {
    let mut taken = BTreeSet::new();
    for json in &mut statements {
        let Some(sid) = json.get("Sid").and_then(Value::as_str).map(str::to_owned) else { continue };
        let mut own = sid.clone();
        let mut number = 2;
        while !taken.insert(own.clone()) {
            own = format!("{sid}{number}");
            number += 1;
        }
        json.insert("Sid".to_owned(), own.into());
    }
    match version {
        Some(version) => json!({ "Version": version, "Statement": statements }),
        None => json!({ "Statement": statements }),
    }
}
