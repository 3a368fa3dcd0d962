use std::borrow::Cow;

use super::session::{key_number, session_number};
use super::{Event, EventKind, Outcome, UserIdentity};
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
    /// The ARN of whoever the session was taken by, where the event is the session's own: a role that is switched to
    /// in the console.
    pub from: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    /// The credentials that this call issued, if it did.
    pub fn issued(&self) -> Option<IssuedTo<'a>> {
        if !self.operation.issues || self.outcome != Outcome::Succeeded {
            return None;
        }
        if self.operation.kind == EventKind::ConsoleSignIn {
            return self.switched();
        }
        let (mut credentials, mut holder, mut made) = (None, None, None);
        for (name, value) in self.response?.pairs() {
            match name.key().as_ref() {
                b"credentials" => credentials = Some(value),
                b"assumedRoleUser" => holder = Some(value),
                b"accessKey" => made = Some(value),
                _ => {}
            }
        }
        let key = |of: Json<'a>| of.get("accessKeyId")?.as_str().map(|key| key_number(&key));
        if let Some(key) = made.and_then(key) {
            let user = made.and_then(|made| made.get("userName")).and_then(Json::as_str).unwrap_or_default();
            return Some(IssuedTo { key: Some(key), session: None, user: Some(user), from: None });
        }
        let holder = holder.and_then(|role| role.get("assumedRoleId")).and_then(Json::as_str);
        let session = holder.as_deref().filter(|id| id.contains(':')).map(|id| self.session_from_now(id));
        let key = credentials.and_then(key);
        (key.is_some() || session.is_some()).then_some(IssuedTo { key, session, user: None, from: None })
    }

    /// A role that was switched to in the console. There is no call of STS then, and each request has another key.
    fn switched(&self) -> Option<IssuedTo<'a>> {
        let from = self.additional?.get("SwitchFrom")?.as_str().filter(|from| from.starts_with("arn:"))?;
        let id = self.user_identity.and_then(|identity| UserIdentity::read(identity).principal_id)?.as_str()?;
        Some(IssuedTo { key: None, session: Some(self.session_from_now(&id)), user: None, from: Some(from) })
    }

    /// The number of a session with this id that begins with the event.
    fn session_from_now(&self, id: &str) -> u64 {
        session_number(id, Some(self.time))
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
        Some("signin") => name == "SwitchRole",
        _ => false,
    }
}
