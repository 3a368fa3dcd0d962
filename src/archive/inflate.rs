//! Compressed bytes to plain ones: several gzip members or Zstandard frames in a row, as much at a time
//! as somebody has room for. Sizes written in a file are hostile and not looked at before the end.
//!
//! The frame around a gzip member is read here and its inside given to flate2 as a raw deflate stream:
//! that decoder can be used again and again, while one that reads the frame itself is built anew for each
//! file, which took longer than inflating a small one.

use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::input::Input;
use super::open::describe;

/// Why inflating stopped early. What came before is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The input ends in the middle.
    #[error("truncated {what} after {} inflated", Size(*.inflated))]
    Truncated {
        /// `gzip` or `zstd`.
        what: &'static str,
        /// Bytes that could be inflated.
        inflated: usize,
    },
    /// A checksum or a code is wrong.
    #[error("corrupt {what} after {} inflated", Size(*.inflated))]
    Corrupt {
        /// `gzip` or `zstd`.
        what: &'static str,
        /// Bytes that could be inflated.
        inflated: usize,
    },
    /// The cap was reached.
    #[error("more than {} inflated; raise --max-file-size to read all of it", Size(*.limit))]
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// The disk failed.
    #[error("cannot read on after {} inflated: {reason}", Size(*.inflated))]
    Unreadable {
        /// What the operating system says.
        reason: String,
        /// Bytes that could be inflated.
        inflated: usize,
    },
    /// Something that is not compressed follows.
    #[error("{0} bytes after the end of the gzip data")]
    TrailingBytes(usize),
}

/// A number of bytes for people.
struct Size(usize);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            n if n < 10 << 10 => write!(f, "{n} bytes"),
            n if n < 10 << 20 => write!(f, "{} KiB", n >> 10),
            n => write!(f, "{} MiB", n >> 20),
        }
    }
}

/// Fills `out` as far as there is something to fill it with.
pub(super) trait Inflate {
    /// Inflates on; 0 at the end, and from there on.
    fn fill(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Result<usize, Stop>;
}

/// Why no more comes, apart from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Truncated,
    Corrupt,
    Trailing(usize),
}

impl Stop {
    /// For the report; `what` was being inflated.
    pub(super) fn damage(self, what: &'static str, inflated: usize, input: &mut Input<'_>) -> Damage {
        match (input.failure.take(), self) {
            (Some(error), _) => Damage::Unreadable { reason: describe(&error), inflated },
            (None, Self::Truncated) => Damage::Truncated { what, inflated },
            (None, Self::Corrupt) => Damage::Corrupt { what, inflated },
            (None, Self::Trailing(bytes)) => Damage::TrailingBytes(bytes),
        }
    }
}

/// Gzip, member after member.
pub(super) struct Gunzip<'a> {
    deflate: &'a mut Decompress,
    state: State,
    crc: crc32fast::Hasher,
    length: u32,
}

#[derive(Clone, Copy)]
enum State {
    FirstHeader,
    Header,
    Body,
    Trailer,
    Done,
}

impl<'a> Gunzip<'a> {
    /// `deflate` is a raw decoder, used again from file to file.
    pub(super) fn new(deflate: &'a mut Decompress) -> Self {
        Self { deflate, state: State::FirstHeader, crc: crc32fast::Hasher::new(), length: 0 }
    }

    fn header(&mut self, input: &mut Input<'_>, first: bool) -> Result<State, Stop> {
        loop {
            // Tapes and block devices pad with zeros; gzip itself ignores them.
            if !first {
                let zeros = input.ready().iter().take_while(|byte| **byte == 0).count();
                input.advance(zeros);
            }
            if input.ready().is_empty() && !first {
                if input.more() {
                    continue;
                }
                return if input.failure.is_some() { Err(Stop::Truncated) } else { Ok(State::Done) };
            }
            match header_length(input.ready()) {
                Some(Ok(length)) => {
                    input.advance(length);
                    self.deflate.reset(false);
                    (self.crc, self.length) = (crc32fast::Hasher::new(), 0);
                    return Ok(State::Body);
                }
                Some(Err(())) if first => return Err(Stop::Corrupt),
                Some(Err(())) => {
                    let mut trailing = 0;
                    loop {
                        trailing += input.ready().len();
                        input.advance(input.ready().len());
                        if !input.more() {
                            return Err(Stop::Trailing(trailing));
                        }
                    }
                }
                None if input.more() => {}
                None => return Err(Stop::Truncated),
            }
        }
    }

