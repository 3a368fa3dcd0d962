//! Terraform: policies in `jsonencode`, in heredocs and as `aws_iam_policy_document`. What expressions give is known to
//! the deployment only, but for the text around it.

use std::collections::BTreeMap;

use hcl::expr::{Expression, ObjectKey, TemplateExpr};
use hcl::template::{Element, Template as Text};
use hcl::{Block, Body};
use serde_json::{Map, Value, json};

use super::{duration, holds_policy, iso, nothing, part, policy, seconds, texts, tools, unknown};
use crate::iam::Target;
use crate::recommend::lint::template::{Attached, Lasts, Template, UNKNOWN};

/// Reads what gives something to somebody. Fails where nothing does.
pub(super) fn read(text: &str, template: &mut Template) -> Result<(), String> {
    let body: Body = hcl::parse(text).map_err(|error| format!("no valid Terraform: {error}"))?;
    let labels = |block: &Block| {
        let mut labels = block.labels().iter().map(|label| label.as_str().to_owned());
        Some((labels.next()?, labels.next()?))
    };
    let data = body.blocks().filter(|block| block.identifier() == "data").filter_map(|block| {
        let (kind, name) = labels(block)?;
        (kind == "aws_iam_policy_document").then(|| (name, block.body()))
    });
    let data: BTreeMap<String, &Body> = data.collect();
    let documents: BTreeMap<_, _> = data.iter().map(|(name, body)| (name.clone(), document(body))).collect();
    let mut resources = Resources { is_known: !documents.is_empty(), read: Vec::new(), documents, template };
    for (name, body) in data {
        resources.sources(&name, body);
    }
    for block in body.blocks().filter(|block| block.identifier() == "resource") {
        if let Some((kind, name)) = labels(block) {
            resources.one(&kind, &name, block.body());
        }
    }
    for block in body.blocks().filter(|block| block.identifier() == "module" && gives(block.body())) {
        let name = block.labels().first().map_or("", |label| label.as_str());
        resources.template.not_judged(name, "a module");
    }
    let is_known = resources.is_known;
    resources.rest();
    match is_known {
        true => Ok(()),
        false => Err(nothing(
            "no role, user, group or policy of IAM, no permission set and no access rule of Glide",
            template,
        )),
    }
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
            | "aws_iam_group_policy_attachment"
            | "aws_iam_policy_attachment" => Target::Managed,
            "commonfate_access_rule" => {
                self.is_known = true;
                tools::glide(name, &members(body), self.template);
                return;
            }
            _ if gives(body) => return self.template.not_judged(name, kind),
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
        for (number, own) in (1..).zip(blocks(body, "inline_policy")) {
            if let Some(own) = own.attributes().find(|attribute| attribute.key() == "policy") {
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

    /// Policies that a document takes its statements from, but for other documents, which are read by themselves.
    fn sources(&mut self, name: &str, body: &Body) {
        for attribute in body.attributes().filter(|one| SOURCES.contains(&one.key())) {
            let all = match attribute.expr() {
                Expression::Array(all) => all.as_slice(),
                one => std::slice::from_ref(one),
            };
            for source in all {
                let text = source.to_string();
                if !self.documents.keys().any(|name| text.contains(&format!("aws_iam_policy_document.{name}."))) {
                    policy(&part(name, attribute.key()), Attached::Unknown, value(source), 0, self.template);
                }
            }
        }
    }

    /// What no resource uses here.
    fn rest(self) {
        for (name, value) in self.documents {
            if !self.read.contains(&name) {
                policy(&name, Attached::Unknown, value, 0, self.template);
            }
        }
    }
}

/// Where an `aws_iam_policy_document` takes more statements from; the last two are older names.
const SOURCES: [&str; 4] = ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];

/// The blocks of a name, and what `dynamic` makes such blocks of.
fn blocks<'b>(body: &'b Body, name: &'b str) -> impl Iterator<Item = &'b Body> {
    body.blocks().filter_map(move |block| {
        if block.identifier() == name {
            return Some(block.body());
        }
        let makes =
            block.identifier() == "dynamic" && block.labels().first().is_some_and(|label| label.as_str() == name);
        block.body().blocks().find(|own| makes && own.identifier() == "content").map(Block::body)
    })
}

/// Whether anything in it looks like a policy, or is called like one.
fn gives(body: &Body) -> bool {
    let is_one =
        |key: &str| matches!(key, "policy" | "policies" | "inline_policy" | "policy_document" | "assume_role_policy");
    body.attributes().any(|one| is_one(one.key()) || holds_policy(&value(one.expr())))
        || body.blocks().any(|block| gives(block.body()))
}

/// Attributes, and blocks as objects.
fn members(body: &Body) -> Map<String, Value> {
    let attributes = body.attributes().map(|attribute| (attribute.key().to_owned(), value(attribute.expr())));
    let blocks = body.blocks().map(|block| (block.identifier().to_owned(), Value::Object(members(block.body()))));
    attributes.chain(blocks).collect()
}

/// An `aws_iam_policy_document` as the policy that it makes.
fn document(body: &Body) -> Value {
    let statements: Vec<Value> = blocks(body, "statement").map(statement).collect();
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
    let text = |own: &Map<String, Value>, key| own.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let values = |own: &Map<String, Value>, key| variables(own.get(key).cloned().unwrap_or_default());
    for own in blocks(body, "principals").map(members) {
        principals.insert(text(&own, "type"), values(&own, "identifiers"));
    }
    for own in blocks(body, "condition").map(members) {
        let keys = conditions.entry(text(&own, "test")).or_insert_with(|| json!({}));
        if let Value::Object(keys) = keys {
            keys.insert(text(&own, "variable"), values(&own, "values"));
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
