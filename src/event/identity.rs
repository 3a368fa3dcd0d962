//! Which principal a call belongs to: the identity that a policy attaches to, told apart from the
//! session that used it. Rules after the IAM user guide's "IAM identifiers" and the CloudTrail user
//! guide's "userIdentity element"; first match wins.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::Session;
use crate::decode::{Invalid, Json};
use crate::iam::{Arn, Principal, PrincipalKind, is_account_id, partition_of_region};
use crate::intern::Interned;

/// What is known of a caller from its `userIdentity`.
#[derive(Debug)]
pub struct Identity {
    /// Whom a policy would be attached to.
    pub principal: Interned<Principal>,
    /// The use of the principal that the call belongs to.
    pub session: Session,
    /// `accountId` as recorded.
    pub account: Option<Box<str>>,
    /// `principalId` as recorded.
    pub(super) principal_id: Option<Box<str>>,
    /// The partition of the caller's own ARN, which knows it best; else that of the region.
    pub(super) partition: Box<str>,
}

/// The `userIdentity` element as it stands in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are CloudTrail's own")]
pub struct UserIdentity<'a> {
    pub kind: Option<Cow<'a, str>>,
    pub principal_id: Option<Cow<'a, str>>,
    pub arn: Option<Cow<'a, str>>,
    pub account_id: Option<Cow<'a, str>>,
    pub access_key_id: Option<Cow<'a, str>>,
    pub user_name: Option<Cow<'a, str>>,
    pub invoked_by: Option<Cow<'a, str>>,
    pub identity_provider: Option<Cow<'a, str>>,
    pub issuer_type: Option<Cow<'a, str>>,
    pub issuer_arn: Option<Cow<'a, str>>,
    pub issuer_user_name: Option<Cow<'a, str>>,
    pub creation_date: Option<Cow<'a, str>>,
    pub mfa_authenticated: Option<bool>,
    pub source_identity: Option<Cow<'a, str>>,
    pub assumed_root: Option<bool>,
    pub on_behalf_of_user_id: Option<Cow<'a, str>>,
}

/// The principals that were met, each kept once.
#[derive(Default)]
pub(super) struct Principals(HashSet<Interned<Principal>>);

impl Principals {
    fn keep(&mut self, principal: Principal) -> Interned<Principal> {
        let new = Interned::new(principal);
        self.0.get_or_insert_with(&new, Interned::clone).clone()
    }
}

impl Identity {
    /// `region` is where the call was made.
    pub(super) fn of(identity: &UserIdentity<'_>, region: &str, principals: &mut Principals) -> Self {
        let keep = |text: &Option<Cow<'_, str>>| text.as_deref().map(Box::from);
        let own = identity.arn.as_deref().or(identity.issuer_arn.as_deref());
        let partition = own.and_then(|arn| Arn::parse(arn).ok()).map_or(partition_of_region(region), |arn| arn.partition);
        Self {
            principal: principals.keep(principal(identity, partition)),
            session: Session::of(identity),
            account: keep(&identity.account_id),
            principal_id: keep(&identity.principal_id),
            partition: partition.into(),
        }
    }
}

impl<'a> UserIdentity<'a> {
    /// Reads the element. Fails where a text in it is none.
    pub fn read(object: Json<'a>) -> Result<Self, Invalid> {
        let mut identity = Self::default();
        for (key, value) in object.entries().into_iter().flatten() {
            match key.text()?.as_deref().unwrap_or_default() {
                "type" => identity.kind = value.text()?,
                "principalId" => identity.principal_id = value.text()?,
                "arn" => identity.arn = value.text()?,
                "accountId" => identity.account_id = value.text()?,
                "accessKeyId" => identity.access_key_id = value.text()?,
                "userName" => identity.user_name = value.text()?,
                "invokedBy" => identity.invoked_by = value.text()?,
                "identityProvider" => identity.identity_provider = value.text()?,
                "onBehalfOf" => identity.on_behalf_of_user_id = text(value, "userId")?,
                "sessionContext" => identity.read_session_context(value)?,
                _ => {}
            }
        }
        Ok(identity)
    }

