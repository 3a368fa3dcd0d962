//! What is in an archive.

use jiff::Timestamp;

use super::output::check_overview;
use super::scanning::{finish, history};
use super::status::Status;
use crate::cli::Scan;
use crate::report;

pub(super) fn run(args: &Scan) -> anyhow::Result<Status> {
    check_overview(&args.output)?;
    let history = history(args, Timestamp::now())?;
    let report = report::scan(&history, args.filter.include_service_principals);
    finish(&report, &history, args)
}
