//! The page that an approver reads: what is asked for, on what evidence, what it opens, and what happens afterwards.

mod evidence;
mod reach;

use std::collections::BTreeSet;

use super::{Body, Card, Elevation, Part, Target, Template, quoted};
use crate::catalog;
use crate::iam::{PrincipalKind, has_wildcard};

/// A page for whoever approves.
pub(super) struct Request;

/// Lines of a list; whoever wants to see more asks `denied`.
const MOST: usize = 20;

impl Target for Request {
    fn name(&self) -> &'static str {
        "request"
    }

    fn about(&self) -> &'static str {
        "a page in Markdown for whoever approves"
    }

    fn ending(&self) -> &'static str {
        ".md"
    }

    fn write(&self, grant: &Elevation<'_>, _stem: &str) -> Result<Template, String> {
        let part = |heading, lines| Part { heading, lines, commands: Vec::new() };
        let parts = vec![
            part("Who", who(grant)),
            part("What", reach::what(grant)),
            part("Where", location(grant)),
            part("When", when(grant)),
            part("Why", why(grant)),
            part("Evidence", evidence::events(grant)),
            part("What is new", evidence::difference(grant)),
            part("How far it reaches", reach::reach(grant)),
            part("Conditions", conditions(grant)),
            part("What it does not fix", evidence::others(grant)),
            part("How it ends", end(grant)),
            part("Approval", approval(grant)),
            afterwards(grant),
        ];
        let title = format!("Elevation of {}", grant.principal.short_name());
        Ok(Template { body: Body::Card(Card { title, parts }), notes: Vec::new(), commands: Vec::new() })
    }
}

/// The first lines of a list, and how many there are besides.
fn first_of(lines: Vec<String>, rest_in: &str) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST);
    let mut shown: Vec<String> = lines.into_iter().take(MOST).collect();
    if more > 0 {
        shown.push(format!("and {more} more: {rest_in}"));
    }
    shown
}

fn who(grant: &Elevation<'_>) -> Vec<String> {
    let kind = match grant.principal.kind {
        PrincipalKind::PermissionSet => "permission set",
        kind => kind.as_str(),
    };
    let mut lines = vec![format!("{kind} {}", grant.principal.name)];
    let people = grant.people();
    let by_workload = grant.gaps.iter().any(|gap| gap.usage.by_workload);
    lines.push(match (grant.person(), people.is_empty()) {
        (Some(person), _) => format!("person: {person}"),
        (None, false) => format!("people: {}", people.into_iter().collect::<Vec<_>>().join(", ")),
        (None, true) if by_workload => "a program, no person: it may need this for good".to_owned(),
        (None, true) => "person: the log does not tell; whoever asks has to".to_owned(),
    });
    lines
}

fn location(grant: &Elevation<'_>) -> Vec<String> {
    let regions: BTreeSet<&str> = grant
        .calls
        .iter()
        .filter(|(call, _)| grant.uses(call))
        .map(|(call, _)| &*call.operation.region)
        .filter(|region| !region.is_empty())
        .collect();
    let regions: Vec<_> = regions.into_iter().collect();
    let arns = grant.permissions.iter().map(|permission| permission.resource.arn.split(':').nth(4).unwrap_or_default());
    let others: BTreeSet<&str> = arns.filter(|id| !id.is_empty() && Some(*id) != grant.account()).collect();
    let others: Vec<_> = others.into_iter().filter(|id| !has_wildcard(id)).collect();
    let mut lines = vec![format!("account {}", grant.account().unwrap_or("not known: the log does not tell"))];
    if !others.is_empty() {
        lines.push(format!("resources of other accounts: {}; their owners have to allow it too", others.join(", ")));
    }
    lines.push(format!(
        "regions of the calls: {}",
        if regions.is_empty() { "-".to_owned() } else { regions.join(", ") }
    ));
    lines
}

fn when(grant: &Elevation<'_>) -> Vec<String> {
    let window = &grant.window;
    vec![
        format!("from {} (UTC)", window.not_before),
        format!("until {} (UTC)", window.not_after),
        format!("for {:#}", window.length()),
    ]
}

