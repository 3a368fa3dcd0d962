use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::story::{Actions, Traced};
use super::{Correlation, Found, Says, Step, Story};
use crate::detect::Severity;
use crate::iam::Arn;

/// A caller took a role that it had not taken before.
pub(super) struct FirstUseOfRole;

/// How long a caller has to be known before a new role of it is worth telling.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Parts of names that roles of administrators have, in lower case.
const ADMINISTRATIVE: &[&str] =
    &["admin", "organizationaccountaccess", "poweruser", "breakglass", "break-glass", "root"];

impl Correlation for FirstUseOfRole {
    fn says(&self) -> Says {
        Says {
            detection: "first-use-of-role",
            title: "Role assumed for the first time by a caller",
            class: "privilege-escalation",
            attack: &["T1548.005", "T1078.004"],
            why: "A caller that has been active for a week and now takes a role it never took before may have found \
                  a way to more than its work needs.",
            next: &[
                "Ask whether the caller was meant to get the role.",
                "Look at what was done in the session that began then.",
            ],
            false_positives: &["A new duty, a new deployment, an on-call rotation"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let mut roles: BTreeMap<&str, Vec<Traced<'h>>> = BTreeMap::new();
            for one in actions.done("sts", &["AssumeRole"]) {
                if let Some(role) = one.about() {
                    roles.entry(role).or_default().push(one);
                }
            }
            for (role, uses) in roles {
                found.extend(first_use(actions, role, &uses));
            }
        }
    }
}

fn first_use<'h>(actions: &Actions<'h>, role: &'h str, uses: &[Traced<'h>]) -> Option<Found<'h>> {
    let moments = uses.iter().flat_map(|one| one.trace.moments().map(move |event| (event, one)));
    let (event, one) = moments.min_by_key(|(event, _)| *event)?;
    if event.time.duration_since(actions.span.0) < KNOWN_FOR {
        return None;
    }
    let arn = Arn::parse(role).ok()?;
    let name = arn.last_segment().to_ascii_lowercase();
    let (mut severity, mut reasons) = (Severity::Low, Vec::new());
    if ADMINISTRATIVE.iter().any(|part| name.contains(part)) {
        severity = Severity::Medium;
        reasons.push("the role's name is that of an administrator's".into());
    }
    if actions.principal.account.as_deref().is_some_and(|account| account != arn.account) {
        severity = Severity::Medium;
        reasons.push("the role is in another account".into());
    }
    Some(Found {
        principal: actions.principal,
        severity,
        resource: Some(role.into()),
        reasons,
        is_uncertain: false,
        steps: vec![Step::of(one.call, event)],
        usages: vec![one.usage],
    })
}
