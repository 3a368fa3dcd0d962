//! `${inputs.NAME}` and `${steps.ID.COLUMN}`: found in texts, and put in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::model::InputKind;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// As it stands.
    Text(&'t str),
    /// The value of an input.
    Input(&'t str),
    /// All values of a column of an earlier step.
    Column(&'t str, &'t str),
}

/// The pieces of a text; or what is wrong with one.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let Some((name, after)) = inside.split_once('}') else {
            return Err(format!("`${{` is never closed in `{text}`"));
        };
        pieces.push(piece(name)?);
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

fn piece(name: &str) -> Result<Piece<'_>, String> {
    let wrong = || format!("`${{{name}}}` is neither `${{inputs.NAME}}` nor `${{steps.ID.COLUMN}}`");
    match name.split_once('.').ok_or_else(wrong)? {
        ("inputs", input) if !input.is_empty() => Ok(Piece::Input(input)),
        ("steps", rest) => match rest.split_once('.') {
            Some((step, column)) if !step.is_empty() && !column.is_empty() => Ok(Piece::Column(step, column)),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// Whether a value, or one inside it, names an earlier step.
pub fn asks_steps(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            pieces(text).is_ok_and(|pieces| pieces.iter().any(|piece| matches!(piece, Piece::Column(..))))
        }
        Value::Array(items) => items.iter().any(asks_steps),
        Value::Object(members) => members.values().any(asks_steps),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What is put in.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Values of inputs by their names; `null` for those that were left out.
    pub inputs: BTreeMap<String, Value>,
    /// What each input may be.
    pub kinds: BTreeMap<String, InputKind>,
    /// Different values of columns, by step and column.
    pub columns: BTreeMap<(String, String), Vec<Value>>,
}

/// A condition with everything put in.
#[derive(Clone, Debug, PartialEq)]
pub enum Filled {
    /// Nothing is left to ask: it holds.
    Always,
    /// It asks for one of no values: it never holds.
    Never,
    /// It asks.
    Asks(Value),
}

impl Given {
    /// A text with everything put in; `None` where something that was left out is in it.
    pub fn text(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        for piece in pieces(text).ok()? {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Input(name) => match self.inputs.get(name)? {
                    Value::Null => return None,
                    Value::String(value) => filled.push_str(value),
                    value => filled.push_str(&value.to_string()),
                },
                Piece::Column(step, column) => {
                    let values = self.columns.get(&(step.to_owned(), column.to_owned()))?;
                    let texts =
                        values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                    filled.push_str(&texts.collect::<Vec<_>>().join(", "));
                }
            }
        }
        Some(filled)
    }

    /// A condition in Sigma's words with everything put in. A test that asks for an input that was left out is left out
    /// too.
    pub fn condition(&self, condition: &Value) -> Filled {
        match condition {
            Value::Array(parts) => self.any(parts),
            Value::Object(tests) => self.all(tests),
            _ => Filled::Always,
        }
    }

    fn any(&self, parts: &[Value]) -> Filled {
        let mut kept = Vec::new();
        let mut never = false;
        for part in parts {
            match self.condition(part) {
                // It was left out wholly, and asks nothing of its neighbours.
                Filled::Always => {}
                Filled::Never => never = true,
                Filled::Asks(value) => kept.push(value),
            }
        }
        match kept.is_empty() {
            false => Filled::Asks(Value::Array(kept)),
            true if never => Filled::Never,
            true => Filled::Always,
        }
    }

    fn all(&self, tests: &Map<String, Value>) -> Filled {
        let mut kept = Map::new();
        for (field, wanted) in tests {
            if field == "not" {
                match self.condition(wanted) {
                    Filled::Asks(value) => _ = kept.insert(field.clone(), value),
                    // Of what never holds the opposite always does; what was left out asks nothing.
                    Filled::Never | Filled::Always => {}
                }
                continue;
            }
            let wants_whole = !field.contains('|') || field.ends_with("|all");
            let values: Vec<Value> = match wanted {
                Value::Array(values) => values.iter().flat_map(|value| self.values(value, wants_whole)).collect(),
                Value::String(_) => self.values(wanted, wants_whole),
                other => {
                    kept.insert(field.clone(), other.clone());
                    continue;
                }
            };
            let was_left_out = |value: &Value| {
                let text = value.as_str().unwrap_or_default();
                let pieces = pieces(text).unwrap_or_default();
                pieces.iter().any(
                    |piece| matches!(piece, Piece::Input(name) if self.inputs.get(*name).is_none_or(Value::is_null)),
                )
            };
            if values.is_empty() {
                let is_left_out = match wanted {
                    Value::Array(values) => values.iter().any(was_left_out),
                    value => was_left_out(value),
                };
                if is_left_out {
                    continue;
                }
                return Filled::Never;
            }
            let value = match <[Value; 1]>::try_from(values) {
                Ok([one]) => one,
                Err(several) => Value::Array(several),
            };
            kept.insert(field.clone(), value);
        }
        if kept.is_empty() { Filled::Always } else { Filled::Asks(Value::Object(kept)) }
    }

    /// The values that one value of a test stands for.
    fn values(&self, value: &Value, wants_whole: bool) -> Vec<Value> {
        let Some(text) = value.as_str() else { return vec![value.clone()] };
        match pieces(text).unwrap_or_default().as_slice() {
            [Piece::Input(name)] => match self.inputs.get(*name) {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::Array(values)) => values.clone(),
                Some(Value::String(one)) if wants_whole && self.kinds.get(*name) == Some(&InputKind::Principal) => {
                    principal(one)
                }
                Some(value) => vec![value.clone()],
            },
            [Piece::Column(step, column)] => {
                let values = self.columns.get(&((*step).to_owned(), (*column).to_owned()));
                values.into_iter().flatten().map(literal).collect()
            }
            _ => self.text(text).map(Value::String).into_iter().collect(),
        }
    }
}

