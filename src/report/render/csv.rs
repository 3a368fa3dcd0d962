use std::io;

use csv::{Terminator, WriterBuilder};
use serde_json::{Map, Value};

use super::value::flat;
use super::{Answer, Renderer, Report};

/// One table by RFC 4180, for spreadsheets and databases: the rows that are the answer, with their fields
/// as columns.
pub(super) struct Csv;

impl Renderer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn holds(&self, answer: Answer) -> bool {
        answer != Answer::Overview
    }

    fn holds_coverage(&self) -> bool {
        false
    }

    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let section = report.answer().ok_or_else(|| io::Error::other("an overview is not one table"))?;
        let columns = section.columns()?;
        let rows = section.rows.iter().map(|row| row.fields()).collect::<Result<Vec<_>, _>>()?;
        table(&columns, rows.iter(), out)
    }
}

/// Writes rows with a head.
pub fn table<'r>(
    columns: &[String],
    rows: impl Iterator<Item = &'r Map<String, Value>>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(columns.iter().map(|column| cell(Some(&Value::from(column.as_str())))))?;
    for fields in rows {
        table.write_record(columns.iter().map(|column| cell(fields.get(column))))?;
    }
    table.flush()
}

/// What stands in a cell. Text is written by whoever called AWS: characters that a terminal would obey are
/// replaced, and what a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(value: Option<&Value>) -> String {
    let text = flat(value.unwrap_or(&Value::Null));
    if matches!(value, Some(Value::Number(_))) {
        return text;
    }
    let mut shown: String = text.chars().map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }).collect();
    if shown.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        shown.insert(0, '\'');
    }
    shown
}

fn is_obeyed(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::hostile;
    use super::*;

    fn rendered(report: &Report) -> String {
        let mut out = Vec::new();
        Csv.render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_text_is_a_formula_and_no_number_is_a_text() {
        #[track_caller]
        fn check(value: Value, expected: &str) {
            assert_eq!(cell(Some(&value)), expected);
        }
        check(json!("=HYPERLINK(\"http://192.0.2.1\")"), "'=HYPERLINK(\"http://192.0.2.1\")");
        check(json!("+1"), "'+1");
        check(json!("-1"), "'-1");
        check(json!("@SUM(A1)"), "'@SUM(A1)");
        check(json!("\t=1"), "'\t=1");
        check(json!("\r=1"), "'\r=1");
        check(json!("＝1"), "'＝1");
        check(json!(["=1", "b"]), "'=1; b");
        check(json!("a=1"), "a=1");
        check(json!("\u{1b}]0;title\u{7}\u{9b}m"), "\u{fffd}]0;title\u{fffd}\u{fffd}m");
        check(json!(-1), "-1");
        check(Value::Null, "");
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        let report = Report { denied: Some(Vec::new()), ..Report::default() };
        let text = rendered(&report);
        assert!(text.starts_with("principal,kind,action,resource,") && text.ends_with("\r\n"), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn an_overview_is_refused() {
        let report = Report { findings: Some(Vec::new()), ..hostile::denied("") };
        assert!(Csv.render(&report, &mut Vec::new()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_back_is_what_was_written(text in hostile::text()) {
            for report in hostile::each(&text) {
                let section = report.answer().unwrap();
                let written = rendered(&report);
                let mut table = ::csv::Reader::from_reader(written.as_bytes());
                let columns: Vec<String> = table.headers().unwrap().iter().map(str::to_owned).collect();
                prop_assert_eq!(&columns, &section.columns().unwrap());
                let rows: Vec<_> = table.records().collect::<Result<_, _>>().unwrap();
                prop_assert_eq!(rows.len(), section.rows.len());
                for (read, row) in rows.iter().zip(&section.rows) {
                    let fields = row.fields().unwrap();
                    let expected: Vec<String> = columns.iter().map(|column| cell(fields.get(column))).collect();
                    prop_assert_eq!(read.iter().collect::<Vec<_>>(), expected);
                }
            }
        }
    }
}
