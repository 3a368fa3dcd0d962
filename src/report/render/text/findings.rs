//! Findings for people: the worst first, the same kind together, and on demand all there is; the privileged calls
//! behind them.

use std::io::{self, Write};

use super::*;
use crate::detect::Severity;
use crate::report::PrivilegedCallRow;

/// Findings of one kind that differ in what they are on and are shown each.
const ALIKE: usize = 3;

/// Findings that a summary shows.
const WORST: usize = 10;

/// The worst, and how many there are.
pub(super) fn summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(rows) = &report.findings else { return Ok(()) };
    let left: u64 = report.findings_left.iter().map(|(_, count)| count).sum();
    heading(&format!("Findings ({})", rows.len() as u64 + left), out)?;
    if rows.is_empty() {
        return writeln!(out, "  none");
    }
    let cells = |row: &FindingRow| {
        vec![
            Cell(row.severity.to_owned(), style_of(row.severity)),
            cell(shorten(&row.title, 52)),
            cell(who(&row.principal)),
            cell(row.outcome),
            cell(row.count.to_string()),
            cell(day(row.last.as_ref())),
        ]
    };
    let (shown, rest) = rows.split_at(WORST.min(rows.len()));
    let shown: Vec<_> = shown.iter().map(cells).collect();
    table(&["severity", "what", "who", "outcome", "times", "last"], &shown, out)?;
    match by_severity(rest, &report.findings_left) {
        rest if rest.is_empty() => Ok(()),
        rest => writeln!(out, "  {FAINT}… and {rest}: trailwright privileged{FAINT:#}"),
    }
}

