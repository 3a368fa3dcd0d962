//! Which principal a call belongs to: the identity that a policy attaches to, told apart from the
//! session that used it. Rules after the IAM user guide's "IAM identifiers" and the CloudTrail user
//! guide's "userIdentity element"; first match wins.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::actor::is_instance_session;
use super::session::key_number;
use super::{Actor, Session};
use crate::decode::{Invalid, Json};
use crate::iam::{Arn, Principal, PrincipalKind, is_account_id, partition_of_region};
use crate::intern::{Interned, Memo};

/// What is known of a caller from its `userIdentity`, as far as it matters for every call it makes.
#[derive(Debug)]
pub struct Identity {
    /// Whom a policy would be attached to.
    pub principal: Interned<Principal>,
    /// The service that makes the calls on the principal's behalf.
    pub invoked_by: Option<Interned<String>>,
    /// A number for the session by its name and beginning, the same in every run and on every machine,
    /// by which sessions are counted.
    pub session: u64,
    /// A number for the access key that requests are signed with, where the record names it.
    pub key: Option<u64>,
    /// Whether the session is that of an EC2 instance.
    pub is_instance: bool,
    /// Whether the credentials were got with MFA; `None` where the record does not say. `false` is no
    /// proof: an identity provider's MFA does not show.
    pub mfa: Option<bool>,
    /// Who or what uses the principal, as far as the record says.
    pub actor: Actor,
    /// Whether it is a session that `sts:AssumeRoot` gave.
    pub assumed_root: bool,
    /// `accountId` as recorded.
    pub account: Option<Box<str>>,
    /// The partition of the caller's own ARN, which knows it best; else that of the region.
    pub(super) partition: Cow<'static, str>,
}

/// The `userIdentity` element as it stands in a record.
#[derive(Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are CloudTrail's own")]
pub struct UserIdentity<'a> {
    pub kind: Option<Json<'a>>,
    pub principal_id: Option<Json<'a>>,
    pub arn: Option<Json<'a>>,
    pub account_id: Option<Json<'a>>,
    pub access_key_id: Option<Json<'a>>,
    pub user_name: Option<Json<'a>>,
    pub invoked_by: Option<Json<'a>>,
    pub identity_provider: Option<Json<'a>>,
    pub issuer_type: Option<Json<'a>>,
    pub issuer_arn: Option<Json<'a>>,
    pub issuer_user_name: Option<Json<'a>>,
    pub creation_date: Option<Json<'a>>,
    pub mfa_authenticated: Option<bool>,
    pub source_identity: Option<Json<'a>>,
    pub assumed_root: Option<bool>,
    pub on_behalf_of_user_id: Option<Json<'a>>,
    pub in_scope_of: Option<Json<'a>>,
    pub ec2_role_delivery: Option<Json<'a>>,
}

/// The principals that were met, each kept once, and what they were read from.
pub(super) struct Principals {
    kept: HashSet<Interned<Principal>>,
    services: HashSet<Interned<String>>,
    people: HashSet<Interned<String>>,
    read: Memo<Interned<Principal>>,
}

/// Principals whose elements are remembered.
const REMEMBERED: usize = 1 << 12;

impl Default for Principals {
    fn default() -> Self {
        Self { kept: HashSet::new(), services: HashSet::new(), people: HashSet::new(), read: Memo::new(REMEMBERED) }
    }
}

impl Principals {
    /// The principal of an identity. All that it follows from is compared, and nothing of its session.
    fn of(&mut self, identity: &UserIdentity<'_>, partition: &str) -> Result<Interned<Principal>, Invalid> {
        let Self { kept, read, .. } = self;
        // Whatever is remembered, a text that is none is refused.
        let texts = Texts::of(identity)?;
        let mut make = || {
            let new = Interned::new(principal(&texts, partition));
            Ok::<_, Invalid>(kept.get_or_insert_with(&new, Interned::clone).clone())
        };
        // The session of a role has its issuer's ARN, and then nothing else counts.
        let issuer = identity.issuer_arn.filter(|_| identity.kind.is_some_and(|kind| kind.is("AssumedRole")));
        match issuer {
            Some(issuer) if Json::text_of(Some(issuer))?.as_deref().is_some_and(is_role) => {
                read.get(&[issuer.raw()], make).cloned()
            }
            _ => make(),
        }
    }

    /// A person by what people are known by, in whatever case it was typed.
    pub(super) fn person(&mut self, name: &str) -> Interned<String> {
        let new = Interned::new(name.to_lowercase());
        self.people.get_or_insert_with(&new, Interned::clone).clone()
    }

