use smallvec::SmallVec;

/// Distinct values, up to `CAP` of them. Beyond it the smallest are kept and the rest is known to exist: which
/// ones stay does not depend on the order they come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct<T, const CAP: usize> {
    /// Sorted. Most calls are made from one place, by one session.
    values: SmallVec<[T; 1]>,
    more: bool,
}

impl<T, const CAP: usize> Default for Distinct<T, CAP> {
    fn default() -> Self {
        Self { values: SmallVec::new(), more: false }
    }
}

impl<T: Ord, const CAP: usize> Distinct<T, CAP> {
    /// Adds one.
    #[inline]
    pub fn add(&mut self, value: T) {
        let full = self.values.len() >= CAP;
        match self.values.last() {
            Some(last) if *last == value => {}
            Some(last) if *last < value && full => self.more = true,
            Some(last) if *last < value => self.values.push(value),
            Some(_) => {
                if let Err(place) = self.values.binary_search(&value) {
                    self.values.insert(place, value);
                    self.trim();
                }
            }
            None => self.values.push(value),
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        self.more |= other.more;
        for value in other.values {
            self.add(value);
        }
    }

    fn trim(&mut self) {
        while self.values.len() > CAP {
            self.values.pop();
            self.more = true;
        }
    }

    /// The values that are kept, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.iter()
    }

    /// How many there are; a lower bound when there are more than the cap.
    pub fn len(&self) -> usize {
        self.values.len() + usize::from(self.more)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether some were left out.
    pub fn has_more(&self) -> bool {
        self.more
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAP: usize = 16;

    proptest! {
        #[test]
        fn the_smallest_stay_in_any_order(values in prop::collection::vec(0..200_u8, 0..300), cut in any::<prop::sample::Index>()) {
            let (first, second) = values.split_at(cut.index(values.len() + 1));
            let of = |values: &[u8]| {
                let mut found = Distinct::<u8, CAP>::default();
                values.iter().for_each(|value| found.add(*value));
                found
            };
            let mut merged = of(second);
            merged.merge(of(first));
            let all: std::collections::BTreeSet<u8> = values.iter().copied().collect();
            prop_assert!(merged.iter().eq(all.iter().take(CAP)));
            prop_assert_eq!(merged.has_more(), all.len() > CAP);
            prop_assert_eq!(merged, of(&values));
        }
    }
}
