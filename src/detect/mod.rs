//! Judgements about one call: what is worth telling, and how much it matters. One file each; [`ALL`] is
//! the only list. Severity is decided here and nowhere else.

mod admin_policy;
mod console_login;
mod finding;
mod notable_call;
mod public_sharing;
mod root_use;
mod severity;

use hashbrown::HashMap;

pub use finding::{CLASSES, Finding, Kind, is_technique};
pub use severity::Severity;

use crate::event::{Event, Operation, Outcome};
use crate::intern::Interned;

/// A kind of finding.
pub trait Detection: Sync {
    /// Whether it may have anything to say of such calls, whoever makes them: asked once for each kind.
    fn watches(&self, operation: &Operation) -> bool;

    /// Whether it speaks only where no other detection does.
    fn is_fallback(&self) -> bool {
        false
    }

    /// Looks at one call.
    fn inspect(&self, event: &Event<'_>) -> Option<Finding>;
}

/// Every detection that looks at more than the event's name.
pub const ALL: &[&dyn Detection] =
    &[&root_use::RootUse, &console_login::LoginWithoutMfa, &admin_policy::AdminPolicy, &public_sharing::PublicSharing];

/// A kind of finding of which no more is known.
fn kind(detection: &str, title: &str, attack: &[&str]) -> Kind {
    Kind {
        detection: detection.to_owned(),
        title: title.to_owned(),
        id: None,
        author: None,
        class: None,
        attack: attack.iter().map(|id| (*id).to_owned()).collect(),
        why: String::new(),
        next: Vec::new(),
        false_positives: Vec::new(),
        references: Vec::new(),
        is_sequence: false,
    }
}

/// Kinds of call of which is kept who watches them.
const KINDS: usize = 50_000;

/// Judges calls, one after the other. One per thread.
pub struct Detector {
    watching: HashMap<Interned<Operation>, Vec<&'static dyn Detection>>,
    nothing: Interned<Vec<Finding>>,
    last: Option<Interned<Vec<Finding>>>,
}

impl Default for Detector {
    fn default() -> Self {
        Self { watching: HashMap::new(), nothing: Interned::new(Vec::new()), last: None }
    }
}

impl Detector {
    /// Everything worth telling about a call. What the name alone says is told only where no detection
    /// knows better. Services acting for themselves are not judged.
    pub fn inspect(&mut self, event: &Event<'_>) -> &Interned<Vec<Finding>> {
        if event.identity.principal.kind.is_service() || matches!(event.outcome, Outcome::Failed(_)) {
            return &self.nothing;
        }
        // Names are chosen by whoever called AWS; nothing is lost by beginning again.
        if self.watching.len() >= KINDS {
            self.watching.clear();
        }
        let watching = self.watching.entry_ref(event.operation).or_insert_with(|| {
            let all = ALL.iter().copied().chain([&notable_call::NotableCall as &dyn Detection]);
            all.filter(|detection| detection.watches(event.operation)).collect()
        });
        let mut findings: Vec<Finding> = Vec::new();
        for detection in watching {
            if findings.is_empty() || !detection.is_fallback() {
                findings.extend(detection.inspect(event));
            }
        }
        if findings.is_empty() {
            return &self.nothing;
        }
        for finding in &mut findings {
            if matches!(event.outcome, Outcome::Denied(_)) {
                finding.severity = finding.severity.lower();
                finding.reasons.push("denied: an attempt".into());
            }
            if event.outcome == Outcome::DryRun {
                finding.severity = finding.severity.lower();
                finding.reasons.push("a dry run: nothing was done, but it may be".into());
            }
            if event.identity.invoked_by.is_some() {
                finding.severity = finding.severity.lower();
                finding.reasons.push("made by an AWS service for the caller".into());
            }
        }
        self.last.insert(Interned::new(findings))
    }
}