    fn read_session_context(&mut self, context: Json<'a>) -> Result<(), Invalid> {
        // Where the element stands twice, the last one counts, whole.
        *self = Self {
            issuer_type: None,
            issuer_arn: None,
            issuer_user_name: None,
            creation_date: None,
            mfa_authenticated: None,
            source_identity: None,
            assumed_root: None,
            ..std::mem::take(self)
        };
        for (key, value) in context.entries().into_iter().flatten() {
            match key.text()?.as_deref().unwrap_or_default() {
                "sessionIssuer" => {
                    self.issuer_type = text(value, "type")?;
                    self.issuer_arn = text(value, "arn")?;
                    self.issuer_user_name = text(value, "userName")?;
                }
                "attributes" => {
                    self.creation_date = text(value, "creationDate")?;
                    self.mfa_authenticated = value.get("mfaAuthenticated").and_then(Json::as_bool);
                }
                "sourceIdentity" => self.source_identity = value.text()?,
                "assumedRoot" => self.assumed_root = value.as_bool(),
                _ => {}
            }
        }
        Ok(())
    }
}

fn text<'a>(object: Json<'a>, key: &str) -> Result<Option<Cow<'a, str>>, Invalid> {
    object.get(key).map_or(Ok(None), Json::text)
}

/// The principal of a call. `partition` is used where an ARN has to be put together.
fn principal(identity: &UserIdentity<'_>, partition: &str) -> Principal {
    let of = |kind, name: String| Principal { kind, account: account(identity), name };
    let named = |kind| of(kind, label(identity));
    match identity.kind.as_deref() {
        Some("Root") => match (identity.arn.as_deref(), account(identity)) {
            (Some(arn), _) => of(PrincipalKind::Root, arn.to_owned()),
            (None, Some(account)) => of(PrincipalKind::Root, format!("arn:{partition}:iam::{account}:root")),
            (None, None) => of(PrincipalKind::Root, "root".to_owned()),
        },
        Some("IAMUser") => match identity.arn.as_deref() {
            Some(arn) => of(PrincipalKind::User, arn.to_owned()),
            // A failed sign-in: the name is what somebody typed.
            None => named(PrincipalKind::Unknown),
        },
        Some("AssumedRole" | "Role") => role(identity, partition),
        Some("FederatedUser") => match (identity.issuer_type.as_deref(), identity.issuer_arn.as_deref()) {
            (Some("IAMUser"), Some(arn)) => of(PrincipalKind::User, arn.to_owned()),
            _ => named(PrincipalKind::FederatedUser),
        },
        Some("SAMLUser") => named(PrincipalKind::SamlUser),
        Some("WebIdentityUser") => named(PrincipalKind::WebIdentityUser),
        Some("IdentityCenterUser") => identity_center(identity),
        Some("Directory") => named(PrincipalKind::Directory),
        Some("AWSAccount") if is_anonymous(identity) => of(PrincipalKind::Anonymous, "anonymous".to_owned()),
        Some("AWSAccount") => of(PrincipalKind::ForeignAccount, foreign(identity)),
        Some("AWSService") => service(identity),
        _ if identity.on_behalf_of_user_id.is_some() => identity_center(identity),
        _ if identity.arn.as_deref().is_some_and(|arn| arn.contains(":assumed-role/") || arn.contains(":role/")) => {
            role(identity, partition)
        }
        _ if identity.arn.as_deref().is_some_and(|arn| arn.contains(":user/")) => named(PrincipalKind::User),
        _ if identity.invoked_by.is_some() => service(identity),
        _ => named(PrincipalKind::Unknown),
    }
}

/// The account the principal lives in.
fn account(identity: &UserIdentity<'_>) -> Option<String> {
    let own = identity.account_id.as_deref().filter(|account| is_account_id(account));
    own.or_else(|| Some(Arn::parse(identity.arn.as_deref()?).ok()?.account).filter(|a| is_account_id(a))).map(str::to_owned)
}

/// The most exact name a record gives to somebody without an ARN to attach to.
fn label(identity: &UserIdentity<'_>) -> String {
    let name = identity.arn.as_deref().or(identity.user_name.as_deref()).or(identity.principal_id.as_deref()).or(identity.access_key_id.as_deref());
    match (name, identity.account_id.as_deref()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(account)) => format!("account {account}"),
        (None, None) => "unknown".to_owned(),
    }
}

fn identity_center(identity: &UserIdentity<'_>) -> Principal {
    let name = identity.on_behalf_of_user_id.as_deref().map_or_else(|| label(identity), str::to_owned);
    Principal { kind: PrincipalKind::IdentityCenterUser, account: account(identity), name }
}

fn is_anonymous(identity: &UserIdentity<'_>) -> bool {
    let unsigned = |text: Option<&str>| matches!(text, Some("ANONYMOUS_PRINCIPAL" | "anonymous"));
    unsigned(identity.account_id.as_deref()) || unsigned(identity.principal_id.as_deref())
}

