//! All SQL is read by a parser of its own, and says what is meant.

use serde_json::json;
use sqlparser::ast::Statement;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::*;

/// The statements of a text, as a parser that is not ours reads them.
#[track_caller]
pub(super) fn parsed(text: &str) -> Vec<Statement> {
    // An id of a store is no name that SQL knows.
    let text = text.replace("<event-data-store-id>", "event_data_store");
    // The parser knows arrays by Trino's older spelling only.
    let text = text.replace(" AS array(json))", " AS array<json>)");
    Parser::parse_sql(&GenericDialect {}, &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn every_query_of_every_runbook_is_sql() {
    let mut statements = 0;
    for runbook in runbooks() {
        for engine in ["athena", "lake"] {
            for query in shown(&runbook, engine).split("\n\n") {
                let parsed = parsed(query);
                assert!(parsed.iter().all(|one| matches!(one, Statement::Query(_))), "{query}");
                assert!(parsed.len() <= 1, "{query}");
                statements += parsed.len();
            }
        }
    }
    assert!(statements > 30, "only {statements} statements");
}

#[test]
fn tests_become_what_they_mean() {
    #[track_caller]
    fn check(condition: serde_json::Value, athena: &str, lake: &str) {
        let inputs = [("given".to_owned(), json!("O'Neil")), ("many".to_owned(), json!(["a", "b"]))].into();
        let runbook = asking(condition);
        for (engine, expected) in [("athena", athena), ("lake", lake)] {
            let (query, _) = written(&runbook, engine, &inputs);
            let query = query.trim_end_matches(';');
            let said = query.split_once("WHERE ").map_or("", |(_, said)| said).replace("\n  AND", " AND");
            assert_eq!(said, expected, "{engine}");
        }
    }
    check(
        json!({"eventName": ["CreateUser", "DeleteUser"]}),
        "eventname IN ('CreateUser', 'DeleteUser')",
        "eventName IN ('CreateUser', 'DeleteUser')",
    );
    check(
        json!({"userIdentity.userName": "${inputs.given}"}),
        "lower(useridentity.username) = 'o''neil'",
        "lower(userIdentity.userName) = 'o''neil'",
    );
    check(
        json!({"userIdentity.userName": "${inputs.open}", "userAgent|contains": "${inputs.absent}"}),
        "lower(useridentity.username) = lower('<open>')",
        "lower(userIdentity.userName) = lower('<open>')",
    );
    check(
        json!({"requestParameters.roleName|startswith": "AWS_"}),
        "lower(json_extract_scalar(requestparameters, '$.roleName')) LIKE 'aws\\_%' ESCAPE '\\'",
        "lower(element_at(requestParameters, 'roleName')) LIKE 'aws\\_%' ESCAPE '\\'",
    );
    check(
        json!({"requestParameters.instancesSet.items.instanceId": "i-0"}),
        "any_match(TRY_CAST(json_extract(requestparameters, '$.instancesSet.items') AS array(json)), it -> lower(json_extract_scalar(it, '$.instanceId')) = 'i-0')",
        "any_match(TRY_CAST(json_extract(eventJson, '$.requestParameters.instancesSet.items') AS array(json)), it -> lower(json_extract_scalar(it, '$.instanceId')) = 'i-0')",
    );
    check(
        json!({"eventTime|gte": "2026-02-01", "eventTime|lt": "24h"}),
        "from_iso8601_timestamp(eventtime) >= from_iso8601_timestamp('2026-02-01T00:00:00Z') AND from_iso8601_timestamp(eventtime) < date_add('hour', -24, now())",
        "eventTime >= '2026-02-01 00:00:00' AND eventTime < date_add('hour', -24, now())",
    );
    check(
        json!({"sourceIPAddress|cidr": "192.0.2.0/24"}),
        "contains('192.0.2.0/24', TRY_CAST(sourceipaddress AS ipaddress))",
        "contains('192.0.2.0/24', TRY_CAST(sourceIPAddress AS ipaddress))",
    );
    check(
        json!({"not": {"errorCode": "AccessDenied", "awsRegion": "eu-west-1"}}),
        "NOT coalesce((errorcode = 'AccessDenied' AND awsregion = 'eu-west-1'), FALSE)",
        "NOT coalesce((errorCode = 'AccessDenied' AND awsRegion = 'eu-west-1'), FALSE)",
    );
}

#[test]
fn access_levels_are_told_as_far_as_reading_goes() {
    #[track_caller]
    fn check(condition: serde_json::Value, expected: &str) {
        let (query, _) = written(&asking(condition), "athena", &BTreeMap::new());
        let said = query.trim_end_matches(';').split_once("WHERE ").map_or("", |(_, said)| said);
        assert_eq!(said, expected);
    }
    let reads = "CAST(readonly AS varchar) = 'true'";
    check(json!({"access_level": "Read"}), reads);
    check(json!({"access_level": "Write"}), &format!("NOT coalesce({reads}, FALSE)"));
    check(json!({"access_level": ["Read", "Write"]}), "");
    check(json!({"not": {"access_level": ["List", "Read"]}}), &format!("NOT coalesce({reads}, FALSE)"));
    // Listing is no reading, and would be left out too.
    check(json!({"not": {"access_level": "Read"}}), "");
}

#[test]
fn what_cannot_be_said_finds_more_and_never_less() {
    #[track_caller]
    fn check(condition: serde_json::Value, expected: &str) {
        let (query, notes) = written(&asking(condition), "athena", &BTreeMap::new());
        let said = query.trim_end_matches(';').split_once("WHERE ").map_or("", |(_, said)| said);
        assert_eq!(said, expected);
        assert!(notes.contains("Left out"), "{notes}");
    }
    let (known, unsaid) = (json!({"eventName": "A"}), json!({"privilege": "destruction"}));
    check(json!({"eventName": "A", "privilege": "destruction"}), "eventname = 'A'");
    check(json!([known, unsaid]), "");
    check(json!({"not": {"eventName": "A", "privilege": "destruction"}}), "");
    check(json!({"not": [known, unsaid]}), "NOT coalesce(eventname = 'A', FALSE)");
    check(
        json!({"not": {"not": {"eventName": "A", "privilege": "destruction"}}}),
        "NOT coalesce(NOT coalesce(eventname = 'A', FALSE), FALSE)",
    );
}
