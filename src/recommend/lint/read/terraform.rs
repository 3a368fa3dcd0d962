//! Terraform: policies in `jsonencode`, in heredocs and as `aws_iam_policy_document`. What expressions give is known to
//! the deployment only, but for the text around it.

use std::collections::BTreeMap;

use hcl::expr::{Expression, ObjectKey, TemplateExpr};
use hcl::template::{Element, Template as Text};
use hcl::{Block, Body};
use serde_json::{Map, Value, json};

use super::{duration, iso, part, policy, seconds, texts, tools, unknown};
use crate::iam::Target;
use crate::recommend::lint::template::{Attached, Lasts, Template, UNKNOWN};

/// Whether it holds anything that gives something to somebody.
pub(super) fn read(text: &str, template: &mut Template) -> Result<bool, String> {
    let body: Body = hcl::parse(text).map_err(|error| format!("no valid Terraform: {error}"))?;
    let labels = |block: &Block| {
        let mut labels = block.labels().iter().map(|label| label.as_str().to_owned());
        Some((labels.next()?, labels.next()?))
    };
    let mut documents = BTreeMap::new();
    for block in body.blocks().filter(|block| block.identifier() == "data") {
        if let Some((kind, name)) = labels(block)
            && kind == "aws_iam_policy_document"
        {
            documents.insert(name, document(block.body()));
        }
    }
    let mut resources = Resources { is_known: !documents.is_empty(), read: Vec::new(), documents, template };
    for block in body.blocks().filter(|block| block.identifier() == "resource") {
        if let Some((kind, name)) = labels(block) {
            resources.one(&kind, &name, block.body());
        }
    }
    Ok(resources.rest())
}

struct Resources<'t> {
    /// Policies as data, by their name.
    documents: BTreeMap<String, Value>,
    /// Those of them that a resource uses.
    read: Vec<String>,
    is_known: bool,
    template: &'t mut Template,
}

impl Resources<'_> {
    fn one(&mut self, kind: &str, name: &str, body: &Body) {
        let attribute = |key: &str| {
            body.attributes().find(|attribute| attribute.key() == key).map(|attribute| attribute.expr().clone())
        };
        let target = match kind {
            "aws_iam_policy" => Target::Managed,
            "aws_iam_role" | "aws_iam_role_policy" => Target::InlineRole,
            "aws_iam_user_policy" => Target::InlineUser,
            "aws_iam_group_policy" => Target::InlineGroup,
            "aws_ssoadmin_permission_set" | "aws_ssoadmin_permission_set_inline_policy" => Target::PermissionSet,
            "aws_ssoadmin_managed_policy_attachment"
            | "aws_iam_role_policy_attachment"
            | "aws_iam_user_policy_attachment"
            | "aws_iam_group_policy_attachment" => Target::Managed,
            "commonfate_access_rule" => {
                self.is_known = true;
                tools::glide(name, &members(body), self.template);
                return;
            }
            _ => return,
        };
        self.is_known = true;
        for key in ["policy", "inline_policy"] {
            if let Some(expression) = attribute(key) {
                self.policy(name, Attached::As(target), &expression);
            }
        }
        if let Some(expression) = attribute("assume_role_policy") {
            self.policy(&part(name, "assume_role_policy"), Attached::Trust, &expression);
        }
        for (number, block) in (1..).zip(body.blocks().filter(|block| block.identifier() == "inline_policy")) {
            if let Some(own) = block.body().attributes().find(|attribute| attribute.key() == "policy") {
                self.policy(&part(name, &format!("inline_policy {number}")), Attached::As(target), own.expr());
            }
        }
        if let Some(expression) = attribute("session_duration") {
            let at = part(name, "session_duration");
            duration(at, &value(&expression), Lasts::PermissionSet, iso, self.template);
        }
        if let Some(expression) = attribute("max_session_duration") {
            let at = part(name, "max_session_duration");
            duration(at, &value(&expression), Lasts::Role, seconds, self.template);
        }
        for key in ["managed_policy_arn", "managed_policy_arns", "policy_arn"] {
            let arns = texts(attribute(key).as_ref().map(value).as_ref());
            self.template.managed.extend(arns.into_iter().map(|arn| (part(name, key), arn)));
        }
    }

    fn policy(&mut self, at: &str, attached: Attached, expression: &Expression) {
        let text = expression.to_string();
        let used =
            self.documents.keys().find(|name| text.contains(&format!("aws_iam_policy_document.{name}."))).cloned();
        let value = match used {
            Some(name) => {
                let value = self.documents.get(&name).cloned().unwrap_or_default();
                self.read.push(name);
                value
            }
            None => value(expression),
        };
        policy(at, attached, value, 0, self.template);
    }

    /// What no resource uses here; whether there was anything.
    fn rest(self) -> bool {
        for (name, value) in self.documents {
            if !self.read.contains(&name) {
                policy(&name, Attached::Unknown, value, 0, self.template);
            }
        }
        self.is_known
    }
}

