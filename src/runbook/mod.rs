//! Query runbooks: files that ask an archive what teams ask again and again, in steps whose rows lead to the next, and
//! leave evidence behind.

pub mod model;
pub mod online;

pub use model::Runbook;
