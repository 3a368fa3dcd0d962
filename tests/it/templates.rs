//! Grants in every form: what was denied is allowed in the window and under the conditions, to the second, and at no
//! other time; each form is what its reader takes.

use std::collections::{BTreeMap, BTreeSet};

use hcl::eval::{Context, Evaluate};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use trailwright::aggregate::{Call, History, Usage};
use trailwright::iam::evaluate::{Decision, Policies, Request, evaluate};
use trailwright::iam::{Action, PrincipalKind};
use trailwright::recommend::jit::{self, Elevation, Terms, Window};
use trailwright::recommend::{ConditionKind, Gap, Thresholds, gaps};
use trailwright::report::{self, ConditionRow, Report, TemplateRow};

use crate::evaluate::{Facts, policy};
use crate::support::{STORIES, Tree, root, scan_paths};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Targets that hold a policy which allows something.
const ALLOWING: &[&str] =
    &["iam-policy", "session-policy", "permission-set-cloudformation", "permission-set-terraform"];

fn terms(minutes: i64) -> Terms {
    let not_before: Timestamp = "2026-02-28T23:30:00Z".parse().unwrap();
    let window = Window { not_before, not_after: not_before + SignedDuration::from_mins(minutes) };
    let ticket = Some("INC-42".parse().unwrap());
    Terms { conditions: ConditionKind::ALL.into(), ticket, ..Terms::from(window) }
}

fn written(history: &History, grants: &[Elevation<'_>]) -> Vec<TemplateRow> {
    report::jit(history, grants, jit::ALL, "2026-02-28T23:00:00Z".parse().unwrap()).templates.unwrap()
}

/// Does something with the grants of each story.
fn each_story(terms: &Terms, mut check: impl FnMut(&History, &[Elevation<'_>])) {
    for story in STORIES.iter().chain(&["denials", "chains"]) {
        let history = scan_paths(&[root("fixtures").join(story)]);
        let found = gaps(&history, &Thresholds::default());
        check(&history, &jit::elevations(&history, &found, terms));
    }
}

/// All templates for one team.
fn orders_team(minutes: i64) -> Vec<TemplateRow> {
    let history = scan_paths(&[root("fixtures/orders-team")]);
    let found = gaps(&history, &Thresholds::default());
    written(&history, &jit::elevations(&history, &found, &terms(minutes)))
}

fn of<'r>(rows: &'r [TemplateRow], principal: &str, target: &str) -> &'r TemplateRow {
    rows.iter().find(|row| row.principal.contains(principal) && row.target == target).unwrap()
}

/// The policy inside a template, as whoever reads the template takes it.
fn inside(row: &TemplateRow) -> Value {
    match row.target {
        "permission-set-cloudformation" => row.body["Resources"]["PermissionSet"]["Properties"]["InlinePolicy"].clone(),
        "permission-set-terraform" => {
            let body = hcl::parse(&row.text).unwrap();
            let mut attributes = body.blocks().flat_map(|block| block.body().attributes());
            let inline = attributes.find(|attribute| attribute.key() == "inline_policy").unwrap();
            let text = inline.expr().evaluate(&Context::new()).unwrap();
            serde_json::from_str(text.as_str().unwrap()).unwrap()
        }
        _ => serde_json::from_str(&row.text).unwrap(),
    }
}

fn asked(row: &TemplateRow) -> Policies {
    let policy = policy(row.target, &inside(row).to_string());
    assert_eq!(policy.problems(), <[String; 0]>::default());
    Policies { identity: vec![policy], ..Policies::default() }
}

fn decide<'p>(policies: &'p Policies, action: &Action, resource: &str, facts: &Facts) -> Decision<'p> {
    evaluate(policies, &Request { action, resource, context: facts })
}

fn allows(policies: &Policies, action: &Action, resource: &str, facts: &Facts) -> bool {
    matches!(decide(policies, action, resource, facts), Decision::Allowed { .. })
}

