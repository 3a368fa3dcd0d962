use std::path::PathBuf;

use clap::Args;

use super::{Display, Filtering, Input, Output};

/// Arguments of `events`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Events {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub filter: Filtering,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub display: Display,
    #[command(flatten)]
    pub looking: Looking,
}

/// What is looked for, and what is told of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Looking")]
pub struct Looking {
    /// Only events of which this holds, such as 'eventName|startswith=Get' or 'outcome=denied'; repeatable: the same field
    /// and modifiers more than once are alternatives, all others have to hold together. Fields are CloudTrail's names with
    /// dots, or ours; `*` and `?` stand for anything; the modifiers are Sigma's: contains, startswith, endswith, re, cidr,
    /// exists, gt, gte, lt, lte, neq, all
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    pub conditions: Vec<String>,
    /// Only events of which the condition in this file holds: YAML, a map is and, a list is or, `not` what must not be
    #[arg(long, value_name = "FILE")]
    pub where_file: Option<PathBuf>,
    /// Only events of the session with these 16 digits, as `audit` prints them; repeatable
    #[arg(long, value_name = "ID")]
    pub session: Vec<String>,
    /// Fields to show, with commas between
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub fields: Vec<String>,
    /// Put events together by these fields, with commas between, and count
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub group_by: Vec<String>,
    /// Count the different values of this field; repeatable
    #[arg(long, value_name = "FIELD")]
    pub distinct: Vec<String>,
    /// Show the most frequent values of this field; repeatable
    #[arg(long, value_name = "FIELD")]
    pub top: Vec<String>,
    /// Count events by the hour or the day (UTC)
    #[arg(long, value_name = "STEP", value_parser = ["1h", "1d"])]
    pub timeline: Option<String>,
    /// Sort by this field, `-` before it for the greatest first; repeatable [default: eventTime, of groups -count]
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Vec<String>,
    /// Rows at most [default: 200 in text, all in other formats]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Write the records themselves, byte for byte, as one file that CloudTrail could have delivered: in order, each once
    #[arg(long, conflicts_with_all = ["fields", "group_by", "distinct", "top", "timeline", "format"])]
    pub raw: bool,
    /// Compress the records, as is done for --output FILE.gz anyway
    #[arg(long, requires = "raw")]
    pub gzip: bool,
}
