use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::{Judging, Scan};
use crate::recommend::{jit, lint};

/// Arguments of `jit`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Jit {
    /// Instead of reading an archive
    #[command(subcommand)]
    pub what: Option<JitCommand>,
    #[command(flatten)]
    pub scan: Scan,
    #[command(flatten)]
    pub judging: Judging,
    /// Only what of the history should be standing and what asked for, without grants
    #[arg(long, help_heading = "Split")]
    pub split: bool,
    /// Every action with what decided, also those that are to stay
    #[arg(long, help_heading = "Split")]
    pub explain: bool,
    /// Format of the grant
    #[arg(long, value_name = "NAME", default_value = jit::ALL[0].name(), value_parser = targets(), help_heading = "Grant")]
    pub target: String,
    /// How long the grant holds, such as 90m or 2h; at most 12h
    #[arg(long, value_name = "TIME", default_value = "1h", help_heading = "Grant")]
    pub duration: String,
    /// When it begins: RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", help_heading = "Grant")]
    pub not_before: Option<String>,
}

/// What `jit` does without an archive.
#[derive(Debug, Subcommand)]
pub enum JitCommand {
    /// What a reviewer would reject in templates that are written already, ours or yours
    Lint(Lint),
}

/// Arguments of `jit lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Templates: IAM policies, CloudFormation, Terraform, AWS TEAM eligibility, Glide access rules, `aws sts
    /// assume-role`; `-` reads standard input
    #[arg(required_unless_present = "list", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// All rules, a line each
    #[arg(long)]
    pub list: bool,
    /// Accept what this rule finds; repeatable
    #[arg(long, value_name = "RULE", value_parser = rules(), hide_possible_values = true)]
    pub allow: Vec<String>,
    /// Whom the templates are for, where they do not say
    #[arg(long = "for", value_name = "KIND", value_parser = ["role", "user", "permission-set"])]
    pub kind: Option<String>,
    /// Judge as of this time: RFC 3339, a date, or an age [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Format
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
}

fn rules() -> PossibleValuesParser {
    PossibleValuesParser::new(lint::ALL.iter().copied().flatten().map(|rule| rule.name))
}

fn targets() -> PossibleValuesParser {
    PossibleValuesParser::new(jit::ALL.iter().map(|target| target.name()))
}
