use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::{Call, CallOutcome, Usage};
use crate::archive::Trouble;
use crate::decode::Reject;
use crate::event::{Failure, Operation, Shape};
use crate::intern::Interned;

/// What was read, what was not, and why. Two sums always balance: files found are those read, partial,
/// skipped and excluded; records seen are events, duplicates, filtered and rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files by what became of them.
    pub files: Files,
    /// Bytes on disk of the files that were read.
    pub bytes_compressed: u64,
    /// Bytes after inflating.
    pub bytes_decompressed: u64,
    /// Records by what became of them.
    pub records: Records,
    /// Rejected records by reason.
    pub rejected: BTreeMap<Reject, Examples>,
    /// Excluded files by reason.
    pub excluded: BTreeMap<&'static str, Examples>,
    /// Files that could not be read, or not wholly; with the records that could.
    pub skips: Vec<(Trouble, u64)>,
    /// Events by outcome: succeeded, denied, failed.
    pub outcomes: (u64, u64, u64),
    /// Of the events that succeeded, those that were dry runs: allowed, and not done.
    pub dry_runs: u64,
    /// Failed events by why they failed.
    pub failures: BTreeMap<Failure, u64>,
    /// Denied events by the shape of their message.
    pub messages: BTreeMap<Shape, u64>,
    /// First and last event.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Accounts with events.
    pub accounts: BTreeSet<String>,
    /// Regions with events.
    pub regions: BTreeSet<String>,
    /// Calls of one principal on more different resources than are kept, whose resources are prefixes now.
    pub widened: u64,
    /// Services with data events. Without any, their absence proves nothing: trails leave data events
    /// out unless asked.
    pub data_event_services: BTreeSet<String>,
}

/// Files by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "described at Coverage")]
pub struct Files {
    pub found: u64,
    pub read: u64,
    pub partial: u64,
    pub skipped: u64,
    pub excluded: u64,
}

/// Records by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "described at Coverage")]
pub struct Records {
    pub seen: u64,
    pub events: u64,
    pub duplicates: u64,
    pub filtered: u64,
    pub rejected: u64,
    /// Events whose copies differ from each other in what they say; they are among the duplicates.
    pub conflicting: u64,
}

/// How often something occurred, with the file it occurred in that sorts first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    /// Occurrences.
    pub count: u64,
    /// A file to look at.
    pub file: Option<Arc<str>>,
}

impl Examples {
    /// Counts occurrences in a file.
    pub fn add(&mut self, count: u64, file: &Arc<str>) {
        self.merge(Self { count, file: Some(Arc::clone(file)) });
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.file = match (self.file.take(), other.file) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

impl Coverage {
    pub(super) fn merge(&mut self, other: Self) {
        let (files, more) = (&mut self.files, other.files);
        files.found += more.found;
        files.read += more.read;
        files.partial += more.partial;
        files.skipped += more.skipped;
        files.excluded += more.excluded;
        self.bytes_compressed += other.bytes_compressed;
        self.bytes_decompressed += other.bytes_decompressed;
        self.records.seen += other.records.seen;
        self.records.filtered += other.records.filtered;
        self.records.rejected += other.records.rejected;
        for (reject, examples) in other.rejected {
            self.rejected.entry(reject).or_default().merge(examples);
        }
        for (reason, examples) in other.excluded {
            self.excluded.entry(reason).or_default().merge(examples);
        }
        self.skips.extend(other.skips);
    }

    /// Fills in what follows from the calls once duplicates are gone.
    pub(super) fn settle(&mut self, calls: &[(Call, Usage)]) {
        self.skips.sort_unstable();
        let mut last = None;
        for (call, usage) in calls {
            self.records.events += usage.count;
            match *call.outcome {
                CallOutcome::Succeeded => self.outcomes.0 += usage.count,
                CallOutcome::DryRun => {
                    self.outcomes.0 += usage.count;
                    self.dry_runs += usage.count;
                }
                CallOutcome::Denied(ref refusal) => {
                    self.outcomes.1 += usage.count;
                    *self.messages.entry(refusal.shape).or_default() += usage.count;
                }
                CallOutcome::Failed(failure) => {
                    self.outcomes.2 += usage.count;
                    *self.failures.entry(failure).or_default() += usage.count;
                }
            }
            self.span = match (self.span, usage.span) {
                (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                (a, b) => a.or(b),
            };
            if last.is_some_and(|last: &Interned<Operation>| last.is_same(&call.operation)) {
                continue;
            }
            last = Some(&call.operation);
            let operation = &call.operation;
            if let Some(account) = operation.account.as_deref().filter(|account| !self.accounts.contains(*account)) {
                self.accounts.insert(account.to_owned());
            }
            if !operation.region.is_empty() && !self.regions.contains(&*operation.region) {
                self.regions.insert(operation.region.clone().into_string());
            }
            if operation.is_data_event && !self.data_event_services.contains(&*operation.source) {
                self.data_event_services.insert(operation.source.clone().into_string());
            }
        }
    }
}
