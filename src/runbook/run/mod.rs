//! Runs a runbook on what was read: one step after the other, each with what was asked, the rows, and what was decided by
//! them. Nothing is read and nothing written here; the same input gives the same answer.

mod asked;
mod conditions;
mod decide;
mod grant;
mod plan;
mod proof;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

pub use asked::as_asked;
pub use decide::{Decided, Decision};
pub use grant::Template;
pub use plan::Plan;

use super::fill::Given;
use super::model::{Kind, Runbook, Step};
use super::query::{Query, Row, Rows};
use super::tables::{self, Source, audit_columns, sessions, usage};
use crate::aggregate::History;
use crate::audit::{self, audit};
use crate::condition::ConditionError;
use crate::ledger::Problem;
use crate::recommend::{Gap, Thresholds, gaps};
use crate::report::{self, CoverageRow, FindingView, Report, View};
use crate::watch::Watch;

/// What was read.
#[derive(Clone, Copy)]
pub struct Archive<'h> {
    /// Everything, with the searches of the plan and its ledger.
    pub history: &'h History,
    /// What was read again for sessions that grants were used to make.
    pub chained: Option<&'h History>,
    /// The ledger as events were put beside it, where there is one.
    pub watch: Option<&'h Watch>,
    /// What is wrong with the ledger.
    pub problems: &'h [Problem],
    /// By which needs are judged.
    pub thresholds: &'h Thresholds,
}

/// A runbook that was run.
#[derive(Debug)]
pub struct Ran<'r> {
    /// Which.
    pub runbook: &'r Runbook,
    /// When.
    pub at: Timestamp,
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

/// Runs all steps.
pub fn run<'r>(plan: &Plan<'r>, archive: Archive<'_>) -> Result<Ran<'r>, ConditionError> {
    let gaps = gaps(archive.history, archive.thresholds);
    let mut running =
        Running { plan, archive, gaps: &gaps, given: plan.given.clone(), rows: BTreeMap::new(), audited: None };
    let mut steps = Vec::new();
    let mut stopped: Option<String> = None;
    for step in &plan.runbook.steps {
        if let Some(why) = &stopped {
            steps.push(Done::without(step, as_asked(step, &running.given), State::NotReached(why.clone())));
            continue;
        }
        let mut done = running.step(step)?;
        if done.state == State::Answered {
            done.decisions = decide::all(&done, plan);
            if done.decisions.iter().any(|one| one.outcome == Decided::Stops || one.outcome == Decided::NotMet) {
                stopped = Some(format!("`{}` ended it", step.id));
            }
        }
        running.keep(step, &done.rows);
        steps.push(done);
    }
    Ok(Ran {
        runbook: plan.runbook,
        at: plan.now,
        inputs: plan.given.inputs.clone(),
        coverage: report::coverage_row(archive.history),
        steps,
        unusable: report::unusable_rows(archive.problems),
    })
}

struct Running<'a, 'r> {
    plan: &'a Plan<'r>,
    archive: Archive<'a>,
    gaps: &'a [Gap<'a>],
    given: Given,
    rows: BTreeMap<&'r str, Rows>,
    audited: Option<Report>,
}