    fn service(&mut self, name: &str) -> Interned<String> {
        let new = Interned::new(name.to_owned());
        self.services.get_or_insert_with(&new, Interned::clone).clone()
    }
}

impl Identity {
    /// `region` is where the call was made.
    pub(super) fn of(identity: &UserIdentity<'_>, region: &str, principals: &mut Principals) -> Result<Self, Invalid> {
        let own = Json::text_of(identity.arn.or(identity.issuer_arn))?;
        let arn = own.as_deref().and_then(|arn| Arn::parse(arn).ok());
        let partition = match arn.map(|arn| arn.partition) {
            Some("aws") => Cow::Borrowed("aws"),
            Some(other) => Cow::Owned(other.to_owned()),
            None => Cow::Borrowed(partition_of_region(region)),
        };
        let invoked_by = Json::text_of(identity.invoked_by)?;
        let principal = principals.of(identity, &partition)?;
        Ok(Self {
            actor: Actor::of(identity, principal.kind, principals)?,
            principal,
            invoked_by: invoked_by.map(|service| principals.service(&service)),
            session: Session::number(identity)?,
            key: Json::text_of(identity.access_key_id)?.filter(|key| !key.is_empty()).map(|key| key_number(&key)),
            is_instance: is_instance_session(identity)?,
            mfa: identity.mfa_authenticated,
            assumed_root: identity.assumed_root == Some(true),
            account: Json::text_of(identity.account_id)?.map(|account| account.as_ref().into()),
            partition,
        })
    }
}

impl<'a> UserIdentity<'a> {
    /// Finds the fields of the element. They are not looked into.
    pub fn read(object: Json<'a>) -> Self {
        let mut identity = Self::default();
        for (key, value) in object.pairs() {
            let present = (!value.is_null()).then_some(value);
            match key.key().as_ref() {
                b"type" => identity.kind = present,
                b"principalId" => identity.principal_id = present,
                b"arn" => identity.arn = present,
                b"accountId" => identity.account_id = present,
                b"accessKeyId" => identity.access_key_id = present,
                b"userName" => identity.user_name = present,
                b"invokedBy" => identity.invoked_by = present,
                b"identityProvider" => identity.identity_provider = present,
                b"onBehalfOf" => identity.on_behalf_of_user_id = value.get("userId"),
                b"inScopeOf" => identity.in_scope_of = present,
                b"sessionContext" => identity.read_session_context(value),
                _ => {}
            }
        }
        identity
    }

    fn read_session_context(&mut self, context: Json<'a>) {
        // Where the element stands twice, the last one counts, whole.
        *self = Self {
            issuer_type: None,
            issuer_arn: None,
            issuer_user_name: None,
            creation_date: None,
            mfa_authenticated: None,
            source_identity: None,
            assumed_root: None,
            ec2_role_delivery: None,
            ..*self
        };
        for (key, value) in context.pairs() {
            match key.key().as_ref() {
                b"sessionIssuer" => {
                    (self.issuer_type, self.issuer_arn, self.issuer_user_name) = (None, None, None);
                    for (key, value) in value.pairs() {
                        let present = (!value.is_null()).then_some(value);
                        match key.key().as_ref() {
                            b"type" => self.issuer_type = present,
                            b"arn" => self.issuer_arn = present,
                            b"userName" => self.issuer_user_name = present,
                            _ => {}
                        }
                    }
                }
                b"attributes" => {
                    self.creation_date = value.get("creationDate");
                    self.mfa_authenticated = value.get("mfaAuthenticated").and_then(Json::as_bool);
                }
                b"sourceIdentity" => self.source_identity = (!value.is_null()).then_some(value),
                b"ec2RoleDelivery" => self.ec2_role_delivery = (!value.is_null()).then_some(value),
                b"assumedRoot" => self.assumed_root = value.as_bool(),
                _ => {}
            }
        }
    }
}

/// The texts of a `userIdentity` that tell whom it is.
#[derive(Clone, Debug, Default)]
struct Texts<'a> {
    kind: Option<Cow<'a, str>>,
    principal_id: Option<Cow<'a, str>>,
    arn: Option<Cow<'a, str>>,
    account_id: Option<Cow<'a, str>>,
    access_key_id: Option<Cow<'a, str>>,
    user_name: Option<Cow<'a, str>>,
    invoked_by: Option<Cow<'a, str>>,
    issuer_type: Option<Cow<'a, str>>,
    issuer_arn: Option<Cow<'a, str>>,
    issuer_user_name: Option<Cow<'a, str>>,
    on_behalf_of_user_id: Option<Cow<'a, str>>,
}

