//! A file to its plain text, in buffers that are reused from file to file.

use std::fs::File;
use std::io::{self, Read as _, Seek};

use flate2::Decompress;
use memmap2::Mmap;

use super::ahead::Ahead;
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

/// Gzip files from this size on are inflated by a thread of their own, where that is allowed.
const AHEAD_FROM: u64 = 8 << 20;

/// Opens one file after the other. One per thread.
pub struct Opener {
    limits: Limits,
    ahead: bool,
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
    /// Set where it is not the text's own count.
    compressed: Option<u64>,
    inflated: usize,
}

enum Shown<'a> {
    Whole(Whole<'a>),
    Stream(Stream<'a>),
    Ahead(Ahead),
}

/// What can be said of a file once its text has been read.
#[derive(Debug, Default)]
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
            Shown::Ahead(ahead) => ahead.visible(),
        }
    }

    fn more(&mut self, keep: usize) -> bool {
        match &mut self.shown {
            Shown::Whole(whole) => whole.more(keep),
            Shown::Stream(stream) => stream.more(keep),
            Shown::Ahead(ahead) => ahead.more(keep),
        }
    }
}

impl FileText<'_> {
    /// Whether it is so much that several threads should share it.
    pub fn is_long(&self) -> bool {
        match &self.shown {
            Shown::Whole(whole) => whole.visible().len() as u64 >= AHEAD_FROM,
            Shown::Ahead(_) => true,
            Shown::Stream(_) => false,
        }
    }

    /// What became of it.
    pub fn ended(self) -> Ended {
        let inflated = self.inflated as u64;
        let own = match self.shown {
            Shown::Whole(_) => Ended { damage: None, compressed: inflated, inflated },
            Shown::Stream(stream) => stream.ended(),
            Shown::Ahead(ahead) => ahead.ended(),
        };
        let compressed = self.compressed.unwrap_or(own.compressed);
        Ended { damage: self.damage.or(own.damage), compressed, inflated: own.inflated }
    }
}

impl Ended {
    pub(super) fn unreadable(error: &io::Error) -> Self {
        let damage = Some(Damage::Unreadable { reason: describe(error), inflated: 0 });
        Self { damage, ..Self::default() }
    }
}

impl Opener {
    /// An opener with its own buffers. With `ahead`, large files are inflated by a thread of their own.
    pub fn new(limits: Limits, ahead: bool) -> Self {
        Self {
            limits,
            ahead,
            deflate: Decompress::new(false),
            raw: Vec::new(),
            window: Vec::new(),
            mapped: None,
            inner: None,
        }
    }

    /// Opens one file and looks at its beginning.
    pub fn open(&mut self, file: &LogFile) -> Opened<'_> {
        if self.raw.capacity() > KEEP {
            self.raw = Vec::new();
        }
        let Self { limits, ahead, deflate, raw, window, mapped, inner } = self;
        *mapped = None;
        let limit = limits.inflated;
        let input = match read(file, *ahead, limit, raw) {
            Ok(Read::Input(input)) => input,
            Ok(Read::Mapped(map)) => return plain(mapped.insert(map), limit, file.delivered),
            Ok(Read::Ahead(ahead)) => return text(Shown::Ahead(ahead), None, None, file.delivered),
            Err(error) => return Opened::Unreadable(describe(&error)),
        };
        let stream = match recognise(head(input.ready())) {
            Content::Gzip => Stream::gzip(input, deflate, window, limit),
            Content::Zstd => Stream::zstd(input, window, limit),
            _ if input.is_whole() => return plain(input.into_bytes(), limit, file.delivered),
            _ => Stream::plain(input, window, limit),
        };
        if recognise(head(stream.visible())) != Content::Gzip {
            return text(Shown::Stream(stream), None, None, file.delivered);
        }
        // Log shippers put gzip into gzip.
        let (once, compressed, damage) = stream.all();
        let Self { deflate, raw, window, .. } = &mut **inner.insert(Box::new(Self::new(*limits, false)));
        *raw = once;
        let stream = Stream::gzip(Input::whole(raw), deflate, window, limit);
        text(Shown::Stream(stream), damage, Some(compressed), file.delivered)
    }
}

fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..HEAD).unwrap_or(bytes)
}

/// How the bytes of a file are had.
enum Read<'a> {
    Input(Input<'a>),
    Mapped(Mmap),
    Ahead(Ahead),
}

fn read<'a>(file: &LogFile, ahead: bool, limit: usize, raw: &'a mut Vec<u8>) -> io::Result<Read<'a>> {
    match &file.source {
        Source::Bytes { bytes, .. } => {
            raw.clear();
            raw.extend_from_slice(bytes);
            Ok(Read::Input(Input::whole(raw)))
        }
        Source::Stdin => Input::stdin(raw).map(Read::Input),
        Source::Path(path) => {
            let mut handle = File::open(path)?;
            if file.size >= AHEAD_FROM.min(MAP_FROM) {
                raw.clear();
                io::Read::take(&mut handle, HEAD as u64).read_to_end(raw)?;
                match recognise(raw) {
                    Content::Json if file.size >= MAP_FROM => return Ok(Read::Mapped(map::map(&handle)?)),
                    Content::Gzip if ahead && file.size >= AHEAD_FROM => {
                        handle.rewind()?;
                        let ahead = Ahead::gzip(handle, file.size, limit)?;
                        // What is compressed twice is left to the usual way.
                        if recognise(head(ahead.visible())) != Content::Gzip {
                            return Ok(Read::Ahead(ahead));
                        }
                        handle = File::open(path)?;
                    }
                    _ => {}
                }
                handle.rewind()?;
            }
            Input::file(handle, file.size, raw).map(Read::Input)
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
fn text(shown: Shown<'_>, damage: Option<Damage>, compressed: Option<u64>, delivered: bool) -> Opened<'_> {
    let text = FileText { shown, damage, compressed, inflated: 0 };
    let known = text.damage.as_ref().or(match &text.shown {
        Shown::Stream(stream) => stream.damage.as_ref(),
        Shown::Ahead(ahead) => ahead.damage(),
        Shown::Whole(_) => None,
    });
    match recognised(head(text.visible()), known, delivered) {
        Some(other) => other,
        None => Opened::Text(text),
    }
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
