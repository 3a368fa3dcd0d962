//! What a field of an event is as a value, and how values are sorted.

use serde_json::{Number, Value, json};

use crate::condition::{Derived, EventView, Field, Subject, Value as Told};

/// The values of a field: none, one, or a list of different ones.
pub(super) fn cell(event: &EventView<'_, '_>, field: &Field) -> Value {
    let mut values: Vec<Value> = Vec::new();
    event.values(field, &mut |told| {
        let value = value_of(told);
        // A resource that nobody knows is none.
        let is_unknown = *field == Field::Derived(Derived::Resource) && value == "*";
        if !is_unknown && !values.contains(&value) {
            values.push(value);
        }
        // Names are handed over as recorded first, then as they may be meant too.
        matches!(field, Field::Recorded(member, _) if member.is_called())
    });
    match values.len() {
        0 => Value::Null,
        1 => values.pop().unwrap_or_default(),
        _ => Value::Array(values),
    }
}

fn value_of(told: Told<'_>) -> Value {
    match told {
        Told::Text(text) => Value::String(text.into_owned()),
        Told::Number(written) => written.parse::<Number>().map_or_else(|_| json!(written), Value::Number),
        Told::Bool(truth) => Value::Bool(truth),
        Told::Object(raw) => {
            serde_json::from_slice(raw).unwrap_or_else(|_| json!(String::from_utf8_lossy(raw).into_owned()))
        }
    }
}

/// The values in a cell, each for itself.
pub(super) fn each(cell: &Value) -> &[Value] {
    match cell {
        Value::Null => &[],
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// Adds bytes to a key, so that keys compare as values do: nothing, then truth values, numbers, texts, others. Where the
/// greatest come first, all of that the other way round.
pub(super) fn encode(value: &Value, is_descending: bool, key: &mut Vec<u8>) {
    let start = key.len();
    match value {
        Value::Null => key.push(0),
        Value::Bool(truth) => key.extend([1, u8::from(*truth)]),
        Value::Number(number) => {
            key.push(2);
            let bits = number.as_f64().unwrap_or_default().to_bits();
            // The bits of floats compare as numbers do once negative ones are turned round.
            let ordered = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
            key.extend(ordered.to_be_bytes());
        }
        Value::String(text) => encode_text(3, text, key),
        Value::Array(_) | Value::Object(_) => encode_text(4, &value.to_string(), key),
    }
    if is_descending {
        key.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
    }
}

/// A text ends with two zeros; one in it is followed by something greater.
fn encode_text(kind: u8, text: &str, key: &mut Vec<u8>) {
    key.push(kind);
    for byte in text.bytes() {
        key.push(byte);
        if byte == 0 {
            key.push(u8::MAX);
        }
    }
    key.extend([0, 0]);
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1000..1000_i64).prop_map(Value::from),
            any::<f64>().prop_filter_map("a number", |number| Number::from_f64(number).map(Value::Number)),
            "[\u{0}a\u{ff}]{0,3}".prop_map(Value::from),
        ]
    }

    fn compare(a: &Value, b: &Value) -> Ordering {
        match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (a, b) => kind(a).cmp(&kind(b)),
        }
    }

    fn kind(value: &Value) -> u8 {
        match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Number(_) => 2,
            _ => 3,
        }
    }

    proptest! {
        #[test]
        fn keys_compare_as_values_do(a in value(), b in value(), is_descending in any::<bool>()) {
            let key = |value: &Value| {
                let mut key = Vec::new();
                encode(value, is_descending, &mut key);
                key
            };
            let expected = compare(&a, &b);
            prop_assert_eq!(key(&a).cmp(&key(&b)), if is_descending { expected.reverse() } else { expected });
        }
    }
}
