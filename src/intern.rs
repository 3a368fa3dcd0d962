//! What occurs again and again, worked out and kept once. [`Interned`] is a shared value that is hashed
//! once and compared by address first; [`Memo`] remembers what followed from a stretch of raw bytes, so
//! that an archive that repeats itself is interpreted once. Knows nothing of logs.

use std::cell::Cell;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use hashbrown::DefaultHashBuilder;

/// One seed for the whole process, so that hashes made on one thread hold on another; a new one for each
/// run, so that nobody can prepare an archive of collisions.
static SEED: LazyLock<DefaultHashBuilder> = LazyLock::new(DefaultHashBuilder::default);

/// A hash that holds on every thread of this process, and in no other one.
#[inline]
pub fn hash_of(value: impl Hash) -> u64 {
    SEED.hash_one(value)
}

/// A shared, immutable value with its hash. Two that are equal need not be one, but mostly are, and then
/// comparing them costs one comparison of addresses.
pub struct Interned<T: ?Sized>(Arc<Kept<T>>);

struct Kept<T: ?Sized> {
    hash: u64,
    value: T,
}

impl<T: Hash> Interned<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Kept { hash: hash_of(&value), value }))
    }
}

impl<T: ?Sized> Interned<T> {
    /// The hash of the value, the same for equal values in this process.
    pub fn hash_value(&self) -> u64 {
        self.0.hash
    }

    /// Where the value is kept: no other value is there while this one is held.
    pub fn place(&self) -> usize {
        Arc::as_ptr(&self.0).cast::<()>().addr()
    }

    /// Whether both are the very same allocation.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: ?Sized> Clone for Interned<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for Interned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Interned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || (self.0.hash == other.0.hash && **self == **other)
    }
}

impl<T: ?Sized + Eq> Eq for Interned<T> {}

impl<T: ?Sized + Ord> PartialOrd for Interned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: ?Sized + Ord> Ord for Interned<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if self.is_same(other) { std::cmp::Ordering::Equal } else { (**self).cmp(&**other) }
    }
}

impl<T: ?Sized> Hash for Interned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Interned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Remembers what followed from bytes, for a bounded number of them: a newcomer takes the place of one
/// that was remembered earlier. Bytes are compared whole, so an answer is never that of other bytes.
pub struct Memo<T> {
    places: Vec<Option<Known<T>>>,
}

struct Known<T> {
    hash: u64,
    /// The parts one after the other, and where each ends.
    bytes: Vec<u8>,
    parts: usize,
    ends: [u32; PARTS],
    value: T,
}

/// Most parts a key has.
const PARTS: usize = 8;

impl<T> Memo<T> {
    /// Remembers up to `places` answers, a power of two.
    pub fn new(places: usize) -> Self {
        Self { places: std::iter::repeat_with(|| None).take(places.max(1).next_power_of_two()).collect() }
    }

    /// What follows from `parts` (eight at most), worked out by `make` when it is not remembered. What
    /// `make` refuses is not remembered.
    #[expect(clippy::indexing_slicing, reason = "the place is below the number of places, which is a power of two")]
    pub fn get<E>(&mut self, parts: &[&[u8]], make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let mut hasher = SEED.build_hasher();
        for part in parts {
            hasher.write(part);
            hasher.write_usize(part.len());
        }
        let hash = hasher.finish();
        // The high bits choose, as in a hash table: they are the best mixed.
        let place = (hash >> 32) as usize & (self.places.len() - 1);
        let known = &mut self.places[place];
        if !known.as_ref().is_some_and(|known| known.hash == hash && known.is(parts)) {
            let value = make()?;
            let mut bytes = known.take().map_or_else(Vec::new, |old| old.bytes);
            bytes.clear();
            let mut ends = [0; PARTS];
            for (part, end) in parts.iter().zip(&mut ends) {
                bytes.extend_from_slice(part);
                *end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            }
            // One long key must not hold memory for good; giving back a little each time costs more than it saves.
            if bytes.capacity() > 4 * bytes.len() + 1024 {
                bytes.shrink_to_fit();
            }
            *known = Some(Known { hash, bytes, parts: parts.len(), ends, value });
        }
        match &self.places[place] {
            Some(known) => Ok(&known.value),
            None => unreachable!("filled above"),
        }
    }
}

impl<T> Known<T> {
    fn is(&self, parts: &[&[u8]]) -> bool {
        let mut start = 0;
        parts.len() == self.parts
            && parts.iter().zip(&self.ends).all(|(part, end)| {
                let end = *end as usize;
                let same = self.bytes.get(start..end) == Some(part);
                start = end;
                same
            })
    }
}

/// Whether bytes of one sort occur again: where nearly all of them are new, remembering what followed from
/// them costs more than it saves, and takes the place of what does occur again. Found out by trying.
#[derive(Default)]
pub struct Repetition {
    asked: Cell<u32>,
    met: Cell<u32>,
}

/// How many times it is tried, and how many times it is then left out.
const TRIAL: u32 = 256;
const PAUSE: u32 = 4096;

impl Repetition {
    /// Whether to look now among what is remembered.
    #[inline]
    pub fn is_likely(&self) -> bool {
        let asked = self.asked.get();
        let pays = self.met.get() >= TRIAL / 4;
        if (asked >= TRIAL && pays) || asked >= TRIAL + PAUSE {
            self.asked.set(1);
            self.met.set(0);
            return true;
        }
        self.asked.set(asked + 1);
        asked < TRIAL
    }

    /// What was looked for was met before.
    #[inline]
    pub fn met(&self) {
        self.met.set(self.met.get() + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_occurs_again_is_looked_for_now_and_then_only() {
        let looks = |met_every: u32| {
            let repetition = Repetition::default();
            let looks = (0..10 * PAUSE).filter(|_| repetition.is_likely());
            looks
                .inspect(|at| {
                    if at % met_every == 0 {
                        repetition.met()
                    }
                })
                .count()
        };
        assert_eq!(looks(2), 10 * PAUSE as usize);
        assert!(looks(100) < PAUSE as usize);
    }

    #[test]
    fn equal_values_are_equal_and_hash_alike_wherever_they_were_kept() {
        let (one, other) = (Interned::new("a".to_owned()), Interned::new("a".to_owned()));
        assert!(one == other && !one.is_same(&other) && one.hash_value() == other.hash_value());
        assert!(Interned::new("b".to_owned()) > one);
    }

    #[test]
    fn a_memo_never_answers_for_other_bytes() {
        let mut memo: Memo<Vec<Vec<u8>>> = Memo::new(2);
        let keys: &[&[&[u8]]] = &[&[b"ab", b"c"], &[b"a", b"bc"], &[b"abc"], &[b"abc", b""], &[], &[b""]];
        for _ in 0..3 {
            for key in keys {
                let owned: Vec<Vec<u8>> = key.iter().map(|part| part.to_vec()).collect();
                let found = memo.get(key, || Ok::<_, ()>(owned.clone())).unwrap();
                assert_eq!(*found, owned);
            }
        }
        assert!(memo.get(&[b"new"], || Err(())).is_err());
    }
}
