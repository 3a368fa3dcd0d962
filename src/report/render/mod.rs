//! Reports to bytes. One file per format; [`ALL`] is the only list. Log values are written by whoever
//! called AWS: each renderer escapes them at one place.

mod json;
mod text;

use std::io;

use super::Report;

/// A format.
pub trait Renderer: Sync {
    /// The word users type.
    fn name(&self) -> &'static str;
    /// Writes a report.
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Every format; the first is the default.
pub const ALL: &[&dyn Renderer] = &[&text::Text, &json::Json];

/// A format by name.
pub fn by_name(name: &str) -> Option<&'static dyn Renderer> {
    ALL.iter().copied().find(|renderer| renderer.name() == name)
}
