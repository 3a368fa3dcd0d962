//! Records and rules that nearly meet.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Texts that are near to each other, so that patterns hit and just miss.
pub(super) fn text() -> impl Strategy<Value = String> {
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
pub(super) fn pattern() -> impl Strategy<Value = String> {
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

pub(super) fn number() -> impl Strategy<Value = Value> {
    select(vec![json!(0), json!(2), json!(10), json!(10.5), json!(-3), json!(443), json!(100.0)])
}

pub(super) fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => text().prop_map(Value::from),
        2 => number(),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

/// What stands in a request; no `null` in lists.
pub(super) fn content() -> impl Strategy<Value = Value> {
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

pub(super) fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["alice", "Alice", "bob", "carol"])
}

pub(super) fn record() -> impl Strategy<Value = Value> {
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
pub(super) fn field() -> impl Strategy<Value = String> {
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
pub(super) fn item() -> impl Strategy<Value = (String, Value)> {
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

pub(super) fn selection() -> impl Strategy<Value = Value> {
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

pub(super) fn condition() -> impl Strategy<Value = String> {
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

pub(super) fn rule() -> impl Strategy<Value = Value> {
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
