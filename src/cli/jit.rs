use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::{Judging, Scan};
use crate::recommend::{ConditionKind, jit, lint};

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
    /// Only for the gap with this id, from the column `gap` of `denied`; repeatable [default: all that are needed and
    /// that an identity policy can fix]
    #[arg(long, value_name = "ID", help_heading = "Grant")]
    pub need: Vec<String>,
    /// Form of the grant, or `all`; repeatable [default: permission-set-cloudformation for permission sets, iam-policy
    /// for others]
    #[arg(long, value_name = "NAME", value_parser = targets(), help_heading = "Grant")]
    pub target: Vec<String>,
    /// How long the grant holds, such as 90m or 2h; at most 12h
    #[arg(long, value_name = "TIME", default_value = "1h", help_heading = "Grant")]
    pub duration: String,
    /// When it begins: RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", help_heading = "Grant")]
    pub not_before: Option<String>,
    /// Conditions to put in where history supports them, a list with commas; `none` for none but the time. IAM has no
    /// key for hours of the day: these are told and never put in
    #[arg(long, value_name = "WHICH", value_delimiter = ',', default_values = jit::CONDITIONS.map(ConditionKind::as_str), value_parser = conditions(), help_heading = "Grant")]
    pub conditions: Vec<String>,
    /// Where it was asked for, such as INC-42
    #[arg(long, value_name = "TEXT", help_heading = "Grant")]
    pub ticket: Option<String>,
    /// Actions to leave out though they are needed, such as 'iam:*'; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = "Grant")]
    pub exclude_action: Vec<String>,
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
    PossibleValuesParser::new(jit::ALL.iter().map(|target| target.name()).chain(["all"]))
}

fn conditions() -> PossibleValuesParser {
    PossibleValuesParser::new(ConditionKind::ALL.map(ConditionKind::as_str).into_iter().chain(["all", "none"]))
}
