//! What single calls say, with the grants they stand beside.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Made, Rule, lasting, rules};
use crate::aggregate::{Call, CallOutcome, Usage};
use crate::detect::Severity;
use crate::iam::Principal;
use crate::ledger::Grant;
use crate::watch::{Phase, Scope, Stand, Watch};

/// Something to tell.
#[derive(Debug)]
pub struct Found<'h> {
    /// What.
    pub rule: &'static Rule,
    /// How much it matters.
    pub severity: Severity,
    /// The grants it is about, by their numbers in the ledger.
    pub grants: Vec<u32>,
    /// Whose calls they are; where there is none, what the grant gives.
    pub principal: Cow<'h, str>,
    /// The same as a word.
    pub kind: &'static str,
    /// By which names somebody is known.
    pub names: Vec<String>,
    /// The calls, the first one first.
    pub calls: Vec<(&'h Call, &'h Usage)>,
    /// What made it so.
    pub reasons: Vec<String>,
}

impl Found<'_> {
    /// Worst first, then the most recent. What is alike in that stays in the order it was found in, which is always the
    /// same.
    pub(super) fn rank(&self) -> impl Ord + Send + use<> {
        let last = self.calls.iter().filter_map(|(_, usage)| usage.last()).max();
        (Reverse(self.severity), Reverse(last), self.rule)
    }
}

/// What is told together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'h> {
    rule: &'static Rule,
    severity: Severity,
    grants: &'h [u32],
    principal: &'h Principal,
    names: &'h [String],
    /// What is told by itself.
    event: Option<&'h str>,
}

/// Findings in calls, each about one grant, or those that held at once, and one person.
pub(super) fn calls<'h>(made: &[Made<'h>], watch: &Watch) -> Vec<Found<'h>> {
    let mut together: BTreeMap<Key<'h>, Vec<Made<'h>>> = BTreeMap::new();
    for one in made {
        let (call, _, stand) = *one;
        let who = stand.origin.as_ref().map_or(&stand.sitting, |followed| &followed.origin);
        each(call, stand, watch, |rule, severity, event| {
            // What sessions were called tells who it was where the grant says so; else there may be one for each call.
            let is_told = who.is_named || grants_of(&stand.grants, watch).any(|grant| grant.person.is_some());
            let (principal, names) = (&*call.principal, if is_told { who.names.as_slice() } else { &[] });
            let key = Key { rule, severity, grants: &stand.grants, principal, names, event };
            together.entry(key).or_default().push(*one);
        });
    }
    together.into_iter().map(|(key, made)| found(key, made, watch)).collect()
}

/// What a call says by itself: a rule, how much it matters, and its name where it is told alone.
fn each<'h>(
    call: &'h Call,
    stand: &Stand,
    watch: &Watch,
    mut tell: impl FnMut(&'static Rule, Severity, Option<&'h str>),
) {
    let is_denied = matches!(*call.outcome, CallOutcome::Denied(_));
    // What was tried and refused did no harm.
    let of = |rule: &'static Rule| if is_denied { rule.severity.lower() } else { rule.severity };
    let by_phase = match stand.phase {
        Phase::Within => None,
        Phase::Before => Some(&rules::BEFORE),
        Phase::Tail => Some(&rules::TAIL),
        Phase::Overrun => Some(&rules::OVERRUN),
        Phase::After => Some(&rules::AFTER),
        Phase::OtherPerson => Some(&rules::OTHER_PERSON),
        Phase::Ungranted => Some(&rules::UNGRANTED),
    };
    let of_terms = Some(&rules::CONDITION).filter(|_| !stand.broken.is_none());
    by_phase.into_iter().chain(of_terms).for_each(|rule| tell(rule, of(rule), None));
    let is_used = matches!(stand.phase, Phase::Within | Phase::Tail | Phase::Overrun);
    if is_used && grants_of(&stand.grants, watch).any(|grant| grant.break_glass) {
        // Also where it was refused.
        tell(&rules::BREAK_GLASS, rules::BREAK_GLASS.severity, None);
    }
    let is_outside = matches!(stand.scope, Scope::ActionOutside | Scope::ResourceOutside) && is_used;
    if is_outside {
        tell(&rules::SCOPE, if is_denied { Severity::Info } else { rules::SCOPE.severity }, None);
    }
    if stand.origin.is_some() {
        let leaves_scope = is_outside || call.needs.is_privileged();
        tell(&rules::CHAINED, if leaves_scope && !is_denied { Severity::Medium } else { Severity::Info }, None);
    }
    if call.needs.is_privileged() && is_used {
        tell(&rules::PRIVILEGED, rules::PRIVILEGED.severity, None);
    }
    if let Some((_, left)) = lasting::of(call) {
        let name = Some(&*call.operation.name);
        match lasting::is_for_caller(call, stand) {
            true => tell(&rules::SELF_EXTENSION, rules::SELF_EXTENSION.severity, name),
            false => tell(&rules::PERSISTENCE, left.severity, name),
        }
    }
}

