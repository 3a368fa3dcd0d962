//! Whether each step makes sense where it stands.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use super::asked::{self, Asked};
use super::{At, Part, Wrong};
use crate::catalog;
use crate::condition::did_you_mean;
use crate::recommend::jit;
use crate::runbook::fill::{Piece, pieces};
use crate::runbook::inputs::duration;
use crate::runbook::model::{Input, Kind, Runbook, Step};
use crate::runbook::tables::{GRANTED, Source, audit_columns, condition_columns};

/// The longest session AWS gives to a role.
pub(in crate::runbook) const LONGEST_GRANT: SignedDuration = SignedDuration::from_hours(12);

/// What is known before a step.
pub(super) struct Known<'r> {
    /// What the runbook is told.
    pub(super) inputs: &'r BTreeMap<String, Input>,
    /// Columns of the steps before it.
    pub(super) columns: BTreeMap<&'r str, Vec<String>>,
    /// Ids of all steps.
    pub(super) ids: Vec<&'r str>,
    /// Inputs that something asks for.
    pub(super) used: BTreeSet<String>,
    /// Whether something asks for what is no input: it may mean one that seems unused then.
    pub(super) has_missed: bool,
}

/// Looks at the inputs, and at the steps one after the other.
pub(super) fn look(runbook: &Runbook, wrong: &mut Wrong<'_>) {
    // Which moment it is makes no difference to whether a default can be read.
    let now = Timestamp::UNIX_EPOCH;
    for (name, input) in &runbook.inputs {
        if let Some(default) = &input.default
            && let Err(looks) = input.kind.read_default(default, now)
        {
            let way = ["inputs".into(), name.as_str().into(), "default".into()];
            let kind = input.kind.as_str();
            wrong.add(
                &way,
                Part::Value,
                format!("the default of `{name}` is not of type {kind}: it has to be {looks}"),
            );
        }
    }
    let ids = runbook.steps.iter().map(|step| step.id.as_str()).collect();
    let mut known =
        Known { inputs: &runbook.inputs, columns: BTreeMap::new(), ids, used: BTreeSet::new(), has_missed: false };
    let mut ledger: Option<&str> = None;
    for (at, step) in runbook.steps.iter().enumerate() {
        let way = |field: &str| [At::from("steps"), at.into(), field.into()];
        if Source::parse(&step.id).is_some() {
            wrong.add(
                &way("id"),
                Part::Value,
                format!("`{}` is the name of a table; give the step another id", step.id),
            );
        } else if known.columns.contains_key(&*step.id) {
            wrong.add(&way("id"), Part::Value, format!("there are two steps with the id `{}`", step.id));
        }
        if let (Some(least), Some(most)) = (step.expect.min_rows, step.expect.max_rows)
            && least > most
        {
            wrong.add(&way("expect"), Part::Value, format!("no number of rows is at least {least} and at most {most}"));
        }
        if let Some(own) = step.ledger.as_deref() {
            if ledger.is_some_and(|other| other != own) {
                wrong.add(&way("ledger"), Part::Value, "all audits of a runbook are of one ledger; name the same one");
            }
            ledger = Some(own);
        }
        let columns = columns(runbook, at, step, &mut known, wrong);
        grant(at, step, wrong);
        for (field, text) in [
            ("duration", &step.duration),
            ("not_before", &step.not_before),
            ("ticket", &step.ticket),
            ("ledger", &step.ledger),
        ] {
            if let Some(text) = text {
                texts(&way(field), text, &mut known, wrong);
            }
        }
        known.columns.insert(&step.id, columns);
    }
    for name in runbook.inputs.keys().filter(|name| !known.has_missed && !known.used.contains(*name)) {
        let way = ["inputs".into(), name.as_str().into()];
        wrong.add(
            &way,
            Part::Name,
            format!("no step asks for the input `{name}`; use it as ${{inputs.{name}}}, or leave it out"),
        );
    }
}

/// What the rows of a step have, after looking at what it asks.
fn columns(runbook: &Runbook, at: usize, step: &Step, known: &mut Known<'_>, wrong: &mut Wrong<'_>) -> Vec<String> {
    if let Some(of) = &step.of {
        let way = [At::from("steps"), at.into(), "of".into()];
        if let Some(columns) = earlier(&way, of, known, wrong)
            && !columns.iter().any(|column| column == "gap" || column == "principal")
        {
            let message = format!("the rows of `{of}` have neither `gap` nor `principal`; select one of them there");
            wrong.add(&way, Part::Value, message);
        }
    }
    let (from, is_events) = match step.kind {
        Kind::Condition => (condition_columns(), false),
        Kind::Grant => return GRANTED.map(str::to_owned).to_vec(),
        Kind::Audit => (audit_columns(), false),
        Kind::Identify | Kind::Validate | Kind::Query => {
            let way = [At::from("steps"), at.into(), "from".into()];
            let Some(from) = step.from.as_deref() else { return Vec::new() };
            match Source::parse(from) {
                Some(Source::Grants) if !runbook.steps.iter().take(at).any(|step| step.kind == Kind::Audit) => {
                    let message = "`grants` are those of an audit's ledger, and no step before this one is an audit";
                    wrong.add(&way, Part::Value, message);
                    (Source::Grants.columns(), false)
                }
                Some(table) => (table.columns(), table == Source::Events),
                None => match earlier(&way, from, known, wrong) {
                    Some(columns) => (columns, false),
                    None => return Vec::new(),
                },
            }
        }
    };
    asked::look(Asked { at, step, from: &from, is_events }, known, wrong)
}

