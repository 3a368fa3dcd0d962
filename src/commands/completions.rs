//! Shell completions.

use std::io::{Write, stdout};

use clap::CommandFactory;

use super::status::Status;
use crate::cli::Cli;

pub(super) fn run(shell: clap_complete::Shell) -> anyhow::Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "trailwright", &mut script);
    stdout().write_all(&script)?;
    Ok(Status::Done)
}
