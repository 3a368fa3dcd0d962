//! Makes resources wider: those that stand side by side are written as what they have in common.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::siblings::{Breadth, Family, families};
use super::{Room, Step};
use crate::catalog;
use crate::classify::is_privileged;
use crate::iam::Effect;
use crate::recommend::draft::{Block, Draft, beginning, written};

/// Writes resources as what they have in common until everything fits, or no `least` of them have it. Where
/// nothing but looking is allowed it comes first, privileged actions last; many siblings come before few. A
/// privileged action never gets all resources of a type.
pub(super) fn widen(draft: &mut Draft, room: &Room, breadth: Breadth, least: usize, steps: &mut Vec<Step>) {
    let risks: Vec<Risk> = draft.blocks.iter().map(Risk::of).collect();
    for risk in Risk::ALL {
        if risk == Risk::Privileged && breadth == Breadth::Type {
            continue;
        }
        let mine: Vec<usize> = risks.iter().enumerate().filter(|(_, of)| **of == risk).map(|(at, _)| at).collect();
        let largest = |draft: &Draft| found(draft, &mine, breadth, least).first().map(|(_, family)| family.siblings);
        let Some(mut members) = largest(draft) else { continue };
        if breadth == Breadth::Branch {
            // A branch holds the more the less its members have in common, so that few come first here.
            members = least;
        }
        loop {
            if widen_of(draft, room, breadth, members, &mine, steps) {
                return;
            }
            if members <= least {
                break;
            }
            members = (members / 2).max(least);
        }
    }
}

/// Families of at least so many in these statements: branches from the ends, others the largest first.
fn found(draft: &Draft, which: &[usize], breadth: Breadth, members: usize) -> Vec<(usize, Family)> {
    let blocks = which.iter().filter_map(|at| Some((*at, draft.blocks.get(*at)?)));
    let mut all: Vec<_> = blocks
        .flat_map(|(at, block)| families(block.service(), &block.resources, breadth).into_iter().map(move |f| (at, f)))
        .filter(|(_, family)| family.siblings >= members.max(2))
        .collect();
    let depth = |family: &Family| match breadth {
        Breadth::Branch => family.parent.matches(['/', ':']).count(),
        Breadth::Folder | Breadth::Type => 0,
    };
    all.sort_by_cached_key(|(at, one)| (Reverse(depth(one)), Reverse(one.siblings), *at, one.parent.clone()));
    all
}

/// Does it for families of at least so many, and says whether everything fits now.
fn widen_of(
    draft: &mut Draft,
    room: &Room,
    breadth: Breadth,
    members: usize,
    which: &[usize],
    steps: &mut Vec<Step>,
) -> bool {
    let mut done: BTreeMap<(usize, &'static str), Widened> = BTreeMap::new();
    let mut lacks = room.lacks(draft);
    let mut fits = false;
    'all: loop {
        let mut now: Vec<(usize, String)> = Vec::new();
        for (at, family) in found(draft, which, breadth, members) {
            // Has fewer members by now.
            if now.iter().any(|(other, inner)| *other == at && inner.starts_with(&family.parent)) {
                continue;
            }
            let Some(block) = draft.blocks.get_mut(at) else { continue };
            let Some((resources, saved)) = write_as_one(block, &family.parent) else { continue };
            now.push((at, family.parent.clone()));
            let widened = done.entry((at, family.kind)).or_default();
            widened.resources += resources;
            widened.saved += saved;
            // One may have become part of a wider one.
            widened.parents.retain(|parent| !parent.starts_with(&family.parent));
            widened.parents.push(family.parent);
            lacks = lacks.saturating_sub(saved);
            if lacks == 0 && room.fits(draft) {
                fits = true;
                break 'all;
            }
        }
        if now.is_empty() {
            break;
        }
    }
    for ((at, kind), widened) in done {
        steps.extend(draft.blocks.get(at).map(|block| widened.step(kind, block)));
    }
    fits
}

/// All that begins so as one pattern: how many resources there were, and what it saved. `None` where it would
/// save nothing.
fn write_as_one(block: &mut Block, parent: &str) -> Option<(usize, usize)> {
    let pattern = format!("{parent}*");
    let covered: Vec<String> = beginning(&block.resources, parent).cloned().collect();
    let before: usize = covered.iter().map(|resource| written(resource) + 1).sum();
    let saved = before.checked_sub(written(&pattern) + 1).filter(|saved| *saved > 0)?;
    for resource in &covered {
        block.resources.remove(resource);
    }
    block.resources.insert(pattern);
    Some((covered.len(), saved))
}

/// What was made wider in one statement.
#[derive(Default)]
struct Widened {
    resources: usize,
    saved: usize,
    parents: Vec<String>,
}

impl Widened {
    fn step(self, kind: &str, block: &Block) -> Step {
        let actions = several(block.actions.iter().map(String::as_str));
        let patterns = match self.parents.as_slice() {
            [only] => format!("{only}*"),
            all => format!("{} patterns", all.len()),
        };
        let mut parents = self.parents;
        parents.sort();
        Step {
            what: format!("write {} ARNs of type {kind} as {patterns}, for {actions}", self.resources),
            saved: self.saved,
            adds: parents.iter().map(|parent| format!("{actions} on every {kind} under {parent}")).collect(),
        }
    }
}

/// The first of some texts, and how many others there are.
pub(super) fn several<'t>(mut texts: impl Iterator<Item = &'t str>) -> String {
    let first = texts.next().unwrap_or_default();
    match texts.count() {
        0 => first.to_owned(),
        more => format!("{first} and {more} more"),
    }
}

/// How much it matters when a statement allows more resources.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Risk {
    Looks,
    Changes,
    Privileged,
    /// A Deny would deny more.
    Never,
}

impl Risk {
    const ALL: [Self; 3] = [Self::Looks, Self::Changes, Self::Privileged];

    fn of(block: &Block) -> Self {
        let actions: Vec<_> = block.actions.iter().flat_map(|action| catalog::matching(action)).collect();
        if block.effect == Effect::Deny {
            Self::Never
        } else if actions.iter().any(|facts| is_privileged(&facts.action)) {
            Self::Privileged
        } else if actions.iter().all(|facts| facts.level.only_looks()) {
            Self::Looks
        } else {
            Self::Changes
        }
    }
}