fn set(facts: &mut BTreeMap<String, Option<Vec<String>>>, key: &str, value: impl ToString) {
    facts.insert(key.to_lowercase(), Some(vec![value.to_string()]));
}

/// The circumstances of a denied call, at another time.
fn circumstances(gap: &Gap<'_>, call: &Call, usage: &Usage, time: Timestamp) -> Facts {
    let mut facts = BTreeMap::new();
    set(&mut facts, "aws:CurrentTime", time);
    set(&mut facts, "aws:RequestedRegion", &call.operation.region);
    match (usage.vpc_endpoints.iter().next(), usage.addresses.iter().next()) {
        (Some(endpoint), _) => set(&mut facts, "aws:SourceVpce", endpoint),
        (None, Some(address)) => set(&mut facts, "aws:SourceIp", address),
        (None, None) => {}
    }
    // A session that was begun for the grant has no MFA; the principal itself goes on as it did.
    if usage.mfa == (true, false, false) {
        set(&mut facts, "aws:MultiFactorAuthPresent", true);
    }
    if let Some(service) = gap.passed_to {
        set(&mut facts, "iam:PassedToService", service);
    }
    Facts(facts)
}

/// Whether a condition is one of the statements with an action.
fn is_of(row: &ConditionRow, action: &Action) -> bool {
    let unit = action.to_string();
    let unit = if unit == "iam:PassRole" { &unit } else { action.service_prefix() };
    row.set && row.services.iter().any(|service| service == unit)
}

#[test]
fn what_was_denied_is_allowed_in_the_window_and_under_the_conditions_only() {
    let terms = terms(90);
    let Window { not_before, not_after } = terms.window;
    let (mut tried, mut outside) = (0, BTreeSet::new());
    each_story(&terms, |history, grants| {
        let rows = written(history, grants);
        assert_eq!(rows.len(), grants.len() * jit::ALL.len());
        for (grant, rows) in grants.iter().zip(rows.chunks(jit::ALL.len())) {
            for row in rows.iter().filter(|row| ALLOWING.contains(&row.target)) {
                let policies = asked(row);
                for gap in &grant.gaps {
                    let (action, resource) = (gap.action.unwrap(), gap.resource.unwrap());
                    let denied = history.calls.iter().filter(|(call, _)| {
                        let needs = call.needs.uses().iter();
                        let mut needs = needs.filter(|one| one.action == *action && one.resources.contains(resource));
                        *call.principal == *gap.principal && call.is_denied() && needs.next().is_some()
                    });
                    let on = resource.in_policy();
                    for (call, usage) in denied {
                        let at = |time| circumstances(gap, call, usage, time);
                        let what = format!("{} {action} {on} {}", row.principal, row.target);
                        assert!(allows(&policies, action, &on, &at(not_before)), "{what}");
                        assert!(allows(&policies, action, &on, &at(not_after - SECOND)), "{what}");
                        for time in [not_before - SECOND, not_after, not_after + SECOND, not_after + SECOND * 86_400] {
                            let decision = decide(&policies, action, &on, &at(time));
                            assert!(matches!(decision, Decision::ImplicitlyDenied { .. }), "{what} {time}");
                        }
                        for condition in row.conditions_reviewed.iter().filter(|one| is_of(one, action)) {
                            let key = condition.key.unwrap();
                            let other = match condition.condition {
                                "region" => "ap-south-2",
                                "source-ip" => "192.0.2.250",
                                "vpce" => "vpce-0000000000000000f",
                                _ => "false",
                            };
                            let mut elsewhere = at(not_before);
                            set(&mut elsewhere.0, key, other);
                            assert!(!allows(&policies, action, &on, &elsewhere), "{what} {key}");
                            elsewhere.0.remove(&key.to_lowercase());
                            assert!(!allows(&policies, action, &on, &elsewhere), "{what} {key}");
                            outside.insert((row.target, condition.condition));
                        }
                        tried += 1;
                    }
                }
                for other in ["iam:CreateUser", "s3:DeleteBucket", "sts:AssumeRole"] {
                    let action: Action = other.parse().unwrap();
                    if !grant.permissions.iter().any(|permission| *permission.action == action) {
                        assert!(!allows(&policies, &action, "*", &Facts::default()), "{other}");
                    }
                }
            }
        }
    });
    assert!(tried >= 60, "only {tried}");
    for kind in ["region", "source-ip", "vpce"] {
        assert!(outside.contains(&("iam-policy", kind)), "{kind} was never set: {outside:?}");
    }
    let of_sessions = |target: &str| outside.iter().any(|(of, kind)| *of == target && *kind == "mfa");
    assert!(ALLOWING[1..].iter().all(|target| !of_sessions(target)), "MFA is carried into no other session");
}

