use std::borrow::Cow;

use super::session::{key_number, session_number};
use super::{Event, Outcome};
use crate::decode::Json;

/// Credentials that a call issued, by which what is done with them is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedTo<'a> {
    /// The number of the access key.
    pub key: Option<u64>,
    /// The number of the session that begins, where its name is told. It begins when it is issued.
    pub session: Option<u64>,
    /// The IAM user that a long-term key was made for.
    pub user: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    /// The credentials that this call issued, if it did.
    pub fn issued(&self) -> Option<IssuedTo<'a>> {
        if !self.operation.issues || self.outcome != Outcome::Succeeded {
            return None;
        }
        let response = self.response?;
        let key = |of: Option<Json<'a>>| of?.get("accessKeyId")?.as_str().map(|key| key_number(&key));
        let user = response.get("accessKey").and_then(|key| key.get("userName")).and_then(Json::as_str);
        let made = key(response.get("accessKey"));
        if made.is_some() {
            return Some(IssuedTo { key: made, session: None, user: user.or(Some(Cow::Borrowed(""))) });
        }
        let holder = response.get("assumedRoleUser").and_then(|role| role.get("assumedRoleId"));
        let holder = holder.and_then(Json::as_str);
        let name = holder.as_deref().and_then(|id| id.split_once(':')).map(|(_, name)| name);
        let session = name.map(|name| session_number(name, format!("\"{}\"", self.time).as_bytes()));
        let key = key(response.get("credentials"));
        (key.is_some() || session.is_some()).then_some(IssuedTo { key, session, user: None })
    }
}

/// Whether such calls issue credentials.
pub(super) fn issues(source: &str, name: &str) -> bool {
    match source.split('.').next() {
        Some("sts") => matches!(
            name,
            "AssumeRole"
                | "AssumeRoleWithSAML"
                | "AssumeRoleWithWebIdentity"
                | "AssumeRoot"
                | "GetFederationToken"
                | "GetSessionToken"
        ),
        Some("iam") => name == "CreateAccessKey",
        _ => false,
    }
}
