use std::io;

use serde::Serialize;

use super::value::clean_json;
use super::{Renderer, Report};
use crate::report::{CoverageRow, Tool};

/// JSON Lines, for programs that take a row at a time: what was read on the first line, then one row a
/// line, in the order and with the fields of the JSON object. `type` tells lines apart.
pub(super) struct Jsonl;

#[derive(Serialize)]
struct Head<'r> {
    schema: &'static str,
    tool: &'r Tool,
    coverage: &'r CoverageRow,
}

impl Renderer for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let head = Head { schema: report.schema, tool: &report.tool, coverage: &report.coverage };
        line("report", &serde_json::to_string(&head)?, out)?;
        for section in report.sections() {
            for row in section.rows {
                line(section.name, &row.json()?, out)?;
            }
        }
        Ok(())
    }
}

/// An object with its type before its own members.
fn line(name: &str, object: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let members = object.strip_prefix('{').unwrap_or(object);
    writeln!(out, "{{\"type\":\"{name}\",{}", clean_json(members))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::hostile;
    use super::*;

    proptest! {
        #[test]
        fn lines_hold_what_the_json_object_holds(text in hostile::text()) {
            for report in hostile::each(&text).into_iter().chain([hostile::overview(&text)]) {
                let mut out = Vec::new();
                Jsonl.render(&report, &mut out).unwrap();
                let out = String::from_utf8(out).unwrap();
                let mut whole = json!({});
                for line in out.lines() {
                    let mut members: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
                    let name = members.shift_remove("type").unwrap();
                    match name.as_str().unwrap() {
                        "report" => whole = Value::Object(members),
                        name => {
                            let rows = &mut whole[name];
                            *rows = rows.as_array().cloned().unwrap_or_default().into_iter().chain([members.into()]).collect();
                        }
                    }
                }
                // Each section has a row here, so that none is missing. Some are one row, and no list of rows.
                let mut expected = serde_json::to_value(&report).unwrap();
                for section in report.sections() {
                    if expected[section.name].is_object() {
                        expected[section.name] = json!([expected[section.name].take()]);
                    }
                }
                prop_assert_eq!(whole, expected);
            }
        }
    }
}
