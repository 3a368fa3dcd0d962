//! Findings as rows: which are shown, in which order, and what a row says of each.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::build::{event, evidence, time};
use super::origins::origins;
use super::rows::*;
use super::sequences;
use crate::aggregate::{History, Usage};
use crate::classify::{Basis, Resource};
use crate::correlate::{Correlated, Step, correlate};
use crate::detect::{Finding, Severity};
use crate::iam::{Action, Principal};
use crate::recommend::digest;

/// Which findings are shown.
#[derive(Clone, Debug, Default)]
pub struct FindingView {
    /// Only those that matter so much, or more.
    pub severity: Option<Severity>,
    /// Only of these classes; empty means all.
    pub classes: Vec<String>,
    /// Only with one of these ATT&CK techniques; a technique stands for its parts too. Empty means all.
    pub attack: Vec<String>,
    /// Only by these detections; empty means all.
    pub detections: Vec<String>,
    /// Privileged calls of AWS's own services and roles too.
    pub services_too: bool,
}

/// What was found, in one call or in the order of several, with how often and in which circumstances.
#[derive(Clone, Debug)]
pub struct Found<'h> {
    /// What there is to tell.
    pub finding: &'h Finding,
    /// Who.
    pub principal: &'h Principal,
    /// `eventSource`; of a sequence that of its last call, as the three below.
    pub source: &'h str,
    /// `eventName`.
    pub name: &'h str,
    /// What it needed, where that is known.
    pub action: Option<&'h Action>,
    /// On what, where the log names it.
    pub resource: Option<&'h str>,
    /// How it ended.
    pub outcome: &'static str,
    /// How often, when, by whom.
    pub usage: Cow<'h, Usage>,
    /// Who is behind a chain of roles.
    pub origins: Vec<String>,
    /// The calls in their order, where it was found in that.
    pub steps: Vec<Step<'h>>,
    /// For how many kinds of call it stands; it tells of the first.
    pub kinds: usize,
}

/// Rows of all findings in order, or of the first so many, and of which severity the others are.
pub(super) fn worst(history: &History, most: Option<usize>) -> (Vec<FindingRow>, Vec<(&'static str, u64)>) {
    let several = correlate(history);
    let found = shown(history, &several, &FindingView::default());
    let (first, rest) = found.split_at(most.unwrap_or(usize::MAX).min(found.len()));
    let of = |severity: Severity| rest.iter().filter(|found| found.finding.severity == severity).count() as u64;
    let rest = Severity::ALL.into_iter().rev().map(|severity| (severity.as_str(), of(severity)));
    (first.iter().map(Found::row).collect(), rest.filter(|(_, count)| *count > 0).collect())
}

/// Worst first, then the most recent.
pub(super) fn shown<'h>(history: &'h History, several: &'h [Correlated<'h>], view: &FindingView) -> Vec<Found<'h>> {
    let all = in_calls(history).into_iter().chain(sequences::found(history, several));
    let mut found: Vec<_> = all.filter(|found| view.shows(found.finding)).collect();
    found.sort_by(|a, b| a.rank().cmp(&b.rank()));
    found
}

/// What was found in single calls. The same in several kinds of call of one principal is told once.
fn in_calls(history: &History) -> Vec<Found<'_>> {
    let mut all = BTreeMap::new();
    let mut of_callers: BTreeMap<_, Vec<Found<'_>>> = BTreeMap::new();
    for (call, more) in &history.calls {
        let used = call.needs.uses().first();
        for finding in &*call.findings {
            let found = Found {
                finding,
                principal: &call.principal,
                source: &call.operation.source,
                name: &call.operation.name,
                action: used.map(|used| &used.action),
                resource: used.and_then(|used| used.resources.first()).and_then(name_of),
                outcome: call.outcome.as_str(),
                usage: Cow::Borrowed(more),
                origins: Vec::new(),
                steps: Vec::new(),
                kinds: 1,
            };
            if finding.kind.is_about_caller {
                of_callers.entry((&finding.kind, &call.principal)).or_default().push(found);
                continue;
            }
            match all.entry(found.key()) {
                Entry::Vacant(entry) => drop(entry.insert(found)),
                Entry::Occupied(entry) => {
                    let known = entry.into_mut();
                    // Borrowed until there is something to add.
                    let mut usage = std::mem::take(&mut known.usage).without_times();
                    usage.merge(more.without_times());
                    known.usage = Cow::Owned(usage);
                }
            }
        }
    }
    let mut all: Vec<Found<'_>> = all.into_values().chain(of_callers.into_values().filter_map(as_one)).collect();
    for found in &mut all {
        found.origins = origins(&history.credentials, &found.usage);
    }
    all
}

