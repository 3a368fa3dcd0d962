use jiff::Timestamp;

use crate::ledger::Grant;

/// Grants in the order of their starts, so that those around a moment are found without looking at the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// Each by its number in the ledger.
    grants: Vec<u32>,
    /// For each place the grant that ends last among those up to there.
    latest: Vec<u32>,
}

impl Timeline {
    /// Of grants by their numbers.
    pub(super) fn new(mut numbers: Vec<u32>, all: &[Grant]) -> Self {
        numbers.sort_unstable_by_key(|number| (start(all, *number), *number));
        numbers.dedup();
        let mut latest: Vec<u32> = Vec::with_capacity(numbers.len());
        for number in &numbers {
            let best = latest.last().copied().filter(|best| end(all, *best) >= end(all, *number));
            latest.push(best.unwrap_or(*number));
        }
        Self { grants: numbers, latest }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    /// Those that hold at a moment, where each begins and ends at most `slack` seconds earlier or later.
    pub(super) fn holding(&self, time: Timestamp, slack: i64, all: &[Grant]) -> Vec<u32> {
        let (time, started) = (time.as_second(), self.started(time.as_second() + slack, all));
        let mut found = Vec::new();
        for at in (0..started).rev() {
            // Nothing before this place ends late enough.
            if self.latest.get(at).is_none_or(|latest| end(all, *latest) + slack <= time) {
                break;
            }
            found.extend(self.grants.get(at).copied().filter(|number| end(all, *number) + slack > time));
        }
        found.sort_unstable();
        found
    }

    /// The one that ended last before a moment.
    pub(super) fn before(&self, time: Timestamp, all: &[Grant]) -> Option<u32> {
        let started = self.started(time.as_second(), all);
        started.checked_sub(1).and_then(|at| self.latest.get(at)).copied()
    }

    /// The one that starts first after a moment.
    pub(super) fn after(&self, time: Timestamp, all: &[Grant]) -> Option<u32> {
        self.grants.get(self.started(time.as_second(), all)).copied()
    }

    /// How many have started by a second.
    fn started(&self, second: i64, all: &[Grant]) -> usize {
        self.grants.partition_point(|number| start(all, *number) <= second)
    }
}

fn start(all: &[Grant], number: u32) -> i64 {
    all.get(number as usize).map_or(i64::MAX, |grant| grant.not_before.as_second())
}

fn end(all: &[Grant], number: u32) -> i64 {
    all.get(number as usize).map_or(i64::MIN, |grant| grant.ends().as_second())
}