#[test]
fn a_revocation_ends_what_began_before_the_end() {
    let mut revoked = 0;
    let terms = terms(60);
    let end = terms.window.not_after;
    each_story(&terms, |history, grants| {
        for row in written(history, grants).iter().filter(|row| row.target == "revoke") {
            if row.body.is_null() {
                assert!(row.principal.contains(":user/") && row.reasons.last().unwrap().contains("TokenIssueTime"));
                continue;
            }
            let policies = asked(row);
            let action: Action = "s3:GetObject".parse().unwrap();
            let is_denied = |issued: Option<Timestamp>, person: &str| {
                let mut facts = BTreeMap::new();
                if let Some(issued) = issued {
                    set(&mut facts, "aws:TokenIssueTime", issued);
                }
                set(&mut facts, "identitystore:UserId", person);
                let decision = decide(&policies, &action, "arn:aws:s3:::b/k", &Facts(facts));
                matches!(decision, Decision::ExplicitlyDenied { .. })
            };
            assert!(is_denied(Some(end - SECOND), "<identity-store-user-id>"));
            assert!(!is_denied(Some(end), "<identity-store-user-id>"));
            assert!(!is_denied(None, "<identity-store-user-id>"), "long-term keys have no such time");
            assert_eq!(
                is_denied(Some(end - SECOND), "another"),
                row.principal.contains(":role/") && !row.principal.contains("AWSReservedSSO_")
            );
            revoked += 1;
        }
    });
    assert!(revoked > 3, "only {revoked}");
}

#[test]
fn a_stack_makes_a_permission_set_and_assigns_it() {
    let rows = orders_team(90);
    let template = &of(&rows, "Developer", "permission-set-cloudformation").body;
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(keys(&template["Parameters"]), named(&["InstanceArn", "PrincipalId", "PrincipalType", "TargetId"]));
    let set = &template["Resources"]["PermissionSet"];
    assert_eq!(set["Type"], "AWS::SSO::PermissionSet");
    assert_eq!(set["Properties"]["SessionDuration"], "PT2H");
    let name = set["Properties"]["Name"].as_str().unwrap();
    assert!(name.len() <= 32 && name.starts_with("Jit-Developer-"), "{name}");
    let assignment = &template["Resources"]["Assignment"];
    assert_eq!(assignment["Type"], "AWS::SSO::Assignment");
    let expected = ["InstanceArn", "PermissionSetArn", "PrincipalId", "PrincipalType", "TargetId", "TargetType"];
    assert_eq!(keys(&assignment["Properties"]), named(&expected));
    assert_eq!(assignment["Properties"]["TargetType"], "AWS_ACCOUNT");
}

