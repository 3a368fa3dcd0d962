//! Privileged calls and findings.

use jiff::Timestamp;

use super::scanning::{finish, history};
use super::status::Status;
use crate::cli::Scan;
use crate::report;

pub(super) fn run(args: &Scan) -> anyhow::Result<Status> {
    let history = history(args, Timestamp::now())?;
    let report = report::privileged(&history);
    finish(&report, &history, args)
}
