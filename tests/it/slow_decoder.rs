//! The decoder against a slow twin that cannot be wrong the same way: serde_json parses the whole text
//! into a tree, and the rules of `decode` are told again over that tree.

use std::fmt;
use std::fs;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::StreamDeserializer;
use trailwright::decode::{Decoder, Json, Record, Reject};
use trailwright::event::UserIdentity;

use crate::support::{corpus, files_below, root};

/// A JSON value that keeps order and duplicate keys, which `serde_json::Value` does not.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
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
            Self::Object(entries.map(|(key, value)| (key.as_str().unwrap().into_owned(), Self::of(value))).collect())
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
struct Said {
    texts: Vec<(&'static str, Option<String>)>,
    truths: [Option<bool>; 3],
    values: Vec<Option<Tree>>,
    time: jiff::Timestamp,
}

impl Said {
    fn by(record: &Record<'_>) -> Self {
        let who = record.user_identity.map(UserIdentity::read).unwrap_or_default();
        let own = |json: Option<Json<'_>>| json.and_then(|json| json.text().unwrap()).map(|text| text.into_owned());
        Self {
            texts: vec![
                ("eventSource", own(Some(record.event_source))),
                ("eventName", own(Some(record.event_name))),
                ("awsRegion", own(record.aws_region)),
                ("sourceIPAddress", own(record.source_ip_address)),
                ("userAgent", own(record.user_agent)),
                ("errorCode", own(record.error_code)),
                ("errorMessage", own(record.error_message)),
                ("requestID", own(record.request_id)),
                ("eventID", own(record.event_id)),
                ("eventType", own(record.event_type)),
                ("eventCategory", own(record.event_category)),
                ("recipientAccountId", own(record.recipient_account_id)),
                ("vpcEndpointId", own(record.vpc_endpoint_id)),
                ("type", own(who.kind)),
                ("principalId", own(who.principal_id)),
                ("arn", own(who.arn)),
                ("accountId", own(who.account_id)),
                ("accessKeyId", own(who.access_key_id)),
                ("userName", own(who.user_name)),
                ("invokedBy", own(who.invoked_by)),
                ("identityProvider", own(who.identity_provider)),
                ("issuer type", own(who.issuer_type)),
                ("issuer arn", own(who.issuer_arn)),
                ("issuer userName", own(who.issuer_user_name)),
                ("creationDate", own(who.creation_date)),
                ("sourceIdentity", own(who.source_identity)),
                ("onBehalfOf", own(who.on_behalf_of_user_id)),
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
        }
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

type Answers = Vec<Result<Said, Reject>>;

fn fast(bytes: &[u8]) -> (Answers, bool) {
    let mut answers = Vec::new();
    let whole = Decoder::default().records(bytes, |answer| answers.push(answer.map(|record| Said::by(&record))));
    (answers, whole.is_ok())
}

/// The answers, and whether all of the text is JSON; where it is not, those before the break.
fn slow(bytes: &[u8]) -> (Answers, bool) {
    let text = without_stamps(String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}'));
    let values: StreamDeserializer<'_, _, Tree> = serde_json::Deserializer::from_str(&text).into_iter();
    let mut answers = Vec::new();
    for value in values {
        match value {
            Ok(Tree::Object(members)) => top_level(&members, &mut answers),
            Ok(Tree::List(elements)) => answers.extend(elements.iter().map(element)),
            Ok(_) => answers.push(Err(Reject::NotAnObject)),
            Err(_) => return (answers, false),
        }
    }
    (answers, std::str::from_utf8(bytes).is_ok())
}

/// A CloudWatch Logs export without the time before each record.
fn without_stamps(text: &str) -> String {
    let unstamped = |line: &str| match line.split_once(' ') {
        Some((time, record)) if time.parse::<jiff::Timestamp>().is_ok() => record.to_owned(),
        _ => line.to_owned(),
    };
    text.split('\n').map(unstamped).collect::<Vec<_>>().join("\n")
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
    if let (true, Some(detail)) = (is_from_cloudtrail, tree.get("detail")) {
        return Said::read(detail);
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
        Ok(tree) if tree.depth() > 100 => Err(Reject::TooDeep),
        Ok(tree) => Said::read(&tree),
        Err(_) => Err(Reject::InvalidJson),
    }
}

/// Both say the same; of a text that breaks off, they say the same before the break. Answers with the
/// number of records.
#[track_caller]
fn check(name: &str, bytes: &[u8]) -> usize {
    let (answers, whole) = fast(bytes);
    let (expected, valid) = slow(bytes);
    if valid {
        assert_eq!(answers, expected, "{name}");
        assert!(whole, "{name}: breaks off");
    } else {
        assert!(answers.len() >= expected.len(), "{name}");
        assert_eq!(answers[..expected.len()], expected, "{name}");
    }
    expected.iter().filter(|answer| answer.is_ok()).count()
}

#[test]
fn both_read_every_fixture_alike() {
    let mut records = 0;
    for path in files_below(&root("fixtures")).iter().filter(|path| path.extension().is_some_and(|e| e != "md")) {
        let bytes = fs::read(path).unwrap();
        let is_text_log = matches!(path.file_stem().unwrap().to_str(), Some("vpc-flow-log" | "s3-access-log"));
        records += if is_text_log { 0 } else { check(&path.to_string_lossy(), &bytes) };
    }
    // What the stories hold, copies included, and the envelopes.
    assert_eq!(records, 199 + 8 + 79 + 44 + 14 + 13 + 11 + 44 + 22 + 21);
}

#[test]
fn both_read_real_logs_alike() {
    for (name, at_least) in [("invictus", 2900), ("stratus", 310), ("otrf", 103), ("aws-ctpl", 0), ("small", 8)] {
        let Some(folder) = corpus(name) else { continue };
        let (mut files, mut records) = (0, 0);
        for path in files_below(&folder) {
            let bytes = fs::read(&path).unwrap();
            let bytes = if bytes.starts_with(&[0x1F, 0x8B]) { gunzip(&bytes) } else { bytes };
            if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
                records += check(&path.to_string_lossy(), &bytes);
                files += 1;
            }
        }
        assert!(files > 0 && records >= at_least, "{name}: {files} files, {records} records");
    }
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes), &mut plain).unwrap();
    plain
}

// --- Random texts, written here and not by a JSON library: escapes and duplicates are the point.

/// A string in quotes, with some characters escaped that need not be.
fn quoted(text: &str, escape_every: usize) -> String {
    let mut out = String::from("\"");
    for (at, c) in text.chars().enumerate() {
        let must = c < ' ' || c == '"' || c == '\\';
        if must || at % escape_every.max(1) == escape_every / 2 {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.push('"');
    out
}

fn any_string() -> impl Strategy<Value = String> {
    let text =
        prop_oneof![4 => "[ -~]{0,12}", 1 => any::<String>(), 1 => Just("a\"b\\c/\u{0}\u{1F600}é\u{202e}".to_owned())];
    (text, 1..20_usize).prop_map(|(text, escape)| quoted(&text, escape))
}

fn any_key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "eventVersion",
        "userIdentity",
        "eventTime",
        "@timestamp",
        "eventSource",
        "eventName",
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
        "readOnly",
        "requestParameters",
        "responseElements",
        "additionalEventData",
        "resources",
        "type",
        "principalId",
        "arn",
        "accountId",
        "accessKeyId",
        "userName",
        "invokedBy",
        "identityProvider",
        "onBehalfOf",
        "userId",
        "sessionContext",
        "sessionIssuer",
        "attributes",
        "creationDate",
        "mfaAuthenticated",
        "sourceIdentity",
        "assumedRoot",
        "Records",
        "Events",
        "events",
        "logEvents",
        "CloudTrailEvent",
        "detail",
        "detail-type",
        "timestamp",
        "message",
        "awslogs",
        "webaclId",
    ]);
    prop_oneof![9 => (known, 1..40_usize).prop_map(|(key, escape)| quoted(key, escape)), 1 => any_string()]
}

