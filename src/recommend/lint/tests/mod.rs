mod cases;
mod reading;
mod templates;

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use cases::table;
use templates::*;

use super::*;

const NOW: &str = "2026-02-03T08:00:00Z";

fn about(kind: Option<PrincipalKind>) -> About {
    About { now: NOW.parse().unwrap(), kind }
}

#[track_caller]
fn rules_of(text: &str, kind: Option<PrincipalKind>) -> BTreeSet<&'static str> {
    lint(text, &about(kind)).unwrap_or_else(|error| panic!("{error}: {text}")).iter().map(|one| one.rule).collect()
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
