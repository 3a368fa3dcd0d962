//! From arguments to a history, for every command that reads an archive.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashSet;
use jiff::Timestamp;

use super::progress::Bar;
use super::rules::rule_set;
use super::status::{Failure, Status, say};
use super::{output, times};
use crate::aggregate::History;
use crate::archive::{Archive, Limits, Source, Wanted};
use crate::cli::{Display, Filtering, Input, Output, Scan};
use crate::condition::Bounds;
use crate::correlate::correlate;
use crate::detect::Severity;
use crate::replay::Trial;
use crate::report::{Answer, Report, render};
use crate::scan::{Filter, ScanOptions, resolve_service, scan};
use crate::search::Search;
use crate::watch::Watch;

/// Reads the archive the arguments name, unless the format has no room for the answer. The answer is not taken apart at the end: the process is over
/// then, and giving back a million small pieces of memory one by one takes longer than writing a report.
pub(super) fn history<'a>(
    reading: impl Into<Reading<'a>>,
    answer: Answer,
    now: Timestamp,
) -> anyhow::Result<ManuallyDrop<History>> {
    let args = reading.into();
    output::check_answer(answer, args.output)?;
    let options = ScanOptions {
        threads: threads(args.input),
        limits: limits(args.input)?,
        filter: filter(args.filter, now)?,
        rules: rule_set(args.rules)?,
        trial: args.trial,
        watch: args.watch,
        searches: args.looking.searches,
        only_searches: args.looking.only,
        keep_records: args.looking.keep_records,
        strict: args.input.strict,
        ..ScanOptions::default()
    };
    // Merging and reporting go side by side too, on no more threads than asked for. Somebody else's pool
    // would do as well.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global();
    let mut sources = Vec::new();
    for path in &args.input.paths {
        sources.push(source(path)?);
    }
    output::check(answer, args.output)?;
    let archive = Archive { sources, wanted: Wanted { files: args.files, ..wanted(&options) } };
    let bar = Bar::new(args.display.quiet);
    let history = scan(&archive, &options, &bar);
    bar.finish();
    if args.display.verbose {
        say(&format!("{} threads, {} kinds of call", options.threads, history.calls.len()));
    }
    Ok(ManuallyDrop::new(history))
}

/// Which files can hold something that is asked for.
fn wanted(options: &ScanOptions) -> Wanted {
    let wanted = options.filter.wanted();
    let [search] = options.searches.as_slice() else { return wanted };
    let Some(condition) = search.condition.as_ref().filter(|_| options.only_searches) else { return wanted };
    let Wanted { from, to, accounts, regions, files } = wanted;
    let Bounds { from, to, accounts, regions } = Bounds { from, to, accounts, regions }.and(condition.bounds());
    Wanted { from, to, accounts, regions, files }
}

/// What to read, how, and by what it is judged.
pub(super) struct Reading<'a> {
    pub input: &'a Input,
    pub filter: &'a Filtering,
    pub output: &'a Output,
    pub display: &'a Display,
    /// Rules beside ours.
    pub rules: &'a [PathBuf],
    /// Policies that calls are asked of.
    pub trial: Option<Trial>,
    /// Grants that calls are put beside.
    pub watch: Option<Arc<Watch>>,
    /// The files that are read, by their numbers, where that is not all.
    pub files: Option<Arc<HashSet<u64>>>,
    /// Events that are looked for.
    pub looking: Looking,
}

/// What is looked for.
#[derive(Default)]
pub(super) struct Looking {
    pub searches: Vec<Search>,
    /// Whether nothing else is asked. Then files are passed over in which the first search can find nothing.
    pub only: bool,
    /// Whether the records are kept that the first search finds.
    pub keep_records: bool,
}

impl<'a> From<&'a Scan> for Reading<'a> {
    fn from(args: &'a Scan) -> Self {
        let Scan { input, filter, output, display, rules, fail_on: _ } = args;
        Self {
            input,
            filter,
            output,
            display,
            rules,
            trial: None,
            watch: None,
            files: None,
            looking: Looking::default(),
        }
    }
}

