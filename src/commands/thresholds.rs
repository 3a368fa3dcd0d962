//! The numbers by which needs are judged: written out, and read from a file.

use std::io::Write;

use super::output;
use super::status::{Failure, Status};
use crate::cli::{Color, Judging};
use crate::recommend::Thresholds;

pub(super) fn run() -> anyhow::Result<Status> {
    output::stdout(Color::Never).write_all(Thresholds::TEXT.as_bytes())?;
    Ok(Status::Done)
}

/// The numbers that the arguments ask for.
pub(super) fn thresholds(args: &Judging) -> Result<Thresholds, Failure> {
    let Some(path) = &args.thresholds else { return Ok(Thresholds::default()) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::run(format!("cannot read `{}`: {error}", path.display())))?;
    Thresholds::parse(&text).map_err(|error| {
        let hint = "`trailwright thresholds` prints every table and number there is";
        Failure::usage(format!("`{}`: {}", path.display(), error.to_string().trim_end())).hint(hint)
    })
}
