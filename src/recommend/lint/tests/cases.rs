//! What each rule finds, and what it lets pass.

use serde_json::{Value, json};

use super::NOW;
use super::templates::*;
use crate::iam::PrincipalKind;

/// For each rule a template that it complains about, and one as like it as can be that it does not.
pub(super) fn table() -> Vec<(&'static str, Option<PrincipalKind>, String, String)> {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    let pass = |resource: &str, more: Option<&str>| {
        let mut conditions = window();
        if let Some(service) = more {
            conditions["StringEquals"] = json!({"iam:PassedToService": service});
        }
        one(json!({"Action": "iam:PassRole", "Resource": resource, "Condition": conditions}))
    };
    let windowed = |begin: &str, end: &str| one(json!({"Condition": between(begin, end)}));
    let on = |action: &str, resource: &str| one(json!({"Action": action, "Resource": resource}));
    let old = |more: Value| json!({"Statement": [statement(more)]}).to_string();
    let good = || one(json!({}));
    let app = "arn:aws:iam::111122223333:role/App";
    let set = Some(PrincipalKind::PermissionSet);
    let user = Some(PrincipalKind::User);
    let revoke = |operator: &str, time: &str| deny(json!({ operator: {"aws:TokenIssueTime": time}}));
    vec![
        ("duplicate-key", None, good().replace("\"Sid\":", "\"Sid\":\"x\",\"Sid\":"), good()),
        ("not-understood", None, one(json!({"Resouce": table})), good()),
        ("not-understood", None, one(json!({"Effect": "allowed"})), good()),
        ("not-understood", None, one(json!({"Resource": null})), good()),
        ("no-statement", None, policy(&[]), good()),
        ("not-read", None, permission_set(json!({"InlinePolicy": {"Ref": "Policy"}})), in_set(json!({}))),
        ("principal", None, one(json!({"Principal": "*"})), good()),
        ("sid", None, one(json!({"Sid": "Orders, again"})), good()),
        ("sid", None, policy(&[statement(json!({})), statement(json!({}))]), good()),
        ("charset", None, one(json!({"Sid": "Orders→"})), good()),
        ("too-long", None, on("dynamodb:DeleteItem", &format!("{table}-{}", "x".repeat(7_000))), good()),
        (
            "too-long",
            None,
            session(900).replace("orders", &"x".repeat(2_000)),
            on("dynamodb:DeleteItem", &format!("{table}-{}", "x".repeat(2_000))),
        ),
        ("version-of-variables", None, old(json!({"Resource": format!("{table}-${{aws:username}}")})), old(json!({}))),
        ("version", None, old(json!({})), good()),
        (
            "administrator",
            None,
            permission_set(json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]})),
            permission_set(json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]})),
        ),
        (
            "managed-policy",
            None,
            permission_set(json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]})),
            permission_set(json!({"ManagedPolicies": [{"Ref": "Policy"}]})),
        ),
        ("open-trust", None, trust("*"), trust("arn:aws:iam::444455556666:root")),
        ("wildcard-action", None, on("*", table), good()),
        ("wildcard-action", None, on("dynamodb:*", table), good()),
        ("wildcard-action", None, on("dynamodb:Delete*", table), on("dynamodb:Describe*", table)),
        ("not-action", None, one(json!({"Action": null, "NotAction": "iam:*"})), good()),
        ("unknown-action", None, on("dynamodb:DeleteItems", table), good()),
        ("unknown-action", None, on("dynamdb:DeleteItem", table), good()),
        ("unknown-action", None, on("DeleteItem", table), good()),
        ("retired-action", None, on(retired(), "*"), good()),
        ("wildcard-resource", None, on("dynamodb:DeleteItem", "*"), on("dynamodb:ListTables", "*")),
        (
            "wildcard-resource",
            None,
            on("dynamodb:DeleteItem", "arn:aws:dynamodb:*:*:table/*"),
            on("dynamodb:DeleteItem", "arn:aws:dynamodb:*:*:table/orders-*"),
        ),
        ("wildcard-resource", None, on("secretsmanager:GetSecretValue", "*"), on("s3:GetObject", "*")),
        ("not-resource", None, one(json!({"Resource": null, "NotResource": table})), good()),
        ("resource-form", None, on("dynamodb:DeleteItem", "orders"), good()),
        ("needless-arn", None, on("dynamodb:ListTables", table), on("dynamodb:ListTables", "*")),
        ("resource-type", None, on("s3:GetObject", "arn:aws:s3:::orders"), on("s3:GetObject", "arn:aws:s3:::orders/*")),
        (
            "kms-alias",
            None,
            on("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/orders"),
            on("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/0123"),
        ),
        (
            "secret-suffix",
            None,
            on("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders"),
            on("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-??????"),
        ),
        (
            "partitions-differ",
            None,
            one(json!({"Resource": [table, "arn:aws-cn:dynamodb:cn-north-1:111122223333:table/orders"]})),
            one(json!({"Resource": [table, "arn:aws:dynamodb:eu-west-1:111122223333:table/old"]})),
        ),
        (
            "accounts-differ",
            None,
            one(json!({"Resource": [table, "arn:aws:dynamodb:eu-west-1:444455556666:table/orders"]})),
            one(json!({"Resource": [table, "arn:aws:dynamodb:eu-west-1:111122223333:table/old"]})),
        ),
        (
            "pass-any-role",
            None,
            pass("arn:aws:iam::111122223333:role/*", Some("lambda.amazonaws.com")),
            pass(app, Some("lambda.amazonaws.com")),
        ),
        ("pass-role-service", None, pass(app, None), pass(app, Some("lambda.amazonaws.com"))),
        ("no-window", None, one(json!({"Condition": null})), good()),
        ("assignment-only", None, in_set(json!({"Condition": null})), in_set(json!({}))),
        ("assignment-only", set, one(json!({"Condition": null})), good()),
        (
            "half-window",
            None,
            one(json!({"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-02-03T11:00:00Z"}}})),
            good(),
        ),
        (
            "half-window",
            None,
            one(json!({"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-02-03T11:00:00Z"}}})),
            good(),
        ),
        (
            "long-window",
            None,
            windowed("2026-02-03T09:00:00Z", "2026-02-03T21:00:01Z"),
            windowed("2026-02-03T09:00:00Z", "2026-02-03T21:00:00Z"),
        ),
        (
            "empty-window",
            None,
            windowed("2026-02-03T09:00:00Z", "2026-02-03T09:00:00Z"),
            windowed("2026-02-03T09:00:00Z", "2026-02-03T09:00:01Z"),
        ),
        (
            "past-window",
            None,
            windowed("2026-02-03T07:00:00Z", NOW),
            windowed("2026-02-03T07:00:00Z", "2026-02-03T08:00:01Z"),
        ),
        ("local-time", None, windowed("2026-02-03T09:00:00", "2026-02-03T11:00:00Z"), good()),
        ("local-time", None, windowed("2026-02-03T10:00:00+01:00", "2026-02-03T11:00:00Z"), good()),
        (
            "no-such-time",
            None,
            windowed("2027-02-29T09:00:00Z", "2027-03-01T01:00:00Z"),
            windowed("2028-02-29T09:00:00Z", "2028-02-29T11:00:00Z"),
        ),
        ("no-such-time", None, windowed("2026-04-31T09:00:00Z", "2026-05-01T09:00:00Z"), good()),
        ("time-operator", None, one(json!({"Condition": {"StringLike": {"aws:CurrentTime": "2026-02-03*"}}})), good()),
        (
            "unknown-operator",
            None,
            one(condition("StringEqual", json!({"aws:PrincipalTag/team": "orders"}))),
            one(condition("StringEquals", json!({"aws:PrincipalTag/team": "orders"}))),
        ),
        (
            "ip-and-endpoint",
            None,
            one({
                let mut all = condition("IpAddress", json!({"aws:SourceIp": "203.0.113.0/24"}));
                all["Condition"]["StringEquals"] = json!({"aws:SourceVpce": "vpce-0123"});
                all
            }),
            one(condition("IpAddress", json!({"aws:SourceIp": "203.0.113.0/24"}))),
        ),
        (
            "mfa-of-sso",
            None,
            in_set(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))),
            one(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))),
        ),
        ("mfa-of-keys", user, one(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))), good()),
        (
            "mfa-if-exists",
            None,
            one(condition("BoolIfExists", json!({"aws:MultiFactorAuthPresent": "true"}))),
            one(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))),
        ),
        (
            "region-of-global",
            None,
            one(
                json!({"Action": "iam:GetRole", "Resource": app, "Condition": condition("StringEquals", json!({"aws:RequestedRegion": "eu-west-1"}))["Condition"]}),
            ),
            one(
                json!({"Action": "iam:GetRole", "Resource": app, "Condition": condition("StringEquals", json!({"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}))["Condition"]}),
            ),
        ),
        (
            "for-all-values",
            None,
            one(condition("ForAllValues:StringEquals", json!({"aws:TagKeys": "team"}))),
            one({
                let mut all = condition("ForAllValues:StringEquals", json!({"aws:TagKeys": "team"}));
                all["Condition"]["Null"] = json!({"aws:TagKeys": "false"});
                all
            }),
        ),
        (
            "negated-condition",
            None,
            one(condition("StringNotEquals", json!({"aws:PrincipalTag/team": "orders"}))),
            one(condition("StringEquals", json!({"aws:PrincipalTag/team": "orders"}))),
        ),
        (
            "key-of-other-action",
            None,
            one(condition("StringEquals", json!({"s3:prefix": "orders/"}))),
            one(condition("StringEquals", json!({"dynamodb:LeadingKeys": "orders"}))),
        ),
        (
            "duration",
            None,
            permission_set(json!({"SessionDuration": "PT30M"})),
            permission_set(json!({"SessionDuration": "PT12H"})),
        ),
        (
            "duration",
            None,
            permission_set(json!({"SessionDuration": "1h"})),
            permission_set(json!({"SessionDuration": {"Ref": "Duration"}})),
        ),
        ("duration", None, session(899), session(900)),
        ("duration", None, team(json!({"duration": "0"})), team(json!({"duration": "1"}))),
        ("duration", None, team(json!({"duration": "8001"})), team(json!({"duration": "8"}))),
        ("long-elevation", None, team(json!({"duration": "13"})), team(json!({"duration": "12"}))),
        (
            "long-elevation",
            None,
            glide("43201", "{ groups = [\"leads\"] }"),
            glide("43200", "{ groups = [\"leads\"] }"),
        ),
        ("role-chaining", None, session(3_601), session(3_600)),
        ("no-approval", None, team(json!({"approvalRequired": false})), team(json!({}))),
        ("no-approval", None, glide("3600", "{ groups = [] }"), glide("3600", "{ groups = [\"leads\"] }")),
        ("no-ticket", None, team(json!({"ticketNo": " "})), team(json!({}))),
        (
            "same-approver",
            None,
            glide("3600", "{ groups = [\"Orders-Team\"] }"),
            glide("3600", "{ groups = [\"leads\"] }"),
        ),
        (
            "same-approver",
            None,
            format!("{{\"eligibility\":{},\"approver\":{{\"approvers\":[\"alice@example.com\"]}}}}", team(json!({}))),
            format!("{{\"eligibility\":{},\"approver\":{{\"approvers\":[\"bob@example.com\"]}}}}", team(json!({}))),
        ),
        ("revoke-in-future", None, revoke("DateLessThan", "2026-02-03T09:00:00Z"), revoke("DateLessThan", NOW)),
        (
            "revoke-in-past",
            None,
            revoke("DateLessThan", "2026-02-02T19:00:00Z"),
            revoke("DateLessThan", "2026-02-03T07:00:00Z"),
        ),
        ("revoke-operator", None, revoke("DateGreaterThan", NOW), revoke("DateLessThan", NOW)),
    ]
}

/// An action that the catalog knows to be retired.
fn retired() -> &'static str {
    use std::sync::LazyLock;
    static ONE: LazyLock<String> = LazyLock::new(|| {
        let all = crate::catalog::services().flat_map(crate::catalog::Service::actions);
        all.filter(|facts| facts.retired).map(|facts| facts.action.to_string()).min().unwrap()
    });
    &ONE
}
