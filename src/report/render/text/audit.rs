//! What was done with grants, for people: what should not have been, then grant by grant.

use std::io::{self, Write};

use super::*;
use crate::detect::Severity;
use crate::report::{GrantRow, TimelineRow};

/// Findings of one kind and lines of a timeline that are shown, and grants: formats for programs hold all.
const MOST: usize = 20;
const GRANTS: usize = 50;

pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (Some(audit), Some(grants)) = (&report.audit, &report.grants) else { return Ok(()) };
    heading(&format!("Audit of {}", plural(audit.grants, "grant")), out)?;
    let counts = [
        (audit.used, "used"),
        (audit.only_denied, "with denied calls only"),
        (audit.unused, "unused"),
        (audit.not_covered, "not in the archive"),
    ];
    writeln!(out, "  {}", if audit.grants == 0 { "none".to_owned() } else { counted(&counts) })?;
    if let Some(through) = &audit.complete_through {
        writeln!(out, "  complete through {through}, the last event in the archive")?;
    }
    if audit.provisional > 0 {
        let text = format!("{} provisional: the archive ends before all of the window can be in it", audit.provisional);
        writeln!(out, "  {YELLOW}{text}{YELLOW:#}")?;
    }
    if audit.unplaced_files > 0 {
        let files = plural(audit.unplaced_files, "file");
        writeln!(out, "  {YELLOW}{files} could not be read: what was done may be missing{YELLOW:#}")?;
    }
    if audit.rows_not_used > 0 {
        writeln!(out, "  {RED}{} of the ledger not used{RED:#}", plural(audit.rows_not_used, "row"))?;
    }
    findings(report.findings.as_deref().unwrap_or_default(), report.explained, out)?;
    if grants.is_empty() {
        return Ok(());
    }
    heading(&format!("Grants ({})", grants.len()), out)?;
    let most = if report.explained { usize::MAX } else { GRANTS };
    // What nothing is wrong with, and nobody used, is told last.
    let mut order: Vec<&GrantRow> = grants.iter().collect();
    order.sort_by_key(|row| (row.findings.is_empty(), row.timeline.is_empty()));
    order.iter().take(most).try_for_each(|row| grant(row, report.explained, out))?;
    match order.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "\n  {FAINT}… {more} more: --explain shows all, --grant ID one of them{FAINT:#}"),
    }
}

fn style_of(severity: &str) -> Style {
    match severity {
        "critical" | "high" => RED,
        "medium" => YELLOW,
        _ => PLAIN,
    }
}

/// Findings, severity after severity, the same kind together.
fn findings(rows: &[FindingRow], is_explained: bool, out: &mut dyn Write) -> io::Result<()> {
    heading(&format!("Findings ({})", rows.len()), out)?;
    if rows.is_empty() {
        return writeln!(out, "  none");
    }
    for severity in Severity::ALL.into_iter().rev().map(Severity::as_str) {
        let of: Vec<&FindingRow> = rows.iter().filter(|row| row.severity == severity).collect();
        if of.is_empty() {
            continue;
        }
        let style = style_of(severity);
        writeln!(out, "\n {style}{severity}{style:#}: {}", of.len())?;
        let mut rest = of.as_slice();
        let mut titles: Vec<&str> = Vec::new();
        while let Some((first, others)) = rest.split_first() {
            rest = others;
            if titles.contains(&&*first.title) {
                continue;
            }
            titles.push(&first.title);
            writeln!(out, "  {HEAD}{}{HEAD:#} {FAINT}{}{FAINT:#}", clean(&first.title), clean(&first.detection))?;
            let same: Vec<_> = of.iter().filter(|row| row.title == first.title).collect();
            let most = if is_explained { usize::MAX } else { MOST };
            same.iter().take(most).try_for_each(|row| finding(row, is_explained, out))?;
            if let Some(more) = same.len().checked_sub(most).filter(|more| *more > 0) {
                writeln!(out, "    {FAINT}… and {} more{FAINT:#}", grouped(more as u64))?;
            }
        }
    }
    Ok(())
}

