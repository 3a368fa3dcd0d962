//! Query runbooks: which there are, what is wrong with one, and what one finds.

use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::scanning::{self, Looking, Reading};
use super::status::{Failure, Status, say};
use super::thresholds::thresholds;
use super::{audit, chains, folder, output, times};
use crate::aggregate::History;
use crate::cli::{Color, Filtering, Output, Period, RunRunbook, RunbookCommand, ShowRunbook};
use crate::condition::did_you_mean;
use crate::ledger::Ledger;
use crate::report::{Answer, render};
use crate::runbook::run::{self, Archive, Plan, Ran};
use crate::runbook::{self, Problem, Runbook, check, inputs, online, told};
use crate::watch::{self, Watch};

pub(super) fn run(what: &RunbookCommand) -> anyhow::Result<Status> {
    match what {
        RunbookCommand::List { format } => list(format),
        RunbookCommand::Show(args) => show(args),
        RunbookCommand::Check { files } => check_all(files),
        RunbookCommand::Run(args) => run_one(args),
        RunbookCommand::New { name, output } => new(name, output.as_deref()),
        RunbookCommand::Schema => {
            output::stdout(Color::Never).write_all(runbook::SCHEMA.as_bytes())?;
            Ok(Status::Done)
        }
    }
}

fn list(format: &str) -> anyhow::Result<Status> {
    let all: Vec<Runbook> = runbook::all().filter_map(|(_, text)| check::read(text).ok()).collect();
    let mut out = output::stdout(Color::Auto);
    if format == "json" {
        let rows = all.iter().map(|one| {
            let steps =
                one.steps.iter().map(|step| json!({"id": step.id, "kind": step.kind.as_str(), "title": step.title}));
            let inputs = one.inputs.iter().map(|(name, input)| {
                let is_needed = input.default.is_none();
                json!({"name": name, "type": input.kind.as_str(), "about": input.about, "required": is_needed})
            });
            json!({
                "runbook": one.runbook,
                "title": one.title,
                "purpose": one.purpose,
                "when": one.when,
                "inputs": inputs.collect::<Vec<_>>(),
                "steps": steps.collect::<Vec<_>>(),
            })
        });
        serde_json::to_writer_pretty(&mut out, &rows.collect::<Vec<_>>())?;
        writeln!(out)?;
        return Ok(Status::Done);
    }
    let width = all.iter().map(|one| one.runbook.len()).max().unwrap_or_default();
    let titles = all.iter().map(|one| one.title.chars().count()).max().unwrap_or_default();
    for one in &all {
        let steps: Vec<&str> = one.steps.iter().map(|step| step.id.as_str()).collect();
        writeln!(out, "{:width$}  {:titles$}  {}", one.runbook, one.title, steps.join(", "))?;
    }
    Ok(Status::Done)
}

/// The text of a runbook that ships, or of a file.
fn text(name: &str) -> Result<String, Failure> {
    let path = Path::new(name);
    let is_path = name.contains(['/', '\\', '.']);
    if !is_path && let Some(text) = runbook::text(name) {
        return Ok(text.to_owned());
    }
    if is_path || path.is_file() {
        return read_file(path);
    }
    let hint = did_you_mean(name, runbook::all().map(|(name, _)| name));
    let hint = if hint.is_empty() {
        "`trailwright runbook list` shows those that ship; a file is named by its path, such as ./mine.yaml"
    } else {
        hint.trim_start_matches("; ")
    };
    Err(Failure::usage(format!("there is no runbook `{name}`")).hint(hint))
}

fn read_file(path: &Path) -> Result<String, Failure> {
    let fail = |why: String| {
        Failure::run(format!("cannot read the runbook `{}`: {why}", path.display()))
            .hint("give the name of one that ships, or a YAML file")
    };
    let length = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if length > check::LONGEST as u64 {
        return Err(fail(format!("it is longer than {} bytes", check::LONGEST)));
    }
    std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))
}

/// The runbook in a text; every mistake is told.
fn checked(name: &str, text: &str) -> Result<Runbook, Failure> {
    check::read(text).map_err(|problems| {
        problems.iter().for_each(|problem| say(&line(name, problem)));
        let mistakes =
            if problems.len() == 1 { "a mistake".to_owned() } else { format!("{} mistakes", problems.len()) };
        Failure::usage(format!("the runbook `{name}` has {mistakes}"))
            .hint("mend it; `trailwright runbook check` tells the same")
    })
}