/// The gravest and first of what was found of one caller, standing for all.
fn as_one(mut of_caller: Vec<Found<'_>>) -> Option<Found<'_>> {
    let order = |found: &Found<'_>| (Reverse(found.finding.severity), found.usage.first());
    of_caller.sort_by(|a, b| (order(a), a.key()).cmp(&(order(b), b.key())));
    let kinds: BTreeSet<_> = of_caller.iter().map(|found| (found.source, found.name)).collect();
    let kinds = kinds.len();
    let mut each = of_caller.into_iter();
    let first = each.next()?;
    let mut usage = first.usage.without_times();
    each.for_each(|found| usage.merge(found.usage.without_times()));
    Some(Found { usage: Cow::Owned(usage), kinds, resource: first.resource.filter(|_| kinds == 1), ..first })
}

/// The resource, where the log names it before the call.
fn name_of(resource: &Resource) -> Option<&str> {
    matches!(resource.basis, Basis::Record | Basis::Message | Basis::Partial).then_some(resource.arn.as_str())
}

impl<'h> Found<'h> {
    /// What is told apart.
    fn key(&self) -> impl Ord + use<'h> {
        (self.finding, self.principal, self.source, self.name, self.action, self.resource, self.outcome)
    }

    fn rank(&self) -> impl Ord + use<'h> {
        (Reverse(self.finding.severity), Reverse(self.usage.last()), self.key())
    }

    /// Follows from what was found and where, not from how grave it is or how often it was seen. Findings that
    /// differ in nothing else, such as one of a call that a service made for the principal, share it.
    fn fingerprint(&self) -> String {
        if self.finding.kind.is_about_caller {
            return digest(&[self.finding.kind.detection.clone(), self.principal.name.clone()], 8);
        }
        let parts = [
            self.finding.kind.detection.clone(),
            self.principal.name.clone(),
            self.source.to_owned(),
            self.name.to_owned(),
            self.action.map(ToString::to_string).unwrap_or_default(),
            self.resource.unwrap_or_default().to_owned(),
            self.outcome.to_owned(),
        ];
        digest(&parts, 8)
    }

    fn kinds_in_words(&self) -> Option<String> {
        (self.kinds > 1).then(|| format!("so were {} more kinds of call", self.kinds - 1))
    }

    pub(super) fn row(&self) -> FindingRow {
        let (finding, usage) = (self.finding, &*self.usage);
        let kind = &*finding.kind;
        FindingRow {
            detection: kind.detection.clone(),
            title: kind.title.clone(),
            severity: finding.severity.as_str(),
            class: kind.class.clone(),
            attack: kind.attack.clone(),
            rule_id: kind.id.clone(),
            author: kind.author.clone(),
            grants: Vec::new(),
            principal: self.principal.name.clone(),
            kind: self.principal.kind.as_str(),
            event_source: self.source.to_owned(),
            event_name: self.name.to_owned(),
            kinds_of_call: self.kinds,
            action: self.action.map(ToString::to_string),
            resource: self.resource.map(str::to_owned),
            outcome: self.outcome,
            condition: if finding.condition_unknown { "unknown" } else { "met" },
            reasons: finding.reasons.iter().map(ToString::to_string).chain(self.kinds_in_words()).collect(),
            why: kind.why.clone(),
            next: kind.next.clone(),
            false_positives: kind.false_positives.clone(),
            references: kind.references.clone(),
            count: usage.count,
            days: usage.days.len(),
            sessions: usage.sessions.len(),
            first: time(usage.first()),
            last: time(usage.last()),
            people: usage.people.iter().map(|name| name.to_string()).collect(),
            origins: self.origins.clone(),
            addresses: usage.addresses.iter().map(ToString::to_string).collect(),
            steps: self.steps.iter().map(step_row).collect(),
            fingerprint: self.fingerprint(),
            evidence: evidence(&usage.evidence),
        }
    }
}

fn step_row(step: &Step<'_>) -> StepRow {
    StepRow {
        time: step.event.time.to_string(),
        event_source: step.source.to_owned(),
        event_name: step.name.to_owned(),
        resource: step.resource.map(str::to_owned),
        by: step.by.map(str::to_owned),
        evidence: event(step.event),
    }
}

impl FindingView {
    /// Whether it leaves anything out.
    pub(super) fn is_narrow(&self) -> bool {
        let lists = [&self.classes, &self.attack, &self.detections];
        self.severity.is_some() || lists.iter().any(|list| !list.is_empty())
    }

    fn shows(&self, finding: &Finding) -> bool {
        let kind = &*finding.kind;
        let any = |wanted: &[String], fits: &dyn Fn(&String) -> bool| wanted.is_empty() || wanted.iter().any(fits);
        self.severity.is_none_or(|least| finding.severity >= least)
            && any(&self.classes, &|class| kind.class.as_ref() == Some(class))
            && any(&self.attack, &|wanted| kind.attack.iter().any(|id| is_part_of(id, wanted)))
            && any(&self.detections, &|name| kind.detection.eq_ignore_ascii_case(name))
    }
}

