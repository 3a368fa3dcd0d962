//! Many calls of one sort within an hour.

use std::collections::{BTreeMap, BTreeSet};

use super::story::{Actions, Traced};
use super::{Correlation, Found, HOUR, Says, Step, Story};
use crate::aggregate::{EventRef, Usage};
use crate::classify::{Basis, privileges_of};
use crate::detect::Severity;

/// A principal tried many privileged things that it may not do.
pub(super) struct DeniedProbes;

const CLASSES: usize = 3;
const ACTIONS: usize = 10;

impl Correlation for DeniedProbes {
    fn says(&self) -> Says {
        Says {
            detection: "many-denied-probes",
            title: "Many different privileged calls denied within an hour",
            class: "reconnaissance",
            attack: &["T1580", "T1526"],
            why: "Work is denied one thing again and again; somebody who finds out what a credential can do is denied \
                  many things once.",
            next: &[
                "Look for calls that succeeded in the same hour and after it.",
                "Ask whose credential it is and whether it was used from its usual addresses.",
            ],
            false_positives: &["A security scanner, a new deployment that lacks its permissions"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let denied = actions.traced.iter().filter(|one| one.call.is_denied());
            let tried: Vec<Moment<'h, (String, Vec<&'static str>)>> = denied
                .flat_map(|one| {
                    one.call.needs.uses().iter().flat_map(move |used| {
                        let classes: Vec<_> = privileges_of(&used.action).iter().map(|class| class.as_str()).collect();
                        let action = used.action.to_string();
                        let is_privileged = !classes.is_empty();
                        one.trace.moments().filter(move |_| is_privileged).map(move |event| Moment {
                            event,
                            of: *one,
                            what: (action.clone(), classes.clone()),
                        })
                    })
                })
                .collect();
            let enough = |window: &BTreeMap<(String, Vec<&str>), usize>| {
                let classes: BTreeSet<_> = window.keys().flat_map(|(_, classes)| classes).collect();
                let actions: BTreeSet<_> = window.keys().map(|(action, _)| action).collect();
                (actions.len() >= CLASSES && classes.len() >= CLASSES) || actions.len() >= ACTIONS
            };
            found.extend(burst(actions, tried, enough).map(|mut one| {
                one.reasons
                    .push(format!("{} different privileged calls denied within an hour", one.steps.len()).into());
                Found { severity: Severity::Medium, ..one }
            }));
        }
    }
}

/// Many secrets were read at once.
pub(super) struct SecretsRead;

/// Different things within an hour that are many.
const MANY: usize = 10;
/// Other days of reading as many after which that is the work of a principal.
const HABIT: usize = 2;

