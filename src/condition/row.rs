use serde_json::{Map, Value as Json};

use super::{Field, Subject, Value};

/// A row of a table, whose fields are its columns. All of it is known.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r>(pub &'r Map<String, Json>);

impl Subject for Row<'_> {
    fn values(&self, field: &Field, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        match field {
            Field::Column(name) => {
                let mut steps = name.split('.');
                let whole = self.0.get(&**name);
                let column = whole.or_else(|| self.0.get(steps.next()?));
                let steps = if whole.is_some() { Vec::new() } else { steps.collect() };
                let _ = column.is_some_and(|value| walk(value, &steps, each));
            }
            Field::Anything => drop(self.0.values().any(|value| texts(value, each))),
            Field::Recorded(..) | Field::Derived(_) => {}
        }
        true
    }
}

/// Hands over what stands at the end of a path, through every list on the way. Whether that was enough.
fn walk(json: &Json, steps: &[&str], each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
    if let Json::Array(items) = json {
        return items.iter().any(|item| walk(item, steps, each));
    }
    match steps.split_first() {
        Some((step, rest)) => json.get(step).is_some_and(|inside| walk(inside, rest, each)),
        None => tell(json, each),
    }
}

/// Hands over every text inside. Whether that was enough.
fn texts(json: &Json, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
    match json {
        Json::Array(items) => items.iter().any(|item| texts(item, each)),
        Json::Object(members) => members.values().any(|value| texts(value, each)),
        Json::String(_) => tell(json, each),
        _ => false,
    }
}

/// Hands over a value that is no list; none for `null`.
fn tell(json: &Json, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
    match json {
        Json::Null | Json::Array(_) => false,
        Json::Bool(truth) => each(Value::Bool(*truth)),
        Json::Number(number) => each(Value::Number(&number.to_string())),
        Json::String(text) => each(Value::Text(text.as_str().into())),
        Json::Object(_) => each(Value::Object(json.to_string().as_bytes())),
    }
}
