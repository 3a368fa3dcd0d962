//! What is decided by the rows of a step, and on which events that rests.

use std::collections::BTreeSet;

use super::{Done, Plan};
use crate::report::EvidenceRow;
use crate::runbook::model::{OnEmpty, Requires};

/// Events that are named for a decision; more of them prove nothing more.
const EVIDENCE: usize = 50;

/// Something that was decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The step by whose rows.
    pub step: String,
    /// What had to be so.
    pub what: String,
    /// What was so.
    pub found: String,
    /// What follows.
    pub outcome: Decided,
    /// Where events stand that it rests on.
    pub evidence: Vec<EvidenceRow>,
}

/// What follows from a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It was as expected.
    Met,
    /// It was not; the steps behind it are not run.
    NotMet,
    /// There is nothing to go on with.
    Stops,
    /// Somebody has to approve.
    Waits,
}

impl Decided {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Stops => "stops",
            Self::Waits => "needs-approval",
        }
    }
}

/// Everything that is decided by a step.
pub(super) fn all(done: &Done<'_>, plan: &Plan<'_>) -> Vec<Decision> {
    let step = done.step;
    let rows = (done.rows.rows.len() as u64).saturating_add(done.rows.left_out);
    let found = format!("{rows} {}", if rows == 1 { "row" } else { "rows" });
    let events: BTreeSet<_> = done.rows.rows.iter().flat_map(|row| &row.evidence).map(key).collect();
    let evidence: Vec<EvidenceRow> = events
        .into_iter()
        .take(EVIDENCE)
        .map(|(file, record, event_id)| EvidenceRow {
            file: file.to_owned(),
            record,
            event_id: event_id.to_owned(),
            content: None,
        })
        .collect();
    let decision = |what: String, found: String, outcome| Decision {
        step: step.id.clone(),
        what,
        found,
        outcome,
        evidence: evidence.clone(),
    };
    let mut all = Vec::new();
    let bounds = [
        (step.expect.min_rows.map(|least| (format!("at least {least} rows"), rows >= least))),
        (step.expect.max_rows.map(|most| (format!("at most {most} rows"), rows <= most))),
    ];
    for (what, is_met) in bounds.into_iter().flatten() {
        all.push(decision(what, found.clone(), if is_met { Decided::Met } else { Decided::NotMet }));
    }
    if rows == 0 && step.on_empty == OnEmpty::Stop {
        all.push(decision("rows to go on with".to_owned(), found, Decided::Stops));
    }
    if let Some(requires) = step.requires.as_ref().filter(|_| !done.templates.is_empty()) {
        let ticket = plan.terms.get(&*step.id).and_then(|terms| terms.ticket.as_ref());
        let needed = needed(requires, ticket.map(ToString::to_string));
        if !needed.is_empty() {
            let count = done.templates.len();
            let found = format!("{count} {}", if count == 1 { "template" } else { "templates" });
            all.push(decision(needed.join(" and "), found, Decided::Waits));
        }
    }
    all
}

fn needed(requires: &Requires, ticket: Option<String>) -> Vec<String> {
    let mut needed = Vec::new();
    match requires.approvers {
        0 => {}
        1 => needed.push("one person approves who did not ask for it".to_owned()),
        count => needed.push(format!("{count} people approve who did not ask for it")),
    }
    match (&requires.ticket, ticket) {
        (Some(pattern), None) => needed.push(format!("there is a ticket that looks like {pattern} (none was given)")),
        (Some(_), Some(ticket)) if !needed.is_empty() => needed.push(format!("the ticket {ticket} says so")),
        _ => {}
    }
    needed
}

fn key(row: &EvidenceRow) -> (&str, u64, &str) {
    (&row.file, row.record, &row.event_id)
}
