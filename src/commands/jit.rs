//! Just-in-time grants.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp, Unit};

use super::scanning::{Reading, ended, finish, history, is_bad, worst};
use super::status::{Failure, Status, say};
use super::thresholds::thresholds;
use super::{folder, lint, times};
use crate::catalog;
use crate::cli::{Jit, JitCommand};
use crate::iam::matches_ignoring_case;
use crate::recommend::jit::{self, Elevation, Target, Terms, Ticket, Window};
use crate::recommend::split::split;
use crate::recommend::{ConditionKind, Gap, gaps};
use crate::report::{self, Answer, Report, files, render};

/// The longest session AWS gives to a role.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

pub(super) fn run(args: &Jit) -> anyhow::Result<Status> {
    if let Some(JitCommand::Lint(args)) = &args.what {
        return lint::run(args);
    }
    let now = Timestamp::now();
    let terms = terms(args, now)?;
    let targets = targets(&args.target);
    let place = args.scan.output.output.as_deref().filter(|path| folder::is_meant(path));
    check(args, place)?;
    let thresholds = thresholds(&args.judging)?;
    let history = history(&args.scan, Answer::Grants, now)?;
    let gaps = gaps(&history, &thresholds);
    check_needs(&gaps, &terms)?;
    let grants = jit::elevations(&history, &gaps, &terms);
    check_excluded(&gaps, &terms, &grants)?;
    let mut report = report::jit(&history, &grants, &targets, now);
    // Who asks for some gaps knows already what should be asked for.
    if args.split || (place.is_none() && args.need.is_empty()) {
        let services_too = args.scan.filter.include_service_principals;
        report.elevation = Some(report::elevation(&split(&history, &gaps, &thresholds), services_too));
    }
    report.explained = args.explain;
    if args.split {
        report.templates = None;
    }
    let Some(place) = place else { return finish(&report, &history, &args.scan) };
    write(&report, args, place)?;
    ended(&report, is_bad(worst(&history, &args.scan), &args.scan), &history, &Reading::from(&args.scan))
}

/// The targets that are asked for, each once; none where nobody asked.
fn targets(names: &[String]) -> Vec<&'static dyn Target> {
    let is_asked = |target: &dyn Target| names.iter().any(|name| name == "all" || name == target.name());
    jit::ALL.iter().copied().filter(|target| is_asked(*target)).collect()
}

/// Refuses what makes no sense together, before anything is read.
fn check(args: &Jit, place: Option<&Path>) -> Result<(), Failure> {
    let is_default = render::ALL.first().is_some_and(|renderer| renderer.name() == args.scan.output.format);
    match place {
        Some(path) if !is_default => {
            let path = path.display();
            let failure = Failure::usage(format!("--format is for a report, and `{path}` is a folder"));
            Err(failure.hint("--target says which forms are written; name a file for a report"))
        }
        _ => Ok(()),
    }
}

fn terms(args: &Jit, now: Timestamp) -> anyhow::Result<Terms> {
    for pattern in &args.exclude_action {
        if !pattern.contains(':') && pattern != "*" || catalog::matching(pattern).is_empty() {
            let failure = Failure::usage(format!("--exclude-action `{pattern}` fits no action that AWS documents"));
            return Err(failure.hint("write actions such as iam:PassRole or 'iam:*'").into());
        }
    }
    let ticket = args.ticket.as_ref().map(|text| text.parse::<Ticket>()).transpose();
    let ticket =
        ticket.map_err(|error| Failure::usage(format!("--ticket: {error}")).hint("give its id, such as INC-42"))?;
    Ok(Terms {
        window: window(args, now)?,
        conditions: conditions(&args.conditions)?,
        ticket,
        needs: args.need.clone(),
        excluded: args.exclude_action.clone(),
    })
}

fn conditions(words: &[String]) -> Result<BTreeSet<ConditionKind>, Failure> {
    if words.iter().any(|word| word == "none") {
        if words.len() > 1 {
            return Err(Failure::usage("--conditions none stands alone").hint("leave it out, or leave the others out"));
        }
        return Ok(BTreeSet::new());
    }
    if words.iter().any(|word| word == "all") {
        return Ok(ConditionKind::ALL.into());
    }
    Ok(words.iter().filter_map(|word| ConditionKind::parse(word)).collect())
}

