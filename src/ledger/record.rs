//! One element of a file: a row of a table, or an object of JSON.

use std::borrow::Cow;

use serde_json::Value;

/// Members as they stand there. Those of a table are texts, or null where nothing stands.
#[derive(Debug)]
pub(super) struct Record<'h> {
    pub(super) line: u64,
    pub(super) fields: Vec<(Cow<'h, str>, Value)>,
}

impl Record<'_> {
    /// What stands at a path such as `grant.start`: under that name as a whole, or step by step. Null is nothing.
    pub(super) fn get(&self, path: &str) -> Option<&Value> {
        let member = |name: &str| self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        let found = member(path).or_else(|| {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(member(first)?, |value, step| value.get(step))
        });
        found.filter(|value| !value.is_null())
    }

    /// The first text of some paths that is not empty; a number or a truth value as one.
    pub(super) fn text(&self, paths: &[&str]) -> Option<Cow<'_, str>> {
        paths.iter().find_map(|path| text_of(self.get(path)?))
    }
}

/// A value as a text, unless it is empty or no single one.
pub(super) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.trim()),
        Value::Bool(_) | Value::Number(_) => Cow::Owned(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
