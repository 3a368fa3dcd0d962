use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Pipeline, Progress, ScanOptions};
use crate::aggregate::{Activity, Bounds};
use crate::archive::{Found, LogFile, Opened, Opener, Trouble};
use crate::decode::{Decoder, Reject};

/// One thread's share of a scan, with everything it reuses from file to file.
pub(super) struct Worker<'o> {
    opener: Opener,
    decoder: Decoder,
    pipeline: Pipeline<'o>,
}

impl<'o> Worker<'o> {
    pub(super) fn new(options: &'o ScanOptions, bounds: Bounds) -> Self {
        Self {
            opener: Opener::new(options.limits, options.threads > 1),
            decoder: if options.strict { Decoder::strict() } else { Decoder::default() },
            pipeline: Pipeline::new(&options.filter, bounds),
        }
    }

    pub(super) fn into_activity(self) -> Activity {
        self.pipeline.activity
    }

    pub(super) fn take(&mut self, found: Found, progress: &dyn Progress) {
        let coverage = &mut self.pipeline.activity.coverage;
        coverage.files.found += 1;
        match found {
            Found::Excluded { name, reason } => {
                coverage.files.excluded += 1;
                coverage.excluded.entry(reason).or_default().add(1, &name);
            }
            Found::Trouble(trouble) => {
                coverage.files.skipped += 1;
                coverage.skips.push((trouble, 0));
            }
            Found::File(file) => {
                self.read(&file);
                progress.done(file.size);
            }
        }
    }

    fn read(&mut self, file: &LogFile) {
        let Self { opener, decoder, pipeline } = self;
        let mut text = match opener.open(file) {
            Opened::Text(text) => text,
            Opened::Foreign(what) => {
                pipeline.activity.coverage.files.excluded += 1;
                pipeline.activity.coverage.excluded.entry(what).or_default().add(1, &file.name);
                return;
            }
            Opened::Unreadable(reason) => {
                pipeline.activity.coverage.files.skipped += 1;
                pipeline.activity.coverage.skips.push((Trouble { name: Arc::clone(&file.name), reason }, 0));
                return;
            }
        };
        let mut tally = Tally::default();
        let broken = decoder.records_of(&mut text, |record| {
            let place = tally.seen;
            tally.seen += 1;
            match record.and_then(|record| pipeline.add(&record, &file.name, place)) {
                Ok(true) => tally.events += 1,
                Ok(false) => tally.filtered += 1,
                Err(reject) => *tally.rejected.entry(reject).or_default() += 1,
            }
        });
        let ended = text.ended();
        let coverage = &mut pipeline.activity.coverage;
        let rejected: u64 = tally.rejected.values().sum();
        if ended.damage.is_none()
            && broken.is_ok()
            && let Some(reject) = tally.only_foreign()
        {
            coverage.files.excluded += 1;
            coverage.excluded.entry(reject.as_static()).or_default().add(1, &file.name);
            return;
        }
        coverage.bytes_compressed += ended.compressed;
        coverage.bytes_decompressed += ended.inflated;
        coverage.records.seen += tally.seen;
        coverage.records.filtered += tally.filtered;
        coverage.records.rejected += rejected;
        for (reject, count) in tally.rejected {
            coverage.rejected.entry(reject).or_default().add(count, &file.name);
        }
        let reason = ended.damage.map(|damage| damage.to_string()).or_else(|| broken.err().map(|b| b.to_string()));
        match reason {
            None => coverage.files.read += 1,
            Some(reason) => {
                coverage.files.partial += 1;
                let kept = tally.seen - rejected;
                coverage.skips.push((Trouble { name: Arc::clone(&file.name), reason }, kept));
            }
        }
    }
}

/// What became of the values of one file.
#[derive(Default)]
struct Tally {
    seen: u64,
    events: u64,
    filtered: u64,
    rejected: BTreeMap<Reject, u64>,
}

impl Tally {
    /// Set when the file holds nothing that was ever meant to be a record: it is another kind of file,
    /// not one with bad records.
    fn only_foreign(&self) -> Option<Reject> {
        let none_of_ours = self.events + self.filtered == 0 && self.rejected.keys().all(|r| r.is_foreign());
        self.rejected.keys().next().copied().filter(|_| none_of_ours)
    }
}
