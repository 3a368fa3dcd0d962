use jiff::Timestamp;

use crate::ledger::Grant;

/// Grants in the order of their starts, so that those around a moment are found without looking at the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    /// Each by its number in the ledger.
    grants: Vec<u32>,
    /// For each place the grant that ends last among those up to there.
    latest: Vec<u32>,
    /// The last end below each node of a binary tree whose leaves, in the second half, are the grants in their order: so
    /// that one long grant does not make all short ones after it be looked at.
    ends: Vec<i64>,
}

/// Grants that are told of one event: nobody holds more of one thing at once.
const AT_ONCE: usize = 64;

impl Timeline {
    /// Of grants by their numbers. What was taken back before it began never held.
    pub(super) fn new(mut numbers: Vec<u32>, all: &[Grant]) -> Self {
        numbers.sort_unstable_by_key(|number| (start(all, *number), *number));
        numbers.dedup();
        numbers.retain(|number| start(all, *number) < end(all, *number));
        let mut latest: Vec<u32> = Vec::with_capacity(numbers.len());
        for number in &numbers {
            let best = latest.last().copied().filter(|best| end(all, *best) >= end(all, *number));
            latest.push(best.unwrap_or(*number));
        }
        let leaves = numbers.len().next_power_of_two();
        let mut ends = vec![i64::MIN; leaves];
        ends.extend(numbers.iter().map(|number| end(all, *number)));
        ends.resize(2 * leaves, i64::MIN);
        for node in (1..leaves).rev() {
            let below = [2 * node, 2 * node + 1].map(|child| ends.get(child).copied().unwrap_or(i64::MIN));
            if let Some(own) = ends.get_mut(node) {
                *own = below.into_iter().fold(i64::MIN, i64::max);
            }
        }
        Self { grants: numbers, latest, ends }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    /// Adds those that hold at a moment, where each begins and ends at most `slack` seconds earlier or later; of very many
    /// those that began last.
    pub(super) fn holding(&self, time: Timestamp, slack: i64, all: &[Grant], found: &mut Vec<u32>) {
        let (time, started) = (time.as_second(), self.started(time.as_second().saturating_add(slack), all));
        let leaves = self.ends.len() / 2;
        // Nodes that are to be looked at, the latest on top.
        let mut nodes = vec![1_usize];
        while let Some(node) = nodes.pop().filter(|_| found.len() < AT_ONCE) {
            let ends = self.ends.get(node).copied().unwrap_or(i64::MIN);
            // The first leaf below it.
            let first = (node << (leaves.ilog2() - node.ilog2())) - leaves;
            if ends == i64::MIN || ends.saturating_add(slack) <= time || first >= started {
                continue;
            }
            match node >= leaves {
                true => found.extend(self.grants.get(node - leaves)),
                false => nodes.extend([2 * node, 2 * node + 1]),
            }
        }
    }

    /// One of those that hold at a moment.
    pub(super) fn any_holding(&self, time: Timestamp, slack: i64, all: &[Grant]) -> Option<u32> {
        let started = self.started(time.as_second().saturating_add(slack), all);
        let latest = started.checked_sub(1).and_then(|at| self.latest.get(at)).copied();
        latest.filter(|number| end(all, *number).saturating_add(slack) > time.as_second())
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::{GrantConditions, Subject};

    fn grant((start, length): (i64, i64)) -> Grant {
        let moment = |second: i64| Timestamp::from_second(second).unwrap();
        Grant {
            id: String::new(),
            subject: Subject::Role("Admin".to_owned()),
            person: None,
            also: Vec::new(),
            account: None,
            actions: Vec::new(),
            resources: Vec::new(),
            not_before: moment(start),
            not_after: moment(start + length),
            session_max: SignedDuration::from_hours(1),
            requested_at: None,
            approved_at: None,
            approvers: Vec::new(),
            ticket: None,
            reason: None,
            conditions: GrantConditions::default(),
            break_glass: false,
            revoked_at: None,
            revoked_by: None,
            source: None,
            file: "".into(),
            line: 1,
        }
    }

    proptest! {
        #[test]
        fn grants_are_found_as_by_looking_at_all(
            spans in prop::collection::vec((0..200_i64, 1..60_i64), 0..30),
            second in -10..270_i64,
            slack in 0..5_i64,
        ) {
            let grants: Vec<Grant> = spans.into_iter().map(grant).collect();
            let numbered = || (0_u32..).zip(&grants);
            let timeline = Timeline::new(numbered().map(|(number, _)| number).collect(), &grants);
            let time = Timestamp::from_second(second).unwrap();
            let ends = |grant: &Grant| grant.ends().as_second();
            let holds =
                |grant: &Grant| grant.not_before.as_second() - slack <= second && second < ends(grant) + slack;
            let holding: Vec<u32> = numbered().filter(|(_, grant)| holds(grant)).map(|(number, _)| number).collect();
            prop_assert_eq!(timeline.any_holding(time, slack, &grants).is_some(), !holding.is_empty());
            let mut found = Vec::new();
            timeline.holding(time, slack, &grants, &mut found);
            found.sort_unstable();
            prop_assert_eq!(found, holding);
            let started = || grants.iter().filter(|grant| grant.not_before <= time);
            let before = timeline.before(time, &grants).and_then(|number| grants.get(number as usize));
            prop_assert_eq!(before.map(ends), started().map(ends).max());
            let next = grants.iter().filter(|grant| grant.not_before > time).map(|grant| grant.not_before).min();
            let after = timeline.after(time, &grants).and_then(|number| grants.get(number as usize));
            prop_assert_eq!(after.map(|grant| grant.not_before), next);
        }
    }
}