    fn body(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Result<usize, Stop> {
        loop {
            let (before_in, before_out) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.decompress(input.ready(), out, FlushDecompress::Finish);
            let used = usize::try_from(self.deflate.total_in() - before_in).unwrap_or(usize::MAX);
            let written = usize::try_from(self.deflate.total_out() - before_out).unwrap_or(usize::MAX);
            input.advance(used);
            let text = out.get(..written).unwrap_or_default();
            self.crc.update(text);
            // Gzip counts modulo 2^32.
            self.length = self.length.wrapping_add(text.len() as u32);
            match status {
                Ok(Status::StreamEnd) => {
                    self.state = State::Trailer;
                    return Ok(written);
                }
                // What came before damage is kept; the damage shows the next time.
                Ok(_) | Err(_) if written > 0 => return Ok(written),
                Ok(_) if used > 0 => {}
                Ok(_) if input.more() => {}
                Ok(_) if input.ready().is_empty() || input.failure.is_some() => return Err(Stop::Truncated),
                // No progress with input and room left: the end is missing, or cannot come right.
                Ok(Status::BufError) => return Err(Stop::Truncated),
                Ok(Status::Ok) | Err(_) => return Err(Stop::Corrupt),
            }
        }
    }

    fn trailer(&mut self, input: &mut Input<'_>) -> Result<(), Stop> {
        loop {
            if let Some([c1, c2, c3, c4, l1, l2, l3, l4]) = input.ready().first_chunk::<8>().copied() {
                let crc = u32::from_le_bytes([c1, c2, c3, c4]);
                let length = u32::from_le_bytes([l1, l2, l3, l4]);
                input.advance(8);
                let right = crc == self.crc.clone().finalize() && length == self.length;
                return if right { Ok(()) } else { Err(Stop::Corrupt) };
            }
            if !input.more() {
                return Err(Stop::Truncated);
            }
        }
    }
}

impl Inflate for Gunzip<'_> {
    fn fill(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Result<usize, Stop> {
        loop {
            self.state = match self.state {
                State::FirstHeader => self.header(input, true)?,
                State::Header => self.header(input, false)?,
                State::Body => match self.body(input, out)? {
                    0 => continue,
                    written => return Ok(written),
                },
                State::Trailer => {
                    self.trailer(input)?;
                    State::Header
                }
                State::Done => return Ok(0),
            };
        }
    }
}

/// The length of a gzip header (RFC 1952). `None` while it is cut off, an error where there is none.
fn header_length(bytes: &[u8]) -> Option<Result<usize, ()>> {
    let fits = |at: usize, byte: u8| bytes.get(at).is_none_or(|found| *found == byte);
    if !(fits(0, 0x1F) && fits(1, 0x8B) && fits(2, 8)) {
        return Some(Err(()));
    }
    let flags = *bytes.get(3)?;
    let mut length = 10;
    let has = |bit: u8| flags & bit != 0;
    if has(4) {
        length += 2 + usize::from(u16::from_le_bytes([*bytes.get(length)?, *bytes.get(length + 1)?]));
    }
    // A file name, a comment: each ends with a zero.
    for bit in [8, 16] {
        if has(bit) {
            length += memchr::memchr(0, bytes.get(length..)?)? + 1;
        }
    }
    length += if has(2) { 2 } else { 0 };
    (bytes.len() >= length).then_some(Ok(length))
}

/// Zstandard, frame after frame.
pub(super) struct Unzstd {
    frame: FrameDecoder,
    inside: bool,
}

impl Unzstd {
    pub(super) fn new() -> Self {
        Self { frame: FrameDecoder::new(), inside: false }
    }
}

impl Inflate for Unzstd {
    fn fill(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Result<usize, Stop> {
        loop {
            if !self.inside {
                if input.ready().is_empty() && !input.more() {
                    return if input.failure.is_some() { Err(Stop::Truncated) } else { Ok(0) };
                }
                match self.frame.reset(&mut *input) {
                    Ok(()) => self.inside = true,
                    Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                        length, ..
                    })) => {
                        if !input.skip(usize::try_from(length).unwrap_or(usize::MAX)) {
                            return Err(Stop::Truncated);
                        }
                        continue;
                    }
                    Err(_) => return Err(stop_at(input)),
                }
            }
            while self.frame.can_collect() == 0 && !self.frame.is_finished() {
                let decoded = self.frame.decode_blocks(&mut *input, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(|_| stop_at(input))?;
            }
            match self.frame.read(out) {
                Ok(0) => self.inside = false,
                Ok(written) => return Ok(written),
                Err(_) => return Err(stop_at(input)),
            }
        }
    }
}

