//! What is read of a text, and what is said of the rest: nothing that gives somebody something is passed over silently.

use std::time::{Duration, Instant};

use super::*;

/// The rules that complain, with where.
#[track_caller]
fn told(text: &str) -> Vec<(&'static str, String)> {
    let complaints = lint(text, &about(None)).unwrap_or_else(|error| panic!("{error}: {text}"));
    complaints.into_iter().map(|one| (one.rule, one.at)).collect()
}

/// Where a rule complains.
#[track_caller]
fn places(rule: &str, text: &str) -> Vec<String> {
    told(text).into_iter().filter(|(name, _)| *name == rule).map(|(_, at)| at).collect()
}

fn stack(properties: serde_json::Value) -> String {
    json!({"Resources": {"Orders": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}}).to_string()
}

/// A stack with one statement that has something in it.
fn stack_with(more: serde_json::Value) -> String {
    stack(json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement(more)]}}))
}

#[test]
fn nested_brackets_are_refused_before_they_are_parsed() {
    let deep = "[".repeat(200_000);
    for begin in ["", "A 'quote: ", "A: don't ", "A: \"", "A: \"]\\\"", "# [ '\nA: ", "A: 'it''s' "] {
        let started = Instant::now();
        let error = lint(&format!("Resources:\n  {begin}{deep}"), &about(None)).unwrap_err();
        assert!(error.contains("deep") || error.contains("YAML"), "{begin}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{begin}: {:?}", started.elapsed());
    }
    let shallow =
        format!("Resources:\n  Set:\n    Type: AWS::SSO::PermissionSet\n    Properties: {{Name: {}}}\n", "\"[]\"");
    assert_eq!(told(&shallow), []);
    // Brackets that stand side by side are not deep, and those in comments are no brackets.
    let many = format!("{shallow}Metadata:\n  A: [{}]\n# {deep}\n", "[], ".repeat(1_000));
    assert_eq!(told(&many), []);
}

#[test]
fn what_holds_nothing_that_is_judged_is_not_said_to_be_good() {
    let serverless = json!({"Type": "AWS::Serverless::Function", "Properties": {"Policies": ["AdministratorAccess"]}});
    let bucket = json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": [statement(json!({}))]}}});
    let queue = json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}});
    let unread = json!({"Resources": {"F": serverless, "B": bucket, "Q": queue}});
    for (text, says) in [
        (json!({"Resources": {}}).to_string(), vec!["no role"]),
        (json!({"Resources": {"Q": queue}}).to_string(), vec!["no role"]),
        (unread.to_string(), vec!["F: AWS::Serverless::Function holds policies", "B: AWS::S3::BucketPolicy holds"]),
        ("resource \"aws_sqs_queue\" \"q\" {\n}\n".to_owned(), vec!["no role"]),
        (
            "resource \"aws_s3_bucket_policy\" \"b\" {\n  policy = \"{}\"\n}\n".to_owned(),
            vec!["b: aws_s3_bucket_policy"],
        ),
    ] {
        let error = lint(&text, &about(None)).unwrap_err();
        assert!(says.iter().all(|words| error.contains(words)), "{text}: {error}");
        assert!(!error.contains("Q:"), "{error}");
    }
    // Beside what is judged it is named.
    let mut beside = unread;
    beside["Resources"]["Set"] = json!({"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": "jit-orders"}});
    assert_eq!(places("not-read", &beside.to_string()), ["F", "B"]);
    let policy = format!("resource \"aws_iam_policy\" \"p\" {{\n  policy = <<EOT\n{}\nEOT\n}}\n", one(json!({})));
    let bucket = "resource \"aws_s3_bucket_policy\" \"b\" {\n  policy = var.policy\n}\n";
    let module =
        "module \"m\" {\n  source = \"./m\"\n  policy = jsonencode({})\n}\nmodule \"n\" {\n  source = \"./n\"\n}\n";
    assert_eq!(places("not-read", &format!("{policy}{bucket}{module}")), ["b", "m"]);
    let list = format!("[{}, {{\"Name\": \"other\"}}]", one(json!({})));
    assert_eq!(told(&list), [("not-read", "element 2".to_owned())]);
    let policies = permission_set(json!({})).replace("AWS::SSO::PermissionSet", "AWS::IAM::Role");
    let policies = policies.replace("\"Name\"", "\"Policies\":[\"orders\"],\"Name\"");
    assert_eq!(places("not-read", &policies), ["Set, policy 1"]);
}

#[test]
fn what_terraform_makes_dynamically_is_read() {
    let dynamic = r#"
data "aws_iam_policy_document" "orders" {
  dynamic "statement" {
    for_each = var.all
    content {
      actions   = ["*"]
      resources = [statement.value]
      dynamic "condition" {
        for_each = var.conditions
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = ["2026-02-03T09:00:00Z"]
        }
      }
    }
  }
  source_policy_documents   = [data.aws_iam_policy_document.other.json, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"]
  override_policy_documents = var.documents
}
data "aws_iam_policy_document" "other" {
}
resource "aws_iam_role" "orders" {
  dynamic "inline_policy" {
    for_each = [1]
    content {
      policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
    }
  }
}
"#;
    let sources = "orders, source_policy_documents, Statement 1";
    assert_eq!(
        places("wildcard-action", dynamic),
        [sources, "orders, inline_policy 1, Statement 1", "orders, Statement 1"]
    );
    assert_eq!(places("not-read", dynamic), ["orders, override_policy_documents"]);
    // Its conditions may be a window.
    assert_eq!(places("no-window", dynamic), [sources, "orders, inline_policy 1, Statement 1"]);
    assert_eq!(places("unknown-operator", dynamic), [] as [&str; 0]);
    assert_eq!(places("empty-window", dynamic), [] as [&str; 0]);
}

