//! Any bytes are inflated without a panic, and to the text that flate2 finds in them, however the file is cut into
//! reads. The first eight bytes of the input say what is done with the rest: it is the file, or it is text which is
//! compressed here, in several members, and then damaged.
//!
//! Where flate2 reads to the end, so does the archive. Where something is wrong, the archive has all that flate2 has
//! before it, and may have more: it takes headers that flate2 refuses.
#![no_main]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use trailwright::archive::{Limits, LogFile, Opened, Opener, Source, Text};

/// Most text of a file.
const LIMIT: usize = 1 << 20;

/// A disk in memory, where there is one.
static FOLDER: LazyLock<std::path::PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
});

/// What the first bytes of the input say.
struct Controls {
    /// Compress first.
    compress: bool,
    /// How many members.
    members: usize,
    level: Compression,
    /// Zeros between the members.
    padding: usize,
    /// This byte is changed, counted from the end.
    damaged: Option<(usize, u8)>,
    /// The size the directory tells: the file is read a stretch at a time from there on.
    size: u64,
}

impl Controls {
    fn of([flags, members, level, padding, at_low, at_high, bits, size]: [u8; 8]) -> Self {
        Self {
            compress: flags & 1 == 1,
            members: usize::from(members % 8) + 1,
            level: Compression::new(u32::from(level % 10)),
            padding: usize::from(padding % 32),
            damaged: (bits != 0).then_some((usize::from(u16::from_le_bytes([at_low, at_high])), bits)),
            size: size.into(),
        }
    }

    fn file(&self, bytes: &[u8]) -> Vec<u8> {
        let mut file = if self.compress { self.compressed(bytes) } else { bytes.to_vec() };
        if let Some((at, bits)) = self.damaged {
            let length = file.len();
            if let Some(byte) = length.checked_sub(at + 1).and_then(|at| file.get_mut(at)) {
                *byte ^= bits;
            }
        }
        file
    }

    fn compressed(&self, text: &[u8]) -> Vec<u8> {
        // What does not begin like JSON is not inflated any further.
        let text = [b"[", text].concat();
        let mut file = Vec::new();
        for part in text.chunks(text.len().div_ceil(self.members)) {
            let mut encoder = GzEncoder::new(file, self.level);
            encoder.write_all(part).unwrap();
            file = encoder.finish().unwrap();
            file.resize(file.len() + self.padding, 0);
        }
        file
    }
}

/// What flate2 finds, member by member with zeros between them, and whether it came to the end.
fn expected(file: &[u8]) -> (Vec<u8>, bool) {
    let (mut text, mut rest) = (Vec::new(), file);
    loop {
        let mut member = GzDecoder::new(rest).take((LIMIT + 1 - text.len()) as u64);
        let read = read_all(&mut member, &mut text);
        if read.is_err() || text.len() > LIMIT {
            text.truncate(LIMIT);
            return (text, false);
        }
        rest = member.into_inner().into_inner();
        rest = &rest[rest.iter().take_while(|byte| **byte == 0).count()..];
        if rest.is_empty() {
            return (text, true);
        }
    }
}

/// Reads a little at a time: what is read together with damage is lost.
fn read_all(from: &mut impl Read, text: &mut Vec<u8>) -> std::io::Result<()> {
    let mut room = [0; 16];
    loop {
        match from.read(&mut room)? {
            0 => return Ok(()),
            read => text.extend_from_slice(&room[..read]),
        }
    }
}

/// What the archive shows, and whether it came to the end; `None` where it is no text to decode.
fn found(opener: &mut Opener, file: &LogFile) -> Option<(Vec<u8>, bool)> {
    let Opened::Text(mut shown) = opener.open(file) else { return None };
    let mut text = shown.visible().to_vec();
    while shown.more(shown.visible().len()) {
        text.extend_from_slice(shown.visible());
    }
    let ended = shown.ended();
    assert_eq!(ended.inflated, text.len() as u64);
    Some((text, ended.damage.is_none()))
}

fuzz_target!(|input: &[u8]| {
    let Some((controls, bytes)) = input.split_first_chunk() else { return };
    let controls = Controls::of(*controls);
    let file = controls.file(bytes);
    let is_gzip = file.starts_with(&[0x1F, 0x8B]);

    let mut on_disk = tempfile::NamedTempFile::new_in(&*FOLDER).unwrap();
    on_disk.write_all(&file).unwrap();
    let source = Source::Path(on_disk.path().to_owned());
    let sized = |size| LogFile { name: "a".into(), source: source.clone(), size, delivered: false };

    let mut opener = Opener::new(Limits { inflated: LIMIT }, false);
    let whole = found(&mut opener, &sized(file.len() as u64));
    assert!(found(&mut opener, &sized(file.len() as u64)) == whole, "with buffers that were used");
    assert!(found(&mut opener, &sized(controls.size)) == whole, "a stretch at a time from {}", controls.size);

    // What is compressed twice is another matter.
    let (expected, read) = if is_gzip { expected(&file) } else { return };
    if expected.starts_with(&[0x1F, 0x8B]) {
        return;
    }
    match whole {
        Some((text, undamaged)) => {
            let both = text.len().min(expected.len());
            assert!(text[..both] == expected[..both], "another text");
            assert!(text.len() >= expected.len(), "less: {} than {}", text.len(), expected.len());
            assert!(!read || (undamaged && text == expected), "flate2 reads all of it");
        }
        None => {
            // That many bytes are looked at to tell what a file is.
            let head = expected.get(..512).unwrap_or(&expected).trim_ascii_start();
            assert!(!matches!(head.first(), Some(b'{' | b'[')), "not read: {} bytes", expected.len());
        }
    }
});
