//! The only place where words of a runbook become words of SQL.

/// Words that Trino keeps to itself.
const RESERVED: &[&str] = &[
    "alter",
    "and",
    "as",
    "between",
    "by",
    "case",
    "cast",
    "constraint",
    "create",
    "cross",
    "cube",
    "current_catalog",
    "current_date",
    "current_path",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "deallocate",
    "delete",
    "describe",
    "distinct",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "execute",
    "exists",
    "extract",
    "false",
    "for",
    "from",
    "full",
    "group",
    "grouping",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "json_array",
    "json_exists",
    "json_object",
    "json_query",
    "json_table",
    "json_value",
    "left",
    "like",
    "listagg",
    "localtime",
    "localtimestamp",
    "natural",
    "normalize",
    "not",
    "null",
    "on",
    "or",
    "order",
    "outer",
    "prepare",
    "recursive",
    "right",
    "rollup",
    "select",
    "skip",
    "table",
    "then",
    "trim",
    "true",
    "uescape",
    "union",
    "unnest",
    "using",
    "values",
    "when",
    "where",
    "with",
];

/// A text. Trino knows no backslashes inside.
pub(in crate::runbook::online) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A name, quoted where it has to be.
pub(super) fn name(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !RESERVED.contains(&name);
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('\0', "").replace('"', "\"\"")) }
}

/// A pattern for LIKE from pieces: texts that stand for themselves, and wildcards.
pub(super) struct Pattern(String, bool);

impl Pattern {
    pub(super) fn new() -> Self {
        Self(String::new(), false)
    }

    pub(super) fn literal(&mut self, literal: &str) {
        for c in literal.chars() {
            if matches!(c, '%' | '_' | '\\') {
                self.0.push('\\');
                self.1 = true;
            }
            self.0.push(c);
        }
    }

    pub(super) fn any(&mut self, wildcard: char) {
        self.0.push(wildcard);
    }

    pub(super) fn finish(self) -> String {
        let escape = if self.1 { " ESCAPE '\\'" } else { "" };
        format!("{}{escape}", text(&self.0))
    }
}

/// CASE, from conditions with their words.
pub(in crate::runbook::online) fn when(cases: &[(String, &str)], otherwise: &str) -> String {
    let cases: String = cases.iter().map(|(when, then)| format!("\n    WHEN {when} THEN {}", text(then))).collect();
    format!("CASE{cases}\n    ELSE {} END", text(otherwise))
}
