use std::fs::File;
use std::io::{self, Read, StdinLock};

/// Bytes of a large file that are in memory at once.
const STRETCH: usize = 256 << 10;

/// A file as it is on disk, a stretch at a time, in a buffer that is reused from file to file.
pub(super) struct Input<'a> {
    buffer: &'a mut Vec<u8>,
    at: usize,
    rest: Rest,
    /// Bytes read so far.
    pub(super) taken: u64,
    /// Why reading stopped before the end.
    pub(super) failure: Option<io::Error>,
}

/// What has not been read yet.
enum Rest {
    Nothing,
    File(File),
    Stdin(StdinLock<'static>),
}

impl<'a> Input<'a> {
    /// A file of which the size is known: read at once if it is small.
    pub(super) fn file(mut file: File, size: u64, buffer: &'a mut Vec<u8>) -> io::Result<Self> {
        buffer.clear();
        let small = usize::try_from(size).ok().filter(|size| *size < STRETCH);
        let Some(size) = small else { return Self::begin(Rest::File(file), buffer) };
        // One byte more than there should be: a read that leaves room has seen the end.
        buffer.resize(size + 1, 0);
        let mut length = 0;
        while let Some(room) = buffer.get_mut(length..).filter(|room| !room.is_empty()) {
            match file.read(room) {
                Ok(read) => {
                    length += read;
                    if read == 0 || length == size {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        buffer.truncate(length);
        // It may have grown since it was looked at.
        let rest = if length > size { Rest::File(file) } else { Rest::Nothing };
        Ok(Self { buffer, at: 0, rest, taken: length as u64, failure: None })
    }

    /// Standard input.
    pub(super) fn stdin(buffer: &'a mut Vec<u8>) -> io::Result<Self> {
        buffer.clear();
        Self::begin(Rest::Stdin(io::stdin().lock()), buffer)
    }

    /// Bytes that are in the buffer already.
    pub(super) fn whole(buffer: &'a mut Vec<u8>) -> Self {
        let taken = buffer.len() as u64;
        Self { buffer, at: 0, rest: Rest::Nothing, taken, failure: None }
    }

    fn begin(rest: Rest, buffer: &'a mut Vec<u8>) -> io::Result<Self> {
        let mut input = Self { buffer, at: 0, rest, taken: 0, failure: None };
        input.more();
        match input.failure.take() {
            Some(error) => Err(error),
            None => Ok(input),
        }
    }

    /// What is in memory and was not used yet.
    pub(super) fn ready(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Whether all of it is in memory.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.rest, Rest::Nothing) && self.at == 0
    }

    /// All of it, where it is in memory whole.
    pub(super) fn into_bytes(self) -> &'a [u8] {
        self.buffer
    }

    /// Goes on behind `used` bytes.
    pub(super) fn advance(&mut self, used: usize) {
        self.at = (self.at + used).min(self.buffer.len());
    }

    /// Reads more behind what was not used yet; `false` at the end.
    pub(super) fn more(&mut self) -> bool {
        self.buffer.drain(..self.at);
        self.at = 0;
        let old = self.buffer.len();
        let room = STRETCH.max(old) as u64;
        let read = match &mut self.rest {
            Rest::Nothing => return false,
            Rest::File(file) => file.take(room).read_to_end(self.buffer),
            Rest::Stdin(stdin) => stdin.take(room).read_to_end(self.buffer),
        };
        self.taken += (self.buffer.len() - old) as u64;
        match read {
            Ok(read) if read > 0 => true,
            Ok(_) => {
                self.rest = Rest::Nothing;
                false
            }
            Err(error) => {
                self.rest = Rest::Nothing;
                self.failure = Some(error);
                self.buffer.len() > old
            }
        }
    }

    /// Passes over so many bytes; `false` when there are fewer.
    pub(super) fn skip(&mut self, mut count: usize) -> bool {
        loop {
            let here = self.ready().len().min(count);
            self.advance(here);
            count -= here;
            if count == 0 {
                return true;
            }
            if !self.more() {
                return false;
            }
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ready().is_empty() && !self.more() {
            return self.failure.take().map_or(Ok(0), Err);
        }
        let read = self.ready().read(out)?;
        self.advance(read);
        Ok(read)
    }
}
