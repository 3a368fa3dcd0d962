//! Policies out of files that users have.

use std::path::Path;

use serde_json::Value;

use super::status::Failure;
use crate::iam::Document;
use crate::iam::evaluate::Policy;

/// Members in which the AWS CLI gives a document, from the outside in.
const WRAPPED: &[&str] = &["PolicyVersion", "Document", "PolicyDocument"];

/// Reads a policy: a document by itself, or as `aws iam get-policy-version` and `aws iam get-role-policy` print it.
/// One of which something cannot be asked is refused.
pub(super) fn policy(path: &Path) -> Result<Policy, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let hint = "give a file with one policy document in JSON";
        Failure::run(format!("cannot read the policy `{name}`: {error}")).hint(hint)
    })?;
    let is_wrong = |why: String| {
        Failure::usage(format!("`{name}` is no policy: {why}"))
            .hint("one looks like {\"Version\": …, \"Statement\": [ … ]}")
    };
    let mut value: Value = serde_json::from_str(&text).map_err(|error| is_wrong(error.to_string()))?;
    for member in WRAPPED {
        if let Some(inside) = value.get_mut(*member) {
            value = inside.take();
        }
    }
    // IAM's API gives it percent-encoded.
    let document = match value {
        Value::String(text) => Document::parse(&text),
        value => Document::parse(&value.to_string()),
    };
    let document = document.map_err(|error| is_wrong(error.to_string()))?;
    let policy = Policy::new(name.to_string(), &document);
    // What is left aside could be the statement that denies: nothing that is said then would stand.
    match policy.problems() {
        [] => Ok(policy),
        problems => {
            let failure = Failure::usage(format!("`{name}` cannot be asked: {}", problems.join("; ")));
            Err(failure.hint("mend it first; AWS would refuse it, or it says something that trailwright does not know"))
        }
    }
}
