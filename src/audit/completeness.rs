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
    /// When somebody changed what is logged, by account, first and last; with the call.
    tampering: BTreeMap<&'h str, Vec<(Timestamp, Timestamp, &'h str)>>,
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
        let mut tampering: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (call, usage) in &history.calls {
            let blinds = |finding: &crate::detect::Finding| {
                finding.kind.class.as_deref() == Some("defense-evasion") && finding.severity >= Severity::High
            };
            let is_of_trail = &*call.operation.source == "cloudtrail.amazonaws.com";
            if is_of_trail
                && *call.outcome == CallOutcome::Succeeded
                && call.findings.iter().any(blinds)
                && let (Some(account), Some((first, last))) = (call.operation.account.as_deref(), usage.span)
            {
                tampering.entry(account).or_default().push((first, last, &*call.operation.name));
            }
        }
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
        self.through().is_none_or(|last| last.as_second() < grant.ends().as_second() + self.delay)
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
        let account = grant.account.as_deref().filter(|account| self.pulse.last_of(Some(account)).is_none())?;
        Some(format!("the archive has no events of account {account}"))
    }

    /// What may be missing of a window, in sentences.
    pub(super) fn gaps(&self, grant: &Grant) -> Vec<String> {
        let (start, end) = (grant.not_before, grant.ends());
        let Some(account) = grant.account.as_deref() else { return Vec::new() };
        let mut said = Vec::new();
        let days = self.unread.get(account).into_iter().flatten();
        let in_days: Vec<&str> = days
            .filter(|(day, _)| *day < end.as_second() + self.delay && day + DAY > start.as_second())
            .map(|(_, file)| *file)
            .collect();
        if let Some(file) = in_days.first() {
            said.push(match in_days.len() {
                1 => format!("a file of that day could not be read: {file}"),
                more => format!("{more} files of these days could not be read, such as {file}"),
            });
        }
        for (first, last, name) in self.tampering.get(account).into_iter().flatten() {
            if *first < end && *last >= start {
                said.push(format!("{name} changed what is logged, between {first} and {last}"));
            }
        }
        if let Some((from, length)) = self.pulse.silence(account, start, end) {
            said.push(format!(
                "the account has no events for {} h from {from} on, and hardly ever is silent",
                length.as_hours()
            ));
        }
        said
    }
}
