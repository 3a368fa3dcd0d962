//! The cells of a row as what they mean, with what is wrong with them.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp, civil};
use serde_json::Value;

use super::Form;
use super::record::text_of;
use super::row::{Cell, Column, Row};

/// A row being read.
pub(super) struct Cells<'r> {
    pub(super) row: &'r Row,
    form: &'r dyn Form,
    /// What is wrong, and whether that is fatal.
    pub(super) told: Vec<(bool, String)>,
}

impl<'r> Cells<'r> {
    pub(super) fn new(row: &'r Row, form: &'r dyn Form) -> Self {
        let told = row.remarks.iter().map(|what| (false, what.clone())).collect();
        Self { row, form, told }
    }

    pub(super) fn fatal(&mut self, what: String) {
        self.told.push((true, what));
    }

    pub(super) fn warn(&mut self, what: String) {
        self.told.push((false, what));
    }

    /// A column as those who wrote the file call it.
    pub(super) fn name(&self, column: Column) -> &'static str {
        self.form.calls(column)
    }

    /// Whether nothing stands there.
    pub(super) fn is_empty(&self, column: Column) -> bool {
        *self.row.get(column) == Cell::Empty
    }

    /// A text, if it is one.
    pub(super) fn quietly(&self, column: Column) -> Option<&'r str> {
        match self.row.get(column) {
            Cell::Text(text) => Some(text),
            Cell::Empty | Cell::List(_) | Cell::Object(_) => None,
        }
    }

    /// A text that may be missing.
    pub(super) fn text(&mut self, column: Column) -> Option<&'r str> {
        if matches!(self.row.get(column), Cell::List(_) | Cell::Object(_)) {
            self.fatal(format!("`{}` is a list or an object; give one text", self.name(column)));
        }
        self.quietly(column)
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, column: Column) -> Option<&'r str> {
        if self.is_empty(column) {
            self.fatal(format!("`{}` is missing; add it", self.name(column)));
        }
        self.text(column)
    }

    /// A text to be kept.
    pub(super) fn kept(&mut self, column: Column) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    /// A list: of JSON, or with semicolons between.
    pub(super) fn list(&mut self, column: Column) -> Vec<Cow<'r, str>> {
        match self.row.get(column) {
            Cell::Empty => Vec::new(),
            Cell::Text(text) => parts(text),
            Cell::List(items) => {
                let texts: Vec<_> = items.iter().filter_map(text_of).collect();
                if texts.len() < items.len() {
                    self.fatal(format!("`{}` holds something that is no text; take it out", self.name(column)));
                }
                texts
            }
            Cell::Object(_) => {
                self.fatal(format!("`{}` is an object; give a list", self.name(column)));
                Vec::new()
            }
        }
    }

    /// An object: of JSON, or a text that is one.
    pub(super) fn object(&mut self, column: Column) -> Option<Cow<'r, Value>> {
        let found = match self.row.get(column) {
            Cell::Empty => return None,
            Cell::Object(object) => Some(Cow::Borrowed(object)),
            Cell::Text(text) => serde_json::from_str(text).ok().filter(Value::is_object).map(Cow::Owned),
            Cell::List(_) => None,
        };
        if found.is_none() {
            let what = "is no JSON object; one looks like `{\"source_ip\": [\"203.0.113.0/24\"], \"mfa\": true}`";
            self.fatal(format!("`{}` {what}", self.name(column)));
        }
        found
    }

    /// A moment.
    pub(super) fn time(&mut self, column: Column) -> Option<Timestamp> {
        let text = self.text(column)?;
        let time = time(text);
        if let Err(what) = &time {
            self.fatal(format!("`{}`: {what}", self.name(column)));
        }
        time.ok()
    }

    /// A moment that has to be there.
    pub(super) fn required_time(&mut self, column: Column) -> Option<Timestamp> {
        if self.is_empty(column) {
            self.required(column)?;
        }
        self.time(column)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, column: Column) -> bool {
        let Some(text) = self.text(column) else { return false };
        flag(text).unwrap_or_else(|| {
            self.fatal(format!("`{}` is {}; write `true` or `false`", self.name(column), quoted(text)));
            false
        })
    }

    /// The first moment after the window: as it is told, or by how long it lasts.
    pub(super) fn end(&mut self, not_before: Option<Timestamp>) -> Option<Timestamp> {
        let Some(lasts) = self.row.lasts.as_ref().filter(|_| self.is_empty(Column::NotAfter)) else {
            return self.required_time(Column::NotAfter);
        };
        let seconds = lasts.text.parse::<u32>().ok().and_then(|count| i64::from(count).checked_mul(lasts.unit));
        let Some(seconds) = seconds else {
            let unit = if lasts.unit == 1 { "seconds" } else { "hours" };
            self.fatal(format!("`{}` is {}; give a number of {unit}", lasts.name, quoted(&lasts.text)));
            return None;
        };
        let end = not_before?.checked_add(SignedDuration::from_secs(seconds)).ok();
        if end.is_none() {
            self.fatal(format!("`{}` is {}, which goes beyond all calendars", lasts.name, quoted(&lasts.text)));
        }
        end
    }
}

/// What stands between semicolons.
pub(super) fn parts(text: &str) -> Vec<Cow<'_, str>> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(Cow::Borrowed).collect()
}

/// Yes or no, as tables and spreadsheets write it.
pub(super) fn flag(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    (is(["true", "yes", "1"])).then_some(true).or_else(|| is(["false", "no", "0"]).then_some(false))
}

/// A moment, or what is wrong with its text.
fn time(text: &str) -> Result<Timestamp, String> {
    // RFC 3339 knows no zones in brackets.
    let is_written_so = text.bytes().all(|b| b.is_ascii_digit() || b"-:.+TtZz ".contains(&b));
    if let Some(time) = text.parse().ok().filter(|_| is_written_so) {
        return Ok(time);
    }
    // An offset would be passed over.
    let is_local = text.bytes().skip("2026-02-03".len()).all(|b| b.is_ascii_digit() || b":.Tt ".contains(&b));
    match text.parse::<civil::DateTime>() {
        Ok(local) if is_local => Err(format!("{} has no time zone; if it is UTC, write `{local}Z`", quoted(text))),
        _ => Err(format!("{} is no time; one looks like `2026-02-03T09:00:00Z`", quoted(text))),
    }
}

/// A text of a file in a message: not too long, nothing in it that deceives.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).flat_map(shown).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn shown(c: char) -> impl Iterator<Item = char> {
    let is_plain = !c.is_control()
        && !matches!(c, '`' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = is_plain.then_some(c);
    let escaped = (!is_plain).then(|| c.escape_unicode());
    plain.into_iter().chain(escaped.into_iter().flatten())
}
