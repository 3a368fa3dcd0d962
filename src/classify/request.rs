//! Looks into requests and responses along the catalog's paths: whether a request asks for something, and
//! which values stand where a part of an ARN is to be found. Paths and names are compared without case.

use std::borrow::Cow;

use crate::catalog::{Form, When};
use crate::decode::Json;
use crate::iam::escape;

/// Calls `each` with every value at a path. EC2 wraps a request in `<Event>Request` and writes a list item
/// as `{"tag":…,"content":…}`; both are stepped over. A last step `*` is the names of the members.
pub(super) fn values_at<'a>(json: Json<'a>, event: &str, path: &str, each: &mut dyn FnMut(Json<'a>)) {
    let wrapped = || {
        let mut entries = json.entries()?;
        let (name, inside) = entries.next()?;
        if !(name.raw().ends_with(b"Request\"") || name.raw().ends_with(b"Response\"")) {
            return None;
        }
        let name = name.as_str()?;
        let is_wrapper = ["Request", "Response"].iter().any(|end| {
            name.len() == event.len() + end.len()
                && name.get(..event.len()).is_some_and(|start| start.eq_ignore_ascii_case(event))
                && name.ends_with(end)
        });
        (is_wrapper && entries.next().is_none()).then_some(inside)
    };
    step(wrapped().unwrap_or(json), path, each);
}

fn step<'a>(json: Json<'a>, path: &str, each: &mut dyn FnMut(Json<'a>)) {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let mut go_on = |value: Json<'a>| match rest {
        Some(rest) => step(value, rest, each),
        None => each(value),
    };
    if first == "*" {
        return json.entries().into_iter().flatten().for_each(|(name, _)| go_on(name));
    }
    let (name, is_list) = first.strip_suffix("[]").map_or((first, false), |name| (name, true));
    let value = if name.is_empty() { Some(json) } else { json.get_ignoring_case(name) };
    let Some(value) = value else { return };
    if !is_list {
        return go_on(value);
    }
    // A list of one is written without brackets now and then.
    match value.elements() {
        Some(elements) => elements.map(|item| item.get("content").unwrap_or(item)).for_each(go_on),
        None => go_on(value.get("content").unwrap_or(value)),
    }
}

/// Whether a request says so, or `additionalEventData` where it is asked about that.
pub(super) fn says(request: Json<'_>, event: &str, when: When) -> bool {
    let mut found = false;
    values_at(request, event, when.path(), &mut |value| {
        let text = || text_of(value).unwrap_or_default();
        found |= match when {
            When::Has(_) => !is_empty(value),
            When::Is(_, wanted) | When::Additional(_, wanted) => text().eq_ignore_ascii_case(wanted),
            When::Starts(_, wanted) => {
                let text = text();
                let word = text.trim_start().split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                word.eq_ignore_ascii_case(wanted)
            }
            When::Contains(_, wanted) => text().to_ascii_lowercase().contains(&wanted.to_ascii_lowercase()),
        };
    });
    found
}

/// A text, or a number or truth value as text.
fn text_of(value: Json<'_>) -> Option<Cow<'_, str>> {
    if value.is_string() {
        return value.as_str();
    }
    let is_scalar = !matches!(value.raw().first(), Some(b'{' | b'[') | None) && !value.is_null();
    if is_scalar { std::str::from_utf8(value.raw()).ok().map(Cow::Borrowed) } else { None }
}

fn is_empty(value: Json<'_>) -> bool {
    if value.is_null() || value.raw() == b"false" {
        return true;
    }
    match (value.as_str(), value.elements(), value.entries()) {
        (Some(text), ..) => text.is_empty(),
        (None, Some(mut elements), _) => elements.next().is_none(),
        (None, None, Some(mut entries)) => entries.next().is_none(),
        _ => false,
    }
}

/// A value as it stands in an ARN; `None` where the form does not fit.
pub(super) fn formed(value: &str, form: Form) -> Option<Cow<'_, str>> {
    let text = match form {
        Form::AsIs | Form::Suffix => value,
        Form::AfterSlash => value.split_once('/').map_or(value, |(_, rest)| rest),
        Form::Family => value.rsplit_once(':').map_or(value, |(family, _)| family),
        Form::Revision => value.rsplit_once(':').map(|(_, revision)| revision)?,
        Form::Function => function_name(value)?,
        Form::Last => value.rsplit(['/', ':']).next().unwrap_or(value),
        Form::LogGroup => {
            let name = value.split_once(":log-group:").map_or(value, |(_, name)| name);
            name.split(':').next().unwrap_or(name)
        }
        Form::NoSlash => value.strip_prefix('/').unwrap_or(value),
    };
    match form {
        Form::Suffix => Some(Cow::Owned(format!("{}-??????", escape(text)))),
        _ => Some(Cow::Borrowed(text)),
    }
}

