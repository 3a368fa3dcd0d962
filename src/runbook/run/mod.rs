//! Runs a runbook on what was read: one step after the other, each with what was asked, the rows, and what was decided by
//! them. Nothing is read and nothing written here; the same input gives the same answer.

mod asked;
mod conditions;
mod decide;
mod grant;
mod plan;
mod proof;
mod ran;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use asked::as_asked;
pub use decide::{Decided, Decision};
pub use grant::Template;
pub use plan::Plan;
pub use ran::{Done, Ran, State};

use super::fill::{Given, Piece, pieces};
use super::model::{Kind, Step};
use super::query::{Query, Row, Rows};
use super::tables::{self, Source, audit_columns, sessions, usage};
use crate::aggregate::History;
use crate::audit::{self, audit};
use crate::condition::ConditionError;
use crate::ledger::Problem;
use crate::recommend::{Gap, Thresholds, gaps};
use crate::report::{self, FindingView, Report, View};
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

/// Runs all steps.
pub fn run<'r>(plan: &Plan<'r>, archive: Archive<'_>) -> Result<Ran<'r>, ConditionError> {
    let gaps = gaps(archive.history, archive.thresholds);
    let mut running = Running {
        plan,
        archive,
        gaps: &gaps,
        given: plan.given.clone(),
        rows: BTreeMap::new(),
        audited: None,
        not_asked: BTreeSet::new(),
    };
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
        running.keep(step, &done);
        steps.push(done);
    }
    Ok(Ran {
        runbook: plan.runbook,
        at: plan.now,
        filters: plan.filters.clone(),
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
    /// Steps that were not asked.
    not_asked: BTreeSet<&'r str>,
}

impl<'a, 'r> Running<'a, 'r> {
    fn step(&mut self, step: &'r Step) -> Result<Done<'r>, ConditionError> {
        let asked = as_asked(step, &self.given);
        let mut done = Done::without(step, asked, State::Answered);
        if let Some(why) = self.lacks(step) {
            done.state = State::NotAsked(why);
            return Ok(done);
        }
        let of = step.of.as_deref().and_then(|of| self.rows.get(of));
        match step.kind {
            Kind::Identify | Kind::Validate | Kind::Query => {
                done.rows = self.query(step)?;
                done.notes.extend(self.left_out(step));
            }
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
                let Some(report) = &self.audited else { return Ok(done) };
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

    /// Why a step cannot be asked: no ledger was given, or a step that it is about was not asked.
    fn lacks(&mut self, step: &Step) -> Option<String> {
        let mut named = step.from.iter().chain(&step.of);
        if let Some(id) = named.find(|id| self.not_asked.contains(id.as_str())) {
            return Some(format!("it is about {id}, which was not asked"));
        }
        let is_of_ledger = step.kind == Kind::Audit || step.from.as_deref() == Some(Source::Grants.as_str());
        if !is_of_ledger || self.audited().is_some() {
            return None;
        }
        let ledgers = self.plan.runbook.steps.iter().filter_map(|step| step.ledger.as_deref());
        let mut pieces = ledgers.flat_map(|text| pieces(text).unwrap_or_default());
        let input = pieces.find_map(|piece| match piece {
            Piece::Input(name) => Some(format!("; give it with --input {name}=FILE")),
            Piece::Text(_) | Piece::Column(..) => None,
        });
        Some(format!("no ledger was given{}", input.unwrap_or_default()))
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

    /// That not all events could be asked by what earlier steps found.
    fn left_out(&self, step: &Step) -> Option<String> {
        let (place, _) = self.plan.asked.get(&*step.id).filter(|(_, asked)| asked.is_split())?;
        let found = self.archive.history.searched.get(*place).filter(|found| found.left_out > 0)?;
        let kept = found.rows.len();
        Some(format!(
            "{} events beyond the first {kept} were not asked by what earlier steps found; ask for less with `where`",
            found.left_out
        ))
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
    fn keep(&mut self, step: &'r Step, done: &Done<'_>) {
        let rows = &done.rows;
        if done.state != State::Answered {
            self.not_asked.insert(&step.id);
        }
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
