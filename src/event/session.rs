use jiff::Timestamp;

use super::UserIdentity;
use crate::decode::{Invalid, Json, moment};

/// One use of a principal: which person or workload, with which credentials. Read when somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The name of the session or of the user. A role session's name is chosen by the caller.
    pub name: Option<String>,
    /// Set once when a role is assumed and kept along a chain of roles.
    pub source_identity: Option<String>,
    /// The key the request was signed with.
    pub access_key: Option<String>,
    /// When the session began.
    pub created: Option<Timestamp>,
}

impl Session {
    pub(super) fn read(identity: &UserIdentity<'_>) -> Result<Self, Invalid> {
        let text = |field| Ok::<_, Invalid>(Json::text_of(field)?.map(|text| text.into_owned()));
        let after_colon = |id: String| id.split_once(':').map(|(_, name)| name.to_owned());
        Ok(Self {
            name: text(identity.principal_id)?.and_then(after_colon).or(text(identity.user_name)?),
            source_identity: text(identity.source_identity)?,
            access_key: text(identity.access_key_id)?.filter(|key| !key.is_empty()),
            created: text(identity.creation_date)?.and_then(|text| text.parse().ok()),
        })
    }

    /// A number for a session by the id of its principal with its name, or else its user or key, and its beginning.
    pub fn number(identity: &UserIdentity<'_>) -> Result<u64, Invalid> {
        let id = Json::text_of(identity.principal_id)?.filter(|id| !id.is_empty());
        let id = match id {
            Some(id) => Some(id),
            None => Json::text_of(identity.user_name)?.or(Json::text_of(identity.access_key_id)?),
        };
        let began = identity.creation_date.and_then(moment);
        Ok(session_number(id.as_deref().unwrap_or_default(), began))
    }
}

/// The number of a session by its id, such as `AROA…:name`, and its beginning.
pub(super) fn session_number(id: &str, began: Option<Timestamp>) -> u64 {
    let began = began.map_or(i64::MIN, Timestamp::as_second).to_le_bytes();
    fnv1a(id.bytes().chain([0]).chain(began))
}

/// The number of an access key, or of another name that stands for one holder: the same in every run.
pub fn key_number(id: &str) -> u64 {
    fnv1a(id.bytes())
}

/// The 64-bit FNV-1a hash, the same in every run and on every machine. Two sessions that share a number are counted as one: among a million that
/// happens once in thirty million archives.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
