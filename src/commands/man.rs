//! The manual page.

use std::io::{Write, stdout};

use clap::CommandFactory;

use super::status::Status;
use crate::cli::Cli;

pub(super) fn run() -> anyhow::Result<Status> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    stdout().write_all(&page)?;
    Ok(Status::Done)
}
