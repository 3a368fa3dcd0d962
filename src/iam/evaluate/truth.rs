/// Kleene's three values. And is the least of them, or the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    No,
    Maybe,
    Yes,
}

impl From<bool> for Truth {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

impl Truth {
    pub(super) fn negated_if(self, negated: bool) -> Self {
        match self {
            Self::No if negated => Self::Yes,
            Self::Yes if negated => Self::No,
            same => same,
        }
    }

    /// Whether all hold; the rest is not asked once one does not.
    pub(super) fn all(each: impl IntoIterator<Item = Self>) -> Self {
        Self::settled(each, Self::Yes, Self::No, Ord::min)
    }

    /// Whether any holds; the rest is not asked once one does.
    pub(super) fn any(each: impl IntoIterator<Item = Self>) -> Self {
        Self::settled(each, Self::No, Self::Yes, Ord::max)
    }

    fn settled(
        each: impl IntoIterator<Item = Self>,
        start: Self,
        settles: Self,
        join: impl Fn(Self, Self) -> Self,
    ) -> Self {
        let mut so_far = start;
        for one in each {
            so_far = join(so_far, one);
            if so_far == settles {
                break;
            }
        }
        so_far
    }
}
