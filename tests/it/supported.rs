//! Conditions that `recommend` puts into statements: each trap by itself, and that no history is blocked by its own.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trailwright::recommend::{ConditionKind, Options, recommendations, trial};
use trailwright::report::{ConditionRow, RecommendationRow, VerifiedRow, recommend, verify};
use trailwright::scan::ScanOptions;

use crate::support::{Tree, scan_with};

/// One call. What differs from the plain one is set by hand.
#[derive(Clone, Debug)]
struct Made {
    by: &'static str,
    what: &'static str,
    region: Option<&'static str>,
    from: &'static str,
    endpoint: Option<Value>,
    mfa: Option<bool>,
    through: Option<&'static str>,
    day: u32,
    hour: u32,
}

/// By a user with an own key, over the internet.
const PLAIN: Made = Made {
    by: "user",
    what: "GetObject",
    region: Some("eu-west-1"),
    from: "198.51.100.7",
    endpoint: None,
    mfa: None,
    through: None,
    day: 0,
    hour: 9,
};

const NAMES: [&str; 6] = ["GetObject", "GetItem", "Decrypt", "ListUsers", "CreateFunction20150331", "DescribeRegions"];

impl Made {
    fn identity(&self) -> Value {
        let account = "111122223333";
        let mut identity = match self.by {
            "user" => json!({"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": account, "userName": "ana",
                "arn": "arn:aws:iam::111122223333:user/ana", "accessKeyId": "AKIAEXAMPLE"}),
            by => {
                let role = match by {
                    "role" => "service/Worker",
                    _ => "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef",
                };
                let name = role.rsplit('/').next().unwrap();
                json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:s", "accountId": account,
                    "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/s"), "accessKeyId": "ASIAEXAMPLE",
                    "sessionContext": {"sessionIssuer": {"type": "Role", "userName": name,
                        "arn": format!("arn:aws:iam::{account}:role/{role}")}}})
            }
        };
        if let Some(mfa) = self.mfa {
            let attributes = json!({"creationDate": "2026-02-01T00:00:00Z", "mfaAuthenticated": mfa.to_string()});
            identity.as_object_mut().unwrap().entry("sessionContext").or_insert(json!({}))["attributes"] = attributes;
        }
        if let Some(through) = self.through {
            identity["invokedBy"] = json!(through);
        }
        identity
    }

    fn record(&self, number: usize) -> String {
        let (source, parameters) = match self.what {
            "GetObject" => ("s3", json!({"bucketName": "b", "key": "k"})),
            "GetItem" => ("dynamodb", json!({"tableName": "t", "key": {}})),
            "Decrypt" => ("kms", json!({"keyId": "arn:aws:kms:eu-west-1:111122223333:key/1"})),
            "ListUsers" => ("iam", json!({})),
            "DescribeRegions" => ("ec2", json!({})),
            _ => ("lambda", json!({"functionName": "f", "role": "arn:aws:iam::111122223333:role/Passed"})),
        };
        let (day, month) = (1 + self.day % 28, 1 + self.day / 28);
        let mut record: Map<String, Value> = Map::new();
        record.insert("eventVersion".into(), json!("1.11"));
        record.insert("userIdentity".into(), self.identity());
        record.insert("eventTime".into(), json!(format!("2026-{month:02}-{day:02}T{:02}:10:00Z", self.hour)));
        record.insert("eventSource".into(), json!(format!("{source}.amazonaws.com")));
        record.insert("eventName".into(), json!(self.what));
        record.insert("sourceIPAddress".into(), json!(self.from));
        record.insert("requestParameters".into(), parameters);
        record.insert("eventID".into(), json!(format!("00000000-0000-4000-8000-{number:012}")));
        record.insert("eventType".into(), json!("AwsApiCall"));
        record.insert("recipientAccountId".into(), json!("111122223333"));
        record.extend(self.region.map(|region| ("awsRegion".to_owned(), json!(region))));
        record.extend(self.endpoint.clone().map(|endpoint| ("vpcEndpointId".to_owned(), endpoint)));
        Value::Object(record).to_string()
    }
}

/// What is recommended with some conditions, verified.
fn recommended(calls: &[Made], conditions: &[ConditionKind]) -> Vec<RecommendationRow> {
    let records: Vec<String> = calls.iter().enumerate().map(|(number, made)| made.record(number)).collect();
    let tree = Tree::delivered(&records, records.len());
    let options = Options { conditions: conditions.iter().copied().collect(), ..Options::default() };
    let history = tree.scan();
    let mut report = recommend(&history, &options, false);
    let trial = trial(&recommendations(&history, &options)).unwrap();
    let tried = ScanOptions { threads: 1, trial: Some(trial), ..ScanOptions::default() };
    verify(&mut report, &scan_with(&[tree.path()], &tried));
    report.recommendations.unwrap()
}

