use super::Identity;
use super::issued::issues;
use crate::decode::{Json, Record, Reject};
use crate::iam::{is_account_id, partition_of_region};

/// What was called and where: everything about an event that neither its caller nor its request change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// `eventSource`, such as `ec2.amazonaws.com`.
    pub source: Box<str>,
    /// `eventName` as recorded, with its version suffix if it has one.
    pub name: Box<str>,
    /// Region, empty where the record has none.
    pub region: Box<str>,
    /// The account whose copy of the event it is.
    pub account: Option<Box<str>>,
    /// The same as a number, where it has the form of an account.
    pub(super) account_number: Option<u64>,
    /// Whether it is a data event, which trails leave out unless asked.
    pub is_data_event: bool,
    /// What kind of event it is.
    pub kind: EventKind,
    /// Whether such calls issue credentials.
    pub(super) issues: bool,
}

/// What CloudTrail calls `eventType`, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl Operation {
    pub(super) fn read(record: &Record<'_>, identity: &Identity) -> Result<Self, Reject> {
        let account = Json::text_of(record.recipient_account_id)?.map(|account| account.as_ref().into());
        let account = account.or_else(|| identity.account.clone()).filter(|account| !account.is_empty());
        let event_type = Json::text_of(record.event_type)?;
        let category = Json::text_of(record.event_category)?;
        let kind = match event_type.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("AwsConsoleSignIn") => EventKind::ConsoleSignIn,
            Some("AwsConsoleAction") => EventKind::ConsoleAction,
            Some("AwsServiceEvent") => EventKind::ServiceEvent,
            Some("AwsVpceEvent" | "AwsVpceEvents") => EventKind::NetworkActivity,
            _ if category.as_deref() == Some("NetworkActivity") => EventKind::NetworkActivity,
            _ => EventKind::ApiCall,
        };
        let source = Json::text_of(Some(record.event_source))?.unwrap_or_default();
        let name = Json::text_of(Some(record.event_name))?.unwrap_or_default();
        let has_form = account.as_deref().filter(|account| is_account_id(account));
        Ok(Self {
            account_number: has_form.and_then(|account| account.parse().ok()),
            issues: issues(&source, &name),
            source: source.into(),
            name: name.into(),
            region: Json::text_of(record.aws_region)?.unwrap_or_default().into(),
            account,
            is_data_event: category.as_deref() == Some("Data"),
            kind,
        })
    }

    /// The ARN partition of everything in this event.
    pub fn partition(&self) -> &'static str {
        partition_of_region(&self.region)
    }

    /// The account, where it has the form of one.
    pub fn account_id(&self) -> Option<&str> {
        self.account.as_deref().filter(|account| is_account_id(account))
    }
}
