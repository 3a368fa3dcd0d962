//! Sorting more than memory holds: lists that are full are sorted and moved to unnamed temporary files, which the operating
//! system removes however the process ends; at the end all of them are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// What can be moved to a file and back.
pub(super) trait Spill: Ord + Sized {
    /// Adds its bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// What was written so.
    fn read(bytes: &[u8]) -> Option<Self>;
    /// About how many bytes of memory it takes.
    fn size(&self) -> usize;
}

/// Values to be sorted.
pub(super) struct Sorter<T> {
    here: Vec<T>,
    /// What those here take, in bytes, and how much they may.
    size: usize,
    limit: usize,
    moved: Vec<(File, usize)>,
}

/// Values in order.
pub(super) struct Sorted<T> {
    lists: Vec<List<T>>,
    heads: BinaryHeap<Reverse<(T, usize)>>,
    failure: Option<io::Error>,
}

/// A sorted list.
enum List<T> {
    Here(std::vec::IntoIter<T>),
    Moved { reader: BufReader<File>, left: usize, bytes: Vec<u8> },
}

impl<T: Spill> Sorter<T> {
    /// Of which so many bytes are kept in memory.
    pub(super) fn new(limit: usize) -> Self {
        Self { here: Vec::new(), size: 0, limit, moved: Vec::new() }
    }

    pub(super) fn push(&mut self, value: T) {
        self.size += value.size();
        self.here.push(value);
        if self.size > self.limit {
            self.move_to_disk();
        }
    }

    /// Takes in all of another.
    pub(super) fn merge(&mut self, other: Self) {
        self.here.extend(other.here);
        self.moved.extend(other.moved);
        // Each is within its own limit.
        self.size += other.size;
        self.limit += other.limit;
    }

    /// Without a disk to move to, a right answer goes before the limit.
    fn move_to_disk(&mut self) {
        self.here.sort_unstable();
        match write_run(&self.here) {
            Ok(file) => {
                self.moved.push((file, self.here.len()));
                self.here.clear();
                self.size = 0;
            }
            Err(_) => self.limit = self.limit.saturating_mul(2),
        }
    }

    /// All of them, the least first.
    pub(super) fn sorted(mut self) -> Sorted<T> {
        self.here.sort_unstable();
        let mut lists = vec![List::Here(self.here.into_iter())];
        for (file, left) in self.moved {
            let reader = BufReader::with_capacity(1 << 16, file);
            lists.push(List::Moved { reader, left, bytes: Vec::new() });
        }
        let mut sorted = Sorted { heads: BinaryHeap::new(), lists, failure: None };
        (0..sorted.lists.len()).for_each(|from| sorted.advance(from));
        sorted
    }
}

impl<T: Spill> Sorted<T> {
    /// Why not all of them came, if so; once none is left.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Takes the next head of a list.
    fn advance(&mut self, from: usize) {
        match self.lists.get_mut(from).map(List::next) {
            Some(Ok(Some(head))) => self.heads.push(Reverse((head, from))),
            Some(Err(error)) => self.failure = Some(error),
            Some(Ok(None)) | None => {}
        }
    }
}

impl<T: Spill> Iterator for Sorted<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let Reverse((value, from)) = self.heads.pop()?;
        self.advance(from);
        Some(value)
    }
}

impl<T: Spill> List<T> {
    fn next(&mut self) -> io::Result<Option<T>> {
        match self {
            Self::Here(values) => Ok(values.next()),
            Self::Moved { left: 0, .. } => Ok(None),
            Self::Moved { reader, left, bytes } => {
                *left -= 1;
                let mut length = [0; size_of::<usize>()];
                reader.read_exact(&mut length)?;
                bytes.resize(usize::from_le_bytes(length), 0);
                reader.read_exact(bytes)?;
                T::read(bytes).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
            }
        }
    }
}

/// Each value as its length and its bytes.
fn write_run<T: Spill>(sorted: &[T]) -> io::Result<File> {
    let mut writer = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
    let mut bytes = Vec::new();
    for value in sorted {
        bytes.clear();
        value.write(&mut bytes);
        writer.write_all(&bytes.len().to_le_bytes())?;
        writer.write_all(&bytes)?;
    }
    let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    impl Spill for u32 {
        fn write(&self, out: &mut Vec<u8>) {
            out.extend(self.to_le_bytes());
        }

        fn read(bytes: &[u8]) -> Option<Self> {
            Some(Self::from_le_bytes(bytes.try_into().ok()?))
        }

        fn size(&self) -> usize {
            1
        }
    }

    proptest! {
        #[test]
        fn however_little_memory_there_is_all_come_in_order(lists: Vec<Vec<u32>>, limit in 0..20_usize) {
            let mut all = Sorter::new(limit);
            for list in &lists {
                let mut one = Sorter::new(limit);
                list.iter().for_each(|value| one.push(*value));
                all.merge(one);
            }
            let mut expected = lists.concat();
            expected.sort_unstable();
            prop_assert_eq!(all.sorted().collect::<Vec<_>>(), expected);
        }
    }
}
