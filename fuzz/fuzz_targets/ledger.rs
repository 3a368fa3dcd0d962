//! Any file is read as a ledger without a panic, and its problems and grants stand in the file.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use trailwright::ledger::read;

fuzz_target!(|input: &[u8]| {
    let name: Arc<str> = Arc::from("fuzzed");
    let ledger = read(&[(Arc::clone(&name), input.to_vec())]);
    let last = input.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    assert!(ledger.grants.is_sorted_by(|a, b| (a.not_before, &a.id) <= (b.not_before, &b.id)));
    for grant in &ledger.grants {
        assert!(grant.not_before < grant.not_after && (1..=last).contains(&grant.line), "{grant:?}");
    }
    for problem in &ledger.problems {
        assert!((1..=last).contains(&problem.line), "{problem:?}");
    }
    // Nothing is left out without a word.
    assert!(!ledger.grants.is_empty() || !ledger.problems.is_empty());
    // An id is given once.
    let again = read(&[(Arc::clone(&name), input.to_vec()), (name, input.to_vec())]);
    assert_eq!(again.grants, ledger.grants);
});
