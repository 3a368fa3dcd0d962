//! What a runbook found, told: on a terminal, as a page for people, as JSON for programs, as a folder of evidence. All that
//! is from a log goes through the escapes of `report::render`.

mod evidence;
mod json;
mod markdown;
mod said;
mod shown;
mod text;

pub use evidence::{EvidenceFile, files};
pub use json::json;
pub use markdown::markdown;
pub use text::text;

use super::run::Ran;

/// A form of the answer, by its name on the command line.
pub fn told(ran: &Ran<'_>, format: &str) -> serde_json::Result<String> {
    match format {
        "json" => Ok(crate::report::render::clean_json(&serde_json::to_string_pretty(&json(ran))?) + "\n"),
        "markdown" => Ok(markdown(ran, false)),
        _ => Ok(text(ran)),
    }
}
