//! Any split of the same events, over files, threads, runs or memory, comes to the same history.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use trailwright::aggregate::{Activity, Bounds, Call, History, Usage};
use trailwright::decode::Decoder;
use trailwright::detect::RuleSet;
use trailwright::scan::{Filter, Pipeline, ScanOptions};

use crate::support::{Tree, gzip, key, scan_with, story, trail_file};

/// Events, with copies among them.
static EVENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let events = [story("orders-team"), story("duplicates")].concat();
    assert_eq!(events.len(), 199 + 13);
    events
});

/// So few resources that some calls of the story are on more, and are kept as prefixes.
const BOUNDS: Bounds = Bounds { ids_in_memory: 1 << 20, resources: 1 };

/// Everything a history says except in which files it was found.
#[derive(Debug, PartialEq)]
struct Said {
    coverage: String,
    calls: Vec<(Call, Usage, Events)>,
}

/// Evidence without files: times and event ids.
type Events = Vec<(jiff::Timestamp, String)>;

impl Said {
    fn by(history: History) -> Self {
        let coverage = &history.coverage;
        let rejected: BTreeMap<_, _> = coverage.rejected.iter().map(|(why, examples)| (why, examples.count)).collect();
        let coverage = format!(
            "{:?} {:?} {:?} {rejected:?} {:?} {:?} {:?} {}",
            coverage.records,
            coverage.outcomes,
            coverage.span,
            coverage.accounts,
            coverage.regions,
            coverage.data_event_services,
            coverage.widened
        );
        let without_files = |(call, mut usage): (Call, Usage)| {
            let (evidence, trace) = (std::mem::take(&mut usage.evidence), usage.trace.take());
            let traced = trace.iter().flat_map(|trace| trace.stretches()).flat_map(|s| [&s.first, &s.last]);
            let events = evidence.iter().chain(traced).map(|event| (event.time, event.event_id.to_string()));
            let mut events: Vec<_> = events.collect();
            events.sort();
            (call, usage, events)
        };
        Self { coverage, calls: history.calls.into_iter().map(without_files).collect() }
    }
}

static EXPECTED: LazyLock<Said> = LazyLock::new(|| {
    let tree = Tree::delivered(&EVENTS, EVENTS.len());
    let history = scan_with(&[tree.path()], &ScanOptions { bounds: BOUNDS, ..ScanOptions::default() });
    assert_eq!((history.coverage.records.events, history.coverage.records.duplicates), (199 + 9, 4));
    assert!(history.coverage.widened > 2, "{}", history.coverage.widened);
    Said::by(history)
});

/// Puts each event into the file that `files` names for it, in the order of `order`, and scans.
#[track_caller]
fn check(files: &[usize], order: &[usize], threads: usize, ids_in_memory: usize) {
    let mut split: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for at in order {
        split.entry(files[*at]).or_default().push(&EVENTS[*at]);
    }
    let tree = Tree::new();
    for (serial, events) in split {
        tree.put(&key("111122223333", "eu-west-1", "2026-02-03", serial), &gzip(&trail_file(&events)));
    }
    let options = ScanOptions { threads, bounds: Bounds { ids_in_memory, ..BOUNDS }, ..ScanOptions::default() };
    let history = scan_with(&[tree.path()], &options);
    assert_eq!(Said::by(history), *EXPECTED, "{threads} threads, {ids_in_memory} ids");
}

fn any_split() -> impl Strategy<Value = Vec<usize>> {
    (1..40_usize).prop_flat_map(|files| prop::collection::vec(0..files, EVENTS.len()))
}

fn any_order() -> impl Strategy<Value = Vec<usize>> {
    Just((0..EVENTS.len()).collect::<Vec<_>>()).prop_shuffle()
}

/// What the events of one part add up to.
fn activity(records: &[usize], file: &str, ids_in_memory: usize) -> Activity {
    let (filter, rules) = (Filter::default(), RuleSet::default());
    let mut pipeline = Pipeline::new(&filter, &rules, Bounds { ids_in_memory, ..BOUNDS });
    let mut decoder = Decoder::default();
    let file: Arc<str> = file.into();
    for (place, at) in (0..).zip(records) {
        let decoded = decoder.records(EVENTS[*at].as_bytes(), |record| {
            assert!(pipeline.add(&record.unwrap(), &file, place).unwrap());
            pipeline.activity.coverage.records.seen += 1;
        });
        decoded.unwrap();
    }
    pipeline.activity
}

/// A settled activity, evidence files included.
fn settled(activity: Activity) -> (String, Vec<(Call, Usage)>) {
    let history = activity.settle();
    (format!("{:?}", history.coverage), history.calls)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn any_split_comes_to_the_same(
        files in any_split(),
        order in any_order(),
        threads in 1..=4_usize,
        ids_in_memory in prop::sample::select(vec![1, 2, 3, 7, 50, 1 << 20]),
    ) {
        check(&files, &order, threads, ids_in_memory);
    }

    #[test]
    fn merging_is_associative_and_commutative(
        order in any_order(),
        first in 0..80_usize,
        second in 80..212_usize,
        ids_in_memory in prop::sample::select(vec![1, 5, 1 << 20]),
    ) {
        let parts = || {
            let part = |range, file| activity(&order[range], file, ids_in_memory);
            (part(0..first, "a"), part(first..second, "b"), part(second..order.len(), "c"))
        };
        let (a, b, c) = parts();
        let left = settled(a.merge(b).merge(c));
        let (a, b, c) = parts();
        let right = settled(a.merge(b.merge(c)));
        let (a, b, c) = parts();
        let backwards = settled(c.merge(b).merge(a));
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(&left, &backwards);
    }
}

#[test]
fn an_archive_given_twice_counts_once() {
    let tree = Tree::delivered(&EVENTS, 20);
    for threads in 1..=4 {
        let options = ScanOptions { threads, bounds: Bounds { ids_in_memory: 16, ..BOUNDS }, ..ScanOptions::default() };
        let once = scan_with(&[tree.path()], &options);
        let twice = scan_with(&[tree.path(), tree.path()], &options);
        let (records, again) = (once.coverage.records, twice.coverage.records);
        assert_eq!(again.seen, 2 * records.seen);
        assert_eq!(again.events, records.events);
        assert_eq!(again.duplicates, records.events + 2 * records.duplicates);
        assert_eq!(again.conflicting, records.conflicting);
        assert!(once.calls == twice.calls, "{threads} threads");
    }
}

#[test]
fn nothing_is_added_by_nothing() {
    let all: Vec<usize> = (0..EVENTS.len()).collect();
    let alone = settled(activity(&all, "a", 100));
    assert_eq!(settled(activity(&all, "a", 100).merge(Activity::default())), alone);
    assert_eq!(settled(Activity::default().merge(activity(&all, "a", 100))), alone);
}
