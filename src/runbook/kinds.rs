//! Which fields a kind of step takes.

use serde_json::Value;

use super::check::{Part, Wrong};
use super::model::Kind;

/// Fields of every step.
const COMMON: &[&str] = &["id", "kind", "title", "about", "expect", "on_empty", "finds"];
/// What is asked of rows.
const QUERY: &[&str] = &["where", "not", "select", "group_by", "having", "order_by", "limit"];

impl Kind {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Identify, Self::Validate, Self::Condition, Self::Grant, Self::Audit, Self::Query];

    /// The word in a runbook.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Validate => "validate",
            Self::Condition => "condition",
            Self::Grant => "grant",
            Self::Audit => "audit",
            Self::Query => "query",
        }
    }

    /// Whether it asks a table or an earlier step for rows, and is no analysis of ours.
    pub fn is_query(self) -> bool {
        matches!(self, Self::Identify | Self::Validate | Self::Query)
    }

    /// The field it cannot do without, and those that it takes besides what every step takes.
    fn fields(self) -> (&'static str, &'static [&'static [&'static str]]) {
        match self {
            Self::Identify | Self::Validate | Self::Query => ("from", &[&["from"], QUERY]),
            Self::Condition => ("of", &[&["of", "conditions"], QUERY]),
            Self::Grant => (
                "of",
                &[&["of", "conditions", "targets", "duration", "not_before", "ticket", "exclude_actions", "requires"]],
            ),
            Self::Audit => ("ledger", &[&["ledger", "of"], QUERY]),
        }
    }
}

/// Refuses what a kind of step does not take, and what it lacks.
pub(super) fn look(runbook: &Value, wrong: &mut Wrong<'_>) {
    let steps = runbook.get("steps").and_then(Value::as_array);
    for (at, step) in steps.into_iter().flatten().enumerate() {
        let word = step.get("kind").and_then(Value::as_str);
        let kind = Kind::ALL.into_iter().find(|kind| Some(kind.as_str()) == word);
        let (Some(kind), Some(members)) = (kind, step.as_object()) else { continue };
        let (needed, groups) = kind.fields();
        let name = kind.as_str();
        if !members.contains_key(needed) {
            let what = match needed {
                "from" => "which table or earlier step it asks",
                "of" => "the earlier step whose rows it is about",
                _ => "the ledger of grants, such as \"${inputs.ledger}\"",
            };
            wrong.add(
                &["steps".into(), at.into()],
                Part::Value,
                format!("a step of kind {name} needs `{needed}`: {what}"),
            );
        }
        let known = super::model::FIELDS;
        for field in members.keys().map(String::as_str).filter(|field| known.contains(field)) {
            if !COMMON.contains(&field) && !groups.iter().any(|group| group.contains(&field)) {
                let takes: Vec<&str> = groups.iter().copied().flatten().copied().collect();
                let message = format!("a step of kind {name} takes no `{field}`; it takes {}", takes.join(", "));
                wrong.add(&["steps".into(), at.into(), field.into()], Part::Name, message);
            }
        }
    }
}
