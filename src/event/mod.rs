//! From a record to an event: who called (principal apart from session), what, when, with which
//! outcome. The last layer that sees a raw record.

mod denial;
mod error_class;
mod event_id;
mod identity;
mod outcome;
mod session;

use jiff::Timestamp;

pub use denial::{Denial, DenialCause, Message};
pub use error_class::{ErrorClass, class_of};
pub use event_id::EventId;
pub use outcome::Outcome;
pub use session::Session;

use crate::decode::{Json, Record};
use crate::iam::{Principal, is_account_id, partition_of_region};

/// One thing that happened.
pub struct Event<'a> {
    /// When the request completed at the service.
    pub time: Timestamp,
    /// `eventSource`, such as `ec2.amazonaws.com`.
    pub source: &'a str,
    /// `eventName` as recorded, with its version suffix if it has one.
    pub name: &'a str,
    /// Region, empty where the record has none.
    pub region: &'a str,
    /// The account whose copy of the event this is.
    pub account: Option<&'a str>,
    /// What kind of event it is.
    pub kind: EventKind,
    /// Whether it is a data event, which trails leave out unless asked.
    pub is_data_event: bool,
    /// By which copies of the same event are known.
    pub id: EventId,
    /// `eventID` as recorded.
    pub event_id: Option<&'a str>,
    /// Whom a policy would be attached to.
    pub principal: Principal,
    /// The use of the principal that this call belongs to.
    pub session: Session<'a>,
    /// How it ended.
    pub outcome: Outcome<'a>,
    /// The request, if it was recorded.
    pub parameters: Option<Json<'a>>,
    /// What is told beside the request, such as whether MFA was used at a console sign-in.
    pub additional: Option<Json<'a>>,
    /// The response, if it was recorded.
    pub response: Option<Json<'a>>,
    resources: Option<Json<'a>>,
}

/// What CloudTrail calls `eventType`, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A call of a public API; also where the record is too old to say.
    ApiCall,
    /// Signing in to the console, switching roles there.
    ConsoleSignIn,
    /// Something done in the console that has no API.
    ConsoleAction,
    /// Something a service did by itself.
    ServiceEvent,
    /// A call seen at a VPC endpoint.
    NetworkActivity,
}

impl<'a> Event<'a> {
    /// Reads an event out of a record. Every record gives one.
    pub fn read(record: &Record<'a>) -> Self {
        let identity = &record.user_identity;
        let account = record.recipient_account_id.or(identity.account_id).filter(|a| !a.is_empty());
        let region = record.aws_region.unwrap_or_default();
        let kind = match record.event_type {
            Some(kind) if kind.eq_ignore_ascii_case("AwsConsoleSignIn") => EventKind::ConsoleSignIn,
            Some("AwsConsoleAction") => EventKind::ConsoleAction,
            Some("AwsServiceEvent") => EventKind::ServiceEvent,
            Some("AwsVpceEvent" | "AwsVpceEvents") => EventKind::NetworkActivity,
            _ if record.event_category == Some("NetworkActivity") => EventKind::NetworkActivity,
            _ => EventKind::ApiCall,
        };
        Self {
            time: record.event_time,
            source: record.event_source,
            name: record.event_name,
            region,
            account,
            kind,
            is_data_event: record.event_category == Some("Data"),
            id: EventId::of(record, account),
            event_id: record.event_id,
            principal: identity::principal(identity, partition(record)),
            session: Session::read(record),
            outcome: outcome::read(record, account, partition(record)),
            parameters: record.request_parameters,
            additional: record.additional_event_data,
            response: record.response_elements,
            resources: record.resources,
        }
    }

    /// The ARNs that the service itself listed as touched.
    pub fn resource_arns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let elements = self.resources.and_then(Json::elements).into_iter().flatten();
        elements.filter_map(|resource| resource.get_ignoring_case("ARN")?.as_str()).filter(|arn| !arn.is_empty())
    }

    /// The ARN partition of everything in this event.
    pub fn partition(&self) -> &'static str {
        partition_of_region(self.region)
    }

    /// The account, where it has the form of one.
    pub fn account_id(&self) -> Option<&'a str> {
        self.account.filter(|account| is_account_id(account))
    }
}

/// The caller's own ARN knows the partition best; else the region does.
fn partition<'a>(record: &Record<'a>) -> &'a str {
    let own = record.user_identity.arn.or(record.user_identity.issuer_arn);
    own.and_then(|arn| crate::iam::Arn::parse(arn).ok())
        .map_or_else(|| partition_of_region(record.aws_region.unwrap_or_default()), |arn| arn.partition)
}
