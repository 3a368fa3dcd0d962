use wide::u8x32;

use super::frame::names_a_list;
use super::lex::NoEnd;
use super::record::Field;
use super::{Json, json::Members};

/// Which key comes after which. A producer writes the keys of its records in the same order nearly always,
/// so that a key need not be read: it is enough to see that it is the expected one. A wrong expectation
/// costs nothing but the reading.
#[derive(Default)]
pub(super) struct Order {
    known: Vec<Known>,
    /// The key that records begin with.
    first: usize,
    /// The key before the one that comes next; none at the beginning of a record.
    last: Option<usize>,
}

/// A key that was met before.
struct Known {
    /// As it stands, with its quotes and the colon, at the beginning of a block.
    block: u8x32,
    length: usize,
    key: Key,
    /// The two keys that came after it most recently, the last one first: records of one kind have a key
    /// there that records of another kind have not.
    next: [usize; 2],
}

/// What a key stands for.
#[derive(Clone, Copy)]
pub(super) struct Key {
    /// The field of a record, if it is one.
    pub(super) field: Option<Field>,
    /// Whether it names the list of an envelope.
    pub(super) is_list: bool,
}

/// Most keys that are remembered: records have some thirty.
const REMEMBERED: usize = 64;

impl Order {
    /// Before the first key of an object.
    pub(super) fn begin(&mut self) {
        self.last = None;
    }

    /// The next key, and where its value begins.
    #[inline(always)]
    pub(super) fn next_key(&mut self, bytes: &[u8], members: &mut Members<'_>) -> Result<Option<(Key, usize)>, NoEnd> {
        match self.expected(bytes, members) {
            Some(found) => Ok(Some(found)),
            None => self.unexpected(members),
        }
    }

    #[inline(never)]
    fn unexpected(&mut self, members: &mut Members<'_>) -> Result<Option<(Key, usize)>, NoEnd> {
        let found = members.next_key()?;
        Ok(found.map(|(key, at)| (self.learn(key, members.is_adjacent(key, at)), at)))
    }

    /// The key that was expected, if it comes next, and where its value begins.
    #[inline(always)]
    fn expected(&mut self, bytes: &[u8], members: &Members<'_>) -> Option<(Key, usize)> {
        let start = members.key_start()?;
        let [first, second] = match self.last {
            Some(last) => self.known.get(last)?.next,
            None => [self.first, usize::MAX],
        };
        for at in [first, second] {
            let expected = self.known.get(at)?;
            if let Some(value) = expected.value_behind(bytes, start) {
                self.last = Some(at);
                return Some((expected.key, value));
            }
        }
        None
    }

    /// Learns a key that was not expected.
    fn learn(&mut self, key: Json<'_>, is_adjacent: bool) -> Key {
        let meant = Key { field: Field::of(key), is_list: names_a_list(key) };
        // Blanks around the colon: such files are rare, and read key by key.
        if !is_adjacent {
            return meant;
        }
        let Some(new) = Known::new(key, meant) else { return meant };
        let same = |known: &Known| (known.block, known.length) == (new.block, new.length);
        let at = match self.known.iter().position(same) {
            Some(at) => at,
            None if self.known.len() < REMEMBERED => {
                self.known.push(new);
                self.known.len() - 1
            }
            None => return meant,
        };
        match self.last.and_then(|last| self.known.get_mut(last)) {
            Some(last) => last.next = [at, last.next[0]],
            None => self.first = at,
        }
        self.last = Some(at);
        meant
    }
}

impl Known {
    /// `None` for a key that is longer than any that CloudTrail has.
    fn new(key: Json<'_>, meant: Key) -> Option<Self> {
        let length = key.raw().len() + 1;
        let mut block = [0; 32];
        let text = key.raw().iter().chain(b":");
        block.get_mut(..length)?.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        Some(Self { block: u8x32::new(block), length, key: meant, next: [usize::MAX; 2] })
    }

    /// Where the value begins, if the key stands here with nothing between them.
    #[inline]
    fn value_behind(&self, bytes: &[u8], start: usize) -> Option<usize> {
        let here = u8x32::new(*bytes.get(start..)?.first_chunk()?);
        let same = here.simd_eq(self.block).to_bitmask();
        let all = u32::MAX >> (32 - self.length);
        let value = start + self.length;
        let is_blank = bytes.get(value).is_none_or(|byte| *byte <= b' ');
        (same & all == all && !is_blank).then_some(value)
    }
}
