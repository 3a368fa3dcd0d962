use std::collections::BTreeMap;

use super::{Correlation, Found, HOUR, Says, Step, Story};
use crate::aggregate::{Network, Seen, Used};
use crate::detect::Severity;

/// One key was used from several networks within an hour.
pub(super) struct ManyNetworks;

/// Networks within an hour that are worth telling; a phone and an office are two.
const NETWORKS: usize = 3;
/// The same for the role of an instance, which has one.
const OF_AN_INSTANCE: usize = 2;

impl Correlation for ManyNetworks {
    fn says(&self) -> Says {
        Says {
            detection: "key-from-many-networks",
            title: "One access key used from several networks within an hour",
            class: "credential-access",
            attack: &["T1078.004", "T1552.005"],
            why: "Credentials that work in several places at once were copied: most plainly those of an instance, \
                  which never leave it by themselves.",
            next: &[
                "Find out which of the networks are yours.",
                "List what was done from the others.",
                "Revoke the sessions or deactivate the key.",
            ],
            false_positives: &["Software behind changing addresses, a VPN that is switched on and off"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for used in story.history.credentials.iter().filter_map(|credential| credential.used.as_deref()) {
            let needed = if used.is_instance { OF_AN_INSTANCE } else { NETWORKS };
            let Some(seen) = together(used, needed) else { continue };
            let mut reasons = vec![format!("{} networks within an hour", seen.len()).into()];
            if used.is_instance {
                reasons.push("the credentials are those of an EC2 instance".into());
            }
            let step = |seen: &&'h Seen| Step {
                event: &seen.first,
                source: "",
                name: "",
                resource: None,
                by: None,
                outcome: "succeeded",
            };
            let mut steps: Vec<_> = seen.iter().map(step).collect();
            steps.sort_unstable();
            found.push(Found {
                principal: &used.principal,
                severity: if used.is_instance { Severity::High } else { Severity::Medium },
                resource: None,
                reasons,
                is_uncertain: false,
                steps,
                usages: Vec::new(),
            });
        }
    }
}

/// The first uses from different networks that lie within an hour, if there are enough.
fn together(used: &Used, needed: usize) -> Option<Vec<&Seen>> {
    for (at, start) in used.seen.iter().enumerate() {
        for from in [start.first.time, start.last] {
            let until = from.checked_add(HOUR).ok()?;
            let is_in = |time| (from..=until).contains(&time);
            let mut networks: BTreeMap<Network, &Seen> = BTreeMap::new();
            // Those of the same hour may stand before it.
            let near = used.seen.get(at.saturating_sub(64)..).unwrap_or_default();
            for seen in near.iter().take_while(|seen| seen.first.time <= until) {
                if is_in(seen.first.time) || is_in(seen.last) {
                    networks.entry(seen.network).or_insert(seen);
                }
            }
            if networks.len() >= needed {
                return Some(networks.into_values().collect());
            }
        }
    }
    None
}
