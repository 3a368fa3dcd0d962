//! What an access-denied message says, taken apart. [`Message`] holds what a text says and can be written
//! as the sentence AWS would have used; the grammar that reads it is in `grammar`.

use std::fmt;

use crate::iam::{DenyKind, PolicyType};

/// An access-denied message, taken apart. Everything borrows from the text. Written out and read again it
/// is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// "User: … is not authorized to perform: …", in all its forms.
    NotAuthorized(NotAuthorized<'a>),
    /// EC2's older text, without an action; its encoded part, if there is one.
    EncodedOnly {
        /// What only AWS can read.
        encoded: Option<Encoded<'a>>,
        /// Whether that was cut off.
        is_cut: bool,
    },
    /// "Principal […] is not allowed to execute […] on the resource".
    NotAllowedToExecute {
        /// Who called.
        subject: &'a str,
        /// What.
        action: &'a str,
    },
    /// "User: … is not authorized to access this resource".
    NotAuthorizedToAccess(&'a str),
    /// "Access to the resource … is denied."
    ResourceDenied(&'a str),
    /// KMS's older text: the key is not there, or not allowed.
    KeyUnknown,
    /// "Access Denied" and nothing more.
    AccessDenied,
    /// "Cross-account pass role is not allowed."
    CrossAccountPassRole,
    /// "An unknown error occurred".
    UnknownError,
    /// "The request was denied due to a VPC endpoint policy".
    VpcEndpointPolicy,
    /// "Not authorized for images: […]"; the images.
    ImagesNotShared(&'a str),
    /// "IAM user access not activated": Billing is closed to everybody but the root user.
    BillingNotActivated,
    /// "Incorrect username or password." and its like: somebody who is not known, not something that is not allowed.
    BadCredentials,
    /// A text of no known shape, verbatim.
    Unread(&'a str),
}

/// The parts of "User: … is not authorized to perform: …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAuthorized<'a> {
    /// Whether EC2's "You are not authorized to perform this operation." stands before it.
    pub has_prefix: bool,
    /// Who called: an ARN, or a word such as `anonymous`.
    pub subject: Option<&'a str>,
    /// `service:Name` as written.
    pub action: Option<&'a str>,
    /// On what.
    pub target: Target<'a>,
    /// Why.
    pub reason: Reason<'a>,
    /// What only AWS can read.
    pub encoded: Option<Encoded<'a>>,
    /// Whether the text was cut off: CloudTrail keeps 1 KB of it.
    pub is_cut: bool,
}

/// On what an action was not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// Not said.
    None,
    /// As written, without quotes: an ARN, `*`, `role X`, or a bare name.
    Named(&'a str),
    /// "the specified resource".
    Specified,
    /// "the resource associated with this ciphertext".
    Ciphertext,
    /// Cut off within its name.
    Cut,
}

/// Why an action was not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason<'a> {
    /// Not said, or cut off.
    None,
    /// No such policy allows the action.
    Implicit {
        /// Which layer.
        layer: Layer<'a>,
        /// The action, as it is named here.
        action: &'a str,
    },
    /// A Deny statement hit the call.
    Explicit {
        /// Which layer, where it is said.
        layer: Option<Layer<'a>>,
        /// The policy, which AWS names since January 2026.
        policy_arn: Option<&'a str>,
    },
    /// KMS: the key is not there, or its policy does not allow, or denies; three causes in one sentence.
    KeyOrPolicy,
    /// S3: the bucket takes no objects encrypted with the customer's own keys (SSE-C).
    CustomerKeysBlocked,
    /// Another reason, verbatim.
    Other(&'a str),
}

/// A kind of policy, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer<'a> {
    /// One that is known.
    Known(PolicyType),
    /// One that is not, verbatim.
    Other(&'a str),
}

/// EC2's encoded part. `aws sts decode-authorization-message` reads it; nobody can offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded<'a>(pub &'a str);

/// Which shape a message has, with what its reason adds. What is to be done may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "described at Message and Reason")]
pub enum Shape {
    NotAuthorized,
    KeyOrPolicy,
    CustomerKeysBlocked,
    EncodedOnly,
    NotAllowedToExecute,
    NotAuthorizedToAccess,
    ResourceDenied,
    KeyUnknown,
    AccessDenied,
    CrossAccountPassRole,
    UnknownError,
    VpcEndpointPolicy,
    ImagesNotShared,
    BillingNotActivated,
    BadCredentials,
    /// There is a text, of no known shape.
    Unread,
    /// The record has no text.
    NoText,
}

impl Shape {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAuthorized => "not-authorized",
            Self::KeyOrPolicy => "key-or-policy",
            Self::CustomerKeysBlocked => "customer-keys-blocked",
            Self::EncodedOnly => "encoded-only",
            Self::NotAllowedToExecute => "not-allowed-to-execute",
            Self::NotAuthorizedToAccess => "not-authorized-to-access",
            Self::ResourceDenied => "resource-denied",
            Self::KeyUnknown => "key-unknown",
            Self::AccessDenied => "access-denied",
            Self::CrossAccountPassRole => "cross-account-pass-role",
            Self::UnknownError => "unknown-error",
            Self::VpcEndpointPolicy => "vpc-endpoint-policy",
            Self::ImagesNotShared => "images-not-shared",
            Self::BillingNotActivated => "billing-not-activated",
            Self::BadCredentials => "bad-credentials",
            Self::Unread => "unread",
            Self::NoText => "no-text",
        }
    }
}

impl<'a> Message<'a> {
    /// Takes a text apart. Every text is some message: one of no known shape is [`Message::Unread`].
    pub fn parse(text: &'a str) -> Self {
        super::grammar::parse(text)
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        match self {
            Self::NotAuthorized(NotAuthorized { reason: Reason::KeyOrPolicy, .. }) => Shape::KeyOrPolicy,
            Self::NotAuthorized(NotAuthorized { reason: Reason::CustomerKeysBlocked, .. }) => {
                Shape::CustomerKeysBlocked
            }
            Self::NotAuthorized(_) => Shape::NotAuthorized,
            Self::EncodedOnly { .. } => Shape::EncodedOnly,
            Self::NotAllowedToExecute { .. } => Shape::NotAllowedToExecute,
            Self::NotAuthorizedToAccess(_) => Shape::NotAuthorizedToAccess,
            Self::ResourceDenied(_) => Shape::ResourceDenied,
            Self::KeyUnknown => Shape::KeyUnknown,
            Self::AccessDenied => Shape::AccessDenied,
            Self::CrossAccountPassRole => Shape::CrossAccountPassRole,
            Self::UnknownError => Shape::UnknownError,
            Self::VpcEndpointPolicy => Shape::VpcEndpointPolicy,
            Self::ImagesNotShared(_) => Shape::ImagesNotShared,
            Self::BillingNotActivated => Shape::BillingNotActivated,
            Self::BadCredentials => Shape::BadCredentials,
            Self::Unread(_) => Shape::Unread,
        }
    }

    /// The action it names, as written.
    pub fn action(&self) -> Option<&'a str> {
        match self {
            Self::NotAuthorized(said) => said.action,
            Self::NotAllowedToExecute { action, .. } => Some(action),
            _ => None,
        }
    }

    /// The resource it names, as written, without quotes.
    pub fn resource(&self) -> Option<&'a str> {
        match self {
            Self::NotAuthorized(NotAuthorized { target: Target::Named(resource), .. })
            | Self::ResourceDenied(resource)
            | Self::ImagesNotShared(resource) => Some(resource),
            _ => None,
        }
    }

    /// Whether nothing allowed it or something denied it, as far as the text says.
    pub fn kind(&self) -> DenyKind {
        match self {
            Self::NotAuthorized(NotAuthorized { reason: Reason::Implicit { .. }, .. }) => DenyKind::Implicit,
            Self::NotAuthorized(NotAuthorized { reason: Reason::Explicit { .. }, .. }) => DenyKind::Explicit,
            _ => DenyKind::Unknown,
        }
    }

    /// The layer it names.
    pub fn policy_type(&self) -> PolicyType {
        match self {
            Self::NotAuthorized(NotAuthorized {
                reason:
                    Reason::Implicit { layer: Layer::Known(layer), .. }
                    | Reason::Explicit { layer: Some(Layer::Known(layer)), .. },
                ..
            }) => *layer,
            Self::VpcEndpointPolicy => PolicyType::VpcEndpoint,
            _ => PolicyType::Unknown,
        }
    }

    /// The policy it names.
    pub fn policy_arn(&self) -> Option<&'a str> {
        match self {
            Self::NotAuthorized(NotAuthorized { reason: Reason::Explicit { policy_arn, .. }, .. }) => *policy_arn,
            _ => None,
        }
    }

    /// The part that only AWS can read.
    pub fn encoded(&self) -> Option<Encoded<'a>> {
        match self {
            Self::NotAuthorized(said) => said.encoded,
            Self::EncodedOnly { encoded, .. } => *encoded,
            _ => None,
        }
    }

    /// Whether the text was cut off, as far as it was read.
    pub fn is_cut(&self) -> bool {
        match self {
            Self::NotAuthorized(said) => said.is_cut,
            Self::EncodedOnly { is_cut, .. } => *is_cut,
            _ => false,
        }
    }

    /// Whether the text itself says that the caller was not allowed, whatever the error is called.
    pub fn is_denial(&self) -> bool {
        matches!(self, Self::NotAuthorized(_) | Self::NotAllowedToExecute { .. } | Self::NotAuthorizedToAccess(_))
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAuthorized(said) => said.fmt(f),
            Self::EncodedOnly { encoded, is_cut } => {
                write!(f, "{PREFIX}")?;
                encoded.iter().try_for_each(|Encoded(blob)| write!(f, " {ENCODED} {blob}"))?;
                f.write_str(if *is_cut { CUT } else { "" })
            }
            Self::NotAllowedToExecute { subject, action } => {
                write!(f, "Principal [{subject}{EXECUTE}{action}] on the resource")
            }
            Self::NotAuthorizedToAccess(subject) => write!(f, "User: {subject}{ACCESS}"),
            Self::ResourceDenied(resource) => write!(f, "{RESOURCE_DENIED}{resource} is denied."),
            Self::KeyUnknown => {
                write!(f, "{KEY_UNKNOWN}, does not exist in this region, or you are not allowed to access.")
            }
            Self::AccessDenied => f.write_str("Access Denied"),
            Self::CrossAccountPassRole => write!(f, "{CROSS_ACCOUNT}."),
            Self::UnknownError => f.write_str(UNKNOWN_ERROR),
            Self::VpcEndpointPolicy => f.write_str(ENDPOINT_POLICY),
            Self::ImagesNotShared(images) => write!(f, "{IMAGES}{images}]"),
            Self::BillingNotActivated => f.write_str(NOT_ACTIVATED),
            Self::BadCredentials => write!(f, "{INCORRECT}."),
            Self::Unread(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for NotAuthorized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.has_prefix {
            write!(f, "{PREFIX} ")?;
        }
        write!(f, "User: {} {CORE}", self.subject.unwrap_or_default())?;
        self.action.iter().try_for_each(|action| write!(f, " {action}"))?;
        match self.target {
            Target::None => {}
            // AWS quotes where a name may hold anything, be it a quote.
            Target::Named(resource) => write!(f, "{ON_RESOURCE}\"{resource}\"")?,
            Target::Specified => f.write_str(ON_SPECIFIED)?,
            Target::Ciphertext => f.write_str(ON_CIPHERTEXT)?,
            Target::Cut => f.write_str(ON_RESOURCE)?,
        }
        self.reason.fmt(f)?;
        self.encoded.iter().try_for_each(|Encoded(blob)| write!(f, ". {ENCODED} {blob}"))?;
        match (self.target, self.reason, self.encoded) {
            _ if !self.is_cut => Ok(()),
            // The name is whole, so it was its reason that was cut off.
            (Target::Named(_), Reason::None, None) => write!(f, "{BECAUSE}{CUT}"),
            _ => f.write_str(CUT),
        }
    }
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Implicit { layer, action } => write!(f, "{IMPLICIT}{layer}{ALLOWS}{action} action"),
            Self::Explicit { layer, policy_arn } => {
                f.write_str(EXPLICIT)?;
                layer.iter().try_for_each(|layer| write!(f, " in a {layer}"))?;
                policy_arn.iter().try_for_each(|arn| write!(f, ": {arn}"))
            }
            Self::KeyOrPolicy => f.write_str(KEY_OR_POLICY),
            Self::CustomerKeysBlocked => f.write_str(CUSTOMER_KEYS),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Layer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(layer) => f.write_str(words_of(*layer)),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// How AWS writes a layer in a message.
fn words_of(layer: PolicyType) -> &'static str {
    LAYERS.iter().find(|(_, known)| *known == layer).map_or("policy", |(words, _)| words)
}

