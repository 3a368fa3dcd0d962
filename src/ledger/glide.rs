use std::borrow::Cow;

use serde_json::Value;

use super::cells::quoted;
use super::record::{Record, text_of};
use super::row::{Column, Lasts, Row};
use super::{Entry, Form};
use crate::condition::did_you_mean;

/// Grants of Common Fate's Glide with their requests: a request around its grant, as its API answers, a grant around
/// its request, or both side by side. Source of the members and states: `openapi.yml` of common-fate/glide.
pub(super) struct Glide;

const GRANTED: [&str; 4] = ["pending", "active", "expired", "revoked"];
const NOT_REQUESTED: [&str; 3] = ["pending", "declined", "cancelled"];

const START: [&str; 2] = ["grant.start", "start"];
const END: [&str; 2] = ["grant.end", "end"];
/// Where it says what is given: what was chosen goes before what the rule offers.
const TARGETS: [&str; 13] = [
    "arguments",
    "request.arguments",
    "grant.with",
    "with",
    "target",
    "grant.target",
    "request.target",
    "accessRule.target.with",
    "accessRule.target",
    "request.accessRule.target.with",
    "request.accessRule.target",
    "rule.target",
    "request.rule.target",
];

impl Form for Glide {
    fn name(&self) -> &'static str {
        "Glide"
    }

    fn known_by(&self) -> &'static str {
        "`grant` or `timing`, as JSON"
    }

    fn fits(&self, has: &dyn Fn(&str) -> bool) -> bool {
        let is_grant = has("start") && has("end") && has("subject");
        is_grant || ["grant", "grant.start", "accessRule", "accessRuleId", "timing"].iter().any(|name| has(name))
    }

    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    fn calls(&self, column: Column) -> &'static str {
        match column {
            Column::GrantId => "id",
            Column::Principal => "permissionSetName",
            Column::Person => "subject",
            Column::AccountId => "accountId",
            Column::NotBefore => "start",
            Column::NotAfter => "end",
            Column::RequestedAt => "requestedAt",
            Column::RevokedAt => "revokedAt",
            Column::RevokedBy => "revokedBy",
            other => other.as_str(),
        }
    }

    fn entry(&self, record: Record<'_>) -> Entry {
        let (granted, requested) = states(&record);
        match (granted.as_deref(), requested.as_deref()) {
            (Some("error"), _) => return Entry::Not("error".to_owned()),
            (Some(state), _) if !GRANTED.contains(&state) => return unknown(state, &GRANTED),
            (None, Some(state)) if NOT_REQUESTED.contains(&state) => return Entry::Not(state.to_owned()),
            (None, Some(state)) if state != "approved" => return unknown(state, &NOT_REQUESTED),
            (None, None) => {
                return Entry::Unclear("has no `status`, so nobody can tell whether it was granted; add it".to_owned());
            }
            _ => {}
        }
        let mut row = Row::new(record.line);
        if let Err(what) = target(&record, &mut row) {
            return Entry::Unclear(what);
        }
        let mut fill = |column: Column, paths: &[&str]| row.fill(column, record.text(paths).as_deref());
        fill(Column::GrantId, &["id", "grant.id", "request.id"]);
        fill(Column::Person, &["grant.subject", "subject", "requestor.email", "request.requestor.email"]);
        fill(Column::NotBefore, &[START.as_slice(), &["timing.startTime", "request.timing.startTime"]].concat());
        fill(Column::NotAfter, &END);
        fill(Column::RequestedAt, &["requestedAt", "request.requestedAt"]);
        fill(Column::Reason, &["reason", "request.reason"]);
        row.fill(Column::PrincipalKind, Some("permission_set"));
        row.fill(Column::Source, Some("glide"));
        if let Some(seconds) = record.text(&["timing.durationSeconds", "request.timing.durationSeconds"]) {
            row.lasts = Some(Lasts { name: "durationSeconds", text: seconds.into_owned(), unit: 1 });
        }
        if granted.as_deref() == Some("revoked") {
            revoked(&record, &mut row);
        }
        Entry::Grant(Box::new(row))
    }
}

