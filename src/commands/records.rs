//! The records that a report rests on, read again and put where they belong.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::value::RawValue;

use super::status::say;
use crate::archive::Limits;
use crate::report::EvidenceRow;
use crate::scan::look_up;

/// Adds to each event its record. One that cannot be had is warned of.
pub(super) fn add_records<'r>(events: impl Iterator<Item = &'r mut EvidenceRow>, limits: Limits) {
    let events: Vec<_> = events.collect();
    let mut wanted: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for event in &events {
        wanted.entry(&event.file).or_default().insert(event.record);
    }
    let mut found: HashMap<(String, u64), Box<RawValue>> = HashMap::new();
    // Said once a file, however many of its records it is about.
    let mut missing: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut miss = |file: &str, why: String| *missing.entry((file.to_owned(), why)).or_default() += 1;
    look_up(&wanted, limits, |file, record, text| match text {
        Ok(text) => {
            // Line ends cannot stand inside a JSON text; without them a record is a line.
            let line = String::from_utf8_lossy(text).replace(['\n', '\r'], " ");
            match RawValue::from_string(line) {
                Ok(value) => drop(found.insert((file.to_owned(), record), value)),
                Err(error) => miss(file, error.to_string()),
            }
        }
        Err(why) => miss(file, why.to_owned()),
    });
    for ((file, why), count) in missing {
        say(&format!("warning: {count} records of `{file}` cannot be shown: {why}"));
    }
    for event in events {
        event.content = found.get(&(event.file.clone(), event.record)).cloned();
    }
}
