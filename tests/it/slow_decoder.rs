//! The decoder against a slow twin that cannot be wrong the same way: serde_json parses the whole text
//! into a tree, and the rules of `decode` are told again over that tree (`twin.rs`).

use std::fs;

use proptest::prelude::*;

use crate::support::{corpus, files_below, inflated, root};
use crate::twin::{check, slow};

#[test]
fn both_read_every_fixture_alike() {
    let mut records = 0;
    for path in files_below(&root("fixtures")).iter().filter(|path| path.extension().is_some_and(|e| e != "md")) {
        let bytes = fs::read(path).unwrap();
        let is_text_log = matches!(path.file_stem().unwrap().to_str(), Some("vpc-flow-log" | "s3-access-log"));
        records += if is_text_log { 0 } else { check(&path.to_string_lossy(), &bytes) };
    }
    // What the stories hold, copies included, the envelopes, the denials, the sequences, the chains, the exposures, what was granted, replayed and elevated.
    assert_eq!(records, 199 + 8 + 79 + 44 + 14 + 13 + 11 + 44 + 22 + 21 + 175 + 594 + 73 + 158 + 11 + 16 + 38 + 98);
}

#[test]
fn both_read_real_logs_alike() {
    for (name, at_least) in [("invictus", 2900), ("stratus", 310), ("otrf", 103), ("aws-ctpl", 0), ("small", 8)] {
        let Some(folder) = corpus(name) else { continue };
        let (mut files, mut records) = (0, 0);
        for path in files_below(&folder) {
            let bytes = fs::read(&path).unwrap();
            let bytes = inflated(&bytes);
            if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
                records += check(&path.to_string_lossy(), &bytes);
                files += 1;
            }
        }
        assert!(files > 0 && records >= at_least, "{name}: {files} files, {records} records");
    }
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