impl<'a, 'r> Running<'a, 'r> {
    fn step(&mut self, step: &'r Step) -> Result<Done<'r>, ConditionError> {
        let asked = as_asked(step, &self.given);
        let mut done = Done::without(step, asked, State::Answered);
        if step.kind == Kind::Audit {
            self.audited();
        }
        let of = step.of.as_deref().and_then(|of| self.rows.get(of));
        match step.kind {
            Kind::Identify | Kind::Validate | Kind::Query => done.rows = self.query(step)?,
            Kind::Condition => {
                let (rows, columns) = conditions::rows(step, of, self.gaps, self.archive.history, self.plan.now);
                done.rows = Query::of(step, &self.given, &columns, false)?.run(rows.into_iter(), &columns);
            }
            Kind::Grant => {
                let Some(terms) = self.plan.terms.get(&*step.id) else { return Ok(done) };
                let granted = grant::grants(step, of, self.gaps, self.archive.history, (terms, self.plan.now));
                let columns = tables::GRANTED.map(str::to_owned).to_vec();
                done.rows = Rows { columns, rows: granted.rows, left_out: 0 };
                done.templates = granted.templates;
            }
            Kind::Audit => {
                let Some(report) = &self.audited else {
                    let ledger = step.ledger.as_deref().unwrap_or_default();
                    done.state = State::NotAsked(format!("no ledger was given ({ledger})"));
                    return Ok(done);
                };
                let of = of.filter(|rows| rows.columns.iter().any(|column| column == "principal"));
                let whose: Option<BTreeSet<String>> = of.map(|rows| values(rows, "principal").collect());
                let findings = report.findings.iter().flatten();
                let findings = findings.filter(|row| whose.as_ref().is_none_or(|whose| whose.contains(&row.principal)));
                let rows = findings.map(|row| tables::row(row, &row.evidence));
                let columns = audit_columns();
                done.rows = Query::of(step, &self.given, &columns, false)?.run(rows, &columns);
                let fatal = self.archive.problems.iter().filter(|problem| problem.is_fatal);
                done.notes = fatal
                    .map(|one| {
                        format!("a row of the ledger could not be used: {}:{}: {}", one.file, one.line, one.what)
                    })
                    .collect();
            }
        }
        Ok(done)
    }

    fn query(&mut self, step: &'r Step) -> Result<Rows, ConditionError> {
        let from = step.from.as_deref().unwrap_or_default();
        let history = self.archive.history;
        let Some(table) = Source::parse(from) else {
            let Some(earlier) = self.rows.get(from) else { return Ok(Rows::default()) };
            let query = Query::of(step, &self.given, &earlier.columns, false)?;
            return Ok(query.run(earlier.rows.iter().cloned(), &earlier.columns));
        };
        if table == Source::Events {
            let Some((place, asked)) = self.plan.asked.get(&*step.id) else { return Ok(Rows::default()) };
            let nothing = crate::search::Table::default();
            return asked.answer(step, history.searched.get(*place).unwrap_or(&nothing), &self.given);
        }
        let columns = table.columns();
        let query = Query::of(step, &self.given, &columns, false)?;
        let ask = |rows: &mut dyn Iterator<Item = Row>| query.run(rows, &columns);
        Ok(match table {
            Source::Denied => {
                let report = report::denied(history, self.gaps, &View { services_too: true, ..View::default() });
                ask(&mut report.denied.iter().flatten().map(|row| tables::row(row, &row.evidence)))
            }
            Source::Findings => {
                let report = report::privileged(history, &FindingView { services_too: true, ..FindingView::default() });
                ask(&mut report.findings.iter().flatten().map(|row| tables::row(row, &row.evidence)))
            }
            Source::Usage => ask(&mut usage::rows(history)),
            Source::Sessions => {
                let found = |more: usize| history.searched.get(self.plan.sessions? + more);
                let (Some(all), Some(denied)) = (found(0), found(1)) else { return Ok(Rows::default()) };
                ask(&mut sessions::rows(all, denied).into_iter())
            }
            Source::Grants => {
                let grants = self.audited().into_iter().flat_map(|report| report.grants.iter().flatten());
                let rows: Vec<Row> = grants
                    .map(|row| {
                        let evidence = row.timeline.iter().flat_map(|one| one.evidence.iter().cloned()).take(3);
                        tables::row(row, &evidence.collect::<Vec<_>>())
                    })
                    .collect();
                ask(&mut rows.into_iter())
            }
            Source::Events => Rows::default(),
        })
    }

    /// What the audit says, where there is a ledger; worked out once.
    fn audited(&mut self) -> Option<&Report> {
        let watch = self.archive.watch?;
        if self.audited.is_none() {
            let Archive { history, chained, problems, .. } = self.archive;
            let audited = audit(history, chained, watch, &audit::Options::default());
            self.audited = Some(report::audit(history, &audited, watch, problems, &[]));
        }
        self.audited.as_ref()
    }

    /// Keeps what later steps may use.
    fn keep(&mut self, step: &'r Step, rows: &Rows) {
        for column in &rows.columns {
            let mut seen = BTreeSet::new();
            let mut kept = Vec::new();
            let values = rows.rows.iter().filter_map(|row| row.cells.get(column)).flat_map(each);
            for value in values.filter(|value| seen.insert(value.to_string())) {
                kept.push(value.clone());
            }
            self.given.columns.insert((step.id.clone(), column.clone()), kept);
        }
        self.rows.insert(&step.id, rows.clone());
    }
}

impl<'r> Done<'r> {
    fn without(step: &'r Step, asked: String, state: State) -> Self {
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

/// Different texts in a column.
fn values<'t>(rows: &'t Rows, column: &'t str) -> impl Iterator<Item = String> + 't {
    let values = rows.rows.iter().filter_map(move |row| row.cells.get(column)).flat_map(each);
    values.filter_map(Value::as_str).map(str::to_owned)
}

fn each(cell: &Value) -> &[Value] {
    match cell {
        Value::Null => &[],
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}