fn reviewed(calls: &[Made], kind: ConditionKind) -> Vec<ConditionRow> {
    let mut rows = recommended(calls, &[kind]);
    assert_eq!(rows.len(), 1);
    let row = rows.remove(0);
    let verified = row.verified.unwrap();
    assert_eq!((verified.blocked, verified.unknown), (0, 0), "{:?}", verified.problems);
    let held = serde_json::to_string(&row.policies).unwrap();
    for one in row.conditions.iter().filter(|one| one.set) {
        assert!(held.contains(one.key.unwrap()) && one.values.iter().all(|value| held.contains(value)), "{held}");
    }
    for key in ["aws:RequestedRegion", "aws:SourceIp", "aws:SourceVpce", "aws:MultiFactorAuthPresent"] {
        assert_eq!(held.contains(key), row.conditions.iter().any(|one| one.key == Some(key)), "{held}");
    }
    row.conditions
}

/// What is said of services: the values that are set, or a part of why none are; and how many events are known to
/// carry the key and would have been blocked.
type Said = (&'static str, Result<&'static str, &'static str>, (u64, u64));

#[track_caller]
fn check(kind: ConditionKind, calls: &[Made], expected: &[Said]) {
    let rows = reviewed(calls, kind);
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for (row, (services, values, numbers)) in rows.iter().zip(expected) {
        assert_eq!((row.services.join(" ").as_str(), (row.covered, row.blocked)), (*services, *numbers), "{row:?}");
        match values {
            Ok(values) => assert!(row.set && row.values.join(" ") == *values, "{row:?}"),
            Err(why) => assert!(!row.set && row.why.contains(why), "{row:?}"),
        }
    }
}

fn times(count: u32, made: &Made) -> Vec<Made> {
    (0..count).map(|day| Made { day, ..made.clone() }).collect()
}

#[test]
fn a_region_is_asked_for_where_a_service_has_one() {
    let other = Made { region: Some("us-east-1"), ..PLAIN };
    check(ConditionKind::Region, &[PLAIN], &[("s3", Ok("eu-west-1"), (1, 0))]);
    check(ConditionKind::Region, &[PLAIN, other.clone()], &[("s3", Ok("eu-west-1 us-east-1"), (2, 0))]);
    // A global service is split off, and does not keep others from having a region.
    let global = Made { what: "ListUsers", ..other.clone() };
    let of_global = ("iam", Err("global service"), (1, 0));
    check(ConditionKind::Region, &[PLAIN, global], &[of_global, ("s3", Ok("eu-west-1"), (1, 0))]);
    // Services have their own regions.
    let item = Made { what: "GetItem", ..other };
    let each = [("dynamodb", Ok("us-east-1"), (1, 0)), ("s3", Ok("eu-west-1"), (1, 0))];
    check(ConditionKind::Region, &[PLAIN, item], &each);
    check(ConditionKind::Region, &[PLAIN, Made { region: None, ..PLAIN }], &[("s3", Err("lacks the region"), (1, 0))]);
    // Which region a role is passed in is the service's matter.
    let passes = Made { what: "CreateFunction20150331", ..PLAIN };
    let apart = [("iam:PassRole", Err("another one is asked for"), (0, 0)), ("lambda", Ok("eu-west-1"), (1, 0))];
    check(ConditionKind::Region, &[passes], &apart);
}

#[test]
fn an_address_is_asked_for_where_it_is_known_and_stays() {
    let from = |from| Made { from, ..PLAIN };
    let kind = ConditionKind::SourceIp;
    check(kind, &times(3, &PLAIN), &[("s3", Ok("198.51.100.7/32"), (3, 0))]);
    check(kind, &times(2, &PLAIN), &[("s3", Err("too few calls"), (2, 0))]);
    let site = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.5"].map(from);
    check(kind, &site, &[("s3", Ok("198.51.100.0/24"), (5, 0))]);
    check(kind, &site[..4], &[("s3", Ok("198.51.100.1/32 198.51.100.2/32 198.51.100.3/32 198.51.100.4/32"), (4, 0))]);
    let roams = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "2001:db8:1::1"].map(from);
    check(kind, &roams, &[("s3", Err("too many addresses"), (5, 0))]);
    let many: Vec<Made> = (1..=7).map(|n| from(Box::leak(format!("192.0.2.{n}").into_boxed_str()))).collect();
    check(kind, &many, &[("s3", Err("more addresses than are told apart"), (0, 0))]);
    let with = |made: Made| [times(3, &PLAIN), vec![made]].concat();
    check(kind, &with(from("10.0.0.7")), &[("s3", Err("private address"), (0, 0))]);
    check(kind, &with(from("s3.amazonaws.com")), &[("s3", Err("addresses of their own"), (0, 0))]);
    // A service keeps the caller's address, or does not: it is not relied on.
    let through = Made { through: Some("athena.amazonaws.com"), ..PLAIN };
    check(kind, &with(through), &[("s3", Err("addresses of their own"), (3, 0))]);
    // Who calls one service from all over the world has no fixed place for others.
    let item = |made: &Made| Made { what: "GetItem", ..made.clone() };
    let both: Vec<Made> = roams.iter().map(item).chain(times(3, &PLAIN)).collect();
    check(kind, &both, &[("dynamodb s3", Err("too many addresses"), (8, 0))]);
}

