use std::borrow::Cow;

use super::{Message, Shape};
use crate::iam::{Action, Arn, DenyKind, PolicyType};

/// A denied call's reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial<'a> {
    /// Whose permission was missing.
    pub cause: DenialCause,
    /// The shape of the text.
    pub shape: Shape,
    /// Whether it has a part that only AWS can decode.
    pub is_encoded: bool,
    /// Implicit or explicit, as far as the text says.
    pub kind: DenyKind,
    /// The policy layer the text names.
    pub policy_type: PolicyType,
    /// The policy the text names; only explicit denials since January 2026 do.
    pub policy_arn: Option<Box<str>>,
    /// The action the text names. It may differ from the event's name: `RunInstances` is denied for
    /// want of `iam:PassRole`.
    pub action: Option<Action>,
    /// The resource the text names, as an ARN, or `*`.
    pub resource: Option<String>,
    /// The text as recorded.
    pub text: Option<Cow<'a, str>>,
}

/// Whose permission was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenialCause {
    /// The caller's.
    Authorization,
    /// The way through a VPC endpoint's.
    Network,
    /// A service's or role's that acts for the caller.
    Dependency,
    /// The owner of an image has not shared it.
    ResourceNotShared,
}

impl<'a> Denial<'a> {
    /// What a message says, without its text. `account` and `partition` complete names that it gives without
    /// them.
    pub(super) fn new(
        cause: DenialCause,
        message: Option<&Message<'_>>,
        account: Option<&str>,
        partition: &str,
    ) -> Self {
        let said = message.map_or(PolicyType::Unknown, Message::policy_type);
        let by_network = cause == DenialCause::Network && said == PolicyType::Unknown;
        Self {
            cause,
            shape: message.map_or(Shape::NoText, Message::shape),
            is_encoded: message.is_some_and(|message| message.encoded().is_some()),
            kind: message.map_or(DenyKind::Unknown, Message::kind),
            policy_type: if by_network { PolicyType::VpcEndpoint } else { said },
            policy_arn: message.and_then(Message::policy_arn).map(Box::from),
            action: message.and_then(Message::action).and_then(|action| action.parse().ok()),
            resource: message.and_then(Message::resource).and_then(|resource| full_name(resource, account, partition)),
            text: None,
        }
    }
}

/// The ARN of a resource as a message names it. IAM writes `role X` without the path, which is then
/// taken to be `/`; other bare names are not made into ARNs.
fn full_name(resource: &str, account: Option<&str>, partition: &str) -> Option<String> {
    if resource == "*" || Arn::parse(resource).is_ok() {
        return Some(resource.to_owned());
    }
    if let Some(policy) = resource.strip_prefix("policy ") {
        let arn = policy.split(' ').next().filter(|arn| Arn::parse(arn).is_ok());
        return arn.map(str::to_owned);
    }
    const WORDS: &[(&str, &str)] =
        &[("user ", "user"), ("role ", "role"), ("group ", "group"), ("instance profile ", "instance-profile")];
    let (name, kind) = WORDS.iter().find_map(|(word, kind)| Some((resource.strip_prefix(word)?.trim(), kind)))?;
    match (name, account) {
        ("", _) | (_, None) => None,
        (name, Some(account)) => Some(format!("arn:{partition}:iam::{account}:{kind}/{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_arns_only_where_the_form_is_known() {
        let full = |text| full_name(text, Some("111122223333"), "aws");
        assert_eq!(full("role Admin").as_deref(), Some("arn:aws:iam::111122223333:role/Admin"));
        assert_eq!(
            full("policy arn:aws:iam::aws:policy/ReadOnlyAccess version v2").as_deref(),
            Some("arn:aws:iam::aws:policy/ReadOnlyAccess")
        );
        assert_eq!(full("user").as_deref(), None);
        assert_eq!(full("my-secret").as_deref(), None);
        assert_eq!(full("*").as_deref(), Some("*"));
    }
}
