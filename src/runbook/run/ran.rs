//! What came out of a runbook, step by step.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::decide::{Decided, Decision};
use super::grant::Template;
use crate::report::CoverageRow;
use crate::runbook::model::{Runbook, Step};
use crate::runbook::query::Rows;

/// A runbook that was run.
#[derive(Debug)]
pub struct Ran<'r> {
    /// Which.
    pub runbook: &'r Runbook,
    /// When.
    pub at: Timestamp,
    /// Which events count, where that is not all: each filter with its values.
    pub filters: Vec<(&'static str, Vec<String>)>,
    /// What it was told.
    pub inputs: BTreeMap<String, Value>,
    /// What was read and what was not.
    pub coverage: CoverageRow,
    /// In order.
    pub steps: Vec<Done<'r>>,
    /// Rows of the ledger that could not be used.
    pub unusable: usize,
}

/// A step that was run, or was not.
#[derive(Debug)]
pub struct Done<'r> {
    /// As it stands in the runbook.
    pub step: &'r Step,
    /// What it asked, with everything put in, in YAML.
    pub asked: String,
    /// Whether there is an answer.
    pub state: State,
    /// The answer.
    pub rows: Rows,
    /// What was decided by it.
    pub decisions: Vec<Decision>,
    /// Grants that it wrote.
    pub templates: Vec<Template>,
    /// What has to be known of it.
    pub notes: Vec<String>,
}

/// Whether a step has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has.
    Answered,
    /// It was not asked, as something it needs was not given.
    NotAsked(String),
    /// An earlier step ended the runbook.
    NotReached(String),
}

impl State {
    /// The word used in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotAsked(_) => "not-asked",
            Self::NotReached(_) => "not-reached",
        }
    }
}

impl<'r> Done<'r> {
    /// Without an answer yet.
    pub(super) fn without(step: &'r Step, asked: String, state: State) -> Self {
        let (rows, decisions, templates, notes) = (Rows::default(), Vec::new(), Vec::new(), Vec::new());
        Self { step, asked, state, rows, decisions, templates, notes }
    }

    /// Whether its rows are findings.
    pub fn is_finding(&self) -> bool {
        self.step.finds && !self.rows.rows.is_empty()
    }
}

impl Ran<'_> {
    /// Whether something was found that is worth an exit status of its own.
    pub fn has_findings(&self) -> bool {
        self.steps.iter().any(Done::is_finding)
    }

    /// Whether something that was expected was not so.
    pub fn is_not_as_expected(&self) -> bool {
        self.decisions().any(|one| one.outcome == Decided::NotMet)
    }

    /// Whether grants wait for somebody.
    pub fn waits(&self) -> bool {
        self.decisions().any(|one| one.outcome == Decided::Waits)
    }

    /// All decisions in order.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.steps.iter().flat_map(|done| &done.decisions)
    }
}