#[test]
fn a_roles_address_is_asked_for_once_it_has_stayed_for_thirty_days() {
    let role = Made { by: "role", ..PLAIN };
    check(ConditionKind::SourceIp, &times(29, &role), &[("s3", Err("may move"), (29, 0))]);
    check(ConditionKind::SourceIp, &times(30, &role), &[("s3", Ok("198.51.100.7/32"), (30, 0))]);
    let set = Made { by: "set", ..PLAIN };
    check(ConditionKind::SourceIp, &times(3, &set), &[("s3", Ok("198.51.100.7/32"), (3, 0))]);
}

#[test]
fn an_endpoint_is_asked_for_where_every_call_came_through_one() {
    let kind = ConditionKind::Vpce;
    let inside = Made { by: "role", from: "10.0.0.7", endpoint: Some(json!("vpce-1")), ..PLAIN };
    let outside = Made { by: "role", ..PLAIN };
    let with = |made: Made| [times(3, &inside), vec![made]].concat();
    check(kind, &times(3, &inside), &[("s3", Ok("vpce-1"), (3, 0))]);
    check(kind, &times(2, &inside), &[("s3", Err("too few calls"), (2, 0))]);
    let second = Made { endpoint: Some(json!("vpce-2")), ..inside.clone() };
    check(kind, &with(second), &[("s3", Ok("vpce-1 vpce-2"), (4, 0))]);
    check(kind, &times(3, &outside), &[("s3", Err("no call came through"), (0, 3))]);
    // The office or the endpoint: neither is asked for. What is of one kind of call is told for all of it.
    check(kind, &with(outside.clone()), &[("s3", Err("cannot ask for either way"), (0, 4))]);
    check(ConditionKind::SourceIp, &with(outside.clone()), &[("s3", Err("aws:SourceIp is absent"), (0, 4))]);
    let through = Made { through: Some("athena.amazonaws.com"), from: "athena.amazonaws.com", ..outside.clone() };
    check(kind, &with(through), &[("s3", Err("do not carry its endpoint on"), (3, 1))]);
    check(kind, &with(Made { endpoint: Some(json!(5)), ..inside.clone() }), &[("s3", Err("either way"), (0, 4))]);
    // Endpoints are of services.
    let item = Made { what: "GetItem", ..outside };
    let each = [("dynamodb", Err("no call came through"), (0, 1)), ("s3", Ok("vpce-1"), (3, 0))];
    check(kind, &with(item), &each);
}

#[test]
fn mfa_is_asked_for_where_every_session_had_it() {
    let kind = ConditionKind::Mfa;
    let with = Made { mfa: Some(true), ..PLAIN };
    let and = |made: Made| [times(3, &with), vec![made]].concat();
    check(kind, &times(3, &with), &[("s3", Ok("true"), (3, 0))]);
    check(kind, &times(2, &with), &[("s3", Err("too few calls"), (2, 0))]);
    check(kind, &times(3, &Made { by: "role", ..with.clone() }), &[("s3", Ok("true"), (3, 0))]);
    check(kind, &and(Made { mfa: Some(false), ..PLAIN }), &[("s3", Err("no MFA that AWS saw"), (0, 4))]);
    check(kind, &and(PLAIN), &[("s3", Err("long-term keys"), (0, 4))]);
    let set = Made { by: "set", ..with.clone() };
    check(kind, &times(3, &set), &[("s3", Err("Identity Center carries no MFA"), (0, 0))]);
    let through = Made { through: Some("athena.amazonaws.com"), ..with.clone() };
    check(kind, &and(through), &[("s3", Err("may not carry MFA on"), (3, 0))]);
}

