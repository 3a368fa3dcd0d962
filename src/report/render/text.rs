//! For people at a terminal: the most important thing first, the next command last. Styles are written
//! always; whoever opens the output takes them away where they do not belong.

mod audit;
mod elevation;
mod events;
mod findings;
mod gaps;
mod granted;
mod policies;
mod replay;
mod templates;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

use super::value::clean;
use super::{Renderer, Report};
use crate::report::{CoverageRow, DeniedRow, EvidenceRow, FindingRow, PrincipalRow, RecommendationRow, UnmappedRow};

/// Plain text in columns.
pub(super) struct Text;

const HEAD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const PLAIN: Style = Style::new();

/// Rows of a section that a summary shows.
const SHOWN: usize = 12;

impl Renderer for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn gaps_of_an_overview(&self) -> Option<usize> {
        Some(SHOWN)
    }

    fn render(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let is_summary = report.principals.is_some();
        let limit = if is_summary { SHOWN } else { usize::MAX };
        coverage(&report.coverage, out)?;
        if report.audit.is_some() {
            audit::all(report, out)?;
        } else if is_summary {
            findings::summary(report, out)?;
            gaps::summary(report, out)?;
        } else {
            findings::all(report, out)?;
            gaps::all(report, out)?;
        }
        if let Some(rows) = &report.principals {
            principals(rows, limit, out)?;
        }
        if let Some(rows) = &report.recommendations {
            policies::recommendations(rows, report.explained, out)?;
        }
        granted::all(report, out)?;
        elevation::all(report, out)?;
        if let Some(rows) = &report.templates {
            templates::templates(rows, out)?;
        }
        replay::all(report, out)?;
        events::all(report, out)?;
        if let Some(rows) = report.unmapped.as_deref().filter(|rows| !rows.is_empty()) {
            unmapped(rows, limit, out)?;
        }
        next_step(report, out)
    }
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// At most `most` columns, the middle left out: both ends of an ARN tell something.
fn shorten(text: &str, most: usize) -> String {
    let text = clean(text);
    if width(&text) <= most {
        return text;
    }
    let chars: Vec<char> = text.chars().collect();
    let (front, back) = (most / 2, most.saturating_sub(most / 2 + 1));
    let head: String = chars.iter().take(front).collect();
    let tail: String = chars.iter().skip(chars.len().saturating_sub(back)).collect();
    format!("{head}…{tail}")
}

struct Cell(String, Style);

fn cell(text: impl Into<String>) -> Cell {
    Cell(text.into(), PLAIN)
}

/// A table with columns as wide as they need to be; numbers to the right.
fn table(head: &[&str], rows: &[Vec<Cell>], out: &mut dyn Write) -> io::Result<()> {
    let columns = Columns::of(head, rows.iter());
    columns.head(head, out)?;
    rows.iter().try_for_each(|row| columns.row(row, out))
}

/// How wide the columns of a table are, and which hold numbers.
struct Columns(Vec<(usize, bool)>);

impl Columns {
    fn of<'c>(head: &[&str], rows: impl Iterator<Item = &'c Vec<Cell>>) -> Self {
        let mut columns: Vec<_> = head.iter().map(|text| (width(text), true)).collect();
        for row in rows {
            for (Cell(text, _), (most, is_number)) in row.iter().zip(&mut columns) {
                *most = (*most).max(width(text));
                *is_number &= text.chars().all(|c| c.is_ascii_digit() || c == '-');
            }
        }
        Self(columns)
    }

    fn head(&self, head: &[&str], out: &mut dyn Write) -> io::Result<()> {
        let heads: Vec<Cell> = head.iter().map(|text| Cell((*text).to_owned(), FAINT)).collect();
        self.row(&heads, out)
    }

    fn row(&self, row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        write!(out, " ")?;
        for (at, (Cell(text, style), (most, is_number))) in row.iter().zip(&self.0).enumerate() {
            let pad = " ".repeat(most.saturating_sub(width(text)));
            let last = at + 1 == row.len();
            if *is_number {
                write!(out, " {pad}{style}{text}{style:#}")?;
            } else if last {
                write!(out, " {style}{text}{style:#}")?;
            } else {
                write!(out, " {style}{text}{style:#}{pad}")?;
            }
            if !last {
                write!(out, " ")?;
            }
        }
        writeln!(out)
    }
}

