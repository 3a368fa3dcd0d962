//! The runbooks that ship with the program.

/// Their texts by name, sorted.
static TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runbooks.rs"));

/// A commented runbook to begin with, for whoever writes one.
pub const BEGINNING: &str = include_str!("beginning.yaml");

/// The JSON Schema of a runbook.
pub const SCHEMA: &str = include_str!("schema.json");

/// Every one: its name and its text.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS.iter().map(|(file, text)| (file.strip_suffix(".yaml").unwrap_or(file), *text))
}

/// The text of the runbook with this name.
pub fn text(name: &str) -> Option<&'static str> {
    all().find(|(known, _)| *known == name).map(|(_, text)| text)
}
