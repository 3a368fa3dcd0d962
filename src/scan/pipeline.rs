use std::sync::Arc;

use super::Filter;
use crate::aggregate::{Activity, Bounds, CallOutcome, CallRef, KindRef, Sample};
use crate::classify::Classifier;
use crate::decode::{Record, Reject};
use crate::detect::Detector;
use crate::event::{Outcome, Reader};
use crate::intern::Interned;

/// Records in, activity out: every stage between, each with what it remembers from record to record. One
/// per thread.
pub struct Pipeline<'f> {
    filter: &'f Filter,
    reader: Reader,
    classifier: Classifier,
    detector: Detector,
    /// What the records added up to.
    pub activity: Activity,
    succeeded: Interned<CallOutcome>,
}

impl<'f> Pipeline<'f> {
    /// Nothing seen yet.
    pub fn new(filter: &'f Filter, bounds: Bounds) -> Self {
        Self {
            filter,
            reader: Reader::default(),
            classifier: Classifier::default(),
            detector: Detector::default(),
            activity: Activity::new(bounds),
            succeeded: Interned::new(CallOutcome::Succeeded),
        }
    }

    /// Adds the record that stands at `place` in a file; `false` when the filter leaves it out.
    #[inline]
    pub fn add(&mut self, record: &Record<'_>, file: &Arc<str>, place: u64) -> Result<bool, Reject> {
        let event = self.reader.read(record)?;
        if !self.filter.wants(&event) {
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
        let kind = KindRef::of(&event.identity.principal, event.operation, outcome, event.identity.invoked_by.as_ref());
        let needs = self.classifier.needs(&event, || self.activity.width(&kind));
        let findings = self.detector.inspect(&event);
        let call = CallRef { kind, needs, findings };
        self.activity.add(&call, &Sample::of(&event, file, place));
        Ok(true)
    }
}
