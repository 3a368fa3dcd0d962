//! What makes statements shorter and allows neither more nor less.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use super::{Block, Draft, beginning};
use crate::iam::{Conditions, Effect, before_wildcard, covers, has_wildcard};

impl Draft {
    /// Drops what something else in the same statement covers, and statements that another one covers.
    pub(in crate::recommend) fn drop_covered(&mut self) {
        for block in &mut self.blocks {
            drop_covered(&mut block.actions);
            drop_covered(&mut block.resources);
        }
        let mut kept: Vec<Block> = Vec::new();
        for block in take(&mut self.blocks) {
            if !kept.iter().any(|other| is_covered(&block, other)) {
                kept.retain(|other| !is_covered(other, &block));
                kept.push(block);
            }
        }
        self.blocks = kept;
        self.sort();
    }

    /// Joins statements of a service that have the same actions or the same resources, as long as there are any.
    pub(in crate::recommend) fn merge_equal(&mut self) {
        loop {
            let before = self.blocks.len();
            let mut by_actions: BTreeMap<(Effect, Conditions, BTreeSet<String>), BTreeSet<String>> = BTreeMap::new();
            for Block { effect, condition, actions, resources } in take(&mut self.blocks) {
                by_actions.entry((effect, condition, actions)).or_default().extend(resources);
            }
            let mut by_resources: BTreeMap<(Place, BTreeSet<String>), BTreeSet<String>> = BTreeMap::new();
            for ((effect, condition, actions), resources) in by_actions {
                let block = Block { effect, condition, actions, resources };
                by_resources.entry((Place::of(&block), block.resources)).or_default().extend(block.actions);
            }
            self.blocks =
                by_resources.into_iter().map(|((place, resources), actions)| place.block(actions, resources)).collect();
            if self.blocks.len() == before {
                return self.sort();
            }
        }
    }

    /// Joins the statements of all services whose actions take no resource.
    pub(in crate::recommend) fn merge_services(&mut self) {
        let mut joined: BTreeMap<(Effect, Conditions), Block> = BTreeMap::new();
        let mut rest = Vec::new();
        for block in take(&mut self.blocks) {
            let is_any = block.resources.len() == 1 && block.resources.contains("*");
            if !is_any || block.is_scoped() {
                rest.push(block);
                continue;
            }
            let key = (block.effect, block.condition.clone());
            match joined.get_mut(&key) {
                Some(other) => other.actions.extend(block.actions),
                None => {
                    joined.insert(key, block);
                }
            }
        }
        self.blocks = rest;
        self.blocks.extend(joined.into_values());
        self.sort();
    }

    /// Groups by resource instead of by action where that is shorter: resources with the same actions stand
    /// together then, and each is written once.
    pub(in crate::recommend) fn regroup(&mut self) {
        let mut places: BTreeMap<Place, Vec<Block>> = BTreeMap::new();
        for block in take(&mut self.blocks) {
            places.entry(Place::of(&block)).or_default().push(block);
        }
        for (place, blocks) in places {
            let mut by_resource: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
            for block in &blocks {
                for resource in &block.resources {
                    by_resource.entry(resource).or_default().extend(&block.actions);
                }
            }
            let mut grouped: BTreeMap<BTreeSet<&String>, BTreeSet<String>> = BTreeMap::new();
            for (resource, actions) in by_resource {
                grouped.entry(actions).or_default().insert(resource.clone());
            }
            let regrouped: Vec<Block> = grouped
                .into_iter()
                .map(|(actions, resources)| place.clone().block(actions.into_iter().cloned().collect(), resources))
                .collect();
            let size = |blocks: &[Block]| blocks.iter().map(Block::size).sum::<usize>();
            self.blocks.extend(if size(&regrouped) < size(&blocks) { regrouped } else { blocks });
        }
        self.sort();
    }
}

/// What statements have to have in common to become one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    effect: Effect,
    condition: Conditions,
    service: String,
    is_scoped: bool,
}

impl Place {
    fn of(block: &Block) -> Self {
        Self {
            effect: block.effect,
            condition: block.condition.clone(),
            service: block.service().to_owned(),
            is_scoped: block.is_scoped(),
        }
    }

    fn block(self, actions: BTreeSet<String>, resources: BTreeSet<String>) -> Block {
        Block { effect: self.effect, condition: self.condition, actions, resources }
    }
}

/// Only texts that begin as a pattern does can be covered by it; they stand together.
fn drop_covered(texts: &mut BTreeSet<String>) {
    let wild: Vec<String> = texts.iter().filter(|text| has_wildcard(text)).cloned().collect();
    for pattern in wild {
        // Of two that cover each other, the first one stays.
        if !texts.contains(&pattern) {
            continue;
        }
        let alike = beginning(texts, before_wildcard(&pattern));
        let covered: Vec<String> = alike.filter(|text| **text != pattern && covers(&pattern, text)).cloned().collect();
        covered.iter().for_each(|text| {
            texts.remove(text);
        });
    }
}

fn is_covered(block: &Block, by: &Block) -> bool {
    let all = |texts: &BTreeSet<String>, of: &BTreeSet<String>| {
        let is_covered =
            |text: &String| of.contains(text) || of.iter().any(|wider| has_wildcard(wider) && covers(wider, text));
        texts.iter().all(is_covered)
    };
    block.effect == by.effect
        && block.condition == by.condition
        && all(&block.actions, &by.actions)
        && all(&block.resources, &by.resources)
}