impl<'a> Texts<'a> {
    fn of(identity: &UserIdentity<'a>) -> Result<Self, Invalid> {
        Ok(Self {
            kind: Json::text_of(identity.kind)?,
            principal_id: Json::text_of(identity.principal_id)?,
            arn: Json::text_of(identity.arn)?,
            account_id: Json::text_of(identity.account_id)?,
            access_key_id: Json::text_of(identity.access_key_id)?,
            user_name: Json::text_of(identity.user_name)?,
            invoked_by: Json::text_of(identity.invoked_by)?,
            issuer_type: Json::text_of(identity.issuer_type)?,
            issuer_arn: Json::text_of(identity.issuer_arn)?,
            issuer_user_name: Json::text_of(identity.issuer_user_name)?,
            on_behalf_of_user_id: Json::text_of(identity.on_behalf_of_user_id)?,
        })
    }
}

/// The principal of a call. `partition` is used where an ARN has to be put together.
fn principal(identity: &Texts<'_>, partition: &str) -> Principal {
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
fn account(identity: &Texts<'_>) -> Option<String> {
    let own = identity.account_id.as_deref().filter(|account| is_account_id(account));
    own.or_else(|| Some(Arn::parse(identity.arn.as_deref()?).ok()?.account).filter(|a| is_account_id(a)))
        .map(str::to_owned)
}

/// The most exact name a record gives to somebody without an ARN to attach to.
fn label(identity: &Texts<'_>) -> String {
    let name = identity
        .arn
        .as_deref()
        .or(identity.user_name.as_deref())
        .or(identity.principal_id.as_deref())
        .or(identity.access_key_id.as_deref());
    match (name, identity.account_id.as_deref()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(account)) => format!("account {account}"),
        (None, None) => "unknown".to_owned(),
    }
}

fn identity_center(identity: &Texts<'_>) -> Principal {
    let name = identity.on_behalf_of_user_id.as_deref().map_or_else(|| label(identity), str::to_owned);
    Principal { kind: PrincipalKind::IdentityCenterUser, account: account(identity), name }
}

fn is_anonymous(identity: &Texts<'_>) -> bool {
    let unsigned = |text: Option<&str>| matches!(text, Some("ANONYMOUS_PRINCIPAL" | "anonymous"));
    unsigned(identity.account_id.as_deref()) || unsigned(identity.principal_id.as_deref())
}

/// A caller from another account: its account and the unique id of its role or user, without the
/// session, so that one role is one caller.
fn foreign(identity: &Texts<'_>) -> String {
    let id = identity.principal_id.as_deref().map(|id| id.split(':').next().unwrap_or(id)).filter(|id| !id.is_empty());
    match (identity.account_id.as_deref(), id) {
        (Some(account), Some(id)) => format!("{account}:{id}"),
        (Some(account), None) => account.to_owned(),
        (None, Some(id)) => id.to_owned(),
        (None, None) => "unknown account".to_owned(),
    }
}

fn service(identity: &Texts<'_>) -> Principal {
    let name = identity.invoked_by.as_deref().unwrap_or("AWS service").to_owned();
    Principal { kind: PrincipalKind::AwsService, account: account(identity), name }
}

fn role(identity: &Texts<'_>, partition: &str) -> Principal {
    let is_role = |arn: &&str| is_role(arn);
    // The issuer has the role's path; the session's own ARN has not.
    if let Some(arn) = identity.issuer_arn.as_deref().filter(is_role).or(identity.arn.as_deref().filter(is_role)) {
        return Principal::of_role(arn, PrincipalKind::Role);
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
            Principal::of_role(&format!("arn:{partition}:iam::{account}:role/{name}"), PrincipalKind::RolePathUnknown)
        }
        _ => Principal { kind: PrincipalKind::Unknown, account: account(identity), name: label(identity) },
    }
}

fn is_role(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| arn.resource.starts_with("role/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(identity: &Texts<'_>, kind: PrincipalKind, name: &str) {
        let found = principal(identity, "aws");
        assert_eq!((found.kind, found.name.as_str()), (kind, name));
    }

    fn assumed<'a>(arn: &'a str, issuer_arn: Option<&'a str>) -> Texts<'a> {
        let issuer_arn = issuer_arn.map(Cow::Borrowed);
        Texts { kind: Some("AssumedRole".into()), arn: Some(arn.into()), issuer_arn, ..Texts::default() }
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