// What AWS writes, after the IAM user guide's "Troubleshoot access denied error messages".
pub(super) const PREFIX: &str = "You are not authorized to perform this operation.";
pub(super) const CORE: &str = "is not authorized to perform:";
pub(super) const ON_RESOURCE: &str = " on resource: ";
pub(super) const ON_SPECIFIED: &str = " on the specified resource";
pub(super) const ON_CIPHERTEXT: &str = " on the resource associated with this ciphertext";
pub(super) const IMPLICIT: &str = " because no ";
/// With which every reason but an explicit deny begins.
pub(super) const BECAUSE: &str = " because ";
pub(super) const ALLOWS: &str = " allows the ";
pub(super) const EXPLICIT: &str = " with an explicit deny";
pub(super) const KEY_OR_POLICY: &str = " because the resource does not exist in this Region, no resource-based \
     policies allow access, or a resource-based policy explicitly denies access";
pub(super) const CUSTOMER_KEYS: &str = " because this bucket has blocked upload requests that specify Server Side \
     Encryption with Customer provided keys (SSE-C)";
pub(super) const ENCODED: &str = "Encoded authorization failure message:";
pub(super) const EXECUTE: &str = "] is not allowed to execute [";
pub(super) const ACCESS: &str = " is not authorized to access this resource";
pub(super) const RESOURCE_DENIED: &str = "Access to the resource ";
pub(super) const KEY_UNKNOWN: &str = "The ciphertext refers to a customer master key that does not exist";
pub(super) const CROSS_ACCOUNT: &str = "Cross-account pass role is not allowed";
pub(super) const UNKNOWN_ERROR: &str = "An unknown error occurred";
pub(super) const ENDPOINT_POLICY: &str = "The request was denied due to a VPC endpoint policy";
pub(super) const IMAGES: &str = "Not authorized for images: [";
pub(super) const NOT_ACTIVATED: &str = "IAM user access not activated";
pub(super) const INCORRECT: &str = "Incorrect username or password";
/// The end of a text that CloudTrail cut at 1 KB.
pub(super) const CUT: &str = "...";

/// The layers by the words AWS uses; where there are two, the newer first.
pub(super) const LAYERS: &[(&str, PolicyType)] = &[
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
