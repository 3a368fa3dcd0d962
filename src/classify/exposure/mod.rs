//! What one call opens, to whom, and whom it is about: facts from its request, and where that is silent
//! from its response. Whether the call succeeded, and whether any of it is bad, is not said here.
//!
//! `policies` reads policy documents, `sharing` the parameters that share without a document, `network`
//! the rules of security groups.

mod network;
mod policies;
mod sharing;

use std::borrow::Cow;

pub use network::{Ingress, ingress};
pub use policies::{PolicyInRequest, Purpose, allows, denies_owner, opens_to, policies, policies_are_readable};
pub use sharing::{SharedWith, shared_with};

use super::places::{Paths, unwrapped};
use super::request::text_of;
use crate::catalog::without_version;
use crate::decode::Json;
use crate::event::Event;
use crate::iam::{PrincipalKind, is_account_id, service_label};

/// Whether a request can be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recorded {
    /// It is there.
    Yes,
    /// CloudTrail left it out for its size, and says so.
    Omitted,
    /// The record has none: the call takes no parameters, or they were not logged.
    Missing,
}

/// Whether the request was recorded. Source of the form of one that was not: CloudTrail user guide,
/// "CloudTrail record contents", on fields that are too large.
pub fn request_recorded(event: &Event<'_>) -> Recorded {
    let Some(request) = event.parameters else { return Recorded::Missing };
    let is_omitted = || {
        let flag = request.get("omitted").and_then(Json::as_bool);
        flag == Some(true) && (request.get("reason").is_some() || request.get("originalSize").is_some())
    };
    // Most requests are long and have neither.
    if request.raw().len() < 512 && is_omitted() { Recorded::Omitted } else { Recorded::Yes }
}

/// Calls that name no user where they are about the caller. Source: the API models that AWS publishes with its SDKs:
/// calls of IAM whose `UserName` is not required.
const OWN_IF_UNNAMED: &[&str] = &[
    "ChangePassword",
    "CreateAccessKey",
    "CreateLoginProfile",
    "DeactivateMFADevice",
    "DeleteAccessKey",
    "DeleteLoginProfile",
    "DeleteServiceSpecificCredential",
    "DeleteSigningCertificate",
    "GetLoginProfile",
    "GetUser",
    "ListAccessKeys",
    "ListMFADevices",
    "ListServiceSpecificCredentials",
    "ListSigningCertificates",
    "ListSSHPublicKeys",
    "ResetServiceSpecificCredential",
    "UpdateAccessKey",
    "UpdateServiceSpecificCredential",
    "UpdateSigningCertificate",
    "UploadSigningCertificate",
];

/// Whether the IAM user that a call is about is the caller. IAM takes the caller where some calls name
/// nobody, and compares names without case. `None` for calls of other services, and where the record
/// does not tell.
pub fn target_is_caller(event: &Event<'_>) -> Option<bool> {
    if service_label(event.source()) != Some("iam") {
        return None;
    }
    let caller = &event.identity.principal;
    let asked = event.parameters.and_then(|request| request.get_ignoring_case("userName"));
    match asked.and_then(Json::as_str).or_else(|| answered_user(event)) {
        Some(name) => {
            let is_named = caller.short_name().eq_ignore_ascii_case(&name);
            Some(caller.kind == PrincipalKind::User && is_named)
        }
        None => match request_recorded(event) {
            Recorded::Yes => Some(true),
            Recorded::Missing if event.outcome.is_allowed() => OWN_IF_UNNAMED.contains(&event.name()).then_some(true),
            Recorded::Omitted | Recorded::Missing => None,
        },
    }
}

/// The user that the response names, as in `{"accessKey":{"userName":…}}`.
fn answered_user<'a>(event: &Event<'a>) -> Option<Cow<'a, str>> {
    let mut members = event.response?.entries()?;
    members.find_map(|(_, value)| value.get_ignoring_case("userName")?.as_str())
}

/// The account whose resources a call is about.
fn own_account<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    let callers = || event.identity.account.as_deref().filter(|account| is_account_id(account));
    event.operation.account_id().or_else(callers)
}

