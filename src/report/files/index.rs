//! What was written for whom, and what has to be known of it: for programs and for people.

use std::fmt::Write;
use std::io;

use serde::Serialize;

use super::{Named, pretty};
use crate::report::render::{coverage, inline};
use crate::report::{CoverageRow, PackingRow, RationaleRow, RecommendationRow, Report, Tool, UnmappedRow, VerifiedRow};

/// The index for programs.
pub(super) const JSON: &str = "index.json";
/// The index for people.
pub(super) const MARKDOWN: &str = "INDEX.md";

#[derive(Serialize)]
struct Index<'r> {
    schema: &'static str,
    tool: &'r Tool,
    coverage: &'r CoverageRow,
    principals: &'r [IndexRow<'r>],
}

/// One principal.
#[derive(Serialize)]
pub(super) struct IndexRow<'r> {
    principal: &'r str,
    kind: &'static str,
    account: Option<&'r str>,
    name: &'r str,
    attachable: bool,
    target: Option<&'static str>,
    fits: Option<bool>,
    over: usize,
    pub(super) files: Vec<FileRow>,
    steps: &'r [PackingRow],
    pub(super) notes: Vec<String>,
    unmapped: &'r [UnmappedRow],
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'r VerifiedRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rationale: Option<&'r [RationaleRow]>,
}

/// One file, and the policies in it.
#[derive(Serialize)]
pub(super) struct FileRow {
    pub(super) file: String,
    pub(super) form: &'static str,
    pub(super) policies: Vec<PolicyFileRow>,
}

/// One policy.
#[derive(Serialize)]
pub(super) struct PolicyFileRow {
    name: String,
    size: usize,
    limit: usize,
}

impl PolicyFileRow {
    pub(super) fn of(policy: &Named<'_>) -> Self {
        Self { name: policy.name.clone(), size: policy.row.size, limit: policy.row.limit }
    }
}

impl<'r> IndexRow<'r> {
    /// What is known before anything is written.
    pub(super) fn of(row: &'r RecommendationRow, explained: bool) -> Self {
        Self {
            principal: &row.principal,
            kind: row.kind,
            account: row.account.as_deref(),
            name: &row.name,
            attachable: row.attachable,
            target: row.policies.first().map(|policy| policy.target),
            fits: row.fits,
            over: row.over,
            files: Vec::new(),
            steps: &row.steps,
            notes: row.warnings.clone(),
            unmapped: &row.gaps,
            verified: row.verified.as_ref(),
            rationale: explained.then_some(&*row.rationale),
        }
    }
}

pub(super) fn json(report: &Report, rows: &[IndexRow<'_>]) -> serde_json::Result<String> {
    let (tool, coverage) = (&report.tool, &report.coverage);
    pretty(&Index { schema: "trailwright.policies/1", tool, coverage, principals: rows })
}

pub(super) fn markdown(report: &Report, rows: &[IndexRow<'_>]) -> serde_json::Result<String> {
    let mut out = String::from("# Policies\n\n");
    for line in coverage(&report.coverage).map_err(serde_json::Error::io)? {
        out.push_str(&format!("- {}\n", inline(&line)));
    }
    table(rows, &mut out).map_err(failed)?;
    for row in rows {
        details(row, &mut out).map_err(failed)?;
    }
    let Tool { name, version, catalog } = &report.tool;
    writeln!(out, "\n{name} {version}, what AWS says about actions as of {catalog}").map_err(failed)?;
    Ok(out)
}

fn failed(error: std::fmt::Error) -> serde_json::Error {
    serde_json::Error::io(io::Error::other(error))
}

fn table(rows: &[IndexRow<'_>], out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n| Principal | Kind | Attached as | Fits | Files |\n| --- | --- | --- | --- | --- |")?;
    for row in rows {
        let fits = row.fits.map_or("", |fits| if fits { "yes" } else { "no" });
        let link = |file: &FileRow| format!("[{}]({})", file.form, file.file);
        let files: Vec<_> = row.files.iter().map(link).collect();
        let (principal, target) = (inline(row.principal), row.target.unwrap_or_default());
        writeln!(out, "| {principal} | {} | {target} | {fits} | {} |", row.kind, files.join(", "))?;
    }
    Ok(())
}

/// What a table has no room for, if there is anything.
fn details(row: &IndexRow<'_>, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n## {}\n", inline(row.principal))?;
    // Each form holds the same policies.
    let form = row.files.first().map(|file| file.form);
    for policy in row.files.iter().filter(|file| Some(file.form) == form).flat_map(|file| &file.policies) {
        writeln!(out, "- {}: {} characters of {}", inline(&policy.name), policy.size, policy.limit)?;
    }
    for step in row.steps {
        write!(out, "- step: {}", inline(&step.what))?;
        writeln!(out, "{}", if step.saved > 0 { format!(", saves {} characters", step.saved) } else { String::new() })?;
        step.adds.iter().try_for_each(|added| writeln!(out, "  - allows too: {}", inline(added)))?;
    }
    if let Some(fared) = row.verified.filter(|_| row.attachable) {
        let VerifiedRow { allowed, blocked, unknown, not_asked, problems } = fared;
        writeln!(
            out,
            "- verified on its own history: {allowed} calls allowed, {blocked} blocked, {unknown} not known, {not_asked} not asked"
        )?;
        problems.iter().try_for_each(|problem| writeln!(out, "  - not allowed: {}", inline(problem)))?;
    }
    row.notes.iter().try_for_each(|note| writeln!(out, "- note: {}", inline(note)))?;
    row.unmapped.iter().try_for_each(|gap| {
        let (source, name, reason) = (inline(&gap.event_source), inline(&gap.event_name), gap.reason);
        writeln!(out, "- gap: {} calls to {source} {name}: {reason}", gap.count)
    })
}
