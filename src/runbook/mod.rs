//! Query runbooks: files that ask an archive what teams ask again and again, in steps whose rows lead to the next, and
//! leave evidence behind. `model` is a runbook as it stands in its file, `check` says what is wrong with one, `tables` is
//! what steps can ask, `fill` puts inputs and rows of earlier steps into what is asked, `query` asks it of rows, `run` runs the steps,
//! `told` tells what came out, `online` writes queries for engines that hold CloudTrail's records.

pub mod check;
pub mod fill;
pub mod inputs;
mod kinds;
mod library;
pub mod model;
pub mod online;
pub mod query;
pub mod run;
pub mod tables;
pub mod told;

pub use check::Problem;
pub use library::{BEGINNING, SCHEMA, all, text};
pub use model::Runbook;
