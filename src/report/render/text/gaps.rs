//! Permission gaps for people: a table a group, what to do about each need, and on demand all there is.

use std::io::{self, Write};

use super::*;
use crate::recommend::FixableBy;
use crate::report::{GroupRow, KeptApartRow};

/// The top needs, and who refused how often.
pub(super) fn summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(rows) = &report.denied else { return Ok(()) };
    let sum = |of: fn(&GroupRow) -> u64| report.groups.iter().flatten().map(of).sum::<u64>();
    heading(&format!("Denied ({})", sum(|group| group.gaps)), out)?;
    notes(report, out)?;
    let mut top: Vec<&DeniedRow> = rows.iter().filter(|row| row.need == "need").collect();
    // Rows come group after group; here the most needed of all are shown.
    top.sort_by_key(|row| {
        (
            FixableBy::ALL.iter().position(|fix| fix.as_str() == row.fixable_by),
            std::cmp::Reverse((row.recurs, row.days, row.count)),
        )
    });
    top.truncate(SHOWN);
    if top.is_empty() {
        writeln!(out, "  nothing that anybody seems to need")?;
    } else {
        gap_table(&top, "", out)?;
    }
    let left = sum(|group| group.needs).saturating_sub(u64::try_from(top.len()).unwrap_or(u64::MAX));
    let rest = [
        (left, "needed"),
        (sum(|group| group.probing), "probing"),
        (sum(|group| group.noise), "noise"),
        (sum(|group| group.resolved), "resolved"),
    ];
    match counted(&rest) {
        rest if rest.is_empty() => Ok(()),
        rest => writeln!(out, "  {FAINT}… and {rest}: trailwright denied{FAINT:#}"),
    }
}

/// Every gap, group after group.
pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(rows) = &report.denied else { return Ok(()) };
    heading(&format!("Denied ({})", rows.len()), out)?;
    notes(report, out)?;
    if rows.is_empty() {
        return writeln!(out, "  none");
    }
    let mut rest = rows.as_slice();
    for group in report.groups.iter().flatten() {
        let (own, others) = rest.split_at(usize::try_from(group.gaps).unwrap_or(usize::MAX).min(rest.len()));
        rest = others;
        group_heading(group, own, out)?;
        let own: Vec<&DeniedRow> = own.iter().collect();
        gap_table(&own, group.by, out)?;
        for row in own {
            if report.explained {
                explain(row, out)?;
            } else if row.need == "need" {
                let action = clean(row.action.as_deref().unwrap_or(&row.event_name));
                writeln!(out, "    {FAINT}{}{FAINT:#} {action}: {}", row.gap, clean(&row.advice))?;
            }
        }
    }
    for row in rows {
        for text in &row.unread_messages {
            writeln!(out, "  {YELLOW}message not understood{YELLOW:#} ({}): {}", row.gap, clean(text))?;
        }
    }
    Ok(())
}

/// Who refused, and what is not shown.
fn notes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let layers: Vec<_> = report
        .layers
        .iter()
        .flatten()
        .map(|row| match row.deny {
            "unknown" => format!("{} {}", row.policy_type, grouped(row.count)),
            deny => format!("{} {deny} {}", row.policy_type, grouped(row.count)),
        })
        .collect();
    if !layers.is_empty() {
        writeln!(out, "  {FAINT}events by layer: {}{FAINT:#}", layers.join(", "))?;
    }
    if let Some(KeptApartRow { count, .. }) = report.kept_apart.as_ref().filter(|apart| apart.count > 0) {
        let denials = plural(*count, "denial");
        let how = "--include-service-principals shows them";
        writeln!(out, "  {FAINT}kept apart: {denials} of AWS's own services and roles; {how}{FAINT:#}")?;
    }
    Ok(())
}