#[test]
fn hours_are_told_and_never_asked_for() {
    let at = |hours: &[u32]| -> Vec<Made> { hours.iter().map(|hour| Made { hour: *hour, ..PLAIN }).collect() };
    let rows = reviewed(&at(&[9, 10, 8, 13]), ConditionKind::Hours);
    let [row] = &*rows else { panic!("{rows:?}") };
    assert_eq!((row.set, row.key, row.values.join(" ").as_str()), (false, None, "08:00-11:00 13:00-14:00"));
    assert!(row.why.contains("on 1 day;") && row.why.contains("aws:CurrentTime"), "{}", row.why);
    let all: Vec<u32> = (0..24).collect();
    check(ConditionKind::Hours, &at(&all), &[("s3", Err("every hour of the day"), (24, 0))]);
}

#[test]
fn conditions_that_hold_together_are_in_one_statement() {
    let calls = times(3, &Made { mfa: Some(true), ..PLAIN });
    let rows = recommended(&calls, &ConditionKind::ALL);
    let statements = &rows[0].policies[0].document.statement;
    assert_eq!(statements.len(), 1);
    let keys: BTreeSet<&str> = statements[0].condition.values().flat_map(|keys| keys.keys()).map(|k| &**k).collect();
    assert_eq!(keys, BTreeSet::from(["aws:MultiFactorAuthPresent", "aws:RequestedRegion", "aws:SourceIp"]));
    assert!(recommended(&calls, &[])[0].conditions.is_empty());
}

fn made() -> impl Strategy<Value = Made> {
    let rarely = |odd: &'static [&'static str]| prop::option::weighted(0.1, prop::sample::select(odd));
    let place = (
        prop_oneof![9 => Just(Some("eu-west-1")), 2 => Just(Some("us-east-1")), 1 => Just(None)],
        prop_oneof![
            6 => prop::sample::select(&["198.51.100.7", "198.51.100.8", "203.0.113.9"][..]),
            1 => prop::sample::select(&["10.0.0.7", "s3.amazonaws.com", "2001:db8::1", "192.0.2.3"][..]),
        ],
        prop_oneof![
            6 => Just(None),
            2 => prop::sample::select(vec![Some(json!("vpce-1")), Some(json!("vpce-2"))]),
            1 => prop::sample::select(vec![Some(json!(5)), Some(Value::Null)]),
        ],
    );
    let who = prop::sample::select(&["user", "role", "set"][..]);
    let mfa = prop::sample::select(vec![Some(true), Some(true), Some(false), None]);
    let through = rarely(&["athena.amazonaws.com", "AWS Internal"]);
    (who, prop::sample::select(&NAMES[..]), place, mfa, through, 0..40_u32, 0..24_u32).prop_map(
        |(by, what, (region, from, endpoint), mfa, through, day, hour)| Made {
            by,
            what,
            region,
            from,
            endpoint,
            mfa,
            through,
            day,
            hour,
        },
    )
}

/// Histories of habit, with some odd calls.
fn history() -> impl Strategy<Value = Vec<Made>> {
    let habit = (made(), 1..35_u32).prop_map(|(made, count)| times(count, &made));
    (prop::collection::vec(habit, 1..5), prop::collection::vec(made(), 0..4))
        .prop_map(|(habits, odd)| habits.into_iter().flatten().chain(odd).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn no_history_is_blocked_by_its_own_conditions(calls in history(), wanted in prop::sample::subsequence(ConditionKind::ALL.to_vec(), 1..=5)) {
        let (free, held) = (recommended(&calls, &[]), recommended(&calls, &wanted));
        for (free, held) in free.iter().zip(&held) {
            let numbers = |row: &RecommendationRow| {
                let VerifiedRow { allowed, blocked, unknown, not_asked, problems } = row.verified.clone().unwrap();
                (allowed, blocked, unknown, not_asked, problems)
            };
            prop_assert_eq!(numbers(free), numbers(held), "{:#?}", held.conditions);
            for one in &held.conditions {
                prop_assert!(one.covered + one.blocked <= one.events, "{:?}", one);
                prop_assert!(!one.set || one.covered == one.events, "{:?}", one);
            }
        }
        prop_assert_eq!(free.len(), held.len());
    }
}
