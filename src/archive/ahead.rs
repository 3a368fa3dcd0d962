use std::fs::File;
use std::io;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use flate2::Decompress;

use super::inflate::Damage;
use super::input::Input;
use super::open::Ended;
use super::text::{Stream, Text};

/// A large gzip file that a thread of its own inflates ahead: inflating one file cannot be shared out, so
/// that one core inflates while another one reads what came out.
pub(super) struct Ahead {
    pieces: Receiver<Piece>,
    used: Sender<Vec<u8>>,
    window: Vec<u8>,
    ended: Option<Ended>,
}

enum Piece {
    Text(Vec<u8>),
    End(Ended),
}

/// Pieces that may wait, of a window's size each.
const WAITING: usize = 8;

impl Ahead {
    /// Begins to inflate a gzip file of so many bytes. Fails where no thread can be had or the file cannot
    /// be read at all.
    pub(super) fn gzip(file: File, size: u64, limit: usize) -> io::Result<Self> {
        let (send, pieces) = bounded(WAITING);
        // Room for all there are, so that giving one back never waits.
        let (used, spare) = bounded(WAITING + 2);
        thread::Builder::new().name("inflate".to_owned()).spawn(move || {
            let (mut raw, mut window, mut deflate) = (Vec::new(), Vec::new(), Decompress::new(false));
            let input = match Input::file(file, size, &mut raw) {
                Ok(input) => input,
                Err(error) => return drop(send.send(Piece::End(Ended::unreadable(&error)))),
            };
            let mut stream = Stream::gzip(input, &mut deflate, &mut window, limit);
            loop {
                let text = stream.visible();
                let length = text.len();
                let mut piece: Vec<u8> = spare.try_recv().unwrap_or_default();
                piece.clear();
                piece.extend_from_slice(text);
                // Nobody reads on: the file was given up.
                if send.send(Piece::Text(piece)).is_err() {
                    return;
                }
                if !stream.more(length) {
                    return drop(send.send(Piece::End(stream.ended())));
                }
            }
        })?;
        let mut ahead = Self { pieces, used, window: Vec::new(), ended: None };
        while ahead.window.is_empty() && ahead.more(0) {}
        Ok(ahead)
    }

    /// What is wrong with the file, as far as is known.
    pub(super) fn damage(&self) -> Option<&Damage> {
        self.ended.as_ref().and_then(|ended| ended.damage.as_ref())
    }

    /// What became of the file; waits for nothing but what was inflated already.
    pub(super) fn ended(self) -> Ended {
        let left = || self.pieces.iter().find_map(|piece| if let Piece::End(end) = piece { Some(end) } else { None });
        self.ended.or_else(left).unwrap_or_default()
    }
}

impl Text for Ahead {
    #[inline]
    fn visible(&self) -> &[u8] {
        &self.window
    }

    fn more(&mut self, keep: usize) -> bool {
        self.window.drain(..keep.min(self.window.len()));
        match if self.ended.is_none() { self.pieces.recv().ok() } else { None } {
            Some(Piece::Text(piece)) => {
                self.window.extend_from_slice(&piece);
                // A full channel means that there are enough.
                let _ = self.used.try_send(piece);
                true
            }
            Some(Piece::End(end)) => {
                self.ended = Some(end);
                false
            }
            None => false,
        }
    }
}
