//! What a file is, by its first bytes. Extensions lie: browsers unpack `.gz`, people rename.

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// One or more gzip members.
    Gzip,
    /// One or more Zstandard frames.
    Zstd,
    /// Starts like JSON, or like lines that hold JSON.
    Json,
    /// Nothing at all.
    Empty,
    /// An archive or compression that has to be unpacked first; with its name.
    Packed(&'static str),
    /// Something that is not CloudTrail; with what it looks like.
    Foreign(&'static str),
}

/// Looks at the beginning of a file. A few hundred bytes are enough.
pub fn recognise(bytes: &[u8]) -> Content {
    match bytes {
        [] => return Content::Empty,
        [0x1F, 0x8B, ..] => return Content::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => return Content::Zstd,
        [b'P', b'K', 3, 4, ..] => return Content::Packed("zip archive"),
        [b'B', b'Z', b'h', ..] => return Content::Packed("bzip2 file"),
        [0xFD, b'7', b'z', b'X', b'Z', ..] => return Content::Packed("xz file"),
        [b'P', b'A', b'R', b'1', ..] => return Content::Foreign("Parquet file"),
        _ => {}
    }
    // A text may hold the word there; the header of a tar file is padded with zeros.
    if bytes.get(257..262) == Some(b"ustar") && bytes.iter().take(257).any(|byte| *byte == 0) {
        return Content::Packed("tar archive");
    }
    let text = without_bom(bytes).trim_ascii_start();
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    match text.first() {
        // Only white space: as good as empty.
        None => Content::Empty,
        // An S3 access log begins with the owner's id, a bucket and `[day/month/year`; no bracket first.
        Some(b'{' | b'[') => Content::Json,
        _ if has_json_after_time(line) => Content::Json,
        _ if is_flow_log(line) => Content::Foreign("VPC flow log"),
        _ if is_s3_access_log(line) => Content::Foreign("S3 server access log"),
        _ if text.iter().take(512).any(|b| *b == 0) => Content::Foreign("binary file"),
        _ => Content::Foreign("neither JSON nor compressed"),
    }
}

/// The bytes after a UTF-8 byte order mark.
pub(crate) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// A CloudWatch Logs export: `2026-02-03T04:05:06.789Z {…}`.
fn has_json_after_time(line: &[u8]) -> bool {
    let Some(at) = memchr::memchr(b' ', line) else { return false };
    let (time, rest) = line.split_at(at);
    (20..=30).contains(&time.len())
        && time.ends_with(b"Z")
        && time.first().is_some_and(u8::is_ascii_digit)
        && rest.trim_ascii_start().starts_with(b"{")
}

fn is_flow_log(line: &[u8]) -> bool {
    let mut words = line.split(|b| *b == b' ');
    let (first, second, third) = (words.next(), words.next(), words.next());
    first == Some(b"version") && second.is_some_and(|w| w.ends_with(b"-id"))
        || first.is_some_and(|w| w.len() == 1 && w.iter().all(u8::is_ascii_digit))
            && second.is_some_and(|w| w.len() == 12 && w.iter().all(u8::is_ascii_digit))
            && third.is_some_and(|w| w.starts_with(b"eni-") || w == b"-")
}

fn is_s3_access_log(line: &[u8]) -> bool {
    let mut words = line.split(|b| *b == b' ');
    let owner = words.next().unwrap_or_default();
    owner.len() == 64
        && owner.iter().all(u8::is_ascii_hexdigit)
        && words.nth(1).is_some_and(|time| time.starts_with(b"["))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_a_file_is() {
        for (bytes, content) in [
            (&b"\x1f\x8b\x08"[..], Content::Gzip),
            (b"\x28\xb5\x2f\xfd", Content::Zstd),
            (b"\xef\xbb\xbf {\"Records\"", Content::Json),
            (b"\n[{", Content::Json),
            (b"2026-02-03T04:05:06.789Z {\"eventVersion\"", Content::Json),
            (b" \n", Content::Empty),
            (b"", Content::Empty),
            (b"PK\x03\x04", Content::Packed("zip archive")),
            (b"version account-id interface-id srcaddr", Content::Foreign("VPC flow log")),
            (b"2 111122223333 eni-0a 192.0.2.1", Content::Foreign("VPC flow log")),
            (b"Apache License", Content::Foreign("neither JSON nor compressed")),
        ] {
            assert_eq!(recognise(bytes), content, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
