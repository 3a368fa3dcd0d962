use std::sync::Arc;

use super::Filter;
use crate::aggregate::{Activity, Bounds, CallOutcome, CallRef, KindRef, Sample};
use crate::classify::{Classifier, Needs};
use crate::decode::{Record, Reject};
use crate::detect::{Detector, Finding, RuleSet};
use crate::event::{Outcome, Reader};
use crate::intern::Interned;
use crate::replay::{Replayer, Trial};
use crate::search::Searcher;
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
    searcher: Option<Searcher>,
    /// Whether nothing else is asked.
    only_searches: bool,
    /// What calls need where nobody asks.
    nothing: (Interned<Needs>, Interned<Vec<Finding>>),
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
            searcher: None,
            only_searches: false,
            nothing: (Interned::new(Needs::Unknown), Interned::new(Vec::new())),
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

    /// The same, where events are looked for; if `only` then nothing else is asked of them.
    #[must_use]
    pub fn searching(self, searcher: Searcher, only: bool) -> Self {
        Self { searcher: Some(searcher), only_searches: only, ..self }
    }

    /// What all came to.
    pub fn finish(self) -> Activity {
        let Self { mut activity, searcher, .. } = self;
        activity.gathered = searcher.map(|searcher| searcher.gathered).unwrap_or_default();
        activity
    }

    /// Adds the record that stands at `place` in a file; `false` when the filter leaves it out.
    #[inline]
    pub fn add(&mut self, record: &Record<'_>, file: &Arc<str>, place: u64) -> Result<bool, Reject> {
        if self.watcher.as_mut().is_some_and(|watcher| !watcher.wants(record)) {
            return Ok(false);
        }
        if self.only_searches && self.searcher.as_mut().is_some_and(|searcher| !searcher.wants(record)) {
            return Ok(false);
        }
        let event = self.reader.read(record)?;
        let mut sample = Sample::of(&event, file, place);
        // Who is behind a session is to be known also where only the session was asked for.
        if !self.only_searches
            && !event.identity.principal.kind.is_service()
            && let Some(to) = event.issued()
        {
            self.activity.credentials.issued(&event, &to, &sample);
        }
        if !self.filter.wants(&event) {
            return Ok(false);
        }
        let searcher = self.searcher.as_mut();
        let is_meant = searcher.is_some_and(|searcher| searcher.add(&event, file, place, &mut self.classifier));
        if self.only_searches && !is_meant {
            return Ok(false);
        }
        let unusual;
        let outcome = match event.outcome {
            Outcome::Succeeded => &self.succeeded,
            _ => {
                unusual = Interned::new(CallOutcome::of(&event.outcome));
                &unusual
            }
        };
        if self.only_searches {
            // Only so much of it that the coverage can tell what was found.
            let kind = KindRef::of(&event.identity.principal, event.operation, outcome, None);
            let (needs, findings) = &self.nothing;
            self.activity.add(&CallRef { kind, needs, findings, replayed: None }, &sample);
            return Ok(true);
        }
        self.activity.credentials.used(&event, &sample);
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
