//! Policies for people: the documents, what was done so that they fit, what has to be known of them.

use std::io::{self, Write};

use super::*;
use crate::report::{ConditionRow, PackingRow, RationaleRow, VerifiedRow};

/// What else a step allows is told for so many; the other formats have all.
const ADDS: usize = 3;

pub(super) fn recommendations(rows: &[RecommendationRow], explained: bool, out: &mut dyn Write) -> io::Result<()> {
    for row in rows {
        heading(&clean(&row.principal), out)?;
        for policy in &row.policies {
            let (name, size, limit, target) = (clean(&policy.name), policy.size, policy.limit, policy.target);
            writeln!(out, "  {name} ({size} characters of {limit}, {target})")?;
            indented(&policy.document, out)?;
        }
        row.steps.iter().try_for_each(|step| packing(step, out))?;
        row.conditions.iter().try_for_each(|one| condition(one, out))?;
        if let Some(fared) = row.verified.as_ref().filter(|_| row.attachable) {
            verified(fared, out)?;
        }
        for warning in &row.warnings {
            writeln!(out, "  {YELLOW}note{YELLOW:#} {}", clean(warning))?;
        }
        for gap in &row.gaps {
            let (source, name) = (clean(&gap.event_source), clean(&gap.event_name));
            writeln!(out, "  {YELLOW}gap{YELLOW:#} {} to {source} {name}: {}", plural(gap.count, "call"), gap.reason)?;
        }
        if explained {
            row.rationale.iter().try_for_each(|why| rationale(why, out))?;
        }
    }
    Ok(())
}

pub(super) fn condition(row: &ConditionRow, out: &mut dyn Write) -> io::Result<()> {
    let (kind, services, values) = (row.condition, clean(&row.services.join(", ")), clean(&row.values.join(", ")));
    match (row.operator, row.key) {
        (Some(operator), Some(key)) => {
            writeln!(out, "  {GREEN}condition{GREEN:#} {kind} for {services}: {operator} {key} {values}")?;
        }
        _ if values.is_empty() => writeln!(out, "  {YELLOW}no condition{YELLOW:#} {kind} for {services}")?,
        _ => writeln!(out, "  {YELLOW}no condition{YELLOW:#} {kind} for {services}; seen: {values}")?,
    }
    let (covered, events) = (grouped(row.covered), plural(row.events, "call"));
    let blocked = match row.blocked {
        0 => String::new(),
        blocked => format!(", would have blocked up to {}", grouped(blocked)),
    };
    writeln!(out, "       {}; known in {covered} of {events}{blocked}", clean(&row.why))
}

/// The evidence behind an action.
fn rationale(why: &RationaleRow, out: &mut dyn Write) -> io::Result<()> {
    let (action, resource, from) = (clean(&why.action), clean(&why.resource), why.resource_from);
    writeln!(out, "  {HEAD}{action}{HEAD:#} on {resource}")?;
    let inferred = if why.inferred { ", inferred from calls of other names" } else { "" };
    let (calls, first, last) = (plural(why.count, "call"), day(why.first.as_ref()), day(why.last.as_ref()));
    writeln!(out, "      {calls}, {first} to {last}; resource from: {from}{inferred}")?;
    events(why.evidence.iter(), why.count, out)
}

fn verified(row: &VerifiedRow, out: &mut dyn Write) -> io::Result<()> {
    let style = if row.blocked + row.unknown > 0 { RED } else { GREEN };
    let (allowed, blocked) = (plural(row.allowed, "call"), grouped(row.blocked));
    write!(out, "  {style}verified{style:#} on its own history: {allowed} allowed, {blocked} blocked")?;
    let rest = counted(&[(row.unknown, "not known"), (row.not_asked, "not asked")]);
    writeln!(out, "{}{rest}", if rest.is_empty() { "" } else { ", " })?;
    row.problems.iter().try_for_each(|problem| writeln!(out, "       {YELLOW}not allowed{YELLOW:#} {}", clean(problem)))
}

fn packing(step: &PackingRow, out: &mut dyn Write) -> io::Result<()> {
    let saved = if step.saved > 0 { format!(": saves {} characters", step.saved) } else { String::new() };
    writeln!(out, "  {FAINT}step{FAINT:#} {}{saved}", clean(&step.what))?;
    for added in step.adds.iter().take(ADDS) {
        writeln!(out, "       {YELLOW}allows too{YELLOW:#} {}", clean(added))?;
    }
    match step.adds.len().checked_sub(ADDS) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "       {FAINT}… {more} more: --format json lists all{FAINT:#}"),
    }
}
