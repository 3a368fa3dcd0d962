use std::sync::Arc;

use crossbeam_channel::{Receiver, TrySendError, select};

use super::shared::{End, Shared, SharedFile, Tally, Work};
use super::{Pipeline, Progress, ScanOptions};
use crate::aggregate::{Activity, Bounds};
use crate::archive::{FileText, Found, LogFile, Opened, Opener, Trouble};
use crate::decode::{Cut, Decoder};
use crate::search::Searcher;

/// One thread's share of a scan, with everything it reuses from file to file.
pub(super) struct Worker<'o> {
    opener: Opener,
    reading: Reading<'o>,
    shared: Shared,
    threads: usize,
}

/// What turns text into activity.
struct Reading<'o> {
    decoder: Decoder,
    pipeline: Pipeline<'o>,
}

impl<'o> Worker<'o> {
    pub(super) fn new(options: &'o ScanOptions, bounds: Bounds, shared: Shared, searcher: Searcher) -> Self {
        let reading = Reading {
            decoder: if options.strict { Decoder::strict() } else { Decoder::default() },
            pipeline: Pipeline::new(&options.filter, &options.rules, bounds)
                .trying(options.trial.as_ref())
                .watching(options.watch.as_deref())
                .searching(searcher, options.only_searches),
        };
        Self { opener: Opener::new(options.limits, options.threads > 1), reading, shared, threads: options.threads }
    }

    /// Reads files, and pieces of those that others cut, until there are no more of either.
    pub(super) fn work(mut self, files: &Receiver<Vec<Found>>, progress: &dyn Progress) -> Activity {
        let pieces = self.shared.receive.clone();
        loop {
            // Pieces first: what is being read is finished before something new is begun.
            if let Ok(work) = pieces.try_recv() {
                self.reading.piece(work);
                continue;
            }
            select! {
                recv(pieces) -> work => if let Ok(work) = work {
                    self.reading.piece(work);
                },
                recv(files) -> found => match found {
                    Ok(found) => found.into_iter().for_each(|found| self.take(found, progress)),
                    Err(_) => break,
                },
            }
        }
        // This thread will cut no more; once none will, the pieces end.
        let Self { mut reading, shared, .. } = self;
        drop(shared);
        pieces.iter().for_each(|work| reading.piece(work));
        reading.pipeline.finish()
    }

    fn take(&mut self, found: Found, progress: &dyn Progress) {
        let coverage = &mut self.reading.pipeline.activity.coverage;
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
                self.open(&file);
                progress.done(file.size);
            }
        }
    }

    fn open(&mut self, file: &LogFile) {
        let Self { opener, reading, shared, threads } = self;
        let coverage = &mut reading.pipeline.activity.coverage;
        match opener.open(file) {
            Opened::Text(text) if *threads > 1 && text.is_long() => reading.share(text, &file.name, shared),
            Opened::Text(text) => reading.whole(text, &file.name),
            Opened::Foreign(what) => {
                coverage.files.excluded += 1;
                coverage.excluded.entry(what).or_default().add(1, &file.name);
            }
            Opened::Unreadable(reason) => {
                coverage.files.skipped += 1;
                coverage.skips.push((Trouble { name: Arc::clone(&file.name), reason }, 0));
            }
        }
    }
}

impl Reading<'_> {
    fn whole(&mut self, mut text: FileText<'_>, name: &Arc<str>) {
        let Self { decoder, pipeline } = self;
        let mut tally = Tally::default();
        let broken = decoder.records_of(&mut text, |record| {
            let place = tally.seen;
            tally.count(record.and_then(|record| pipeline.add(&record, name, place)));
        });
        self.close(name, tally, End { ended: text.ended(), broken });
    }

    /// Cuts a file, for all threads to read; reads itself what nobody else has time for.
    fn share(&mut self, mut text: FileText<'_>, name: &Arc<str>, shared: &Shared) {
        let file = SharedFile::new(Arc::clone(name));
        let mut rejected = Tally::default();
        // A decoder of its own, since pieces are read in between.
        let broken = Decoder::default().pieces_of(&mut text, |cut| match cut {
            Cut::Rejected(reject) => rejected.count(Err(reject)),
            Cut::Piece(piece) => match shared.send.try_send(Work { piece, file: Arc::clone(&file) }) {
                Ok(()) => {}
                Err(TrySendError::Full(work) | TrySendError::Disconnected(work)) => self.piece(work),
            },
        });
        file.add(rejected);
        file.end(End { ended: text.ended(), broken });
        self.close_shared(file);
    }

    fn piece(&mut self, Work { piece, file }: Work) {
        let Self { decoder, pipeline } = self;
        let mut tally = Tally::default();
        decoder.records_in(&piece, |place, record| {
            tally.count(record.and_then(|record| pipeline.add(&record, &file.name, place)));
        });
        file.add(tally);
        self.close_shared(file);
    }

    fn close_shared(&mut self, file: Arc<SharedFile>) {
        if let Some((name, tally, end)) = file.close() {
            self.close(&name, tally, end);
        }
    }

    /// Says what became of a file.
    fn close(&mut self, name: &Arc<str>, tally: Tally, End { ended, broken }: End) {
        let coverage = &mut self.pipeline.activity.coverage;
        let rejected: u64 = tally.rejected.values().sum();
        if ended.damage.is_none()
            && broken.is_ok()
            && let Some(reject) = tally.only_foreign()
        {
            coverage.files.excluded += 1;
            coverage.excluded.entry(reject.as_static()).or_default().add(1, name);
            return;
        }
        coverage.bytes_compressed += ended.compressed;
        coverage.bytes_decompressed += ended.inflated;
        coverage.records.seen += tally.seen;
        coverage.records.filtered += tally.filtered;
        coverage.records.rejected += rejected;
        for (reject, count) in tally.rejected {
            coverage.rejected.entry(reject).or_default().add(count, name);
        }
        let reason = ended.damage.map(|damage| damage.to_string()).or_else(|| broken.err().map(|b| b.to_string()));
        match reason {
            None => coverage.files.read += 1,
            Some(reason) => {
                coverage.files.partial += 1;
                let kept = tally.seen - rejected;
                coverage.skips.push((Trouble { name: Arc::clone(name), reason }, kept));
            }
        }
    }
}