fn group_heading(group: &GroupRow, rows: &[DeniedRow], out: &mut dyn Write) -> io::Result<()> {
    let kinds =
        [(group.needs, "need"), (group.probing, "probing"), (group.noise, "noise"), (group.resolved, "resolved")];
    let name = match (&group.key, rows.first()) {
        (Some(key), Some(row)) if group.by == "principal" => {
            format!("{} {FAINT}{} {}{FAINT:#}", who(key), row.kind, clean(key))
        }
        (Some(key), _) => clean(key),
        (None, _) => "not said".to_owned(),
    };
    writeln!(out, "\n {HEAD}{name}{HEAD:#}: {}", counted(&kinds))
}

/// Gaps in columns, without the one they are grouped by.
fn gap_table(rows: &[&DeniedRow], by: &str, out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<&str> = ["need", "who", "action", "resource", "layer", "fixable by", "times", "days", "gap"]
        .into_iter()
        .filter(|column| *column != if by == "principal" { "who" } else { by })
        .collect();
    let cells: Vec<_> = rows.iter().map(|row| columns.iter().map(|column| gap_cell(row, column)).collect()).collect();
    table(&columns, &cells, out)
}

fn gap_cell(row: &DeniedRow, column: &str) -> Cell {
    match column {
        "need" => Cell(row.need.to_owned(), if row.need == "need" { RED } else { FAINT }),
        "who" => cell(who(&row.principal)),
        "action" => cell(row.action.as_deref().map_or_else(|| format!("? ({})", clean(&row.event_name)), clean)),
        "resource" => cell(shorten(row.resource.as_deref().unwrap_or("?"), 44)),
        "layer" if row.deny == "explicit" => cell(format!("{}, deny", row.policy_type)),
        "layer" => cell(row.policy_type),
        "fixable by" => {
            Cell(row.fixable_by.to_owned(), if row.fixable_by == "identity-policy" { GREEN } else { PLAIN })
        }
        "times" => cell(row.count.to_string()),
        "days" => cell(row.days.to_string()),
        _ => Cell(row.gap.clone(), FAINT),
    }
}

/// All there is about a gap.
fn explain(row: &DeniedRow, out: &mut dyn Write) -> io::Result<()> {
    let action = row.action.as_deref().unwrap_or("an action nobody knows");
    writeln!(out, "\n    {HEAD}{}{HEAD:#} {} {}", row.gap, row.need, clean(action))?;
    let refused = match &row.policy_arn {
        Some(policy) => format!("{} ({}), {policy}", row.policy_type, row.deny),
        None => format!("{} ({})", row.policy_type, row.deny),
    };
    let fix = match &row.owner {
        Some(owner) => format!("{}: {owner}", row.fixable_by),
        None => row.fixable_by.to_owned(),
    };
    let calls = row.calls.iter().map(|call| format!("{} {} ×{}", call.event_source, call.event_name, call.count));
    let mfa = match row.mfa {
        Some(true) => "MFA",
        Some(false) => "no MFA",
        None => "MFA not said, or not always the same",
    };
    let mut from = vec![mfa.to_owned()];
    from.extend(row.addresses.iter().cloned());
    from.extend(row.vpc_endpoints.iter().cloned());
    let span = |time: &Option<String>| time.clone().unwrap_or_default();
    let lines = [
        ("who", format!("{} ({})", row.principal, row.kind)),
        ("resource", row.resource.clone().unwrap_or_else(|| "the log names none".to_owned())),
        ("refused by", refused),
        ("fixable by", fix),
        ("do", row.advice.clone()),
        ("confidence", format!("{} (message: {})", row.confidence, row.message_shape)),
        ("calls", calls.collect::<Vec<_>>().join(", ")),
        ("when", format!("{} to {}", span(&row.first), span(&row.last))),
        ("with", from.join(", ")),
    ];
    let people = (!row.people.is_empty()).then(|| ("people", row.people.join(", ")));
    let reasons = row.reasons.iter().map(|reason| ("why", reason.clone()));
    told(lines.into_iter().chain(people).chain(reasons), out)?;
    events(row.evidence.iter(), row.count, out)
}
