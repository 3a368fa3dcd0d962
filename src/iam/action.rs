use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// One IAM action, such as `s3:GetObject`. AWS compares actions without regard to case; this type
/// keeps the spelling it was given, so canonical spelling is the catalog's business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action {
    service_prefix: Cow<'static, str>,
    name: Cow<'static, str>,
}

/// A text that is not `prefix:Name`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an IAM action; one looks like `s3:GetObject`")]
pub struct ActionError(String);

impl Action {
    /// An action from the catalog's own text, without copying it.
    pub const fn from_static(service_prefix: &'static str, name: &'static str) -> Self {
        Self { service_prefix: Cow::Borrowed(service_prefix), name: Cow::Borrowed(name) }
    }

    /// The part before the colon, such as `s3`.
    pub fn service_prefix(&self) -> &str {
        &self.service_prefix
    }

    /// The part after the colon, such as `GetObject`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for Action {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        let fits =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match text.split_once(':') {
            Some((prefix, name)) if fits(prefix) && fits(name) => {
                Ok(Self { service_prefix: Cow::Owned(prefix.to_ascii_lowercase()), name: Cow::Owned(name.to_owned()) })
            }
            _ => Err(ActionError(text.to_owned())),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service_prefix, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_prefix_and_a_name_make_an_action() {
        let action: Action = "SNS:ListTopics".parse().unwrap();
        assert_eq!(action.to_string(), "sns:ListTopics");
        for text in ["", "s3", "s3:", ":Get", "s3:Get*", "s3:Get Object", "a:b:c"] {
            assert!(text.parse::<Action>().is_err(), "{text}");
        }
    }
}