fn why(grant: &Elevation<'_>) -> Vec<String> {
    let ticket = match &grant.ticket {
        Some(ticket) => format!("ticket: {ticket}"),
        None => "ticket: missing; give one with --ticket".to_owned(),
    };
    [ticket].into_iter().chain(grant.reasons.iter().cloned()).collect()
}

fn conditions(grant: &Elevation<'_>) -> Vec<String> {
    let mut lines = vec![
        "the time, by aws:CurrentTime, at every request; it does not block anybody who can use the principal meanwhile"
            .to_owned(),
    ];
    for one in &grant.reviewed {
        let services = one.services.iter().cloned().collect::<Vec<_>>().join(", ");
        let (kind, values, why) = (one.kind.as_str(), one.values.join(", "), &one.why);
        let numbers =
            format!("{} of {} calls carry it, {} would have been blocked", one.covered, one.events, one.blocked);
        lines.push(match one.set {
            Some((operator, key)) => format!(
                "{kind} for {services}: {operator} {key} {values} ({why}; {numbers}); {}",
                evidence::not_blocked(one.kind)
            ),
            None => {
                format!("no {kind} for {services}: {why} ({numbers})")
            }
        });
    }
    lines
}

fn end(grant: &Elevation<'_>) -> Vec<String> {
    let end = grant.window.not_after;
    let detach = match grant.principal.kind {
        PrincipalKind::PermissionSet => "the assignment and the permission set are to be deleted then",
        _ => "the policy is to be detached then",
    };
    vec![
        format!("the policy allows nothing from {end} on, in the middle of a session too; {detach}"),
        "sessions themselves live on to their own end, with what they had before".to_owned(),
        "to take it back earlier, detach it; --target revoke writes what ends sessions".to_owned(),
        "what was done meanwhile stays: made keys, roles, policies and copies outlive the grant".to_owned(),
    ]
}

fn approval(grant: &Elevation<'_>) -> Vec<String> {
    let mut lines = vec![match (grant.is_privileged(), &grant.ticket) {
        (true, Some(_)) => "two approvers, as privileged actions are among it".to_owned(),
        (true, None) => {
            "two approvers and a ticket, as privileged actions are among it; the ticket is missing".to_owned()
        }
        (false, _) => "one approver".to_owned(),
    }];
    lines.push("nobody approves what they asked for".to_owned());
    let signed = "approved by (name, time):".to_owned();
    lines.extend(std::iter::repeat_n(signed, if grant.is_privileged() { 2 } else { 1 }));
    lines
}

fn afterwards(grant: &Elevation<'_>) -> Part {
    let window = &grant.window;
    let principal = quoted(&grant.principal.name);
    let of = format!("--principal {principal} --from {} --to {}", window.not_before, window.not_after);
    Part {
        heading: "Afterwards",
        lines: vec![
            "put the grant into the ledger, and run these over an archive that reaches beyond the end; GRANT is its id there".to_owned(),
            "CloudTrail delivers up to 15 minutes late, at times later".to_owned(),
        ],
        commands: vec![
            // All of the archive, as chained sessions belong to others, and some of it may have come before.
            "trailwright audit LOGS --grants LEDGER --grant GRANT".to_owned(),
            format!("trailwright privileged LOGS {of} --explain"),
            format!("trailwright denied LOGS {of}"),
        ],
    }
}

impl Elevation<'_> {
    /// Whether a call asked for any of the actions.
    fn uses(&self, call: &crate::aggregate::Call) -> bool {
        let is_one = |action| self.permissions.iter().any(|permission| permission.action == action);
        call.needs.uses().iter().any(|used| is_one(&used.action))
    }
}

/// AWS's level of an action in plain words.
fn level_of(action: &crate::iam::Action) -> String {
    let facts = catalog::action(action.service_prefix(), action.name());
    facts.map_or_else(|| "level not known".to_owned(), |facts| facts.level.to_string())
}
