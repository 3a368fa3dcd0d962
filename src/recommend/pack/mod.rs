//! Statements into as many policies of a kind as a principal can have, within AWS's limits. What costs nothing
//! comes first; only what still does not fit is made wider, the least over-grant first, and each step says
//! what it adds. Nothing is ever left out: what cannot fit is handed over whole and as narrow as it was, and says
//! so.
//!
//! In this order: join statements and drop what is covered, split into policies, write actions as wildcards that
//! stand for nothing else, write resources that stand side by side as what they have in common, write actions as
//! wildcards that stand for a few more, and at last for any that only look.

mod actions;
mod resources;
mod siblings;
mod split;

use super::draft::{Draft, FRAME, document};
use crate::iam::{PolicyDocument, PrincipalKind, Statement, Target};
use actions::Reach;
use siblings::Breadth;

/// A policy document under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Letters, digits and hyphens.
    pub name: String,
    /// The document.
    pub document: PolicyDocument,
}

/// Something that was done to make policies shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done, in words.
    pub what: String,
    /// By how many characters everything became shorter.
    pub saved: usize,
    /// What it allows that was never seen; nothing where it is free.
    pub adds: Vec<String>,
}

/// Statements as policies of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The kind.
    pub target: Target,
    /// They allow everything together, whether it fits or not.
    pub policies: Vec<NamedPolicy>,
    /// What was done to come to them, in order.
    pub steps: Vec<Step>,
    /// Characters of each policy.
    pub used: Vec<usize>,
    /// Characters that each may have.
    pub limit: usize,
    /// How many there may be.
    pub most: usize,
    /// Whether AWS takes them.
    pub fits: bool,
    /// Characters beyond what fits.
    pub over: usize,
}

/// What policies have to fit into.
pub(super) struct Room {
    limit: usize,
    most: usize,
}

impl Room {
    /// Nothing fits: all is done that can be.
    const NONE: Self = Self { limit: 0, most: 0 };

    fn holds_in_one(&self, draft: &Draft) -> bool {
        let at_most = draft.size();
        // The estimate has room for numbers in SIDs; near the limit the exact size decides.
        let is_near = at_most <= self.limit + 8 * draft.blocks.len();
        at_most <= self.limit || (is_near && document(draft.blocks.clone()).size() <= self.limit)
    }

    fn fits(&self, draft: &Draft) -> bool {
        if self.most < 2 {
            return self.most == 1 && self.holds_in_one(draft);
        }
        self.lacks(draft) == 0 && (self.holds_in_one(draft) || split::split(draft, self).fits(self))
    }

    /// Characters that do not fit in any case. Where there are none, it depends on how statements can be split.
    fn lacks(&self, draft: &Draft) -> usize {
        let surely = draft.size().saturating_sub(8 * draft.blocks.len());
        surely.saturating_sub(self.most.saturating_mul(self.limit))
    }
}

/// Packs Allow statements for a target. `kind` tells how many policies the principal can have, `name` becomes
/// the name of the first one. The order of statements does not matter.
pub fn pack(statements: Vec<Statement>, target: Target, kind: PrincipalKind, name: &str) -> Packed {
    let room = Room { limit: target.limit(), most: target.most(kind) };
    let mut draft = Draft::new(statements);
    let mut steps = Vec::new();
    // Joined first: what is covered is looked for pair by pair.
    free(&mut draft, &mut steps, "join statements with the same actions or resources", Draft::merge_equal);
    free(&mut draft, &mut steps, "drop what something else already allows", |draft| {
        draft.drop_covered();
        draft.merge_equal();
    });
    if !room.holds_in_one(&draft) {
        free(
            &mut draft,
            &mut steps,
            "join statements of several services whose actions take no resource",
            Draft::merge_services,
        );
    }
    if !room.holds_in_one(&draft) {
        free(&mut draft, &mut steps, "group by resource instead of by action", |draft| {
            draft.regroup();
            draft.merge_equal();
        });
    }
    let finish = |draft: &Draft, steps: Vec<Step>| finish(draft, target, &room, name, steps);
    if room.fits(&draft) {
        return finish(&draft, steps);
    }
    let (mut wide, mut taken) = (draft.clone(), steps.clone());
    widen(&mut wide, &room, &mut taken);
    let wide = finish(&wide, taken);
    if wide.fits {
        return wide;
    }
    // What is wider and does not fit either would be the worse of both.
    let mut packed = finish(&draft, steps);
    let over = wide.over;
    packed.steps.push(Step {
        what: format!("nothing is made wider: with all that could be, {over} characters would still be too many"),
        saved: 0,
        adds: Vec::new(),
    });
    packed
}

