//! What holds for any policy and any request.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use trailwright::iam::evaluate::{Decision, Policies, RESOURCE, Request, evaluate};
use trailwright::iam::{Action, covers, matches, may_overlap};

use super::slow::{Answer, Known, Layers, decide};
use super::{Facts, policy};

/// A condition key with the operators that fit it, values for policies and values of requests.
struct Key {
    name: &'static str,
    operators: &'static [&'static str],
    asked: &'static [&'static str],
    had: &'static [&'static str],
    is_multivalued: bool,
}

const STRINGS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const NAMES: &[&str] =
    &["ann", "Ann", "a*", "?nn", "*", "", "${aws:username}", "${aws:PrincipalTag/team, 'ann'}", "x${*}"];
const NAMES_HAD: &[&str] = &["ann", "Ann", "bob", "*", "", "x*", "xy"];

const KEYS: &[Key] = &[
    Key { name: "aws:username", operators: STRINGS, asked: NAMES, had: NAMES_HAD, is_multivalued: false },
    Key { name: "aws:PrincipalTag/team", operators: STRINGS, asked: NAMES, had: NAMES_HAD, is_multivalued: false },
    Key { name: "aws:TagKeys", operators: STRINGS, asked: NAMES, had: NAMES_HAD, is_multivalued: true },
    Key {
        name: "s3:max-keys",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        asked: &["1", "9.5", "10", "10.0", "-3"],
        had: &["1", "9.5", "10", "10.0", "-3"],
        is_multivalued: false,
    },
    Key {
        name: "aws:CurrentTime",
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        asked: &["2026-02-03T09:00:00Z", "2026-02-03T10:00:00+01:00", "1770109200", "2026-02-04T00:00:00Z"],
        had: &["2026-02-03T09:00:00Z", "1770109201", "2026-02-04T00:00:00Z"],
        is_multivalued: false,
    },
    Key {
        name: "aws:SecureTransport",
        operators: &["Bool"],
        asked: &["true", "false"],
        had: &["true", "false"],
        is_multivalued: false,
    },
    Key {
        name: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress"],
        asked: &["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1"],
        had: &["192.0.2.7", "198.51.100.1", "2001:db8::1"],
        is_multivalued: false,
    },
    Key {
        name: "aws:SourceArn",
        operators: &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        asked: &["arn:aws:sns:*:*:*", "arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:s3:::a?"],
        had: &["arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:iam::111122223333:user/ann", "arn:aws:s3:::ab"],
        is_multivalued: false,
    },
];

const ACTIONS: &[&str] = &["s3:GetObject", "s3:PutObject", "s3-outposts:GetObject", "sqs:SendMessage"];
const ACTION_PATTERNS: &[&str] =
    &["*", "s3:*", "S3:getobject", "s3:Put*", "sqs:*", "s3:?etObject", "*:*Object", "sqs:SendMessage"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::home/ann/a",
    "arn:aws:s3:::home/bob",
    "arn:aws:s3:::home/é",
    "arn:aws:sqs:eu-west-1:111122223333:q",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::home/*",
    "arn:aws:s3:::home/ann/?",
    "arn:aws:s3:::home/${aws:username}*",
    "arn:aws:s3:::home/${aws:PrincipalTag/team, 'bob'}",
    "arn:aws:sqs:*",
    "arn:aws:s3:::home/b${*}b",
    "arn:aws:s3:::*/?",
];
/// Resources asked for at once, some of the above among them.
const SEVERAL: &[&str] = &["arn:aws:s3:::home/*", "arn:aws:s3:::home/ann/?", "arn:aws:s3:::h*", "arn:aws:s?s:*"];

fn some_of(from: &'static [&'static str], count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(select(from), count)
}

fn condition() -> impl Strategy<Value = (String, Value)> {
    (any::<prop::sample::Index>(), 0..9_usize, any::<[prop::sample::Index; 2]>(), 0..8_usize).prop_map(
        |(key, set, [first, second], how)| {
            let key = key.get(KEYS);
            if how == 0 {
                return ("Null".to_owned(), json!({ key.name: (set % 2 == 0).to_string() }));
            }
            // A key with several values takes one of the set operators.
            let set =
                ["ForAllValues:", "ForAnyValue:", ""][if key.is_multivalued { set % 2 } else { (set / 2).min(2) }];
            let if_exists = if how == 1 { "IfExists" } else { "" };
            let operator = format!("{set}{}{if_exists}", first.get(key.operators));
            (operator, json!({ key.name: [first.get(key.asked), second.get(key.asked)] }))
        },
    )
}

