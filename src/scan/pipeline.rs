use std::sync::Arc;

use super::Filter;
use crate::aggregate::{Activity, Bounds, CallOutcome, CallRef, KindRef, Sample};
use crate::classify::Classifier;
use crate::decode::{Record, Reject};
use crate::detect::{Detector, RuleSet};
use crate::event::{Outcome, Reader};
use crate::intern::Interned;
use crate::replay::{Replayer, Trial};
use crate::watch::{Watch, Watcher};

/// Records in, activity out: every stage between, each with what it remembers from record to record. One
/// per thread.
pub struct Pipeline<'f> {
    filter: &'f Filter,
    reader: Reader,
    classifier: Classifier,
    detector: Detector<'f>,
    /// What the records added up to.
    pub activity: Activity,
    succeeded: Interned<CallOutcome>,
    replayer: Option<Replayer<'f>>,
    watcher: Option<Watcher<'f>>,
}

impl<'f> Pipeline<'f> {
    /// Nothing seen yet.
    pub fn new(filter: &'f Filter, rules: &'f RuleSet, bounds: Bounds) -> Self {
        Self {
            filter,
            reader: Reader::default(),
            classifier: Classifier::default(),
            detector: Detector::new(rules),
            activity: Activity::new(bounds),
            succeeded: Interned::new(CallOutcome::Succeeded),
            replayer: None,
            watcher: None,
        }
    }

    /// The same, where each event is asked of policies too.
    #[must_use]
    pub fn trying(self, trial: Option<&'f Trial>) -> Self {
        Self { replayer: trial.map(Replayer::new), ..self }
    }

    /// The same, where each event is put beside the grants of a ledger.
    #[must_use]
    pub fn watching(self, watch: Option<&'f Watch>) -> Self {
        Self { watcher: watch.map(Watcher::new), ..self }
    }

    /// Adds the record that stands at `place` in a file; `false` when the filter leaves it out.
    #[inline]
    pub fn add(&mut self, record: &Record<'_>, file: &Arc<str>, place: u64) -> Result<bool, Reject> {
        if self.watcher.as_mut().is_some_and(|watcher| !watcher.wants(record)) {
            return Ok(false);
        }
        let event = self.reader.read(record)?;
        let mut sample = Sample::of(&event, file, place);
        // Who is behind a session is to be known also where only the session was asked for.
        if !event.identity.principal.kind.is_service()
            && let Some(to) = event.issued()
        {
            self.activity.credentials.issued(&event, &to, &sample);
        }
        if !self.filter.wants(&event) {
            return Ok(false);
        }
        self.activity.credentials.used(&event, &sample);
        let unusual;
        let outcome = match event.outcome {
            Outcome::Succeeded => &self.succeeded,
            _ => {
                unusual = Interned::new(CallOutcome::of(&event.outcome));
                &unusual
            }
        };
        let mut stand = None;
        if let Some(watcher) = &mut self.watcher {
            self.activity.pulse.add(&event);
            self.activity.whereabouts.add(&event, file);
            // Grants are asked about resources as they are, as policies are.
            stand = watcher.stand(&event, || self.classifier.needs(&event, || 0))?;
        }
        let kind = KindRef::of(&event.identity.principal, event.operation, outcome, event.identity.invoked_by.as_ref());
        let kind = kind.standing(stand.as_ref());
        // Policies are asked about resources as they are, however wide they are kept.
        let replayed = match &mut self.replayer {
            Some(replayer) => Some(replayer.ask(&event, self.classifier.needs(&event, || 0))),
            None => None,
        };
        let needs = self.classifier.needs(&event, || self.activity.width(&kind));
        let judged = self.detector.inspect(&event, needs);
        (sample.is_traced, sample.subject) = (judged.is_step, judged.subject);
        let call = CallRef { kind, needs, findings: judged.findings, replayed: replayed.as_ref() };
        self.activity.add(&call, &sample);
        Ok(true)
    }
}
