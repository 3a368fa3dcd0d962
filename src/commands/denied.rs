//! Every permission gap, explained.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::scanning::{finish, history, limits};
use super::status::{Failure, Status, say};
use super::thresholds::thresholds;
use crate::archive::Limits;
use crate::cli::Denied;
use crate::recommend::{FixableBy, Need, gaps};
use crate::report::{self, By, DeniedRow, View};
use crate::scan::look_up;

pub(super) fn run(args: &Denied) -> anyhow::Result<Status> {
    let view = view(args)?;
    let thresholds = thresholds(&args.judging)?;
    let history = history(&args.scan, Timestamp::now())?;
    let mut report = report::denied(&history, &gaps(&history, &thresholds), &view);
    report.explained = args.explain;
    if args.explain
        && let Some(rows) = &mut report.denied
    {
        add_records(rows, limits(&args.scan.input)?);
    }
    finish(&report, &history, &args.scan)
}

fn view(args: &Denied) -> Result<View, Failure> {
    let id = |text: &String| {
        let id = text.to_ascii_lowercase();
        let is_id = id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then_some(id).ok_or_else(|| {
            Failure::usage(format!("`{text}` is no gap")).hint("take it from the column `gap`, such as 0a1b2c3d4e")
        })
    };
    Ok(View {
        by: By::ALL.into_iter().find(|by| by.as_str() == args.by).unwrap_or_default(),
        needs: Need::ALL.into_iter().filter(|need| args.need.iter().any(|text| text == need.as_str())).collect(),
        fixable_by: FixableBy::ALL
            .into_iter()
            .filter(|who| args.fixable_by.iter().any(|text| text == who.as_str()))
            .collect(),
        gaps: args.gap.iter().map(id).collect::<Result<_, _>>()?,
        most: None,
        services_too: args.scan.filter.include_service_principals,
    })
}

/// Reads the records of all evidence again and puts them where they belong.
fn add_records(rows: &mut [DeniedRow], limits: Limits) {
    let mut wanted: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for event in rows.iter().flat_map(|row| &row.evidence) {
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
    for event in rows.iter_mut().flat_map(|row| &mut row.evidence) {
        event.content = found.get(&(event.file.clone(), event.record)).cloned();
    }
}
