//! Values as text: what formats share that put one on a line.

use std::io::{self, Write};

use serde_json::{Map, Value};

/// Text from a log, with nothing in it that deceives.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if deceives(c) { '\u{fffd}' } else { c }).collect()
}

/// JSON with such characters escaped: it means the same.
pub fn clean_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        // In JSON, line ends stand between values only.
        if deceives(c) && c != '\n' {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

/// Does the same to JSON as it is written; only whole characters may come at a time.
pub(super) struct CleanJson<'o>(pub(super) &'o mut dyn Write);

impl Write for CleanJson<'_> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        if json.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
            self.0.write_all(json)?;
        } else {
            let json = std::str::from_utf8(json).map_err(io::Error::other)?;
            self.0.write_all(clean_json(json).as_bytes())?;
        }
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a terminal would obey a character, some would end a line at it, or it turns the reading direction
/// of its neighbours round.
fn deceives(c: char) -> bool {
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || ends_line || turns
}

/// A value in one text: nothing for `null`, a list joined by `; `, JSON for what is deeper.
pub fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => match items.iter().map(item).collect::<Option<Vec<_>>>() {
            Some(texts) => texts.join("; "),
            None => value.to_string(),
        },
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// An item of a list, unless it takes JSON to tell.
fn item(value: &Value) -> Option<String> {
    match value {
        Value::Object(fields) => evidence(fields),
        Value::Null | Value::Array(_) => None,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(flat(value)),
    }
}

/// `file#record event_id`, for an event that says where it is and no more.
fn evidence(fields: &Map<String, Value>) -> Option<String> {
    let (file, record, event_id) = (fields.get("file")?, fields.get("record")?, fields.get("event_id")?);
    (fields.len() == 3).then(|| format!("{}#{} {}", flat(file), flat(record), flat(event_id)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_one_text() {
        #[track_caller]
        fn check(value: Value, expected: &str) {
            assert_eq!(flat(&value), expected);
        }
        check(Value::Null, "");
        check(json!("a"), "a");
        check(json!(7), "7");
        check(json!(true), "true");
        check(json!([]), "");
        check(json!(["a", "b", 3]), "a; b; 3");
        check(json!({"b": 1, "a": [2]}), r#"{"b":1,"a":[2]}"#);
        check(json!([{"b": 1}]), r#"[{"b":1}]"#);
        let event = json!({"file": "f.json", "record": 7, "event_id": "e-1"});
        check(json!([event, event]), "f.json#7 e-1; f.json#7 e-1");
        let told = json!([{"file": "f", "record": 7, "event_id": "e", "content": {"x": 1}}]);
        check(told.clone(), &told.to_string());
    }

    proptest! {
        #[test]
        fn cleaned_json_means_the_same(text in any::<String>(), deceiving in "[\u{202e}\u{2066}\u{2028}\u{9b}\u{7f}]*") {
            let value = json!({ text.clone(): [deceiving, text] });
            for json in [value.to_string(), format!("{value:#}")] {
                let cleaned = clean_json(&json);
                prop_assert!(!cleaned.chars().any(|c| deceives(c) && c != '\n'));
                prop_assert_eq!(serde_json::from_str::<Value>(&cleaned).unwrap(), value.clone());
            }
        }
    }
}
