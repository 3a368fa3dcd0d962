//! AWS's size limits for policies, and how many policies may stand side by side. Sources, as of 2026: the
//! IAM user guide's page "IAM and AWS STS quotas"; the page "IAM Identity Center quotas" of its user guide;
//! the parameter `Policy` of `AssumeRole` in the STS API reference.
//!
//! Characters are those of [`PolicyDocument::size`](super::PolicyDocument::size): all of compact JSON.

use super::PrincipalKind;

/// What a policy is to be attached as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Customer managed policies.
    Managed,
    /// Inline policies of a role.
    InlineRole,
    /// Inline policies of a user.
    InlineUser,
    /// Inline policies of a group.
    InlineGroup,
    /// The inline policy of an Identity Center permission set.
    PermissionSet,
    /// The policy that is passed when a session begins.
    Session,
    /// A managed policy as a permissions boundary.
    Boundary,
}

impl Target {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Managed,
        Self::InlineRole,
        Self::InlineUser,
        Self::InlineGroup,
        Self::PermissionSet,
        Self::Session,
        Self::Boundary,
    ];

    /// The word users type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::InlineRole => "inline-role",
            Self::InlineUser => "inline-user",
            Self::InlineGroup => "inline-group",
            Self::PermissionSet => "permission-set",
            Self::Session => "session",
            Self::Boundary => "boundary",
        }
    }

    /// The target of that word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.as_str() == text)
    }

    /// What a principal is usually given: a permission set has one policy of its own, all others take managed
    /// ones.
    pub fn usual_for(kind: PrincipalKind) -> Self {
        if kind == PrincipalKind::PermissionSet { Self::PermissionSet } else { Self::Managed }
    }

    /// Characters of one policy; of all together where they are inline.
    pub fn limit(self) -> usize {
        match self {
            Self::Managed | Self::Boundary => 6_144,
            Self::InlineRole | Self::PermissionSet => 10_240,
            Self::InlineUser | Self::Session => 2_048,
            Self::InlineGroup => 5_120,
        }
    }

    /// Whether white space between JSON tokens counts: then only compact JSON has the size that is told.
    pub fn counts_white_space(self) -> bool {
        self == Self::Session
    }

    /// Bytes that a policy may have as it is sent, white space counted, where there is such a limit besides.
    /// Compact JSON within [`Target::limit`] always keeps to it: policies hold no character of more than two
    /// bytes.
    pub fn raw_bytes(self) -> Option<usize> {
        (self == Self::PermissionSet).then_some(32_768)
    }

    /// How many policies of the limit's size a principal can have. There may be any number of inline
    /// policies, but their sum counts, so that a second one would only cost.
    pub fn most(self, kind: PrincipalKind) -> usize {
        match (self, kind) {
            (Self::Managed, PrincipalKind::User) => 10,
            (Self::Managed, _) => 20,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_word_of_its_own() {
        for target in Target::ALL {
            assert_eq!(Target::parse(target.as_str()), Some(target));
        }
        assert_eq!(Target::parse("Managed"), None);
    }

    #[test]
    fn only_managed_policies_stand_side_by_side() {
        for target in Target::ALL {
            let most = [PrincipalKind::Role, PrincipalKind::User, PrincipalKind::PermissionSet].map(|k| target.most(k));
            assert_eq!(most, if target == Target::Managed { [20, 10, 20] } else { [1, 1, 1] }, "{target:?}");
        }
    }
}