/// A caller from another account: its account and the unique id of its role or user, without the
/// session, so that one role is one caller.
fn foreign(identity: &UserIdentity<'_>) -> String {
    let id = identity.principal_id.as_deref().map(|id| id.split(':').next().unwrap_or(id)).filter(|id| !id.is_empty());
    match (identity.account_id.as_deref(), id) {
        (Some(account), Some(id)) => format!("{account}:{id}"),
        (Some(account), None) => account.to_owned(),
        (None, Some(id)) => id.to_owned(),
        (None, None) => "unknown account".to_owned(),
    }
}

fn service(identity: &UserIdentity<'_>) -> Principal {
    let name = identity.invoked_by.as_deref().unwrap_or("AWS service").to_owned();
    Principal { kind: PrincipalKind::AwsService, account: account(identity), name }
}

fn role(identity: &UserIdentity<'_>, partition: &str) -> Principal {
    let is_role = |arn: &&str| Arn::parse(arn).is_ok_and(|arn| arn.resource.starts_with("role/"));
    // The issuer has the role's path; the session's own ARN has not.
    if let Some(arn) = identity.issuer_arn.as_deref().filter(is_role).or(identity.arn.as_deref().filter(is_role)) {
        return classified_role(arn, PrincipalKind::Role);
    }
    let session = identity.arn.as_deref().and_then(|arn| Arn::parse(arn).ok());
    let name = session.and_then(|arn| arn.resource.strip_prefix("assumed-role/"));
    let name = name.and_then(|rest| rest.split('/').next()).or(identity.issuer_user_name.as_deref());
    match (name, session.map(|arn| arn.account).or(identity.account_id.as_deref())) {
        (Some("aws:ec2-instance"), _) => {
            Principal { kind: PrincipalKind::InstanceIdentity, account: account(identity), name: label(identity) }
        }
        (Some(name), Some(account)) => {
            let partition = session.map_or(partition, |arn| arn.partition);
            classified_role(&format!("arn:{partition}:iam::{account}:role/{name}"), PrincipalKind::RolePathUnknown)
        }
        _ => Principal { kind: PrincipalKind::Unknown, account: account(identity), name: label(identity) },
    }
}

/// A role ARN, by what its path and name say of who manages it.
fn classified_role(arn: &str, otherwise: PrincipalKind) -> Principal {
    let of = |kind, name: String, account: &str| Principal {
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

/// The permission set behind a role that Identity Center made: `Ops` of `AWSReservedSSO_Ops_0123456789abcdef`.
fn permission_set(role_name: &str) -> Option<&str> {
    let (set, suffix) = role_name.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
    let is_suffix = suffix.len() == 16 && suffix.bytes().all(|b| b.is_ascii_hexdigit());
    (is_suffix && !set.is_empty()).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(identity: &UserIdentity<'_>, kind: PrincipalKind, name: &str) {
        let found = principal(identity, "aws");
        assert_eq!((found.kind, found.name.as_str()), (kind, name));
    }

    fn assumed<'a>(arn: &'a str, issuer_arn: Option<&'a str>) -> UserIdentity<'a> {
        let issuer_arn = issuer_arn.map(Cow::Borrowed);
        UserIdentity { kind: Some("AssumedRole".into()), arn: Some(arn.into()), issuer_arn, ..UserIdentity::default() }
    }

    #[test]
    fn a_session_belongs_to_its_role_with_the_path() {
        let session = "arn:aws:sts::111122223333:assumed-role/App/i-0abc";
        let issuer = "arn:aws:iam::111122223333:role/service/App";
        check(&assumed(session, Some(issuer)), PrincipalKind::Role, issuer);
        check(&assumed(session, None), PrincipalKind::RolePathUnknown, "arn:aws:iam::111122223333:role/App");
        check(&assumed(issuer, None), PrincipalKind::Role, issuer);
    }

    #[test]
    fn a_permission_set_is_one_principal_whatever_the_suffix() {
        let pattern = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Data_Ops_*";
        for (region, suffix) in [("", "0123456789abcdef"), ("/eu-west-1", "fedcba9876543210")] {
            let role = format!("role/aws-reserved/sso.amazonaws.com{region}/AWSReservedSSO_Data_Ops_{suffix}");
            let issuer = format!("arn:aws:iam::111122223333:{role}");
            check(
                &assumed("arn:aws:sts::111122223333:assumed-role/x/alice", Some(&issuer)),
                PrincipalKind::PermissionSet,
                pattern,
            );
            assert!(crate::iam::matches(pattern, &issuer));
        }
    }

    #[test]
    fn roles_of_aws_are_told_apart() {
        let issuer = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
        check(
            &assumed("arn:aws:sts::111122223333:assumed-role/x/y", Some(issuer)),
            PrincipalKind::ServiceLinkedRole,
            issuer,
        );
    }
}
