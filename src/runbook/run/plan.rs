//! What a runbook needs before the archive is read: values of its inputs, the searches of the one reading, the terms of its
//! grants, its ledger.

use std::collections::BTreeMap;

use jiff::{Timestamp, Unit};
use regex::Regex;
use serde_json::Value;

use super::super::fill::Given;
use super::super::inputs;
use super::super::model::{Kind, Runbook, Step};
use super::super::tables::{Source, events, sessions};
use crate::condition::ConditionError;
use crate::recommend::ConditionKind;
use crate::recommend::jit::{CONDITIONS, Terms, Ticket, Window};
use crate::runbook::check::LONGEST_GRANT;
use crate::search::Search;

/// A runbook that is ready to run.
#[derive(Debug)]
pub struct Plan<'r> {
    /// What runs.
    pub runbook: &'r Runbook,
    /// When.
    pub now: Timestamp,
    /// What was put in.
    pub given: Given,
    /// All searches of the one reading, in order.
    pub searches: Vec<Search>,
    /// The ledger of its audits, where there is one and it was given.
    pub ledger: Option<String>,
    /// Questions to events by step, each with its search.
    pub(super) asked: BTreeMap<&'r str, (usize, events::Asked)>,
    /// Where the two searches for sessions are.
    pub(super) sessions: Option<usize>,
    /// Terms by grant step.
    pub(super) terms: BTreeMap<&'r str, Terms>,
}

impl<'r> Plan<'r> {
    /// Plans; or tells everything that is in the way.
    pub fn of(runbook: &'r Runbook, inputs: BTreeMap<String, Value>, now: Timestamp) -> Result<Self, Vec<String>> {
        let kinds = runbook.inputs.iter().map(|(name, input)| (name.clone(), input.kind)).collect();
        let given = Given { inputs, kinds, columns: BTreeMap::new() };
        let mut wrong = Vec::new();
        let (mut searches, mut asked, mut terms) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let (mut sessions, mut ledger) = (None, None);
        for step in &runbook.steps {
            let is_of = |table: Source| step.kind.is_query() && step.from.as_deref() == Some(table.as_str());
            let mut note = |why: String| wrong.push(format!("step `{}`: {why}", step.id));
            if is_of(Source::Events) {
                match events::Asked::of(step, &given) {
                    Ok(one) => {
                        searches.push(one.search.clone());
                        asked.insert(step.id.as_str(), (searches.len() - 1, one));
                    }
                    Err(error) => note(error.message),
                }
            }
            if is_of(Source::Sessions) && sessions.is_none() {
                match sessions::searches() {
                    Ok(both) => {
                        sessions = Some(searches.len());
                        searches.extend(both);
                    }
                    Err(ConditionError { message, .. }) => note(message),
                }
            }
            if step.kind == Kind::Grant {
                match grant(step, &given, now) {
                    Ok(one) => _ = terms.insert(step.id.as_str(), one),
                    Err(why) => note(why),
                }
            }
            if let Some(text) = &step.ledger {
                ledger = given.text(text);
            }
        }
        if wrong.is_empty() {
            Ok(Self { runbook, now, given, searches, ledger, asked, sessions, terms })
        } else {
            Err(wrong)
        }
    }
}

/// The terms of a grant; whose it is follows from rows.
fn grant(step: &Step, given: &Given, now: Timestamp) -> Result<Terms, String> {
    let duration = match step.duration.as_deref().map(|text| given.text(text)) {
        Some(Some(text)) => {
            let length = inputs::duration(&text).filter(|length| !length.is_zero() && *length <= LONGEST_GRANT);
            length.ok_or_else(|| format!("the duration `{text}` is not between 1s and 12h"))?
        }
        _ => jiff::SignedDuration::from_hours(1),
    };
    let beyond = || "the window is beyond all time".to_owned();
    let not_before = match step.not_before.as_deref().and_then(|text| given.text(text)) {
        Some(text) => match text.strip_prefix('+') {
            Some(after) => {
                let after = inputs::duration(after).ok_or_else(|| format!("`{text}` is no time from now on"))?;
                now.checked_add(after).map_err(|_| beyond())?
            }
            None => {
                text.parse().map_err(|_| format!("`{text}` is no time with a zone, such as 2026-02-03T04:05:06Z"))?
            }
        },
        None => now,
    };
    let not_before = not_before.round(Unit::Second).map_err(|_| beyond())?;
    let not_after = not_before.checked_add(duration).map_err(|_| beyond())?;
    let ticket = step.ticket.as_deref().and_then(|text| given.text(text));
    let ticket = ticket.map(|text| text.parse::<Ticket>()).transpose().map_err(|error| error.to_string())?;
    let pattern = step.requires.as_ref().and_then(|requires| requires.ticket.as_deref());
    if let (Some(ticket), Some(pattern)) = (&ticket, pattern)
        && !Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(ticket.as_str()))
    {
        return Err(format!("the ticket `{ticket}` does not look like {pattern}"));
    }
    Ok(Terms {
        window: Window { not_before, not_after },
        conditions: match step.conditions.is_empty() {
            true => CONDITIONS.into(),
            false => step.conditions.iter().filter_map(|word| ConditionKind::parse(word)).collect(),
        },
        ticket,
        needs: Vec::new(),
        excluded: step.exclude_actions.clone(),
    })
}