/// Such as `2 critical, 3 high`.
fn by_severity(rows: &[FindingRow], more: &[(&'static str, u64)]) -> String {
    let more = |severity| more.iter().filter(|(of, _)| *of == severity).map(|(_, count)| count).sum::<u64>();
    let of = |severity: Severity| {
        rows.iter().filter(|row| row.severity == severity.as_str()).count() as u64 + more(severity.as_str())
    };
    let counts: Vec<_> = Severity::ALL.into_iter().rev().map(|severity| (of(severity), severity.as_str())).collect();
    counted(&counts)
}

fn style_of(severity: &str) -> Style {
    match severity {
        "critical" | "high" => RED,
        "medium" => YELLOW,
        _ => PLAIN,
    }
}

/// Every finding, severity after severity, and the privileged calls.
pub(super) fn all(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(rows) = &report.findings else { return Ok(()) };
    heading(&format!("Findings ({})", rows.len()), out)?;
    if let Some(apart) = report.not_judged.as_ref().filter(|apart| apart.count > 0) {
        let (events, privileged) = (plural(apart.count, "event"), grouped(apart.privileged));
        writeln!(
            out,
            "  {FAINT}not judged: {events} of AWS's own services and roles, {privileged} privileged{FAINT:#}"
        )?;
    }
    if rows.is_empty() {
        writeln!(out, "  none")?;
    }
    let cells: Vec<_> = rows.iter().map(line).collect();
    let columns = Columns::of(HEAD_OF_LINE, cells.iter());
    let mut rest: Vec<_> = rows.iter().zip(&cells).collect();
    while let Some((FindingRow { severity, .. }, _)) = rest.first().copied() {
        let (same, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(row, _)| row.severity == *severity);
        let style = style_of(severity);
        writeln!(out, "\n {style}{severity}{style:#}: {}", same.len())?;
        if report.explained {
            same.into_iter().try_for_each(|(row, _)| explain(row, out))?;
        } else {
            columns.head(HEAD_OF_LINE, out)?;
            kinds(same, &columns, out)?;
        }
        rest = others;
    }
    match &report.privileged_calls {
        Some(rows) if !rows.is_empty() => calls(rows, out),
        _ => Ok(()),
    }
}

/// Findings of one severity, those with a title in common together under it, in the order of their first.
fn kinds(mut rest: Vec<(&FindingRow, &Vec<Cell>)>, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    while let Some((first, _)) = rest.first().copied() {
        let of = |row: &FindingRow| (row.title.clone(), row.attack.clone(), row.condition);
        let (same, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(row, _)| of(row) == of(first));
        let attack = if first.attack.is_empty() { String::new() } else { format!(" ({})", first.attack.join(", ")) };
        let unknown = match (first.condition, first.steps.as_slice()) {
            ("unknown", []) => ", unless the request was another: it is not known",
            ("unknown", _) => ", if it was within the hour: that is not known",
            _ => "",
        };
        writeln!(out, "  {HEAD}{}{HEAD:#}{unknown}{FAINT}{}{FAINT:#}", clean(&first.title), clean(&attack))?;
        rows(same, columns, out)?;
        rest = others;
    }
    Ok(())
}

/// Rows of one kind. Of the same call by the same principal on many things a few are shown.
fn rows(mut rest: Vec<(&FindingRow, &Vec<Cell>)>, columns: &Columns, out: &mut dyn Write) -> io::Result<()> {
    while let Some((first, _)) = rest.first().copied() {
        let of = |row: &FindingRow| (row.principal.clone(), row.event_name.clone(), row.outcome);
        let (same, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(row, _)| of(row) == of(first));
        // One more takes no more room than saying that there is one more.
        let shown = if same.len() == ALIKE + 1 { ALIKE + 1 } else { ALIKE };
        same.iter().take(shown).try_for_each(|(_, cells)| columns.row(cells, out))?;
        if let Some(more) = same.get(shown..).filter(|more| !more.is_empty()) {
            let times = more.iter().map(|(row, _)| row.count).sum();
            let more = grouped(more.len() as u64);
            writeln!(out, "    {FAINT}… and the same on {more} more, {}{FAINT:#}", plural(times, "event"))?;
        }
        rest = others;
    }
    Ok(())
}

const HEAD_OF_LINE: &[&str] = &["  who", "call", "on", "outcome", "times", "when"];

fn line(row: &FindingRow) -> Vec<Cell> {
    let (first, last) = (day(row.first.as_ref()), day(row.last.as_ref()));
    vec![
        cell(format!("  {}", who(&row.principal))),
        cell(shorten(&row.event_name, 30) + &more_kinds(row)),
        cell(shorten(row.resource.as_deref().unwrap_or("?"), 36)),
        cell(row.outcome),
        cell(row.count.to_string()),
        cell(if first == last { last } else { format!("{first} to {last}") }),
    ]
}

/// Of how many other kinds of call the same is told.
fn more_kinds(row: &FindingRow) -> String {
    if row.kinds_of_call > 1 { format!(" +{}", row.kinds_of_call - 1) } else { String::new() }
}

/// All there is about a finding.
fn explain(row: &FindingRow, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n    {HEAD}{}{HEAD:#} {} ({})", row.fingerprint, clean(&row.title), clean(&row.detection))?;
    let time = |time: &Option<String>| time.clone().unwrap_or_default();
    let list = |head: &'static str, texts: &[String]| {
        let text = (!texts.is_empty()).then(|| texts.join(", "));
        text.map(|text| (head, text))
    };
    let each = |head: &'static str, texts: &[String]| texts.iter().map(|text| (head, text.clone())).collect::<Vec<_>>();
    let needs = row.action.as_ref().map(|action| format!(", needs {action}")).unwrap_or_default();
    let (count, days, sessions) = (grouped(row.count), row.days as u64, row.sessions as u64);
    let mut lines = vec![("who", format!("{} ({})", row.principal, row.kind))];
    lines.extend(list("people", &row.people));
    lines.extend(list("behind it", &row.origins));
    lines.push(("call", format!("{} {}{needs}", row.event_source, row.event_name)));
    lines.push(("on", row.resource.clone().unwrap_or_else(|| "the log names no resource".to_owned())));
    lines.push(("outcome", row.outcome.to_owned()));
    lines.push(("times", format!("{count} on {}, in {}", plural(days, "day"), plural(sessions, "session"))));
    lines.push(("when", format!("{} to {}", time(&row.first), time(&row.last))));
    lines.extend(list("from", &row.addresses));
    for step in &row.steps {
        let on = step.resource.as_ref().map(|resource| format!(" on {resource}")).unwrap_or_default();
        lines.push(("steps", format!("{} {} {}{on}", step.time, step.event_source, step.event_name)));
    }
    if row.condition == "unknown" && row.steps.is_empty() {
        lines.push(("unsure", "what decides is not in the record; told is the gravest that it can be".to_owned()));
    }
    lines.extend(each("because", &row.reasons));
    lines.extend((!row.why.is_empty()).then(|| ("why", row.why.clone())));
    lines.extend(each("harmless", &row.false_positives));
    lines.extend(each("check next", &row.next));
    lines.extend(list("class", row.class.as_slice()));
    lines.extend(list("ATT&CK", &row.attack));
    lines.extend(each("see", &row.references));
    let rule = [row.rule_id.clone(), row.author.as_ref().map(|author| format!("by {author}"))];
    lines.extend(list("rule", &rule.into_iter().flatten().collect::<Vec<_>>()));
    told(lines, out)?;
    if row.steps.is_empty() {
        return events(row.evidence.iter(), row.count, out);
    }
    events(row.steps.iter().map(|step| &step.evidence), 0, out)
}

fn calls(rows: &[PrivilegedCallRow], out: &mut dyn Write) -> io::Result<()> {
    heading(&format!("Privileged calls ({})", rows.len()), out)?;
    let cells = |row: &PrivilegedCallRow| {
        vec![
            cell(who(&row.principal)),
            cell(clean(&row.action)),
            cell(shorten(&row.classes.join(", "), 46)),
            cell(row.count.to_string()),
            Cell(row.denied.to_string(), if row.denied > 0 { RED } else { PLAIN }),
            cell(day(row.last.as_ref())),
        ]
    };
    let cells: Vec<_> = rows.iter().map(cells).collect();
    table(&["who", "action", "class", "times", "denied", "last"], &cells, out)
}
