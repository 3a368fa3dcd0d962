//! Least-privilege policies for each principal.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use super::scanning::{Reading, ended, finish, history, is_bad, worst};
use super::status::{Failure, Status, say};
use super::{folder, granted};
use crate::cli::Recommend;
use crate::iam::Target;
use crate::recommend::{ConditionKind, Options, recommendations, trial};
use crate::report::{self, Answer, files, render, verify};

pub(super) fn run(args: &Recommend) -> anyhow::Result<Status> {
    let place = args.scan.output.output.as_deref().filter(|path| folder::is_meant(path));
    check(args, place)?;
    if !args.granted.files.is_empty() {
        return granted::run(args);
    }
    let options = Options {
        target: args.target.as_deref().and_then(Target::parse),
        generalize_at: args.generalize_at.and_then(|members| usize::try_from(members).ok()),
        conditions: conditions(&args.conditions),
    };
    let now = Timestamp::now();
    let used = history(&args.scan, Answer::Policies, now)?;
    let mut report = report::recommend(&used, &options, args.scan.filter.include_service_principals);
    if args.verify {
        let trial = trial(&recommendations(&used, &options))?;
        let reading = Reading { trial: Some(trial), ..Reading::from(&args.scan) };
        verify(&mut report, &*history(reading, Answer::Policies, now)?);
    }
    if let Some(actions) = &args.explain {
        report::explain(&mut report, actions);
    }
    let Some(place) = place else { return finish(&report, &used, &args.scan) };
    write(&report, args, place)?;
    ended(&report, is_bad(worst(&used, &args.scan), &args.scan), &used, &Reading::from(&args.scan))
}

/// Refuses what makes no sense together, before anything is read.
fn check(args: &Recommend, place: Option<&Path>) -> Result<(), Failure> {
    if args.verify && args.scan.input.paths.iter().any(|path| path == Path::new("-")) {
        let failure = Failure::usage("--verify reads the archive twice, and standard input can be read once");
        return Err(failure.hint("give files or folders"));
    }
    let is_default = render::ALL.first().is_some_and(|renderer| renderer.name() == args.scan.output.format);
    match place {
        None if !args.forms.is_empty() => {
            let failure = Failure::usage("--as writes a file per principal, and --output names no folder");
            Err(failure.hint("name one that is there, or end it with `/`"))
        }
        Some(path) if !args.granted.files.is_empty() => {
            let failure =
                Failure::usage(format!("`{}` is a folder, and --granted compares in one report", path.display()));
            Err(failure.hint("name a file in it"))
        }
        Some(path) if !is_default => {
            let path = path.display();
            let failure = Failure::usage(format!("--format is for a report, and `{path}` is a folder"));
            Err(failure.hint("--as says how policies are written; name a file for a report"))
        }
        _ => Ok(()),
    }
}

fn write(report: &report::Report, args: &Recommend, place: &Path) -> anyhow::Result<()> {
    let mut forms: Vec<_> =
        files::ALL.iter().copied().filter(|form| args.forms.iter().any(|name| name == form.name())).collect();
    forms.extend(files::ALL.first().filter(|_| args.forms.is_empty()));
    let folder = files::folder(report, &forms)?;
    folder::write(&folder.files, place, args.scan.output.force)?;
    for warning in &folder.warnings {
        say(&format!("warning: {warning}"));
    }
    if !args.scan.display.quiet {
        let [_, index] = files::INDEXES;
        let (count, first) = (folder.files.len(), place.join(index));
        say(&format!("{count} files; begin with `{}`", first.display()));
    }
    Ok(())
}

fn conditions(words: &[String]) -> BTreeSet<ConditionKind> {
    if words.iter().any(|word| word == "all") {
        return ConditionKind::ALL.into();
    }
    words.iter().filter_map(|word| ConditionKind::parse(word)).collect()
}
