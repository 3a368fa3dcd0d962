//! Argument definitions only.

mod audit;
mod events;
mod jit;
mod runbook;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use audit::Audit;
pub use events::{Events, Looking};
pub use jit::{Jit, JitCommand, Lint};
pub use runbook::{RunRunbook, RunbookCommand, ShowRunbook};

use crate::detect::{CLASSES, Severity};
use crate::iam::Target;
use crate::recommend::{ConditionKind, FixableBy, Need};
use crate::report::{By, files, render};

/// Turns a CloudTrail archive into least-privilege decisions, offline.
#[derive(Debug, Parser)]
#[command(name = "trailwright", version, max_term_width = 100, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Try `trailwright demo` first; it needs no archive.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is in this archive: coverage, privileged calls, denials, principals
    Scan(Overview),
    /// Every permission gap: who, which action, on what, which layer denied it, who can fix it
    Denied(Denied),
    /// Privileged calls and what makes them so
    Privileged(Privileged),
    /// A least-privilege policy per principal, with the evidence behind each action
    Recommend(Recommend),
    /// What policies would have blocked or let pass, tried out on the archive before anybody attaches them
    ///
    /// Only from the policies that are given: what resource policies allow by themselves is not known here, and counts as
    /// blocked. Where a policy asks for something that the record does not tell, such as a tag, the answer is unknown, with
    /// the condition key.
    Replay(Replay),
    /// Just-in-time grants for denied needs, bounded in time
    Jit(Jit),
    /// What was done with elevations that were granted, against the ledger of grants
    Audit(Audit),
    /// Search, count and lay out events in time; cut the records themselves out of an archive
    ///
    /// What was read and what was not is told of the events that are meant; all others count as left out by filters. Events of
    /// AWS's own services are always among them.
    Events(Events),
    /// Query runbooks that run: questions in steps, on one reading of an archive, with evidence
    Runbook {
        /// What to do with them
        #[command(subcommand)]
        what: RunbookCommand,
    },
    /// The rules that calls are judged by, and yours beside them
    Rules {
        /// What to do with them
        #[command(subcommand)]
        what: RulesCommand,
    },
    /// The numbers by which needs are judged, as a file to edit
    Thresholds,
    /// Which actions, level and resource types the catalog gives an event
    ExplainEvent(ExplainEvent),
    /// What the catalog of AWS's actions holds, and where it is from
    Catalog,
    /// The whole thing on a bundled sample
    Demo(Demo),
    /// Shell completions, to be sourced
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page, in roff
    Man,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// All rules, a line each
    List {
        /// Your Sigma rules, a file or a folder; repeatable
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
        /// Format
        #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
        format: String,
    },
    /// One rule as it is written
    Show {
        /// Its name, such as attach-admin-policy
        name: String,
        /// Your Sigma rules, a file or a folder; repeatable
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// Whether your rules can be used, and where what is wrong with them
    Check {
        /// Files or folders of Sigma rules
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// Arguments of everything that reads an archive.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Scan {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub filter: Filtering,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub display: Display,
    /// Your Sigma rules about CloudTrail, a file or a folder, beside ours; repeatable
    #[arg(long, value_name = "PATH", help_heading = "Judging")]
    pub rules: Vec<PathBuf>,
    /// Exit with 1 when there is a finding of this severity or worse
    #[arg(long, value_name = "SEVERITY", value_parser = words(Severity::ALL.map(Severity::as_str)), help_heading = "Output")]
    pub fail_on: Option<String>,
}

/// What to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct Input {
    /// Files, directories or locally synced S3 prefixes; `-` reads standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Threads that decode [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Inflated bytes of one file that are read at most, such as 500M or 4G
    #[arg(long, value_name = "SIZE", default_value = "2G")]
    pub max_file_size: String,
    /// Refuse every record that is not wholly valid JSON, also where the damage is in a value that is
    /// never read
    #[arg(long)]
    pub strict: bool,
    /// Exit with 0 even if some input could not be read
    #[arg(long)]
    pub allow_partial: bool,
}

/// When and where events are from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Filtering")]
pub struct Period {
    /// Events at or after: RFC 3339, a date, or an age such as 30d or 24h
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Events before: as --from; a date includes that whole day
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Account id; repeatable
    #[arg(long, value_name = "ID")]
    pub account: Vec<String>,
    /// Region; repeatable
    #[arg(long, value_name = "NAME")]
    pub region: Vec<String>,
}

