use std::collections::BTreeSet;

/// Distinct texts, up to a cap. Beyond it the smallest are kept and the rest is known to exist: which
/// ones stay does not depend on the order they come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distinct {
    values: BTreeSet<Box<str>>,
    more: bool,
}

impl Distinct {
    /// Most values that are kept.
    pub const CAP: usize = 64;

    /// Adds one.
    pub fn add(&mut self, value: &str) {
        let beyond = self.values.len() >= Self::CAP && self.values.last().is_some_and(|last| value > &**last);
        if beyond {
            self.more = true;
        } else if !self.values.contains(value) {
            self.values.insert(value.into());
            self.trim();
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        self.more |= other.more;
        self.values.extend(other.values);
        self.trim();
    }

    fn trim(&mut self) {
        while self.values.len() > Self::CAP {
            self.values.pop_last();
            self.more = true;
        }
    }

    /// The values that are kept, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|value| &**value)
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
