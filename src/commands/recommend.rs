//! A least-privilege policy per principal.

use jiff::Timestamp;

use super::granted;
use super::scanning::{finish, history};
use super::status::Status;
use crate::cli::Recommend;
use crate::report::{self, Answer};

pub(super) fn run(args: &Recommend) -> anyhow::Result<Status> {
    if !args.granted.files.is_empty() {
        return granted::run(args);
    }
    let history = history(&args.scan, Answer::Policies, Timestamp::now())?;
    let report = report::recommend(&history, args.scan.filter.include_service_principals);
    finish(&report, &history, &args.scan)
}
