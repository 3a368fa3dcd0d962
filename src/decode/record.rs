use jiff::Timestamp;
use jiff::civil::Date;

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
}

/// The members of an object that a record may have, gathered one by one.
#[derive(Default)]
pub(super) struct Fields<'a> {
    event_time: Option<Json<'a>>,
    timestamp: Option<Json<'a>>,
    event_source: Option<Json<'a>>,
    event_name: Option<Json<'a>>,
    aws_region: Option<Json<'a>>,
    source_ip_address: Option<Json<'a>>,
    user_agent: Option<Json<'a>>,
    error_code: Option<Json<'a>>,
    error_message: Option<Json<'a>>,
    request_id: Option<Json<'a>>,
    event_id: Option<Json<'a>>,
    event_type: Option<Json<'a>>,
    event_category: Option<Json<'a>>,
    recipient_account_id: Option<Json<'a>>,
    vpc_endpoint_id: Option<Json<'a>>,
    read_only: Option<Json<'a>>,
    user_identity: Option<Json<'a>>,
    request_parameters: Option<Json<'a>>,
    response_elements: Option<Json<'a>>,
    additional_event_data: Option<Json<'a>>,
    resources: Option<Json<'a>>,
    /// Whether one of the keys was there by which a record is known.
    pub(super) is_record: bool,
}

impl<'a> Fields<'a> {
    /// Takes a member. Where a key stands twice, the last one counts.
    #[inline]
    pub(super) fn take(&mut self, key: Json<'a>, value: Json<'a>) {
        match key.plain() {
            Some(plain) => self.put(plain, value),
            // An escape in a key is legal and names the same key.
            None => {
                if let Some(key) = key.as_str() {
                    self.put(key.as_bytes(), value);
                }
            }
        }
    }

    #[inline]
    fn put(&mut self, key: &[u8], value: Json<'a>) {
        let field = match key {
            b"eventVersion" => {
                self.is_record = true;
                return;
            }
            b"userIdentity" => {
                self.is_record = true;
                &mut self.user_identity
            }
            b"eventTime" => &mut self.event_time,
            b"eventSource" => {
                self.is_record = true;
                &mut self.event_source
            }
            b"eventName" => {
                self.is_record = true;
                &mut self.event_name
            }
            b"awsRegion" => &mut self.aws_region,
            b"sourceIPAddress" => &mut self.source_ip_address,
            b"userAgent" => &mut self.user_agent,
            b"errorCode" => &mut self.error_code,
            b"errorMessage" => &mut self.error_message,
            b"requestParameters" => &mut self.request_parameters,
            b"responseElements" => &mut self.response_elements,
            b"additionalEventData" => &mut self.additional_event_data,
            b"requestID" => &mut self.request_id,
            b"eventID" => &mut self.event_id,
            b"readOnly" => &mut self.read_only,
            b"resources" => &mut self.resources,
            b"eventType" => &mut self.event_type,
            b"recipientAccountId" => &mut self.recipient_account_id,
            b"vpcEndpointId" => &mut self.vpc_endpoint_id,
            b"eventCategory" => &mut self.event_category,
            // Log shippers move the event's time here.
            b"@timestamp" => &mut self.timestamp,
            _ => return,
        };
        *field = (!value.is_null()).then_some(value);
    }

    /// The record, if the fields make one.
    #[inline]
    pub(super) fn record(self) -> Result<Record<'a>, Reject> {
        let is = |field: Option<Json<'a>>, text| field.is_some_and(|value| value.is(text));
        for field in [self.event_type, self.event_category, self.event_source, self.event_name] {
            // Escapes are rare and may be wrong.
            if let Some(value) = field.filter(|value| value.plain().is_none()) {
                value.text()?;
            }
        }
        if is(self.event_type, "AwsCloudTrailInsight") || is(self.event_category, "Insight") {
            return Err(Reject::Insight);
        }
        if is(self.event_type, "AwsAggregatedEvent") || is(self.event_category, "Aggregated") {
            return Err(Reject::Aggregated);
        }
        let event_source = self.event_source.ok_or(Reject::Missing("eventSource"))?;
        check_source(event_source)?;
        let event_name = self.event_name.ok_or(Reject::Missing("eventName"))?;
        if !event_name.is_string() || event_name.is("") {
            return Err(Reject::Missing("eventName"));
        }
        let shipped = self.event_time.filter(|value| value.is_string()).or(self.timestamp);
        let event_time = match shipped {
            Some(value) => time(value)?,
            None => None,
        };
        Ok(Record {
            event_time: event_time.ok_or(Reject::Missing("eventTime"))?,
            event_source,
            event_name,
            aws_region: self.aws_region,
            source_ip_address: self.source_ip_address,
            user_agent: self.user_agent,
            error_code: self.error_code,
            error_message: self.error_message,
            request_id: self.request_id,
            event_id: self.event_id,
            event_type: self.event_type,
            event_category: self.event_category,
            recipient_account_id: self.recipient_account_id,
            vpc_endpoint_id: self.vpc_endpoint_id,
            read_only: self.read_only,
            user_identity: self.user_identity,
            request_parameters: self.request_parameters,
            response_elements: self.response_elements,
            additional_event_data: self.additional_event_data,
            resources: self.resources,
        })
    }
}

/// Refuses an event source that is no AWS service's.
fn check_source(source: Json<'_>) -> Result<(), Reject> {
    // Nearly every one ends so; the quote is the string's.
    if source.raw().ends_with(b".amazonaws.com\"") && source.raw().len() > b"\".amazonaws.com\"".len() {
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
    let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let seconds = days_since_1970(date) * 86_400 + hour * 3600 + minute * 60 + second;
    Timestamp::from_second(seconds).ok()
}

/// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March on, so that the leap day
/// comes last and the days before a month follow from its number alone.
fn days_since_1970(date: Date) -> i64 {
    let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
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