/// All there is about a row: what stands under one head more than once is told under it.
fn told<'h>(lines: impl IntoIterator<Item = (&'h str, String)>, out: &mut dyn Write) -> io::Result<()> {
    let mut last = "";
    for (head, text) in lines {
        writeln!(out, "      {FAINT}{:<11}{FAINT:#}{}", if head == last { "" } else { head }, clean(&text))?;
        last = head;
    }
    Ok(())
}

/// Where events stand that a row rests on, and what they say where that was asked for.
fn events<'r>(
    evidence: impl ExactSizeIterator<Item = &'r EvidenceRow>,
    count: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = u64::try_from(evidence.len()).unwrap_or(u64::MAX);
    if shown < count {
        writeln!(out, "      {FAINT}the first {shown} of {} events:{FAINT:#}", grouped(count))?;
    }
    for event in evidence {
        let (file, id) = (clean(&event.file), clean(&event.event_id));
        writeln!(out, "      {FAINT}{file} record {} ({id}){FAINT:#}", event.record)?;
        if let Some(content) = &event.content {
            writeln!(out, "      {}", clean(content.get()))?;
        }
    }
    Ok(())
}

/// How many there are of each, as far as there are any.
fn counted(counts: &[(u64, &str)]) -> String {
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!("{} {what}", grouped(*count))).collect::<Vec<_>>().join(", ")
}

