//! What a denial says: action, resource, kind of policy. The text is found by its markers, in an order
//! that holds when it is cut off anywhere. Shapes after the IAM user guide's "Troubleshoot access
//! denied error messages".

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::iam::{Action, Arn, DenyKind, PolicyType};

/// A denied call's reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial<'a> {
    /// Whose permission was missing.
    pub cause: DenialCause,
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

/// A message taken apart. Everything borrows from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// `service:Name` as written.
    pub action: Option<&'a str>,
    /// The resource as written, without quotes.
    pub resource: Option<&'a str>,
    /// Implicit or explicit.
    pub kind: DenyKind,
    /// The policy layer.
    pub policy_type: PolicyType,
    /// The policy.
    pub policy_arn: Option<&'a str>,
    /// Whether the text carries EC2's encoded part, which only AWS can decode.
    pub has_encoded_part: bool,
}

/// A text that is looked for, ready to be found quickly.
type Marker = LazyLock<Finder<'static>>;

static CORE: Marker = LazyLock::new(|| Finder::new("is not authorized to perform:"));
static ENCODED: Marker = LazyLock::new(|| Finder::new("Encoded authorization failure message:"));
static EXPLICIT: Marker = LazyLock::new(|| Finder::new(" with an explicit deny"));
static IMPLICIT: Marker = LazyLock::new(|| Finder::new(" because no "));
static ON_RESOURCE: Marker = LazyLock::new(|| Finder::new(" on resource: "));
static EXECUTE: Marker = LazyLock::new(|| Finder::new("is not allowed to execute ["));
static ENDPOINT: Marker = LazyLock::new(|| Finder::new("VPC endpoint policy"));
static STOPS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [" because the resource ", " because this bucket ", ". Encoded "].map(Finder::new));

/// What stands before and behind a marker.
fn split<'a>(text: &'a str, marker: &Finder<'_>) -> Option<(&'a str, &'a str)> {
    let at = marker.find(text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + marker.needle().len()..)?))
}

const POLICY_TYPES: &[(&str, PolicyType)] = &[
    ("identity-based policy", PolicyType::Identity),
    ("resource-based policy", PolicyType::Resource),
    ("permissions boundary", PolicyType::Boundary),
    ("session policy", PolicyType::Session),
    ("sessions policy", PolicyType::Session),
    ("service control policy", PolicyType::Scp),
    ("resource control policy", PolicyType::Rcp),
    ("VPC endpoint policy", PolicyType::VpcEndpoint),
    ("role trust policy", PolicyType::Trust),
];

impl<'a> Message<'a> {
    /// Takes a text apart; a text of no known shape gives nothing but unknowns.
    pub fn parse(text: &'a str) -> Self {
        let has_encoded_part = ENCODED.find(text.as_bytes()).is_some();
        let text = split(text, &ENCODED).map_or(text, |(before, _)| before);
        let action = match split(text, &CORE) {
            Some((_, after)) => leading_action(after.trim_start()),
            None => split(text, &EXECUTE).and_then(|(_, after)| leading_action(after)),
        };
        let (kind, policy_type, policy_arn) = reason(text);
        Self { action, resource: resource(text), kind, policy_type, policy_arn, has_encoded_part }
    }

    /// Whether the text itself says that the caller was not allowed.
    pub fn is_denial(&self) -> bool {
        self.action.is_some() || self.kind != DenyKind::Unknown
    }
}

fn leading_action(text: &str) -> Option<&str> {
    let end =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '*'))).unwrap_or(text.len());
    text.get(..end).filter(|action| action.contains(':'))
}

fn resource(text: &str) -> Option<&str> {
    let (_, after) = split(text, &CORE)?;
    let (_, named) = split(after, &ON_RESOURCE)?;
    if let Some(quoted) = named.strip_prefix('"') {
        return quoted.split_once('"').map(|(inside, _)| inside).filter(|r| !r.is_empty());
    }
    let stops = STOPS.iter().chain([&*IMPLICIT, &*EXPLICIT]);
    let end = stops.filter_map(|stop| stop.find(named.as_bytes())).min();
    let found = end.and_then(|end| named.get(..end)).unwrap_or(named).trim_end();
    // A text cut off inside the resource names none.
    if end.is_none() && found.ends_with("...") {
        return None;
    }
    Some(found.strip_suffix('.').unwrap_or(found)).filter(|r| !r.is_empty())
}

fn reason(text: &str) -> (DenyKind, PolicyType, Option<&str>) {
    let type_of = |text: &str| {
        POLICY_TYPES.iter().find(|(words, _)| text.starts_with(words)).map_or(PolicyType::Unknown, |(_, t)| *t)
    };
    if let Some((_, after)) = split(text, &EXPLICIT) {
        let after = after.strip_prefix(" transitively through").or_else(|| after.strip_prefix(" in")).unwrap_or(after);
        let after = after.trim_start();
        let named = ["a ", "an ", "the "].iter().find_map(|article| after.strip_prefix(article)).unwrap_or(after);
        let arn = named.split_once(": ").map(|(_, rest)| rest.trim_start());
        let arn = arn.and_then(|rest| rest.split_whitespace().next()).map(|arn| arn.trim_end_matches('.'));
        return (DenyKind::Explicit, type_of(named), arn.filter(|arn| Arn::parse(arn).is_ok()));
    }
    match split(text, &IMPLICIT) {
        Some((_, after)) => match type_of(after) {
            PolicyType::Unknown => (DenyKind::Unknown, PolicyType::Unknown, None),
            policy_type => (DenyKind::Implicit, policy_type, None),
        },
        None if ENDPOINT.find(text.as_bytes()).is_some() => (DenyKind::Unknown, PolicyType::VpcEndpoint, None),
        None => (DenyKind::Unknown, PolicyType::Unknown, None),
    }
}