/// With nothing in it that a terminal would obey: the text of a runbook is quoted.
fn line(name: &str, problem: &Problem) -> String {
    render::clean(&format!("{name}:{problem}"))
}

fn show(args: &ShowRunbook) -> anyhow::Result<Status> {
    let text = text(&args.runbook)?;
    let shown = match &args.engine {
        None => text,
        Some(engine) => {
            let runbook = checked(&args.runbook, &text)?;
            let given = inputs::given(&runbook, &args.inputs, Timestamp::now());
            let given = given.map_err(|wrong| refused(&runbook, &args.runbook, &wrong))?;
            online::show(&runbook, engine, &given).unwrap_or_default()
        }
    };
    output::stdout(Color::Never).write_all(shown.as_bytes())?;
    Ok(Status::Done)
}

/// What is wrong with what a runbook was told. Every mistake is told.
fn refused(runbook: &Runbook, name: &str, wrong: &[String]) -> Failure {
    wrong.iter().for_each(|why| say(&render::clean(&format!("error: {why}"))));
    let hint = format!("`trailwright runbook show {name}` tells which inputs it has");
    Failure::usage(format!("`{}` cannot be run so", runbook.runbook)).hint(hint)
}

fn check_all(files: &[PathBuf]) -> anyhow::Result<Status> {
    let mut out = output::stdout(Color::Auto);
    let mut broken = 0;
    let files = below(files)?;
    for file in &files {
        let text = read_file(file)?;
        if let Err(problems) = check::read(&text) {
            broken += 1;
            for problem in &problems {
                writeln!(out, "{}", line(&file.display().to_string(), problem))?;
            }
        }
    }
    let noun = if files.len() == 1 { "file" } else { "files" };
    writeln!(out, "{} {noun}: {} can be run, {broken} cannot", files.len(), files.len() - broken)?;
    Ok(if broken == 0 { Status::Done } else { Status::Usage })
}

/// The files that are meant: of a folder those in it that are YAML.
fn below(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let file = entry?.path();
            if file.is_file() && file.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            let failure = Failure::usage(format!("no file in `{}` can be a runbook", path.display()));
            return Err(failure.hint("they end in .yaml or .yml").into());
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn new(name: &str, place: Option<&Path>) -> anyhow::Result<Status> {
    let text = runbook::BEGINNING.replacen("runbook: NAME", &format!("runbook: {name}"), 1);
    if check::read(&text).is_err() {
        let failure = Failure::usage(format!("`{name}` is no name of a runbook"));
        return Err(failure.hint("use lower-case letters, digits and dashes, such as orders-cleanup").into());
    }
    let Some(place) = place else {
        output::stdout(Color::Never).write_all(text.as_bytes())?;
        return Ok(Status::Done);
    };
    let fail = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::run(format!("`{}` exists already", place.display())).hint("name another file")
        }
        _ => Failure::run(format!("cannot write `{}`: {error}", place.display())),
    };
    let mut file = std::fs::File::create_new(place).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    Ok(Status::Done)
}

