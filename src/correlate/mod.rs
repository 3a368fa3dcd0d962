//! Judgements about several calls: what their order, their number or their origin tells. They see the whole history
//! once it is merged, and so no order of files matters. One file each; [`ALL`] is the only list.

mod change_then_use;
mod copied_then_shared;
mod credentials;
mod first_use;
mod made_then_run;
mod many;
mod networks;
mod passwords;
mod story;
mod tampering;

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

pub use story::Story;

use crate::aggregate::{Call, EventRef, History, Usage};
use crate::detect::{Finding, Kind, Severity};
use crate::iam::Principal;
use crate::intern::Interned;

/// A kind of judgement about several calls.
pub trait Correlation: Sync {
    /// What it says of all that it finds.
    fn says(&self) -> Says;

    /// Looks at what there is.
    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>);
}

/// What a correlation says of all that it finds; the fields are those of [`Kind`].
#[expect(missing_docs, reason = "described at Kind")]
pub struct Says {
    pub detection: &'static str,
    pub title: &'static str,
    pub class: &'static str,
    pub attack: &'static [&'static str],
    pub why: &'static str,
    pub next: &'static [&'static str],
    pub false_positives: &'static [&'static str],
}

/// Every correlation.
pub const ALL: &[&dyn Correlation] = &[
    &change_then_use::RoleThenAssumed,
    &change_then_use::UserThenCredentials,
    &copied_then_shared::CopiedThenShared,
    &credentials::NewKeyUsed,
    &first_use::FirstUseOfRole,
    &made_then_run::MadeThenRun,
    &many::DeniedProbes,
    &many::SecretsRead,
    &many::MassDestruction,
    &networks::ManyNetworks,
    &passwords::NewPasswordUsed,
    &passwords::PasswordGuessing,
    &tampering::TamperingThenActivity,
];

/// The window in which calls count as belonging together, its end included.
pub const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What was found, before its kind is put to it.
pub struct Found<'h> {
    /// By whom.
    pub principal: &'h Interned<Principal>,
    /// How much it matters.
    pub severity: Severity,
    /// On what.
    pub resource: Option<Cow<'h, str>>,
    /// What made it so.
    pub reasons: Vec<Cow<'static, str>>,
    /// Whether times are not kept exactly enough to be sure.
    pub is_uncertain: bool,
    /// The events, in order.
    pub steps: Vec<Step<'h>>,
    /// The calls they are of, for who, from where and how often.
    pub usages: Vec<&'h Usage>,
}

/// One event of several that tell something together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step<'h> {
    /// Where it is.
    pub event: &'h EventRef,
    /// What was called.
    pub source: &'h str,
    /// What was called.
    pub name: &'h str,
    /// On what.
    pub resource: Option<&'h str>,
    /// By whom, where that is not whom the finding is about.
    pub by: Option<&'h str>,
    /// How it ended.
    pub outcome: &'static str,
}

impl<'h> Step<'h> {
    fn of(call: &'h Call, event: &'h EventRef) -> Self {
        let (source, name) = (&*call.operation.source, &*call.operation.name);
        Self { event, source, name, resource: story::about(call), by: None, outcome: call.outcome.as_str() }
    }
}

/// A finding about several calls.
pub struct Correlated<'h> {
    /// What is said.
    pub finding: Finding,
    /// Of what.
    pub found: Found<'h>,
}

/// Everything worth telling about the order of calls, in one order.
pub fn correlate(history: &History) -> Vec<Correlated<'_>> {
    let story = Story::of(history);
    let all = ALL.par_iter().flat_map_iter(|correlation| {
        let mut found = Vec::new();
        correlation.look(&story, &mut found);
        let kind = Interned::new(correlation.says().kind());
        found.into_iter().map(move |found| Correlated { finding: found.finding(&kind), found })
    });
    let mut all: Vec<Correlated<'_>> = all.collect();
    all.sort_by(|a, b| a.order().cmp(&b.order()));
    all
}

impl<'h> Correlated<'h> {
    fn order(&self) -> impl Ord + '_ {
        (&self.finding.kind, self.found.principal, &self.found.steps, &self.found.resource)
    }

    /// First and last event.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let times = || self.found.steps.iter().map(|step| step.event.time);
        Some((times().min()?, times().max()?))
    }
}

impl Found<'_> {
    fn finding(&self, kind: &Interned<Kind>) -> Finding {
        let mut reasons = self.reasons.clone();
        let mut severity = self.severity;
        if self.is_uncertain {
            severity = severity.lower();
            reasons.push("so many calls that their times are kept by the day only: it may have been later".into());
        }
        Finding { severity, kind: kind.clone(), reasons, condition_unknown: self.is_uncertain }
    }
}

impl Says {
    /// The kind of its findings.
    pub fn kind(&self) -> Kind {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Kind {
            detection: self.detection.to_owned(),
            title: self.title.to_owned(),
            id: None,
            author: None,
            class: Some(self.class.to_owned()),
            attack: texts(self.attack),
            why: self.why.to_owned(),
            next: texts(self.next),
            false_positives: texts(self.false_positives),
            references: Vec::new(),
            is_sequence: true,
            is_about_caller: false,
        }
    }
}