/// Attributes, and blocks as objects.
fn members(body: &Body) -> Map<String, Value> {
    let attributes = body.attributes().map(|attribute| (attribute.key().to_owned(), value(attribute.expr())));
    let blocks = body.blocks().map(|block| (block.identifier().to_owned(), Value::Object(members(block.body()))));
    attributes.chain(blocks).collect()
}

/// An `aws_iam_policy_document` as the policy that it makes.
fn document(body: &Body) -> Value {
    let statements: Vec<Value> =
        body.blocks().filter(|block| block.identifier() == "statement").map(|block| statement(block.body())).collect();
    let version = body.attributes().find(|attribute| attribute.key() == "version");
    let version = version.map_or_else(|| json!("2012-10-17"), |attribute| value(attribute.expr()));
    json!({ "Version": version, "Statement": statements })
}

fn statement(body: &Body) -> Value {
    let mut made = Map::new();
    made.insert("Effect".to_owned(), json!("Allow"));
    for (key, value) in members(body) {
        let name = match key.as_str() {
            "sid" => "Sid",
            "effect" => "Effect",
            "actions" => "Action",
            "not_actions" => "NotAction",
            "resources" => "Resource",
            "not_resources" => "NotResource",
            _ => continue,
        };
        made.insert(name.to_owned(), variables(value));
    }
    let mut principals = Map::new();
    let mut conditions = Map::new();
    for block in body.blocks() {
        let own = members(block.body());
        let text = |key| own.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let own_values = |key: &str| variables(own.get(key).cloned().unwrap_or_default());
        match block.identifier() {
            "principals" => _ = principals.insert(text("type"), own_values("identifiers")),
            "condition" => {
                let keys = conditions.entry(text("test")).or_insert_with(|| json!({}));
                if let Value::Object(keys) = keys {
                    keys.insert(text("variable"), own_values("values"));
                }
            }
            _ => {}
        }
    }
    if !principals.is_empty() {
        made.insert("Principal".to_owned(), Value::Object(principals));
    }
    if !conditions.is_empty() {
        made.insert("Condition".to_owned(), Value::Object(conditions));
    }
    Value::Object(made)
}

/// Policy variables, which this data source takes as `&{aws:username}` too.
fn variables(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("&{", "${")),
        Value::Array(all) => all.into_iter().map(variables).collect(),
        other => other,
    }
}

fn value(expression: &Expression) -> Value {
    match expression {
        Expression::Null => Value::Null,
        Expression::Bool(truth) => Value::Bool(*truth),
        Expression::Number(number) => serde_json::to_value(number).unwrap_or_default(),
        Expression::String(text) => Value::String(text.clone()),
        Expression::Array(all) => all.iter().map(value).collect(),
        Expression::Object(all) => all.iter().map(|(key, own)| (name(key), value(own))).collect(),
        Expression::TemplateExpr(own) => Value::String(text(own)),
        Expression::Parenthesis(own) => value(own),
        Expression::FuncCall(call) if call.name.name.as_str() == "jsonencode" => {
            call.args.first().map_or_else(unknown, value)
        }
        Expression::FuncCall(call) if matches!(call.name.name.as_str(), "toset" | "tolist") => {
            call.args.first().map_or_else(unknown, value)
        }
        _ => unknown(),
    }
}

fn name(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Identifier(name) => name.as_str().to_owned(),
        ObjectKey::Expression(own) => match value(own) {
            Value::String(text) => text,
            _ => UNKNOWN.to_string(),
        },
        _ => UNKNOWN.to_string(),
    }
}

/// A text with what is not known in the place of what is worked out.
fn text(own: &TemplateExpr) -> String {
    let Ok(parts) = Text::from_expr(own) else { return UNKNOWN.to_string() };
    let mut found = String::new();
    for part in parts.elements() {
        match part {
            Element::Literal(literal) => found.push_str(literal),
            Element::Interpolation(own) => match value(&own.expr) {
                Value::String(text) => found.push_str(&text),
                _ => found.push(UNKNOWN),
            },
            Element::Directive(_) => found.push(UNKNOWN),
        }
    }
    found
}
