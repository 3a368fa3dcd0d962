//! In which files sessions occur: what has to be read again where what some of them did turns out to matter.

use std::sync::Arc;

use hashbrown::HashSet;

use crate::archive::file_number;
use crate::event::Event;

/// Sessions and files, each pair once, some 20 bytes each.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts {
    pairs: HashSet<(u64, u64)>,
    /// Whether there are more than are kept.
    has_more: bool,
    /// What was added last, with the file whose number is known: events of a file come together.
    last: (u64, u64),
    file: Option<(Arc<str>, u64)>,
}

/// Pairs that are kept. With more than that all files would have to be read anyway.
const KEPT: usize = 1 << 22;

impl Whereabouts {
    /// Takes note of an event, unless a service made it: nobody's session leads there.
    pub(crate) fn add(&mut self, event: &Event<'_>, file: &Arc<str>) {
        let identity = event.identity;
        // What a session is called says nothing: whoever assumes a role chooses that.
        if identity.principal.kind.is_service() {
            return;
        }
        let number = match &self.file {
            Some((known, number)) if Arc::ptr_eq(known, file) => *number,
            _ => {
                let number = file_number(file);
                self.file = Some((Arc::clone(file), number));
                number
            }
        };
        let pair = (identity.session, number);
        if pair != self.last && !self.has_more {
            self.last = pair;
            self.pairs.insert(pair);
            self.bound();
        }
    }

    fn bound(&mut self) {
        if self.pairs.len() > KEPT {
            (self.has_more, self.pairs) = (true, HashSet::new());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.has_more |= other.has_more;
        if self.has_more {
            self.pairs = HashSet::new();
            return;
        }
        self.pairs.extend(other.pairs);
        self.bound();
    }

    /// The sessions that occur; nothing where there are too many to tell.
    pub fn sessions(&self) -> Option<HashSet<u64>> {
        (!self.has_more).then(|| self.pairs.iter().map(|(session, _)| *session).collect())
    }

    /// The numbers of the files in which some sessions occur; nothing where there are too many to tell.
    pub fn files_of(&self, is_meant: impl Fn(u64) -> bool) -> Option<HashSet<u64>> {
        let of = self.pairs.iter().filter(|(session, _)| is_meant(*session));
        (!self.has_more).then(|| of.map(|(_, file)| *file).collect())
    }
}
