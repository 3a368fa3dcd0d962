//! For tickets and wikis: a table a section; documents in fences, to be copied. All text goes through
//! [`inline`], all JSON through [`fenced`].

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::value::{clean, clean_json, flat};
use super::{Renderer, Report, coverage};

/// GitHub's Markdown.
pub(super) struct Markdown;

/// What is shown of rows that have more fields than fit beside each other; of others everything is.
const CHOSEN: &[(&str, &[&str])] = &[
    (
        "denied",
        &[
            "need",
            "principal",
            "action",
            "event_name",
            "resource",
            "policy_type",
            "deny",
            "fixable_by",
            "advice",
            "count",
            "days",
            "last",
            "gap",
        ],
    ),
    ("findings", &["severity", "title", "attack", "principal", "action", "resource", "outcome", "count", "last"]),
    ("privileged_calls", &["principal", "action", "classes", "count", "denied", "last"]),
    ("rationale", &["action", "resource", "resource_from", "count", "last"]),
    ("actions", &["principal", "status", "action", "actions", "allowed", "denied", "last", "why"]),
    (
        "elevation",
        &["principal", "class", "action", "event_name", "outcome", "count", "days", "weeks", "last", "reasons", "gaps"],
    ),
    (
        "timeline",
        &[
            "first",
            "phase",
            "event_name",
            "action",
            "resources",
            "more",
            "outcome",
            "count",
            "scope",
            "privileged",
            "via",
        ],
    ),
    (
        "templates",
        &[
            "principal",
            "target",
            "not_before",
            "not_after",
            "ticket",
            "reasons",
            "body",
            "needs",
            "file",
            "commands",
            "conditions_reviewed",
            "complaints",
        ],
    ),
    ("replay", &["change", "principal", "event_name", "action", "resources", "more", "by", "missing", "count", "last"]),
];

/// Sections whose rows hold documents: each row has a heading of its own.
const DOCUMENTS: &[&str] = &["recommendations", "differences", "templates", "grants"];

/// Of findings in an audit other things matter.
const OF_AUDIT: &[&str] = &["severity", "title", "grants", "principal", "people", "reasons", "count", "first", "last"];

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let command = report.schema.split(['.', '/']).nth(1).unwrap_or(report.schema);
        writeln!(out, "# {} {}\n", report.tool.name, inline(command))?;
        for line in coverage(&report.coverage)? {
            writeln!(out, "- {}", inline(&line))?;
        }
        for section in report.sections() {
            writeln!(out, "\n## {} ({})\n", title(section.name), section.rows.len())?;
            let rows = section.rows.iter().map(|row| row.fields());
            if section.rows.is_empty() {
                writeln!(out, "None.")?;
            } else if DOCUMENTS.contains(&section.name) {
                for (at, fields) in rows.enumerate() {
                    if at > 0 {
                        writeln!(out)?;
                    }
                    document(section.name, &fields?, (3, report.explained), out)?;
                }
            } else {
                let columns = section.columns()?;
                let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                let is_of_audit = report.audit.is_some() && section.name == "findings";
                let chosen = if is_of_audit { Some(OF_AUDIT) } else { chosen(section.name) };
                head(chosen.unwrap_or(&columns), out)?;
                for fields in rows {
                    row(chosen.unwrap_or(&columns), &fields?, out)?;
                }
            }
        }
        let (name, version, catalog) = (report.tool.name, report.tool.version, report.tool.catalog);
        writeln!(out, "\n{name} {version}, what AWS says about actions as of {catalog}")
    }
}

fn chosen(name: &str) -> Option<&'static [&'static str]> {
    CHOSEN.iter().find(|(of, _)| *of == name).map(|(_, fields)| *fields)
}

/// `event_source` as `Event source`.
fn title(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    inline(&first.into_iter().chain(chars).collect::<String>().replace('_', " "))
}

fn head(columns: &[&str], out: &mut dyn Write) -> io::Result<()> {
    columns.iter().try_for_each(|column| write!(out, "| {} ", title(column)))?;
    writeln!(out, "|")?;
    columns.iter().try_for_each(|_| write!(out, "| --- "))?;
    writeln!(out, "|")
}

fn row(columns: &[&str], fields: &Map<String, Value>, out: &mut dyn Write) -> io::Result<()> {
    for column in columns {
        write!(out, "| {} ", inline(&flat(fields.get(*column).unwrap_or(&Value::Null))))?;
    }
    writeln!(out, "|")
}

