//! What a value in a request means: whether it asks for something, and how it stands in an ARN.

use std::borrow::Cow;

use crate::catalog::{Form, When};
use crate::decode::Json;
use crate::iam::escape;

/// Whether a value at the place that a condition speaks of says so.
pub(super) fn says(value: Json<'_>, when: When) -> bool {
    let text = || text_of(value).unwrap_or_default();
    match when {
        When::Has(_) => !is_empty(value),
        When::Is(_, wanted) | When::Additional(_, wanted) => text().eq_ignore_ascii_case(wanted),
        When::Starts(_, wanted) => {
            let text = text();
            let word = text.trim_start().split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            word.eq_ignore_ascii_case(wanted)
        }
        When::Contains(_, wanted) => text().to_ascii_lowercase().contains(&wanted.to_ascii_lowercase()),
    }
}

/// A text, or a number or truth value as text.
pub(super) fn text_of(value: Json<'_>) -> Option<Cow<'_, str>> {
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
pub(super) mod tests {
    use super::*;
    use crate::decode::Decoder;

    /// Runs a test over a value.
    pub(in crate::classify) fn with(text: &str, test: impl Fn(Json<'_>)) {
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

    #[test]
    fn a_request_says_what_it_asks_for() {
        with(r#"{"versionId":"v","tags":[],"flag":true,"off":false,"statement":" select * from t"}"#, |json| {
            for (when, expected) in [
                (When::Has("versionId"), true),
                (When::Has("tags"), false),
                (When::Is("flag", "true"), true),
                (When::Has("off"), false),
                (When::Starts("statement", "SELECT"), true),
                (When::Starts("statement", "SEL"), false),
                (When::Contains("statement", "FROM"), true),
            ] {
                assert_eq!(says(json.get(when.path()).unwrap(), when), expected, "{when:?}");
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
