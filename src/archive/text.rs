use flate2::Decompress;

use super::inflate::{AsItIs, Damage, Gunzip, Inflate, Unzstd};
use super::input::Input;
use super::open::Ended;

/// Inflated text of which a stretch is visible at a time, so that memory does not grow with the file.
pub trait Text {
    /// What can be looked at now.
    fn visible(&self) -> &[u8];

    /// Lets go of what stands before `keep`, so that the rest begins at 0, and shows more behind it.
    /// `false` when there is no more.
    fn more(&mut self, keep: usize) -> bool;
}

/// A text that is visible from its beginning to its end.
pub struct Whole<'a>(pub &'a [u8]);

impl Text for Whole<'_> {
    fn visible(&self) -> &[u8] {
        self.0
    }

    fn more(&mut self, keep: usize) -> bool {
        self.0 = self.0.get(keep..).unwrap_or_default();
        false
    }
}

/// A file that is inflated into a window while it is read. The window is reused from file to file.
pub(super) struct Stream<'a> {
    input: Input<'a>,
    inflate: Box<dyn Inflate + 'a>,
    what: &'static str,
    window: &'a mut Vec<u8>,
    filled: usize,
    limit: usize,
    inflated: usize,
    pub(super) damage: Option<Damage>,
    ended: bool,
}

/// Bytes of the window: enough that the record which straddles its end does not matter, and few enough
/// to stay in a processor's cache.
pub(super) const WINDOW: usize = 256 << 10;

impl<'a> Stream<'a> {
    /// A gzip file; `deflate` is a raw decoder.
    pub(super) fn gzip(input: Input<'a>, deflate: &'a mut Decompress, window: &'a mut Vec<u8>, limit: usize) -> Self {
        Self::new(input, Box::new(Gunzip::new(deflate)), "gzip", window, limit)
    }

    /// A Zstandard file.
    pub(super) fn zstd(input: Input<'a>, window: &'a mut Vec<u8>, limit: usize) -> Self {
        Self::new(input, Box::new(Unzstd::new()), "zstd", window, limit)
    }

    /// A file that is not compressed and too long for one buffer.
    pub(super) fn plain(input: Input<'a>, window: &'a mut Vec<u8>, limit: usize) -> Self {
        Self::new(input, Box::new(AsItIs), "file", window, limit)
    }

    fn new(
        input: Input<'a>,
        inflate: Box<dyn Inflate + 'a>,
        what: &'static str,
        window: &'a mut Vec<u8>,
        limit: usize,
    ) -> Self {
        // An outlier of a file before may have made it larger; its records are not kept in every thread.
        window.truncate(WINDOW);
        window.shrink_to(WINDOW);
        window.resize(WINDOW, 0);
        let mut stream =
            Self { input, inflate, what, window, filled: 0, limit, inflated: 0, damage: None, ended: false };
        stream.more(0);
        stream
    }

    /// What became of the file.
    pub(super) fn ended(self) -> Ended {
        Ended { damage: self.damage, compressed: self.input.taken, inflated: self.inflated as u64 }
    }

    /// Inflates all that is left into one piece, for what is compressed twice.
    pub(super) fn all(mut self) -> (Vec<u8>, u64, Option<Damage>) {
        let mut all = self.visible().to_vec();
        while self.more(self.filled) {
            all.extend_from_slice(self.visible());
        }
        (all, self.input.taken, self.damage)
    }

    fn fill(&mut self) -> usize {
        let room = self.window.get_mut(self.filled..).unwrap_or_default();
        let left = room.len().min(self.limit.saturating_sub(self.inflated));
        // Where no more may come, one byte tells whether any would.
        let mut beyond = [0];
        let within = left > 0;
        let out = if within { room.get_mut(..left).unwrap_or_default() } else { &mut beyond };
        match self.inflate.fill(&mut self.input, out) {
            Ok(0) => 0,
            Ok(_) if !within => {
                self.damage = Some(Damage::TooLarge { limit: self.limit });
                0
            }
            Ok(written) => written,
            Err(stop) => {
                self.damage = Some(stop.damage(self.what, self.inflated, &mut self.input));
                0
            }
        }
    }
}

impl Text for Stream<'_> {
    #[inline]
    fn visible(&self) -> &[u8] {
        self.window.get(..self.filled).unwrap_or_default()
    }

    fn more(&mut self, keep: usize) -> bool {
        let keep = keep.min(self.filled);
        self.window.copy_within(keep..self.filled, 0);
        self.filled -= keep;
        if self.ended {
            return false;
        }
        if self.filled == self.window.len() {
            self.window.resize(2 * self.filled.max(WINDOW / 2), 0);
        }
        let before = self.filled;
        // Small members come in small pieces.
        while self.filled < self.window.len() {
            let written = self.fill();
            self.filled += written;
            self.inflated += written;
            if written == 0 {
                self.ended = true;
                break;
            }
        }
        self.filled > before
    }
}
