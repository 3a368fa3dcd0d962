//! How much of what happened the archive can tell, grant by grant.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::Offset;

use super::Options;
use crate::aggregate::{CallOutcome, History, Pulse};
use crate::archive::Delivered;
use crate::detect::Severity;
use crate::ledger::Grant;

/// What of the archive is missing.
pub(super) struct Completeness<'h> {
    span: Option<(Timestamp, Timestamp)>,
    pulse: &'h Pulse,
    delay: i64,
    /// Whether any data event was logged.
    pub(super) has_data_events: bool,
    /// Days of which files could not be read, by account, in seconds; with one of the files.
    unread: BTreeMap<&'h str, Vec<(i64, &'h str)>>,
    /// When somebody changed what is logged, by account.
    tampering: BTreeMap<&'h str, Vec<Blind<'h>>>,
    /// Files that could not be read and whose names tell nothing.
    pub(super) unplaced_files: usize,
}

const DAY: i64 = 86_400;

impl<'h> Completeness<'h> {
    pub(super) fn of(history: &'h History, options: &Options) -> Self {
        let mut unread: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        let mut unplaced_files = 0;
        for (trouble, _) in &history.coverage.skips {
            let start = |delivered: &Delivered<'_>| Offset::UTC.to_timestamp(delivered.day.at(0, 0, 0, 0)).ok();
            match Delivered::parse(&trouble.name).and_then(|delivered| Some((delivered.account, start(&delivered)?))) {
                Some((account, day)) => unread.entry(account).or_default().push((day.as_second(), &*trouble.name)),
                None => unplaced_files += 1,
            }
        }
        let tampering = tampering(history);
        let delay = options.delivery_delay.as_secs();
        let has_data_events = !history.coverage.data_event_services.is_empty();
        let (span, pulse) = (history.coverage.span, &history.pulse);
        Self { span, pulse, delay, has_data_events, unread, tampering, unplaced_files }
    }

    /// The last event of the archive.
    pub(super) fn through(&self) -> Option<Timestamp> {
        self.span.map(|(_, last)| last)
    }

    /// Whether the archive ends before all of a window can be in it.
    pub(super) fn is_provisional(&self, grant: &Grant) -> bool {
        self.through().is_none_or(|last| last.as_second() < grant.ends().as_second().saturating_add(self.delay))
    }

    /// Why the archive tells nothing at all of a window, if it does not.
    pub(super) fn why_not_covered(&self, grant: &Grant) -> Option<String> {
        let Some((first, last)) = self.span else { return Some("the archive has no events".to_owned()) };
        if grant.not_before > last {
            return Some(format!("the archive ends at {last}, before the window"));
        }
        if grant.ends() <= first {
            return Some(format!("the archive begins at {first}, after the window"));
        }
        let account = grant.account.as_deref()?;
        let Some((first, last)) = self.pulse.span_of(account) else {
            return Some(format!("the archive has no events of account {account}"));
        };
        if grant.ends() <= first {
            return Some(format!("the first event of account {account} is at {first}, after the window"));
        }
        (grant.not_before > last)
            .then(|| format!("the last event of account {account} is at {last}, before the window"))
    }

    /// What may be missing of a window, in sentences.
    pub(super) fn gaps(&self, grant: &Grant) -> Vec<String> {
        let (start, end) = (grant.not_before, grant.ends());
        let mut said = Vec::new();
        if start >= end {
            return said;
        }
        if let Some((first, _)) = self.span.filter(|(first, _)| start < *first && *first < end) {
            said.push(format!("the archive begins at {first}, within the window"));
        }
        match grant.account.as_deref() {
            Some(account) => said.extend(self.gaps_of(account, start, end)),
            None => self.pulse.accounts().for_each(|account| {
                said.extend(self.gaps_of(account, start, end).into_iter().map(|gap| format!("{account}: {gap}")));
            }),
        }
        said
    }