/// How much of a file is read.
pub(super) fn limits(input: &Input) -> Result<Limits, Failure> {
    Ok(Limits { inflated: times::size(&input.max_file_size)? })
}

fn threads(input: &Input) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    input.threads.map_or_else(cores, usize::from)
}

fn source(path: &Path) -> Result<Source, Failure> {
    if path == Path::new("-") {
        return Ok(Source::Stdin);
    }
    match std::fs::metadata(path) {
        Ok(_) => Ok(Source::Path(path.to_path_buf())),
        Err(error) => {
            let why = match error.kind() {
                std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
                std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                _ => error.to_string(),
            };
            let failure = Failure::run(format!("cannot read `{}`: {why}", path.display()));
            let is_uri = path.to_str().is_some_and(|text| text.starts_with("s3:"));
            Err(failure.hint(if is_uri {
                "copy it first, such as with `aws s3 sync`; trailwright never uses the network"
            } else {
                "point at the folder that holds `AWSLogs/`, or at a file"
            }))
        }
    }
}

pub(super) fn filter(args: &Filtering, now: Timestamp) -> anyhow::Result<Filter> {
    let mut services = Vec::new();
    for name in &args.service {
        services.extend(resolve_service(name).map_err(|error| Failure::usage(error.to_string()))?);
    }
    let filter = Filter {
        from: args.period.from.as_deref().map(|text| times::moment(text, now, false)).transpose()?,
        to: args.period.to.as_deref().map(|text| times::moment(text, now, true)).transpose()?,
        accounts: args.period.account.clone(),
        regions: args.period.region.clone(),
        principals: args.principal.clone(),
        services,
        events: args.event.clone(),
    };
    filter.check().map_err(|error| Failure::usage(error.to_string()))?;
    Ok(filter)
}

/// Writes the report and says how the run ended.
pub(super) fn finish(report: &Report, history: &History, args: &Scan) -> anyhow::Result<Status> {
    finish_with(report, worst(history, args), history, args)
}

/// The gravest finding. Looked for only where it decides how the run ends.
pub(super) fn worst(history: &History, args: &Scan) -> Option<Severity> {
    args.fail_on.as_ref()?;
    let single = history.calls.iter().flat_map(|(call, _)| &*call.findings).map(|finding| finding.severity);
    single.chain(correlate(history).iter().map(|one| one.finding.severity)).max()
}

/// The same, where `worst` is the finding that decides how the run ended.
pub(super) fn finish_with(
    report: &Report,
    worst: Option<Severity>,
    history: &History,
    args: &Scan,
) -> anyhow::Result<Status> {
    end(report, is_bad(worst, args), history, &args.into())
}

/// Whether a finding is as grave as the run may not end with.
pub(super) fn is_bad(worst: Option<Severity>, args: &Scan) -> bool {
    let limit = args.fail_on.as_deref().and_then(|text| text.parse::<Severity>().ok());
    limit.is_some_and(|limit| worst.is_some_and(|worst| worst >= limit))
}

/// The same, where `is_bad` says whether it ended badly.
pub(super) fn end(report: &Report, is_bad: bool, history: &History, reading: &Reading<'_>) -> anyhow::Result<Status> {
    output::write(report, reading.output, reading.display.color)?;
    ended(report, is_bad, history, reading)
}

/// How the run ended once everything is written, with what nothing that is written tells.
pub(super) fn ended(report: &Report, is_bad: bool, history: &History, reading: &Reading<'_>) -> anyhow::Result<Status> {
    let is_told = output::renderer(reading.output)?.holds_coverage() && !reading.looking.keep_records;
    let unread = !history.coverage.skips.is_empty();
    if !is_told && (unread || history.coverage.records.rejected > 0) {
        render::coverage(&report.coverage)?.iter().for_each(|line| say(line));
    }
    let partial = unread && !reading.input.allow_partial;
    if partial {
        let files = &history.coverage.files;
        let (partial, skipped) = (files.partial, files.skipped);
        say(&format!(
            "warning: {skipped} files could not be read and {partial} only in part; --allow-partial accepts that"
        ));
    }
    if is_bad {
        return Ok(Status::Findings);
    }
    Ok(if partial { Status::Partial } else { Status::Done })
}
