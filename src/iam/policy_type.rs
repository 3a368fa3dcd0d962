/// The kinds of policy that AWS names in an access-denied message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyType {
    /// Attached to the user, group or role.
    Identity,
    /// Attached to the resource.
    Resource,
    /// Permissions boundary of the user or role.
    Boundary,
    /// Passed when the session was made.
    Session,
    /// Service control policy of the organisation.
    Scp,
    /// Resource control policy of the organisation.
    Rcp,
    /// Policy of the VPC endpoint the request went through.
    VpcEndpoint,
    /// Who may assume the role.
    Trust,
    /// The record does not say.
    Unknown,
}

/// Why a call was denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DenyKind {
    /// Nothing allowed it.
    Implicit,
    /// A Deny statement hit it; no Allow beats that.
    Explicit,
    /// The record does not say.
    Unknown,
}

impl PolicyType {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::VpcEndpoint => "vpce",
            Self::Trust => "trust",
            Self::Unknown => "unknown",
        }
    }
}

impl DenyKind {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Explicit => "explicit",
            Self::Unknown => "unknown",
        }
    }
}