/// The columns of an earlier step; where there is none of that name, that is told.
fn earlier(way: &[At], id: &str, known: &Known<'_>, wrong: &mut Wrong<'_>) -> Option<Vec<String>> {
    if let Some(columns) = known.columns.get(id) {
        return Some(columns.clone());
    }
    wrong.add(way, Part::Value, known.no_step(id));
    None
}

impl Known<'_> {
    /// What to say where a step is named that is not there, or not yet.
    pub(super) fn no_step(&self, id: &str) -> String {
        if self.ids.contains(&id) {
            return format!("the step `{id}` comes later; a step can use those before it");
        }
        let tables = Source::ALL.map(Source::as_str);
        let names = tables.into_iter().chain(self.columns.keys().copied());
        let hint = did_you_mean(id, names.clone());
        let hint = if hint.is_empty() { format!("; there are {}", names.collect::<Vec<_>>().join(", ")) } else { hint };
        format!("there is no table or earlier step `{id}`{hint}")
    }
}

/// Looks at a text that may name inputs.
fn texts(way: &[At], text: &str, known: &mut Known<'_>, wrong: &mut Wrong<'_>) {
    match pieces(text) {
        Err(message) => {
            known.has_missed = true;
            wrong.add(way, Part::Value, message);
        }
        Ok(pieces) => {
            for piece in pieces {
                match piece {
                    Piece::Input(name) => input(way, name, known, wrong),
                    Piece::Column(..) => {
                        wrong.add(
                            way,
                            Part::Value,
                            "only conditions can use the rows of earlier steps; use an input here",
                        );
                    }
                    Piece::Text(_) => {}
                }
            }
        }
    }
}

/// Looks whether there is such an input.
pub(super) fn input(way: &[At], name: &str, known: &mut Known<'_>, wrong: &mut Wrong<'_>) {
    if known.inputs.contains_key(name) {
        known.used.insert(name.to_owned());
        return;
    }
    known.has_missed = true;
    let names = known.inputs.keys().map(String::as_str);
    let hint = did_you_mean(name, names);
    let hint = if hint.is_empty() { "; describe it under `inputs`".to_owned() } else { hint };
    wrong.add(way, Part::Value, format!("there is no input `{name}`{hint}"));
}

/// Looks at the terms of a grant.
fn grant(at: usize, step: &Step, wrong: &mut Wrong<'_>) {
    let way = |field: &str| vec![At::from("steps"), at.into(), field.into()];
    for (item, target) in step.targets.iter().enumerate() {
        if target != "all" && jit::by_name(target).is_none() {
            let names = jit::ALL.iter().map(|target| target.name()).chain(["all"]);
            let hint = did_you_mean(target, names.clone());
            let hint =
                if hint.is_empty() { format!("; there are {}", names.collect::<Vec<_>>().join(", ")) } else { hint };
            let mut way = way("targets");
            way.push(item.into());
            wrong.add(&way, Part::Value, format!("there is no target `{target}`{hint}"));
        }
    }
    let is_plain = |text: &&String| !text.contains("${");
    if let Some(text) = step.duration.as_ref().filter(is_plain)
        && duration(text).is_none_or(|length| length.is_zero() || length > LONGEST_GRANT)
    {
        wrong.add(
            &way("duration"),
            Part::Value,
            format!("`{text}` is no duration between 1s and 12h, such as 90m or 2h"),
        );
    }
    if let Some(text) = step.not_before.as_ref().filter(is_plain)
        && text.strip_prefix('+').map_or(text.parse::<Timestamp>().is_err(), |after| duration(after).is_none())
    {
        let message =
            format!("`{text}` is neither a time such as 2026-02-03T04:05:06Z nor one from now on, such as +10m");
        wrong.add(&way("not_before"), Part::Value, message);
    }
    for (item, pattern) in step.exclude_actions.iter().enumerate() {
        if (!pattern.contains(':') && pattern != "*") || catalog::matching(pattern).is_empty() {
            let mut way = way("exclude_actions");
            way.push(item.into());
            wrong.add(&way, Part::Value, format!("`{pattern}` fits no action that AWS documents"));
        }
    }
    if let Some(text) = step.requires.as_ref().and_then(|requires| requires.ticket.as_ref())
        && let Err(error) = Regex::new(text)
    {
        let mut way = way("requires");
        way.push("ticket".into());
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
        wrong.add(&way, Part::Value, format!("`{text}` is no regular expression: {why}"));
    }
}
