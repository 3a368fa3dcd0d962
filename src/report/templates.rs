//! Grants as rows: each in the forms that are asked for, as text and as files.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::build::{condition_row, empty};
use super::files::{File, Folder, INDEXES, Whose, pretty, stems_of};
use super::render::{self, clean, clean_json, inline};
use super::rows::*;
use crate::aggregate::History;
use crate::recommend::jit::{self, Body, Card, Elevation, Target};
use crate::recommend::lint::{About, lint};

/// Just-in-time grants in some forms; in what is usual for each principal where none is named.
pub fn jit(history: &History, grants: &[Elevation<'_>], targets: &[&dyn Target], now: Timestamp) -> Report {
    let mut report = empty("trailwright.jit/1", history);
    let whose = grants.iter().map(|grant| Whose {
        account: grant.account(),
        kind: grant.principal.kind.as_str(),
        name: grant.principal.short_name(),
        principal: &grant.principal.name,
    });
    let stems = stems_of(&whose.collect::<Vec<_>>());
    let mut rows = Vec::new();
    for (grant, stem) in grants.iter().zip(&stems) {
        let usual = [jit::usual_for(grant.principal.kind)];
        let targets = if targets.is_empty() { &usual } else { targets };
        rows.extend(targets.iter().map(|target| row(grant, *target, stem, now)));
    }
    report.templates = Some(rows);
    report
}

/// The templates of a report as files, and two that tell about all of them.
pub fn template_files(report: &Report) -> std::io::Result<Folder> {
    let mut folder = Folder::default();
    for row in report.templates.iter().flatten() {
        match &row.file {
            Some(name) => folder.files.push(File { name: name.clone(), text: row.text.clone() }),
            None => {
                let why = row.reasons.last().map(String::as_str).unwrap_or_default();
                folder.warnings.push(clean(&format!("no {} file for {}: {why}", row.target, row.principal)));
            }
        }
    }
    for (name, format) in INDEXES.into_iter().zip(["json", "markdown"]) {
        let mut text = Vec::new();
        if let Some(renderer) = render::by_name(format) {
            renderer.render(report, &mut text)?;
        }
        folder.files.push(File { name: name.to_owned(), text: String::from_utf8_lossy(&text).into_owned() });
    }
    Ok(folder)
}

fn row(grant: &Elevation<'_>, target: &dyn Target, stem: &str, now: Timestamp) -> TemplateRow {
    let distinct = |texts: &mut dyn Iterator<Item = String>| texts.collect::<BTreeSet<_>>().into_iter().collect();
    let left_out = target.leaves_out(grant.principal.kind);
    let conditions = grant.reviewed.iter().map(|one| {
        let mut row = condition_row(one);
        if row.set && left_out.contains(&one.kind) {
            row.set = false;
            (row.operator, row.key) = (None, None);
            row.why = "it holds for the principal, and would block whoever uses this form".to_owned();
        }
        row
    });
    let mut row = TemplateRow {
        principal: grant.principal.name.clone(),
        target: target.name(),
        actions: distinct(&mut grant.permissions.iter().map(|permission| permission.action.to_string())),
        resources: distinct(
            &mut grant.permissions.iter().map(|permission| permission.resource.in_policy().into_owned()),
        ),
        conditions: grant.conditions(left_out),
        not_before: grant.window.not_before.to_string(),
        not_after: grant.window.not_after.to_string(),
        reasons: grant.reasons.clone(),
        body: Value::Null,
        needs: grant.gaps.iter().map(|gap| gap.id()).collect(),
        ticket: grant.ticket.as_ref().map(ToString::to_string),
        duration_seconds: grant.window.length().as_secs(),
        file: None,
        commands: Vec::new(),
        conditions_reviewed: conditions.collect(),
        complaints: Vec::new(),
        text: String::new(),
    };
    let template = target.write(grant, stem).and_then(|template| Ok((text(&template.body, grant)?, template)));
    match template {
        Ok((text, template)) => {
            row.reasons.extend(template.notes);
            row.commands = template.commands;
            row.complaints = complaints(&template.body, &text, grant, now);
            row.file = Some(format!("{stem}{}", target.ending()));
            row.text = text;
            row.body = match template.body {
                Body::Json(value) | Body::Compact(value) => value,
                Body::Terraform(_) | Body::Card(_) => row.text.clone().into(),
            };
        }
        Err(why) => row.reasons.push(format!("not written: {why}")),
    }
    row
}

/// What reviewers would reject; a page for people is none of theirs.
fn complaints(body: &Body, text: &str, grant: &Elevation<'_>, now: Timestamp) -> Vec<ComplaintRow> {
    if matches!(body, Body::Card(_)) {
        return Vec::new();
    }
    let row = |rule, rejects, at, why| ComplaintRow { rule, rejects, at, why };
    match lint(text, &About { now, kind: Some(grant.principal.kind) }) {
        Ok(all) => all.into_iter().map(|one| row(one.rule, one.rejects, one.at, one.why)).collect(),
        Err(why) => vec![row("not-read", false, String::new(), why)],
    }
}

/// A template as its file holds it.
fn text(body: &Body, grant: &Elevation<'_>) -> Result<String, String> {
    match body {
        Body::Json(value) => pretty(value).map_err(|error| error.to_string()),
        Body::Compact(value) => Ok(clean_json(&value.to_string())),
        Body::Terraform(body) => {
            // HCL escapes as JSON does.
            let blocks = hcl::format::to_string(body).map_err(|error| error.to_string())?;
            let window = grant.window;
            let about = format!("Elevation of {}", grant.principal.name);
            let time = format!("from {} until {}", window.not_before, window.not_after);
            Ok(format!("# {}\n# {time}\n\n{}", clean(&about), clean_json(&blocks)))
        }
        Body::Card(card) => Ok(page(card)),
    }
}

/// A page in Markdown.
fn page(card: &Card) -> String {
    let mut text = format!("# {}\n", inline(&card.title));
    for part in &card.parts {
        text.push_str(&format!("\n## {}\n\n", part.heading));
        part.lines.iter().for_each(|line| text.push_str(&format!("- {}\n", inline(line))));
        if !part.commands.is_empty() {
            let commands = part.commands.iter().map(|line| clean(line)).collect::<Vec<_>>().join("\n");
            let fence = render::fence(&commands);
            text.push_str(&format!("\n{fence}sh\n{commands}\n{fence}\n"));
        }
    }
    text
}
