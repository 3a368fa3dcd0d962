use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-02-03T08:00:00Z";

fn about(kind: Option<PrincipalKind>) -> About {
    About { now: NOW.parse().unwrap(), kind }
}

#[track_caller]
fn rules_of(text: &str, kind: Option<PrincipalKind>) -> BTreeSet<&'static str> {
    lint(text, &about(kind)).unwrap_or_else(|error| panic!("{error}: {text}")).iter().map(|one| one.rule).collect()
}

/// A statement of a good template, with some of its elements put in or, where they are null, left out.
fn statement(more: Value) -> Value {
    let mut statement = json!({
        "Sid": "Orders",
        "Effect": "Allow",
        "Action": ["dynamodb:DeleteItem"],
        "Resource": ["arn:aws:dynamodb:eu-west-1:111122223333:table/orders"],
        "Condition": window(),
    });
    for (key, value) in more.as_object().unwrap() {
        statement[key] = value.clone();
    }
    statement.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    statement
}

fn window() -> Value {
    between("2026-02-03T09:00:00Z", "2026-02-03T11:00:00Z")
}

fn between(begin: &str, end: &str) -> Value {
    json!({
        "DateGreaterThanEquals": {"aws:CurrentTime": begin},
        "DateLessThan": {"aws:CurrentTime": end},
    })
}

/// The window, and another operator.
fn condition(operator: &str, keys: Value) -> Value {
    let mut all = window();
    all[operator] = keys;
    json!({ "Condition": all })
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn one(more: Value) -> String {
    policy(&[statement(more)])
}

fn deny(condition: Value) -> String {
    policy(&[json!({"Sid": "Revoke", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})])
}

fn permission_set(properties: Value) -> String {
    let mut set = json!({"InstanceArn": {"Ref": "Instance"}, "Name": "jit-orders", "SessionDuration": "PT2H"});
    for (key, value) in properties.as_object().unwrap() {
        set[key] = value.clone();
    }
    json!({"Resources": {"Set": {"Type": "AWS::SSO::PermissionSet", "Properties": set}}}).to_string()
}

fn in_set(more: Value) -> String {
    permission_set(json!({"InlinePolicy": {"Version": "2012-10-17", "Statement": [statement(more)]}}))
}

fn trust(principal: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}});
    json!({"Resources": {"Role": role}}).to_string()
}

fn session(seconds: i64) -> String {
    let policy = one(json!({}));
    format!(
        "aws sts assume-role --role-arn arn:aws:iam::111122223333:role/Ops --role-session-name alice@example.com \\\n  --duration-seconds {seconds} --policy '{policy}'\n"
    )
}

fn team(more: Value) -> String {
    let mut all = json!({
        "id": "0123456789-aaaa", "name": "alice@example.com", "type": "User",
        "accounts": [{"name": "orders", "id": "111122223333"}], "ous": [],
        "permissions": [{"name": "jit-orders", "id": "arn:aws:sso:::permissionSet/ssoins-EXAMPLE/ps-EXAMPLE"}],
        "ticketNo": "INC-42", "approvalRequired": true, "duration": "2"
    });
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    all.to_string()
}

fn glide(duration: &str, approval: &str) -> String {
    format!(
        "resource \"commonfate_access_rule\" \"orders\" {{\n  name = \"orders\"\n  groups = [\"orders-team\"]\n  approval = {approval}\n  \
         target = [{{ field = \"accountId\", value = [\"111122223333\"] }}]\n  target_provider_id = \"aws-sso-v2\"\n  duration = \"{duration}\"\n}}\n"
    )
}

fn role() -> Option<PrincipalKind> {
    None
}

