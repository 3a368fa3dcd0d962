use jiff::Timestamp;

use super::{Json, Reject};
use crate::iam::service_label;

/// One CloudTrail record: the fields that decisions are made of, as they stand in the text. `null` and
/// absent are the same. Names are CloudTrail's, described in the user guide under "CloudTrail record
/// contents".
///
/// What is here was found by its key and not looked into, but for what tells a record from something
/// else: time, source, name, type and category. A text is checked when it is read.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields are CloudTrail's own")]
pub struct Record<'a> {
    /// The whole record as it stands.
    pub text: &'a [u8],
    pub event_time: Timestamp,
    pub event_source: Json<'a>,
    pub event_name: Json<'a>,
    pub aws_region: Option<Json<'a>>,
    pub source_ip_address: Option<Json<'a>>,
    pub user_agent: Option<Json<'a>>,
    pub error_code: Option<Json<'a>>,
    pub error_message: Option<Json<'a>>,
    pub request_id: Option<Json<'a>>,
    pub event_id: Option<Json<'a>>,
    pub event_type: Option<Json<'a>>,
    pub event_category: Option<Json<'a>>,
    pub recipient_account_id: Option<Json<'a>>,
    pub vpc_endpoint_id: Option<Json<'a>>,
    pub read_only: Option<Json<'a>>,
    pub user_identity: Option<Json<'a>>,
    pub request_parameters: Option<Json<'a>>,
    pub response_elements: Option<Json<'a>>,
    pub additional_event_data: Option<Json<'a>>,
    pub resources: Option<Json<'a>>,
    pub session_credential_from_console: Option<Json<'a>>,
    pub tls_details: Option<Json<'a>>,
}

/// The members of an object that a record may have, gathered one by one.
pub(super) struct Fields<'a> {
    values: [Option<&'a [u8]>; Field::COUNT],
    /// Those with a backslash in them, a bit each: beside the values, which are then written and read whole.
    escaped: u32,
    /// Whether one of the keys was there by which a record is known.
    pub(super) is_record: bool,
}

/// A member that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    EventVersion,
    UserIdentity,
    EventTime,
    EventSource,
    EventName,
    AwsRegion,
    SourceIpAddress,
    UserAgent,
    ErrorCode,
    ErrorMessage,
    RequestParameters,
    ResponseElements,
    AdditionalEventData,
    RequestId,
    EventId,
    ReadOnly,
    Resources,
    EventType,
    RecipientAccountId,
    VpcEndpointId,
    EventCategory,
    SessionCredentialFromConsole,
    TlsDetails,
    /// Log shippers move the event's time here.
    Timestamp,
}

impl Field {
    const COUNT: usize = 24;

    /// The field of a key.
    pub(super) fn of(key: Json<'_>) -> Option<Self> {
        // An escape in a key is legal and names the same key.
        Some(match key.key().as_ref() {
            b"eventVersion" => Self::EventVersion,
            b"userIdentity" => Self::UserIdentity,
            b"eventTime" => Self::EventTime,
            b"eventSource" => Self::EventSource,
            b"eventName" => Self::EventName,
            b"awsRegion" => Self::AwsRegion,
            b"sourceIPAddress" => Self::SourceIpAddress,
            b"userAgent" => Self::UserAgent,
            b"sessionCredentialFromConsole" => Self::SessionCredentialFromConsole,
            b"errorCode" => Self::ErrorCode,
            b"errorMessage" => Self::ErrorMessage,
            b"requestParameters" => Self::RequestParameters,
            b"responseElements" => Self::ResponseElements,
            b"additionalEventData" => Self::AdditionalEventData,
            b"requestID" => Self::RequestId,
            b"eventID" => Self::EventId,
            b"readOnly" => Self::ReadOnly,
            b"resources" => Self::Resources,
            b"eventType" => Self::EventType,
            b"recipientAccountId" => Self::RecipientAccountId,
            b"vpcEndpointId" => Self::VpcEndpointId,
            b"eventCategory" => Self::EventCategory,
            b"tlsDetails" => Self::TlsDetails,
            b"@timestamp" => Self::Timestamp,
            _ => return None,
        })
    }
}

impl<'a> Fields<'a> {
    #[inline]
    pub(super) fn new() -> Self {
        Self { values: [None; Field::COUNT], escaped: 0, is_record: false }
    }

    /// Takes a member. Where a key stands twice, the last one counts.
    #[inline]
    pub(super) fn take(&mut self, field: Field, value: Json<'a>) {
        use Field::{EventName, EventSource, EventVersion, UserIdentity};
        self.is_record |= matches!(field, EventVersion | UserIdentity | EventSource | EventName);
        if let Some(place) = self.values.get_mut(field as usize) {
            *place = (!value.is_null()).then_some(value.raw());
        }
        let bit = 1 << field as u32;
        self.escaped = if value.is_escaped() { self.escaped | bit } else { self.escaped & !bit };
    }

