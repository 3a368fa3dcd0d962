//! A file to its plain text, in buffers that are reused from file to file.

use std::fs::File;
use std::io::{self, Read, Seek};

use flate2::Decompress;
use memmap2::Mmap;

use super::inflate::Damage;
use super::input::Input;
use super::text::{Stream, Text, Whole};
use super::{Content, LogFile, Source, map, recognise};

/// Plain files from this size on are mapped instead of read.
const MAP_FROM: u64 = 64 << 20;

/// Buffers that grew beyond this are given back after the file, so that one outlier does not stay in
/// every thread.
const KEEP: usize = 32 << 20;

/// First bytes of a file by which it is recognised.
const HEAD: usize = 512;

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
    deflate: Decompress,
    raw: Vec<u8>,
    window: Vec<u8>,
    mapped: Option<Mmap>,
    /// For what is compressed twice.
    inner: Option<Box<Opener>>,
}

/// What a file turned out to be.
pub enum Opened<'a> {
    /// Text to decode.
    Text(FileText<'a>),
    /// Not CloudTrail; with what it is.
    Foreign(&'static str),
    /// Could not be read; with why, for the person at the terminal.
    Unreadable(String),
}

/// The text of one file.
pub struct FileText<'a> {
    shown: Shown<'a>,
    /// What was wrong with the outer of two compressions, or that a plain file is too large.
    damage: Option<Damage>,
    /// Set where it is not the stream's own count.
    compressed: Option<u64>,
    inflated: usize,
}

enum Shown<'a> {
    Whole(Whole<'a>),
    Stream(Stream<'a>),
}

/// What can be said of a file once its text has been read.
#[derive(Debug)]
pub struct Ended {
    /// Set when there would have been more text.
    pub damage: Option<Damage>,
    /// Bytes read from disk.
    pub compressed: u64,
    /// Bytes of text.
    pub inflated: u64,
}

impl Text for FileText<'_> {
    #[inline]
    fn visible(&self) -> &[u8] {
        match &self.shown {
            Shown::Whole(whole) => whole.visible(),
            Shown::Stream(stream) => stream.visible(),
        }
    }

    fn more(&mut self, keep: usize) -> bool {
        match &mut self.shown {
            Shown::Whole(whole) => whole.more(keep),
            Shown::Stream(stream) => stream.more(keep),
        }
    }
}

impl FileText<'_> {
    /// What became of it.
    pub fn ended(self) -> Ended {
        let (own, compressed, inflated) = match self.shown {
            Shown::Whole(_) => (None, self.inflated as u64, self.inflated),
            Shown::Stream(stream) => {
                let compressed = stream.compressed();
                (stream.damage, compressed, stream.inflated)
            }
        };
        let compressed = self.compressed.unwrap_or(compressed);
        Ended { damage: self.damage.or(own), compressed, inflated: inflated as u64 }
    }
}

impl Opener {
    /// An opener with its own buffers.
    pub fn new(limits: Limits) -> Self {
        Self { limits, deflate: Decompress::new(false), raw: Vec::new(), window: Vec::new(), mapped: None, inner: None }
    }

    /// Opens one file and looks at its beginning.
    pub fn open(&mut self, file: &LogFile) -> Opened<'_> {
        if self.raw.capacity() > KEEP {
            self.raw = Vec::new();
        }
        let Self { limits, deflate, raw, window, mapped, inner } = self;
        *mapped = None;
        let limit = limits.inflated;
        let input = match read(file, raw, mapped) {
            Ok(Some(input)) => input,
            Ok(None) => return plain(mapped.as_deref().unwrap_or_default(), limit, file.delivered),
            Err(error) => return Opened::Unreadable(describe(&error)),
        };
        let stream = match recognise(head(input.ready())) {
            Content::Gzip => Stream::gzip(input, deflate, window, limit),
            Content::Zstd => Stream::zstd(input, window, limit),
            _ if input.is_whole() => return plain(input.into_bytes(), limit, file.delivered),
            _ => Stream::plain(input, window, limit),
        };
        if recognise(head(stream.visible())) != Content::Gzip {
            return text(stream, None, None, file.delivered);
        }
        // Log shippers put gzip into gzip.
        let (once, compressed, damage) = stream.all();
        let Self { deflate, raw, window, .. } = &mut **inner.insert(Box::new(Self::new(*limits)));
        *raw = once;
        text(Stream::gzip(Input::whole(raw), deflate, window, limit), damage, Some(compressed), file.delivered)
    }
}

fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..HEAD).unwrap_or(bytes)
}

/// The bytes of a file; `None` where they are mapped.
fn read<'a>(file: &LogFile, raw: &'a mut Vec<u8>, mapped: &mut Option<Mmap>) -> io::Result<Option<Input<'a>>> {
    match &file.source {
        Source::Bytes { bytes, .. } => {
            raw.clear();
            raw.extend_from_slice(bytes);
            Ok(Some(Input::whole(raw)))
        }
        Source::Stdin => Input::stdin(raw).map(Some),
        Source::Path(path) => {
            let mut handle = File::open(path)?;
            if file.size >= MAP_FROM {
                raw.clear();
                (&mut handle).take(HEAD as u64).read_to_end(raw)?;
                if matches!(recognise(raw), Content::Json) {
                    *mapped = Some(map::map(&handle)?);
                    return Ok(None);
                }
                handle.rewind()?;
            }
            Input::file(handle, file.size, raw).map(Some)
        }
    }
}

/// A file that is not compressed and stands in memory.
fn plain(bytes: &[u8], limit: usize, delivered: bool) -> Opened<'_> {
    let cut = bytes.get(..limit).filter(|cut| cut.len() < bytes.len());
    let damage = cut.map(|_| Damage::TooLarge { limit });
    let bytes = cut.unwrap_or(bytes);
    recognised(bytes, None, delivered).unwrap_or_else(|| {
        let inflated = bytes.len();
        Opened::Text(FileText { shown: Shown::Whole(Whole(bytes)), damage, compressed: None, inflated })
    })
}

/// A file that comes through a window.
fn text<'a>(
    stream: Stream<'a>,
    damage: Option<Damage>,
    compressed: Option<u64>,
    delivered: bool,
) -> Opened<'a> {
    let known = damage.as_ref().or(stream.damage.as_ref());
    if let Some(other) = recognised(head(stream.visible()), known, delivered) {
        return other;
    }
    Opened::Text(FileText { shown: Shown::Stream(stream), damage, compressed, inflated: 0 })
}

/// What is no text to decode, by its first bytes; with what is known to be wrong with it.
fn recognised<'a>(bytes: &[u8], damage: Option<&Damage>, delivered: bool) -> Option<Opened<'a>> {
    Some(match (recognise(head(bytes)), damage) {
        (Content::Json, _) => return None,
        (Content::Empty, Some(damage)) => Opened::Unreadable(damage.to_string()),
        (Content::Empty, None) if delivered => {
            Opened::Unreadable("empty file; CloudTrail delivers none, so download it again".to_owned())
        }
        (Content::Empty, None) => Opened::Foreign("empty file"),
        (Content::Packed(what), _) => Opened::Unreadable(format!("{what}; unpack it first")),
        (Content::Foreign(what), _) => Opened::Foreign(what),
        (Content::Gzip | Content::Zstd, _) => Opened::Unreadable("compressed more than twice".to_owned()),
    })
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
