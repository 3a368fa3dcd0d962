//! From JSON to a [`Document`]. Lenient: AWS accepted the text, or was asked to; what this reader does not
//! know is left out and flagged, never guessed.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{Condition, Document, Listed, PrincipalElement, PrincipalKey, Statement};
use crate::iam::Effect;

/// Why a text is no policy document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// No JSON, or nested deeper than any policy.
    #[error("no valid JSON")]
    NotJson,
    /// JSON of another type.
    #[error("no JSON object")]
    NotAnObject,
    /// An object that is about something else.
    #[error("no `Statement` in it")]
    NoStatement,
}

impl Document {
    /// Reads a document. IAM gives some documents percent-encoded; these are decoded first. Where a key
    /// stands twice in an object, the last one counts, though IAM refuses such documents.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let text = decoded(text)?;
        // serde_json gives up at a depth of 128, so that no nesting overflows the stack.
        match serde_json::from_str(&text) {
            Ok(Value::Object(object)) => Self::of(object),
            Ok(_) => Err(DocumentError::NotAnObject),
            Err(_) => Err(DocumentError::NotJson),
        }
    }

    /// Reads a document that is taken apart already.
    pub fn of(object: Map<String, Value>) -> Result<Self, DocumentError> {
        let mut document = Self::default();
        let mut statements = None;
        for (key, value) in object {
            match Element::of(&key) {
                Some(Element::Version) => document.version = text(value),
                Some(Element::Id) => document.id = text(value),
                Some(Element::Statement) => statements = Some(value),
                _ => document.unread.push(key),
            }
        }
        let statements = match statements.ok_or(DocumentError::NoStatement)? {
            Value::Array(statements) => statements,
            statement @ Value::Object(_) => vec![statement],
            _ => return Err(DocumentError::NoStatement),
        };
        for (number, value) in (1..).zip(statements) {
            match Statement::of(number, value) {
                Some(statement) => document.statements.push(statement),
                None => document.unread.push(format!("statement {number}")),
            }
        }
        Ok(document)
    }
}

/// A document as plain text, where it is percent-encoded.
pub(in crate::iam) fn decoded(text: &str) -> Result<Cow<'_, str>, DocumentError> {
    let is_encoded = text.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7B"));
    match is_encoded {
        true => percent_decode_str(text).decode_utf8().map_err(|_| DocumentError::NotJson),
        false => Ok(Cow::Borrowed(text)),
    }
}

/// The elements of a document and its statements.
#[derive(Clone, Copy)]
enum Element {
    Version,
    Id,
    Statement,
    Sid,
    Effect,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
}

impl Element {
    /// The grammar writes them in one way, and AWS says of condition keys only that case does not matter
    /// (IAM user guide, "IAM JSON policy elements: Condition"). They are compared without case all the
    /// same: no other element could be meant, and whether a service took the document is in the event.
    fn of(key: &str) -> Option<Self> {
        const NAMES: &[(&str, Element)] = &[
            ("Version", Element::Version),
            ("Id", Element::Id),
            ("Statement", Element::Statement),
            ("Sid", Element::Sid),
            ("Effect", Element::Effect),
            ("Principal", Element::Principal),
            ("NotPrincipal", Element::NotPrincipal),
            ("Action", Element::Action),
            ("NotAction", Element::NotAction),
            ("Resource", Element::Resource),
            ("NotResource", Element::NotResource),
            ("Condition", Element::Condition),
        ];
        NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, element)| *element)
    }
}