#[test]
fn sessions_are_as_long_as_each_form_can_have_them() {
    #[track_caller]
    fn check(minutes: i64, set: &str, session: &str, team: &str, said: &[(&str, &str, bool)]) {
        let rows = orders_team(minutes);
        let template = &of(&rows, "Developer", "permission-set-cloudformation").body;
        assert_eq!(template["Resources"]["PermissionSet"]["Properties"]["SessionDuration"], set);
        let line = &of(&rows, "Developer", "session-policy").commands[0];
        assert!(line.contains(&format!("--duration-seconds {session} ")), "{line}");
        assert_eq!(of(&rows, "Developer", "team-eligibility").body["duration"], team);
        for (target, part, is_said) in said {
            let reasons = of(&rows, "Developer", target).reasons.join("\n");
            assert_eq!(reasons.contains(part), *is_said, "{target}: {reasons}");
        }
    }
    let (set, session) = ("permission-set-cloudformation", "session-policy");
    check(5, "PT1H", "900", "1", &[(set, "whole hours", true), (session, "900 seconds at least", true)]);
    check(60, "PT1H", "3600", "1", &[(set, "whole hours", false), (session, "role chaining", false)]);
    check(61, "PT2H", "3660", "2", &[(set, "whole hours: PT2H for 1h 1m", true), (session, "role chaining", true)]);
    check(720, "PT12H", "43200", "12", &[(set, "whole hours", false), (session, "MaxSessionDuration", true)]);
}

#[test]
fn eligibilities_and_access_rules_have_the_fields_that_their_tools_know() {
    let rows = orders_team(90);
    let team = &of(&rows, "Developer", "team-eligibility").body;
    let fields: Vec<&str> = team.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["id", "name", "type", "accounts", "ous", "permissions", "ticketNo", "approvalRequired", "duration"];
    assert_eq!(fields, expected);
    for list in ["accounts", "permissions"] {
        let fields: Vec<&String> = team[list][0].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["name", "id"]);
    }
    assert_eq!((&team["name"], &team["approvalRequired"]), (&"alice@example.com".into(), &true.into()));
    let glide = hcl::parse(&of(&rows, "Developer", "glide-access-rule").text).unwrap();
    let rule = glide.blocks().next().unwrap();
    assert_eq!(rule.labels()[0].as_str(), "commonfate_access_rule");
    let fields: Vec<&str> = rule.body().attributes().map(|attribute| attribute.key()).collect();
    let expected = ["name", "description", "groups", "approval", "target", "target_provider_id", "duration"];
    assert_eq!(fields, expected);
    let targets = rule.body().attributes().find(|attribute| attribute.key() == "target").unwrap();
    let targets = targets.expr().evaluate(&Context::new()).unwrap();
    let of_fields: Vec<_> =
        targets.as_array().unwrap().iter().map(|one| one.as_object().unwrap()["field"].clone()).collect();
    assert_eq!(of_fields, ["accountId".into(), "permissionSetArn".into()]);
    for row in [of(&rows, "Developer", "team-eligibility"), of(&rows, "Developer", "glide-access-rule")] {
        assert!(row.reasons.iter().any(|reason| reason.contains("--target permission-set-")), "{:?}", row.reasons);
    }
}

#[test]
fn a_form_that_does_not_fit_the_principal_says_so() {
    let rows = orders_team(90);
    let said = |principal: &str, target: &str, part: &str| {
        let reasons = of(&rows, principal, target).reasons.join("\n");
        assert!(reasons.contains(part), "{principal} {target}: {reasons}");
    };
    said("Developer", "iam-policy", "nobody can edit this role in IAM");
    said("OrdersApp", "permission-set-terraform", "makes a new permission set for people; the role itself");
    said("user/dave", "permission-set-cloudformation", "the user itself gains nothing");
    said("Developer", "revoke", "nobody can edit the role of a permission set in IAM");
    said("OrdersApp", "revoke", "it ends all sessions of the role");
    said("OrdersApp", "session-policy", "only takes away");
    let history = scan_paths(&[root("fixtures/orders-team")]);
    let found = gaps(&history, &Thresholds::default());
    let grants = jit::elevations(&history, &found, &terms(60));
    let usual = report::jit(&history, &grants, &[], Timestamp::UNIX_EPOCH).templates.unwrap();
    for (row, grant) in usual.iter().zip(&grants) {
        let is_set = grant.principal.kind == PrincipalKind::PermissionSet;
        assert_eq!(row.target, if is_set { "permission-set-cloudformation" } else { "iam-policy" });
    }
}

