use jiff::Timestamp;

use super::{Correlation, Found, HOUR, Says, Step, Story};
use crate::aggregate::{Network, Seen};
use crate::detect::Severity;
use crate::iam::{Principal, PrincipalKind};

/// An access key was made and used soon after.
pub(super) struct NewKeyUsed;

impl Correlation for NewKeyUsed {
    fn says(&self) -> Says {
        Says {
            detection: "new-access-key-used",
            title: "New access key used within the hour",
            class: "credential-access",
            attack: &["T1098.001", "T1078.004"],
            why: "A key that is made for somebody else, or used at once from another place than it was made from, is \
                  a way in that stays when the session it was made in is closed.",
            next: &[
                "Ask the owner of the user whether the key was ordered.",
                "List everything the key was used for, and from which addresses.",
                "Deactivate the key until that is clear.",
            ],
            false_positives: &["Somebody who rotates a key of their own and tries it out"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for credential in story.history.credentials.iter() {
            let (Some(issued), Some(used)) = (&credential.issued, &credential.used) else { continue };
            let Some(user) = issued.user.as_deref() else { continue };
            let Some(first) = used.seen.iter().min_by_key(|seen| &seen.first) else { continue };
            let later = first.first.time.duration_since(issued.event.time);
            if later.is_negative() || later > HOUR {
                continue;
            }
            let (by, mut reasons) = (&issued.by.principal, Vec::new());
            let is_own = by.kind == PrincipalKind::User && by.short_name().eq_ignore_ascii_case(user);
            if !is_own {
                reasons.push("the key is for another user than the one who made it".into());
            }
            let elsewhere = issued.address.is_some_and(|address| Network::of(address) != first.network);
            if elsewhere && !was_there(story, by, first, issued.event.time) {
                reasons.push("it was first used from a network from which its maker was not seen before".into());
            }
            let resource = Some(used.principal.name.as_str());
            let made = Step {
                event: &issued.event,
                source: "iam.amazonaws.com",
                name: "CreateAccessKey",
                resource,
                by: None,
                outcome: "succeeded",
            };
            let use_of =
                Step { event: &first.first, source: "", name: "", resource: None, by: resource, outcome: "succeeded" };
            found.push(Found {
                principal: by,
                severity: if reasons.is_empty() { Severity::Low } else { Severity::High },
                resource: resource.map(Into::into),
                reasons,
                is_uncertain: false,
                steps: vec![made, use_of],
                usages: Vec::new(),
            });
        }
    }
}

/// Whether a principal used another key from the same network before.
fn was_there(story: &Story<'_>, principal: &Principal, seen: &Seen, before: Timestamp) -> bool {
    let all = story.history.credentials.iter().filter_map(|credential| credential.used.as_deref());
    let mut theirs = all.filter(|used| *used.principal == *principal).flat_map(|used| &used.seen);
    theirs.any(|other| other.network == seen.network && other.first.time < before)
}
