//! What our conditions say of a record is what another engine for Sigma rules says of it.
//!
//! The generator keeps clear of where the two rightly differ:
//!
//! - `eventName` matches without its version, and `eventSource` in the name of the first partition.
//! - A member of a request is found in other case.
//! - `null` is not there, also inside a list, and so is a list with nothing in it. The other engine finds
//!   something in `[null]` and `[]`.
//! - Of a list of values, `null` is met by a field that is not there; the other engine does so only where it
//!   stands alone.
//! - `neq` negates, so it is met by a field that is not there, as in Sigma's reference implementation.
//! - A text is true or false only by these words, not by `yes` or `1`.
//! - Wildcards go over line breaks, and mean the same behind `startswith` and `endswith` as elsewhere.
//! - Keywords with wildcards are contained, and `|all` of keywords asks for each somewhere, not for one text with
//!   all of them.
//! - `fieldref` compares the members of lists one by one, and two fields that are not there are not the same.
//! - `cidr` takes a single address, and a text behind `exists` is refused.
//! - An account by number is compared digit by digit.
//! - Numbers are told by all of their digits where a text is asked for.

mod generated;

use generated::{item, record, rule};
use proptest::prelude::*;
use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use serde_json::{Map, Value, json};
use trailwright::catalog::without_version;
use trailwright::classify::Classifier;
use trailwright::condition::{Answer, CallView, EventView, Field, RequestFacts};
use trailwright::decode::Decoder;
use trailwright::detect::{Detector, RuleSet, ours, text_of};
use trailwright::event::Reader;
use trailwright::iam::service_label;

use crate::support::{files_below, root};

/// The other engine with one rule.
fn twin(rule: &str) -> Engine {
    let read = rsigma_parser::parse_sigma_yaml(rule).unwrap();
    assert_eq!(read.errors, Vec::<String>::new(), "{rule}");
    let mut engine = Engine::new();
    engine.add_collection(&read).unwrap();
    engine
}

/// Our engine with one rule of a user.
fn our_own(rule: &str) -> RuleSet {
    let mut rules = RuleSet::default();
    let loaded = rules.add([("twin.yml".into(), rule.to_owned())]);
    assert_eq!(loaded.problems, [], "{rule}");
    assert_eq!(loaded.rules, 1, "{rule}");
    rules
}

/// Whether a rule finds a record; how it is asked makes no difference.
fn finds(rules: &RuleSet, record: &Value) -> bool {
    let mut found = None;
    let (mut reader, mut classifier, mut detector) = (Reader::default(), Classifier::default(), Detector::new(rules));
    let decoded = Decoder::default().records(record.to_string().as_bytes(), |record| {
        let record = record.unwrap();
        let event = reader.read(&record).unwrap();
        let needs = classifier.needs(&event, || 0);
        let facts = RequestFacts::default();
        let condition = &rules.users()[0].condition;
        let by_kind = condition.ask(&CallView::of(event.operation));
        let by_all = condition.ask(&EventView::new(&event, needs, &facts));
        let as_recorded = condition.ask(&EventView::new(&event, needs, &facts).as_recorded());
        assert_ne!(as_recorded, Answer::Unknown);
        for less in [by_kind, by_all] {
            assert!(less == Answer::Unknown || less == as_recorded, "{less:?} was said, and now {as_recorded:?}");
        }
        let judged = detector.inspect(&event, needs);
        let is_told = judged.findings.iter().any(|finding| finding.kind.detection == "twin");
        assert_eq!(is_told, as_recorded == Answer::Yes);
        found = Some(is_told);
    });
    decoded.unwrap();
    found.unwrap()
}

