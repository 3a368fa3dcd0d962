use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Filter, Progress, ScanOptions};
use crate::aggregate::{Activity, Call, Sample};
use crate::archive::{Found, LogFile, Opened, Opener, Trouble};
use crate::catalog::Mapper;
use crate::classify::classify;
use crate::decode::{Decoder, Record, Reject};
use crate::detect::inspect;
use crate::event::Event;

/// One thread's share of a scan, with everything it reuses from file to file.
pub(super) struct Worker<'o> {
    filter: &'o Filter,
    opener: Opener,
    decoder: Decoder,
    mapper: Mapper,
    activity: Activity,
}

impl<'o> Worker<'o> {
    pub(super) fn new(options: &'o ScanOptions, ids_in_memory: usize) -> Self {
        Self {
            filter: &options.filter,
            opener: Opener::new(options.limits),
            decoder: Decoder::default(),
            mapper: Mapper::default(),
            activity: Activity::new(ids_in_memory.max(1)),
        }
    }

    pub(super) fn into_activity(self) -> Activity {
        self.activity
    }

    pub(super) fn take(&mut self, found: Found, progress: &dyn Progress) {
        let coverage = &mut self.activity.coverage;
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
        let Self { filter, opener, decoder, mapper, activity } = self;
        let (bytes, damage, compressed) = match opener.open(file) {
            Opened::Plain { bytes, damage, compressed } => (bytes, damage, compressed),
            Opened::Foreign(what) => {
                activity.coverage.files.excluded += 1;
                activity.coverage.excluded.entry(what).or_default().add(1, &file.name);
                return;
            }
            Opened::Unreadable(reason) => {
                activity.coverage.files.skipped += 1;
                activity.coverage.skips.push((Trouble { name: Arc::clone(&file.name), reason }, 0));
                return;
            }
        };
        let mut tally = Tally::default();
        let broken = decoder.records(bytes, &mut |record| {
            let place = tally.seen;
            tally.seen += 1;
            match record {
                Err(reject) => *tally.rejected.entry(reject).or_default() += 1,
                Ok(record) if add(&record, filter, mapper, activity, &file.name, place) => tally.events += 1,
                Ok(_) => tally.filtered += 1,
            }
        });
        let coverage = &mut activity.coverage;
        let rejected: u64 = tally.rejected.values().sum();
        if damage.is_none()
            && broken.is_ok()
            && let Some(reject) = tally.only_foreign()
        {
            coverage.files.excluded += 1;
            coverage.excluded.entry(reject.as_static()).or_default().add(1, &file.name);
            return;
        }
        coverage.bytes_compressed += compressed;
        coverage.bytes_decompressed += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        coverage.records.seen += tally.seen;
        coverage.records.filtered += tally.filtered;
        coverage.records.rejected += rejected;
        for (reject, count) in tally.rejected {
            coverage.rejected.entry(reject).or_default().add(count, &file.name);
        }
        let reason = damage.map(|damage| damage.to_string()).or_else(|| broken.err().map(|b| b.to_string()));
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

/// Adds a record to the activity; `false` when the filter leaves it out.
fn add(
    record: &Record<'_>,
    filter: &Filter,
    mapper: &mut Mapper,
    activity: &mut Activity,
    file: &Arc<str>,
    place: u64,
) -> bool {
    if !filter.wants_record(record) {
        return false;
    }
    let event = Event::read(record);
    if !filter.wants_principal(&event.principal) {
        return false;
    }
    let classified = classify(&event, mapper);
    let findings = inspect(&classified);
    let sample = Sample { time: event.time, session: event.session, event_id: event.event_id, file, record: place };
    activity.add(Call::of(classified, findings), event.id, &sample);
    true
}
