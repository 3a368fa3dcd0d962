//! What reviewers would reject in templates.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::output;
use super::status::{Status, say};
use super::times;
use crate::cli::{Color, Lint};
use crate::iam::PrincipalKind;
use crate::recommend::lint::{self, About, Complaint};

/// No template is longer; more is not read.
const LONGEST: u64 = 16 << 20;

pub(super) fn run(args: &Lint) -> anyhow::Result<Status> {
    if args.list {
        return list();
    }
    let now = Timestamp::now();
    let about = About {
        now: args.at.as_deref().map_or(Ok(now), |text| times::moment(text, now, false))?,
        kind: args.kind.as_deref().and_then(kind),
    };
    let linted: Vec<Linted> = args.files.iter().map(|path| Linted::of(path, &about, &args.allow)).collect();
    let mut out = output::stdout(Color::Auto);
    if args.format == "json" {
        let all = Answer { schema: "trailwright.lint/1", files: &linted };
        serde_json::to_writer_pretty(&mut out, &all)?;
        writeln!(out)?;
    } else {
        linted.iter().try_for_each(|one| one.text(&mut out))?;
    }
    out.flush()?;
    for error in linted.iter().filter_map(|one| one.error.as_ref()) {
        say(&format!("error: {error}"));
    }
    let has = |status| linted.iter().any(|one| one.status == status);
    let worst = [Status::Failed, Status::Usage, Status::Findings].into_iter().find(|status| has(*status));
    Ok(worst.unwrap_or(Status::Done))
}

/// Only these can be told apart by who gives the word.
fn kind(word: &str) -> Option<PrincipalKind> {
    let all = [PrincipalKind::Role, PrincipalKind::User, PrincipalKind::PermissionSet];
    all.into_iter().find(|kind| kind.as_str() == word)
}

#[derive(Serialize)]
struct Answer<'l> {
    schema: &'static str,
    files: &'l [Linted],
}

/// What was found in one file.
#[derive(Serialize)]
struct Linted {
    file: String,
    /// Why it could not be judged.
    error: Option<String>,
    complaints: Vec<Row>,
    /// Complaints that were accepted by `--allow`.
    allowed: usize,
    #[serde(skip)]
    status: Status,
}

#[derive(Serialize)]
struct Row {
    rule: &'static str,
    rejects: bool,
    at: String,
    why: String,
}

impl Linted {
    fn of(path: &Path, about: &About, allow: &[String]) -> Self {
        let mut linted = Self {
            file: path.display().to_string(),
            error: None,
            complaints: Vec::new(),
            allowed: 0,
            status: Status::Done,
        };
        let complaints = match read(path).and_then(|text| {
            let wrong = |why| (Status::Usage, format!("`{}` cannot be judged: {why}", path.display()));
            lint::lint(&text, about).map_err(wrong)
        }) {
            Ok(complaints) => complaints,
            Err((status, error)) => {
                (linted.status, linted.error) = (status, Some(error));
                return linted;
            }
        };
        let is_allowed = |complaint: &Complaint| allow.iter().any(|rule| rule == complaint.rule);
        let (allowed, told): (Vec<_>, Vec<_>) = complaints.into_iter().partition(is_allowed);
        linted.allowed = allowed.len();
        if told.iter().any(|complaint| complaint.rejects) {
            linted.status = Status::Findings;
        }
        let row = |Complaint { rule, rejects, at, why }| Row { rule, rejects, at, why };
        linted.complaints = told.into_iter().map(row).collect();
        linted
    }

    fn text(&self, out: &mut impl Write) -> std::io::Result<()> {
        if self.error.is_some() {
            return Ok(());
        }
        let to_change = self.complaints.iter().filter(|row| row.rejects).count();
        let to_look_at = self.complaints.len() - to_change;
        let allowed = if self.allowed > 0 { format!(", {} allowed", self.allowed) } else { String::new() };
        match (to_change, to_look_at) {
            (0, 0) => writeln!(out, "{}: nothing to complain about{allowed}", self.file)?,
            _ => writeln!(out, "{}: {to_change} to change, {to_look_at} to look at{allowed}", self.file)?,
        }
        for Row { rule, rejects, at, why } in &self.complaints {
            let verdict = if *rejects { "change" } else { "look" };
            writeln!(out, "  {verdict:6}  {at}: {why} [{rule}]")?;
        }
        Ok(())
    }
}

/// The text of a file; `-` is standard input.
fn read(path: &Path) -> Result<String, (Status, String)> {
    let name = path.display();
    let unreadable = |error: std::io::Error| {
        let why = match error.kind() {
            ErrorKind::NotFound => "no such file".to_owned(),
            ErrorKind::IsADirectory => "it is a folder; name the files in it".to_owned(),
            _ => error.to_string(),
        };
        (Status::Failed, format!("cannot read `{name}`: {why}"))
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(LONGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(LONGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    String::from_utf8(bytes).map_err(|_| (Status::Usage, format!("`{name}` cannot be judged: it is not text in UTF-8")))
}

fn list() -> anyhow::Result<Status> {
    let mut out = output::stdout(Color::Auto);
    let all: Vec<_> = lint::ALL.iter().copied().flatten().collect();
    let width = all.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in all {
        let verdict = if rule.rejects { "change" } else { "look" };
        writeln!(out, "{:width$}  {verdict:6}  {}", rule.name, rule.says)?;
    }
    Ok(Status::Done)
}
