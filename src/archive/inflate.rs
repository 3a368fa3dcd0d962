//! Compressed bytes to plain ones: several gzip members or Zstandard frames in a row, into a buffer
//! that is reused. Sizes written in a file are hostile; the output grows as it comes and stops at a cap.

use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};

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

/// Inflates every member of `input`, appending to `output`, which grows to `limit` at most.
pub(super) fn gunzip(inflate: &mut Decompress, input: &[u8], output: &mut Vec<u8>, limit: usize) -> Result<(), Damage> {
    let mut rest = input;
    loop {
        inflate.reset(true);
        rest = gunzip_member(inflate, rest, output, limit)?;
        // Tapes and block devices pad with zeros; gzip itself ignores them.
        if rest.iter().all(|b| *b == 0) {
            return Ok(());
        }
        if !rest.starts_with(&[0x1F, 0x8B]) {
            return Err(Damage::TrailingBytes(rest.len()));
        }
    }
}

fn gunzip_member<'a>(
    inflate: &mut Decompress,
    input: &'a [u8],
    output: &mut Vec<u8>,
    limit: usize,
) -> Result<&'a [u8], Damage> {
    let mut rest = input;
    loop {
        if output.len() == output.capacity() {
            let room = limit.saturating_sub(output.len());
            if room == 0 {
                return Err(Damage::TooLarge { limit });
            }
            // CloudTrail compresses 10 to 20 times; a first guess that is too small costs one copy.
            let guess = if output.is_empty() { input.len().saturating_mul(16) } else { output.len() };
            output.reserve_exact(guess.clamp(4096, 64 << 20).min(room));
        }
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress_vec(rest, output, FlushDecompress::None);
        let used = usize::try_from(inflate.total_in() - before_in).unwrap_or(usize::MAX);
        rest = rest.get(used..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) if output.len() > limit => return Err(Damage::TooLarge { limit }),
            Ok(Status::StreamEnd) => return Ok(rest),
            Ok(_) if output.len() < output.capacity() && rest.is_empty() => {
                return Err(Damage::Truncated { what: "gzip", inflated: output.len() });
            }
            Ok(_) if used > 0 || inflate.total_out() > before_out || output.len() == output.capacity() => {}
            // No progress with input and room left cannot come right.
            Ok(_) | Err(_) => return Err(Damage::Corrupt { what: "gzip", inflated: output.len() }),
        }
    }
}

/// As [`gunzip`], for Zstandard.
pub(super) fn unzstd(input: &[u8], output: &mut Vec<u8>, limit: usize) -> Result<(), Damage> {
    use ruzstd::decoding::StreamingDecoder;
    use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
    let mut rest = input;
    while !rest.is_empty() {
        let damage = |output: &Vec<u8>, rest: &[u8]| {
            let (what, inflated) = ("zstd", output.len());
            if rest.is_empty() { Damage::Truncated { what, inflated } } else { Damage::Corrupt { what, inflated } }
        };
        match StreamingDecoder::new(&mut rest) {
            Ok(decoder) => {
                let room = u64::try_from(limit.saturating_sub(output.len())).unwrap_or(u64::MAX);
                let read = decoder.take(room.saturating_add(1)).read_to_end(output);
                if output.len() > limit {
                    output.truncate(limit);
                    return Err(Damage::TooLarge { limit });
                }
                if read.is_err() {
                    return Err(damage(output, rest));
                }
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                rest = rest.get(usize::try_from(length).unwrap_or(usize::MAX)..).unwrap_or_default();
            }
            Err(_) => return Err(damage(output, rest)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(input: &[u8], limit: usize) -> (Vec<u8>, Result<(), Damage>) {
        let mut output = Vec::new();
        let result = gunzip(&mut Decompress::new_gzip(15), input, &mut output, limit);
        (output, result)
    }

    #[test]
    fn all_members_are_read_and_padding_is_ignored() {
        let mut input = gzip(b"one ");
        input.extend(gzip(b"two"));
        input.extend([0; 512]);
        assert_eq!(read(&input, 100), (b"one two".to_vec(), Ok(())));
        input.truncate(input.len() - 512);
        input.extend(b"junk");
        assert_eq!(read(&input, 100), (b"one two".to_vec(), Err(Damage::TrailingBytes(4))));
    }

    #[test]
    fn what_came_before_a_break_is_kept() {
        let text = "abcdefghij".repeat(5000);
        let whole = gzip(text.as_bytes());
        for cut in [1, 10, whole.len() / 2, whole.len() - 1] {
            let (output, result) = read(&whole[..cut], 1 << 20);
            assert!(text.as_bytes().starts_with(&output));
            assert_eq!(result, Err(Damage::Truncated { what: "gzip", inflated: output.len() }), "cut at {cut}");
        }
        let mut wrong = whole.clone();
        let at = wrong.len() - 6;
        wrong[at] ^= 1;
        let (output, result) = read(&wrong, 1 << 20);
        assert_eq!((output.len(), result), (text.len(), Err(Damage::Corrupt { what: "gzip", inflated: text.len() })));
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let bomb = gzip(&vec![0; 50 << 20]);
        let (output, result) = read(&bomb, 1 << 20);
        assert_eq!((output.len(), result), (1 << 20, Err(Damage::TooLarge { limit: 1 << 20 })));
    }

    #[test]
    fn zstandard_frames_are_read_in_a_row() {
        let frame = |text: &[u8]| ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest);
        let input = [frame(b"one "), b"\x50\x2a\x4d\x18\x02\0\0\0xx".to_vec(), frame(b"two")].concat();
        let mut output = Vec::new();
        assert_eq!(unzstd(&input, &mut output, 100), Ok(()));
        assert_eq!(output, b"one two");
        output.clear();
        assert!(unzstd(&input[..input.len() - 3], &mut output, 100).is_err());
        output.clear();
        assert_eq!(unzstd(&input, &mut output, 5), Err(Damage::TooLarge { limit: 5 }));
    }
}
