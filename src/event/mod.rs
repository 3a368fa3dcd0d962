//! From a record to an event: who called (principal apart from session), what, when, with which
//! outcome. The last layer that sees a raw record.
//!
//! An archive repeats itself: the same identities make the same calls over and over. A [`Reader`]
//! remembers what followed from the bytes it has seen, so that a repetition costs a comparison.

mod actor;
mod address;
mod client;
mod denial;
mod error_class;
mod event_id;
mod grammar;
mod identity;
mod issued;
mod message;
mod operation;
mod outcome;
mod session;

use std::net::IpAddr;

use jiff::Timestamp;

pub use actor::Actor;
pub use address::is_public;
pub use client::Client;
pub use denial::{Denial, DenialCause};
pub use error_class::{ErrorClass, Failure, class_of, codes_of_denials};
pub use event_id::EventId;
pub use identity::{Identity, UserIdentity};
pub use issued::IssuedTo;
pub use message::{Encoded, Layer, Message, NotAuthorized, Reason, Shape, Target};
pub use operation::{EventKind, Operation};
pub use outcome::Outcome;
pub use session::{Session, key_number};

use crate::decode::{Invalid, Json, Record, Reject};
use crate::intern::{Interned, Memo};
use client::Clients;
use identity::Principals;

/// One thing that happened.
pub struct Event<'a> {
    /// The record it was read from: for conditions, which ask by CloudTrail's own names.
    pub record: &'a Record<'a>,
    /// When the request completed at the service.
    pub time: Timestamp,
    /// What was called, where, and whose copy of the event it is.
    pub operation: &'a Interned<Operation>,
    /// Who called.
    pub identity: &'a Identity,
    /// Who called, as recorded.
    pub user_identity: Option<Json<'a>>,
    /// By which copies of the same event are known.
    pub id: EventId,
    /// `eventID` as recorded.
    pub event_id: Option<Json<'a>>,
    /// Where the request came from, if that is an address.
    pub address: Option<IpAddr>,
    /// The VPC endpoint it went through.
    pub vpc_endpoint: Option<Json<'a>>,
    /// How it ended.
    pub outcome: Outcome<'a>,
    /// The request, if it was recorded.
    pub parameters: Option<Json<'a>>,
    /// What is told beside the request, such as whether MFA was used at a console sign-in.
    pub additional: Option<Json<'a>>,
    /// The response, if it was recorded.
    pub response: Option<Json<'a>>,
    /// Whether the credentials were got by signing in to the console.
    console_credentials: Option<Json<'a>>,
    /// The client, as it calls itself.
    pub user_agent: Option<Json<'a>>,
    /// What is known of the client by that.
    pub client: Client,
    /// What the service itself listed as touched.
    pub resources: Option<Json<'a>>,
}

/// Reads events, remembering what repeats. One per thread.
pub struct Reader {
    operations: Memo<Interned<Operation>>,
    identities: Memo<Identity>,
    principals: Principals,
    clients: Clients,
}

/// Kinds of call that are remembered: a busy organisation has some thousands.
const OPERATIONS: usize = 1 << 13;
/// Identities that are remembered, about 700 bytes each. A session is one; busy hours have thousands.
const IDENTITIES: usize = 1 << 13;

impl Default for Reader {
    fn default() -> Self {
        Self {
            operations: Memo::new(OPERATIONS),
            identities: Memo::new(IDENTITIES),
            principals: Principals::default(),
            clients: Clients::default(),
        }
    }
}

impl Reader {
    /// Reads an event out of a record. Fails only where a text that is needed is no valid text.
    pub fn read<'a>(&'a mut self, record: &'a Record<'a>) -> Result<Event<'a>, Reject> {
        let Self { operations, identities, principals, clients } = self;
        let raw = |field: Option<Json<'a>>| field.map_or(&b""[..], Json::raw);
        let identity = identities.get(&[raw(record.user_identity), raw(record.aws_region)], || {
            let identity = record.user_identity.map(UserIdentity::read).unwrap_or_default();
            let region = record.aws_region.and_then(Json::as_str).unwrap_or_default();
            Ok::<_, Reject>(Identity::of(&identity, &region, principals)?)
        })?;
        let parts = [
            record.event_source.raw(),
            record.event_name.raw(),
            raw(record.aws_region),
            raw(record.recipient_account_id),
            raw(record.event_type),
            raw(record.event_category),
            identity.account.as_deref().unwrap_or_default().as_bytes(),
        ];
        let operation =
            operations.get(&parts, || Ok::<_, Reject>(Interned::new(Operation::read(record, identity)?)))?;
        Ok(Event {
            record,
            time: record.event_time,
            operation,
            identity,
            user_identity: record.user_identity,
            id: EventId::of(record, operation)?,
            event_id: record.event_id,
            address: record.source_ip_address.and_then(address::read),
            vpc_endpoint: record.vpc_endpoint_id,
            outcome: outcome::read(record, operation, identity)?,
            parameters: record.request_parameters,
            additional: record.additional_event_data,
            response: record.response_elements,
            console_credentials: record.session_credential_from_console,
            user_agent: record.user_agent,
            client: clients.of(record.user_agent),
            resources: record.resources,
        })
    }
}

impl<'a> Event<'a> {
    /// `eventSource`, such as `ec2.amazonaws.com`.
    pub fn source(&self) -> &'a str {
        &self.operation.source
    }

    /// `eventName` as recorded, with its version suffix if it has one.
    pub fn name(&self) -> &'a str {
        &self.operation.name
    }

    /// The use of the principal that this call belongs to.
    pub fn session(&self) -> Result<Session, Invalid> {
        Session::read(&self.user_identity.map(UserIdentity::read).unwrap_or_default())
    }

    /// Whether a person made it in the console, by the record's word or by what the client calls itself.
    pub fn is_from_console(&self) -> bool {
        // Some services write it as a text.
        self.client.is_console || self.console_credentials.is_some_and(|said| said.as_bool() == Some(true))
    }

    /// The ARNs that the service itself listed as touched.
    pub fn resource_arns(&self) -> impl Iterator<Item = std::borrow::Cow<'a, str>> + use<'a> {
        let mut elements = self.resources.map(Json::items);
        let elements = std::iter::from_fn(move || elements.as_mut()?.next());
        elements.filter_map(|resource| resource.get_ignoring_case("ARN")?.as_str()).filter(|arn| !arn.is_empty())
    }
}
