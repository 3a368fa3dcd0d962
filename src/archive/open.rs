//! A file to its plain bytes, in buffers that are reused from file to file.

use std::fs::File;
use std::io::{self, Read};

use flate2::Decompress;
use memmap2::Mmap;

use super::inflate::{Damage, gunzip, unzstd};
use super::{Content, LogFile, Source, map, recognise};

/// Plain files from this size on are mapped instead of read.
const MAP_FROM: u64 = 64 << 20;

/// Buffers that grew beyond this are given back after the file, so that one outlier does not stay in
/// every thread.
const KEEP: usize = 32 << 20;

/// Limits against hostile files.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Inflated bytes of one file, at most.
    pub inflated: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { inflated: 2 << 30 }
    }
}

/// Opens one file after the other. One per thread.
pub struct Opener {
    limits: Limits,
    inflate: Decompress,
    raw: Vec<u8>,
    plain: Vec<u8>,
    mapped: Option<Mmap>,
}

/// What a file turned out to be.
#[derive(Debug)]
pub enum Opened<'a> {
    /// Text to decode, and what was wrong with its end, if anything.
    Plain {
        /// The inflated bytes.
        bytes: &'a [u8],
        /// Set when there would have been more.
        damage: Option<Damage>,
        /// Bytes read from disk.
        compressed: u64,
    },
    /// Not CloudTrail; with what it is.
    Foreign(&'static str),
    /// Could not be read; with why, for the person at the terminal.
    Unreadable(String),
}

impl Opener {
    /// An opener with its own buffers.
    pub fn new(limits: Limits) -> Self {
        Self { limits, inflate: Decompress::new_gzip(15), raw: Vec::new(), plain: Vec::new(), mapped: None }
    }

    /// Reads and inflates one file.
    pub fn open(&mut self, file: &LogFile) -> Opened<'_> {
        if self.raw.capacity() > KEEP {
            self.raw = Vec::new();
        }
        if self.plain.capacity() > KEEP {
            self.plain = Vec::new();
        }
        self.raw.clear();
        self.mapped = None;
        if let Err(error) = self.read(file) {
            return Opened::Unreadable(describe(&error));
        }
        let bytes = match (&self.mapped, &file.source) {
            (Some(mapped), _) => mapped.as_ref(),
            (None, Source::Bytes { bytes, .. }) => bytes,
            (None, _) => self.raw.as_slice(),
        };
        let compressed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match inflate_all(&mut self.inflate, bytes, &mut self.plain, self.limits.inflated) {
            Inflated::AsItIs => plain_or_foreign(bytes, None, compressed, self.limits, file.delivered),
            Inflated::Into(damage) => plain_or_foreign(&self.plain, damage, compressed, self.limits, file.delivered),
        }
    }

    fn read(&mut self, file: &LogFile) -> io::Result<()> {
        match &file.source {
            Source::Bytes { .. } => Ok(()),
            Source::Stdin => io::stdin().lock().read_to_end(&mut self.raw).map(drop),
            Source::Path(path) => {
                let mut handle = File::open(path)?;
                if file.size >= MAP_FROM {
                    let mut head = Vec::new();
                    (&mut handle).take(512).read_to_end(&mut head)?;
                    if matches!(recognise(&head), Content::Json) {
                        self.mapped = Some(map::map(&handle)?);
                        return Ok(());
                    }
                    self.raw = head;
                }
                handle.read_to_end(&mut self.raw).map(drop)
            }
        }
    }
}

enum Inflated {
    AsItIs,
    Into(Option<Damage>),
}

/// Inflates what is compressed; once more when gzip was put into gzip, as log shippers do.
fn inflate_all(inflate: &mut Decompress, bytes: &[u8], plain: &mut Vec<u8>, limit: usize) -> Inflated {
    plain.clear();
    let damage = match recognise(bytes.get(..512).unwrap_or(bytes)) {
        Content::Gzip => gunzip(inflate, bytes, plain, limit).err(),
        Content::Zstd => unzstd(bytes, plain, limit).err(),
        _ => return Inflated::AsItIs,
    };
    if recognise(plain.get(..512).unwrap_or(plain)) == Content::Gzip {
        let once = std::mem::take(plain);
        let inner = gunzip(inflate, &once, plain, limit).err();
        return Inflated::Into(damage.or(inner));
    }
    Inflated::Into(damage)
}

fn plain_or_foreign(
    bytes: &[u8],
    damage: Option<Damage>,
    compressed: u64,
    limits: Limits,
    delivered: bool,
) -> Opened<'_> {
    match (recognise(bytes.get(..512).unwrap_or(bytes)), damage) {
        (Content::Empty, Some(damage)) => Opened::Unreadable(damage.to_string()),
        (Content::Empty, None) if delivered => {
            Opened::Unreadable("empty file; CloudTrail delivers none, so download it again".to_owned())
        }
        (Content::Empty, None) => Opened::Foreign("empty file"),
        (Content::Packed(what), _) => Opened::Unreadable(format!("{what}; unpack it first")),
        (Content::Foreign(what), _) => Opened::Foreign(what),
        (Content::Gzip | Content::Zstd, _) => Opened::Unreadable("compressed more than twice".to_owned()),
        (Content::Json, damage) => {
            let limit = limits.inflated;
            let cut = bytes.get(..limit).filter(|cut| cut.len() < bytes.len());
            let damage = damage.or_else(|| cut.map(|_| Damage::TooLarge { limit }));
            Opened::Plain { bytes: cut.unwrap_or(bytes), damage, compressed }
        }
    }
}

/// An operating system error in a few plain words.
pub(super) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "not found".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        _ => error.to_string(),
    }
}
