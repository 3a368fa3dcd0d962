//! Grants for the gaps of an earlier step: each is tried out before it is proposed, and looked at as reviewers do.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::conditions::Picked;
use super::proof::{Proof, prove};
use crate::aggregate::History;
use crate::recommend::Gap;
use crate::recommend::jit::{self, Elevation, Target, Terms, elevations, refusal};
use crate::report::{self, EvidenceRow, TemplateRow, evidence};
use crate::runbook::model::Step;
use crate::runbook::query::{Row, Rows};

/// A grant as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What a grant step gives.
pub(super) struct Granted {
    /// A row for each template, and for each gap that gets none.
    pub(super) rows: Vec<Row>,
    /// Those that are proposed.
    pub(super) templates: Vec<Template>,
}

/// Grants for the gaps that rows are about.
pub(super) fn grants(
    step: &Step,
    of: Option<&Rows>,
    gaps: &[Gap<'_>],
    history: &History,
    (terms, now): (&Terms, Timestamp),
) -> Granted {
    let picked = Picked::of(of, gaps);
    let mut granted = Granted { rows: Vec::new(), templates: Vec::new() };
    let terms = Terms { needs: picked.needs(), ..terms.clone() };
    // Without ids every gap would be meant.
    if terms.needs.is_empty() {
        return granted;
    }
    let is_asked = |target: &dyn Target| step.targets.iter().any(|name| name == "all" || name == target.name());
    let targets: Vec<&dyn Target> = jit::ALL.iter().copied().filter(|target| is_asked(*target)).collect();
    let grants = elevations(history, gaps, &terms);
    let written = report::jit(history, &grants, &targets, now).templates.unwrap_or_default();
    let each = targets.len().max(1);
    for (grant, rows) in grants.iter().zip(written.chunks(each)) {
        for row in rows {
            let proof = prove(row, grant, history);
            let is_proposed = row.file.is_some() && proof.as_ref().is_none_or(|proof| proof.holds);
            if let Some(name) = row.file.as_ref().filter(|_| is_proposed) {
                granted.templates.push(Template { name: name.clone(), text: row.text.clone() });
            }
            granted.rows.push(told(row, grant, proof, is_proposed));
        }
    }
    let closed: BTreeSet<String> = grants.iter().flat_map(|grant| grant.gaps.iter().map(|gap| gap.id())).collect();
    for gap in gaps {
        let id = gap.id();
        if picked.gaps.contains(&id) && !closed.contains(&id) {
            granted.rows.push(refused(gap, id));
        }
    }
    granted
}

fn told(row: &TemplateRow, grant: &Elevation<'_>, proof: Option<Proof>, is_proposed: bool) -> Row {
    let conditions = row.conditions.iter().flat_map(|(operator, keys)| {
        keys.iter().map(move |(key, values)| format!("{key} {operator} {}", values.join(", ")))
    });
    let complaints = row.complaints.iter().map(|one| {
        let weight = if one.rejects { "rejects" } else { "asks" };
        format!("{} ({weight}): {}", one.rule, one.why)
    });
    let why = match (&row.file, is_proposed) {
        (None, _) => row.reasons.last().cloned(),
        (Some(_), false) => Some("not proposed, as it does not do what it is for".to_owned()),
        (Some(_), true) => None,
    };
    let (proved, proof) = proof.map_or((None, None), |proof| (Some(proof.holds), Some(proof.words)));
    let cells = json!({
        "principal": row.principal,
        "target": row.target,
        "actions": row.actions,
        "resources": row.resources,
        "conditions": conditions.collect::<Vec<_>>(),
        "not_before": row.not_before,
        "not_after": row.not_after,
        "ticket": row.ticket,
        "gaps": row.needs,
        "proved": proved,
        "proof": proof,
        "complaints": complaints.collect::<Vec<_>>(),
        "file": row.file.as_ref().filter(|_| is_proposed),
        "why": why,
    });
    let events: Vec<EvidenceRow> = grant.gaps.iter().flat_map(|gap| evidence(&gap.usage.evidence)).collect();
    Row { cells: members(cells), evidence: events }
}

/// A gap for which nothing is granted, with why.
fn refused(gap: &Gap<'_>, id: String) -> Row {
    let why = refusal(gap).unwrap_or_else(|| "its action is left out as asked (exclude_actions)".to_owned());
    let resources: Vec<&str> =
        gap.resource.filter(|one| one.is_named()).map(|one| one.arn.as_str()).into_iter().collect();
    let actions: Vec<String> = gap.action.map(ToString::to_string).into_iter().collect();
    let cells = json!({
        "principal": gap.principal.name,
        "target": null,
        "actions": actions,
        "resources": resources,
        "conditions": [],
        "gaps": [id],
        "why": why,
    });
    Row { cells: members(cells), evidence: evidence(&gap.usage.evidence) }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
