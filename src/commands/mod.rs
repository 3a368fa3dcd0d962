//! One file per subcommand: arguments in, exit status out. The only layer that writes.

mod audit;
mod catalog;
mod chains;
mod completions;
mod cut;
mod demo;
mod denied;
mod events;
mod explain_event;
mod folder;
mod granted;
mod jit;
mod lint;
mod man;
mod output;
mod policies;
mod privileged;
mod progress;
mod recommend;
mod records;
mod replay;
mod rules;
mod runbook;
mod scan;
mod scanning;
mod status;
mod thresholds;
mod times;

pub use status::Status;

use crate::cli::{Cli, Command};

/// Runs a command; reports its failure, with what to do about it.
pub fn run(cli: Cli) -> Status {
    let result = match &cli.command {
        Command::Scan(args) => scan::run(args),
        Command::Denied(args) => denied::run(args),
        Command::Privileged(args) => privileged::run(args),
        Command::Recommend(args) => recommend::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Jit(args) => jit::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Events(args) => events::run(args),
        Command::Runbook { what } => runbook::run(what),
        Command::Rules { what } => rules::run(what),
        Command::Thresholds => thresholds::run(),
        Command::ExplainEvent(args) => explain_event::run(args),
        Command::Catalog => catalog::run(),
        Command::Demo(args) => demo::run(args),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man => man::run(),
    };
    result.unwrap_or_else(|error| status::report(&error))
}