/// Writes at least `members` resources that stand side by side as what they have in common, wherever there are
/// so many, and says so.
pub fn generalize(statements: Vec<Statement>, members: usize) -> (Vec<Statement>, Vec<Step>) {
    let mut draft = Draft::new(statements);
    draft.merge_equal();
    let mut steps = Vec::new();
    for breadth in Breadth::ALL {
        resources::widen(&mut draft, &Room::NONE, breadth, members, &mut steps);
    }
    draft.drop_covered();
    draft.merge_equal();
    (draft.into_statements(), steps)
}

/// What makes policies shorter at the cost of what they allow, the free and the cheap before the rest, until
/// they fit.
fn widen(draft: &mut Draft, room: &Room, steps: &mut Vec<Step>) {
    type Stage = fn(&mut Draft, &Room, &mut Vec<Step>);
    let stages: [Stage; 6] = [
        |draft, room, steps| actions::fold(draft, room, Reach::Exact, steps),
        |draft, room, steps| resources::widen(draft, room, Breadth::Folder, 2, steps),
        |draft, room, steps| resources::widen(draft, room, Breadth::Branch, 2, steps),
        |draft, room, steps| resources::widen(draft, room, Breadth::Type, 2, steps),
        |draft, room, steps| actions::fold(draft, room, Reach::Wider, steps),
        |draft, room, steps| actions::fold(draft, room, Reach::Widest, steps),
    ];
    for stage in stages {
        stage(draft, room, steps);
        free(draft, steps, "join statements that have become alike", |draft| {
            draft.drop_covered();
            draft.merge_equal();
        });
        if room.fits(draft) {
            return;
        }
    }
}

/// Does what costs nothing, and tells of it if it gained anything.
fn free(draft: &mut Draft, steps: &mut Vec<Step>, what: &str, change: impl FnOnce(&mut Draft)) {
    let before = draft.size();
    change(draft);
    let saved = before.saturating_sub(draft.size());
    if saved > 0 {
        steps.push(Step { what: what.to_owned(), saved, adds: Vec::new() });
    }
}

fn finish(draft: &Draft, target: Target, room: &Room, name: &str, mut steps: Vec<Step>) -> Packed {
    let is_one = room.most < 2 || room.holds_in_one(draft);
    let bins = if is_one {
        vec![draft.blocks.clone()]
    } else {
        let split = split::split(draft, room);
        steps.push(Step {
            what: format!("split into {} policies, {}", split.bins.len(), split.how),
            saved: 0,
            adds: Vec::new(),
        });
        split.bins
    };
    let bins: Vec<_> = bins.into_iter().filter(|blocks| !blocks.is_empty()).collect();
    let is_single = bins.len() == 1;
    let policies: Vec<NamedPolicy> = bins
        .into_iter()
        .enumerate()
        .map(|(at, blocks)| NamedPolicy {
            name: if is_single { name.to_owned() } else { format!("{name}-{}", at + 1) },
            document: document(blocks),
        })
        .collect();
    let used: Vec<usize> = policies.iter().map(|policy| policy.document.size()).collect();
    let over = used
        .iter()
        .enumerate()
        .map(|(at, size)| if at < room.most { size.saturating_sub(room.limit) } else { *size })
        .sum();
    Packed { target, policies, steps, used, limit: room.limit, most: room.most, fits: over == 0, over }
}