/// A row under a heading, which is its first field: short fields as a list, tables and documents below.
fn document(
    name: &str,
    fields: &Map<String, Value>,
    (level, explained): (usize, bool),
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = |field: &str| chosen(name).is_none_or(|fields| fields.contains(&field));
    let mut fields = fields.iter().filter(|(field, _)| shown(field));
    let heading = fields.next().map(|(_, value)| inline(&flat(value))).unwrap_or_default();
    writeln!(out, "{} {heading}\n", "#".repeat(level))?;
    let (deep, short): (Vec<_>, Vec<_>) = fields.partition(|(field, value)| is_deep(value) || is_text(field, value));
    for (field, value) in short {
        let texts = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
        for text in texts.iter().filter(|text| !text.is_null()) {
            writeln!(out, "- {}: {}", title(field), inline(&flat(text)))?;
        }
    }
    for (field, value) in deep {
        writeln!(out)?;
        match value {
            Value::Array(items) if is_text(field, value) => {
                let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                fenced_text(&lines.join("\n"), out)?;
            }
            Value::Array(items) => list(field, items, (level, explained), out)?,
            Value::String(text) => fenced_text(text, out)?,
            _ => fenced(value, out)?,
        }
    }
    Ok(())
}

/// Rows within a row: a table, or where they hold documents again, each under its heading.
fn list(name: &str, items: &[Value], (level, explained): (usize, bool), out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = items.iter().filter_map(Value::as_object).collect();
    if rows.iter().any(|fields| fields.values().any(Value::is_object)) {
        for (at, fields) in rows.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            document(name, fields, (level + 1, explained), out)?;
        }
        return Ok(());
    }
    writeln!(out, "{} {}\n", "#".repeat(level + 1), title(name))?;
    let all: Vec<&str> = rows.first().into_iter().flat_map(|fields| fields.keys()).map(String::as_str).collect();
    let is_evidence = explained && name == "rationale";
    let columns = chosen(name).filter(|_| !is_evidence).unwrap_or(&all);
    head(columns, out)?;
    rows.into_iter().try_for_each(|fields| row(columns, fields, out))
}

/// Whether a field holds lines that are to be copied.
fn is_text(field: &str, value: &Value) -> bool {
    match value {
        Value::String(_) => field == "body",
        Value::Array(items) => field == "commands" && !items.is_empty(),
        _ => false,
    }
}

fn is_deep(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => value.is_object(),
    }
}

/// JSON between fences that nothing in it can end.
fn fenced(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    let json = clean_json(&format!("{value:#}"));
    let fence = fence(&json);
    writeln!(out, "{fence}json\n{json}\n{fence}")
}

/// Another text between such fences.
fn fenced_text(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = text.lines().map(clean).collect::<Vec<_>>().join("\n");
    let fence = fence(&text);
    writeln!(out, "{fence}text\n{text}\n{fence}")
}

/// A fence that nothing in a text can end.
pub(in crate::report) fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(3.max(longest + 1))
}

/// Text that means nothing but itself, word by word.
pub fn inline(text: &str) -> String {
    clean(text).split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Characters that begin something in Markdown or HTML wherever they stand.
const SPECIAL: [char; 8] = ['`', '|', '\\', '<', '>', '&', '[', ']'];

/// A plain word as it is. A name, such as an ARN, in a code span: there nobody is mentioned and nothing
/// becomes a link. Special characters as references, which a code span would not resolve.
fn word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-.,;()'\"?…".contains(c) || SPECIAL.contains(&c);
    let name = word.trim_end_matches([',', '.', ';', ':', ')']);
    let end = word.get(name.len()..).unwrap_or_default();
    if is_time(name) || (name.chars().all(is_plain) && !is_link(name)) {
        references(word, |c| SPECIAL.contains(&c))
    } else if name.contains(SPECIAL) {
        format!("<code>{}</code>{end}", references(name, |c| !c.is_alphanumeric()))
    } else {
        format!("`{name}`{end}")
    }
}

/// Text with some characters written as HTML's references to them.
fn references(text: &str, which: impl Fn(char) -> bool) -> String {
    text.chars().map(|c| if which(c) { format!("&#{};", u32::from(c)) } else { c.to_string() }).collect()
}

fn is_time(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte))
}