#[test]
fn needs_and_exclusions_narrow_a_grant_and_are_told() {
    let history = scan_paths(&[root("fixtures/orders-team")]);
    let found = gaps(&history, &Thresholds::default());
    let of_alice = |terms: &Terms| -> Vec<String> {
        let grants = jit::elevations(&history, &found, terms);
        let mut rows = written(&history, &grants);
        rows.retain(|row| row.principal.contains("Developer") && row.target == "request");
        rows.into_iter().flat_map(|row| [row.actions.join(" "), row.reasons.join("\n"), row.text]).collect()
    };
    let all = of_alice(&terms(60));
    assert_eq!(all[0], "rds:CreateDBSnapshot ssm:StartSession");
    let id = found.iter().find(|gap| gap.action.is_some_and(|a| a.name() == "CreateDBSnapshot")).unwrap().id();
    let picked = of_alice(&Terms { needs: vec![id], ..terms(60) });
    assert_eq!(picked[0], "rds:CreateDBSnapshot");
    assert!(picked[2].contains("`ssm:StartSession`: needed, and left out here"), "{}", picked[2]);
    let without = of_alice(&Terms { excluded: vec!["SSM:start*".to_owned()], ..terms(60) });
    assert_eq!(without[0], "rds:CreateDBSnapshot");
    assert!(without[1].contains("left out as asked, though needed: ssm:StartSession"), "{}", without[1]);
    assert!(of_alice(&Terms { excluded: vec!["*".to_owned()], ..terms(60) }).is_empty());
}

#[test]
fn nothing_is_granted_for_what_no_identity_policy_can_fix_or_nobody_needs() {
    let mut refused = BTreeMap::new();
    for story in STORIES.iter().chain(&["denials"]) {
        let history = scan_paths(&[root("fixtures").join(story)]);
        let found = gaps(&history, &Thresholds::default());
        for gap in &found {
            let picked = Terms { needs: vec![gap.id()], ..terms(60) };
            let grants = jit::elevations(&history, &found, &picked);
            let refusal = jit::refusal(gap);
            assert_eq!(grants.is_empty(), refusal.is_some(), "{gap:?}");
            if let Some(why) = refusal {
                assert!(why.contains(&gap.advice) || !why.starts_with("no identity policy"), "{why}");
                *refused.entry(gap.fixable_by.as_str()).or_insert(0) += 1;
            }
        }
    }
    assert!(refused.len() >= 5, "{refused:?}");
}

#[test]
fn files_have_names_of_their_own_and_hold_what_rows_hold() {
    let history = scan_paths(&[root("fixtures")]);
    let found = gaps(&history, &Thresholds::default());
    let grants = jit::elevations(&history, &found, &terms(60));
    let report = Report { templates: Some(written(&history, &grants)), ..Report::default() };
    let folder = report::template_files(&report).unwrap();
    let names: BTreeSet<&str> = folder.files.iter().map(|file| &*file.name).collect();
    assert_eq!(names.len(), folder.files.len());
    assert!(names.iter().all(|name| name.len() <= 104));
    assert!(names.contains("INDEX.md") && names.contains("index.json"));
    let rows = report.templates.as_ref().unwrap();
    for row in rows.iter().filter(|row| row.file.is_some()) {
        let file = folder.files.iter().find(|file| Some(&file.name) == row.file.as_ref()).unwrap();
        assert_eq!(file.text, row.text);
        match &row.body {
            Value::String(text) => assert_eq!(*text, row.text),
            json => assert_eq!(*json, serde_json::from_str::<Value>(&row.text).unwrap()),
        }
    }
    // All Terraform of a folder is one module.
    let mut labels = BTreeSet::new();
    for file in folder.files.iter().filter(|file| file.name.ends_with(".tf")) {
        for block in hcl::parse(&file.text).unwrap().blocks() {
            let label: Vec<_> = block.labels().iter().map(|label| label.as_str().to_owned()).collect();
            assert!(labels.insert((block.identifier().to_owned(), label.clone())), "{label:?}");
        }
    }
    assert!(labels.len() > 30, "{}", labels.len());
}

