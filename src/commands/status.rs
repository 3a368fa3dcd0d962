use std::io;
use std::process::ExitCode;

/// How a run ended, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Done,
    /// Findings at or above `--fail-on`.
    Findings,
    /// The arguments make no sense.
    Usage,
    /// Done, but some input could not be read.
    Partial,
    /// Could not run.
    Failed,
    /// Done, and something that was written waits for somebody to approve it.
    NeedsApproval,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Done => 0,
            Status::Findings => 1,
            Status::Usage => 2,
            Status::Partial => 3,
            Status::Failed => 4,
            Status::NeedsApproval => 6,
        })
    }
}

/// A failure with what to do about it and the status it leads to.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    message: String,
    hint: Option<String>,
    status: Status,
}

impl Failure {
    /// The arguments make no sense.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, status: Status::Usage }
    }

    /// Could not run.
    pub(super) fn run(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, status: Status::Failed }
    }

    /// Adds what to do about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Tells the person at the terminal. Whoever closed the pipe has seen enough and is told nothing.
pub(super) fn report(error: &anyhow::Error) -> Status {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return Status::Done;
    }
    let failure = error.downcast_ref::<Failure>();
    say(&format!("error: {error:#}"));
    if let Some(hint) = failure.and_then(|failure| failure.hint.as_ref()) {
        say(&format!("hint: {hint}"));
    }
    failure.map_or(Status::Failed, |failure| failure.status)
}

/// A line on standard error; one that cannot be written cannot be reported either.
pub(super) fn say(line: &str) {
    let _ = io::Write::write_all(&mut io::stderr(), format!("{line}\n").as_bytes());
}
