//! The tables of a runbook, as far as an engine that only sees records can make them: what their rows are put together
//! by, and what is counted.

use crate::runbook::model::Step;
use crate::runbook::tables::Selected;

/// A table.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Which events it is of.
    pub(super) of: Of,
    /// What a row stands for: columns, each with the field it is.
    pub(super) grain: &'static [(&'static str, &'static str)],
    /// What follows from these, taken only where it is asked for.
    pub(super) more: &'static [(&'static str, &'static str)],
    /// What is counted or collected.
    pub(super) measures: &'static [(&'static str, Measure)],
    /// What a step shows that does not say.
    pub(super) shown: &'static [&'static str],
}

/// Which events a table is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    All,
    Denied,
    /// Calls by somebody, with credentials that end.
    Sessions,
    /// Calls that some rule asks about.
    Suspects,
}

/// What is counted or collected of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Count,
    Denied,
    Days,
    First,
    Last,
    /// How many different values of a field.
    Distinct(&'static str),
    /// The different values of a field.
    List(&'static str),
}

use Measure::{Count, Days, Denied, Distinct, First, Last, List};

const TABLES: &[Table] = &[
    Table {
        name: "denied",
        of: Of::Denied,
        grain: &[
            ("principal", "principal"),
            ("action", "denied_action"),
            ("resource", "denied_resource"),
            ("policy_type", "policy_type"),
            ("deny", "deny"),
        ],
        more: &[
            ("kind", "principal_kind"),
            ("event_source", "eventSource"),
            ("event_name", "eventName"),
            ("policy_arn", "policy_arn"),
        ],
        measures: &[
            ("count", Count),
            ("days", Days),
            ("sessions", Distinct("session")),
            ("first", First),
            ("last", Last),
            ("people", List("person")),
            ("addresses", List("sourceIPAddress")),
            ("vpc_endpoints", List("vpcEndpointId")),
        ],
        shown: &["principal", "action", "resource", "policy_type", "deny", "count", "days", "first", "last"],
    },
    Table {
        name: "usage",
        of: Of::All,
        grain: &[
            ("principal", "principal"),
            ("account", "account"),
            ("event_source", "eventSource"),
            ("event_name", "eventName"),
            ("action", "action"),
            ("resource", "resource"),
            ("outcome", "outcome"),
        ],
        more: &[("kind", "principal_kind"), ("access_level", "access_level")],
        measures: &[
            ("count", Count),
            ("days", Days),
            ("sessions", Distinct("session")),
            ("first", First),
            ("last", Last),
        ],
        shown: &["principal", "account", "action", "resource", "outcome", "count", "days", "first", "last"],
    },
    Table {
        name: "sessions",
        of: Of::Sessions,
        grain: &[
            ("principal", "principal"),
            ("person", "person"),
            ("account", "account"),
            ("session", "session"),
            ("began", "userIdentity.sessionContext.attributes.creationDate"),
        ],
        more: &[("kind", "principal_kind")],
        measures: &[
            ("events", Count),
            ("denied", Denied),
            ("actions", Distinct("action")),
            ("first", First),
            ("last", Last),
            ("addresses", List("sourceIPAddress")),
        ],
        shown: &[
            "principal",
            "person",
            "session",
            "account",
            "events",
            "denied",
            "actions",
            "first",
            "last",
            "addresses",
        ],
    },
    Table {
        name: "findings",
        of: Of::Suspects,
        grain: &[
            ("principal", "principal"),
            ("event_source", "eventSource"),
            ("event_name", "eventName"),
            ("action", "action"),
            ("resource", "resource"),
            ("outcome", "outcome"),
        ],
        more: &[("kind", "principal_kind")],
        measures: &[
            ("count", Count),
            ("days", Days),
            ("sessions", Distinct("session")),
            ("first", First),
            ("last", Last),
            ("people", List("person")),
            ("addresses", List("sourceIPAddress")),
        ],
        shown: &["principal", "event_source", "event_name", "resource", "outcome", "count", "first", "last", "people"],
    },
];

/// What a step shows that says so, that puts rows together, or that asks a table.
pub(super) fn shown(step: &Step) -> Option<Vec<Selected>> {
    let parsed = |names: &[&str]| names.iter().map(|name| Selected::parse(name)).collect();
    if !step.select.is_empty() {
        return Some(step.select.iter().map(|text| Selected::parse(text)).collect());
    }
    if !step.group_by.is_empty() {
        let groups = step.group_by.iter().map(String::as_str);
        return Some(parsed(&groups.chain(["count", "first", "last"]).collect::<Vec<_>>()));
    }
    step.from.as_deref().and_then(by_name).map(|table| parsed(table.shown))
}

/// The table of that name.
pub(super) fn by_name(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// What `readOnly` tells of an access level.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Reads,
    Writes,
}

/// What access levels, in lower case, come to in these terms, and whether they are all of it. Nothing where they are some of
/// both.
pub(super) fn level(words: &[String]) -> Option<(Level, bool)> {
    const READS: [&str; 2] = ["list", "read"];
    const WRITES: [&str; 3] = ["write", "tagging", "permissions management"];
    let within = |known: &[&str]| words.iter().all(|word| known.contains(&word.as_str()));
    let all = |known: &[&str]| known.iter().all(|known| words.iter().any(|word| word == known));
    if within(&READS) {
        Some((Level::Reads, all(&READS)))
    } else if within(&WRITES) {
        Some((Level::Writes, all(&WRITES)))
    } else {
        None
    }
}

/// What to do where a field or a column cannot be asked for: the engine sees records, and these follow from more.
pub(super) fn instead(name: &str) -> &'static str {
    match name {
        "fixable_by" | "owner" | "advice" => {
            "take rows with policy_type identity and deny implicit; others are closed by somebody else"
        }
        "need" | "recurs" | "reasons" | "confidence" => {
            "look at count, days and sessions, and whether the same call succeeded later"
        }
        "gap" | "fingerprint" | "session" => "take the principal, the action and the resource instead of this name",
        "privilege"
        | "privileged"
        | "policy_document.allows"
        | "policy_document.opens_to"
        | "shared_with"
        | "ingress"
        | "policy_document.denies_owner"
        | "role_passed"
        | "severity"
        | "title"
        | "attack"
        | "rule_id"
        | "condition" => "read the requests of the rows, or run the runbook offline, where they are judged",
        "class" | "detection" => "the calls are those that such rules ask about, but nobody judged them",
        "resource" => "look into requestParameters",
        "eventTime" | "first" | "last" | "began" => "set the time range of the query",
        "outcome" => "look at errorCode",
        _ => "run the runbook offline for it",
    }
}
