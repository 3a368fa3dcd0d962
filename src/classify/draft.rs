use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::resource::prefix_length;
use super::{Basis, Needs, Resource, Use};
use crate::catalog::ActionFacts;
use crate::intern::Interned;

/// The needs of one call while they are being worked out, in buffers that are used again for the next:
/// most calls need what another needed before, and then nothing has to be kept.
#[derive(Default)]
pub(super) struct Draft {
    text: String,
    actions: Vec<Wanted>,
    /// Sorted by action, then by text.
    parts: Vec<Part>,
}

/// An action, and the service that it hands a role to.
type Wanted = (&'static ActionFacts, Option<&'static str>);

/// One resource: a stretch of the text, and whether `*` follows it.
#[derive(Clone, Copy, PartialEq)]
struct Part {
    action: usize,
    start: usize,
    end: usize,
    star: bool,
    basis: Basis,
}

impl Draft {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.actions.clear();
        self.parts.clear();
    }

    /// Begins with the resources of an action.
    pub(super) fn begin(&mut self, facts: &'static ActionFacts, passed_to: Option<&'static str>) {
        self.actions.push((facts, passed_to));
    }

    /// Adds a resource of the action begun last; `write` appends its ARN, or answers `None` where it cannot.
    pub(super) fn add(&mut self, basis: Basis, write: impl FnOnce(&mut String) -> Option<()>) -> bool {
        let start = self.text.len();
        if write(&mut self.text).is_none() {
            self.text.truncate(start);
            return false;
        }
        let part = Part { action: self.actions.len(), start, end: self.text.len(), star: false, basis };
        self.parts.push(part);
        true
    }

    /// Takes back the resource added last.
    pub(super) fn take_back(&mut self) {
        self.parts.pop();
    }

    /// The text of the resource added last.
    pub(super) fn last(&self) -> &str {
        self.parts.last().map_or("", |part| self.of(part))
    }

    fn of(&self, part: &Part) -> &str {
        self.text.get(part.start..part.end).unwrap_or_default()
    }

    /// Makes resources as wide as they are to be kept; see [`Resource::widened`].
    fn widen(&mut self, width: u8) {
        for part in &mut self.parts {
            if let Some(length) =
                self.text.get(part.start..part.end).and_then(|arn| prefix_length(arn, part.basis, width))
            {
                (part.end, part.star, part.basis) = (part.start + length, true, Basis::Prefix);
            }
        }
    }

    /// Puts the resources of each action into order, each once.
    fn settle(&mut self) {
        let text = &self.text;
        let key =
            |part: &Part| (part.action, text.get(part.start..part.end).unwrap_or_default(), part.star, part.basis);
        match self.parts.as_slice() {
            [] | [_] => {}
            _ => {
                self.parts.sort_by(|a, b| key(a).cmp(&key(b)));
                self.parts.dedup_by(|a, b| key(a) == key(b));
            }
        }
    }

    fn hash(&self, hasher: &DefaultHashBuilder) -> u64 {
        let mut state = hasher.build_hasher();
        for (facts, passed_to) in &self.actions {
            state.write_usize(std::ptr::from_ref(*facts).addr());
            state.write(passed_to.unwrap_or_default().as_bytes());
        }
        for part in &self.parts {
            state.write(self.of(part).as_bytes());
            state.write_usize(part.action * 16 + part.basis as usize * 2 + usize::from(part.star));
        }
        state.finish()
    }

    fn is(&self, needs: &Needs) -> bool {
        let mut parts = self.parts.iter();
        let mut action = 0;
        needs.uses().len() == self.actions.len()
            && needs.uses().iter().zip(&self.actions).all(|(used, (facts, passed_to))| {
                action += 1;
                used.action == facts.action
                    && used.passed_to == *passed_to
                    && used.resources.iter().all(|resource| {
                        parts.next().is_some_and(|part| {
                            let arn = if part.star { resource.arn.strip_suffix('*') } else { Some(&*resource.arn) };
                            part.action == action && part.basis == resource.basis && arn == Some(self.of(part))
                        })
                    })
            })
            && parts.next().is_none()
    }

    fn keep(&self) -> Needs {
        let uses = self.actions.iter().enumerate().map(|(at, (facts, passed_to))| {
            let own = self.parts.iter().filter(|part| part.action == at + 1);
            let resource = |part: &Part| {
                let star = if part.star { "*" } else { "" };
                Resource { arn: [self.of(part), star].concat(), basis: part.basis }
            };
            Use { action: facts.action.clone(), passed_to: *passed_to, resources: own.map(resource).collect() }
        });
        Needs::Actions(uses.collect())
    }
}

/// Needs that were met before, found by a draft of them.
#[derive(Default)]
pub(super) struct Known {
    table: HashTable<(u64, Interned<Needs>)>,
    hasher: DefaultHashBuilder,
}

/// Most needs that are remembered. Beyond that it is begun again: what is found anew is equal to what was
/// found before.
const REMEMBERED: usize = 1 << 16;

impl Known {
    /// The needs that a draft describes, with resources so wide.
    pub(super) fn get(&mut self, draft: &mut Draft, width: u8) -> &Interned<Needs> {
        if width > 0 {
            draft.widen(width);
        }
        draft.settle();
        let hash = draft.hash(&self.hasher);
        if self.table.len() >= REMEMBERED {
            self.table.clear();
        }
        let same = |(known, needs): &(u64, Interned<Needs>)| *known == hash && draft.is(needs);
        let entry = self.table.entry(hash, same, |(hash, _)| *hash);
        &entry.or_insert_with(|| (hash, Interned::new(draft.keep()))).into_mut().1
    }
}
