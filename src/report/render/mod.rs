//! Reports to bytes. One file per format; [`ALL`] is the only list. Log values are written by whoever
//! called AWS: each renderer escapes them at one place.

mod csv;
#[cfg(test)]
mod hostile;
mod json;
mod jsonl;
mod markdown;
mod sarif;
mod text;
mod value;

use std::io;

use anstream::StripStream;

use super::{Answer, CoverageRow, Report};
pub use csv::table as csv_table;
pub(super) use markdown::fence;
pub use markdown::inline;
pub use value::{clean, clean_json, flat};

/// A format.
pub trait Renderer: Sync {
    /// The word users type.
    fn name(&self) -> &'static str;
    /// Whether it has room for such an answer.
    fn holds(&self, _answer: Answer) -> bool {
        true
    }
    /// How many gaps an overview in it shows, where that is not all: nobody has to write the others.
    fn gaps_of_an_overview(&self) -> Option<usize> {
        None
    }
    /// Whether it has room for what was read and what was not. Where it has none, somebody else has to tell.
    fn holds_coverage(&self) -> bool {
        true
    }
    /// Writes a report.
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Every format; the first is the default.
pub const ALL: &[&dyn Renderer] =
    &[&text::Text, &json::Json, &jsonl::Jsonl, &csv::Csv, &markdown::Markdown, &sarif::Sarif];

/// A format by name.
pub fn by_name(name: &str) -> Option<&'static dyn Renderer> {
    ALL.iter().copied().find(|renderer| renderer.name() == name)
}

/// What was read and what was not, in plain lines.
pub fn coverage(coverage: &CoverageRow) -> io::Result<Vec<String>> {
    let mut plain = Vec::new();
    text::coverage(coverage, &mut StripStream::new(&mut plain as &mut dyn io::Write))?;
    Ok(String::from_utf8_lossy(&plain).lines().map(str::to_owned).collect())
}