/// Whether a plain word would become a link.
fn is_link(word: &str) -> bool {
    word.to_ascii_lowercase().contains("www.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::hostile;
    use super::*;

    fn rendered(report: &Report) -> String {
        let mut out = Vec::new();
        Markdown.render(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_means_nothing_but_itself() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(inline(text), expected);
        }
        check("denied 4 times, since 2026-02-05T09:14:02Z.", "denied 4 times, since 2026-02-05T09:14:02Z.");
        check("dynamodb:DeleteItem: denied on arn:aws:s3:::b.", "`dynamodb:DeleteItem`: denied on `arn:aws:s3:::b`.");
        check("Müller & Söhne.pdf", "Müller &#38; Söhne.pdf");
        check("see `trailwright jit`", "see &#96;trailwright jit&#96;");
        check("<script>", "&#60;script&#62;");
        check("<a|b@c>", "<code>&#60;a&#124;b&#64;c&#62;</code>");
        check("[x](http://192.0.2.1)", "<code>&#91;x&#93;&#40;http&#58;&#47;&#47;192&#46;0&#46;2&#46;1</code>)");
        check("@everyone *b* _i_ ~~s~~ #1", "`@everyone` `*b*` `_i_` `~~s~~` `#1`");
        check("www.example.com", "`www.example.com`");
        check("a\nb\r\u{202e}c\u{1b}[m", "<code>a&#65533;b&#65533;&#65533;c&#65533;&#91;m</code>");
        check("a\\", "a&#92;");
    }

    #[test]
    fn nothing_in_a_document_ends_its_fence() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let mut out = Vec::new();
            fenced(&json!(text), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
        check("a", "```json\n\"a\"\n```\n");
        check("\n```\n", "````json\n\"\\n```\\n\"\n````\n");
        check("`````", "``````json\n\"`````\"\n``````\n");
        check("\u{202e}", "```json\n\"\\u202e\"\n```\n");
    }

    #[test]
    fn every_chosen_field_is_one_that_rows_have() {
        let reports = hostile::each("x");
        let sections = reports.iter().flat_map(Report::sections);
        let mut known: Vec<(String, Vec<String>)> =
            sections.map(|section| (section.name.to_owned(), section.columns().unwrap())).collect();
        let deeper = serde_json::to_value(&reports).unwrap();
        let rationale = deeper.pointer("/2/recommendations/0/rationale/0").and_then(Value::as_object).unwrap();
        known.push(("rationale".to_owned(), rationale.keys().cloned().collect()));
        let timelines = deeper.as_array().into_iter().flatten().filter_map(|one| one.pointer("/grants/0/timeline/0"));
        let timeline = timelines.into_iter().next().and_then(Value::as_object).unwrap();
        known.push(("timeline".to_owned(), timeline.keys().cloned().collect()));
        for (name, fields) in CHOSEN.iter().copied().chain([("findings", OF_AUDIT)]) {
            let (_, columns) = known.iter().find(|(known, _)| *known == name).unwrap();
            assert!(fields.iter().all(|field| columns.iter().any(|column| column == field)), "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_line_of_a_table_has_as_many_cells(text in hostile::text()) {
            let mut tables = 0;
            for report in hostile::each(&text).into_iter().chain([hostile::overview(&text)]) {
                let written = rendered(&report);
                let (mut fence, mut cells) = (None, None);
                for line in written.lines() {
                    if let Some(end) = fence {
                        fence = Some(end).filter(|end| line != *end);
                    } else if let Some(end) = line.strip_suffix("json").or(line.strip_suffix("text")).filter(|end| end.starts_with("```")) {
                        fence = Some(end);
                    } else if line.starts_with('|') {
                        let count = line.matches('|').count();
                        prop_assert_eq!(*cells.get_or_insert(count), count, "{}", line);
                        tables += 1;
                    } else {
                        cells = None;
                        prop_assert!(!line.contains(['|', '\\']), "{}", line);
                    }
                }
                prop_assert_eq!(fence, None);
            }
            prop_assert!(tables > 8);
        }

        #[test]
        fn no_character_of_a_text_begins_anything(text in hostile::text()) {
            let shown = inline(&text);
            let shown = shown.replace("<code>", "").replace("</code>", "");
            prop_assert!(!shown.contains(['|', '\\', '<', '>', '[', ']', '\n', '\r']));
            // Backticks come in pairs around one name.
            prop_assert!(shown.split(' ').all(|word| matches!(word.matches('`').count(), 0 | 2)));
        }
    }
}
