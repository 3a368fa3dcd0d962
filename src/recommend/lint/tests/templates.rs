//! Templates that are good, and what is changed in them.

use serde_json::{Value, json};

/// A statement of a good template, with some of its elements put in or, where they are null, left out.
pub(super) fn statement(more: Value) -> Value {
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

pub(super) fn window() -> Value {
    between("2026-02-03T09:00:00Z", "2026-02-03T11:00:00Z")
}

pub(super) fn between(begin: &str, end: &str) -> Value {
    json!({
        "DateGreaterThanEquals": {"aws:CurrentTime": begin},
        "DateLessThan": {"aws:CurrentTime": end},
    })
}

/// The window, and another operator.
pub(super) fn condition(operator: &str, keys: Value) -> Value {
    let mut all = window();
    all[operator] = keys;
    json!({ "Condition": all })
}

pub(super) fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

pub(super) fn one(more: Value) -> String {
    policy(&[statement(more)])
}

pub(super) fn deny(condition: Value) -> String {
    policy(&[json!({"Sid": "Revoke", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})])
}

pub(super) fn permission_set(properties: Value) -> String {
    let mut set = json!({"InstanceArn": {"Ref": "Instance"}, "Name": "jit-orders", "SessionDuration": "PT2H"});
    for (key, value) in properties.as_object().unwrap() {
        set[key] = value.clone();
    }
    json!({"Resources": {"Set": {"Type": "AWS::SSO::PermissionSet", "Properties": set}}}).to_string()
}

pub(super) fn in_set(more: Value) -> String {
    permission_set(json!({"InlinePolicy": {"Version": "2012-10-17", "Statement": [statement(more)]}}))
}

pub(super) fn trust(principal: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}});
    json!({"Resources": {"Role": role}}).to_string()
}

pub(super) fn session(seconds: i64) -> String {
    let policy = one(json!({}));
    format!(
        "aws sts assume-role --role-arn arn:aws:iam::111122223333:role/Ops --role-session-name alice@example.com \\\n  --duration-seconds {seconds} --policy '{policy}'\n"
    )
}

pub(super) fn team(more: Value) -> String {
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

pub(super) fn glide(duration: &str, approval: &str) -> String {
    format!(
        "resource \"commonfate_access_rule\" \"orders\" {{\n  name = \"orders\"\n  groups = [\"orders-team\"]\n  approval = {approval}\n  \
         target = [{{ field = \"accountId\", value = [\"111122223333\"] }}]\n  target_provider_id = \"aws-sso-v2\"\n  duration = \"{duration}\"\n}}\n"
    )
}
