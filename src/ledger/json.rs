//! JSON: a value a line, one after the other, a list, or the answer of an API around a list.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::cells::quoted;
use super::dynamo;
use super::lines::Lines;
use super::read::File;
use super::record::Record;

/// What APIs put around grants.
const WRAPPERS: &[&str] = &["data", "items", "Items", "Item", "requests", "grants"];
/// What says that there is more than one page.
const PAGES: &[&str] = &["nextToken", "next", "LastEvaluatedKey", "NextToken"];
/// Wrappers in each other.
const DEPTH: usize = 6;

/// Hands over each record. Where a value is broken, reading goes on at the next line that begins with `{`, and from then
/// on no value may go beyond its line: so what is damaged costs itself, and no more time than its length.
pub(super) fn records(text: &str, file: &mut File<'_>) {
    let mut walk = Walk { text, lines: Lines::new(text), file };
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let error = loop {
        match values.next() {
            Some(Ok(raw)) => walk.value(raw, false, DEPTH),
            Some(Err(error)) => break error,
            None => return,
        }
    };
    let rest = text.get(values.byte_offset()..).unwrap_or_default().trim_start();
    let begin = text.len() - rest.len();
    let line = walk.lines.of(begin);
    let is_list = rest.starts_with('[');
    let unread = if is_list { "nothing of the list was read" } else { "read on at the next line that begins with `{`" };
    walk.file.fatal(line, format!("is no JSON: {}; {unread}", cause(&error, 1, line)));
    // The records of a list cannot be told from what is inside of them.
    if !is_list {
        walk.line_by_line(begin);
    }
}

/// What a parser says of a text that stands at a line, and where, if not where the value begins.
fn cause(error: &serde_json::Error, text_at: u64, begins: u64) -> String {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let hint = if error.is_eof() { "; it ends too early, so export it again" } else { "" };
    match (text_at + error.line() as u64).saturating_sub(1) {
        line if line > begins => format!("{said} in line {line}{hint}"),
        _ => format!("{said}{hint}"),
    }
}

struct Walk<'t, 'f, 'r> {
    text: &'t str,
    lines: Lines<'t>,
    file: &'f mut File<'r>,
}

impl<'t> Walk<'t, '_, '_> {
    /// Goes on after the line in which something broken begins, which has been told.
    fn line_by_line(&mut self, begin: usize) {
        let mut at = begin;
        let mut is_told = true;
        for (number, line) in self.text.get(begin..).unwrap_or_default().split_inclusive('\n').enumerate() {
            let place = self.lines.of(at);
            at += line.len();
            if number == 0 || line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<&RawValue>(line.trim_end()) {
                Ok(raw) if line.starts_with('{') => {
                    is_told = false;
                    self.value(raw, false, DEPTH);
                }
                Err(error) if line.starts_with('{') => {
                    is_told = true;
                    self.file.fatal(place, format!("is no JSON: {}", cause(&error, place, place)));
                }
                _ if !is_told => {
                    is_told = true;
                    self.file.fatal(place, format!("is no JSON: {}", quoted(line.trim())));
                }
                _ => {}
            }
        }
    }

    fn value(&mut self, raw: &'t RawValue, in_data: bool, depth: usize) {
        // A part of the text, so their distance is where it begins.
        let at = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let line = self.lines.of(at);
        match raw.get().as_bytes().first() {
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
                Ok(items) if depth > 0 => items.into_iter().for_each(|item| self.value(item, false, depth - 1)),
                _ => self.file.fatal(line, "is a list in too many others; give the list of grants itself".to_owned()),
            },
            Some(b'{') => self.object(raw.get(), line, in_data, depth),
            _ => {
                let what = format!("{} is no grant; one is an object, as in `{{\"grant_id\": …}}`", quoted(raw.get()));
                self.file.fatal(line, what);
            }
        }
    }

    fn object(&mut self, text: &'t str, line: u64, in_data: bool, depth: usize) {
        let Ok(Members(members)) = serde_json::from_str::<Members<&'t RawValue>>(text) else {
            return self.file.fatal(line, "has a name that is no text; export it again".to_owned());
        };
        let wraps = |(name, inside): &(String, &RawValue)| {
            (in_data || WRAPPERS.contains(&name.as_str())) && inside.get().starts_with(['{', '[', 'n'])
        };
        if depth == 0 || !members.iter().any(wraps) {
            return self.record(text, line);
        }
        for (name, inside) in &members {
            let says = inside.get();
            if PAGES.contains(&name.as_str()) && !matches!(says, "null" | "\"\"") {
                let what = format!("`{name}` says that there are more pages; export and give them too");
                self.file.warn(line, what);
            } else if name == "errors" && !matches!(says, "null" | "[]") {
                let what = "`errors` says that the export did not go through wholly; export it again";
                self.file.warn(line, what.to_owned());
            }
        }
        for (name, inside) in members.iter().filter(|member| wraps(member)) {
            if inside.get() != "null" {
                self.value(inside, name == "data", depth - 1);
            }
        }
    }

    fn record(&mut self, text: &str, line: u64) {
        let fields = match serde_json::from_str::<Members<Value>>(text) {
            Ok(Members(members)) => members,
            Err(error) => return self.file.fatal(line, format!("is no JSON: {}", cause(&error, line, line))),
        };
        let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        if let Some([name, _]) = names.array_windows().find(|[one, next]| one == next) {
            return self.file.fatal(line, format!("{} stands there twice; keep the right one", quoted(name)));
        }
        let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (Cow::Owned(name), value)).collect();
        dynamo::plain(&mut fields);
        self.file.record(Record { line, fields });
    }
}

/// The members of an object as they stand there, twice if they do.
struct Members<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for MembersVisitor<V> {
    type Value = Members<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
