use super::seen::{Seen, Used};
use super::{Class, Placed, UsedBy, What};
use crate::aggregate::Usage;
use crate::catalog;
use crate::classify::{Basis, Privilege, privileges_of};
use crate::recommend::thresholds::Standing;
use crate::recommend::{FixableBy, Gap, Need};

/// The rules, asked of one principal.
pub(super) struct Judge<'a, 'h> {
    pub(super) seen: &'a Seen<'h>,
    pub(super) thresholds: &'a Standing,
}

impl<'h> Judge<'_, 'h> {
    /// Whether nothing can be called regular.
    pub(super) fn is_short(&self) -> bool {
        self.seen.active.weeks() < self.thresholds.weeks
    }

    /// Standing ones first, then by action.
    pub(super) fn all(&self) -> Vec<Placed<'h>> {
        let used = self.seen.used.iter().map(|(what, used)| self.used(*what, used));
        let denied = self.seen.denied.iter().filter_map(|(what, gaps)| self.denied(*what, gaps));
        let mut all: Vec<_> = used.chain(denied).collect();
        all.sort_by(|a, b| (a.class, a.what, a.denied).cmp(&(b.class, b.what, b.denied)));
        all
    }

    fn used(&self, what: What<'h>, used: &Used<'h>) -> Placed<'h> {
        let usage = &used.usage;
        let privileges = privileges(what);
        let used_by = self.seen.made_by(usage);
        let mut reasons = vec![self.how_often(usage)];
        let class = match what {
            What::Call(..) => {
                reasons.push("AWS documents no action for this call: no policy can name it".to_owned());
                Class::Neither
            }
            What::Action(_) => self.of_use(usage, used_by, &privileges, &mut reasons),
        };
        Placed {
            what,
            denied: false,
            class,
            used_by,
            reasons,
            privileges,
            count: usage.count,
            days: usage.days.clone(),
            last: usage.last(),
            resources: used.resources.len(),
            gaps: Vec::new(),
        }
    }

    fn of_use(&self, usage: &Usage, used_by: UsedBy, privileges: &[Privilege], reasons: &mut Vec<String>) -> Class {
        let Standing { weeks, days, percent } = *self.thresholds;
        if let Some(nobody) = self.seen.why_not_asked(used_by) {
            reasons.extend(because(privileges));
            reasons.push(format!("{nobody}: nobody can ask for it"));
            return Class::Standing;
        }
        let active = (self.seen.active.len(), self.seen.active.weeks());
        let why = if let Some(why) = because(privileges) {
            why
        } else if self.is_short() {
            format!(
                "too early to call anything regular: {} in {} of activity, of at least {weeks}",
                several(active.0, "day"),
                several(active.1, "week")
            )
        } else if usage.days.len() < days {
            format!("used on fewer than {days} days: asked for when it is needed")
        } else if usage.days.weeks() * 100 < percent * active.1 {
            format!("used in fewer than {percent}% of the weeks: asked for when it is needed")
        } else {
            reasons.push("used regularly, and not privileged".to_owned());
            return Class::Standing;
        };
        reasons.push(why);
        match used_by {
            UsedBy::Both => {
                reasons.push("programs use it too: they have to keep it, by a role of their own".to_owned())
            }
            UsedBy::Unknown => {
                reasons.push("people or a program, the log does not say: a program could not ask".to_owned());
            }
            UsedBy::People | UsedBy::Workload => {}
        }
        Class::Eligible
    }

    /// `None` where all of it went through later, so that it is told as used.
    fn denied(&self, what: What<'h>, gaps: &[Gap<'h>]) -> Option<Placed<'h>> {
        let is_used = self.seen.used.contains_key(&what);
        let open: Vec<&Gap<'h>> = gaps.iter().filter(|gap| !(is_used && gap.need == Need::Resolved)).collect();
        let wanted: Vec<&Gap<'h>> = open.iter().copied().filter(|gap| is_wanted(gap)).collect();
        let privileges = privileges(what);
        let told = if wanted.is_empty() { &open } else { &wanted };
        if told.is_empty() {
            return None;
        }
        let mut usage = Usage::default();
        told.iter().for_each(|gap| usage.merge(gap.usage.without_times()));
        let mut reasons = Vec::new();
        let used_by = self.seen.made_by(&usage);
        let times = several(usize::try_from(usage.count).unwrap_or(usize::MAX), "time");
        let class = if wanted.is_empty() {
            reasons.push(format!("denied {times} {}", on_days(usage.days.len())));
            reasons.extend(why_not(what, &open));
            Class::Neither
        } else {
            reasons.push(format!("denied {times} {}", on_days(usage.days.len())));
            reasons.push("needed".to_owned());
            reasons.extend(because(&privileges));
            let nobody = self.seen.why_not_asked(used_by);
            let stays = nobody.is_some() && privileges.is_empty() && wanted.iter().any(|gap| gap.recurs);
            let todo = if stays { "put it into the policy" } else { "somebody has to decide" };
            reasons.extend(nobody.map(|nobody| format!("{nobody}, and nobody can ask for it: {todo}")));
            if wanted.iter().any(|gap| gap.resource.is_none_or(|resource| resource.basis == Basis::Unknown)) {
                reasons.push("the log does not say on which resource: name it in the request".to_owned());
            }
            if let Some(rest) = open.len().checked_sub(wanted.len()).filter(|rest| *rest > 0) {
                reasons.push(format!("{} of it beside that an identity policy should not close", several(rest, "gap")));
            }
            if stays { Class::Standing } else { Class::Eligible }
        };
        Some(Placed {
            what,
            denied: true,
            class,
            used_by,
            reasons,
            privileges,
            count: usage.count,
            last: usage.last(),
            days: usage.days,
            resources: resources(told),
            gaps: told.iter().map(|gap| (*gap).clone()).collect(),
        })
    }

    fn how_often(&self, usage: &Usage) -> String {
        let used = usage.days.weeks();
        format!("used {} in {used} of {}", on_days(usage.days.len()), several(self.seen.active.weeks(), "week"))
    }
}

