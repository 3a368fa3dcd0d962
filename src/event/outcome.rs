use std::borrow::Cow;

use super::denial::{Denial, DenialCause, Facts, Message};
use super::error_class::{ErrorClass, class_of, reads_like_a_denial};
use super::{EventKind, Identity, Operation};
use crate::decode::{Json, Record, Reject};

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Done, or a dry run that would have been.
    Succeeded,
    /// Not allowed.
    Denied(Denial<'a>),
    /// Failed for a reason that no permission changes: wrong parameters, throttling, bad credentials.
    Failed,
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
        return Ok(if failed { Outcome::Failed } else { Outcome::Succeeded });
    };
    let text = message_text(record)?;
    let message = text.as_deref().map(Message::parse);
    let says_denied = message.as_ref().is_some_and(Message::is_denial);
    let says = |words| text.as_deref().is_some_and(|text| text.contains(words));
    let cause = match class_of(&code) {
        // Identity providers use the code of a denial for a wrong password.
        Some(ErrorClass::Denied)
            if text.as_deref().is_some_and(|t| t.starts_with("Incorrect username or password")) =>
        {
            None
        }
        Some(ErrorClass::Denied) => Some(DenialCause::Authorization),
        Some(ErrorClass::DeniedByNetwork) => Some(DenialCause::Network),
        Some(ErrorClass::DeniedByDependency) => Some(DenialCause::Dependency),
        Some(ErrorClass::AuthFailure) if says("Not authorized for images") => Some(DenialCause::ResourceNotShared),
        Some(ErrorClass::DeniedIfSaid) if says_denied => Some(DenialCause::Authorization),
        Some(ErrorClass::Authorized) => return Ok(Outcome::Succeeded),
        Some(_) => None,
        None if says_denied || (text.is_none() && reads_like_a_denial(&code)) => Some(DenialCause::Authorization),
        None => None,
    };
    Ok(match cause {
        Some(cause) => {
            let account = operation.account.as_deref();
            let facts = message.map(|message| Facts::of(&message, account, &identity.partition));
            Outcome::Denied(Denial::new(cause, facts.unwrap_or_default(), text))
        }
        None => Outcome::Failed,
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