fn known_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "\"s3.amazonaws.com\"",
        "\"ec2.amazonaws.com.cn\"",
        "\".amazonaws.com\"",
        "\"aws:s3\"",
        "\"example.com\"",
        "\"GetObject\"",
        "\"\"",
        "\"2026-02-03T04:05:06Z\"",
        "\"2026-02-03T04:05:06.5+01:00\"",
        "\"yesterday\"",
        "\"AwsCloudTrailInsight\"",
        "\"AwsAggregatedEvent\"",
        "\"Insight\"",
        "\"true\"",
        "\"false\"",
        "\"True\"",
        "\"AWS API Call via CloudTrail\"",
        "true",
        "false",
        "null",
        "0",
        "-1.5e3",
        "18446744073709551616",
        "{}",
        "[]",
    ])
    .prop_map(str::to_owned)
}

fn object(members: Vec<(String, String)>, blank: &str) -> String {
    let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}{blank}:{blank}{value}")).collect();
    format!("{{{blank}{}{blank}}}", members.join(","))
}

fn any_blank() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", " ", "\n", "\r\n\t"])
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![2 => known_text(), 1 => any_string()];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|elements| format!("[{}]", elements.join(" , "))),
            (prop::collection::vec((any_key(), inner), 0..5), any_blank()).prop_map(|(m, blank)| object(m, blank)),
        ]
    })
}