    fn gaps_of(&self, account: &str, start: Timestamp, end: Timestamp) -> Vec<String> {
        let mut said = Vec::new();
        let days = self.unread.get(account).into_iter().flatten();
        let in_days: Vec<&str> = days
            .filter(|(day, _)| *day < end.as_second().saturating_add(self.delay) && day + DAY > start.as_second())
            .map(|(_, file)| *file)
            .collect();
        if let Some(file) = in_days.first() {
            said.push(match in_days.len() {
                1 => format!("a file of that day could not be read: {file}"),
                more => format!("{more} files of these days could not be read, such as {file}"),
            });
        }
        for blind in self.tampering.get(account).into_iter().flatten() {
            if blind.from < end && blind.until.is_none_or(|until| start <= until) {
                let Blind { from, until, name } = *blind;
                said.push(match until {
                    Some(until) if until == from => format!("{name} changed what is logged, at {from}"),
                    Some(until) => format!("{name} stopped logging from {from} until {until}"),
                    None => format!("{name} stopped logging at {from}, and no call starts it again"),
                });
            }
        }
        // Beyond the last event of the archive nobody can tell silence from the end.
        let end = self.through().map_or(end, |through| end.min(through));
        if let Some((from, length)) = self.pulse.silence(account, start, end) {
            said.push(format!(
                "the account has no events for {} h from {from} on, and hardly ever is silent",
                length.as_hours()
            ));
        }
        said
    }
}

/// A time in which less was logged, or may have been.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Blind<'h> {
    from: Timestamp,
    /// Where logging went on; nothing where it did not. The same moment where it did not stop and was only changed.
    until: Option<Timestamp>,
    name: &'h str,
}

/// Calls after which nothing is logged until somebody starts it again.
const STOPS: &[&str] = &["StopLogging", "DeleteTrail", "StopEventDataStoreIngestion", "DeleteEventDataStore"];
const STARTS: &[&str] = &["StartLogging", "CreateTrail", "StartEventDataStoreIngestion", "CreateEventDataStore"];

/// When somebody changed what is logged, by account, in order.
fn tampering(history: &History) -> BTreeMap<&str, Vec<Blind<'_>>> {
    let mut changes: BTreeMap<&str, Vec<(Timestamp, &str)>> = BTreeMap::new();
    for (call, usage) in &history.calls {
        let blinds = |finding: &crate::detect::Finding| {
            finding.kind.class.as_deref() == Some("defense-evasion") && finding.severity >= Severity::High
        };
        let name = &*call.operation.name;
        let is_done = &*call.operation.source == "cloudtrail.amazonaws.com" && *call.outcome == CallOutcome::Succeeded;
        let Some(account) = call.operation.account.as_deref().filter(|_| is_done) else { continue };
        if !STARTS.contains(&name) && !call.findings.iter().any(blinds) {
            continue;
        }
        // Exactly where the times of such calls are kept, else as far as they are.
        let exact = usage.trace.iter().flat_map(|trace| trace.moments()).chain(usage.evidence.iter());
        let times = exact.map(|event| event.time).chain(usage.first()).chain(usage.last());
        changes.entry(account).or_default().extend(times.map(|time| (time, name)));
    }
    changes.into_iter().map(|(account, changes)| (account, blinds(changes))).collect()
}

fn blinds(mut changes: Vec<(Timestamp, &str)>) -> Vec<Blind<'_>> {
    changes.sort_unstable();
    changes.dedup();
    let starts: Vec<Timestamp> =
        changes.iter().filter(|(_, name)| STARTS.contains(name)).map(|(time, _)| *time).collect();
    let next = |time: Timestamp| starts.get(starts.partition_point(|start| *start <= time)).copied();
    let changed = changes.into_iter().filter(|(_, name)| !STARTS.contains(name));
    changed
        .map(|(from, name)| Blind { from, until: if STOPS.contains(&name) { next(from) } else { Some(from) }, name })
        .collect()
}