/// What a message says, kept beyond it.
pub(super) struct Facts {
    kind: DenyKind,
    policy_type: PolicyType,
    policy_arn: Option<Box<str>>,
    action: Option<Action>,
    resource: Option<String>,
}

impl Default for Facts {
    fn default() -> Self {
        let (kind, policy_type) = (DenyKind::Unknown, PolicyType::Unknown);
        Self { kind, policy_type, policy_arn: None, action: None, resource: None }
    }
}

impl Facts {
    /// `account` and `partition` complete names that the message gives without them.
    pub(super) fn of(message: &Message<'_>, account: Option<&str>, partition: &str) -> Self {
        Self {
            kind: message.kind,
            policy_type: message.policy_type,
            policy_arn: message.policy_arn.map(Box::from),
            action: message.action.and_then(|action| action.parse().ok()),
            resource: message.resource.and_then(|resource| full_name(resource, account, partition)),
        }
    }
}

impl<'a> Denial<'a> {
    pub(super) fn new(cause: DenialCause, facts: Facts, text: Option<Cow<'a, str>>) -> Self {
        let Facts { kind, policy_type, policy_arn, action, resource } = facts;
        let by_network = cause == DenialCause::Network && policy_type == PolicyType::Unknown;
        let policy_type = if by_network { PolicyType::VpcEndpoint } else { policy_type };
        Self { cause, kind, policy_type, policy_arn, action, resource, text }
    }
}

/// The ARN of a resource as a message names it. IAM writes `role X` without the path, which is then
/// taken to be `/`; other bare names are not made into ARNs.
fn full_name(resource: &str, account: Option<&str>, partition: &str) -> Option<String> {
    if resource == "*" || Arn::parse(resource).is_ok() {
        return Some(resource.to_owned());
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

    const WHO: &str = "User: arn:aws:sts::111122223333:assumed-role/App/s é";

    #[track_caller]
    fn check(text: &str, action: Option<&str>, resource: Option<&str>, kind: DenyKind, policy_type: PolicyType) {
        let found = Message::parse(text);
        assert_eq!(
            (found.action, found.resource, found.kind, found.policy_type),
            (action, resource, kind, policy_type),
            "{text}"
        );
    }

    #[test]
    fn every_documented_shape_is_read() {
        use DenyKind::{Explicit, Implicit, Unknown};
        let get = Some("s3:GetObject");
        let key = Some("arn:aws:s3:::b/k");
        let s3 = format!("{WHO} is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/k\"");
        check(&s3, get, key, Unknown, PolicyType::Unknown);
        check(
            &format!("{s3} because no identity-based policy allows the s3:GetObject action"),
            get,
            key,
            Implicit,
            PolicyType::Identity,
        );
        check(
            &format!("{s3} because no permissions boundary allows the s3:GetObject action"),
            get,
            key,
            Implicit,
            PolicyType::Boundary,
        );
        check(&format!("{s3} with an explicit deny in a resource control policy"), get, key, Explicit, PolicyType::Rcp);
        check(&format!("{s3} with an explicit deny"), get, key, Explicit, PolicyType::Unknown);
        check(
            &format!("{s3} with an explicit deny transitively through a service control policy"),
            get,
            key,
            Explicit,
            PolicyType::Scp,
        );
        check(
            &format!("{s3} because no sessions policy allows the s3:GetObject action"),
            get,
            key,
            Implicit,
            PolicyType::Session,
        );
        let ec2 = format!(
            "You are not authorized to perform this operation. {WHO} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:111122223333:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: abc"
        );
        check(
            &ec2,
            Some("ec2:RunInstances"),
            Some("arn:aws:ec2:eu-west-1:111122223333:instance/*"),
            Implicit,
            PolicyType::Identity,
        );
        assert!(Message::parse(&ec2).has_encoded_part);
        check("Access Denied", None, None, Unknown, PolicyType::Unknown);
        check("The request was denied due to a VPC endpoint policy", None, None, Unknown, PolicyType::VpcEndpoint);
        check(
            "Principal [arn:aws:iam::1:user/x] is not allowed to execute [dms:DescribeX] on the resource",
            Some("dms:DescribeX"),
            None,
            Unknown,
            PolicyType::Unknown,
        );
    }

    #[test]
    fn the_denying_policy_is_kept() {
        let arn = "arn:aws:organizations::999988887777:policy/o-exampleorg/service_control_policy/p-examplepol";
        let text = format!(
            "{WHO} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b with an explicit deny in a service control policy: {arn}"
        );
        assert_eq!(Message::parse(&text).policy_arn, Some(arn));
    }

    #[test]
    fn a_text_cut_off_anywhere_never_invents() {
        let text = format!(
            "{WHO} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/Long because no identity-based policy allows the iam:PassRole action"
        );
        let whole = Message::parse(&text);
        for (end, _) in text.char_indices() {
            let cut = format!("{}...", &text[..end]);
            let found = Message::parse(&cut);
            assert!(found.resource.is_none() || found.resource == whole.resource, "{cut}");
        }
    }

    #[test]
    fn names_become_arns_only_where_the_form_is_known() {
        let full = |text| full_name(text, Some("111122223333"), "aws");
        assert_eq!(full("role Admin").as_deref(), Some("arn:aws:iam::111122223333:role/Admin"));
        assert_eq!(full("user ").as_deref(), None);
        assert_eq!(full("my-secret").as_deref(), None);
        assert_eq!(full("*").as_deref(), Some("*"));
    }
}
