use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::SignedDuration;

use super::story::Traced;
use super::{Correlation, Found, HOUR, Says, Step, Story};
use crate::aggregate::{CallOutcome, Sighted};
use crate::detect::Severity;
use crate::event::Failure;

/// A password was set for another user, who then signed in.
pub(super) struct NewPasswordUsed;

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Correlation for NewPasswordUsed {
    fn says(&self) -> Says {
        Says {
            detection: "new-password-used",
            title: "Console password set for a user, who then signed in",
            class: "credential-access",
            attack: &["T1098", "T1078.004"],
            why: "Whoever sets a password for another user knows it, and can sign in as that user.",
            next: &[
                "Ask the user whether they asked for the password and signed in themselves.",
                "Compare the address of the sign-in with the usual ones of both.",
            ],
            false_positives: &["A help desk that resets passwords on request"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            for set in actions.done("iam", &["CreateLoginProfile", "UpdateLoginProfile"]) {
                let Some(user) = set.about().filter(|user| *user != actions.principal.name) else { continue };
                let Some(theirs) = story.principal(user) else { continue };
                for login in theirs.done("signin", &["ConsoleLogin"]) {
                    if let Some(pair) = set.followed_by(&login, DAY) {
                        let mut one = pair.found(Severity::High, &set, &login);
                        if let Some(step) = one.steps.last_mut() {
                            step.by = Some(user);
                        }
                        found.push(one);
                    }
                }
            }
        }
    }
}

/// Wrong passwords, again and again.
pub(super) struct PasswordGuessing;

/// Failures within an hour that are worth telling.
const FAILURES: usize = 5;

impl Correlation for PasswordGuessing {
    fn says(&self) -> Says {
        Says {
            detection: "password-guessing",
            title: "Sign-in to the console failed again and again",
            class: "credential-access",
            attack: &["T1110"],
            why: "Failures in a row are somebody guessing; a success from the same place right after them is \
                  somebody who guessed right.",
            next: &[
                "Look for a successful sign-in from the same address.",
                "Ask the user, and make sure that MFA is on.",
            ],
            false_positives: &["Somebody who forgot a password, a password manager with an old one"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        let mut by_address: BTreeMap<IpAddr, Vec<Traced<'h>>> = BTreeMap::new();
        let mut succeeded: Vec<Traced<'h>> = Vec::new();
        for actions in &story.principals {
            let logins = actions.traced.iter().filter(|one| one.is("signin", &["ConsoleLogin"]));
            let (done, others): (Vec<_>, Vec<_>) = logins.partition(|one| one.is_done());
            succeeded.extend(done);
            let failures = others
                .into_iter()
                .filter(|one: &&Traced<'h>| matches!(*one.call.outcome, CallOutcome::Failed(Failure::Authentication)));
            let failures: Vec<Traced<'h>> = failures.copied().collect();
            if let Some(one) = guessed(&failures) {
                found.push(one);
                continue;
            }
            // Names are tried from one address too.
            for one in failures.iter().filter(|one| one.usage.addresses.len() == 1) {
                for address in one.usage.addresses.iter() {
                    by_address.entry(*address).or_default().push(*one);
                }
            }
        }
        found.extend(by_address.values().filter_map(|failures| guessed(failures)));
        for one in found.iter_mut() {
            let Some(last) = one.steps.last().map(|step| step.event.time) else { continue };
            let until = last.checked_add(HOUR).unwrap_or(last);
            let addresses: Vec<IpAddr> = one.usages.iter().flat_map(|usage| usage.addresses.iter()).copied().collect();
            for login in &succeeded {
                let same = login.usage.addresses.iter().any(|address| addresses.contains(address));
                if same && let Sighted::Yes(event) = login.trace.between(last, until) {
                    one.severity = Severity::High;
                    one.reasons.push("then somebody signed in from the same address".into());
                    one.steps.push(Step { by: Some(&login.call.principal.name), ..Step::of(login.call, event) });
                    break;
                }
            }
        }
    }
}

/// Failures of some calls that are enough within an hour.
fn guessed<'h>(failures: &[Traced<'h>]) -> Option<Found<'h>> {
    let first = failures.first()?;
    let mut stretches: Vec<_> =
        failures.iter().flat_map(|one| one.trace.stretches().iter().map(move |stretch| (one, stretch))).collect();
    stretches.sort_by_key(|(_, stretch)| &stretch.first);
    for (at, (one, start)) in stretches.iter().enumerate() {
        let until = start.first.time.checked_add(HOUR).ok()?;
        let within = stretches.iter().skip(at).take_while(|(_, stretch)| stretch.last.time <= until);
        let within: Vec<_> = within.collect();
        let count: usize = within.iter().map(|(_, stretch)| stretch.count()).sum();
        if count < FAILURES {
            continue;
        }
        let (last_of, last) = within.last()?;
        return Some(Found {
            principal: &first.call.principal,
            severity: Severity::Medium,
            resource: None,
            reasons: vec![format!("at least {FAILURES} failures within an hour").into()],
            is_uncertain: false,
            steps: vec![Step::of(one.call, &start.first), Step::of(last_of.call, &last.last)],
            usages: failures.iter().map(|one| one.usage).collect(),
        });
    }
    None
}