/// The states of the grant and of the request, in lower case.
fn states(record: &Record<'_>) -> (Option<String>, Option<String>) {
    let lower = |paths: &[&str]| record.text(paths).map(|state| state.to_lowercase());
    // A record by itself is the grant where it has what only a grant has.
    let is_grant = record.get("grant").is_none() && START.iter().any(|path| record.get(path).is_some());
    if is_grant {
        (lower(&["grant.status", "status"]), lower(&["request.status"]))
    } else {
        (lower(&["grant.status"]), lower(&["request.status", "status"]))
    }
}

fn unknown(state: &str, known: &[&str]) -> Entry {
    let known = known.iter().copied().chain(["approved", "error"]);
    let hint = did_you_mean(state, known);
    Entry::Unclear(format!("the `status` {} is none that Glide has{hint}", quoted(state)))
}

/// The account and the permission set.
fn target(record: &Record<'_>, row: &mut Row) -> Result<(), String> {
    let member = |name: &str| {
        let inside = TARGETS.iter().find_map(|path| record.get(path)?.get(name).filter(|value| !value.is_null()));
        inside.or_else(|| record.get(name))
    };
    let one = |name: &str| match member(name) {
        Some(value) => chosen(value).ok_or_else(|| {
            format!("`{name}` is not one value, so nobody can tell what was given; leave the one that was")
        }),
        None => Ok(None),
    };
    row.fill(Column::AccountId, one("accountId")?.as_deref());
    let set = member("permissionSetArn");
    let label = set.and_then(|set| ["label", "name"].iter().find_map(|name| text_of(set.get(name)?)));
    let name = match (one("permissionSetName")?, label) {
        (Some(name), _) | (None, Some(name)) => Some(name),
        (None, None) => beside(record),
    };
    let Some(name) = name else {
        let arn = one("permissionSetArn")?.map(|arn| format!(": {} tells no name", quoted(&arn))).unwrap_or_default();
        return Err(format!("does not say which permission set was given{arn}; add `permissionSetName` beside it"));
    };
    row.fill(Column::Principal, Some(&name));
    Ok(())
}

/// A name that stands beside the ARN in the target; the rule's own name is none of it.
fn beside<'v>(record: &'v Record<'_>) -> Option<Cow<'v, str>> {
    let mut targets = TARGETS.iter().filter_map(|path| record.get(path));
    let target = targets.find(|target| target.get("permissionSetArn").is_some())?;
    ["label", "name"].iter().find_map(|name| text_of(target.get(name)?))
}

/// The one value of an argument: itself, the only one of a list, or that of an object that describes it. `None` where
/// there are several, nothing inside where it is empty.
fn chosen(value: &Value) -> Option<Option<Cow<'_, str>>> {
    match value {
        Value::Array(values) => match values.as_slice() {
            [] => Some(None),
            [one @ (Value::String(_) | Value::Number(_))] => Some(text_of(one)),
            _ => None,
        },
        Value::Object(object) => chosen_inside(object.get("value").or_else(|| object.get("values"))),
        single => Some(text_of(single)),
    }
}

fn chosen_inside(value: Option<&Value>) -> Option<Option<Cow<'_, str>>> {
    match value {
        None | Some(Value::Object(_)) => None,
        Some(value) => chosen(value),
    }
}

/// When it was taken back: where that is not told, its last change was that.
fn revoked(record: &Record<'_>, row: &mut Row) {
    row.fill(Column::RevokedBy, record.text(&["revokedBy", "grant.revokedBy"]).as_deref());
    if let Some(at) = record.text(&["revokedAt", "grant.revokedAt"]) {
        return row.fill(Column::RevokedAt, Some(&at));
    }
    let changed = record.text(&["grant.updatedAt", "updatedAt", "request.updatedAt"]);
    row.fill(Column::RevokedAt, changed.as_deref());
    row.remarks.push(match changed {
        Some(_) => "was revoked, but not told when: its last change, `updatedAt`, is taken for it".to_owned(),
        None => "was revoked, but no `revokedAt` says when, so it counts to its end; add it".to_owned(),
    });
}