/// The service and the name of a call, without suffixes.
fn call<'a>(event: &Event<'a>) -> (&'a str, &'a str) {
    (service_label(event.source()).unwrap_or_default(), without_version(event.name()))
}

/// The request, out of what EC2 and S3 wrap it into.
fn request<'a>(event: &Event<'a>) -> Option<Json<'a>> {
    if request_recorded(event) != Recorded::Yes {
        return None;
    }
    event.parameters.map(|request| unwrapped(request, event.name()))
}

/// The texts at some places of the request, written as in the catalog's tables.
fn texts_at<'a>(event: &Event<'a>, paths: &[&'static str]) -> Vec<Cow<'a, str>> {
    let mut wanted = Paths::default();
    paths.iter().for_each(|path| wanted.add(path));
    let Some(request) = request(event) else { return Vec::new() };
    // Its own wrapper is off already, and another one of that name there is not.
    // An account is a number now and then.
    wanted.values(request, event.name()).into_iter().filter_map(|(_, value)| text_of(value)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::decode::Decoder;
    use crate::event::Reader;

    /// Runs a test over an event of account 111122223333.
    pub(super) fn with(source: &str, name: &str, request: &str, test: impl Fn(&Event<'_>)) {
        with_all(source, name, USER, &format!(r#""requestParameters":{request}"#), test);
    }

    const USER: &str =
        r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/a/Alice","accountId":"111122223333"}"#;
    const ROLE: &str =
        r#"{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/ops/alice","accountId":"111122223333"}"#;

    fn with_all(source: &str, name: &str, identity: &str, rest: &str, test: impl Fn(&Event<'_>)) {
        let record = format!(
            r#"{{"eventTime":"2026-02-03T04:05:06Z","eventSource":"{source}.amazonaws.com","eventName":"{name}",
            "awsRegion":"eu-west-1","recipientAccountId":"111122223333","userIdentity":{identity},{rest}}}"#
        );
        let mut seen = 0;
        let decoded = Decoder::default().records(record.as_bytes(), |record| {
            test(&Reader::default().read(&record.unwrap()).unwrap());
            seen += 1;
        });
        assert!(decoded.is_ok() && seen == 1, "{record}");
    }

    #[test]
    fn a_request_that_was_left_out_is_known() {
        for (request, expected) in [
            ("null", Recorded::Missing),
            (r#"{"reason":"requestParameters too large","omitted":true,"originalSize":200000}"#, Recorded::Omitted),
            (r#"{"reason":"requestParameters too large","omitted":"true","originalSize":200000}"#, Recorded::Omitted),
            (r#"{"omitted":true}"#, Recorded::Yes),
            ("{}", Recorded::Yes),
        ] {
            with("iam", "PutUserPolicy", request, |event| assert_eq!(request_recorded(event), expected, "{request}"));
        }
    }

    #[test]
    fn a_user_named_is_compared_with_the_caller() {
        let omitted = r#""requestParameters":{"reason":"too large","omitted":true,"originalSize":1}"#;
        let denied = r#""errorCode":"AccessDenied","requestParameters":null"#;
        for (identity, rest, expected) in [
            (USER, r#""requestParameters":{"userName":"alice"}"#, Some(true)),
            (USER, r#""requestParameters":{"userName":"bob"}"#, Some(false)),
            (USER, r#""requestParameters":{"policyName":"p"}"#, Some(true)),
            (USER, r#""requestParameters":null"#, Some(true)),
            (USER, r#""responseElements":{"accessKey":{"userName":"Bob"}}"#, Some(false)),
            (USER, r#""responseElements":{"loginProfile":{"userName":"Alice"}}"#, Some(true)),
            (ROLE, r#""requestParameters":{"userName":"alice"}"#, Some(false)),
            (ROLE, r#""requestParameters":{"userName":"ops"}"#, Some(false)),
            (USER, denied, None),
            (USER, omitted, None),
        ] {
            with_all("iam", "CreateAccessKey", identity, rest, |event| {
                assert_eq!(target_is_caller(event), expected, "{rest}");
            });
        }
        with("iam", "AddUserToGroup", "null", |event| assert_eq!(target_is_caller(event), None));
        with("s3", "ListBuckets", "{}", |event| assert_eq!(target_is_caller(event), None));
    }
}