impl Statement {
    /// `None` where the effect is neither Allow nor Deny: nobody can say then what it does.
    fn of(number: usize, value: Value) -> Option<Self> {
        let Value::Object(object) = value else { return None };
        let (mut effect, mut unread) = (None, Vec::new());
        let (mut sid, mut principal, mut action, mut resource, mut conditions) = (None, None, None, None, Vec::new());
        for (key, value) in object {
            let element = Element::of(&key);
            // Of an element and its `Not…` there may be one, and which one is meant nobody can say.
            let mut is_partly_read = match element {
                Some(Element::Principal | Element::NotPrincipal) => principal.is_some(),
                Some(Element::Action | Element::NotAction) => action.is_some(),
                Some(Element::Resource | Element::NotResource) => resource.is_some(),
                _ => false,
            };
            let flag = &mut is_partly_read;
            match element {
                Some(Element::Sid) => sid = text(value),
                Some(Element::Effect) => {
                    effect = text(value).and_then(|text| match text.to_ascii_lowercase().as_str() {
                        "allow" => Some(Effect::Allow),
                        "deny" => Some(Effect::Deny),
                        _ => None,
                    });
                }
                Some(Element::Principal) => principal = Some(Listed::Only(principals(value, flag))),
                Some(Element::NotPrincipal) => principal = Some(Listed::AllBut(principals(value, flag))),
                Some(Element::Action) => action = Some(Listed::Only(texts(value, flag))),
                Some(Element::NotAction) => action = Some(Listed::AllBut(texts(value, flag))),
                Some(Element::Resource) => resource = Some(Listed::Only(texts(value, flag))),
                Some(Element::NotResource) => resource = Some(Listed::AllBut(texts(value, flag))),
                Some(Element::Condition) => conditions = read_conditions(value, flag),
                _ => *flag = true,
            }
            if is_partly_read {
                unread.push(key);
            }
        }
        Some(Self { number, sid, effect: effect?, principal, action, resource, conditions, unread })
    }
}

fn principals(value: Value, is_partly_read: &mut bool) -> Vec<PrincipalElement> {
    let entries = match value {
        Value::Object(entries) => entries,
        bare => {
            let of = |value| PrincipalElement { kind: PrincipalKey::Bare, value };
            return texts(bare, is_partly_read).into_iter().map(of).collect();
        }
    };
    const KEYS: &[(&str, PrincipalKey)] = &[
        ("AWS", PrincipalKey::Aws),
        ("Service", PrincipalKey::Service),
        ("Federated", PrincipalKey::Federated),
        ("CanonicalUser", PrincipalKey::CanonicalUser),
    ];
    let mut found = Vec::new();
    for (key, value) in entries {
        match KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            Some((_, kind)) => {
                let of = |value| PrincipalElement { kind: *kind, value };
                found.extend(texts(value, is_partly_read).into_iter().map(of));
            }
            None => *is_partly_read = true,
        }
    }
    found
}

fn read_conditions(value: Value, is_partly_read: &mut bool) -> Vec<Condition> {
    let mut found = Vec::new();
    let Value::Object(operators) = value else {
        *is_partly_read = true;
        return found;
    };
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else {
            *is_partly_read = true;
            continue;
        };
        let of = |(key, values)| Condition::new(&operator, key, texts(values, is_partly_read));
        found.extend(keys.into_iter().map(of));
    }
    found
}

