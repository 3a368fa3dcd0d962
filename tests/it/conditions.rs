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

use proptest::prelude::*;
use proptest::sample::select;
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

/// Texts that are near to each other, so that patterns hit and just miss.
fn text() -> impl Strategy<Value = String> {
    let known = select(vec![
        "",
        "a",
        "A",
        "ab",
        "Admin",
        "ADMIN",
        "admin",
        "true",
        "False",
        "10",
        "10.5",
        "-3",
        "1e2",
        "192.0.2.7",
        "198.51.100.200",
        "2001:db8::1",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "a.b+c(",
        r"back\slash",
        "a*c",
        "a?c",
        r"\*",
        "é",
        "É a",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => r"[abAé.*?\\]{0,6}"]
}

/// A text as it is written in a rule, with wildcards and escapes.
fn pattern() -> impl Strategy<Value = String> {
    let known = select(vec![
        "*",
        "?",
        "a*",
        "*a",
        "*min",
        "AD*N",
        "a??",
        "ad?in",
        r"a\*c",
        r"a\?c",
        r"back\\slash",
        r"back\slash",
        r"\\*",
        r"\\\*",
        "É*",
        "*/Administrator*",
        "1?",
        "",
    ]);
    prop_oneof![2 => text(), 2 => known.prop_map(str::to_owned), 1 => r"[abAé.*?\\]{0,6}"]
}

fn number() -> impl Strategy<Value = Value> {
    select(vec![json!(0), json!(2), json!(10), json!(10.5), json!(-3), json!(443), json!(100.0)])
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => text().prop_map(Value::from),
        2 => number(),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

/// What stands in a request; no `null` in lists.
fn content() -> impl Strategy<Value = Value> {
    let object = |inside: BoxedStrategy<Value>| {
        proptest::collection::btree_map(select(vec!["a", "b", "items"]), inside, 0..3)
            .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
    };
    let bare = scalar().boxed().prop_recursive(3, 12, 3, move |inside| {
        prop_oneof![
            2 => object(inside.clone()).prop_map(Value::Object),
            1 => proptest::collection::vec(inside, 1..4).prop_map(Value::Array),
        ]
    });
    let with_null = prop_oneof![4 => bare.clone(), 1 => Just(Value::Null)];
    // What AWS's own requests look like: a text, a list of texts, a list of objects.
    let pair = (scalar(), scalar()).prop_map(|(a, b)| json!({"a": a, "b": b}));
    let usual = (scalar(), proptest::collection::vec(scalar(), 1..4), proptest::collection::vec(pair, 1..4));
    let usual = usual.prop_map(|(a, b, items)| json!({"a": a, "b": b, "items": items}));
    prop_oneof![
        12 => usual,
        6 => object(with_null.boxed()).prop_map(Value::Object),
        1 => bare.prop_filter("a request is an object", |value| !value.is_array()),
    ]
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["alice", "Alice", "bob", "carol"])
}

fn record() -> impl Strategy<Value = Value> {
    let source = select(vec!["iam", "s3", "ec2"]);
    let called = select(vec!["AttachUserPolicy", "ListBuckets", "RunInstances"]);
    let code = proptest::option::of(select(vec!["AccessDenied", "NoSuchEntity", "Client.UnauthorizedOperation"]));
    let truth = select(vec![json!(true), json!(false), json!("true"), Value::Null]);
    let many = (source, called, code, truth, name(), proptest::option::of(name()), proptest::option::of(text()));
    let rest = (proptest::option::weighted(0.9, content()), any::<bool>());
    (many, rest).prop_map(|((source, called, code, truth, user, about, agent), (request, of_service))| {
        let mut record = json!({
            "eventTime": "2026-02-03T04:05:06Z",
            "eventSource": format!("{source}.amazonaws.com"),
            "eventName": called,
            "awsRegion": "eu-west-1",
            "sourceIPAddress": if of_service { "config.amazonaws.com" } else { "198.51.100.7" },
            "userAgent": agent,
            "readOnly": truth,
            "recipientAccountId": "111122223333",
            "userIdentity": {
                "type": if of_service { "AWSService" } else { "IAMUser" },
                "arn": format!("arn:aws:iam::111122223333:user/{user}"),
                "accountId": "111122223333",
                "userName": user,
                "sessionContext": {"attributes": {"mfaAuthenticated": "true"}},
            },
            "requestParameters": request,
            "responseElements": null,
        });
        if let Some(code) = code {
            record["errorCode"] = code.into();
        }
        if let (Some(about), Some(Value::Object(request))) = (about, record.get_mut("requestParameters")) {
            request.insert("userName".to_owned(), about.into());
        }
        record
    })
}

/// A field of a record, by a path that may lead somewhere.
fn field() -> impl Strategy<Value = String> {
    let plain = select(vec![
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "readOnly",
        "userIdentity",
        "userIdentity.type",
        "userIdentity.arn",
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "responseElements.x",
    ]);
    let usual = select(vec!["a", "b", "b", "items.a", "items.b", "userName"])
        .prop_map(|path| format!("requestParameters.{path}"));
    let path = proptest::collection::vec(select(vec!["a", "b", "items", "userName"]), 0..4).prop_map(|steps| {
        let steps: String = steps.iter().map(|step| format!(".{step}")).collect();
        format!("requestParameters{steps}")
    });
    prop_oneof![2 => plain.prop_map(str::to_owned), 4 => usual, 1 => path]
}

/// One line of a selection.
fn item() -> impl Strategy<Value = (String, Value)> {
    let one = || {
        prop_oneof![
            5 => pattern().prop_map(Value::from),
            2 => number(),
            1 => any::<bool>().prop_map(Value::from),
        ]
    };
    let list = proptest::collection::vec(one(), 1..4).prop_map(Value::from);
    let whole = (field(), prop_oneof![2 => one(), 1 => list, 1 => Just(Value::Null)]);
    let cased = (field(), pattern().prop_map(Value::from)).prop_map(|(field, value)| (format!("{field}|cased"), value));
    let known = select(vec![
        ("eventSource", json!("iam.amazonaws.com")),
        ("eventName", json!(["attachuserpolicy", "RunInstances"])),
        ("eventName|startswith", json!("list")),
        ("eventName|re", json!("Polic(y|ies)$")),
    ]);
    let placed = (
        field(),
        select(vec!["contains", "startswith", "endswith"]),
        select(vec!["", "|cased", "|all", "|all|cased"]),
        proptest::collection::vec(pattern(), 2..4),
    );
    let placed = placed.prop_map(|(field, place, more, mut values)| {
        // Behind these the other engine puts wildcards on the wrong side.
        if place != "contains" {
            let escaped = |text: &String| text.replace('\\', r"\\").replace('*', r"\*").replace('?', r"\?");
            values = values.iter().map(escaped).collect();
        }
        (format!("{field}|{place}{more}"), json!(values))
    });
    let regex = (
        field(),
        select(vec!["re", "re|i", "re|s", "re|i|m"]),
        select(vec!["^a", "min$", "A.*m", r"\d+", "^$", "é|b", r"^arn:aws:iam::(aws|\d{12}):", ".", "[ab]{2}"]),
    );
    let regex = regex.prop_map(|(field, how, value)| (format!("{field}|{how}"), json!(value)));
    let network = (field(), select(vec!["192.0.2.0/24", "198.51.100.0/25", "2001:db8::/32", "10.0.0.0/8"]));
    let network = network.prop_map(|(field, value)| (format!("{field}|cidr"), json!(value)));
    let compared = (field(), select(vec!["gt", "gte", "lt", "lte"]), prop_oneof![number(), Just(json!("10"))]);
    let compared = compared.prop_map(|(field, how, value)| (format!("{field}|{how}"), value));
    let exists = (field(), any::<bool>()).prop_map(|(field, value)| (format!("{field}|exists"), json!(value)));
    let same = select(vec![
        ("requestParameters.userName|fieldref", json!("userIdentity.userName")),
        ("userIdentity.userName|fieldref", json!("requestParameters.userName")),
        ("userIdentity.accountId|fieldref", json!("recipientAccountId")),
    ]);
    let own = |(field, value): (&str, Value)| (field.to_owned(), value);
    prop_oneof![
        4 => whole,
        1 => cased,
        2 => known.prop_map(own),
        3 => placed,
        1 => regex,
        1 => network,
        1 => compared,
        1 => exists,
        1 => same.prop_map(own),
    ]
}

fn selection() -> impl Strategy<Value = Value> {
    let map = || {
        proptest::collection::vec(item(), 1..3)
            .prop_map(|items| Value::Object(items.into_iter().collect::<Map<_, _>>()))
    };
    let keywords = select(vec!["admin", "alice", "iam", "a.b", "nowhere"]);
    prop_oneof![
        6 => map(),
        1 => proptest::collection::vec(map(), 1..3).prop_map(Value::from),
        1 => proptest::collection::vec(keywords, 1..3).prop_map(|words| json!(words)),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = select(vec![
        "s1",
        "s2",
        "other",
        "1 of s*",
        "all of s*",
        "any of them",
        "all of them",
        "2 of them",
        "1 of other",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 8, 2, |inside| {
        prop_oneof![
            (inside.clone(), inside.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inside.clone(), inside.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            (inside.clone(), inside.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            inside.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let hidden = proptest::option::of(selection());
    (selection(), selection(), selection(), hidden, condition()).prop_map(|(s1, s2, other, hidden, condition)| {
        let mut detection = json!({"s1": s1, "s2": s2, "other": other, "condition": condition});
        if let Some(hidden) = hidden {
            detection["_hidden"] = hidden;
        }
        json!({
            "title": "Twin",
            "name": "twin",
            "logsource": {"product": "aws", "service": "cloudtrail"},
            "detection": detection,
            "level": "low",
        })
    })
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