fn window(args: &Jit, now: Timestamp) -> anyhow::Result<Window> {
    let duration = times::duration(&args.duration)?;
    if duration.is_zero() || duration > LONGEST {
        return Err(Failure::usage(format!("--duration {} is not between 1s and 12h", args.duration)).into());
    }
    let not_before = match &args.not_before {
        Some(text) => text.parse().map_err(|_| {
            Failure::usage(format!("`{text}` is not a time"))
                .hint("use RFC 3339 with its zone, such as 2026-02-03T04:05:06Z")
        })?,
        None => now,
    };
    let not_before: Timestamp = not_before.round(Unit::Second)?;
    let not_after = not_before
        .checked_add(duration)
        .map_err(|_| Failure::usage(format!("{} after {not_before} is beyond all time", args.duration)))?;
    Ok(Window { not_before, not_after })
}

/// Refuses needs that are none, or that nothing may be granted for.
fn check_needs(gaps: &[Gap<'_>], terms: &Terms) -> Result<(), Failure> {
    let ids: Vec<String> = if terms.needs.is_empty() { Vec::new() } else { gaps.iter().map(Gap::id).collect() };
    for need in &terms.needs {
        let of: Vec<_> = gaps.iter().zip(&ids).filter(|(_, id)| *id == need).map(|(gap, _)| gap).collect();
        let Some(first) = of.first() else {
            let failure = Failure::usage(format!("--need `{need}` is no gap of those that were read"));
            return Err(failure.hint("take it from the column `gap` of `trailwright denied`, with the same filters"));
        };
        if let Some(why) = jit::refusal(first).filter(|_| of.iter().all(|gap| jit::refusal(gap).is_some())) {
            let why = render::clean(&why);
            let failure = Failure::usage(format!("nothing can be granted for --need `{need}`: {why}"));
            return Err(failure.hint(format!("`trailwright denied PATH --gap {need} --explain` tells all about it")));
        }
    }
    Ok(())
}

/// Refuses to leave out everything; tells of a pattern that leaves out nothing.
fn check_excluded(gaps: &[Gap<'_>], terms: &Terms, grants: &[Elevation<'_>]) -> Result<(), Failure> {
    if terms.excluded.is_empty() {
        return Ok(());
    }
    let wanted: Vec<_> = gaps.iter().filter(|gap| terms.picks(gap)).filter(|gap| jit::refusal(gap).is_none()).collect();
    let actions: BTreeSet<String> = wanted.iter().filter_map(|gap| gap.action).map(ToString::to_string).collect();
    if grants.is_empty() && !actions.is_empty() {
        let actions = actions.into_iter().collect::<Vec<_>>().join(", ");
        let failure = Failure::usage(format!("--exclude-action leaves nothing of what is needed: {actions}"));
        return Err(failure.hint("exclude less"));
    }
    let without: BTreeSet<_> = wanted.iter().map(|gap| gap.principal).collect();
    for principal in without.into_iter().filter(|one| grants.iter().all(|grant| grant.principal != *one)) {
        say(&format!("warning: --exclude-action leaves nothing for {}", render::clean(&principal.name)));
    }
    for pattern in &terms.excluded {
        if !actions.iter().any(|action| matches_ignoring_case(pattern, action)) {
            say(&format!("warning: --exclude-action `{pattern}` fits nothing that is needed"));
        }
    }
    Ok(())
}

fn write(report: &Report, args: &Jit, place: &Path) -> anyhow::Result<()> {
    let folder = report::template_files(report)?;
    folder::write(&folder.files, place, args.scan.output.force)?;
    for warning in &folder.warnings {
        say(&format!("warning: {warning}"));
    }
    if !args.scan.display.quiet {
        let [_, index] = files::INDEXES;
        say(&format!("{} files; begin with `{}`", folder.files.len(), place.join(index).display()));
    }
    Ok(())
}