/// Which events count.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filtering")]
pub struct Filtering {
    /// When and where they are from
    #[command(flatten)]
    pub period: Period,
    /// Principal's ARN or short name, with `*` and `?`; repeatable
    #[arg(long, value_name = "GLOB")]
    pub principal: Vec<String>,
    /// Service by IAM prefix or event source, such as s3 or monitoring; repeatable
    #[arg(long, value_name = "NAME")]
    pub service: Vec<String>,
    /// Event name, with `*` and `?`; repeatable
    #[arg(long, value_name = "GLOB")]
    pub event: Vec<String>,
    /// Show AWS services and service-linked roles too
    #[arg(long)]
    pub include_service_principals: bool,
}

/// Where the answer goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Format: json and jsonl (a row a line) for programs, csv (one table) for spreadsheets, markdown for
    /// tickets, sarif (findings) for code-scanning tools
    #[arg(long, value_name = "NAME", default_value = render::ALL[0].name(), value_parser = formats())]
    pub format: String,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    pub force: bool,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(render::ALL.iter().map(|renderer| renderer.name()))
}

/// How it looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Display")]
pub struct Display {
    /// No progress
    #[arg(long, short)]
    pub quiet: bool,
    /// Say more on standard error
    #[arg(long, short)]
    pub verbose: bool,
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How needs are judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub struct Judging {
    /// Numbers that differ from those of `trailwright thresholds`, in the same form
    #[arg(long, value_name = "FILE")]
    pub thresholds: Option<PathBuf>,
}

/// Arguments of `scan`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Overview {
    #[command(flatten)]
    pub scan: Scan,
    #[command(flatten)]
    pub judging: Judging,
}

/// Arguments of `denied`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Denied {
    #[command(flatten)]
    pub scan: Scan,
    #[command(flatten)]
    pub judging: Judging,
    /// What gaps are grouped by
    #[arg(long, value_name = "WHAT", default_value = By::ALL[0].as_str(), value_parser = words(By::ALL.map(By::as_str)), help_heading = "Gaps")]
    pub by: String,
    /// Only such gaps; repeatable
    #[arg(long, value_name = "NEED", value_parser = words(Need::ALL.map(Need::as_str)), help_heading = "Gaps")]
    pub need: Vec<String>,
    /// Only gaps that can be closed so; repeatable
    #[arg(long, value_name = "WHO", value_parser = words(FixableBy::ALL.map(FixableBy::as_str)), help_heading = "Gaps")]
    pub fixable_by: Vec<String>,
    /// Only the gap with this id, from the column `gap`; repeatable
    #[arg(long, value_name = "ID", help_heading = "Gaps")]
    pub gap: Vec<String>,
    /// The whole evidence of each gap, with the records it rests on
    #[arg(long, help_heading = "Gaps")]
    pub explain: bool,
}

/// Arguments of `privileged`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Privileged {
    #[command(flatten)]
    pub scan: Scan,
    /// Only findings that matter so much, or more
    #[arg(long, value_name = "LEVEL", value_parser = words(Severity::ALL.map(Severity::as_str)), help_heading = "Findings")]
    pub severity: Option<String>,
    /// Only findings of this class; repeatable
    #[arg(long, value_name = "NAME", value_parser = words(CLASSES), help_heading = "Findings")]
    pub class: Vec<String>,
    /// Only findings of this ATT&CK technique, such as T1098, with its parts, or T1098.003; repeatable
    #[arg(long, value_name = "ID", help_heading = "Findings")]
    pub attack: Vec<String>,
    /// Only findings by this detection, such as attach-admin-policy; repeatable
    #[arg(long, value_name = "NAME", help_heading = "Findings")]
    pub detection: Vec<String>,
    /// The whole of each finding: why it matters, what to check next, and the records it rests on
    #[arg(long, help_heading = "Findings")]
    pub explain: bool,
}

