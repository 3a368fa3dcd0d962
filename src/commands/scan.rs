//! What is in an archive.

use jiff::Timestamp;

use super::scanning::{finish, history};
use super::status::Status;
use super::thresholds::thresholds;
use crate::cli::Overview;
use crate::report::render::{self, Renderer};
use crate::report::{self, Answer, View};

pub(super) fn run(args: &Overview) -> anyhow::Result<Status> {
    let thresholds = thresholds(&args.judging)?;
    let history = history(&args.scan, Answer::Overview, Timestamp::now())?;
    let services_too = args.scan.filter.include_service_principals;
    let most = render::by_name(&args.scan.output.format).and_then(Renderer::gaps_of_an_overview);
    let report = report::scan(&history, &thresholds, &View { services_too, most, ..View::default() });
    finish(&report, &history, &args.scan)
}