prop_compose! {
    fn statement()(
        denies in prop::bool::weighted(0.3),
        but in prop::bool::weighted(0.2),
        actions in some_of(ACTION_PATTERNS, 1..3),
        but_resources in prop::bool::weighted(0.2),
        resources in some_of(RESOURCE_PATTERNS, 1..3),
        conditions in prop::collection::vec(condition(), 0..3),
    ) -> Value {
        let condition: serde_json::Map<String, Value> = conditions.into_iter().collect();
        json!({
            "Effect": if denies { "Deny" } else { "Allow" },
            if but { "NotAction" } else { "Action" }: actions,
            if but_resources { "NotResource" } else { "Resource" }: resources,
            "Condition": condition,
        })
    }
}

fn document() -> impl Strategy<Value = Value> {
    (prop::bool::weighted(0.9), prop::collection::vec(statement(), 0..5)).prop_map(|(is_new, statements)| {
        json!({ "Version": if is_new { "2012-10-17" } else { "2008-10-17" }, "Statement": statements })
    })
}

fn documents() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(document(), 0..3)
}

prop_compose! {
    fn layers()(
        identity in documents(),
        boundary in prop::option::weighted(0.2, documents()),
        session in prop::option::weighted(0.2, documents()),
        scps in prop::collection::vec(documents(), 0..2),
    ) -> Layers {
        Layers { identity, boundary, session, scps }
    }
}

fn known() -> impl Strategy<Value = Known> {
    let values = |key: &'static Key| {
        let count = if key.is_multivalued { 1..4 } else { 1..2 };
        prop::option::weighted(0.8, some_of(key.had, count)).prop_map(move |values| (key.name.to_lowercase(), values))
    };
    KEYS.iter().map(values).collect::<Vec<_>>().prop_map(|all| {
        let present = all.into_iter().filter_map(|(key, values)| Some((key, values?)));
        present.map(|(key, values)| (key, values.into_iter().map(str::to_owned).collect())).collect()
    })
}

fn compiled(layers: &Layers) -> Policies {
    let each = |documents: &Vec<Value>| documents.iter().map(|one| policy("p", &one.to_string())).collect();
    Policies {
        identity: each(&layers.identity),
        boundary: layers.boundary.as_ref().map(each),
        session: layers.session.as_ref().map(each),
        scps: layers.scps.iter().map(each).collect(),
    }
}

fn facts(known: &Known) -> Facts {
    Facts(known.iter().map(|(key, values)| (key.clone(), Some(values.clone()))).collect())
}

