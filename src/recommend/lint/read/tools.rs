//! What tools for elevations keep: eligibilities and approvers of AWS TEAM, access rules of Common Fate (Glide). They name
//! permission sets and hold no policies. After TEAM's GraphQL schema and Glide's API and Terraform provider.

use serde_json::{Map, Value};

use super::{duration, member, part, seconds, texts};
use crate::recommend::lint::template::{Lasts, Request, Template, is_unknown};

/// Whether it is one of them.
pub(super) fn read(object: &Map<String, Value>, template: &mut Template) -> bool {
    let has = |name| object.contains_key(name);
    if let Some(Value::Object(eligibility)) = object.get("eligibility") {
        let approver =
            object.get("approver").and_then(Value::as_object).or_else(|| object.get("approvers")?.as_object());
        team(eligibility, approver, template);
        return true;
    }
    if has("permissions") && (has("accounts") || has("ous")) {
        team(object, None, template);
        return true;
    }
    if has("groups") && (has("target") || has("target_provider_id")) {
        glide("", object, template);
        return true;
    }
    false
}

fn team(object: &Map<String, Value>, approver: Option<&Map<String, Value>>, template: &mut Template) {
    let at = object.get("name").and_then(Value::as_str).unwrap_or_default();
    let is_set = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let listed = |name| texts(approver.and_then(|approver| approver.get(name)));
    template.requests.push(Request {
        at: at.to_owned(),
        approval: Some(object.get("approvalRequired").is_some_and(truth)),
        ticket: Some(object.get("ticketNo").is_some_and(is_set)),
        askers: ["id", "name"].iter().flat_map(|name| texts(object.get(*name))).collect(),
        approvers: [listed("approvers"), listed("groupIds")].concat(),
    });
    // TEAM counts whole hours.
    let hours = |text: &str| seconds(text)?.checked_mul(3_600);
    let given = object.get("duration").cloned().unwrap_or_else(|| Value::String(String::new()));
    duration(part(at, "duration"), &given, Lasts::Team, hours, template);
}

/// An access rule, in the words of the API or of the Terraform provider.
pub(super) fn glide(at: &str, object: &Map<String, Value>, template: &mut Template) {
    let approvers: Vec<String> = ["users", "groups"]
        .iter()
        .flat_map(|name| texts(member(object, &["approval", name])))
        .filter(|name| !name.trim().is_empty())
        .collect();
    let is_open = object.get("approval").and_then(Value::as_str).is_some_and(is_unknown)
        || ["users", "groups"].iter().filter_map(|name| member(object, &["approval", name])?.as_str()).any(is_unknown);
    template.requests.push(Request {
        at: at.to_owned(),
        approval: (!is_open).then_some(!approvers.is_empty()),
        ticket: None,
        askers: texts(object.get("groups")),
        approvers,
    });
    for path in [&["duration"][..], &["timeConstraints", "maxDurationSeconds"]] {
        if let Some(value) = member(object, path) {
            duration(part(at, &path.join(".")), value, Lasts::Glide, seconds, template);
        }
    }
}

fn truth(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
}
