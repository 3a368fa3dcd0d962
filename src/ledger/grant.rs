use std::sync::Arc;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

/// One approved elevation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Unique in the ledger.
    pub id: String,
    /// What was given to the person.
    pub subject: Subject,
    /// Who was elevated, in lower case, by the name that sessions or source identities carry; `None` for whoever
    /// uses the subject.
    pub person: Option<String>,
    /// Other names of the same person, in lower case.
    pub also: Vec<String>,
    /// The account; `None` for every one.
    pub account: Option<String>,
    /// Patterns of actions; empty for all that the subject has.
    pub actions: Vec<String>,
    /// Patterns of ARNs; empty for all.
    pub resources: Vec<String>,
    /// When it holds: from this moment on ...
    pub not_before: Timestamp,
    /// ... before this one.
    pub not_after: Timestamp,
    /// How long credentials live that were got in the window.
    pub session_max: SignedDuration,
    /// When it was asked for.
    pub requested_at: Option<Timestamp>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Who approved it.
    pub approvers: Vec<String>,
    /// The ticket.
    pub ticket: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// On which terms.
    pub conditions: GrantConditions,
    /// Whether nobody has to approve it first.
    pub break_glass: bool,
    /// When it was taken back before its end.
    pub revoked_at: Option<Timestamp>,
    /// Who took it back.
    pub revoked_by: Option<String>,
    /// Where it is from, such as `team`, `glide`, `manual`.
    pub source: Option<String>,
    /// The file it stands in.
    pub file: Arc<str>,
    /// The line there, from 1.
    pub line: u64,
}

/// What a grant gives to a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An IAM user, by its ARN or its name.
    User(String),
    /// An IAM role, by its ARN or its name.
    Role(String),
    /// An Identity Center permission set, by its name.
    PermissionSet(String),
    /// Membership in an IAM group, which no record shows: the person is looked for as an IAM user.
    Group(String),
}

impl Subject {
    /// The word used in reports.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Role(_) => "role",
            Self::PermissionSet(_) => "permission-set",
            Self::Group(_) => "group",
        }
    }

    /// Its ARN or its name, as the ledger has it.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Role(name) | Self::PermissionSet(name) | Self::Group(name) => name,
        }
    }
}

/// The terms of a grant. What is empty is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantConditions {
    /// Networks that calls may come from.
    pub source_ip: Vec<IpNet>,
    /// VPC endpoints that calls may go through.
    pub vpce: Vec<String>,
    /// Whether MFA was asked for.
    pub mfa: bool,
    /// Regions that may be called.
    pub regions: Vec<String>,
}

impl Grant {
    /// When it ended: at its end, or when it was taken back before.
    pub fn ends(&self) -> Timestamp {
        self.revoked_at.map_or(self.not_after, |revoked| revoked.min(self.not_after))
    }

    /// Whether it holds at a moment.
    pub fn holds_at(&self, time: Timestamp) -> bool {
        self.not_before <= time && time < self.ends()
    }
}