fn grants_of<'w>(numbers: &'w [u32], watch: &'w Watch) -> impl Iterator<Item = &'w Grant> {
    numbers.iter().filter_map(|number| watch.grants().get(*number as usize))
}

fn found<'h>(key: Key<'h>, mut made: Vec<Made<'h>>, watch: &Watch) -> Found<'h> {
    made.sort_by_key(|(_, usage, _)| usage.first());
    let mut reasons = Vec::new();
    let grants: Vec<&Grant> = grants_of(key.grants, watch).collect();
    reasons.extend(grants.first().and_then(|grant| window(key.rule, grant)));
    if *key.rule == rules::CONDITION {
        reasons.extend(terms(&made));
    }
    if let Some((action, left)) = made.first().and_then(|(call, ..)| lasting::of(call)).filter(|_| key.event.is_some())
    {
        reasons.push(format!("{action} leaves {}", left.what));
    }
    reasons.push(listed(&made));
    Found {
        rule: key.rule,
        severity: key.severity,
        grants: key.grants.to_vec(),
        principal: Cow::Borrowed(&key.principal.name),
        kind: key.principal.kind.as_str(),
        names: key.names.to_vec(),
        calls: made.into_iter().map(|(call, usage, _)| (call, usage)).collect(),
        reasons,
    }
}

/// What the grant's window has to do with it.
fn window(rule: &'static Rule, grant: &Grant) -> Option<String> {
    let Grant { id, not_before, .. } = grant;
    let ends = grant.ends();
    let how = if grant.revoked_at.is_some_and(|revoked| revoked < grant.not_after) { "was revoked" } else { "ended" };
    Some(match rule.name {
        "used-before-grant" => format!("{id} begins at {not_before}"),
        "used-after-grant" => format!("{id} {how} at {ends}"),
        "session-tail" => format!("{id} {how} at {ends}; sessions may live for {} s", grant.session_max.as_secs()),
        "session-overrun" => {
            format!("{id} {how} at {ends}, and its sessions live for {} s", grant.session_max.as_secs())
        }
        "used-by-another-person" => {
            format!("{id} held then, for {}", grant.person.as_deref().unwrap_or("somebody else"))
        }
        _ => return None,
    })
}

/// Which terms were not kept, and by what.
fn terms(made: &[Made<'_>]) -> Vec<String> {
    let mut said = Vec::new();
    let with = |is: fn(&Stand) -> bool| made.iter().filter(move |(_, _, stand)| is(stand));
    let mut addresses: Vec<String> = with(|stand| stand.broken.network)
        .flat_map(|(_, usage, _)| usage.addresses.iter().map(ToString::to_string))
        .collect();
    addresses.extend(
        with(|stand| stand.broken.network)
            .flat_map(|(_, usage, _)| usage.vpc_endpoints.iter().map(ToString::to_string)),
    );
    let mut regions: Vec<String> =
        with(|stand| stand.broken.region).map(|(call, ..)| call.operation.region.to_string()).collect();
    for (values, what) in [(&mut addresses, "from outside of the networks"), (&mut regions, "in other regions")] {
        values.sort_unstable();
        values.dedup();
        if !values.is_empty() {
            said.push(format!("{what}: {}", few(values)));
        }
    }
    if with(|stand| stand.broken.mfa).next().is_some() {
        said.push("without MFA".to_owned());
    }
    said
}

/// Things that are told by name; of more, how many.
const NAMED: usize = 6;

/// A few of them.
pub(super) fn few(values: &[String]) -> String {
    let named = values.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match values.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// The calls in words, most frequent first.
fn listed(made: &[Made<'_>]) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (call, usage, _) in made {
        let what = match call.needs.uses().first() {
            Some(used) => used.action.to_string(),
            None => call.operation.name.to_string(),
        };
        let how = match &*call.outcome {
            CallOutcome::Succeeded => String::new(),
            other => format!(" ({})", other.as_str()),
        };
        *counts.entry(what + &how).or_default() += usage.count;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|(a, one), (b, other)| (other, a).cmp(&(one, b)));
    few(&counts
        .into_iter()
        .map(|(what, count)| if count == 1 { what } else { format!("{what} ×{count}") })
        .collect::<Vec<_>>())
}

/// A finding about a grant of which no call tells.
pub(super) fn of_grant(rule: &'static Rule, number: u32, grant: &Grant, reasons: Vec<String>) -> Found<'static> {
    Found {
        rule,
        severity: rule.severity,
        grants: vec![number],
        principal: Cow::Owned(grant.subject.name().to_owned()),
        kind: grant.subject.kind(),
        names: grant.person.iter().cloned().collect(),
        calls: Vec::new(),
        reasons,
    }
}