#[test]
fn each_command_is_read() {
    let good = session(900);
    assert_eq!(told(&good), []);
    let wide = session(99_999).replace("dynamodb:DeleteItem", "*");
    let both = format!("# aws sts assume-role is what follows\n{good}{wide}");
    assert_eq!(places("wildcard-action", &both), ["command 2, --policy, Statement 1 (Orders)"]);
    assert_eq!(places("duration", &both), ["command 2, --duration-seconds"]);
    let other = "aws sts assume-role --role-arn arn:aws:iam::111122223333:role/Ops --policy file://p.json --tags '[{\"Key\":\"a\"}]'\n";
    assert_eq!(told(&format!("{good}{other}")), [("not-read", "command 2, --policy".to_owned())]);
    assert!(lint(other, &about(None)).unwrap_err().contains("another file"));
    let none = "aws sts assume-role --role-arn arn:aws:iam::111122223333:role/Ops --policy-arns arn=arn:aws:iam::aws:policy/ReadOnlyAccess\n";
    assert!(lint(none, &about(None)).unwrap_err().contains("no session policy"));
    // What stands before the policy is none of it.
    assert_eq!(told(&good.replace("111122223333:role", "${ACCOUNT}:role")), []);
    assert!(lint(&format!("# {good}"), &about(None)).unwrap_err().contains("comments"));
}

#[test]
fn a_template_may_tell_of_the_command() {
    let terraform = format!(
        "# then run aws sts assume-role with it\nresource \"aws_iam_policy\" \"p\" {{\n  policy = <<EOT\n{}\nEOT\n}}\n",
        one(json!({"Action": "*"}))
    );
    assert_eq!(places("wildcard-action", &terraform), ["p, Statement 1 (Orders)"]);
    let yaml = "# aws sts assume-role\nResources:\n  Set:\n    Type: AWS::SSO::PermissionSet\n    Properties: {SessionDuration: 1h}\n";
    assert_eq!(places("duration", yaml), ["Set, SessionDuration"]);
}

#[test]
fn both_values_of_a_condition_are_judged() {
    let either = |yes: serde_json::Value, no: serde_json::Value| json!({"Fn::If": ["IsOpen", yes, no]});
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    let item = "dynamodb:DeleteItem";
    let none = json!({"Ref": "AWS::NoValue"});
    for (rule, text) in [
        ("wildcard-action", stack_with(json!({"Action": either(json!(item), json!("*"))}))),
        ("wildcard-action", stack_with(json!({"Action": [either(json!(item), json!("*"))]}))),
        ("wildcard-resource", stack_with(json!({"Resource": either(json!(table), json!("*"))}))),
        ("no-window", stack_with(json!({"Condition": either(window(), none.clone())}))),
        ("wildcard-action", {
            let wide = json!({"Version": "2012-10-17", "Statement": [statement(json!({"Action": "*"}))]});
            let narrow = json!({"Version": "2012-10-17", "Statement": [statement(json!({}))]});
            stack(json!({"PolicyDocument": either(narrow, wide)}))
        }),
        ("duration", permission_set(json!({"SessionDuration": either(json!("PT1H"), json!("PT24H"))}))),
    ] {
        assert!(!places(rule, &text).is_empty(), "{rule}: {text}");
    }
    // Values that never meet are not judged together: the same Sid stands in both, and one partition in each.
    let here = statement(json!({}));
    let there = statement(json!({"Resource": table.replace("arn:aws:", "arn:aws-cn:")}));
    let apart = stack(json!({"PolicyDocument": {"Version": "2012-10-17", "Statement": [either(here, there)]}}));
    assert_eq!(told(&apart), []);
}

#[test]
fn conditions_in_conditions_are_judged() {
    let mut action = json!("dynamodb:*");
    for number in 0..4 {
        // The last is given where the conditions before do not hold.
        action = json!({"Fn::If": [format!("C{number}"), "dynamodb:DeleteItem", action]});
    }
    assert_eq!(places("wildcard-action", &stack_with(json!({"Action": action}))), ["Orders, Statement 1 (Orders)"]);
    let middle = json!({"Fn::If": ["A", "dynamodb:DeleteItem", {"Fn::If": ["B", "dynamodb:*", "dynamodb:PutItem"]}]});
    let others: Vec<_> =
        (0..7).map(|number| json!({"Fn::If": [format!("C{number}"), "dynamodb:GetItem", "dynamodb:Query"]})).collect();
    let all = [vec![middle], others].concat();
    let text = stack_with(json!({"Action": all}));
    assert_eq!(places("wildcard-action", &text), ["Orders, Statement 1 (Orders)"]);
    assert_eq!(places("not-read", &text), ["Conditions"]);
}
