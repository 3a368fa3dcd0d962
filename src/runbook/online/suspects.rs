//! Calls that our rules ask about. An engine that only sees records cannot judge them, but it can find them, for somebody
//! to read or for the rules to judge offline.

use std::collections::{BTreeMap, BTreeSet};

use rsigma_parser::{Detection, DetectionItem, SigmaValue, parse_sigma_yaml};

use super::clause::{Clause, How, Operand, Test};
use super::notes::Notes;
use crate::detect::{Rule, ours, text_of};

/// Calls by their sources, and what there is to say about rules that name none.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    pub(super) calls: BTreeMap<String, BTreeSet<String>>,
    /// Detections that are not about calls by name.
    pub(super) unnamed: Vec<String>,
}

/// Names in one query at most: beyond, engines refuse it, and nobody reads it.
const MOST: usize = 150;

impl Suspects {
    /// The calls of all rules that a condition may mean, or why there is no list of them.
    pub(super) fn of(clause: Option<&Clause>) -> Result<Self, String> {
        let mut suspects = Self::default();
        for rule in ours().filter(|rule| means(clause, rule)) {
            let found = calls(rule);
            if found.is_empty() {
                suspects.unnamed.push(rule.kind.detection.clone());
            }
            for (source, name) in found {
                suspects.calls.entry(source).or_default().insert(name);
            }
        }
        let names: usize = suspects.calls.values().map(BTreeSet::len).sum();
        if names == 0 {
            return Err("Nothing that is meant names its calls: it is found in their order, or by what they ask for. Run the runbook offline".to_owned());
        }
        if names > MOST {
            return Err(format!(
                "The rules that are meant name {names} calls, too many for one query: ask for one class or detection at a time"
            ));
        }
        Ok(suspects)
    }
}

impl Suspects {
    /// What there is to say of them.
    pub(super) fn remark(&self, notes: &mut Notes) {
        notes.add(
            "No engine judges here: these are the calls that rules ask about, and most of them are harmless. Run the runbook offline, or read their requests.",
        );
        if !self.unnamed.is_empty() {
            notes.add(format!("Rules that name no calls are not among them: {}.", self.unnamed.join(", ")));
        }
    }
}

/// Whether a rule may be meant by a condition: only plain words about its class and its name count, all else could be so.
fn means(clause: Option<&Clause>, rule: &Rule) -> bool {
    let says = |test: &Test| {
        let own = match test.field.as_deref() {
            Some("class") => rule.kind.class.as_deref(),
            Some("detection") => Some(rule.kind.detection.as_str()),
            _ => return true,
        };
        let is_one = |value: &Operand| match value {
            Operand::Text(text) => {
                text.as_plain().is_none_or(|text| own.is_some_and(|own| own.eq_ignore_ascii_case(&text)))
            }
            _ => true,
        };
        test.how != How::Is || test.values.iter().any(is_one)
    };
    match clause {
        Some(Clause::All(parts)) => parts.iter().all(|part| means(Some(part), rule)),
        Some(Clause::Any(parts)) => parts.iter().any(|part| means(Some(part), rule)),
        Some(Clause::Test(test)) => says(test),
        None | Some(Clause::Not(_) | Clause::Unread(_)) => true,
    }
}

/// The calls that a rule names, one by one.
fn calls(rule: &Rule) -> BTreeSet<(String, String)> {
    let mut calls = BTreeSet::new();
    let Some(collection) = text_of(rule).and_then(|text| parse_sigma_yaml(text).ok()) else { return calls };
    for detection in collection.rules.iter().flat_map(|rule| rule.detection.named.values()) {
        named(detection, &mut calls);
    }
    calls
}

fn named(detection: &Detection, calls: &mut BTreeSet<(String, String)>) {
    match detection {
        Detection::AllOf(items) => {
            for source in texts(items, "eventSource") {
                calls.extend(texts(items, "eventName").map(|name| (source.clone(), name)));
            }
        }
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().for_each(|part| named(part, calls)),
        _ => {}
    }
}

/// The texts a field has to be one of, without modifiers.
fn texts<'d>(items: &'d [DetectionItem], field: &'static str) -> impl Iterator<Item = String> + use<'d> {
    let of =
        items.iter().filter(move |item| item.field.name.as_deref() == Some(field) && item.field.modifiers.is_empty());
    of.flat_map(|item| &item.values).filter_map(|value| match value {
        SigmaValue::String(text) => text.as_plain(),
        _ => None,
    })
}