#[track_caller]
fn check_both(rule: &Value, records: &[Value]) {
    let text = rule.to_string();
    let (twin, rules) = (twin(&text), our_own(&text));
    for record in records {
        let theirs = !twin.evaluate(&JsonEvent::borrow(record)).is_empty();
        assert_eq!(finds(&rules, record), theirs, "{text}\n{record}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_says_the_same_to_both(rule in rule(), records in proptest::collection::vec(record(), 4)) {
        check_both(&rule, &records);
    }

    #[test]
    fn a_single_question_is_answered_the_same_by_both(item in item(), records in proptest::collection::vec(record(), 8)) {
        let selection = Value::Object(std::iter::once(item).collect::<Map<_, _>>());
        let rule = json!({
            "title": "Twin",
            "name": "twin",
            "logsource": {"product": "aws", "service": "cloudtrail"},
            "detection": {"selection": selection, "condition": "selection"},
        });
        check_both(&rule, &records);
    }
}

/// What a rule of one line says of a request, here and there.
fn both(key: &str, value: &Value, request: &Value) -> (bool, bool) {
    let record = json!({
        "eventTime": "2026-02-03T04:05:06Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "ListUsers",
        "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "111122223333"},
        "requestParameters": request,
    });
    let rule = json!({
        "title": "Twin",
        "name": "twin",
        "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": {"selection": {key: value}, "condition": "selection"},
    });
    let theirs = !twin(&rule.to_string()).evaluate(&JsonEvent::borrow(&record)).is_empty();
    (finds(&our_own(&rule.to_string()), &record), theirs)
}

#[test]
fn the_corners_are_the_same_to_both() {
    #[track_caller]
    fn check(key: &str, value: Value, request: Value, expected: bool) {
        assert_eq!(both(key, &value, &request), (expected, expected), "{key}: {value}\n{request}");
    }
    let a = "requestParameters.a";
    // Each by some member, not all by one.
    check(&format!("{a}|contains|all"), json!(["x", "y"]), json!({"a": ["x", "y"]}), true);
    check(&format!("{a}|contains|all"), json!(["x", "y"]), json!({"a": ["x", "x"]}), false);
    check(&format!("{a}|all"), json!(["x", "y"]), json!({"a": ["x", "y"]}), true);
    check(&format!("{a}.b|all"), json!(["x", "y"]), json!({"a": [{"b": "x"}, {"b": "y"}]}), true);
    check(a, json!(r"\*"), json!({"a": "*"}), true);
    check(a, json!(r"\*"), json!({"a": "x"}), false);
    check(a, json!(r"\\*"), json!({"a": r"\x"}), true);
    check(a, json!(r"\x"), json!({"a": r"\x"}), true);
    check(a, json!("ÄRGER"), json!({"a": "ärger"}), true);
    check(&format!("{a}|cased"), json!("X*"), json!({"a": "xy"}), false);
    check(a, json!("10"), json!({"a": 10}), true);
    check(a, json!(10), json!({"a": "10"}), true);
    check(a, json!("1234567890123456789"), json!({"a": 1_234_567_890_123_456_789_u64}), true);
    check(a, json!(true), json!({"a": "TRUE"}), true);
    check(a, json!("true"), json!({"a": true}), true);
    check(a, json!(null), json!({"a": null}), true);
    check(a, json!(null), json!({}), true);
    check(a, json!(null), json!({"a": {}}), false);
    check(&format!("{a}|exists"), json!(true), json!({"a": {}}), true);
    check(&format!("{a}|exists"), json!(false), json!({"a": null}), true);
    check(&format!("{a}|exists"), json!(false), Value::Null, true);
    check(&format!("{a}|re"), json!("^X"), json!({"a": "xy"}), false);
    check(&format!("{a}|re|i"), json!("^X"), json!({"a": "xy"}), true);
    check(&format!("{a}|re"), json!("a.c"), json!({"a": "a\nc"}), false);
    check(&format!("{a}|re|s"), json!("a.c"), json!({"a": "a\nc"}), true);
    check(&format!("{a}|re|m"), json!("^c"), json!({"a": "a\nc"}), true);
    check(&format!("{a}|re"), json!(4), json!({"a": 443}), true);
    check(&format!("{a}|cidr"), json!("192.0.2.0/24"), json!({"a": "192.0.2.0"}), true);
    check(&format!("{a}|cidr"), json!("192.0.2.0/24"), json!({"a": "192.0.3.0"}), false);
    check(&format!("{a}|gte"), json!(10), json!({"a": "10"}), true);
    check(&format!("{a}|gte"), json!(10), json!({"a": "ten"}), false);
    check(&format!("{a}|fieldref"), json!("requestParameters.b"), json!({"a": "x"}), false);
    check(&format!("{a}|fieldref"), json!("requestParameters.b"), json!({"b": "x"}), false);
    check(&format!("{a}|fieldref"), json!("requestParameters.b"), json!({"a": "X", "b": "x"}), true);
    check(&format!("{a}|neq"), json!("x"), json!({"a": "y"}), true);
    check(&format!("{a}|neq"), json!(["x", "y"]), json!({"a": "y"}), false);
    check("|contains|all", json!(["lic", "ice"]), Value::Null, true);
    check("|contains|all", json!(["lice", "nobody"]), Value::Null, false);
}

#[test]
fn the_two_differ_as_is_told_above() {
    #[track_caller]
    fn check(key: &str, value: Value, request: Value, ours: bool) {
        assert_eq!(both(key, &value, &request), (ours, !ours), "{key}: {value}\n{request}");
    }
    let a = "requestParameters.a";
    check(&format!("{a}|exists"), json!(true), json!({"a": []}), false);
    check(&format!("{a}|exists"), json!(true), json!({"a": [null]}), false);
    check(a, json!(["x", null]), json!({}), true);
    check(&format!("{a}|neq"), json!("x"), json!({}), true);
    check(a, json!(true), json!({"a": "yes"}), false);
    check(a, json!("x*z"), json!({"a": "x\ny z"}), true);
    check(&format!("{a}|startswith"), json!("x*z"), json!({"a": "x y z!"}), true);
    check(&format!("{a}|endswith"), json!("x*z"), json!({"a": "!x y z"}), true);
    check("|all", json!(["lice", "list"]), Value::Null, true);
    check("|contains|all", json!(["lice", "list"]), Value::Null, true);
    check(&format!("{a}|fieldref"), json!("requestParameters.b"), json!({"a": ["x", "y"], "b": "y"}), true);
    check(&format!("{a}|fieldref"), json!("requestParameters.b"), json!({"a": null, "b": null}), false);
    check(a, json!("18446744073709551615"), json!({"a": u64::MAX}), true);
    check("requestParameters.accountId", json!(123_456_789_012_u64), json!({"accountId": "0123456789012"}), false);
    check(a, json!("x"), json!({"A": "x"}), true);
}

/// A record as the other engine has to see it to say the same.
fn in_plain_words(mut record: Value) -> Value {
    let name = record["eventName"].as_str().unwrap_or_default();
    let source = record["eventSource"].as_str().unwrap_or_default();
    let (name, label) = (without_version(name).to_owned(), service_label(source).map(str::to_owned));
    record["eventName"] = name.into();
    if let Some(label) = label {
        record["eventSource"] = format!("{label}.amazonaws.com").into();
    }
    record
}

#[test]
fn our_rules_say_the_same_to_both() {
    let is_derived = |field: &Field| matches!(field, Field::Derived(_));
    let rules: Vec<_> = ours().filter(|rule| !rule.condition.asks_for(is_derived)).collect();
    let twins: Vec<Engine> = rules.iter().map(|rule| twin(text_of(rule).unwrap())).collect();
    assert!(rules.len() > 200, "only {} rules without a field of ours", rules.len());
    let (mut asked, mut met) = (0, 0);
    for path in files_below(&root("fixtures")).iter().filter(|path| path.extension().is_some_and(|e| e == "jsonl")) {
        let (mut reader, mut classifier) = (Reader::default(), Classifier::default());
        for line in std::fs::read_to_string(path).unwrap().lines() {
            // What is wrapped is not unwrapped for the other engine.
            let json = serde_json::from_str::<Value>(line).ok().filter(|json| json.get("eventSource").is_some());
            let Some(json) = json.map(in_plain_words) else { continue };
            let _ = Decoder::default().records(line.as_bytes(), |record| {
                let Ok(record) = record else { return };
                let Ok(event) = reader.read(&record) else { return };
                let (needs, facts) = (classifier.needs(&event, || 0), RequestFacts::default());
                for (rule, twin) in rules.iter().zip(&twins) {
                    let said = rule.condition.ask(&EventView::new(&event, needs, &facts));
                    if said == Answer::Unknown {
                        continue;
                    }
                    let theirs = !twin.evaluate(&JsonEvent::borrow(&json)).is_empty();
                    assert_eq!(said == Answer::Yes, theirs, "{}\n{line}", rule.kind.detection);
                    (asked, met) = (asked + 1, met + usize::from(theirs));
                }
            });
        }
    }
    assert!(asked > 100_000 && met > 300, "asked {asked} times, met {met}");
}
