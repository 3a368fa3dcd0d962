//! Tables: RFC 4180, with a header.

use std::borrow::Cow;

use serde_json::Value;

use super::lines::Lines;
use super::read::File;
use super::record::Record;

/// Hands over each row.
pub(super) fn records(text: &str, file: &mut File<'_>) {
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut lines = Lines::new(text);
    let mut row = ::csv::StringRecord::new();
    let mut header: Option<Vec<String>> = None;
    let mut begin = 0;
    loop {
        match reader.read_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            // Not met: it comes from memory, has any length, and is UTF-8.
            Err(error) => return file.fatal(lines.of(begin), format!("is no table: {error}")),
        }
        let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        // Ends of lines before it are told as part of it.
        let written = text.get(begin..end).unwrap_or_default();
        let blank = written.len() - written.trim_start_matches(['\r', '\n']).len();
        let line = lines.of(begin + blank);
        begin = end;
        if !has_sound_quotes(written) {
            let what = hint(written, "write quotes inside of cells as `\"\"`");
            file.fatal(line, format!("its quotes are not in pairs; {what}"));
            // Nothing can be read without a header.
            if header.is_none() {
                return;
            }
            continue;
        }
        let Some(names) = &header else {
            let names: Vec<_> = row.iter().map(|name| name.trim().to_owned()).collect();
            if !file.header(line, &names) {
                return;
            }
            header = Some(names);
            continue;
        };
        if row.iter().all(|cell| cell.trim().is_empty()) {
            file.warn(line, "has empty cells only; take the row out".to_owned());
        } else if row.len() != names.len() {
            file.fatal(line, uneven(row.len(), names.len(), written));
        } else {
            let value = |cell: &str| if cell.is_empty() { Value::Null } else { Value::String(cell.to_owned()) };
            let cells = names.iter().map(|name| Cow::Borrowed(&**name)).zip(row.iter().map(value));
            file.record(Record { line, fields: cells.collect() });
        }
    }
}

fn uneven(cells: usize, columns: usize, written: &str) -> String {
    format!(
        "has {cells} cells where the header has {columns}; {}",
        hint(written, "put cells that hold commas into quotes")
    )
}

/// What to do: a row of many lines is most likely several.
fn hint(written: &str, otherwise: &str) -> String {
    match written.trim_matches(['\r', '\n']).lines().count() {
        0 | 1 => otherwise.to_owned(),
        lines => format!("it goes over {lines} lines, so look for a quote that is missing"),
    }
}

/// Whether quotes stand around whole cells, and are doubled inside: the reader takes any, and with one too few a row
/// becomes part of a cell of the row before.
fn has_sound_quotes(row: &str) -> bool {
    enum At {
        Begin,
        Bare,
        Quoted,
        /// After a quote inside of quotes.
        Quote,
    }
    let mut at = At::Begin;
    for byte in row.bytes() {
        at = match (at, byte) {
            (At::Begin | At::Quote, b'"') => At::Quoted,
            (At::Bare, b'"') => return false,
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) => At::Quoted,
            (_, b',' | b'\r' | b'\n') => At::Begin,
            (At::Quote, _) => return false,
            (At::Begin | At::Bare, _) => At::Bare,
        };
    }
    !matches!(at, At::Quoted)
}
