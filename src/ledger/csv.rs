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
        } else if end == text.len() && memchr::memchr_iter(b'"', written.as_bytes()).count() % 2 == 1 {
            file.fatal(
                line,
                "a quote begins a cell and none ends it; end it, and write quotes inside as `\"\"`".into(),
            );
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
    let hint = match written.trim_matches(['\r', '\n']).lines().count() {
        0 | 1 => "put cells that hold commas into quotes".to_owned(),
        lines => format!("it goes over {lines} lines, so look for a quote that is missing"),
    };
    format!("has {cells} cells where the header has {columns}; {hint}")
}
