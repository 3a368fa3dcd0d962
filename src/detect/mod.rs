//! Judgements about one call: what is worth telling, and how much it matters. One file each; [`ALL`] is
//! the only list. Severity is decided here and nowhere else.

mod admin_policy;
mod console_login;
mod notable_call;
mod public_sharing;
mod root_use;
mod severity;

use std::borrow::Cow;

pub use severity::Severity;

use crate::classify::Classified;
use crate::event::Outcome;

/// A kind of finding.
pub trait Detection: Sync {
    /// Looks at one call.
    fn inspect(&self, call: &Classified<'_, '_>) -> Option<Finding>;
}

/// What a detection has to say of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// A stable id, such as `stop-cloudtrail-logging`.
    pub detection: Cow<'static, str>,
    /// In plain words.
    pub title: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// ATT&CK technique ids, version 16.
    pub attack: Vec<Cow<'static, str>>,
    /// What made it so, for the reader.
    pub reasons: Vec<Cow<'static, str>>,
}

/// Every detection that looks at more than the event's name.
pub const ALL: &[&dyn Detection] =
    &[&root_use::RootUse, &console_login::LoginWithoutMfa, &admin_policy::AdminPolicy, &public_sharing::PublicSharing];

/// Everything worth telling about a call. What the name alone says is told only where no detection
/// knows better. Services acting for themselves are not judged.
pub fn inspect(call: &Classified<'_, '_>) -> Vec<Finding> {
    if call.event.principal.kind.is_service() || call.event.outcome == Outcome::Failed {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = ALL.iter().filter_map(|detection| detection.inspect(call)).collect();
    if findings.is_empty() {
        findings.extend(notable_call::NotableCall.inspect(call));
    }
    for finding in &mut findings {
        if matches!(call.event.outcome, Outcome::Denied(_)) {
            finding.severity = finding.severity.lower();
            finding.reasons.push("denied: an attempt".into());
        }
        if call.event.session.invoked_by.is_some() {
            finding.severity = finding.severity.lower();
            finding.reasons.push("made by an AWS service for the caller".into());
        }
    }
    findings
}
