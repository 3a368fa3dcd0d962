//! Conditions as maps and lists, as runbooks and command lines have them: the words of Sigma, without its names.

use rsigma_parser::{DetectionItem, FieldSpec, Modifier, SigmaParserError, SigmaString, SigmaValue, parse_field_spec};
use serde_json::Value;

use super::compile::{DEEPEST, error, error_at, item};
use super::test::Test;
use super::{Condition, ConditionError, Expression, MODIFIERS, Names, did_you_mean};

/// The key whose condition must not hold.
const NOT: &str = "not";

impl Condition {
    /// A condition on events: a map is and, a list is or, `field|modifier: value`; several values in a list are
    /// alternatives, and none of them is never met. `not` holds what must not be. An empty map is always met.
    pub fn from_value(value: &Value) -> Result<Self, ConditionError> {
        Ok(Self { expression: expression(value, Names::OfEvents, 0)? })
    }

    /// The same over rows of a table, whose fields are its columns; see [`super::Row`].
    pub fn of_rows(value: &Value, columns: &[String]) -> Result<Self, ConditionError> {
        Ok(Self { expression: expression(value, Names::Columns(columns), 0)? })
    }

    /// All of some conditions; always met where there are none.
    #[must_use]
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self { expression: Expression::All(conditions.into_iter().map(|one| one.expression).collect()) }
    }

    /// What is met where this one is not.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { expression: Expression::Not(Box::new(self.expression)) }
    }
}

