use super::denial::{Denial, DenialCause, Message};
use super::error_class::{ErrorClass, class_of, reads_like_a_denial};
use crate::decode::{Json, Record};

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

/// Reads the outcome. `account` and `partition` complete names that a message gives without them.
pub(super) fn read<'a>(record: &Record<'a>, account: Option<&str>, partition: &str) -> Outcome<'a> {
    let Some(code) = record.error_code.filter(|code| !code.is_empty()) else {
        // Console sign-in says it in its response, without a code.
        let result = record.response_elements.and_then(|response| response.get("ConsoleLogin"));
        let failed = result.and_then(Json::as_str) == Some("Failure");
        return if failed { Outcome::Failed } else { Outcome::Succeeded };
    };
    let text = message_text(record);
    let message = text.map(Message::parse);
    let says_denied = message.as_ref().is_some_and(Message::is_denial);
    let denied = |cause| Outcome::Denied(Denial::new(cause, text, message, account, partition));
    match class_of(code) {
        // Identity providers use the code of a denial for a wrong password.
        Some(ErrorClass::Denied) if text.is_some_and(|t| t.starts_with("Incorrect username or password")) => {
            Outcome::Failed
        }
        Some(ErrorClass::Denied) => denied(DenialCause::Authorization),
        Some(ErrorClass::DeniedByNetwork) => denied(DenialCause::Network),
        Some(ErrorClass::DeniedByDependency) => denied(DenialCause::Dependency),
        Some(ErrorClass::AuthFailure) if text.is_some_and(|t| t.contains("Not authorized for images")) => {
            denied(DenialCause::ResourceNotShared)
        }
        Some(ErrorClass::DeniedIfSaid) if says_denied => denied(DenialCause::Authorization),
        Some(ErrorClass::Authorized) => Outcome::Succeeded,
        Some(_) => Outcome::Failed,
        None if says_denied || (text.is_none() && reads_like_a_denial(code)) => denied(DenialCause::Authorization),
        None => Outcome::Failed,
    }
}

/// The text of the error: some services put it into the response instead.
fn message_text<'a>(record: &Record<'a>) -> Option<&'a str> {
    let in_response = || {
        let response = record.response_elements?;
        ["message", "Message", "errorMessage"].iter().find_map(|key| response.get(key)?.as_str())
    };
    record.error_message.or_else(in_response).filter(|text| !text.is_empty())
}