/// A principal by ARN or by the short name that people know: the last part of the ARN, or the permission set.
pub(super) fn principal(name: &str) -> Vec<Value> {
    if name.starts_with("arn:") || name.starts_with('*') {
        return vec![Value::from(name)];
    }
    // The pattern that stands for a permission set's role has a `*` of its own, which `*` fits.
    let patterns = [name.to_owned(), format!("*/{name}"), format!("*:{name}"), format!("*/AWSReservedSSO_{name}_*")];
    patterns.into_iter().map(Value::from).collect()
}

/// A value that means itself: `*` and `?` of a row are no wildcards.
fn literal(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    Value::String(escaped)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given() -> Given {
        let inputs = [("p", json!("OrdersApp")), ("none", Value::Null), ("l", json!(["a", "b"])), ("n", json!(3))];
        Given {
            inputs: inputs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            kinds: [("p".to_owned(), InputKind::Principal)].into(),
            columns: [
                (("gaps".to_owned(), "principal".to_owned()), vec![json!("arn:x/*"), json!("b")]),
                (("gaps".to_owned(), "empty".to_owned()), Vec::new()),
            ]
            .into(),
        }
    }

    #[test]
    fn tests_for_what_was_left_out_are_left_out() {
        #[track_caller]
        fn check(condition: Value, expected: Filled) {
            assert_eq!(given().condition(&condition), expected, "{condition}");
        }
        let asks = |value| Filled::Asks(value);
        check(json!({"a": "${inputs.none}", "b": 1}), asks(json!({"b": 1})));
        check(json!({"a": "${inputs.none}"}), Filled::Always);
        check(json!([{"a": "${inputs.none}"}, {"b": 1}]), asks(json!([{"b": 1}])));
        check(json!({"a": ["x", "${inputs.l}"]}), asks(json!({"a": ["x", "a", "b"]})));
        check(json!({"a|gte": "${inputs.n}"}), asks(json!({"a|gte": 3})));
        check(json!({"a|contains": "x${inputs.n}y"}), asks(json!({"a|contains": "x3y"})));
        check(json!({"a": "${steps.gaps.principal}"}), asks(json!({"a": ["arn:x/\\*", "b"]})));
        check(json!({"a": "${steps.gaps.empty}", "b": 1}), Filled::Never);
        check(json!([{"a": "${steps.gaps.empty}"}, {"b": 1}]), asks(json!([{"b": 1}])));
        check(json!({"not": {"a": "${steps.gaps.empty}"}, "b": 1}), asks(json!({"b": 1})));
        check(json!({"a": null, "b": true}), asks(json!({"a": null, "b": true})));
        check(json!({"a|contains": "${inputs.p}"}), asks(json!({"a|contains": "OrdersApp"})));
        let names = ["OrdersApp", "*/OrdersApp", "*:OrdersApp", "*/AWSReservedSSO_OrdersApp_*"];
        check(json!({"a": "${inputs.p}"}), asks(json!({"a": names})));
    }

    #[test]
    fn what_is_no_name_is_told() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(pieces(text).unwrap_err(), expected);
        }
        check("${inputs", "`${` is never closed in `${inputs`");
        for wrong in ["x", "inputs.", "steps.a", "steps..b", "input.a"] {
            check(
                &format!("${{{wrong}}}"),
                &format!("`${{{wrong}}}` is neither `${{inputs.NAME}}` nor `${{steps.ID.COLUMN}}`"),
            );
        }
        assert_eq!(pieces("").unwrap(), [Piece::Text("")]);
        assert_eq!(pieces("a$b").unwrap(), [Piece::Text("a$b")]);
    }
}