fn run_one(args: &RunRunbook) -> anyhow::Result<Status> {
    let started = Timestamp::now();
    let now = args.at.as_deref().map(|text| times::moment(text, started, false)).transpose()?.unwrap_or(started);
    let text = text(&args.runbook)?;
    let runbook = checked(&args.runbook, &text)?;
    let mut plan = plan(&runbook, args, now)?;
    plan.filters = filters(&args.period, now)?;
    if plan.ledger.is_some() && !args.period.region.is_empty() {
        let failure = Failure::usage("--region would hide what an audit rests on, such as chains of roles");
        return Err(failure.hint("leave it out, or run it without the ledger").into());
    }
    if let Some(folder) = &args.output {
        folder::check_evidence(folder, args.force)?;
    }
    let thresholds = thresholds(&args.judging)?;
    let ledger = plan.ledger.as_ref().map(|path| audit::ledger(&[PathBuf::from(path)])).transpose()?;
    let Ledger { grants, problems } = ledger.unwrap_or_default();
    let watch = plan.ledger.is_some().then(|| Arc::new(Watch::new(grants, watch::Options::default())));
    let (history, chained) = read(args, &plan, watch.as_ref(), now)?;
    let archive = Archive {
        history: &history,
        chained: chained.as_deref(),
        watch: watch.as_deref(),
        problems: &problems,
        thresholds: &thresholds,
    };
    // The process is over before it would be worth taking the answer apart.
    let ran = ManuallyDrop::new(run::run(&plan, archive).map_err(|error| Failure::usage(error.message))?);
    match &args.output {
        Some(folder) => {
            let files = told::files(&ran, &text)?;
            folder::write_evidence(&files, folder, args.force)?;
            if !args.display.quiet {
                say(&format!("{} files; begin with `{}`", files.len(), folder.join("report.md").display()));
            }
        }
        None => output::stdout(args.display.color).write_all(told::told(&ran, &args.format)?.as_bytes())?,
    }
    Ok(status(&ran, args))
}

/// What the runbook needs before anything is read. Every mistake is told.
fn plan<'r>(runbook: &'r Runbook, args: &RunRunbook, now: Timestamp) -> Result<Plan<'r>, Failure> {
    let refuse = |wrong: Vec<String>| refused(runbook, &args.runbook, &wrong);
    let inputs = inputs::values(runbook, &args.inputs, now).map_err(refuse)?;
    Plan::of(runbook, inputs, now).map_err(refuse)
}

/// Which events count, as it is written down: ages as times.
fn filters(period: &Period, now: Timestamp) -> Result<Vec<(&'static str, Vec<String>)>, Failure> {
    let moment = |text: &Option<String>, ends: bool| -> Result<Vec<String>, Failure> {
        let time = text.as_deref().map(|text| times::moment(text, now, ends)).transpose()?;
        Ok(time.iter().map(ToString::to_string).collect())
    };
    let all = [
        ("from", moment(&period.from, false)?),
        ("before", moment(&period.to, true)?),
        ("account", period.account.clone()),
        ("region", period.region.clone()),
    ];
    Ok(all.into_iter().filter(|(_, values)| !values.is_empty()).collect())
}

/// What the archive holds, and what it holds of sessions that grants were used to make: whose they are is known only once it
/// was read.
type Read = (ManuallyDrop<History>, Option<ManuallyDrop<History>>);

fn read(args: &RunRunbook, plan: &Plan<'_>, watch: Option<&Arc<Watch>>, now: Timestamp) -> anyhow::Result<Read> {
    let filter = Filtering { period: args.period.clone(), include_service_principals: true, ..Filtering::default() };
    // The report is written by the runbook.
    let nowhere = Output { format: "json".to_owned(), output: None, force: false };
    let reading = |searches| Reading {
        input: &args.input,
        filter: &filter,
        output: &nowhere,
        display: &args.display,
        rules: &args.rules,
        trial: None,
        watch: watch.cloned(),
        files: None,
        looking: Looking { searches, ..Looking::default() },
    };
    let history = scanning::history(reading(plan.searches.clone()), Answer::Overview, now)?;
    let tell = |sessions: &str| {
        if !args.display.quiet {
            say(&format!("grants were used to make {sessions} of other roles: reading again for that"));
        }
    };
    let chained = match watch {
        Some(watch) => chains::read(reading(Vec::new()), &history, watch, now, tell)?,
        None => None,
    };
    Ok((history, chained))
}

/// How it ended: that something was not as expected goes first, then that somebody has to approve, then findings, then that
/// not all could be read.
fn status(ran: &Ran<'_>, args: &RunRunbook) -> Status {
    let unread = !ran.coverage.skips.is_empty() || ran.unusable > 0;
    let partial = unread && !args.input.allow_partial;
    if partial {
        say("warning: not everything could be read; the report says what, and --allow-partial accepts that");
    }
    match () {
        () if ran.is_not_as_expected() => Status::Findings,
        () if ran.waits() => Status::NeedsApproval,
        () if ran.has_findings() => Status::Findings,
        () if partial => Status::Partial,
        () => Status::Done,
    }
}
