//! The rules of `decode` told once more, over a tree that serde_json makes of the whole text. What stands here
//! is slow and plain, and cannot be wrong in the same way. The fuzz targets use this file too, so it depends on
//! nothing beside it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use trailwright::archive::Whole;
use trailwright::decode::{Cut, Decoder, Invalid, Json, Record, Reject};
use trailwright::event::UserIdentity;

/// A JSON value that keeps order and duplicate keys, which `serde_json::Value` does not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    /// Which number is nobody's business here.
    Number,
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Build;
        impl<'de> Visitor<'de> for Build {
            type Value = Tree;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Tree, E> {
                Ok(Tree::Bool(truth))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
                Ok(Tree::Number)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
                Ok(Tree::Number)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
                Ok(Tree::Number)
            }
            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = list.next_element()? {
                    elements.push(element);
                }
                Ok(Tree::List(elements))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Object(members))
            }
        }
        deserializer.deserialize_any(Build)
    }
}

impl Tree {
    fn of(json: Json<'_>) -> Self {
        if json.is_null() {
            Self::Null
        } else if let Some(text) = json.as_str() {
            Self::Text(text.into_owned())
        } else if let Some(truth) = json.as_bool() {
            Self::Bool(truth)
        } else if let Some(elements) = json.elements() {
            Self::List(elements.map(Self::of).collect())
        } else if let Some(entries) = json.entries() {
            let text = |key: Json<'_>| key.as_str().unwrap_or_default().into_owned();
            Self::Object(entries.map(|(key, value)| (text(key), Self::of(value))).collect())
        } else {
            Self::Number
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(elements) => 1 + elements.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The last member of that name, unless it is null.
    fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value).filter(|value| **value != Self::Null)
    }

    fn has(&self, key: &str) -> bool {
        matches!(self, Self::Object(members) if members.iter().any(|(name, _)| name == key))
    }

