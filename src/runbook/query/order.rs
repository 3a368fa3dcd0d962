//! In which order rows come.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::detect::Severity;

/// Compares two rows by some columns.
pub(super) fn by(order: &[(String, bool)], a: &Map<String, Value>, b: &Map<String, Value>) -> Ordering {
    let value = |row: &Map<String, Value>, column: &str| row.get(column).cloned().unwrap_or_default();
    for (column, is_descending) in order {
        let compared = match column == "severity" {
            true => severity(a.get(column)).cmp(&severity(b.get(column))),
            false => compare(&value(a, column), &value(b, column)),
        };
        let compared = if *is_descending { compared.reverse() } else { compared };
        if compared != Ordering::Equal {
            return compared;
        }
    }
    Ordering::Equal
}

fn severity(value: Option<&Value>) -> Option<Severity> {
    value?.as_str()?.parse().ok()
}

/// Nothing first, then truth values, numbers, texts, and what has parts.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (a, b) if kind(a) != kind(b) => kind(a).cmp(&kind(b)),
        (a, b) => a.to_string().cmp(&b.to_string()),
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    }
}
