//! What policies would have changed.

use std::path::Path;

use jiff::Timestamp;

use super::policies::policy;
use super::scanning::{Looking, Reading, end, history};
use super::status::Status;
use crate::cli::Replay;
use crate::iam::evaluate::Policies;
use crate::replay::Trial;
use crate::report::{self, Answer, Layers};

pub(super) fn run(args: &Replay) -> anyhow::Result<Status> {
    let one = |path: &Option<std::path::PathBuf>| -> anyhow::Result<_> {
        Ok(path.as_deref().map(policy).transpose()?.map(|policy| vec![policy]))
    };
    let level = |files: &String| files.split(',').map(|file| policy(Path::new(file))).collect::<Result<Vec<_>, _>>();
    let policies = Policies {
        identity: args.policy.iter().map(|path| policy(path)).collect::<Result<_, _>>()?,
        boundary: one(&args.boundary)?,
        session: one(&args.session_policy)?,
        scps: args.scp.iter().map(level).collect::<Result<_, _>>()?,
    };
    let layers = Layers {
        boundary: policies.boundary.is_some(),
        session: policies.session.is_some(),
        scp: !policies.scps.is_empty(),
    };
    let reading = |trial| Reading {
        input: &args.input,
        filter: &args.filter,
        output: &args.output,
        display: &args.display,
        rules: &[],
        trial,
        watch: None,
        files: None,
        looking: Looking::default(),
    };
    let history = history(reading(Some(Trial::All(policies))), Answer::Replay, Timestamp::now())?;
    let report = report::replay(&history, layers, args.filter.include_service_principals);
    let changes = report.changes.iter().flatten().filter(|row| row.events > 0);
    let is_bad = changes.into_iter().any(|row| args.fail_on.iter().any(|change| change == row.change));
    end(&report, is_bad, &history, &reading(None))
}
