//! Writes one file of the archive: its plan in, a gzip file on disk and its numbers out. Holds a chunk of
//! the file at a time, however large the file is.

use std::fs::File;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::dice::{Dice, Salts, below, mix, named};
use super::plan::{FilePlan, Plan};
use super::record;
use super::respell::{self, Indent};
use super::world::World;

/// Of a thousand records, how many are one that the file before delivered already. Fewer arrive: the
/// first file of a run has none before it.
const REDELIVERED: u64 = 13;
/// In a lone file, how many records later one comes again.
const LAG: u64 = 997;
/// Of a thousand records, how many come from a producer that escapes what it need not.
const ESCAPED: u64 = 12;
const CHUNK: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub files: u64,
    pub records: u64,
    pub compressed: u64,
    pub inflated: u64,
    pub denied: u64,
    pub duplicates: u64,
}

impl Totals {
    pub fn plus(self, other: Self) -> Self {
        Self {
            files: self.files + other.files,
            records: self.records + other.records,
            compressed: self.compressed + other.compressed,
            inflated: self.inflated + other.inflated,
            denied: self.denied + other.denied,
            duplicates: self.duplicates + other.duplicates,
        }
    }
}

/// Memory a thread uses again for file after file.
#[derive(Default)]
pub struct Buffers {
    record: Vec<u8>,
    escaped: Vec<u8>,
    chunk: Vec<u8>,
}

pub fn write(world: &World, plan: &Plan, number: u64, target: &File, buffers: &mut Buffers) -> io::Result<Totals> {
    let mut delivery = Delivery::new(plan, number);
    let file = plan.file(number);
    let mut members = Members::new(target, &file);
    let mut indent = file.pretty.then(Indent::default);
    let mut totals = Totals { files: 1, records: file.records, ..Totals::default() };

    let Buffers { record, escaped, chunk } = buffers;
    chunk.clear();
    record.clear();
    record.extend_from_slice(b"{\"Records\":[");
    for place in 0..file.records {
        let made = delivery.record(place);
        let scene = world.scene(&made.file, made.place, made.salt);
        let from = record.len();
        totals.denied += u64::from(record::write(&scene, record));
        totals.duplicates += u64::from(made.again);
        if below(scene.choice("escapes"), 1000) < ESCAPED {
            respell_record(record, from, escaped);
        }
        record.extend_from_slice(if place + 1 < file.records { b"," } else { b"]}" });
        match &mut indent {
            Some(indent) => indent.feed(record, chunk),
            None => chunk.extend_from_slice(record),
        }
        record.clear();
        if chunk.len() >= CHUNK {
            members.write_all(chunk)?;
            chunk.clear();
        }
    }
    if indent.is_some() {
        chunk.push(b'\n');
    }
    members.write_all(chunk)?;
    totals.inflated = members.inflated;
    members.open.try_finish()?;
    drop(members);
    totals.compressed = target.metadata()?.len();
    Ok(totals)
}

fn respell_record(record: &mut Vec<u8>, from: usize, escaped: &mut Vec<u8>) {
    escaped.clear();
    respell::escaped(&String::from_utf8_lossy(&record[from..]), escaped);
    record.truncate(from);
    record.extend_from_slice(escaped);
}

/// Which record comes at each place of a file: one of its own, or one that was delivered before.
struct Delivery {
    /// The file, then those before it in its run.
    sources: Vec<(FilePlan, Salts)>,
    lone: bool,
}

/// Where a record was made.
struct Made {
    file: FilePlan,
    place: u64,
    salt: u64,
    /// Delivered before.
    again: bool,
}

impl Delivery {
    fn new(plan: &Plan, number: u64) -> Self {
        let source = |file: FilePlan| (file, Salts::of(plan.seed, file.number));
        Self { sources: plan.run_up_to(number).map(source).collect(), lone: plan.files == 1 }
    }

    fn record(&mut self, place: u64) -> Made {
        let (mut back, mut at) = (0, place);
        loop {
            let salt = self.sources[back].1.at(at);
            let again = below(mix(salt, named("again")), 1000) < REDELIVERED;
            let earlier = match self.sources.get(back + 1) {
                Some((file, _)) if at < file.records => Some((back + 1, at)),
                None if self.lone && at >= LAG => Some((back, at - LAG)),
                _ => None,
            };
            match earlier {
                // What was delivered before may itself have been a copy.
                Some(earlier) if again => (back, at) = earlier,
                _ => {
                    let again = (back, at) != (0, place);
                    return Made { file: self.sources[back].0, place: at, salt, again };
                }
            }
        }
    }
}

/// A gzip file that may begin a new member at any byte.
struct Members<'f> {
    target: &'f File,
    open: GzEncoder<&'f File>,
    inflated: u64,
    /// Bytes until the member ends.
    left: u64,
    dice: Dice,
    longest: u64,
}

impl<'f> Members<'f> {
    fn new(target: &'f File, file: &FilePlan) -> Self {
        let mut dice = file.dice("members");
        // Two to eight members or so, whatever the size of the file.
        let longest = file.records * 800;
        let left = if file.members { 1 + dice.below(longest) } else { u64::MAX };
        let open = GzEncoder::new(target, Compression::default());
        Self { target, open, inflated: 0, left, dice, longest }
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.inflated += bytes.len() as u64;
        while bytes.len() as u64 > self.left {
            let (now, later) = bytes.split_at(self.left as usize);
            self.open.write_all(now)?;
            self.open.try_finish()?;
            self.open = GzEncoder::new(self.target, Compression::default());
            self.left = 1 + self.dice.below(self.longest);
            bytes = later;
        }
        self.left -= bytes.len() as u64;
        self.open.write_all(bytes)
    }
}