    fn text(&self, key: &str) -> Option<String> {
        match self.get(key) {
            Some(Self::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn truth(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Self::Bool(truth) => Some(*truth),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// All that a record says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    texts: Vec<(&'static str, Option<String>)>,
    truths: [Option<bool>; 3],
    values: Vec<Option<Tree>>,
    time: jiff::Timestamp,
}

impl Said {
    /// Fails where a text is none, which the decoder leaves to whoever reads it.
    fn by(record: &Record<'_>) -> Result<Self, Invalid> {
        let who = record.user_identity.map(UserIdentity::read).unwrap_or_default();
        let own = |json: Option<Json<'_>>| {
            let text = json.map_or(Ok(None), Json::text)?;
            Ok::<_, Invalid>(text.map(|text| text.into_owned()))
        };
        Ok(Self {
            texts: vec![
                ("eventSource", own(Some(record.event_source))?),
                ("eventName", own(Some(record.event_name))?),
                ("awsRegion", own(record.aws_region)?),
                ("sourceIPAddress", own(record.source_ip_address)?),
                ("userAgent", own(record.user_agent)?),
                ("errorCode", own(record.error_code)?),
                ("errorMessage", own(record.error_message)?),
                ("requestID", own(record.request_id)?),
                ("eventID", own(record.event_id)?),
                ("eventType", own(record.event_type)?),
                ("eventCategory", own(record.event_category)?),
                ("recipientAccountId", own(record.recipient_account_id)?),
                ("vpcEndpointId", own(record.vpc_endpoint_id)?),
                ("type", own(who.kind)?),
                ("principalId", own(who.principal_id)?),
                ("arn", own(who.arn)?),
                ("accountId", own(who.account_id)?),
                ("accessKeyId", own(who.access_key_id)?),
                ("userName", own(who.user_name)?),
                ("invokedBy", own(who.invoked_by)?),
                ("identityProvider", own(who.identity_provider)?),
                ("issuer type", own(who.issuer_type)?),
                ("issuer arn", own(who.issuer_arn)?),
                ("issuer userName", own(who.issuer_user_name)?),
                ("creationDate", own(who.creation_date)?),
                ("sourceIdentity", own(who.source_identity)?),
                ("onBehalfOf", own(who.on_behalf_of_user_id)?),
            ],
            truths: [record.read_only.and_then(Json::as_bool), who.mfa_authenticated, who.assumed_root],
            values: [
                record.request_parameters,
                record.response_elements,
                record.additional_event_data,
                record.resources,
            ]
            .map(|value| value.map(Tree::of))
            .to_vec(),
            time: record.event_time,
        })
    }

    /// The rules of `decode/record.rs`, over a tree.
    fn read(record: &Tree) -> Result<Self, Reject> {
        if !matches!(record, Tree::Object(_)) {
            return Err(Reject::NotAnObject);
        }
        let (kind, category) = (record.text("eventType"), record.text("eventCategory"));
        if kind.as_deref() == Some("AwsCloudTrailInsight") || category.as_deref() == Some("Insight") {
            return Err(Reject::Insight);
        }
        if kind.as_deref() == Some("AwsAggregatedEvent") || category.as_deref() == Some("Aggregated") {
            return Err(Reject::Aggregated);
        }
        let source = record.text("eventSource").filter(|s| !s.is_empty()).ok_or(Reject::Missing("eventSource"))?;
        if source.starts_with("aws:") {
            return Err(Reject::LookAlike("notification or stream event"));
        }
        let is_host = trailwright::iam::SERVICE_HOST_SUFFIXES
            .iter()
            .any(|suffix| source.len() > suffix.len() && source.ends_with(suffix));
        if !is_host {
            return Err(Reject::Missing("eventSource: it is not an AWS service host"));
        }
        let name = record.text("eventName").filter(|s| !s.is_empty()).ok_or(Reject::Missing("eventName"))?;
        let time = record.text("eventTime").or_else(|| record.text("@timestamp"));
        let time = time.and_then(|text| text.parse().ok()).ok_or(Reject::Missing("eventTime"))?;
        let nothing = Tree::Null;
        let inside = |tree: &Tree, key: &str| tree.get(key).unwrap_or(&nothing).clone();
        let who = inside(record, "userIdentity");
        let context = inside(&who, "sessionContext");
        let (issuer, attributes) = (inside(&context, "sessionIssuer"), inside(&context, "attributes"));
        let mut texts = vec![("eventSource", Some(source)), ("eventName", Some(name))];
        let of_record = [
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "errorCode",
            "errorMessage",
            "requestID",
            "eventID",
            "eventType",
            "eventCategory",
            "recipientAccountId",
            "vpcEndpointId",
        ];
        let of_identity =
            ["type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy", "identityProvider"];
        texts.extend(of_record.map(|key| (key, record.text(key))));
        texts.extend(of_identity.map(|key| (key, who.text(key))));
        texts.extend([
            ("issuer type", issuer.text("type")),
            ("issuer arn", issuer.text("arn")),
            ("issuer userName", issuer.text("userName")),
            ("creationDate", attributes.text("creationDate")),
            ("sourceIdentity", context.text("sourceIdentity")),
            ("onBehalfOf", inside(&who, "onBehalfOf").text("userId")),
        ]);
        let values = ["requestParameters", "responseElements", "additionalEventData", "resources"];
        Ok(Self {
            texts,
            truths: [record.truth("readOnly"), attributes.truth("mfaAuthenticated"), context.truth("assumedRoot")],
            values: values.map(|key| record.get(key).cloned()).to_vec(),
            time,
        })
    }
}

pub(crate) type Answers = Vec<Result<Said, Reject>>;

/// What a decoder says, and whether it read to the end.
pub(crate) fn fast(mut decoder: Decoder, bytes: &[u8]) -> (Answers, bool) {
    let mut answers = Vec::new();
    let whole = decoder.records(bytes, |answer| answers.push(answer.and_then(|record| Ok(Said::by(&record)?))));
    (answers, whole.is_ok())
}

/// The same by way of pieces, as where several threads read one file.
fn in_pieces(mut decoder: Decoder, bytes: &[u8]) -> (Answers, bool) {
    let (mut placed, mut rejected) = (BTreeMap::new(), Vec::new());
    let whole = Decoder::default().pieces_of(&mut Whole(bytes), |cut| match cut {
        Cut::Rejected(reject) => rejected.push(Err(reject)),
        Cut::Piece(piece) => decoder.records_in(&piece, |place, answer| {
            let before = placed.insert(place, answer.and_then(|record| Ok(Said::by(&record)?)));
            assert!(before.is_none(), "one answer for each place");
        }),
    });
    // What was rejected while cutting stands where no element does.
    let mut rejected = rejected.into_iter();
    let mut answers = Vec::new();
    for (place, answer) in placed {
        answers.extend(rejected.by_ref().take(usize::try_from(place).unwrap() - answers.len()));
        answers.push(answer);
    }
    answers.extend(rejected);
    (answers, whole.is_ok())
}

/// The answers, and whether all of the text is JSON; where it is not, those before the break.
pub(crate) fn slow(bytes: &[u8]) -> (Answers, bool) {
    let text = String::from_utf8_lossy(bytes);
    // What stands behind a byte that is none of UTF-8 is left alone.
    let valid = std::str::from_utf8(bytes).map_err(|error| error.valid_up_to());
    let mut rest = text.get(..valid.err().unwrap_or(text.len())).unwrap_or_default();
    rest = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    let mut answers = Vec::new();
    loop {
        rest = unstamped(rest.trim_start_matches([' ', '\t', '\r', '\n']));
        if rest.is_empty() {
            return (answers, valid.is_ok());
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        let value = values.next();
        let (own, behind) = rest.split_at(values.byte_offset());
        match value {
            Some(Ok(Tree::Object(members))) => top_level(&members, &mut answers),
            Some(Ok(Tree::List(elements))) => answers.extend(elements.iter().map(element)),
            // The decoder takes a line of text as one.
            Some(Ok(_)) if is_alone(own, behind) && (valid.is_ok() || behind.contains('\n')) => {
                answers.push(Err(Reject::NotAnObject))
            }
            _ => return (answers, false),
        }
        rest = behind;
    }
}

/// A CloudWatch Logs export has the time before each record.
fn unstamped(text: &str) -> &str {
    match text.split_once(' ') {
        Some((time, record))
            if record.starts_with('{') && time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok() =>
        {
            record
        }
        _ => text,
    }
}

/// Whether a line holds nothing else, and nothing that looks like a time and a record.
fn is_alone(own: &str, behind: &str) -> bool {
    let line = behind.split('\n').next().unwrap_or_default();
    line.trim_matches([' ', '\t', '\r']).is_empty() && !own.contains("Z {")
}

fn top_level(members: &[(String, Tree)], answers: &mut Answers) {
    let mut is_envelope = false;
    for (key, value) in members {
        if let (true, Tree::List(elements)) = (is_list(key), value) {
            is_envelope = true;
            answers.extend(elements.iter().map(element));
        }
    }
    if !is_envelope {
        answers.push(element(&Tree::Object(members.to_vec())));
    }
}

fn is_list(key: &str) -> bool {
    matches!(key, "Records" | "Events" | "logEvents" | "events")
}

/// The rules of the envelopes and of `decode/reject.rs`, over a tree.
fn element(tree: &Tree) -> Result<Said, Reject> {
    let Tree::Object(members) = tree else { return Err(Reject::NotAnObject) };
    if tree.depth() > 100 {
        return Err(Reject::TooDeep);
    }
    if ["eventVersion", "userIdentity", "eventSource", "eventName"].iter().any(|key| tree.has(key)) {
        return Said::read(tree);
    }
    if let Some(text) = tree.text("CloudTrailEvent") {
        return embedded(&text);
    }
    let is_from_cloudtrail = tree.text("detail-type").is_some_and(|kind| kind.ends_with("via CloudTrail"));
    match tree.get("detail") {
        Some(Tree::Text(text)) if is_from_cloudtrail => return embedded(text),
        Some(detail) if is_from_cloudtrail => return Said::read(detail),
        _ => {}
    }
    if let (Some(_), Some(text)) = (tree.get("timestamp"), tree.text("message")) {
        return embedded(&text);
    }
    let known = members.iter().find_map(|(key, _)| match key.as_str() {
        "digestS3Object" => Some("CloudTrail digest"),
        "configurationItems" => Some("AWS Config snapshot"),
        "configurationItem" => Some("AWS Config change"),
        "s3ObjectKey" => Some("delivery notification"),
        "awslogs" => Some("Lambda test event"),
        "webaclId" => Some("AWS WAF log"),
        "detector-id" => Some("GuardDuty finding"),
        _ => None,
    });
    Err(known.map_or(Reject::NotCloudTrail, Reject::LookAlike))
}

fn embedded(text: &str) -> Result<Said, Reject> {
    match serde_json::from_str::<Tree>(text) {
        Ok(tree @ Tree::Object(_)) if tree.depth() > 100 => Err(Reject::TooDeep),
        Ok(tree) => Said::read(&tree),
        Err(_) => Err(Reject::InvalidJson),
    }
}

/// Both say the same; of a text that breaks off, they say the same before the break. Answers with the
/// number of records.
#[track_caller]
pub(crate) fn check(name: &str, bytes: &[u8]) -> usize {
    let (expected, valid) = slow(bytes);
    for strict in [false, true] {
        let decoder = || if strict { Decoder::strict() } else { Decoder::default() };
        let (answers, whole) = fast(decoder(), bytes);
        let cut = in_pieces(decoder(), bytes);
        assert!(cut.0 == answers && cut.1 == whole, "{name}, strict: {strict}: {cut:#?} in pieces, not {answers:#?}");
        assert!(answers.len() >= expected.len(), "{name}, strict: {strict}");
        for (place, (answer, expected)) in answers.iter().zip(&expected).enumerate() {
            let same = answer == expected || may_differ(answer, expected, strict);
            assert!(same, "{name}, strict: {strict}, value {place}: {answer:#?} is not {expected:#?}");
        }
        if valid {
            assert_eq!(answers.len(), expected.len(), "{name}, strict: {strict}");
            assert!(whole, "{name}, strict: {strict}: breaks off");
        }
    }
    expected.iter().filter(|answer| answer.is_ok()).count()
}

/// Of a text inside a text that is damaged, serde_json says nothing but that. The decoder may not have looked at
/// the damage, and knows how deep brackets nest before it knows what they hold.
fn may_differ(answer: &Result<Said, Reject>, expected: &Result<Said, Reject>, strict: bool) -> bool {
    let is_damaged = *expected == Err(Reject::InvalidJson);
    is_damaged && (!strict || matches!(answer, Err(Reject::TooDeep | Reject::NotAnObject)))
}
