//! Least-privilege policies for each principal.

use jiff::Timestamp;

use super::granted;
use super::scanning::{finish, history};
use super::status::Status;
use crate::cli::Recommend;
use crate::iam::Target;
use crate::recommend::Options;
use crate::report::{self, Answer};

pub(super) fn run(args: &Recommend) -> anyhow::Result<Status> {
    if !args.granted.files.is_empty() {
        return granted::run(args);
    }
    let history = history(&args.scan, Answer::Policies, Timestamp::now())?;
    let options = Options {
        target: args.target.as_deref().and_then(Target::parse),
        generalize_at: args.generalize_at.and_then(|members| usize::try_from(members).ok()),
    };
    let report = report::recommend(&history, &options, args.scan.filter.include_service_principals);
    finish(&report, &history, &args.scan)
}
