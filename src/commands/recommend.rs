//! A least-privilege policy per principal.

use jiff::Timestamp;

use super::scanning::{finish, history};
use super::status::Status;
use crate::cli::Scan;
use crate::report::{self, Answer};

pub(super) fn run(args: &Scan) -> anyhow::Result<Status> {
    let history = history(args, Answer::Policies, Timestamp::now())?;
    let report = report::recommend(&history, args.filter.include_service_principals);
    finish(&report, &history, args)
}
