//! Query runbooks: which there are, what is wrong with one, and what one finds.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::output;
use super::status::{Failure, Status, say};
use crate::cli::{Color, RunRunbook, RunbookCommand, ShowRunbook};
use crate::condition::did_you_mean;
use crate::runbook::{self, Problem, Runbook, check};

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
    crate::report::render::clean(&format!("{name}:{problem}"))
}

fn show(args: &ShowRunbook) -> anyhow::Result<Status> {
    let text = text(&args.runbook)?;
    output::stdout(Color::Never).write_all(text.as_bytes())?;
    Ok(Status::Done)
}

fn check_all(files: &[PathBuf]) -> anyhow::Result<Status> {
    let mut out = output::stdout(Color::Auto);
    let mut broken = 0;
    for file in files {
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
    let text = text(&args.runbook)?;
    let _runbook = checked(&args.runbook, &text)?;
    Ok(Status::Done)
}
