use super::{Arn, is_account_id};

/// The identity that a policy would be attached to, or the reason there is none. One role used by
/// forty people is one principal; the people are its sessions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    /// What it is.
    pub kind: PrincipalKind,
    /// The account it lives in, where the record says so.
    pub account: Option<String>,
    /// Its ARN with path where there is one, otherwise the most exact name the record gives. A
    /// permission set has the ARN pattern that matches its role in the account, whatever the suffix.
    pub name: String,
}

/// Kinds of principal, as far as they differ in whether and how a policy can be attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// An IAM role.
    Role,
    /// An IAM role whose path the record does not show.
    RolePathUnknown,
    /// An Identity Center permission set in one account, known by its `AWSReservedSSO_` role.
    PermissionSet,
    /// An IAM user.
    User,
    /// The account's root user.
    Root,
    /// A role that AWS manages for one of its services.
    ServiceLinkedRole,
    /// The identity role of an EC2 instance, which is not a customer's role.
    InstanceIdentity,
    /// A federated user session of the root user.
    FederatedUser,
    /// Somebody signing in through SAML, before the role is assumed.
    SamlUser,
    /// Somebody signing in through OpenID Connect, before the role is assumed.
    WebIdentityUser,
    /// A person known to Identity Center only.
    IdentityCenterUser,
    /// A directory user.
    Directory,
    /// A caller from another account, of whom only ids are logged.
    ForeignAccount,
    /// An unsigned request.
    Anonymous,
    /// An AWS service acting for itself.
    AwsService,
    /// The record does not say.
    Unknown,
}

impl PrincipalKind {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Role | Self::RolePathUnknown => "role",
            Self::PermissionSet => "permission-set",
            Self::User => "user",
            Self::Root => "root",
            Self::ServiceLinkedRole => "service-linked-role",
            Self::InstanceIdentity => "instance-identity",
            Self::FederatedUser => "federated-user",
            Self::SamlUser => "saml-user",
            Self::WebIdentityUser => "web-identity-user",
            Self::IdentityCenterUser => "identity-center-user",
            Self::Directory => "directory",
            Self::ForeignAccount => "foreign-account",
            Self::Anonymous => "anonymous",
            Self::AwsService => "aws-service",
            Self::Unknown => "unknown",
        }
    }

    /// Why no identity policy can be attached to such a principal; `None` when one can.
    pub fn why_no_policy(self) -> Option<&'static str> {
        match self {
            Self::Role | Self::RolePathUnknown | Self::PermissionSet | Self::User => None,
            Self::Root => Some("the root user is not limited by IAM policies; use roles instead"),
            Self::ServiceLinkedRole => Some("AWS fixes the policy of a service-linked role"),
            Self::InstanceIdentity => Some("the instance identity role belongs to AWS"),
            Self::FederatedUser => Some("a federated session of the root user carries no identity policy"),
            Self::SamlUser | Self::WebIdentityUser => {
                Some("not an IAM identity yet; the trust policy of the role it assumes decides")
            }
            Self::IdentityCenterUser => Some("permissions come from permission sets, which the record does not name"),
            Self::Directory => Some("a directory user is not an IAM identity"),
            Self::ForeignAccount => Some("the caller belongs to another account, whose logs name it"),
            Self::Anonymous => Some("the request was not signed; only resource policies decide"),
            Self::AwsService => Some("an AWS service acts under its own permissions"),
            Self::Unknown => Some("the record does not say who called"),
        }
    }

    /// Whether AWS, not the customer, is behind it.
    pub fn is_service(self) -> bool {
        matches!(self, Self::AwsService | Self::ServiceLinkedRole | Self::InstanceIdentity)
    }
}

impl Principal {
    /// The role of an ARN, by what its path and name say of who manages it. `otherwise` is the kind where they say
    /// nothing.
    pub fn of_role(arn: &str, otherwise: PrincipalKind) -> Self {
        let of = |kind, name: String, account: &str| Self {
            kind,
            account: Some(account.to_owned()).filter(|a| is_account_id(a)),
            name,
        };
        let Ok(parsed) = Arn::parse(arn) else { return of(PrincipalKind::Unknown, arn.to_owned(), "") };
        let name = parsed.last_segment();
        if parsed.resource == "role/aws:ec2-instance" {
            return of(PrincipalKind::InstanceIdentity, arn.to_owned(), parsed.account);
        }
        if parsed.resource.starts_with("role/aws-service-role/") || name.starts_with("AWSServiceRoleFor") {
            return of(PrincipalKind::ServiceLinkedRole, arn.to_owned(), parsed.account);
        }
        if let Some(set) = permission_set(name) {
            // The suffix changes whenever the set is assigned anew, and the path holds the home region or
            // not: this pattern fits the role in this account whatever they are.
            let pattern = format!(
                "arn:{}:iam::{}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_{set}_*",
                parsed.partition, parsed.account
            );
            return of(PrincipalKind::PermissionSet, pattern, parsed.account);
        }
        of(otherwise, arn.to_owned(), parsed.account)
    }

    /// The short name people know it by: the last segment of the ARN, or the permission set's name.
    pub fn short_name(&self) -> &str {
        let last = self.name.rsplit_once('/').map_or(self.name.as_str(), |(_, last)| last);
        match self.kind {
            PrincipalKind::PermissionSet => {
                last.strip_prefix("AWSReservedSSO_").and_then(|s| s.strip_suffix("_*")).unwrap_or(last)
            }
            PrincipalKind::Root => "root",
            _ => last,
        }
    }
}

/// The permission set behind a role that Identity Center made: `Ops` of `AWSReservedSSO_Ops_0123456789abcdef`.
fn permission_set(role_name: &str) -> Option<&str> {
    let (set, suffix) = role_name.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
    let is_suffix = suffix.len() == 16 && suffix.bytes().all(|b| b.is_ascii_hexdigit());
    (is_suffix && !set.is_empty()).then_some(set)
}
