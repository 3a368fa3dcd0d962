//! Looking for events finds what asking every record finds, each event once, however the archive is read.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use trailwright::aggregate::{Bounds, History};
use trailwright::condition::Condition;
use trailwright::scan::ScanOptions;
use trailwright::search::{Column, Search, Table};

use crate::support::{Tree, gzip, key, scan_with, story, trail_file};

/// Events, with copies among them.
static EVENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let events = [story("orders-team"), story("duplicates")].concat();
    events.iter().map(|event| serde_json::from_str(event).unwrap()).collect()
});

/// The same in files, in parts of so many records.
fn tree(part: usize) -> Tree {
    let mut tree = Tree::default();
    for (at, events) in EVENTS.chunks(part).enumerate() {
        let events: Vec<String> = events.iter().map(Value::to_string).collect();
        tree = tree.file(&key(&at.to_string()), &gzip(&trail_file(&events)));
    }
    tree
}
