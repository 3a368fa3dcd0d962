//! Statements into several policies. A service stays together where that can be; then statements do; a long
//! one is cut in two last.

use std::collections::{BTreeMap, BTreeSet};

use super::{FRAME, Room};
use crate::recommend::draft::{Block, Draft, document, written};

/// Statements policy by policy.
pub(super) struct Split {
    pub(super) bins: Vec<Vec<Block>>,
    /// In words.
    pub(super) how: &'static str,
}

impl Split {
    pub(super) fn fits(&self, room: &Room) -> bool {
        self.bins.len() <= room.most && self.bins.iter().all(|blocks| document(blocks.clone()).size() <= room.limit)
    }
}

/// The first way in which everything fits; otherwise the one with the fewest policies.
pub(super) fn split(draft: &Draft, room: &Room) -> Split {
    // Each size holds a comma; the last one has none.
    let capacity = (room.limit + 1).saturating_sub(FRAME);
    let pieces: Vec<Block> = draft.blocks.iter().cloned().flat_map(|block| pieces(block, capacity)).collect();
    let mut by_service: BTreeMap<&str, Vec<Block>> = BTreeMap::new();
    for block in &pieces {
        by_service.entry(block.service()).or_default().push(block.clone());
    }
    let services = Split { bins: first_fit(by_service.into_values().collect(), capacity), how: "by service" };
    if services.fits(room) {
        return services;
    }
    let single = pieces.iter().map(|block| vec![block.clone()]).collect();
    let statements = Split { bins: first_fit(single, capacity), how: "by statement" };
    if statements.fits(room) {
        return statements;
    }
    let full = Split { bins: fill(&draft.blocks, capacity), how: "with long statements cut where a policy is full" };
    let ways = [services, statements, full];
    let best = ways.into_iter().min_by_key(|split| (!split.fits(room), split.bins.len()));
    best.unwrap_or(Split { bins: vec![draft.blocks.clone()], how: "not at all" })
}

fn size(blocks: &[Block]) -> usize {
    blocks.iter().map(Block::size).sum()
}

/// Each group into the first policy that has room for it, the largest group first; one that has room in none
/// gets a policy of its own, or is taken apart where that is too small.
fn first_fit(groups: Vec<Vec<Block>>, capacity: usize) -> Vec<Vec<Block>> {
    let mut groups: Vec<_> = groups.into_iter().map(|group| (size(&group), group)).collect();
    // Stable: equal sizes stay in the order of statements.
    groups.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let mut bins: Vec<(usize, Vec<Block>)> = Vec::new();
    let mut place = |size: usize, group: Vec<Block>| match bins.iter_mut().find(|(used, _)| used + size <= capacity) {
        Some((used, blocks)) => {
            *used += size;
            blocks.extend(group);
        }
        None => bins.push((size, group)),
    };
    for (size, group) in groups {
        if size <= capacity {
            place(size, group);
        } else {
            group.into_iter().for_each(|block| place(block.size(), vec![block]));
        }
    }
    sorted(bins.into_iter().map(|(_, blocks)| blocks))
}

/// One policy after the other, each to its end.
fn fill(blocks: &[Block], capacity: usize) -> Vec<Vec<Block>> {
    let mut bins: Vec<Vec<Block>> = Vec::new();
    let (mut bin, mut used) = (Vec::new(), 0);
    let mut waiting: Vec<Block> = blocks.iter().rev().cloned().collect();
    while let Some(block) = waiting.pop() {
        let size = block.size();
        if used + size <= capacity {
            used += size;
            bin.push(block);
            continue;
        }
        if let Some((head, tail)) = cut(&block, capacity.saturating_sub(used)) {
            bin.push(head);
            waiting.push(tail);
        } else if bin.is_empty() {
            let mut parts = pieces(block, capacity);
            if parts.len() == 1 {
                bin.append(&mut parts);
            } else {
                waiting.extend(parts.into_iter().rev());
                continue;
            }
        } else {
            waiting.push(block);
        }
        bins.push(std::mem::take(&mut bin));
        used = 0;
    }
    bins.push(bin);
    sorted(bins)
}

/// Policies without empty ones, each and all in a stable order.
fn sorted(bins: impl IntoIterator<Item = Vec<Block>>) -> Vec<Vec<Block>> {
    let mut drafts: Vec<Draft> =
        bins.into_iter().filter(|bin| !bin.is_empty()).map(|blocks| Draft { blocks }).collect();
    drafts.iter_mut().for_each(Draft::sort);
    drafts.into_iter().map(|draft| draft.blocks).collect()
}

/// A statement as several that are no longer than a policy.
fn pieces(block: Block, capacity: usize) -> Vec<Block> {
    let (mut done, mut waiting) = (Vec::new(), vec![block]);
    while let Some(block) = waiting.pop() {
        let shorter = length(&block.actions).min(length(&block.resources));
        let parts = if block.size() <= capacity {
            None
        } else if shorter <= capacity / 2 {
            cut(&block, capacity).or_else(|| halve(&block))
        } else {
            // What all parts repeat would leave no room for the rest.
            halve(&block)
        };
        match parts {
            Some((head, tail)) => waiting.extend([tail, head]),
            None => done.push(block),
        }
    }
    done
}

fn length(texts: &BTreeSet<String>) -> usize {
    texts.iter().map(|text| written(text) + 1).sum()
}

/// As much of the longer of both lists as there is room for, and the rest; of the other list all.
fn cut(block: &Block, room: usize) -> Option<(Block, Block)> {
    let (actions, resources) = (length(&block.actions), length(&block.resources));
    let room = room.checked_sub(block.size_around())?;
    let by_actions = || divide(&block.actions, room.checked_sub(resources)?).map(|(a, b)| with_actions(block, a, b));
    let by_resources =
        || divide(&block.resources, room.checked_sub(actions)?).map(|(a, b)| with_resources(block, a, b));
    if actions > resources { by_actions().or_else(by_resources) } else { by_resources().or_else(by_actions) }
}

/// Both halves by the shorter list, unless that is a single text.
fn halve(block: &Block) -> Option<(Block, Block)> {
    let by = |texts: &BTreeSet<String>| divide(texts, length(texts) / 2);
    let by_actions = || by(&block.actions).map(|(a, b)| with_actions(block, a, b));
    let by_resources = || by(&block.resources).map(|(a, b)| with_resources(block, a, b));
    let actions_first = length(&block.actions) <= length(&block.resources);
    if actions_first { by_actions().or_else(by_resources) } else { by_resources().or_else(by_actions) }
}

fn with_actions(block: &Block, head: BTreeSet<String>, tail: BTreeSet<String>) -> (Block, Block) {
    (Block { actions: head, ..block.clone() }, Block { actions: tail, ..block.clone() })
}

fn with_resources(block: &Block, head: BTreeSet<String>, tail: BTreeSet<String>) -> (Block, Block) {
    (Block { resources: head, ..block.clone() }, Block { resources: tail, ..block.clone() })
}

/// The first texts that take no more than so much, and the others; none where either is empty.
fn divide(texts: &BTreeSet<String>, room: usize) -> Option<(BTreeSet<String>, BTreeSet<String>)> {
    let mut used = 0;
    let (mut head, mut tail) = (BTreeSet::new(), BTreeSet::new());
    for text in texts {
        used += written(text) + 1;
        if used <= room {
            head.insert(text.clone())
        } else {
            tail.insert(text.clone())
        };
    }
    (!head.is_empty() && !tail.is_empty()).then_some((head, tail))
}