/// Days, each by its number since 1970, on which many different things were read.
fn full_days(calls: &[&Traced<'_>]) -> Vec<i64> {
    let mut days: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for one in calls {
        let things: Vec<_> = one.resources().map(thing).collect();
        for event in one.trace.moments() {
            days.entry(event.time.as_second().div_euclid(24 * 3600)).or_default().extend(&things);
        }
    }
    days.retain(|_, things| things.len() >= MANY);
    days.into_keys().collect()
}

impl Correlation for SecretsRead {
    fn says(&self) -> Says {
        Says {
            detection: "many-secrets-read",
            title: "Many different secrets read within an hour",
            class: "credential-access",
            attack: &["T1555.006"],
            why: "A program reads the secrets that it needs; somebody who collects them reads all there are.",
            next: &[
                "Find out whether the principal ever read so many before.",
                "Take the secrets as known to others and rotate them.",
                "Look for uses of what they open.",
            ],
            false_positives: &["A deployment that reads the whole configuration, an inventory of secrets"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        const READS: &[&str] =
            &["BatchGetSecretValue", "GetSecretValue", "GetParameter", "GetParameters", "GetParametersByPath"];
        for actions in &story.principals {
            let reads = actions.traced.iter().filter(|one| {
                one.is_done()
                    && one.finds("credential-access").is_some()
                    && (one.is("secretsmanager", READS) || one.is("ssm", READS))
            });
            let reads: Vec<_> = reads.collect();
            let Some(mut one) = many_things(actions, reads.iter().copied(), "secrets read") else { continue };
            one.severity = Severity::High;
            let others = full_days(&reads).len().saturating_sub(1);
            if others >= HABIT {
                one.severity = Severity::Medium;
                one.reasons.push(format!("it reads as many on {others} other days").into());
            }
            found.push(one);
        }
    }
}

/// Many things were destroyed at once.
pub(super) struct MassDestruction;

impl Correlation for MassDestruction {
    fn says(&self) -> Says {
        Says {
            detection: "mass-destruction",
            title: "Many different resources destroyed within an hour",
            class: "destruction",
            attack: &["T1485"],
            why: "What is deleted in one go, by one principal, is a clean-up or an end: data, backups and keys that \
                  are gone stay gone.",
            next: &[
                "Stop the principal first; find out afterwards.",
                "See what can be restored: snapshots, versions, keys that wait for their deletion.",
            ],
            false_positives: &["A test environment that is taken down, a clean-up job"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let ends = actions.traced.iter().filter(|one| one.is_done() && one.finds("destruction").is_some());
            found.extend(
                many_things(actions, ends, "resources destroyed").map(|one| Found { severity: Severity::High, ..one }),
            );
        }
    }
}

/// One time that something was done.
#[derive(Clone)]
struct Moment<'h, W> {
    event: &'h EventRef,
    of: Traced<'h>,
    what: W,
}

/// Ten or more different resources within an hour.
fn many_things<'s, 'h: 's>(
    actions: &Actions<'h>,
    calls: impl Iterator<Item = &'s Traced<'h>>,
    what: &str,
) -> Option<Found<'h>> {
    let (mut known, mut maybe) = (Vec::new(), Vec::new());
    let mut is_uncertain = false;
    for one in calls {
        let resources = one.call.needs.uses().iter().flat_map(|used| &used.resources);
        for resource in resources {
            match resource.basis {
                Basis::Record | Basis::Message | Basis::Partial | Basis::Created => {
                    let thing = thing(&resource.arn);
                    known.extend(one.trace.moments().map(|event| Moment { event, of: *one, what: (thing, 0) }));
                }
                // More than are told apart: each call may have been about another one.
                Basis::Prefix => {
                    for stretch in one.trace.stretches() {
                        is_uncertain |= stretch.count() > 1;
                        let each = (0..stretch.count()).map(|nth| Moment {
                            event: if nth == 0 { &stretch.first } else { &stretch.last },
                            of: *one,
                            what: (resource.arn.as_str(), nth),
                        });
                        maybe.extend(each);
                    }
                }
                Basis::TakesNone | Basis::Pattern | Basis::Unknown => {}
            }
        }
    }
    let enough = |window: &BTreeMap<(&str, usize), usize>| window.len() >= MANY;
    let (found, is_uncertain) = match burst(actions, known.clone(), enough) {
        Some(found) => (found, false),
        None => {
            known.extend(maybe);
            (burst(actions, known, enough)?, is_uncertain)
        }
    };
    let reason = format!("at least {MANY} {what} within an hour");
    Some(Found { reasons: vec![reason.into()], is_uncertain, ..found })
}

/// What is counted as one: a secret is named with and without the six characters that its ARN ends with.
fn thing(arn: &str) -> &str {
    let end = arn.len().checked_sub("-??????".len()).filter(|_| arn.contains(":secretsmanager:"));
    match end.and_then(|end| arn.split_at_checked(end)) {
        Some((name, suffix)) if suffix.starts_with('-') => name,
        _ => arn,
    }
}

/// The first hour in which enough different things were done.
fn burst<'h, W: Ord + Clone>(
    actions: &Actions<'h>,
    mut moments: Vec<Moment<'h, W>>,
    is_enough: impl Fn(&BTreeMap<W, usize>) -> bool,
) -> Option<Found<'h>> {
    moments.sort_by(|a, b| (a.event, &a.what).cmp(&(b.event, &b.what)));
    let (mut start, mut window) = (0, BTreeMap::new());
    for (at, moment) in moments.iter().enumerate() {
        *window.entry(moment.what.clone()).or_insert(0) += 1;
        while let Some(first) =
            moments.get(start).filter(|first| moment.event.time.duration_since(first.event.time) > HOUR)
        {
            if let Some(count) = window.get_mut(&first.what) {
                *count -= 1;
                if *count == 0 {
                    window.remove(&first.what);
                }
            }
            start += 1;
        }
        if is_enough(&window) {
            return Some(told(actions, moments.get(start..=at)?));
        }
    }
    None
}

/// Each different thing once, at its first time.
fn told<'h, W: Ord>(actions: &Actions<'h>, moments: &[Moment<'h, W>]) -> Found<'h> {
    let mut seen = BTreeSet::new();
    let firsts: Vec<_> = moments.iter().filter(|moment| seen.insert(&moment.what)).collect();
    let mut usages: Vec<&Usage> = Vec::new();
    for moment in &firsts {
        if !usages.iter().any(|usage| std::ptr::eq::<Usage>(*usage, moment.of.usage)) {
            usages.push(moment.of.usage);
        }
    }
    Found {
        principal: actions.principal,
        severity: Severity::Medium,
        resource: None,
        reasons: Vec::new(),
        is_uncertain: false,
        steps: firsts.iter().map(|moment| Step::of(moment.of.call, moment.event)).collect(),
        usages,
    }
}
