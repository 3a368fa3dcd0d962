use std::borrow::Cow;

use super::error_class::{ErrorClass, Failure, class_of, reads_like_a_denial};
use super::{Denial, DenialCause, EventKind, Identity, Message, Operation};
use crate::decode::{Json, Record, Reject};

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Done.
    Succeeded,
    /// A dry run that would have been done: nothing happened, and the caller may.
    DryRun,
    /// Not allowed.
    Denied(Denial<'a>),
    /// Failed for a reason that no permission changes: wrong parameters, throttling, bad credentials.
    Failed(Failure),
}

impl Outcome<'_> {
    /// The word used in reports and conditions.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::DryRun => "dry-run",
            Self::Denied(_) => "denied",
            Self::Failed(_) => "failed",
        }
    }

    /// Whether the caller was allowed, whether or not anything was done.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Succeeded | Self::DryRun)
    }
}

/// Reads the outcome. Where the call was made and by whom completes names that a message gives without.
pub(super) fn read<'a>(record: &Record<'a>, operation: &Operation, identity: &Identity) -> Result<Outcome<'a>, Reject> {
    let code = Json::text_of(record.error_code)?.filter(|code| !code.is_empty());
    let Some(code) = code else {
        // Console sign-in says it in its response, without a code.
        if operation.kind == EventKind::ApiCall && &*operation.name != "ConsoleLogin" {
            return Ok(Outcome::Succeeded);
        }
        let result = record.response_elements.and_then(|response| response.get("ConsoleLogin"));
        let failed = result.is_some_and(|result| result.is("Failure"));
        return Ok(if failed { Outcome::Failed(Failure::Authentication) } else { Outcome::Succeeded });
    };
    let text = message_text(record)?;
    let message = text.as_deref().map(Message::parse);
    let says_denied = message.as_ref().is_some_and(Message::is_denial);
    let cause = match class_of(&code) {
        // Identity providers use the code of a denial for a wrong password.
        Some(ErrorClass::Denied) if message == Some(Message::BadCredentials) => Err(Failure::Authentication),
        Some(ErrorClass::Denied) => Ok(DenialCause::Authorization),
        Some(ErrorClass::DeniedNetwork) => Ok(DenialCause::Network),
        Some(ErrorClass::DeniedDependency) => Ok(DenialCause::Dependency),
        Some(ErrorClass::AuthFailure) => match message {
            Some(Message::ImagesNotShared(_)) => Ok(DenialCause::ResourceNotShared),
            _ => Err(Failure::Authentication),
        },
        Some(ErrorClass::DeniedIfSaid) if says_denied => Ok(DenialCause::Authorization),
        Some(ErrorClass::DeniedIfSaid) => Err(Failure::AccountOrRegion),
        Some(ErrorClass::DryRun) => return Ok(Outcome::DryRun),
        // A code that says little, and a text that says it all.
        Some(ErrorClass::Failed(Failure::State | Failure::MaybeMasked)) if says_denied => {
            Ok(DenialCause::Authorization)
        }
        Some(ErrorClass::Failed(failure)) => Err(failure),
        None if says_denied || (text.is_none() && reads_like_a_denial(&code)) => Ok(DenialCause::Authorization),
        None => Err(Failure::Other),
    };
    Ok(match cause {
        Ok(cause) => {
            let account = operation.account.as_deref();
            let denial = Denial::new(cause, message.as_ref(), account, &identity.partition);
            Outcome::Denied(Denial { text, ..denial })
        }
        Err(failure) => Outcome::Failed(failure),
    })
}

/// The text of the error: some services put it into the response instead.
fn message_text<'a>(record: &Record<'a>) -> Result<Option<Cow<'a, str>>, Reject> {
    let mut text = Json::text_of(record.error_message)?;
    if text.is_none()
        && let Some(response) = record.response_elements
    {
        for key in ["message", "Message", "errorMessage"] {
            text = text.or(Json::text_of(response.get(key))?);
        }
    }
    Ok(text.filter(|text| !text.is_empty()))
}
