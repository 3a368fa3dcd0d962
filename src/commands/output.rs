//! Where answers go: standard output, or a file that appears whole or not at all.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice, StripStream};

use super::folder;
use super::status::Failure;
use crate::cli::{Color, Output};
use crate::report::render::{self, Renderer};
use crate::report::{Answer, Report};

/// Refuses a destination that cannot work, before anything is read.
pub(super) fn check(answer: Answer, output: &Output) -> Result<(), Failure> {
    let Some(path) = &output.output else { return Ok(()) };
    if folder::is_meant(path) {
        if matches!(answer, Answer::Policies | Answer::Grants) {
            return folder::check(path, output.force);
        }
        return Err(Failure::run(format!("`{}` is a folder", path.display())).hint("name a file in it"));
    }
    if path.exists() && !output.force {
        return Err(Failure::run(format!("`{}` exists already", path.display())).hint("--force replaces it"));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(Failure::run(format!("`{}` is not a folder", folder.display())).hint("make it first"));
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses a format that has no room for an answer, before anything is read.
pub(super) fn check_answer(answer: Answer, output: &Output) -> Result<(), Failure> {
    let renderer = renderer(output)?;
    if renderer.holds(answer) {
        return Ok(());
    }
    let (command, what) = (answer.command(), answer.as_str());
    let failure = Failure::usage(format!("`{}` has no room for {what}, with which `{command}` answers", output.format));
    let fitting = Answer::ALL.into_iter().filter(|answer| renderer.holds(*answer));
    let fitting: Vec<_> = fitting.map(|answer| format!("`{}`", answer.command())).collect();
    Err(failure.hint(format!("use it with {}; json and jsonl hold everything", fitting.join(", "))))
}

/// The format that is wanted.
pub(super) fn renderer(output: &Output) -> Result<&'static dyn Renderer, Failure> {
    render::by_name(&output.format).ok_or_else(|| Failure::usage(format!("`{}` is not a format", output.format)))
}

/// Writes a report where it is wanted.
pub(super) fn write(report: &Report, output: &Output, color: Color) -> anyhow::Result<()> {
    let renderer = renderer(output)?;
    let Some(path) = &output.output else {
        let mut out = BufWriter::new(stdout(color));
        renderer.render(report, &mut out)?;
        return Ok(out.flush()?);
    };
    let fail = |error: io::Error| Failure::run(format!("cannot write `{}`: {error}", path.display()));
    let mut plain = Vec::new();
    {
        let mut out = StripStream::new(&mut plain as &mut dyn Write);
        renderer.render(report, &mut out)?;
    }
    let mut to = destination(output)?;
    to.write_all(&plain).map_err(fail)?;
    Destination::keep(to, output)
}

/// Where bytes go that are no text for a terminal.
pub(super) enum Destination {
    Stdout(BufWriter<io::Stdout>),
    /// Beside the file that it becomes.
    File(BufWriter<tempfile::NamedTempFile>),
}

/// Where the answer goes.
pub(super) fn destination(output: &Output) -> anyhow::Result<Destination> {
    let Some(path) = &output.output else { return Ok(Destination::Stdout(BufWriter::new(io::stdout()))) };
    let file = tempfile::NamedTempFile::new_in(folder_of(path));
    let file = file.map_err(|error| Failure::run(format!("cannot write `{}`: {error}", path.display())))?;
    Ok(Destination::File(BufWriter::new(file)))
}

impl Destination {
    /// Puts a file that is whole where it is wanted.
    pub(super) fn keep(self, output: &Output) -> anyhow::Result<()> {
        let (mut file, path) = match (self, &output.output) {
            (Self::File(file), Some(path)) => (file, path),
            (mut other, _) => return Ok(other.flush()?),
        };
        let fail = |error: io::Error| Failure::run(format!("cannot write `{}`: {error}", path.display()));
        file.flush().map_err(fail)?;
        let file = file.into_inner().map_err(|error| fail(error.into_error()))?;
        let kept = if output.force { file.persist(path) } else { file.persist_noclobber(path) };
        kept.map_err(|error| fail(error.error))?;
        Ok(())
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out) => out.flush(),
        }
    }
}

/// Standard output, with styles taken away unless somebody can see them.
pub(super) fn stdout(color: Color) -> AutoStream<io::Stdout> {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let choice = match color {
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
        Color::Auto if no_color || !io::stdout().is_terminal() => ColorChoice::Never,
        Color::Auto => ColorChoice::Always,
    };
    AutoStream::new(io::stdout(), choice)
}