/// A value or a list of them, each as text.
fn texts(value: Value, is_partly_read: &mut bool) -> Vec<String> {
    let values = match value {
        Value::Array(values) => values,
        single => vec![single],
    };
    let count = values.len();
    let found: Vec<_> = values.into_iter().filter_map(text).collect();
    *is_partly_read |= found.len() < count;
    found
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::iam::document::{Comparison, Grant};
    use crate::iam::{PolicyDocument, Statement as Written};

    #[test]
    fn every_form_of_an_element_is_read() {
        let text = r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"a","Effect":"Allow",
            "NotPrincipal":{"AWS":"111122223333","Service":["a.amazonaws.com","b.amazonaws.com"]},
            "Action":["s3:GetObject","s3:Put*"],"NotResource":"*",
            "Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":10},
                "ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-a/*","o-b/*"]}}}}"#;
        let document = Document::parse(text).unwrap();
        assert!(!document.is_partly_read());
        let [statement] = document.statements.as_slice() else { panic!("{document:?}") };
        assert_eq!(statement.effect, Effect::Allow);
        assert!(matches!(&statement.principal, Some(Listed::AllBut(list)) if list.len() == 3));
        assert!(matches!(&statement.action, Some(Listed::Only(list)) if list.len() == 2));
        assert_eq!(statement.resource, Some(Listed::AllBut(vec!["*".into()])));
        let values: Vec<_> = statement.conditions.iter().flat_map(|condition| &condition.values).collect();
        assert_eq!(values, ["true", "10", "o-a/*", "o-b/*"]);
        assert_eq!(statement.conditions[2].comparison, Comparison::StringLike);
    }

    #[test]
    fn what_is_not_known_is_flagged_and_left_out() {
        for (text, statements) in [
            (r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Extra":1}]}"#, 1),
            (r#"{"Statement":[{"Effect":"Perhaps","Action":"*","Resource":"*"}]}"#, 0),
            (r#"{"Statement":[{"Effect":"Allow","Principal":{"Martian":"x"},"Action":"*"}]}"#, 1),
            (r#"{"Statement":[{"Effect":"Allow","Action":["*",{}],"Resource":"*"}],"more":1}"#, 1),
            (r#"{"Statement":["x"]}"#, 0),
            (r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":"x"}]}"#, 1),
        ] {
            let document = Document::parse(text).unwrap();
            assert!(document.is_partly_read(), "{text}");
            assert_eq!(document.statements.len(), statements, "{text}");
        }
    }

    #[test]
    fn an_encoded_document_is_decoded() {
        let encoded = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C\
            %22Resource%22%3A%22*%22%7D%5D%7D";
        assert!(Document::parse(encoded).unwrap().allows().contains(&Grant::Everything));
    }

    #[test]
    fn what_is_no_document_says_why() {
        let deep = format!(r#"{{"Statement":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        for (text, error) in [
            ("", DocumentError::NotJson),
            ("{", DocumentError::NotJson),
            ("%7B%FF", DocumentError::NotJson),
            (deep.as_str(), DocumentError::NotJson),
            ("[]", DocumentError::NotAnObject),
            ("{}", DocumentError::NoStatement),
            (r#"{"Statement":null}"#, DocumentError::NoStatement),
        ] {
            assert_eq!(Document::parse(text), Err(error));
        }
    }

    /// A text made of what documents are made of.
    fn like_a_document() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"Statement\"",
            "\"Effect\"",
            "\"Allow\"",
            "\"Deny\"",
            "\"Action\"",
            "\"*\"",
            "\"iam:*\"",
            "\"Resource\"",
            "\"Principal\"",
            "\"AWS\"",
            "\"Condition\"",
            "\"StringEquals\"",
            "\"arn:aws:\"",
            "\"aws:SourceIp\"",
            "\"0.0.0.0/0\"",
            "1",
            "null",
            "%7B",
            "é",
        ]);
        prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
    }

    fn ask_everything(text: &str) {
        if let Ok(document) = Document::parse(text) {
            document.allows();
            document.opens_to(&["111122223333"]);
            document.leaves_out("111122223333");
        }
    }

    prop_compose! {
        fn written()(
            sid in "[A-Za-z0-9]{1,8}",
            is_allow: bool,
            action in prop::collection::vec("[a-z]{2,4}:[A-Za-z*]{1,8}", 1..4),
            resource in prop::collection::vec("[ -~]{1,20}", 1..4),
            keys in prop::collection::btree_map("[a-z]{2,3}:[A-Za-z]{1,5}", prop::collection::vec("[ -~]{0,8}", 1..3), 0..3),
        ) -> Written {
            let effect = if is_allow { Effect::Allow } else { Effect::Deny };
            let condition = if keys.is_empty() {
                BTreeMap::new()
            } else {
                BTreeMap::from([("StringEquals".to_owned(), keys)])
            };
            Written { sid, effect, action, resource, condition }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>(), like in like_a_document()) {
            ask_everything(&text);
            ask_everything(&like);
            ask_everything(&format!(r#"{{"Statement":[{{"Effect":"Allow","Action":{like}}}]}}"#));
        }

        #[test]
        fn what_we_write_reads_back_the_same(statements in prop::collection::vec(written(), 0..4)) {
            let written = PolicyDocument::new(statements);
            let read = Document::parse(&serde_json::to_string(&written).unwrap()).unwrap();
            prop_assert!(!read.is_partly_read());
            prop_assert_eq!(read.version.as_deref(), Some(written.version));
            let back = read.statements.into_iter().map(|statement| {
                let only = |listed| match listed { Some(Listed::Only(list)) => list, _ => Vec::new() };
                let mut condition = crate::iam::Conditions::new();
                for one in statement.conditions {
                    assert_eq!(one.comparison, Comparison::StringEquals);
                    condition.entry("StringEquals".to_owned()).or_default().insert(one.key, one.values);
                }
                Written {
                    sid: statement.sid.unwrap_or_default(),
                    effect: statement.effect,
                    action: only(statement.action),
                    resource: only(statement.resource),
                    condition,
                }
            });
            prop_assert_eq!(back.collect::<Vec<_>>(), written.statement);
        }
    }
}