/// Whether it is allowed, if that is known.
fn is_allowed(decision: &Decision<'_>) -> Option<bool> {
    match decision {
        Decision::Allowed { .. } => Some(true),
        Decision::ExplicitlyDenied { .. } | Decision::ImplicitlyDenied { .. } => Some(false),
        Decision::Unknown { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_slow_twin_decides_the_same(
        layers in layers(), action in select(ACTIONS), resource in select(RESOURCES), known in known(),
    ) {
        let (policies, facts, parsed) = (compiled(&layers), facts(&known), action.parse::<Action>().unwrap());
        let decision = evaluate(&policies, &Request { action: &parsed, resource, context: &facts });
        let found = match decision {
            Decision::Allowed { .. } => Answer::Allowed,
            Decision::ExplicitlyDenied { .. } => Answer::ExplicitlyDenied,
            Decision::ImplicitlyDenied { .. } => Answer::ImplicitlyDenied,
            Decision::Unknown { .. } => panic!("all is known: {decision:?}"),
        };
        prop_assert_eq!(found, decide(&layers, action, resource, &known));
    }

    /// And what it says is missing is what is not known, and suffices.
    #[test]
    fn who_knows_less_never_contradicts(
        layers in layers(), action in select(ACTIONS), resource in select(RESOURCES), known in known(),
        hidden in prop::collection::vec(any::<bool>(), KEYS.len()),
    ) {
        let (policies, all, action) = (compiled(&layers), facts(&known), action.parse::<Action>().unwrap());
        let hidden: BTreeSet<_> =
            KEYS.iter().zip(hidden).filter(|(_, hide)| *hide).map(|(key, _)| key.name.to_lowercase()).collect();
        let mut less = all.clone();
        less.0.extend(hidden.iter().map(|key| (key.clone(), None)));
        let full = evaluate(&policies, &Request { action: &action, resource, context: &all });
        let partial = evaluate(&policies, &Request { action: &action, resource, context: &less });
        match &partial {
            Decision::Unknown { missing, .. } => {
                prop_assert!(!missing.is_empty() && missing.is_sorted());
                prop_assert!(missing.iter().all(|key| hidden.contains(*key)), "{missing:?} of {hidden:?}");
                // Nothing else could have changed the answer.
                let mut told = less.clone();
                for key in missing {
                    match all.0.get(*key) {
                        Some(values) => told.0.insert((*key).to_owned(), values.clone()),
                        None => told.0.remove(*key),
                    };
                }
                let told = evaluate(&policies, &Request { action: &action, resource, context: &told });
                prop_assert_eq!(is_allowed(&told), is_allowed(&full));
            }
            Decision::ImplicitlyDenied { .. } => prop_assert_eq!(is_allowed(&full), Some(false)),
            certain => prop_assert_eq!(std::mem::discriminant(certain), std::mem::discriminant(&full)),
        }
    }

    #[test]
    fn what_is_said_of_many_resources_holds_for_each(
        layers in layers(), action in select(ACTIONS), several in select(SEVERAL), known in known(),
    ) {
        let (policies, facts, action) = (compiled(&layers), facts(&known), action.parse::<Action>().unwrap());
        let of_all = evaluate(&policies, &Request { action: &action, resource: several, context: &facts });
        if let Decision::Unknown { missing, .. } = &of_all {
            prop_assert_eq!(missing, &[RESOURCE]);
        }
        for resource in RESOURCES.iter().skip(1).filter(|one| matches(several, one)) {
            let of_one = evaluate(&policies, &Request { action: &action, resource, context: &facts });
            prop_assert!(is_allowed(&of_all).is_none_or(|all| Some(all) == is_allowed(&of_one)), "{several} {resource}");
        }
    }

    #[test]
    fn what_fits_the_covered_pattern_fits_the_other(
        pattern in "[ab*?é]{0,6}", other in "[ab*?é]{0,6}", text in "[abé]{0,6}", fill in "[abé*]{0,3}",
    ) {
        // A text of that pattern, so that not all are in vain.
        let of_other = other.replace('*', &fill).replace('?', "a");
        for text in [text, of_other] {
            if matches(&other, &text) {
                prop_assert!(!covers(&pattern, &other) || matches(&pattern, &text), "{pattern} {other} {text}");
                prop_assert!(may_overlap(&pattern, &other) || !matches(&pattern, &text), "{pattern} {other} {text}");
            }
        }
        prop_assert!(covers("*", &other) && covers(&other, &other) && may_overlap(&other, &other));
    }
}

#[test]
fn patterns_that_cover_and_that_do_not_meet() {
    for (pattern, other, does) in [
        ("a*", "ab*", true),
        ("a*", "a*", true),
        ("a*c", "ab*bc", true),
        ("ab*", "a*", false),
        ("a?", "a*", false),
        ("a*", "a?", true),
        ("*b*", "a*b?", true),
        ("a", "a", true),
    ] {
        assert_eq!(covers(pattern, other), does, "{pattern} {other}");
    }
    for (one, other, may) in [
        ("a*", "*b", true),
        ("a*", "b*", false),
        ("a*c", "a*d", false),
        ("a?c", "ab*", true),
        ("a?", "a", false),
        ("*x*", "arn:*", true),
        ("", "*", true),
    ] {
        assert_eq!((may_overlap(one, other), may_overlap(other, one)), (may, may), "{one} {other}");
    }
}
