use super::UserIdentity;
use super::identity::Principals;
use crate::decode::{Invalid, Json};
use crate::iam::PrincipalKind;
use crate::intern::Interned;

/// Who or what uses a principal, as far as the record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, by the name that follows it from role to role, in lower case: the source identity, or the name
    /// of the session that Identity Center gave, or that of another session where it is an e-mail address. The
    /// last is chosen by whoever assumes the role.
    Person(Interned<String>),
    /// A program on AWS: an instance, a function, a task.
    Workload,
    /// The record does not say.
    Unknown,
}

impl Actor {
    pub(super) fn of(
        identity: &UserIdentity<'_>,
        kind: PrincipalKind,
        principals: &mut Principals,
    ) -> Result<Self, Invalid> {
        if kind.is_service() {
            return Ok(Self::Workload);
        }
        if let Some(name) = Json::text_of(identity.source_identity)?.filter(|name| !name.is_empty()) {
            return Ok(Self::Person(principals.person(&name)));
        }
        let id = Json::text_of(identity.principal_id)?;
        let session = session_name(id.as_deref());
        if (kind == PrincipalKind::PermissionSet && !session.is_empty()) || is_address(session) {
            return Ok(Self::Person(principals.person(session)));
        }
        let delivered = identity.in_scope_of.is_some() || identity.ec2_role_delivery.is_some();
        Ok(if delivered || is_instance(session) { Self::Workload } else { Self::Unknown })
    }
}

fn session_name(principal_id: Option<&str>) -> &str {
    principal_id.and_then(|id| id.split_once(':')).map(|(_, name)| name).unwrap_or_default()
}

/// Whether it is a session of an instance's role.
pub(super) fn is_instance_session(identity: &UserIdentity<'_>) -> Result<bool, Invalid> {
    Ok(is_instance(session_name(Json::text_of(identity.principal_id)?.as_deref())))
}

fn is_address(name: &str) -> bool {
    name.split_once('@').is_some_and(|(who, domain)| !who.is_empty() && domain.contains('.'))
}

/// Sessions of an instance's role have the instance's id for a name.
fn is_instance(name: &str) -> bool {
    name.strip_prefix("i-").is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|b| b.is_ascii_hexdigit()))
}