fn privileges(what: What<'_>) -> Vec<Privilege> {
    match what {
        What::Action(action) => privileges_of(action),
        What::Call(..) => Vec::new(),
    }
}

/// `None` for everyday actions.
fn because(privileges: &[Privilege]) -> Option<String> {
    let classes: Vec<_> = privileges.iter().map(|class| class.as_str().replace('-', " ")).collect();
    (!classes.is_empty()).then(|| format!("privileged: {}", classes.join(", ")))
}

/// Whether a grant would help, and somebody needs one.
fn is_wanted(gap: &Gap<'_>) -> bool {
    let is_known = gap.action.is_some_and(|a| catalog::action(a.service_prefix(), a.name()).is_some());
    gap.need == Need::Need && gap.fixable_by == FixableBy::IdentityPolicy && is_known
}

/// Why no grant is worth anything, each reason once.
fn why_not(what: What<'_>, gaps: &[&Gap<'_>]) -> Vec<String> {
    let why = |gap: &&Gap<'_>| match (gap.need, what) {
        (Need::Need, What::Call(..)) => "nobody documents which action was missing".to_owned(),
        (Need::Need, What::Action(action)) if gap.fixable_by == FixableBy::IdentityPolicy => {
            format!("AWS does not document {action}")
        }
        (Need::Need, _) => format!("an identity policy does not help, but {}: {}", gap.fixable_by.as_str(), gap.advice),
        (need, _) => match gap.reasons.get(1) {
            Some(reason) => format!("{}: {reason}", need.as_str()),
            None => need.as_str().to_owned(),
        },
    };
    let mut all: Vec<String> = gaps.iter().map(why).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn resources(gaps: &[&Gap<'_>]) -> usize {
    let mut named: Vec<_> = gaps.iter().filter_map(|gap| gap.resource).filter(|one| one.is_named()).collect();
    named.sort_unstable();
    named.dedup();
    named.len()
}

fn several(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn on_days(days: usize) -> String {
    format!("on {}", several(days, "day"))
}
