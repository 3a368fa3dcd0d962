use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::{Display, Input, Judging, Period};
use crate::runbook::online;

/// What to do with runbooks.
#[derive(Debug, Subcommand)]
pub enum RunbookCommand {
    /// The runbooks that ship, a line each
    List {
        /// Format
        #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
        format: String,
    },
    /// A runbook as it is written
    Show(ShowRunbook),
    /// Whether runbooks can be run, and where what is wrong with them
    Check {
        /// Files, or folders of them
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Runs a runbook on an archive: all its steps, on one reading
    Run(Box<RunRunbook>),
    /// A commented runbook to begin with
    New {
        /// Its name: lower-case letters, digits and dashes
        name: String,
        /// Write to a file, which must not exist
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// The JSON Schema of a runbook, for editors
    Schema,
}

/// Arguments of `runbook show`.
#[derive(Debug, Args)]
pub struct ShowRunbook {
    /// The name of one that ships, or a file
    pub runbook: String,
    /// As queries for an engine that holds the records online
    #[arg(long = "as", value_name = "ENGINE", value_parser = engines(), long_help = engine_help())]
    pub engine: Option<String>,
    /// What the queries are told, as name=value; repeatable. What is not given stands as `<name>`
    #[arg(long = "input", value_name = "NAME=VALUE", requires = "engine")]
    pub inputs: Vec<String>,
}

fn engines() -> PossibleValuesParser {
    PossibleValuesParser::new(online::ALL.iter().map(|engine| engine.name()))
}

fn engine_help() -> String {
    let lines = online::ALL.iter().map(|engine| format!("\n  {}: {}", engine.name(), engine.about()));
    format!("As queries for an engine that holds the records online:{}", lines.collect::<String>())
}

/// Arguments of `runbook run`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct RunRunbook {
    /// The name of one that ships, or a file
    pub runbook: String,
    #[command(flatten)]
    pub input: Input,
    /// What the runbook has to be told, as name=value; repeatable. `runbook show` tells which inputs there are
    #[arg(long = "input", value_name = "NAME=VALUE", help_heading = "Runbook")]
    pub inputs: Vec<String>,
    /// When it runs, from which ages and windows are counted: RFC 3339, a date, or an age [default: now]
    #[arg(long, value_name = "TIME", help_heading = "Runbook")]
    pub at: Option<String>,
    #[command(flatten)]
    pub period: Period,
    /// Your Sigma rules about CloudTrail, a file or a folder, beside ours; repeatable
    #[arg(long, value_name = "PATH", help_heading = "Judging")]
    pub rules: Vec<PathBuf>,
    #[command(flatten)]
    pub judging: Judging,
    /// Format of the report
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json", "markdown"], help_heading = "Output")]
    pub format: String,
    /// A folder for the evidence: what was asked, all rows, templates, a report, and the SHA-256 of everything; written
    /// whole or not at all
    #[arg(short, long, value_name = "FOLDER", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Replace evidence that is in the folder already
    #[arg(long, requires = "output", help_heading = "Output")]
    pub force: bool,
    #[command(flatten)]
    pub display: Display,
}