/// The function in `name`, `name:qualifier`, `111122223333:function:name[:qualifier]`.
fn function_name(value: &str) -> Option<&str> {
    let rest = value.rsplit_once(":function:").map_or(value, |(_, rest)| rest);
    let rest = rest.strip_prefix("function:").unwrap_or(rest);
    rest.split(':').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decoder;

    /// Runs a test over a value.
    fn with(text: &str, test: impl Fn(Json<'_>)) {
        let record = format!(
            r#"{{"eventTime":"2026-02-03T04:05:06Z","eventSource":"s3.amazonaws.com","eventName":"X","requestParameters":{text}}}"#
        );
        let mut seen = 0;
        let decoded = Decoder::default().records(record.as_bytes(), |record| {
            test(record.unwrap().request_parameters.unwrap());
            seen += 1;
        });
        assert!(decoded.is_ok() && seen == 1);
    }

    #[track_caller]
    fn check_values(text: &str, path: &str, expected: &[&str]) {
        with(text, |json| {
            let mut found = Vec::new();
            values_at(json, "RunInstances", path, &mut |value| found.extend(value.as_str().map(Cow::into_owned)));
            assert_eq!(found, expected, "{path}");
        });
    }

    #[test]
    fn values_are_found_along_a_path() {
        check_values(r#"{"a":{"B":"x"}}"#, "A.b", &["x"]);
        check_values(r#"{"set":{"items":[{"id":"1"},{"id":"2"}]}}"#, "set.items[].id", &["1", "2"]);
        check_values(r#"{"RunInstancesRequest":{"x":[{"tag":1,"content":{"id":"1"}}]}}"#, "x[].id", &["1"]);
        check_values(r#"{"tables":{"one":{},"two":{}}}"#, "tables.*", &["one", "two"]);
        check_values(r#"{"ids":["a","b"]}"#, "ids[]", &["a", "b"]);
        check_values(r#"{"ids":"a"}"#, "ids[]", &["a"]);
        check_values(r#"{"a":null}"#, "a.b", &[]);
    }

    #[test]
    fn a_request_says_what_it_asks_for() {
        with(r#"{"versionId":"v","tags":[],"flag":true,"off":false,"statement":" select * from t"}"#, |json| {
            for (when, expected) in [
                (When::Has("versionId"), true),
                (When::Has("tags"), false),
                (When::Has("missing"), false),
                (When::Is("flag", "true"), true),
                (When::Has("off"), false),
                (When::Starts("statement", "SELECT"), true),
                (When::Starts("statement", "SEL"), false),
                (When::Contains("statement", "FROM"), true),
            ] {
                assert_eq!(says(json, "X", when), expected, "{when:?}");
            }
        });
    }

    #[test]
    fn a_value_gets_the_form_an_arn_has() {
        for (value, form, expected) in [
            ("alias/a/b", Form::AfterSlash, "a/b"),
            ("app:12", Form::Family, "app"),
            ("app:12", Form::Revision, "12"),
            ("https://sqs.eu-west-1.amazonaws.com/111122223333/q", Form::Last, "q"),
            ("/a/b", Form::NoSlash, "a/b"),
            ("/a/b", Form::LogGroup, "/a/b"),
            ("arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:*", Form::LogGroup, "/a/b"),
            ("db", Form::Suffix, "db-??????"),
            ("*", Form::Suffix, "${*}-??????"),
            ("111122223333:function:f:live", Form::Function, "f"),
            ("arn:aws:lambda:eu-west-1:111122223333:function:f", Form::Function, "f"),
            ("f:live", Form::Function, "f"),
        ] {
            assert_eq!(formed(value, form).as_deref(), Some(expected), "{value}");
        }
        assert_eq!(formed("app", Form::Revision), None);
    }
}
