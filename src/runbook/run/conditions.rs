//! Which conditions history supports, for the gaps or principals of an earlier step.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::values;
use crate::aggregate::History;
use crate::recommend::jit::{CONDITIONS, Terms, Window, elevations};
use crate::recommend::{ConditionKind, Gap, Options, Reviewed, recommendations};
use crate::report::{EvidenceRow, condition_row, evidence};
use crate::runbook::model::Step;
use crate::runbook::query::{Row, Rows};
use crate::runbook::tables::{condition_columns, row};

/// Rows of conditions with whose they are, and their columns.
pub(super) fn rows(
    step: &Step,
    of: Option<&Rows>,
    gaps: &[Gap<'_>],
    history: &History,
    now: Timestamp,
) -> (Vec<Row>, Vec<String>) {
    let kinds: BTreeSet<ConditionKind> = match step.conditions.is_empty() {
        true => CONDITIONS.into(),
        false => step.conditions.iter().filter_map(|word| ConditionKind::parse(word)).collect(),
    };
    let picked = Picked::of(of, gaps);
    let mut rows = Vec::new();
    if picked.by_gap {
        let window = Window { not_before: now, not_after: now };
        let terms = Terms { conditions: kinds, needs: picked.needs(), ..Terms::from(window) };
        if !terms.needs.is_empty() {
            for grant in elevations(history, gaps, &terms) {
                let events: Vec<EvidenceRow> =
                    grant.gaps.iter().flat_map(|gap| evidence(&gap.usage.evidence)).take(3).collect();
                rows.extend(grant.reviewed.iter().map(|one| told(&grant.principal.name, one, &events)));
            }
        }
    } else {
        let options = Options { conditions: kinds, ..Options::default() };
        for one in recommendations(history, &options) {
            if picked.principals.contains(&one.principal.name) {
                rows.extend(one.conditions.iter().map(|reviewed| told(&one.principal.name, reviewed, &[])));
            }
        }
    }
    (rows, condition_columns())
}

fn told(principal: &str, reviewed: &Reviewed, events: &[EvidenceRow]) -> Row {
    let mut row = row(&condition_row(reviewed), events);
    row.cells.insert("principal".to_owned(), Value::from(principal));
    row
}

/// The gaps that rows are about: those that they name, or else all of the principals that they name.
pub(super) struct Picked {
    /// Whether rows name gaps.
    pub(super) by_gap: bool,
    /// Ids of gaps.
    pub(super) gaps: BTreeSet<String>,
    /// Names of principals.
    pub(super) principals: BTreeSet<String>,
}

impl Picked {
    pub(super) fn of(of: Option<&Rows>, gaps: &[Gap<'_>]) -> Self {
        let column = |name: &str| of.is_some_and(|rows| rows.columns.iter().any(|column| column == name));
        let all = |name: &str| of.into_iter().flat_map(|rows| values(rows, name).collect::<Vec<_>>()).collect();
        let principals: BTreeSet<String> = all("principal");
        let by_gap = column("gap");
        let gaps = match by_gap {
            true => all("gap"),
            false => gaps.iter().filter(|gap| principals.contains(&gap.principal.name)).map(Gap::id).collect(),
        };
        Self { by_gap, gaps, principals }
    }

    /// As terms have them.
    pub(super) fn needs(&self) -> Vec<String> {
        self.gaps.iter().cloned().collect()
    }
}
