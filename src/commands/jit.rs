//! Just-in-time grants.

use jiff::{SignedDuration, Timestamp, Unit};

use super::lint;
use super::scanning::{finish, history};
use super::status::{Failure, Status};
use super::thresholds::thresholds;
use super::times;
use crate::cli::{Jit, JitCommand};
use crate::recommend::gaps;
use crate::recommend::jit::{self, Window};
use crate::recommend::split::split;
use crate::report::{self, Answer};

/// The longest session AWS gives to a role.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

pub(super) fn run(args: &Jit) -> anyhow::Result<Status> {
    if let Some(JitCommand::Lint(args)) = &args.what {
        return lint::run(args);
    }
    let now = Timestamp::now();
    let window = window(args, now)?;
    let target = jit::ALL.iter().copied().find(|target| target.name() == args.target);
    let target = target.ok_or_else(|| Failure::usage(format!("`{}` is not a target", args.target)))?;
    let thresholds = thresholds(&args.judging)?;
    let history = history(&args.scan, Answer::Grants, now)?;
    let gaps = gaps(&history, &thresholds);
    let grants = jit::elevations(&history, &gaps, window);
    let mut report = report::jit(&history, &grants, target);
    let services_too = args.scan.filter.include_service_principals;
    report.elevation = Some(report::elevation(&split(&history, &gaps, &thresholds), services_too));
    report.explained = args.explain;
    if args.split {
        report.templates = None;
    }
    finish(&report, &history, &args.scan)
}

fn window(args: &Jit, now: Timestamp) -> anyhow::Result<Window> {
    let duration = times::duration(&args.duration)?;
    if duration.is_zero() || duration > LONGEST {
        return Err(Failure::usage(format!("--duration {} is not between 1s and 12h", args.duration)).into());
    }
    let not_before = match &args.not_before {
        Some(text) => text.parse().map_err(|_| {
            Failure::usage(format!("`{text}` is not a time")).hint("use RFC 3339, such as 2026-02-03T04:05:06Z")
        })?,
        None => now,
    };
    let not_before = not_before.round(Unit::Second)?;
    Ok(Window { not_before, not_after: not_before.checked_add(duration)? })
}
