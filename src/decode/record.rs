use jiff::Timestamp;

use super::{Json, Reject};

/// One CloudTrail record: the fields that decisions are made of, as the record has them. `null` and
/// absent are the same; a field of an unexpected type counts as absent. Field names are CloudTrail's,
/// described in the user guide under "CloudTrail record contents".
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields are CloudTrail's own")]
pub struct Record<'a> {
    pub event_time: Timestamp,
    pub event_source: &'a str,
    pub event_name: &'a str,
    pub aws_region: Option<&'a str>,
    pub source_ip_address: Option<&'a str>,
    pub user_agent: Option<&'a str>,
    pub error_code: Option<&'a str>,
    pub error_message: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub event_id: Option<&'a str>,
    pub event_type: Option<&'a str>,
    pub event_category: Option<&'a str>,
    pub recipient_account_id: Option<&'a str>,
    pub vpc_endpoint_id: Option<&'a str>,
    pub read_only: Option<bool>,
    pub user_identity: UserIdentity<'a>,
    pub request_parameters: Option<Json<'a>>,
    pub response_elements: Option<Json<'a>>,
    pub additional_event_data: Option<Json<'a>>,
    pub resources: Option<Json<'a>>,
}

/// The `userIdentity` element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are CloudTrail's own")]
pub struct UserIdentity<'a> {
    pub kind: Option<&'a str>,
    pub principal_id: Option<&'a str>,
    pub arn: Option<&'a str>,
    pub account_id: Option<&'a str>,
    pub access_key_id: Option<&'a str>,
    pub user_name: Option<&'a str>,
    pub invoked_by: Option<&'a str>,
    pub identity_provider: Option<&'a str>,
    pub issuer_type: Option<&'a str>,
    pub issuer_arn: Option<&'a str>,
    pub issuer_user_name: Option<&'a str>,
    pub creation_date: Option<&'a str>,
    pub mfa_authenticated: Option<bool>,
    pub source_identity: Option<&'a str>,
    pub assumed_root: Option<bool>,
    pub on_behalf_of_user_id: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// Reads an object; the time, the source and the name have to be there.
    pub(super) fn read(object: Json<'a>) -> Result<Self, Reject> {
        let mut record = Self {
            event_time: Timestamp::UNIX_EPOCH,
            event_source: "",
            event_name: "",
            aws_region: None,
            source_ip_address: None,
            user_agent: None,
            error_code: None,
            error_message: None,
            request_id: None,
            event_id: None,
            event_type: None,
            event_category: None,
            recipient_account_id: None,
            vpc_endpoint_id: None,
            read_only: None,
            user_identity: UserIdentity::default(),
            request_parameters: None,
            response_elements: None,
            additional_event_data: None,
            resources: None,
        };
        let (mut time, mut shipped, mut source, mut name) = (None, None, None, None);
        for (key, value) in object.entries().ok_or(Reject::NotAnObject)? {
            let text = value.as_str();
            let present = (!value.is_null()).then_some(value);
            match key {
                "eventTime" => time = text,
                // Log shippers move the event's time here.
                "@timestamp" => shipped = text,
                "eventSource" => source = text,
                "eventName" => name = text,
                "awsRegion" => record.aws_region = text,
                "sourceIPAddress" => record.source_ip_address = text,
                "userAgent" => record.user_agent = text,
                "errorCode" => record.error_code = text,
                "errorMessage" => record.error_message = text,
                "requestID" => record.request_id = text,
                "eventID" => record.event_id = text,
                "eventType" => record.event_type = text,
                "eventCategory" => record.event_category = text,
                "recipientAccountId" => record.recipient_account_id = text,
                "vpcEndpointId" => record.vpc_endpoint_id = text,
                "readOnly" => record.read_only = value.as_bool(),
                "userIdentity" => record.user_identity = UserIdentity::read(value),
                "requestParameters" => record.request_parameters = present,
                "responseElements" => record.response_elements = present,
                "additionalEventData" => record.additional_event_data = present,
                "resources" => record.resources = present,
                _ => {}
            }
        }
        if record.event_type == Some("AwsCloudTrailInsight") || record.event_category == Some("Insight") {
            return Err(Reject::Insight);
        }
        if record.event_type == Some("AwsAggregatedEvent") || record.event_category == Some("Aggregated") {
            return Err(Reject::Aggregated);
        }
        record.event_source = source.filter(|s| !s.is_empty()).ok_or(Reject::Missing("eventSource"))?;
        if record.event_source.starts_with("aws:") {
            return Err(Reject::LookAlike("notification or stream event"));
        }
        if crate::iam::service_label(record.event_source).is_none() {
            return Err(Reject::Missing("eventSource: it is not an AWS service host"));
        }
        record.event_name = name.filter(|s| !s.is_empty()).ok_or(Reject::Missing("eventName"))?;
        record.event_time = time.or(shipped).and_then(|text| text.parse().ok()).ok_or(Reject::Missing("eventTime"))?;
        Ok(record)
    }
}

impl<'a> UserIdentity<'a> {
    fn read(object: Json<'a>) -> Self {
        let mut identity = Self::default();
        for (key, value) in object.entries().into_iter().flatten() {
            let text = value.as_str();
            match key {
                "type" => identity.kind = text,
                "principalId" => identity.principal_id = text,
                "arn" => identity.arn = text,
                "accountId" => identity.account_id = text,
                "accessKeyId" => identity.access_key_id = text,
                "userName" => identity.user_name = text,
                "invokedBy" => identity.invoked_by = text,
                "identityProvider" => identity.identity_provider = text,
                "onBehalfOf" => identity.on_behalf_of_user_id = value.get("userId").and_then(Json::as_str),
                "sessionContext" => identity.read_session_context(value),
                _ => {}
            }
        }
        identity
    }

    fn read_session_context(&mut self, context: Json<'a>) {
        // Where the element stands twice, the last one counts, whole.
        *self = Self {
            issuer_type: None,
            issuer_arn: None,
            issuer_user_name: None,
            creation_date: None,
            mfa_authenticated: None,
            source_identity: None,
            assumed_root: None,
            ..*self
        };
        let text = |object: Json<'a>, key| object.get(key).and_then(Json::as_str);
        for (key, value) in context.entries().into_iter().flatten() {
            match key {
                "sessionIssuer" => {
                    self.issuer_type = text(value, "type");
                    self.issuer_arn = text(value, "arn");
                    self.issuer_user_name = text(value, "userName");
                }
                "attributes" => {
                    self.creation_date = text(value, "creationDate");
                    self.mfa_authenticated = value.get("mfaAuthenticated").and_then(Json::as_bool);
                }
                "sourceIdentity" => self.source_identity = value.as_str(),
                "assumedRoot" => self.assumed_root = value.as_bool(),
                _ => {}
            }
        }
    }
}
