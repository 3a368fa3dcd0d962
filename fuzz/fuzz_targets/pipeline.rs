//! Any text goes through decoder, reader, classifier, detector and activity without a panic. What is remembered
//! from one record to the next changes nothing: read again with a warm memory, or each record with a memory of its
//! own, the same records make the same calls. Every value is counted once, and read twice, each event is a duplicate
//! of itself.
//!
//! The first byte of the input chooses how much is kept before resources become prefixes and ids go to disk.
#![no_main]

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use trailwright::aggregate::{Activity, Bounds, CallOutcome, CallRef, History, KindRef, Sample};
use trailwright::classify::{Classifier, Needs};
use trailwright::decode::{Decoder, Record, Reject};
use trailwright::detect::{Detector, Finding, RuleSet};
use trailwright::event::{EventId, Operation, Reader};
use trailwright::iam::Principal;
use trailwright::intern::Interned;

/// Records of one text that are read with a memory of their own: that takes long to set up.
const ALONE: usize = 3;

/// What is remembered from record to record.
struct Memory {
    reader: Reader,
    classifier: Classifier,
    detector: Detector<'static>,
}

impl Default for Memory {
    fn default() -> Self {
        static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::default);
        Self { reader: Reader::default(), classifier: Classifier::default(), detector: Detector::new(&RULES) }
    }
}

/// All that is said of one event.
#[derive(Debug, PartialEq)]
struct Said {
    principal: Interned<Principal>,
    operation: Interned<Operation>,
    invoked_by: Option<Interned<String>>,
    outcome: String,
    needs: Interned<Needs>,
    findings: Interned<Vec<Finding>>,
    id: EventId,
    session: u64,
    mfa: Option<bool>,
    address: Option<IpAddr>,
}

impl Memory {
    /// Adds a record to the activity. Answers with what was said of it, and how wide its resources were kept.
    fn add(
        &mut self,
        record: &Record<'_>,
        width: Option<u8>,
        activity: &mut Activity,
        place: u64,
    ) -> Result<(Said, u8), Reject> {
        let event = self.reader.read(record)?;
        let outcome = Interned::new(CallOutcome::of(&event.outcome));
        let kind = KindRef::of(&event.identity.principal, event.operation, &outcome, event.identity.invoked_by.as_ref());
        let width = width.unwrap_or_else(|| activity.width(&kind));
        let needs = self.classifier.needs(&event, || width);
        let findings = self.detector.inspect(&event, needs).findings;
        let said = Said {
            principal: event.identity.principal.clone(),
            operation: event.operation.clone(),
            invoked_by: event.identity.invoked_by.clone(),
            outcome: format!("{:?}", event.outcome),
            needs: needs.clone(),
            findings: findings.clone(),
            id: event.id,
            session: event.identity.session,
            mfa: event.identity.mfa,
            address: event.address,
        };
        let file: Arc<str> = "a".into();
        activity.add(&CallRef { kind, needs, findings, replayed: None }, &Sample::of(&event, &file, place));
        Ok((said, width))
    }
}

type Answers = Vec<Result<(Said, u8), Reject>>;

/// Reads a text with what is remembered.
fn read(text: &[u8], memory: &mut Memory, bounds: Bounds) -> (Answers, Activity) {
    let (mut answers, mut activity) = (Vec::new(), Activity::new(bounds));
    let _ = Decoder::default().records(text, |record| {
        let place = answers.len() as u64;
        let answer = record.and_then(|record| memory.add(&record, None, &mut activity, place));
        activity.coverage.records.seen += 1;
        if let Err(reject) = answer {
            activity.coverage.records.rejected += 1;
            activity.coverage.rejected.entry(reject).or_default().add(1, &"a".into());
        }
        answers.push(answer);
    });
    (answers, activity)
}

/// Reads the last records of a text again, each with a memory of its own.
fn read_alone(text: &[u8], expected: &Answers) {
    // The first one had a memory of its own already.
    let first = expected.len().saturating_sub(ALONE).max(1);
    let mut place = 0;
    let _ = Decoder::default().records(text, |record| {
        if let (true, Ok(record), Some(expected)) = (place >= first, record, expected.get(place)) {
            let width = expected.as_ref().ok().map(|(_, width)| *width);
            let alone = Memory::default().add(&record, width, &mut Activity::default(), 0);
            // Without a width there was no event; and then there is none.
            assert_eq!(&alone, expected, "record {place} alone");
        }
        place += 1;
    });
}

fn assert_balanced(history: &History, values: u64) {
    let (records, (succeeded, denied, failed)) = (history.coverage.records, history.coverage.outcomes);
    assert_eq!(records.seen, values);
    assert_eq!(records.seen, records.events + records.duplicates + records.filtered + records.rejected, "{records:?}");
    assert_eq!(records.events, succeeded + denied + failed);
    assert_eq!(records.events, history.calls.iter().map(|(_, usage)| usage.count).sum::<u64>());
    assert_eq!(records.rejected, history.coverage.rejected.values().map(|examples| examples.count).sum::<u64>());
    assert!(history.calls.is_sorted_by(|(a, _), (b, _)| a < b), "sorted, and no call twice");
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first() else { return };
    let bounds = Bounds {
        ids_in_memory: if choice & 0xF0 == 0xF0 { 2 } else { 1 << 10 },
        resources: if choice & 1 == 1 { 1 } else { 100 },
    };
    let mut memory = Memory::default();
    let (answers, once) = read(text, &mut memory, bounds);
    let (again, twice) = read(text, &mut memory, bounds);
    assert_eq!(answers, again, "with a warm memory");
    read_alone(text, &answers);

    let values = answers.len() as u64;
    let both = once.merge(twice).settle();
    assert_balanced(&both, 2 * values);
    let once = read(text, &mut memory, bounds).1.settle();
    assert_balanced(&once, values);
    let (single, double) = (once.coverage.records, both.coverage.records);
    assert_eq!(double.events, single.events);
    assert_eq!(double.duplicates, single.events + 2 * single.duplicates);
    assert_eq!(double.conflicting, single.conflicting);
    assert!(once.calls == both.calls, "what was read twice is counted once");
});
