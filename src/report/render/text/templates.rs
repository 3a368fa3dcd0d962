//! Grants for people: the template, why, and how it is put to use.

use std::io::{self, Write};

use super::policies::condition;
use super::*;
use crate::recommend::jit;
use crate::report::TemplateRow;

pub(super) fn templates(rows: &[TemplateRow], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "\nNothing to grant: no denied call is both needed and fixable by an identity policy.");
    }
    rows.iter().try_for_each(|row| template(row, out))?;
    let others: Vec<_> = jit::ALL
        .iter()
        .map(|target| target.name())
        .filter(|name| !rows.iter().any(|row| row.target == *name))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{FAINT}Other forms with --target: {}.{FAINT:#}", others.join(", "))
}

fn template(row: &TemplateRow, out: &mut dyn Write) -> io::Result<()> {
    heading(&format!("{} ({})", clean(&row.principal), row.target), out)?;
    writeln!(out, "  from {} until {}", row.not_before, row.not_after)?;
    match &row.ticket {
        Some(ticket) => writeln!(out, "  ticket {}", clean(ticket))?,
        None => writeln!(out, "  {YELLOW}no ticket{YELLOW:#}")?,
    }
    row.reasons.iter().try_for_each(|reason| writeln!(out, "  - {}", clean(reason)))?;
    row.conditions_reviewed.iter().try_for_each(|one| condition(one, out))?;
    for complaint in &row.complaints {
        let style = if complaint.rejects { RED } else { YELLOW };
        let (rule, at, why) = (complaint.rule, clean(&complaint.at), clean(&complaint.why));
        let at = if at.is_empty() { at } else { format!(" at {at}") };
        writeln!(out, "  {style}complaint{style:#} {rule}{at}: {why}")?;
    }
    row.text.lines().try_for_each(|line| match clean(line) {
        line if line.is_empty() => writeln!(out),
        line => writeln!(out, "  {line}"),
    })?;
    row.commands.iter().try_for_each(|command| writeln!(out, "  {HEAD}${HEAD:#} {}", clean(command)))
}