/// What is not compressed.
pub(super) struct AsItIs;

impl Inflate for AsItIs {
    fn fill(&mut self, input: &mut Input<'_>, out: &mut [u8]) -> Result<usize, Stop> {
        input.read(out).map_err(|error| {
            input.failure = Some(error);
            Stop::Truncated
        })
    }
}

fn stop_at(input: &Input<'_>) -> Stop {
    if input.ready().is_empty() { Stop::Truncated } else { Stop::Corrupt }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, GzBuilder, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Everything, with `room` bytes at a time.
    fn read(inflate: &mut dyn Inflate, input: &[u8], room: usize) -> (Vec<u8>, Result<(), Stop>) {
        let mut buffer = input.to_vec();
        let mut input = Input::whole(&mut buffer);
        let (mut text, mut out) = (Vec::new(), vec![0; room]);
        loop {
            match inflate.fill(&mut input, &mut out) {
                Ok(0) => return (text, Ok(())),
                Ok(written) => text.extend_from_slice(&out[..written]),
                Err(stop) => return (text, Err(stop)),
            }
        }
    }

    #[track_caller]
    fn check(input: &[u8], text: &[u8], end: Result<(), Stop>) {
        for room in [1, 3, 100, 1 << 20] {
            let found = read(&mut Gunzip::new(&mut Decompress::new(false)), input, room);
            assert_eq!(found, (text.to_vec(), end), "{room} at a time");
        }
    }

    #[test]
    fn all_members_are_read_and_padding_is_ignored() {
        let mut input = gzip(b"one ");
        let named = GzBuilder::new().filename("a").comment("b").extra(vec![1, 2, 3]);
        let mut named = named.write(Vec::new(), Compression::fast());
        named.write_all(b"two").unwrap();
        input.extend(named.finish().unwrap());
        input.extend(gzip(b""));
        input.extend([0; 512]);
        check(&input, b"one two", Ok(()));
        input.truncate(input.len() - 512);
        input.extend(b"junk");
        check(&input, b"one two", Err(Stop::Trailing(4)));
    }

    #[test]
    fn what_came_before_a_break_is_kept() {
        let text = "abcdefghij".repeat(500);
        let whole = gzip(text.as_bytes());
        for cut in 1..whole.len() {
            let (output, result) = read(&mut Gunzip::new(&mut Decompress::new(false)), &whole[..cut], 64);
            assert!(text.as_bytes().starts_with(&output));
            assert_eq!(result, Err(Stop::Truncated), "cut at {cut}");
        }
        for at in [whole.len() - 1, whole.len() - 6] {
            let mut wrong = whole.clone();
            wrong[at] ^= 1;
            check(&wrong, text.as_bytes(), Err(Stop::Corrupt));
        }
    }

    #[test]
    fn zstandard_frames_are_read_in_a_row() {
        let frame = |text: &[u8]| ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest);
        let input = [frame(b"one "), b"\x50\x2a\x4d\x18\x02\0\0\0xx".to_vec(), frame(b"two")].concat();
        for room in [1, 100] {
            assert_eq!(read(&mut Unzstd::new(), &input, room), (b"one two".to_vec(), Ok(())));
            assert!(read(&mut Unzstd::new(), &input[..input.len() - 3], room).1.is_err());
        }
    }
}