fn heading(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{HEAD}{text}{HEAD:#}")
}

pub(super) fn plural(count: u64, one: &str) -> String {
    format!("{} {one}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn day(time: Option<&String>) -> String {
    time.and_then(|text| text.get(..10)).unwrap_or("-").to_owned()
}

pub(super) fn coverage(coverage: &CoverageRow, out: &mut dyn Write) -> io::Result<()> {
    let (files, records, outcomes) = (&coverage.files, &coverage.records, &coverage.outcomes);
    let events = plural(records.events, "event");
    let from = plural(files.read + files.partial, "file");
    write!(out, "{HEAD}{events}{HEAD:#} from {from}")?;
    if coverage.time.first.is_some() {
        write!(out, ", {} to {}", day(coverage.time.first.as_ref()), day(coverage.time.last.as_ref()))?;
    }
    let regions = u64::try_from(coverage.regions.len()).unwrap_or(u64::MAX);
    let accounts = u64::try_from(coverage.accounts.len()).unwrap_or(u64::MAX);
    writeln!(out, ", {}, {}", plural(accounts, "account"), plural(regions, "region"))?;
    let dry = match outcomes.dry_runs {
        0 => String::new(),
        count => format!(" ({})", plural(count, "dry run")),
    };
    let failed_by: Vec<_> =
        outcomes.failed_by.iter().map(|(why, count)| format!("{} {why}", grouped(*count))).collect();
    let failed_by = if failed_by.is_empty() { String::new() } else { format!(" ({})", failed_by.join(", ")) };
    writeln!(
        out,
        "{} succeeded{dry}, {RED}{} denied{RED:#}, {} failed{failed_by}",
        grouped(outcomes.succeeded),
        grouped(outcomes.denied),
        grouped(outcomes.failed)
    )?;
    let left_out = [
        (records.duplicates, "delivered twice"),
        (records.filtered, "left out by filters"),
        (records.rejected, "rejected"),
    ];
    let left_out: Vec<_> =
        left_out.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", grouped(*n))).collect();
    if !left_out.is_empty() {
        writeln!(out, "{FAINT}records not counted: {}{FAINT:#}", left_out.join(", "))?;
    }
    for row in &coverage.rejected {
        let example = clean(row.example.as_deref().unwrap_or_default());
        writeln!(
            out,
            "{YELLOW}rejected{YELLOW:#} {}: {}, such as in {example}",
            plural(row.count, "record"),
            row.reason
        )?;
    }
    for row in &coverage.excluded {
        writeln!(out, "{FAINT}not read: {}, {}{FAINT:#}", plural(row.count, "file"), row.reason)?;
    }
    for skip in coverage.skips.iter().take(SHOWN) {
        let kept = if skip.records_kept > 0 {
            format!(" ({} kept)", plural(skip.records_kept, "record"))
        } else {
            String::new()
        };
        writeln!(out, "{YELLOW}skipped{YELLOW:#} {}: {}{kept}", clean(&skip.path), clean(&skip.reason))?;
    }
    if let Some(rest) = coverage.skips.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        writeln!(out, "{YELLOW}skipped{YELLOW:#} {rest} more files; --format json lists all")?;
    }
    if coverage.keys_left_out {
        writeln!(
            out,
            "{YELLOW}more access keys than are followed{YELLOW:#}: who is behind a role, and keys used from several \
             networks, are told for a part; read fewer days or accounts at a time to see all"
        )?;
    }
    // What was not looked for may have been data events.
    if records.events > 0 && !coverage.is_of_found && !coverage.data_events.present {
        writeln!(
            out,
            "{FAINT}no data events in this archive: object reads, item reads and invocations do not show{FAINT:#}"
        )?;
    }
    Ok(())
}

/// The part of an ARN that people know a principal by.
fn who(principal: &str) -> String {
    let resource = principal.rsplit(':').next().unwrap_or(principal);
    let name = resource.rsplit('/').next().unwrap_or(resource);
    let set = name.strip_prefix("AWSReservedSSO_").and_then(|name| name.strip_suffix("_*"));
    shorten(set.unwrap_or(name), 28)
}

fn principals(rows: &[PrincipalRow], limit: usize, out: &mut dyn Write) -> io::Result<()> {
    heading(&format!("Principals ({})", rows.len()), out)?;
    let cells: Vec<_> = rows
        .iter()
        .take(limit)
        .map(|row| {
            vec![
                cell(who(&row.principal)),
                cell(row.kind),
                cell(row.account.as_deref().map_or_else(|| "-".to_owned(), clean)),
                cell(row.events.to_string()),
                Cell(row.denied.to_string(), if row.denied > 0 { RED } else { PLAIN }),
                Cell(row.privileged.to_string(), if row.privileged > 0 { YELLOW } else { PLAIN }),
                cell(day(row.last.as_ref())),
            ]
        })
        .collect();
    table(&["who", "kind", "account", "events", "denied", "privileged", "last"], &cells, out)?;
    match rows.len().checked_sub(limit) {
        None | Some(0) => Ok(()),
        Some(rest) => writeln!(out, "  {FAINT}… {rest} more: --format json lists all{FAINT:#}"),
    }
}

fn indented(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    json.lines().try_for_each(|line| writeln!(out, "  {}", clean(line)))
}

fn unmapped(rows: &[UnmappedRow], limit: usize, out: &mut dyn Write) -> io::Result<()> {
    heading(&format!("Calls without a documented permission ({})", rows.len()), out)?;
    let cells: Vec<_> = rows
        .iter()
        .take(limit)
        .map(|row| vec![cell(clean(&row.event_source)), cell(clean(&row.event_name)), cell(row.count.to_string())])
        .collect();
    table(&["source", "name", "times"], &cells, out)
}

fn next_step(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let needs =
        |rows: &Vec<DeniedRow>| rows.iter().any(|row| row.need == "need" && row.fixable_by == "identity-policy");
    let some = |rows: &Vec<FindingRow>| !rows.is_empty() && !report.explained;
    let next = match (&report.principals, &report.denied, &report.recommendations, &report.findings) {
        _ if report.coverage.records.events == 0 => {
            "No events. Point at the folder that holds `AWSLogs/`, or loosen the filters."
        }
        _ if report.templates.as_ref().is_some_and(|rows| !rows.is_empty()) => {
            "Next: `trailwright jit lint FILE` tells what a reviewer would reject in a template before anybody is asked."
        }
        _ if report.templates.is_none() && report.elevation.is_some() => {
            "Next: `trailwright jit PATH --principal NAME` writes grants that end by themselves."
        }
        (Some(_), Some(denied), ..) if needs(denied) => {
            "Next: `trailwright denied PATH` explains each gap, `trailwright jit PATH` writes grants that end by themselves."
        }
        (Some(_), ..) => "Next: `trailwright recommend PATH` writes a least-privilege policy per principal.",
        (None, Some(denied), ..) if needs(denied) => {
            "Next: `trailwright jit PATH` writes grants for the needs an identity policy can fix."
        }
        (.., Some(rows)) if some(rows) && report.audit.is_some() => {
            "Next: --explain tells why each matters and shows all of each grant, --format json holds all of it."
        }
        (.., Some(rows)) if some(rows) => {
            "Next: `trailwright privileged PATH --explain` tells why each matters, what to check next, and shows the records."
        }
        (.., Some(_), _) if !report.explained => {
            "Next: `trailwright recommend PATH --explain` adds the evidence behind each action, `-o FOLDER/` writes files."
        }
        _ => return Ok(()),
    };
    writeln!(out, "\n{FAINT}{next}{FAINT:#}")
}
