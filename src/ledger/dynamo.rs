//! DynamoDB's JSON, in which each value stands under the letters of its type. Source of the types: DynamoDB API
//! reference, "AttributeValue".

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Takes the types away, if all members have one.
pub(super) fn plain(fields: &mut [(Cow<'_, str>, Value)]) {
    if !fields.is_empty() && fields.iter().all(|(_, value)| typed(value).is_some()) {
        for (_, value) in fields {
            *value = untyped(std::mem::take(value));
        }
    }
}

/// The type of a value and what stands under it.
fn typed(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object()?;
    let (kind, inside) = members.iter().next().filter(|_| members.len() == 1)?;
    let fits = match kind.as_str() {
        "S" | "N" | "B" => inside.is_string(),
        "BOOL" | "NULL" => inside.is_boolean(),
        "SS" | "NS" | "BS" | "L" => inside.is_array(),
        "M" => inside.is_object(),
        _ => false,
    };
    fits.then_some((kind, inside))
}

/// No deeper than what JSON was read from.
fn untyped(mut value: Value) -> Value {
    let Some(kind) = typed(&value).map(|(kind, _)| kind.to_owned()) else { return value };
    let inside = value.get_mut(&kind).map(Value::take).unwrap_or_default();
    match inside {
        _ if kind == "NULL" => Value::Null,
        Value::Array(items) if kind == "L" => Value::Array(items.into_iter().map(untyped).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, untyped(value))).collect::<Map<_, _>>())
        }
        plain => plain,
    }
}
