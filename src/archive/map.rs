//! Memory mapping, for one case: a huge plain file, which would otherwise stand whole in memory.
//! Small files are read: mapping one costs more than twice as much.

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// Maps a file for reading.
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the mapping is only read, as bytes. What is relied on is that nobody shortens or rewrites
    // the file meanwhile: an archive is not written while it is examined. Shortening it would end the
    // process (SIGBUS), rewriting it would change what is read; neither can corrupt memory through the
    // decoder, which copies a record before it interprets it.
    unsafe { Mmap::map(file) }
}