fn finding(row: &FindingRow, is_explained: bool, out: &mut dyn Write) -> io::Result<()> {
    let grants = if row.grants.is_empty() { "no grant".to_owned() } else { clean(&row.grants.join(", ")) };
    let people = if row.people.is_empty() { String::new() } else { format!(" by {}", clean(&row.people.join(", "))) };
    let times = match row.count {
        0 => String::new(),
        count => format!(", {}, {}", plural(count, "event"), span(row.first.as_ref(), row.last.as_ref())),
    };
    writeln!(out, "    {grants}: {}{people}{times}", clean(&who(&row.principal)))?;
    row.reasons.iter().try_for_each(|reason| writeln!(out, "      {FAINT}{}{FAINT:#}", clean(reason)))?;
    if !is_explained {
        return Ok(());
    }
    let mut lines = vec![("why", row.why.clone())];
    lines.extend(row.next.iter().map(|next| ("check next", next.clone())));
    lines.extend(row.false_positives.iter().map(|harmless| ("harmless", harmless.clone())));
    lines.extend(row.origins.iter().map(|origin| ("behind it", origin.clone())));
    lines.extend(row.addresses.iter().map(|address| ("from", address.clone())));
    told(lines, out)?;
    events(row.evidence.iter(), row.count, out)
}

/// From when to when, without saying a day twice.
fn span(first: Option<&String>, last: Option<&String>) -> String {
    let (Some(first), Some(last)) = (first, last) else { return "-".to_owned() };
    match (first == last, first.get(..10) == last.get(..10)) {
        (true, _) => clean(first),
        (false, true) => format!("{} to {}", clean(first), clean(last.get(11..).unwrap_or_default())),
        (false, false) => format!("{} to {}", clean(first), clean(last)),
    }
}

fn grant(row: &GrantRow, is_explained: bool, out: &mut dyn Write) -> io::Result<()> {
    let for_whom = row.person.as_ref().map(|person| format!(" for {}", clean(person))).unwrap_or_default();
    let account = row.account.as_ref().map(|account| format!(" in {}", clean(account))).unwrap_or_default();
    writeln!(out, "\n  {HEAD}{}{HEAD:#}  {}{account}{for_whom}", clean(&row.grant), clean(&row.principal))?;
    let mut window = format!("{} until {}", row.not_before, row.not_after);
    if let Some(revoked) = &row.revoked_at {
        window.push_str(&format!(", revoked {revoked}"));
    }
    let mut state = vec![if row.provisional { format!("{}, provisional", row.status) } else { row.status.to_owned() }];
    if row.break_glass {
        state.push("break-glass".to_owned());
    }
    if row.sessions > 0 {
        state.push(plural(row.sessions, "session"));
        let denied = counted(&[(row.denied, "denied"), (row.failed, "failed")]);
        let denied = if denied.is_empty() { denied } else { format!(" ({denied})") };
        state.push(plural(row.events, "event") + &denied);
    }
    let mut lines = vec![("window", window), ("use", state.join("; "))];
    let approved = (!row.approvers.is_empty()).then(|| format!("by {}", row.approvers.join(", ")));
    let why: Vec<String> = approved.into_iter().chain(row.ticket.clone()).collect();
    lines.extend((!why.is_empty()).then(|| ("approved", why.join(", "))));
    lines.extend(row.notes.iter().map(|note| ("note", note.clone())));
    told(lines, out)?;
    let most = if is_explained { usize::MAX } else { MOST };
    let cells: Vec<_> = row.timeline.iter().take(most).map(line).collect();
    if !cells.is_empty() {
        table(&["    when", "call", "on", "outcome", "times", ""], &cells, out)?;
    }
    if let Some(more) = row.timeline.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "     {FAINT}… and {} more{FAINT:#}", plural(more as u64, "kind") + " of call")?;
    }
    let mut lines = Vec::new();
    lines.extend((!row.unused.is_empty()).then(|| ("never used", row.unused.join(", "))));
    if let Some(next) = &row.next {
        let length = format!("{} min", next.duration_seconds / 60);
        lines.push(("next time", format!("{length} of {}", next.actions.join(", "))));
    }
    told(lines, out)
}

fn line(row: &TimelineRow) -> Vec<Cell> {
    let more = row.more + row.resources.len().saturating_sub(1) as u64;
    let on = row.resources.first().map_or_else(|| "-".to_owned(), |arn| shorten(arn, 44));
    let mut told = Vec::new();
    told.extend((row.phase != "within").then(|| row.phase.to_owned()));
    told.extend(row.scope.ends_with("outside").then(|| "outside scope".to_owned()));
    told.extend(row.privileged.then(|| "privileged".to_owned()));
    told.extend(row.via.as_ref().map(|role| format!("as {}", who(role))));
    let style = if row.phase != "within" || row.scope.ends_with("outside") { RED } else { FAINT };
    vec![
        cell(format!("    {}", clean(row.first.as_deref().unwrap_or("-")))),
        cell(shorten(&row.event_name, 34)),
        cell(if more > 0 { format!("{on} +{more}") } else { on }),
        Cell(row.outcome.to_owned(), if row.outcome == "denied" { RED } else { PLAIN }),
        cell(row.count.to_string()),
        Cell(clean(&told.join(", ")), style),
    ]
}
