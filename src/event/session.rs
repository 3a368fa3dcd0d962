use jiff::Timestamp;

use super::UserIdentity;
use crate::intern::Interned;

/// One use of a principal: which person or workload, with which credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The name of the session or of the user. A role session's name is chosen by the caller.
    pub name: Option<Box<str>>,
    /// Set once when a role is assumed and kept along a chain of roles.
    pub source_identity: Option<Box<str>>,
    /// The key the request was signed with.
    pub access_key: Option<Box<str>>,
    /// Whether the credentials were got with MFA; `None` where the record does not say. `false` is no
    /// proof: an identity provider's MFA does not show.
    pub mfa: Option<bool>,
    /// When the session began.
    pub created: Option<Timestamp>,
    /// The service that made the call on the caller's behalf.
    pub invoked_by: Option<Interned<String>>,
    /// Whether it is a session that `sts:AssumeRoot` gave.
    pub assumed_root: bool,
    /// A number for the session by its name and beginning, the same in every run and on every machine,
    /// by which sessions are counted.
    pub number: u64,
}

impl Session {
    pub(super) fn of(identity: &UserIdentity<'_>) -> Self {
        let keep = |text: Option<&str>| text.map(Box::from);
        let after_colon = identity.principal_id.as_deref().and_then(|id| id.split_once(':')).map(|(_, name)| name);
        let name = after_colon.or(identity.user_name.as_deref());
        let access_key = identity.access_key_id.as_deref().filter(|key| !key.is_empty());
        let created: Option<Timestamp> = identity.creation_date.as_deref().and_then(|text| text.parse().ok());
        let began = created.map_or(0, Timestamp::as_second);
        Self {
            name: keep(name),
            source_identity: keep(identity.source_identity.as_deref()),
            access_key: keep(access_key),
            mfa: identity.mfa_authenticated,
            created,
            invoked_by: identity.invoked_by.as_deref().map(|service| Interned::new(service.to_owned())),
            assumed_root: identity.assumed_root == Some(true),
            number: fnv1a(name.or(access_key).unwrap_or_default().bytes().chain(began.to_le_bytes())),
        }
    }
}

/// The 64-bit FNV-1a hash. Two sessions that share a number are counted as one: among a million that
/// happens once in thirty million archives.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
