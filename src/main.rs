//! The command line: parse arguments, run, exit status.

use std::process::ExitCode;

use clap::Parser;
use trailwright::cli::Cli;
use trailwright::commands;

fn main() -> ExitCode {
    commands::run(Cli::parse()).into()
}