fn words<const N: usize>(words: [&'static str; N]) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Replay {
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub filter: Filtering,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub display: Display,
    /// An identity policy; repeatable: together they are all that the principals have
    #[arg(long, value_name = "FILE", required = true, help_heading = "Policies")]
    pub policy: Vec<PathBuf>,
    /// The permissions boundary
    #[arg(long, value_name = "FILE", help_heading = "Policies")]
    pub boundary: Option<PathBuf>,
    /// The session policy
    #[arg(long, value_name = "FILE", help_heading = "Policies")]
    pub session_policy: Option<PathBuf>,
    /// The service control policies of one level, with commas between; repeat it for each level from the root down
    #[arg(long, value_name = "FILE", help_heading = "Policies")]
    pub scp: Vec<String>,
    /// Exit with 1 when there is such a change; repeatable
    #[arg(long, value_name = "CHANGE", value_parser = words(["newly-blocked", "unknown", "newly-allowed"]), help_heading = "Output")]
    pub fail_on: Vec<String>,
}

/// Arguments of `recommend`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "each group documents its own")]
pub struct Recommend {
    #[command(flatten)]
    pub scan: Scan,
    /// What the policies are attached as, which says how long they may be [default: permission-set for those,
    /// managed for others]
    #[arg(long, value_name = "WHAT", value_parser = words(Target::ALL.map(Target::as_str)), help_heading = "Policies")]
    pub target: Option<String>,
    /// Write resources as what they have in common where at least so many stand side by side, such as objects
    /// in one folder [default: only where a policy would be too long]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..), help_heading = "Policies")]
    pub generalize_at: Option<u32>,
    /// Conditions to put into statements where history supports them, each only if it would have blocked none of it;
    /// a list with commas, repeatable. What is not put in is told with the reason. IAM has no key for hours of the
    /// day: these are told and never put in
    #[arg(long, value_name = "WHICH", value_delimiter = ',', value_parser = conditions(), conflicts_with = "files", help_heading = "Policies")]
    pub conditions: Vec<String>,
    /// Try each policy out on the history it is drawn from, and tell what it would have blocked; reads the archive twice
    #[arg(long, help_heading = "Policies")]
    pub verify: bool,
    /// How policies are written where --output is a folder: a file per principal, and an index; repeatable [default: json]
    #[arg(long = "as", value_name = "NAME", value_parser = forms(), requires = "output", help_heading = "Policies")]
    pub forms: Vec<String>,
    /// The evidence behind each action that fits a pattern, such as 's3:*'; every one where none is given. With
    /// --granted every action by itself, also those of services of which none was called
    #[arg(long, value_name = "ACTIONS", num_args = 0..=1, default_missing_value = "*", value_parser = actions, help_heading = "Policies")]
    pub explain: Option<String>,
    #[command(flatten)]
    pub granted: Granted,
}

fn conditions() -> PossibleValuesParser {
    PossibleValuesParser::new(ConditionKind::ALL.map(ConditionKind::as_str).into_iter().chain(["all"]))
}

fn forms() -> PossibleValuesParser {
    PossibleValuesParser::new(files::ALL.iter().map(|form| form.name()))
}

/// A pattern of actions. Anything else was meant as something else, such as a path.
fn actions(text: &str) -> Result<String, &'static str> {
    let is_pattern = !text.contains(['/', '\\']) && text.contains([':', '*', '?']);
    is_pattern.then(|| text.to_owned()).ok_or("write actions such as s3:Get*; paths stand before --explain")
}

/// What the archive is compared with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Granted")]
pub struct Granted {
    /// Compare with what is granted: the output of `aws iam get-account-authorization-details`, of one account or
    /// page each, or a policy document that applies to all who are shown; repeatable. Tells what was used, what is
    /// granted and unused, what was denied, what CloudTrail cannot show, and ends with policies without the unused
    #[arg(long = "granted", value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Arguments of `explain-event`.
#[derive(Debug, Args)]
pub struct ExplainEvent {
    /// `eventSource`, such as s3.amazonaws.com; s3 will do. `-` reads standard input: a source and a name
    /// with a tab between them, or a record, on each line; the answer is a JSON object a line
    pub source: String,
    /// `eventName`, such as GetObject
    pub name: Option<String>,
    /// The request as the record has it, a JSON object: what only some requests need depends on it
    #[arg(long, value_name = "JSON")]
    pub parameters: Option<String>,
    /// Format
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
}
