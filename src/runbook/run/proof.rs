//! Tries a policy out before anybody sees it: what it is for has to be allowed inside its window, and denied just before
//! and from its end on, in the circumstances in which it was denied.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::aggregate::{Call, History, Usage};
use crate::iam::Document;
use crate::iam::evaluate::{Context, Decision, Known, Policies, Policy, Request, evaluate};
use crate::recommend::Gap;
use crate::recommend::jit::Elevation;
use crate::report::TemplateRow;

/// What trying out came to.
pub(super) struct Proof {
    /// Whether everything was as it has to be.
    pub(super) holds: bool,
    /// In words.
    pub(super) words: String,
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Tries out the policy of a template; nothing for forms that hold none, or not as JSON.
pub(super) fn prove(row: &TemplateRow, grant: &Elevation<'_>, history: &History) -> Option<Proof> {
    let document: Value = match row.target {
        "iam-policy" | "session-policy" => serde_json::from_str(&row.text).ok()?,
        "permission-set-cloudformation" => {
            row.body.pointer("/Resources/PermissionSet/Properties/InlinePolicy")?.clone()
        }
        _ => return None,
    };
    let fails = |words: String| Some(Proof { holds: false, words });
    let document = match Document::parse(&document.to_string()) {
        Ok(document) => document,
        Err(error) => return fails(format!("the policy cannot be read: {error}")),
    };
    let policy = Policy::new(row.target, &document);
    if let Some(problem) = policy.problems().first() {
        return fails(format!("the policy cannot be asked: {problem}"));
    }
    let policies = Policies { identity: vec![policy], ..Policies::default() };
    let (start, end) = (grant.window.not_before, grant.window.not_after);
    let times = [(start, true), (end - SECOND, true), (start - SECOND, false), (end, false), (end + SECOND, false)];
    let mut tried = 0_u64;
    for gap in &grant.gaps {
        let (Some(action), Some(resource)) = (gap.action, gap.resource) else { continue };
        let on = resource.in_policy();
        for (call, usage) in denied(gap, history) {
            for (time, is_allowed) in times {
                let facts = circumstances(gap, call, usage, time);
                let decision = evaluate(&policies, &Request { action, resource: &on, context: &facts });
                let is_right = match decision {
                    Decision::Allowed { .. } => is_allowed,
                    Decision::ImplicitlyDenied { .. } | Decision::ExplicitlyDenied { .. } => !is_allowed,
                    Decision::Unknown { .. } => false,
                };
                if !is_right {
                    let wanted = if is_allowed { "allowed" } else { "denied" };
                    return fails(format!("{action} on {on} has to be {wanted} at {time} and is not"));
                }
            }
            tried += 1;
        }
    }
    if tried == 0 {
        return fails("no denied call is left to try it with".to_owned());
    }
    let calls = if tried == 1 { "1 denied call".to_owned() } else { format!("{tried} kinds of denied call") };
    let words = format!("{calls}: allowed from {start} on, denied a second before, and denied again from {end} on");
    Some(Proof { holds: true, words })
}

/// The calls that were denied for a gap.
fn denied<'h>(gap: &Gap<'_>, history: &'h History) -> impl Iterator<Item = &'h (Call, Usage)> {
    history.calls.iter().filter(move |(call, _)| {
        let lacks = |one: &crate::classify::Use| {
            Some(&one.action) == gap.action && gap.resource.is_some_and(|resource| one.resources.contains(resource))
        };
        *call.principal == *gap.principal && call.is_denied() && call.needs.uses().iter().any(lacks)
    })
}

/// What is known of a request, by key in lower case; other keys are absent.
struct Facts(BTreeMap<&'static str, String>);

impl Context for Facts {
    fn get(&self, key: &str) -> Known<'_> {
        self.0.get(key).map_or(Known::Absent, |value| Known::value(Cow::Borrowed(value.as_str())))
    }
}

/// The circumstances of a denied call, at another time.
fn circumstances(gap: &Gap<'_>, call: &Call, usage: &Usage, time: Timestamp) -> Facts {
    let mut facts = BTreeMap::from([
        ("aws:currenttime", time.to_string()),
        ("aws:requestedregion", call.operation.region.to_string()),
    ]);
    match (usage.vpc_endpoints.iter().next(), usage.addresses.iter().next()) {
        (Some(endpoint), _) => _ = facts.insert("aws:sourcevpce", endpoint.to_string()),
        (None, Some(address)) => _ = facts.insert("aws:sourceip", address.to_string()),
        (None, None) => {}
    }
    if usage.mfa == (true, false, false) {
        facts.insert("aws:multifactorauthpresent", "true".to_owned());
    }
    if let Some(service) = gap.passed_to {
        facts.insert("iam:passedtoservice", service.to_owned());
    }
    Facts(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Archive, Source};
    use crate::recommend::jit::{self, Terms, Window, elevations};
    use crate::recommend::{Thresholds, gaps};
    use crate::report;
    use crate::scan::{ScanOptions, scan};

    #[test]
    fn a_policy_that_does_something_else_is_not_proved() {
        let team = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/orders-team");
        let archive = Archive { sources: vec![Source::Path(team.into())], ..Archive::default() };
        let history = scan(&archive, &ScanOptions::default(), &());
        let found = gaps(&history, &Thresholds::default());
        let not_before: Timestamp = "2026-02-28T23:30:00Z".parse().unwrap();
        let window = Window { not_before, not_after: not_before + SignedDuration::from_hours(1) };
        let grants = elevations(&history, &found, &Terms::from(window));
        let grant = grants.first().unwrap();
        let target = jit::by_name("iam-policy").unwrap();
        let rows = report::jit(&history, std::slice::from_ref(grant), &[target], not_before).templates.unwrap();
        let row = rows.first().unwrap();
        assert!(prove(row, grant, &history).unwrap().holds);
        for (from, to) in [
            ("2026-02-28T23:30:00Z", "2026-02-28T23:29:59Z"),
            ("2026-02-28T23:30:00Z", "2026-02-28T23:30:01Z"),
            ("2026-03-01T00:30:00Z", "2026-03-01T00:30:01Z"),
            ("\"Allow\"", "\"Deny\""),
            ("DateLessThan", "DateLessThanOrNot"),
            ("{", ""),
        ] {
            let other = TemplateRow { text: row.text.replacen(from, to, 1), ..row.clone() };
            assert_ne!(other.text, row.text, "{from}");
            assert!(!prove(&other, grant, &history).is_some_and(|proof| proof.holds), "{from} {to}");
        }
    }
}
