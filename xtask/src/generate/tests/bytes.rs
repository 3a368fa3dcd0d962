//! Files as they lie on disk: the same for a seed, whole, and some of them odd.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::super::plan::{Plan, Preset};
use super::super::require_empty;
use super::{inflate, records, sample, small};

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let plan = |seed| Plan::new(Preset::Tiny, seed, 0.005);
    let (one, two) = (sample("seed-a", &plan(1)), sample("seed-b", &plan(1)));
    assert_eq!(one.0.files(), two.0.files());
    assert_ne!(one.0.files(), sample("seed-c", &plan(2)).0.files());
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sample(&format!("threads-{threads}"), &Plan::new(Preset::Small, 3, 0.005)))
    };
    let (one, five) = (with(1), with(5));
    assert_eq!(one.1, five.1);
    assert_eq!(one.0.files(), five.0.files());
}

#[test]
fn the_bytes_of_a_seed_stay_as_they_are() {
    // A benchmark of last month ran on the same archive only if this holds. Change the number when the
    // archive is meant to change.
    let (folder, _) = sample("pinned", &Plan::new(Preset::Tiny, 1, 0.001));
    let sum = |sum: u64, byte: &u8| sum.wrapping_mul(31).wrapping_add(u64::from(*byte));
    let sum = folder.files().values().flat_map(|file| inflate(file).into_bytes()).fold(0, |s, b| sum(s, &b));
    assert_eq!(sum, 16_626_517_300_835_507_034);
}

#[test]
fn some_events_come_twice_with_the_same_content() {
    for (name, plan) in [("twice", small()), ("twice-lone", Plan::new(Preset::Huge, 7, 0.02))] {
        let (folder, totals) = sample(name, &plan);
        let mut seen: BTreeMap<String, Value> = BTreeMap::new();
        let mut again = 0;
        for record in records(&folder) {
            let id = record["eventID"].as_str().unwrap().to_owned();
            if let Some(before) = seen.insert(id, record.clone()) {
                assert_eq!(before, record);
                again += 1;
            }
        }
        assert_eq!(again, totals.duplicates);
        let share = again * 1000 / totals.records;
        assert!((7..=16).contains(&share), "{share} of a thousand, {name}");
    }
}

#[test]
fn some_files_have_members_some_are_indented_and_all_are_whole() {
    let (folder, totals) = sample("members", &Plan::new(Preset::Tiny, 7, 0.05));
    let (mut in_members, mut indented, mut inflated) = (0, 0, 0);
    for bytes in folder.files().values() {
        let text = inflate(bytes);
        let mut first = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut first).unwrap();
        in_members += usize::from(first.len() < text.len());
        indented += usize::from(text.starts_with("{\n  \"Records\": [\n    {\n"));
        inflated += text.len() as u64;
        let file: Value = serde_json::from_str(&text).unwrap();
        assert!((1..=5).contains(&file["Records"].as_array().unwrap().len()));
    }
    assert_eq!(inflated, totals.inflated);
    assert!((15..100).contains(&in_members), "{in_members}");
    assert!((10..60).contains(&indented), "{indented}");
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let (folder, _) = sample("refused", &Plan::new(Preset::Tiny, 1, 0.001));
    let refusal = require_empty(&folder.0).unwrap_err().to_string();
    assert!(refusal.ends_with("is not empty: name a new folder"), "{refusal}");
    assert!(require_empty(&folder.0.join("new")).is_ok());
}

#[test]
fn text_is_spelt_in_every_way_json_allows() {
    let (folder, _) = sample("spelling", &small());
    let texts: String = folder.files().values().map(|bytes| inflate(bytes)).collect();
    for spelling in ["é", "\\u00e9", "\\/", "\\\"", "\\ud83d\\u", "🔥", "\\\\", "\\n"] {
        assert!(texts.contains(spelling), "nothing is spelt {spelling}");
    }
}
