//! What can be asked for, by its names: CloudTrail's, ours, and the columns of a table.

use super::{Field, FieldError, did_you_mean};

/// What fields can be called.
#[derive(Clone, Copy)]
pub(super) enum Names<'n> {
    /// As in records, and ours.
    OfEvents,
    /// As the columns of a table.
    Columns(&'n [String]),
}

impl Names<'_> {
    /// A field by its name.
    pub(super) fn field(self, name: &str) -> Result<Field, FieldError> {
        let Names::Columns(columns) = self else { return Field::parse(name) };
        let is_known = |name: &str| columns.iter().any(|column| column == name);
        if is_known(name) || name.split_once('.').is_some_and(|(column, _)| is_known(column)) {
            return Ok(Field::Column(name.into()));
        }
        let hint = did_you_mean(name, columns.iter().map(String::as_str));
        let hint = if hint.is_empty() { format!("; there are {}", columns.join(", ")) } else { hint };
        Err(FieldError::NoColumn { name: name.to_owned(), hint })
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in a condition.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

names! {
    /// A member of a record.
    #[allow(missing_docs, reason = "the names are CloudTrail's own")]
    Member {
        EventTime = "eventTime",
        EventSource = "eventSource",
        EventName = "eventName",
        AwsRegion = "awsRegion",
        SourceIpAddress = "sourceIPAddress",
        UserAgent = "userAgent",
        ErrorCode = "errorCode",
        ErrorMessage = "errorMessage",
        RequestId = "requestID",
        EventId = "eventID",
        EventType = "eventType",
        EventCategory = "eventCategory",
        RecipientAccountId = "recipientAccountId",
        VpcEndpointId = "vpcEndpointId",
        ReadOnly = "readOnly",
        UserIdentity = "userIdentity",
        RequestParameters = "requestParameters",
        ResponseElements = "responseElements",
        AdditionalEventData = "additionalEventData",
        Resources = "resources",
        SessionCredentialFromConsole = "sessionCredentialFromConsole",
        TlsDetails = "tlsDetails",
    }
}

impl Member {
    /// Whether it says what was called.
    pub fn is_called(self) -> bool {
        matches!(self, Self::EventSource | Self::EventName)
    }

    /// Whether it is an object, or a list of them.
    pub(super) fn has_parts(self) -> bool {
        matches!(
            self,
            Self::UserIdentity
                | Self::RequestParameters
                | Self::ResponseElements
                | Self::AdditionalEventData
                | Self::Resources
                | Self::TlsDetails
        )
    }
}

names! {
    /// What follows from a record.
    Derived {
        /// `succeeded`, `denied`, `dry-run` or `failed`.
        Outcome = "outcome",
        /// The principal's ARN, or else its name.
        Principal = "principal",
        /// The person where the record tells, else the principal.
        Who = "who",
        /// The session of it, by the 16 digits that an audit tells too.
        Session = "session",
        /// Its kind, such as `role`.
        PrincipalKind = "principal_kind",
        /// The person behind it, where the record tells.
        Person = "person",
        /// The IAM actions the call needs.
        Action = "action",
        /// Their access levels.
        AccessLevel = "access_level",
        /// Their privilege classes.
        Privilege = "privilege",
        /// The ARNs they are needed on.
        Resource = "resource",
        /// The roles that are handed to a service.
        RolePassed = "role_passed",
        /// Whether the IAM user that the request is about is the caller.
        TargetIsCaller = "target_is_caller",
        /// What a policy document in the request allows.
        PolicyAllows = "policy_document.allows",
        /// To whom a policy document in the request opens something.
        PolicyOpensTo = "policy_document.opens_to",
        /// Whether a key policy in the request shuts out the account that owns the key.
        PolicyDeniesOwner = "policy_document.denies_owner",
        /// The layer of policies that denied the call, where it was denied.
        PolicyType = "policy_type",
        /// The hour it began in, as its first moment (UTC).
        Hour = "hour",
        /// The day (UTC).
        Day = "day",
        /// From where the request came: over the internet, from a private network, a VPC endpoint, a service.
        Network = "network",
        /// The account whose copy of the event it is.
        Account = "account",
        /// To whom the request gives something by its parameters.
        SharedWith = "shared_with",
        /// What a rule of a security group in the request opens to everybody.
        Ingress = "ingress",
    }
}

/// Members of a record that no condition can ask for.
pub(super) const NOT_READ: &[&str] = &[
    "eventVersion",
    "apiVersion",
    "managementEvent",
    "sharedEventID",
    "serviceEventDetails",
    "addendum",
    "edgeDeviceDetails",
    "eventContext",
    "inScopeOf",
];

impl Derived {
    /// The words that it can be, where that is a closed list.
    pub(super) fn words(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Outcome => &["succeeded", "denied", "dry-run", "failed"],
            Self::PolicyAllows => &[
                "everything",
                "all-iam",
                "iam-escalation",
                "pass-any-role",
                "assume-any-role",
                "whole-service",
                "some",
            ],
            Self::PolicyOpensTo => &[
                "everyone",
                "everyone-conditioned",
                "other-account",
                "other-account-external-id",
                "federated",
                "organization",
                "own-account",
                "service",
            ],
            Self::SharedWith => &["everyone", "other-account", "own-account", "organization"],
            Self::Ingress => &["all-ports", "ssh", "rdp", "database", "other"],
            Self::TargetIsCaller | Self::PolicyDeniesOwner => &["true", "false"],
            Self::PrincipalKind => &[
                "role",
                "permission-set",
                "user",
                "root",
                "service-linked-role",
                "instance-identity",
                "federated-user",
                "saml-user",
                "web-identity-user",
                "identity-center-user",
                "directory",
                "foreign-account",
                "anonymous",
                "aws-service",
                "unknown",
            ],
            Self::AccessLevel => &["List", "Read", "Write", "Tagging", "Permissions management"],
            Self::Privilege => &[
                "permissions-management",
                "privilege-escalation",
                "credential-access",
                "resource-exposure",
                "data-access",
                "defense-evasion",
                "destruction",
                "organization-administration",
                "identity-center-administration",
            ],
            Self::PolicyType => {
                &["identity", "resource", "boundary", "session", "scp", "rcp", "vpce", "trust", "unknown"]
            }
            Self::Network => &["public", "private", "vpce", "service", "none"],
            Self::Principal
            | Self::Person
            | Self::Who
            | Self::Session
            | Self::Account
            | Self::Hour
            | Self::Day
            | Self::Action
            | Self::Resource
            | Self::RolePassed => return None,
        })
    }
}