/// Whether a technique is another, or a part of it: `T1098.003` is a part of `T1098`.
fn is_part_of(id: &str, technique: &str) -> bool {
    id.strip_prefix(technique).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aggregate::{EventRef, RecordedId};
    use crate::detect::Kind;
    use crate::iam::PrincipalKind;
    use crate::intern::Interned;

    fn finding(severity: Severity) -> Finding {
        let text = |text: &str| text.to_owned();
        let kind = Kind {
            detection: text("attach-admin-policy"),
            title: text("Administrator policy attached"),
            id: Some(text("0c1d2e3f-4a5b-4c6d-8e7f-001122334455")),
            author: None,
            class: Some(text("permissions-management")),
            attack: vec![text("T1098.003")],
            why: text("It gives everything."),
            next: vec![text("Detach it.")],
            false_positives: vec![text("A new account")],
            references: Vec::new(),
            is_sequence: false,
            is_about_caller: false,
        };
        Finding { severity, kind: Interned::new(kind), reasons: vec!["why".into()], condition_unknown: false }
    }

    fn found<'h>(finding: &'h Finding, principal: &'h Principal) -> Found<'h> {
        Found {
            finding,
            principal,
            source: "iam.amazonaws.com",
            name: "AttachUserPolicy",
            action: None,
            resource: Some("arn:aws:iam::111122223333:user/dave"),
            outcome: "succeeded",
            usage: Cow::Owned(Usage { count: 1, ..Usage::default() }),
            origins: Vec::new(),
            steps: Vec::new(),
            kinds: 1,
        }
    }

    fn dave() -> Principal {
        let name = "arn:aws:iam::111122223333:user/dave".to_owned();
        Principal { kind: PrincipalKind::User, account: Some("111122223333".to_owned()), name }
    }

    #[test]
    fn a_view_shows_what_fits_all_it_asks_for() {
        #[track_caller]
        fn check(view: FindingView, expected: bool) {
            assert_eq!(view.shows(&finding(Severity::High)), expected, "{view:?}");
            assert!(view.is_narrow());
        }
        let all = FindingView::default;
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(all().shows(&finding(Severity::Info)) && !all().is_narrow());
        check(FindingView { severity: Some(Severity::High), ..all() }, true);
        check(FindingView { severity: Some(Severity::Critical), ..all() }, false);
        check(FindingView { classes: list(&["destruction", "permissions-management"]), ..all() }, true);
        check(FindingView { classes: list(&["destruction"]), ..all() }, false);
        check(FindingView { attack: list(&["T1098"]), ..all() }, true);
        check(FindingView { attack: list(&["T1098.003"]), ..all() }, true);
        check(FindingView { attack: list(&["T1098.001", "T1485"]), ..all() }, false);
        check(FindingView { detections: list(&["Attach-Admin-Policy"]), ..all() }, true);
        check(FindingView { detections: list(&["attach"]), ..all() }, false);
        check(FindingView { attack: list(&["T1098"]), classes: list(&["destruction"]), ..all() }, false);
    }

    #[test]
    fn a_fingerprint_follows_from_what_was_found_not_from_how_often() {
        let (principal, high, low) = (dave(), finding(Severity::High), finding(Severity::Low));
        let print = |change: &dyn Fn(&mut Found<'_>)| {
            let mut found = found(&high, &principal);
            change(&mut found);
            found.fingerprint()
        };
        let usual = print(&|_| {});
        assert!(usual.len() == 16 && usual.bytes().all(|byte| byte.is_ascii_hexdigit()), "{usual}");
        assert_eq!(print(&|found| found.usage.to_mut().count = 9), usual);
        assert_eq!(found(&low, &principal).fingerprint(), usual);
        assert_ne!(print(&|found| found.outcome = "denied"), usual);
        assert_ne!(print(&|found| found.resource = None), usual);
        assert_ne!(print(&|found| found.name = "AttachRolePolicy"), usual);
    }

    #[test]
    fn what_was_found_in_the_order_of_calls_has_its_steps() {
        let (principal, high) = (dave(), finding(Severity::High));
        let time = "2026-02-03T04:05:06Z".parse().unwrap();
        let place = EventRef { time, event_id: RecordedId::Text("e-1".into()), file: Arc::from("f.json"), record: 7 };
        let step = Step {
            event: &place,
            source: "iam.amazonaws.com",
            name: "CreateUser",
            resource: None,
            by: None,
            outcome: "succeeded",
        };
        let row = Found { steps: vec![step], ..found(&high, &principal) }.row();
        let [step] = row.steps.as_slice() else { panic!("{row:?}") };
        assert_eq!((step.time.as_str(), step.event_name.as_str()), ("2026-02-03T04:05:06Z", "CreateUser"));
        assert_eq!((step.evidence.file.as_str(), step.evidence.record), ("f.json", 7));
        assert_eq!((row.condition, row.why.as_str()), ("met", "It gives everything."));
    }
}