/// An object that is a record more often than not, with members twice now and then.
fn any_record() -> impl Strategy<Value = String> {
    let identity = prop::collection::vec((any_key(), any_json()), 0..8);
    let more = prop::collection::vec((any_key(), any_json()), 0..8);
    (identity, more, any::<prop::sample::Index>(), any_blank()).prop_map(|(identity, more, place, blank)| {
        let text = |key: &str, value: &str| (quoted(key, 100), quoted(value, 100));
        let mut members = more;
        let at = place.index(members.len() + 1);
        let sure = [
            text("eventTime", "2026-02-03T04:05:06Z"),
            text("eventSource", "s3.amazonaws.com"),
            text("eventName", "GetObject"),
            (quoted("userIdentity", 5), object(identity, blank)),
        ];
        members.splice(at..at, sure);
        object(members, blank)
    })
}

fn any_element() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any_record(),
        1 => any_json(),
        1 => any_record().prop_map(|record| format!("{{\"CloudTrailEvent\":{}}}", quoted(&record, 30))),
        1 => any_record().prop_map(|r| format!("{{\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{r}}}")),
        1 => any_record().prop_map(|r| format!("{{\"timestamp\":1,\"message\":{}}}", quoted(&r, 30))),
        1 => (98..103_usize).prop_map(|n| format!("{{\"eventName\":{}{}}}", "[".repeat(n), "]".repeat(n))),
    ]
}

fn any_file() -> impl Strategy<Value = String> {
    let list = prop::sample::select(vec!["Records", "Events", "events", "logEvents", "Rec\\u006frds"]);
    let elements = || prop::collection::vec(any_element(), 0..5);
    prop_oneof![
        (list, elements(), any_json()).prop_map(|(list, elements, other)| {
            format!("{{\"x\":{other},\"{list}\":[{}],\"y\":{other}}}", elements.join(","))
        }),
        elements().prop_map(|elements| format!("\u{feff}[{}]", elements.join(" ,\n"))),
        elements().prop_map(|elements| elements.join("\n")),
        prop::collection::vec(any_record(), 0..5).prop_map(|records| records.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn both_read_any_valid_text_alike(text in any_file()) {
        prop_assert!(slow(text.as_bytes()).1, "the generator writes JSON: {text}");
        check("random", text.as_bytes());
    }
}

/// Where a member stands twice, the last one counts: whole, and not mixed with the one before.
#[test]
fn the_last_of_two_members_counts() {
    let sure = r#""eventTime":"2026-02-03T04:05:06Z","eventSource":"s3.amazonaws.com","eventName":"GetObject""#;
    for twice in [
        r#""eventName":"PutObject""#,
        r#""userIdentity":{"type":"Root"},"userIdentity":{"arn":"x"}"#,
        r#""userIdentity":{"sessionContext":{"sourceIdentity":"alice"},"sessionContext":{}}"#,
        r#""userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":true},"attributes":{}}}"#,
        r#""requestParameters":{"a":1},"requestParameters":null"#,
    ] {
        assert_eq!(check(twice, format!("{{{sure},{twice}}}").as_bytes()), 1);
    }
}