    #[inline]
    fn get(&self, field: Field) -> Option<Json<'a>> {
        let raw = self.values.get(field as usize).copied().flatten()?;
        Some(Json::of(raw, self.escaped & 1 << field as u32 != 0))
    }

    /// The record, if the fields make one.
    #[inline]
    pub(super) fn record(&self, text: &'a [u8]) -> Result<Record<'a>, Reject> {
        let is = |field: Option<Json<'a>>, text| field.is_some_and(|value| value.is(text));
        for field in [
            self.get(Field::EventType),
            self.get(Field::EventCategory),
            self.get(Field::EventSource),
            self.get(Field::EventName),
        ] {
            // Escapes are rare and may be wrong.
            if let Some(value) = field.filter(|value| value.plain().is_none()) {
                value.text()?;
            }
        }
        if is(self.get(Field::EventType), "AwsCloudTrailInsight") || is(self.get(Field::EventCategory), "Insight") {
            return Err(Reject::Insight);
        }
        if is(self.get(Field::EventType), "AwsAggregatedEvent") || is(self.get(Field::EventCategory), "Aggregated") {
            return Err(Reject::Aggregated);
        }
        let event_source = self.get(Field::EventSource).ok_or(Reject::Missing("eventSource"))?;
        check_source(event_source)?;
        let event_name = self.get(Field::EventName).ok_or(Reject::Missing("eventName"))?;
        if !event_name.is_string() || event_name.is("") {
            return Err(Reject::Missing("eventName"));
        }
        let shipped = self.get(Field::EventTime).filter(|value| value.is_string()).or(self.get(Field::Timestamp));
        let event_time = match shipped {
            Some(value) => time(value)?,
            None => None,
        };
        Ok(Record {
            text,
            event_time: event_time.ok_or(Reject::Missing("eventTime"))?,
            event_source,
            event_name,
            aws_region: self.get(Field::AwsRegion),
            source_ip_address: self.get(Field::SourceIpAddress),
            user_agent: self.get(Field::UserAgent),
            session_credential_from_console: self.get(Field::SessionCredentialFromConsole),
            error_code: self.get(Field::ErrorCode),
            error_message: self.get(Field::ErrorMessage),
            request_id: self.get(Field::RequestId),
            event_id: self.get(Field::EventId),
            event_type: self.get(Field::EventType),
            event_category: self.get(Field::EventCategory),
            recipient_account_id: self.get(Field::RecipientAccountId),
            vpc_endpoint_id: self.get(Field::VpcEndpointId),
            read_only: self.get(Field::ReadOnly),
            user_identity: self.get(Field::UserIdentity),
            request_parameters: self.get(Field::RequestParameters),
            response_elements: self.get(Field::ResponseElements),
            additional_event_data: self.get(Field::AdditionalEventData),
            resources: self.get(Field::Resources),
            tls_details: self.get(Field::TlsDetails),
        })
    }
}

/// Refuses an event source that is no AWS service's.
fn check_source(source: Json<'_>) -> Result<(), Reject> {
    // Nearly every one ends so; the quote is the string's.
    if source.plain().is_some()
        && source.raw().ends_with(b".amazonaws.com\"")
        && source.raw().len() > b"\".amazonaws.com\"".len()
    {
        return if source.raw().starts_with(b"\"aws:") { Err(NOTIFICATION) } else { Ok(()) };
    }
    let source = source.text()?.filter(|text| !text.is_empty()).ok_or(Reject::Missing("eventSource"))?;
    if source.starts_with("aws:") {
        return Err(NOTIFICATION);
    }
    match service_label(&source) {
        Some(_) => Ok(()),
        None => Err(Reject::Missing("eventSource: it is not an AWS service host")),
    }
}

const NOTIFICATION: Reject = Reject::LookAlike("notification or stream event");

/// A moment: as CloudTrail writes it, `2026-02-03T04:05:06Z`, else anything RFC 3339 allows.
fn time(value: Json<'_>) -> Result<Option<Timestamp>, Reject> {
    if let Some(time) = value.plain().and_then(usual_time) {
        return Ok(Some(time));
    }
    Ok(value.text()?.and_then(|text| text.parse().ok()))
}

/// The moment that a text names, if it does.
pub(crate) fn moment(value: Json<'_>) -> Option<Timestamp> {
    time(value).ok().flatten()
}

fn usual_time(text: &[u8]) -> Option<Timestamp> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] = *text else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        digits.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(o1, o2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    // A leap second is left to the library, as is a day that does not exist.
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if day < 1 || day > days {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Timestamp::from_second(seconds).ok()
}

/// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March on, so that the leap day
/// comes last and the days before a month follow from its number alone.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_usual_time_is_what_the_library_says(text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z") {
            if let Some(found) = usual_time(text.as_bytes()) {
                prop_assert_eq!(Ok(found), text.parse().map_err(|_| ()));
            }
        }
    }

    #[test]
    fn every_day_is_counted() {
        for (text, usual) in [
            ("2026-02-03T04:05:06Z", true),
            ("1970-01-01T00:00:00Z", true),
            ("2024-02-29T23:59:59Z", true),
            ("2023-02-29T23:59:59Z", false),
            ("2026-02-03T04:05:60Z", false),
            ("2026-02-03 04:05:06Z", false),
        ] {
            assert_eq!(usual_time(text.as_bytes()).is_some(), usual, "{text}");
            if usual {
                assert_eq!(usual_time(text.as_bytes()), text.parse().ok());
            }
        }
    }
}
