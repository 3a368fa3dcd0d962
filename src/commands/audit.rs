//! What was done with grants.

use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::scanning::{Reading, end, history, is_bad};
use super::status::{Failure, Status, say};
use super::{chains, times};
use crate::audit::{self, audit};
use crate::cli::Audit;
use crate::detect::Severity;
use crate::ledger::{self, Ledger, Problem};
use crate::report::{self, Answer};
use crate::watch::{self, Watch};

pub(super) fn run(args: &Audit) -> anyhow::Result<Status> {
    let now = Timestamp::now();
    check(args)?;
    let options = audit::Options { delivery_delay: length("--delivery-delay", &args.delivery_delay)? };
    let terms = watch::Options {
        skew: length("--skew", &args.skew)?,
        near: length("--near", &args.near)?,
        elevated: args.elevated.clone(),
        standing: args.standing.clone(),
    };
    let Ledger { grants, problems } = ledger(&args.grants)?;
    for id in &args.grant {
        if !grants.iter().any(|grant| grant.id == *id) {
            let failure = Failure::usage(format!("no usable row of the ledger has the id `{id}`"));
            return Err(failure
                .hint("ids stand in the column grant_id; rows that cannot be used are told above")
                .into());
        }
    }
    // As with the history, the process is over before it would be worth taking it apart.
    let watch = ManuallyDrop::new(Arc::new(Watch::new(grants, terms)));
    let reading = || Reading { watch: Some(Arc::clone(&watch)), ..Reading::from(&args.scan) };
    let first = history(reading(), Answer::Audit, now)?;
    let again = chains::read(reading(), &first, &watch, now, |_| {})?;
    let audited = ManuallyDrop::new(audit(&first, again.as_deref(), &watch, &options));
    let mut report = ManuallyDrop::new(report::audit(&first, &audited, &watch, &problems, &args.grant));
    report.explained = args.explain;
    let worst = report.findings.iter().flatten().filter_map(|row| row.severity.parse::<Severity>().ok()).max();
    let status = end(&report, is_bad(worst, &args.scan), &first, &Reading::from(&args.scan))?;
    let unusable = report::unusable_rows(&problems);
    if status == Status::Done && unusable > 0 && !args.scan.input.allow_partial {
        say(&format!("warning: {unusable} rows of the ledger could not be used; --allow-partial accepts that"));
        return Ok(Status::Partial);
    }
    Ok(status)
}

/// Refuses filters that leave out what an audit rests on: who made a session, whether logging was stopped, when an account
/// is silent.
fn check(args: &Audit) -> Result<(), Failure> {
    let filter = &args.scan.filter;
    let given = [
        ("--principal", !filter.principal.is_empty()),
        ("--service", !filter.service.is_empty()),
        ("--event", !filter.event.is_empty()),
        ("--region", !filter.period.region.is_empty()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => {
            let failure =
                Failure::usage(format!("{option} would hide what an audit rests on, such as chains of roles"));
            Err(failure.hint("--grant picks what is told; --from, --to and --account pick what is read"))
        }
        None => Ok(()),
    }
}

/// The longest that clocks may differ, or events be late.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

fn length(option: &str, text: &str) -> Result<SignedDuration, Failure> {
    let length = times::duration(text)?;
    if length > LONGEST {
        return Err(Failure::usage(format!("{option} {text} is longer than a year")).hint("give it in s, m, h or d"));
    }
    Ok(length)
}

/// Reads ledgers; what is wrong with them is told.
pub(super) fn ledger(paths: &[PathBuf]) -> Result<Ledger, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).map_err(|error| {
            let failure = Failure::run(format!("cannot read the ledger `{}`: {error}", path.display()));
            failure.hint("give a file with one grant a row, in CSV or JSON Lines")
        })?;
        files.push((Arc::<str>::from(path.to_string_lossy()), bytes));
    }
    let ledger = ledger::read(&files);
    tell(&ledger.problems);
    Ok(ledger)
}

/// Problems of each kind that are told at once; the report has all.
const TOLD: usize = 50;

fn tell(problems: &[Problem]) {
    let (errors, warnings): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.is_fatal);
    let left = |of: &[&Problem]| of.len().saturating_sub(TOLD);
    let (more_errors, more_warnings) = (left(&errors), left(&warnings));
    let mut told: Vec<_> = errors.into_iter().take(TOLD).chain(warnings.into_iter().take(TOLD)).collect();
    told.sort();
    for problem in told {
        let kind = if problem.is_fatal { "error" } else { "warning" };
        say(&format!("{kind}: {}:{}: {}", problem.file, problem.line, problem.what));
    }
    if more_errors + more_warnings > 0 {
        say(&format!("… and {more_errors} more errors and {more_warnings} more warnings; --format json has all"));
    }
}
