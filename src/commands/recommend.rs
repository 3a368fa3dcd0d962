//! Least-privilege policies for each principal.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use super::granted;
use super::scanning::{Reading, finish, history};
use super::status::{Failure, Status};
use crate::cli::Recommend;
use crate::iam::Target;
use crate::recommend::{ConditionKind, Options, recommendations, trial};
use crate::report::{self, Answer, verify};

pub(super) fn run(args: &Recommend) -> anyhow::Result<Status> {
    if !args.granted.files.is_empty() {
        return granted::run(args);
    }
    let options = Options {
        target: args.target.as_deref().and_then(Target::parse),
        generalize_at: args.generalize_at.and_then(|members| usize::try_from(members).ok()),
        conditions: conditions(&args.conditions),
    };
    let now = Timestamp::now();
    if args.verify && args.scan.input.paths.iter().any(|path| path == Path::new("-")) {
        let failure = Failure::usage("--verify reads the archive twice, and standard input can be read once");
        return Err(failure.hint("give files or folders").into());
    }
    let used = history(&args.scan, Answer::Policies, now)?;
    let mut report = report::recommend(&used, &options, args.scan.filter.include_service_principals);
    if args.verify {
        let trial = trial(&recommendations(&used, &options))?;
        let reading = Reading { trial: Some(trial), ..Reading::from(&args.scan) };
        verify(&mut report, &*history(reading, Answer::Policies, now)?);
    }
    finish(&report, &used, &args.scan)
}

fn conditions(words: &[String]) -> BTreeSet<ConditionKind> {
    if words.iter().any(|word| word == "all") {
        return ConditionKind::ALL.into();
    }
    words.iter().filter_map(|word| ConditionKind::parse(word)).collect()
}
