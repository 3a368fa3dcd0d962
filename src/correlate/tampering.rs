use super::{Correlation, Found, HOUR, Says, Step, Story};
use crate::detect::Severity;

/// Somebody blinded the logs or the detection, and went on.
pub(super) struct TamperingThenActivity;

/// The class of calls that blind.
const BLINDS: &str = "defense-evasion";
/// Steps that are told at most.
const TOLD: usize = 6;

impl Correlation for TamperingThenActivity {
    fn says(&self) -> Says {
        Says {
            detection: "tampering-then-activity",
            title: "Logging or detection switched off, then dangerous calls",
            class: BLINDS,
            attack: &["T1562.008", "T1562.001"],
            why: "Whoever switches off what would have seen the next call means that call to go unseen. What comes \
                  after is what it was done for.",
            next: &[
                "Switch logging and detection on again.",
                "Take what is seen after that as a part: look at other regions, data events and services' own logs.",
                "Revoke the principal's sessions and keys.",
            ],
            false_positives: &["An administrator who rebuilds the logging of an account"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let blinds = |severity: Option<Severity>| severity.is_some_and(|severity| severity >= Severity::High);
            let tampering = actions.traced.iter().filter(|one| one.is_done() && blinds(one.finds(BLINDS)));
            let others: Vec<_> = actions
                .traced
                .iter()
                .filter(|one| {
                    let grave = |finding: &crate::detect::Finding| finding.severity >= Severity::Medium;
                    one.finds(BLINDS).is_none() && one.call.findings.iter().any(grave)
                })
                .collect();
            // The first of them tells; what came after it is told in its steps.
            let pairs = tampering.flat_map(|first| {
                others.iter().filter_map(move |then| Some((first, *then, first.followed_by(then, HOUR)?)))
            });
            let mut pairs: Vec<_> = pairs.filter(|(first, then, _)| first.may_be_one_person(then)).collect();
            pairs.sort_by_key(|(_, _, pair)| (pair.is_uncertain, pair.first, pair.second));
            let Some((first, then, pair)) = pairs.first() else { continue };
            let mut one = pair.found(Severity::Critical, first, then);
            // What it was done for; what was switched off is told in the first step.
            one.resource = then.about().map(Into::into);
            for (_, then, next) in pairs.iter().skip(1).filter(|(_, _, next)| next.first == pair.first).take(TOLD - 2) {
                one.steps.push(Step::of(then.call, next.second));
                one.usages.push(then.usage);
            }
            found.push(one);
        }
    }
}
