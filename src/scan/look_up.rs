use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::archive::{Limits, LogFile, Opened, Opener, Source};
use crate::decode::{Cut, Decoder};

/// Reads records again that a scan has seen, by file and place, as they stand there. `each` is given the
/// record, or why it is not to be had: standard input cannot be read twice, and a file may be gone since.
pub fn look_up(
    wanted: &BTreeMap<&str, BTreeSet<u64>>,
    limits: Limits,
    mut each: impl FnMut(&str, u64, Result<&[u8], &str>),
) {
    let mut opener = Opener::new(limits, false);
    for (name, places) in wanted {
        if *name == "-" {
            places.iter().for_each(|place| each(name, *place, Err("standard input cannot be read twice")));
            continue;
        }
        let mut missing = places.clone();
        let path = PathBuf::from(name);
        let size = std::fs::metadata(&path).map_or(0, |file| file.len());
        let file = LogFile { name: Arc::from(*name), source: Source::Path(path), size, delivered: false };
        let why = match opener.open(&file) {
            Opened::Text(mut text) => {
                let _ = Decoder::default().pieces_of(&mut text, |cut| {
                    let Cut::Piece(piece) = cut else { return };
                    for (place, element) in piece.elements().filter(|(place, _)| places.contains(place)) {
                        missing.remove(&place);
                        each(name, place, Ok(element));
                    }
                });
                "it is not there any more".to_owned()
            }
            Opened::Foreign(what) => format!("the file is now {what}"),
            Opened::Unreadable(why) => why,
        };
        missing.iter().for_each(|place| each(name, *place, Err(&why)));
    }
}