/// A text as it is written in a condition that means it and nothing like it: `*`, `?` and `\\` stand for themselves.
pub fn literal(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

fn expression(value: &Value, names: Names<'_>, depth: usize) -> Result<Expression, ConditionError> {
    if depth > DEEPEST {
        return Err(error("", "the condition is nested too deep"));
    }
    match value {
        Value::Array(parts) => {
            let parts = parts.iter().map(|part| expression(part, names, depth + 1));
            Ok(Expression::Any(parts.collect::<Result<_, _>>()?))
        }
        Value::Object(members) => {
            let mut parts = Vec::with_capacity(members.len());
            for (key, value) in members {
                match value {
                    // Nothing is left that must not be.
                    Value::Object(inside) if key == NOT && inside.is_empty() => {}
                    Value::Object(_) | Value::Array(_) if key == NOT => {
                        parts.push(Expression::Not(Box::new(expression(value, names, depth + 1)?)));
                    }
                    _ => parts.push(test(key, value, names)?),
                }
            }
            Ok(Expression::All(parts))
        }
        _ => {
            let message =
                format!("a condition is a map such as `eventName: GetObject`, or a list of maps; this is {value}");
            Err(error_at("", &value.to_string(), message))
        }
    }
}

/// `field|modifier: value`.
fn test(key: &str, value: &Value, names: Names<'_>) -> Result<Expression, ConditionError> {
    let field = field_spec(key)?;
    let values = match value {
        Value::Array(values) => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let is_pattern = field.has_modifier(Modifier::Re);
    let values = values.iter().map(|value| scalar(value, is_pattern).ok_or(value)).collect::<Result<Vec<_>, _>>();
    let values = values.map_err(|value| {
        let message = "is a text, a number, true or false, or a list of them; parts of a field have names with dots";
        error_at(key, &value.to_string(), format!("the value of `{key}` {message}"))
    })?;
    if values.is_empty() {
        return Ok(Expression::Any(Vec::new()));
    }
    let asked = item(&DetectionItem { field, values }, names)?;
    check(&asked, key)?;
    Ok(asked)
}

fn field_spec(key: &str) -> Result<FieldSpec, ConditionError> {
    parse_field_spec(key).map_err(|wrong| match wrong {
        SigmaParserError::UnknownModifier(name) => {
            let hint = did_you_mean(&name, MODIFIERS.iter().copied());
            let hint = if hint.is_empty() { format!("; those that are: {}", MODIFIERS.join(", ")) } else { hint };
            error_at(key, &format!("|{name}"), format!("there is no modifier `{name}`{hint}"))
        }
        _ => {
            error_at(key, "|not", format!("there is no modifier `not`; put `{}` below `not`", key.replace("|not", "")))
        }
    })
}

fn scalar(value: &Value, is_pattern: bool) -> Option<SigmaValue> {
    Some(match value {
        Value::Null => SigmaValue::Null,
        Value::Bool(truth) => SigmaValue::Bool(*truth),
        Value::Number(number) => match number.as_i64() {
            Some(number) => SigmaValue::Integer(number),
            None => SigmaValue::Float(number.as_f64()?),
        },
        Value::String(text) if is_pattern => SigmaValue::String(SigmaString::from_raw(text)),
        Value::String(text) => SigmaValue::String(SigmaString::new(text)),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Refuses what no value of the field can be: then nothing would be found, and nobody would know why.
fn check(asked: &Expression, key: &str) -> Result<(), ConditionError> {
    let tests: &[Expression] = match asked {
        Expression::All(parts) | Expression::Any(parts) | Expression::Some(_, parts) => parts,
        Expression::Not(part) => return check(part, key),
        Expression::Test(_) => std::slice::from_ref(asked),
    };
    for test in tests {
        let Expression::Test(Test { field, check }) = test else { continue };
        if check.asks_for_network() && !field.has_addresses() {
            let message = "is never an address; sourceIPAddress is, and parts of the request can be";
            return Err(error(key, format!("`{field}` {message}")));
        }
        if check.asks_for_order() && !field.has_order() {
            let message = "is no number and no time; eventTime is one, and parts of the request can be";
            return Err(error(key, format!("`{field}` {message}")));
        }
        if check.asks_for_truth_or_number() && field.words().is_some_and(|words| !words.contains(&"true")) {
            let words = field.words().unwrap_or_default().join(", ");
            return Err(error(key, format!("`{field}` is a word: one of {words}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Answer, Row};
    use super::*;

    fn columns() -> Vec<String> {
        ["principal", "need", "count", "last", "reasons", "evidence"].map(str::to_owned).into()
    }

    #[test]
    fn rows_are_asked_by_their_columns() {
        let row = json!({
            "principal": "arn:aws:iam::111122223333:role/OrdersApp",
            "need": "need",
            "count": 12,
            "last": "2026-02-03T04:05:06Z",
            "reasons": ["often", "for weeks"],
            "evidence": [{"file": "a.json", "record": 3}],
        });
        #[track_caller]
        fn check(row: &Value, condition: &Value, expected: bool) {
            let condition = Condition::of_rows(condition, &columns()).unwrap();
            let answer = condition.ask(&Row(row.as_object().unwrap()));
            assert_eq!(answer == Answer::Yes, expected, "{condition:?}");
        }
        check(&row, &json!({}), true);
        check(&row, &json!([]), false);
        check(&row, &json!({"need": "NEED", "count|gte": 12}), true);
        check(&row, &json!({"count|gt": 12}), false);
        check(&row, &json!({"count": [11, 12]}), true);
        check(&row, &json!({"count": []}), false);
        check(&row, &json!({"last|gte": "2026-02-03", "last|lte": "2026-02-03"}), true);
        check(&row, &json!({"last|gt": "2026-02-03"}), false);
        check(&row, &json!({"reasons": "for weeks"}), true);
        check(&row, &json!({"reasons|all": ["often", "for weeks"]}), true);
        check(&row, &json!({"evidence.record": 3, "evidence.file|endswith": ".json"}), true);
        check(&row, &json!({"principal": "*/OrdersApp", "not": {"need": ["probing", "noise"]}}), true);
        check(&row, &json!({"not": {}}), true);
        check(&row, &json!({"not": [{"need": "need"}, {"count|gt": 100}]}), false);
        check(&row, &json!({"|contains": "orders"}), true);
    }

    #[test]
    fn what_cannot_be_asked_is_told_with_what_may_have_been_meant() {
        #[track_caller]
        fn check(condition: &Value, expected: &str) {
            assert_eq!(Condition::of_rows(condition, &columns()).unwrap_err().message, expected);
        }
        check(&json!({"principl": "a"}), "there is no column `principl`; did you mean `principal`?");
        check(&json!({"x": "a"}), "there is no column `x`; there are principal, need, count, last, reasons, evidence");
        check(&json!({"need|contain": "a"}), "there is no modifier `contain`; did you mean `contains`?");
        check(&json!({"need|not": "a"}), "there is no modifier `not`; put `need` below `not`");
        check(&json!({"count|gte": "many"}), "`count` is compared with `many`, which is no number and no time");
        check(&json!({"need|re": "("}), "`(` is no regular expression: unclosed group");
        let mut deep = json!({});
        (0..100).for_each(|_| deep = json!([deep.take()]));
        check(&deep, "the condition is nested too deep");
    }

    proptest! {
        #[test]
        fn a_literal_means_itself_and_nothing_else(text in r"[a?*\\]{0,5}", other in r"[a?*\\]{0,5}") {
            let condition = Condition::of_rows(&json!({"need": literal(&text)}), &columns()).unwrap();
            let ask = |value: &str| condition.ask(&Row(json!({"need": value}).as_object().unwrap())) == Answer::Yes;
            prop_assert!(ask(&text));
            prop_assert_eq!(ask(&other), text == other);
        }
    }
}