/// What likes to mean something in JSON, HCL, CloudFormation, a shell or Markdown.
fn hostile() -> impl Strategy<Value = String> {
    let parts = "([$%]{0,3}[{}]|[a-z\"\\\\/<&*?'`|]|\\{\\{resolve:ssm:x\\}\\}|POLICY|\n|é|\u{85}|\u{202e}|#|--){0,8}";
    prop_oneof![4 => parts, 1 => any::<String>()]
}

/// A call that a role was denied on an object.
fn denied(role: &str, key: &str, day: usize) -> String {
    let arn = format!("arn:aws:s3:::bucket/{key}");
    let session = format!("arn:aws:sts::111122223333:assumed-role/{role}/s");
    json!({
        "eventVersion": "1.11", "eventTime": format!("2026-02-0{day}T09:00:00Z"), "eventType": "AwsApiCall",
        "eventSource": "s3.amazonaws.com", "eventName": "PutObject", "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7", "eventID": format!("00000000-0000-4000-8000-00000000000{day}"),
        "recipientAccountId": "111122223333", "requestParameters": { "bucketName": "bucket", "key": key },
        "errorCode": "AccessDenied",
        "errorMessage": format!("User: {session} is not authorized to perform: s3:PutObject on resource: \"{arn}\" because no identity-based policy allows the s3:PutObject action"),
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:s", "arn": session, "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": { "sessionIssuer": { "type": "Role", "principalId": "AROAEXAMPLE", "userName": role,
                "arn": format!("arn:aws:iam::111122223333:role/{role}"), "accountId": "111122223333" } },
        },
    })
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn whatever_is_in_a_log_is_granted_as_it_stands_or_not_at_all(role in hostile(), key in hostile()) {
        let records: Vec<String> = (1..=4).map(|day| denied(&role, &key, day)).collect();
        let history = Tree::delivered(&records, 4).scan();
        let found = gaps(&history, &Thresholds::default());
        let grants = jit::elevations(&history, &found, &terms(60));
        for grant in &grants {
            for row in written(&history, std::slice::from_ref(grant)) {
                if row.file.is_none() {
                    prop_assert!(row.body.is_null() && row.reasons.last().unwrap().starts_with("not written: "));
                    prop_assert!(format!("{role}{key}").contains("{{resolve:"), "{:?}", row.reasons);
                    continue;
                }
                prop_assert!(!row.text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{}", row.text);
                if ALLOWING.contains(&row.target) {
                    let target = jit::by_name(row.target).unwrap();
                    let expected = grant.document(target.leaves_out(grant.principal.kind));
                    prop_assert_eq!(inside(&row), serde_json::to_value(&expected).unwrap());
                }
                // Nothing of the log becomes a template of Terraform's: each text evaluates to itself.
                if row.text.starts_with("# ") && row.target != "request" {
                    let body = hcl::parse(&row.text).unwrap();
                    for attribute in body.blocks().flat_map(|block| block.body().attributes()) {
                        if let hcl::Expression::String(text) = attribute.expr() {
                            prop_assert!(!text.contains("${") && !text.contains("%{"), "{}", text);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn odd_names_are_granted_where_they_can_be_told() {
    let records: Vec<String> = (1..=4).map(|day| denied("Web+${x}", "a b/${aws:username}*'", day)).collect();
    let history = Tree::delivered(&records, 4).scan();
    let found = gaps(&history, &Thresholds::default());
    let rows = written(&history, &jit::elevations(&history, &found, &terms(60)));
    assert_eq!(rows.len(), jit::ALL.len());
    assert!(rows.iter().all(|row| row.file.is_some()));
    let records: Vec<String> = (1..=4).map(|day| denied("Web", "{{resolve:ssm:x}}", day)).collect();
    let history = Tree::delivered(&records, 4).scan();
    let found = gaps(&history, &Thresholds::default());
    let rows = written(&history, &jit::elevations(&history, &found, &terms(60)));
    let refused: Vec<_> = rows.iter().filter(|row| row.file.is_none()).map(|row| row.target).collect();
    assert_eq!(refused, ["permission-set-cloudformation"]);
}