/// For each rule a template that it complains about, and one as like it as can be that it does not.
fn table() -> Vec<(&'static str, Option<PrincipalKind>, String, String)> {
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
        ("duplicate-key", role(), good().replace("\"Sid\":", "\"Sid\":\"x\",\"Sid\":"), good()),
        ("not-understood", role(), one(json!({"Resouce": table})), good()),
        ("not-understood", role(), one(json!({"Effect": "allowed"})), good()),
        ("not-understood", role(), one(json!({"Resource": null})), good()),
        ("no-statement", role(), policy(&[]), good()),
        ("not-read", role(), permission_set(json!({"InlinePolicy": {"Ref": "Policy"}})), in_set(json!({}))),
        ("principal", role(), one(json!({"Principal": "*"})), good()),
        ("sid", role(), one(json!({"Sid": "Orders, again"})), good()),
        ("sid", role(), policy(&[statement(json!({})), statement(json!({}))]), good()),
        ("charset", role(), one(json!({"Sid": "Orders→"})), good()),
        ("too-long", role(), on("dynamodb:DeleteItem", &format!("{table}-{}", "x".repeat(7_000))), good()),
        (
            "too-long",
            role(),
            session(900).replace("orders", &"x".repeat(2_000)),
            on("dynamodb:DeleteItem", &format!("{table}-{}", "x".repeat(2_000))),
        ),
        (
            "version-of-variables",
            role(),
            old(json!({"Resource": format!("{table}-${{aws:username}}")})),
            old(json!({})),
        ),
        ("version", role(), old(json!({})), good()),
        (
            "administrator",
            role(),
            permission_set(json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/AdministratorAccess"]})),
            permission_set(json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]})),
        ),
        (
            "managed-policy",
            role(),
            permission_set(json!({"ManagedPolicies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]})),
            permission_set(json!({"ManagedPolicies": [{"Ref": "Policy"}]})),
        ),
        ("open-trust", role(), trust("*"), trust("arn:aws:iam::444455556666:root")),
        ("wildcard-action", role(), on("*", table), good()),
        ("wildcard-action", role(), on("dynamodb:*", table), good()),
        ("wildcard-action", role(), on("dynamodb:Delete*", table), on("dynamodb:Describe*", table)),
        ("not-action", role(), one(json!({"Action": null, "NotAction": "iam:*"})), good()),
        ("unknown-action", role(), on("dynamodb:DeleteItems", table), good()),
        ("unknown-action", role(), on("dynamdb:DeleteItem", table), good()),
        ("unknown-action", role(), on("DeleteItem", table), good()),
        ("retired-action", role(), on(retired(), "*"), good()),
        ("wildcard-resource", role(), on("dynamodb:DeleteItem", "*"), on("dynamodb:ListTables", "*")),
        (
            "wildcard-resource",
            role(),
            on("dynamodb:DeleteItem", "arn:aws:dynamodb:*:*:table/*"),
            on("dynamodb:DeleteItem", "arn:aws:dynamodb:*:*:table/orders-*"),
        ),
        ("wildcard-resource", role(), on("secretsmanager:GetSecretValue", "*"), on("s3:GetObject", "*")),
        ("not-resource", role(), one(json!({"Resource": null, "NotResource": table})), good()),
        ("resource-form", role(), on("dynamodb:DeleteItem", "orders"), good()),
        ("needless-arn", role(), on("dynamodb:ListTables", table), on("dynamodb:ListTables", "*")),
        (
            "resource-type",
            role(),
            on("s3:GetObject", "arn:aws:s3:::orders"),
            on("s3:GetObject", "arn:aws:s3:::orders/*"),
        ),
        (
            "kms-alias",
            role(),
            on("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/orders"),
            on("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/0123"),
        ),
        (
            "secret-suffix",
            role(),
            on("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders"),
            on("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-??????"),
        ),
        (
            "partitions-differ",
            role(),
            one(json!({"Resource": [table, "arn:aws-cn:dynamodb:cn-north-1:111122223333:table/orders"]})),
            one(json!({"Resource": [table, "arn:aws:dynamodb:eu-west-1:111122223333:table/old"]})),
        ),
        (
            "accounts-differ",
            role(),
            one(json!({"Resource": [table, "arn:aws:dynamodb:eu-west-1:444455556666:table/orders"]})),
            one(json!({"Resource": [table, "arn:aws:dynamodb:eu-west-1:111122223333:table/old"]})),
        ),
        (
            "pass-any-role",
            role(),
            pass("arn:aws:iam::111122223333:role/*", Some("lambda.amazonaws.com")),
            pass(app, Some("lambda.amazonaws.com")),
        ),
        ("pass-role-service", role(), pass(app, None), pass(app, Some("lambda.amazonaws.com"))),
        ("no-window", role(), one(json!({"Condition": null})), good()),
        ("assignment-only", role(), in_set(json!({"Condition": null})), in_set(json!({}))),
        ("assignment-only", set, one(json!({"Condition": null})), good()),
        (
            "half-window",
            role(),
            one(json!({"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-02-03T11:00:00Z"}}})),
            good(),
        ),
        (
            "half-window",
            role(),
            one(json!({"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-02-03T11:00:00Z"}}})),
            good(),
        ),
        (
            "long-window",
            role(),
            windowed("2026-02-03T09:00:00Z", "2026-02-03T21:00:01Z"),
            windowed("2026-02-03T09:00:00Z", "2026-02-03T21:00:00Z"),
        ),
        (
            "empty-window",
            role(),
            windowed("2026-02-03T09:00:00Z", "2026-02-03T09:00:00Z"),
            windowed("2026-02-03T09:00:00Z", "2026-02-03T09:00:01Z"),
        ),
        (
            "past-window",
            role(),
            windowed("2026-02-03T07:00:00Z", NOW),
            windowed("2026-02-03T07:00:00Z", "2026-02-03T08:00:01Z"),
        ),
        ("local-time", role(), windowed("2026-02-03T09:00:00", "2026-02-03T11:00:00Z"), good()),
        ("local-time", role(), windowed("2026-02-03T10:00:00+01:00", "2026-02-03T11:00:00Z"), good()),
        (
            "no-such-time",
            role(),
            windowed("2027-02-29T09:00:00Z", "2027-03-01T01:00:00Z"),
            windowed("2028-02-29T09:00:00Z", "2028-02-29T11:00:00Z"),
        ),
        ("no-such-time", role(), windowed("2026-04-31T09:00:00Z", "2026-05-01T09:00:00Z"), good()),
        (
            "time-operator",
            role(),
            one(json!({"Condition": {"StringLike": {"aws:CurrentTime": "2026-02-03*"}}})),
            good(),
        ),
        (
            "unknown-operator",
            role(),
            one(condition("StringEqual", json!({"aws:PrincipalTag/team": "orders"}))),
            one(condition("StringEquals", json!({"aws:PrincipalTag/team": "orders"}))),
        ),
        (
            "ip-and-endpoint",
            role(),
            one({
                let mut all = condition("IpAddress", json!({"aws:SourceIp": "203.0.113.0/24"}));
                all["Condition"]["StringEquals"] = json!({"aws:SourceVpce": "vpce-0123"});
                all
            }),
            one(condition("IpAddress", json!({"aws:SourceIp": "203.0.113.0/24"}))),
        ),
        (
            "mfa-of-sso",
            role(),
            in_set(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))),
            one(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))),
        ),
        ("mfa-of-keys", user, one(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))), good()),
        (
            "mfa-if-exists",
            role(),
            one(condition("BoolIfExists", json!({"aws:MultiFactorAuthPresent": "true"}))),
            one(condition("Bool", json!({"aws:MultiFactorAuthPresent": "true"}))),
        ),
        (
            "region-of-global",
            role(),
            one(
                json!({"Action": "iam:GetRole", "Resource": app, "Condition": condition("StringEquals", json!({"aws:RequestedRegion": "eu-west-1"}))["Condition"]}),
            ),
            one(
                json!({"Action": "iam:GetRole", "Resource": app, "Condition": condition("StringEquals", json!({"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}))["Condition"]}),
            ),
        ),
        (
            "for-all-values",
            role(),
            one(condition("ForAllValues:StringEquals", json!({"aws:TagKeys": "team"}))),
            one({
                let mut all = condition("ForAllValues:StringEquals", json!({"aws:TagKeys": "team"}));
                all["Condition"]["Null"] = json!({"aws:TagKeys": "false"});
                all
            }),
        ),
        (
            "negated-condition",
            role(),
            one(condition("StringNotEquals", json!({"aws:PrincipalTag/team": "orders"}))),
            one(condition("StringEquals", json!({"aws:PrincipalTag/team": "orders"}))),
        ),
        (
            "key-of-other-action",
            role(),
            one(condition("StringEquals", json!({"s3:prefix": "orders/"}))),
            one(condition("StringEquals", json!({"dynamodb:LeadingKeys": "orders"}))),
        ),
        (
            "duration",
            role(),
            permission_set(json!({"SessionDuration": "PT30M"})),
            permission_set(json!({"SessionDuration": "PT12H"})),
        ),
        (
            "duration",
            role(),
            permission_set(json!({"SessionDuration": "1h"})),
            permission_set(json!({"SessionDuration": {"Ref": "Duration"}})),
        ),
        ("duration", role(), session(899), session(900)),
        ("duration", role(), team(json!({"duration": "0"})), team(json!({"duration": "1"}))),
        ("duration", role(), team(json!({"duration": "8001"})), team(json!({"duration": "8"}))),
        ("long-elevation", role(), team(json!({"duration": "13"})), team(json!({"duration": "12"}))),
        (
            "long-elevation",
            role(),
            glide("43201", "{ groups = [\"leads\"] }"),
            glide("43200", "{ groups = [\"leads\"] }"),
        ),
        ("role-chaining", role(), session(3_601), session(3_600)),
        ("no-approval", role(), team(json!({"approvalRequired": false})), team(json!({}))),
        ("no-approval", role(), glide("3600", "{ groups = [] }"), glide("3600", "{ groups = [\"leads\"] }")),
        ("no-ticket", role(), team(json!({"ticketNo": " "})), team(json!({}))),
        (
            "same-approver",
            role(),
            glide("3600", "{ groups = [\"Orders-Team\"] }"),
            glide("3600", "{ groups = [\"leads\"] }"),
        ),
        (
            "same-approver",
            role(),
            format!("{{\"eligibility\":{},\"approver\":{{\"approvers\":[\"alice@example.com\"]}}}}", team(json!({}))),
            format!("{{\"eligibility\":{},\"approver\":{{\"approvers\":[\"bob@example.com\"]}}}}", team(json!({}))),
        ),
        ("revoke-in-future", role(), revoke("DateLessThan", "2026-02-03T09:00:00Z"), revoke("DateLessThan", NOW)),
        (
            "revoke-in-past",
            role(),
            revoke("DateLessThan", "2026-02-02T19:00:00Z"),
            revoke("DateLessThan", "2026-02-03T07:00:00Z"),
        ),
        ("revoke-operator", role(), revoke("DateGreaterThan", NOW), revoke("DateLessThan", NOW)),
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

#[test]
fn each_rule_finds_what_it_says_and_nothing_beside_it() {
    let mut wrong = Vec::new();
    for (rule, kind, bad, good) in table() {
        if !rules_of(&bad, kind).contains(rule) {
            wrong.push(format!("{rule} misses {bad}"));
        }
        if rules_of(&good, kind).contains(rule) {
            wrong.push(format!("{rule} complains about {good}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let tried: BTreeSet<_> = table().into_iter().map(|(rule, ..)| rule).collect();
    let all: Vec<_> = ALL.iter().copied().flatten().map(|rule| rule.name).collect();
    assert_eq!(tried, all.iter().copied().collect());
    assert_eq!(tried.len(), all.len(), "a name stands twice");
}

#[test]
fn good_templates_pass() {
    let terraform = format!(
        "resource \"aws_ssoadmin_permission_set\" \"orders\" {{\n  name = \"jit-orders\"\n  session_duration = \"PT1H\"\n}}\n\
         resource \"aws_ssoadmin_permission_set_inline_policy\" \"orders\" {{\n  inline_policy = <<-EOT\n    {}\n  EOT\n}}\n",
        one(json!({}))
    );
    for good in [
        one(json!({})),
        in_set(json!({})),
        terraform,
        session(900),
        team(json!({})),
        glide("7200", "{ groups = [\"leads\"] }"),
        deny(json!({"DateLessThan": {"aws:TokenIssueTime": "2026-02-03T07:00:00Z"}})),
    ] {
        assert_eq!(lint(&good, &about(None)), Ok(Vec::new()), "{good}");
    }
}

#[test]
fn what_only_the_deployment_knows_is_not_judged() {
    let yaml = r#"
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Begin: {Type: String}
Resources:
  Orders:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: dynamodb:DeleteItem
            Resource: !Sub "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"
            Condition:
              DateGreaterThanEquals: {"aws:CurrentTime": !Ref Begin}
              DateLessThan: {"aws:CurrentTime": !GetAtt Times.End}
          - !If [IsOpen, {Effect: Allow, Action: "dynamodb:*", Resource: !Join ["", ["arn:", !Ref "AWS::Partition", ":s3:::x"]]}, !Ref "AWS::NoValue"]
"#;
    let found = lint(yaml, &about(None)).unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.rule, one.at.as_str())).collect();
    assert_eq!(found, [("wildcard-action", "Orders, Statement 2"), ("no-window", "Orders, Statement 2")]);

    let terraform = r#"
data "aws_iam_policy_document" "orders" {
  statement {
    actions   = ["dynamodb:DeleteItem"]
    resources = [aws_dynamodb_table.orders.arn, "${aws_dynamodb_table.orders.arn}/index/*"]
    condition {
      test     = "DateGreaterThanEquals"
      variable = "aws:CurrentTime"
      values   = [var.begin]
    }
    condition {
      test     = "DateLessThan"
      variable = "aws:CurrentTime"
      values   = [timeadd(var.begin, "2h")]
    }
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::home/$${aws:username}/*"]
  }
}
resource "aws_iam_policy" "orders" {
  policy = data.aws_iam_policy_document.orders.json
}
resource "aws_iam_user_policy" "other" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "${var.bucket}/*" }]
  })
}
"#;
    let found = lint(terraform, &about(None)).unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.rule, one.at.as_str())).collect();
    assert_eq!(found, [("no-window", "orders, Statement 2"), ("no-window", "other, Statement 1")]);
}

#[test]
fn what_terraform_escapes_is_read_as_it_will_be() {
    let statement =
        r#"{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::home/$${aws:username}/*" }"#;
    let encoded =
        format!("resource \"aws_iam_policy\" \"a\" {{\n  policy = jsonencode({{ Statement = [{statement}] }})\n}}\n");
    let document = old_with_variable().replace("${", "$${");
    let heredoc = format!("resource \"aws_iam_policy\" \"a\" {{\n  policy = <<EOT\n{document}\nEOT\n}}\n");
    for text in [encoded, heredoc] {
        assert!(rules_of(&text, None).contains("version-of-variables"), "{text}");
    }
}

fn old_with_variable() -> String {
    json!({"Statement": [statement(json!({"Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/${aws:username}"}))]})
        .to_string()
}

#[test]
fn what_is_no_template_is_said_to_be_none() {
    for (text, says) in [
        ("", "no template of a form that is known"),
        ("{}", "no template of a form that is known"),
        ("hello", "no template of a form that is known"),
        ("{\"Statement\": [", "line 1"),
        ("Resources:\n  a: [", "no valid YAML"),
        ("resource \"x\" {", "no valid Terraform"),
        ("aws sts assume-role --policy file://p.json", "another file"),
    ] {
        let error = lint(text, &about(None)).unwrap_err();
        assert!(error.contains(says), "{text}: {error}");
    }
    assert!(lint(&" ".repeat(2 << 20), &about(None)).unwrap_err().contains("longer"));
}

#[test]
fn what_a_template_says_cannot_steer_a_terminal() {
    let text = one(json!({"Sid": "\u{1b}[2J", "Action": "x\u{7}:y\r\n"}));
    let unread = lint("resource \"a\u{1b}[2J\" {", &about(None)).unwrap_err();
    assert!(!unread.contains('\u{1b}'), "{unread:?}");
    for complaint in lint(&text, &about(None)).unwrap() {
        assert!(!format!("{}{}", complaint.at, complaint.why).contains(char::is_control), "{complaint:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        for begin in ["", "{", "Resources:\n", "resource \"a\" \"b\" {\n", "aws sts assume-role --policy {"] {
            let _ = lint(&format!("{begin}{text}"), &about(None));
        }
    }

    #[test]
    fn no_damage_to_a_template_is_too_strange(at in any::<prop::sample::Index>(), row in any::<prop::sample::Index>(), put in "[\\[\\]{}\"\\\\:,*$&!<>0-9a-zA-Z\u{0}-\u{ff}]{0,4}", cut in 0..6_usize) {
        let table = table();
        let (_, kind, text, _) = &table[row.index(table.len())];
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let damaged: String = chars[..at].iter().copied().chain(put.chars()).chain(chars[(at + cut).min(chars.len())..].iter().copied()).collect();
        let _ = lint(&damaged, &about(*kind));
    }

    #[test]
    fn nesting_does_no_harm(depth in 0..3_000_usize, which in 0..4_usize) {
        let (open, close) = [("[", "]"), ("{\"a\":", "}"), ("(", ")"), ("- ", "")][which];
        for begin in ["", "Resources: ", "resource \"a\" \"b\" {\n a = "] {
            let _ = lint(&format!("{begin}{}1{}", open.repeat(depth), close.repeat(depth)), &about(None));
        }
    }
}
