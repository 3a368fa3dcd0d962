//! Statements while they are worked on: sets instead of lists, sizes, and all that changes their text but not
//! what they allow. They get their SIDs at the end, when it is known which stand together.

mod share;
mod sid;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::catalog;
use crate::iam::{Conditions, Effect, PolicyDocument, Statement};

/// The condition key that says to which service a role may be passed.
pub(super) const PASSED_TO: &str = "iam:PassedToService";

/// Characters of a document around its statements.
pub(super) const FRAME: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();

/// Digits that make a SID different from others of its document.
const SID_NUMBER: usize = 3;

/// A statement without its SID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) effect: Effect,
    pub(super) condition: Conditions,
    pub(super) actions: BTreeSet<String>,
    pub(super) resources: BTreeSet<String>,
}

impl Block {
    /// IAM prefix of its first action.
    pub(super) fn service(&self) -> &str {
        let first = self.actions.first().and_then(|action| action.split_once(':'));
        first.map_or("", |(prefix, _)| prefix)
    }

    /// Whether any of its actions takes a resource. Others have to stand apart: `*` is all that they can be given.
    pub(super) fn is_scoped(&self) -> bool {
        self.actions.iter().flat_map(|action| catalog::matching(action)).any(|facts| !facts.resources.is_empty())
    }

    /// Characters of its JSON, and the comma behind it; with a number in its SID at worst.
    pub(super) fn size(&self) -> usize {
        self.size_around() + self.actions.iter().chain(&self.resources).map(|text| written(text) + 1).sum::<usize>()
    }

    /// Characters without actions and resources.
    pub(super) fn size_around(&self) -> usize {
        let sid = sid::sid(&self.actions, &self.resources, &self.condition).len() + SID_NUMBER;
        let condition = match self.condition.is_empty() {
            true => 0,
            false => {
                let json = serde_json::to_string(&self.condition).map_or(0, |json| json.chars().count());
                r#","Condition":"#.len() + json
            }
        };
        // Lists have a comma less than they have items, which makes two; the statement's own takes one.
        r#"{"Sid":"","Effect":"Allow","Action":[],"Resource":[]}"#.len() - 1 + sid + condition
    }

    fn order(&self) -> (&str, &Conditions, &BTreeSet<String>, &BTreeSet<String>, Effect) {
        (self.service(), &self.condition, &self.resources, &self.actions, self.effect)
    }
}

/// The texts that begin so.
pub(super) fn beginning<'t>(texts: &'t BTreeSet<String>, with: &'t str) -> impl Iterator<Item = &'t String> {
    texts.range::<str, _>((Bound::Included(with), Bound::Unbounded)).take_while(move |text| text.starts_with(with))
}

/// Characters of a text as a JSON string.
pub(super) fn written(text: &str) -> usize {
    let is_plain = text.chars().all(|c| c >= ' ' && !matches!(c, '"' | '\\'));
    let json = || serde_json::to_string(text).map_or(0, |json| json.chars().count());
    if is_plain { text.chars().count() + 2 } else { json() }
}

/// Statements of one principal, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) blocks: Vec<Block>,
}

impl Draft {
    pub(super) fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        let block = |statement: Statement| Block {
            effect: statement.effect,
            condition: statement.condition,
            actions: statement.action.into_iter().collect(),
            resources: statement.resource.into_iter().collect(),
        };
        let mut draft = Self { blocks: statements.into_iter().map(block).collect() };
        draft.sort();
        draft
    }

    pub(super) fn sort(&mut self) {
        self.blocks.sort_by(|a, b| a.order().cmp(&b.order()));
    }

    /// Characters of all in one document, at most.
    pub(super) fn size(&self) -> usize {
        FRAME + self.blocks.iter().map(Block::size).sum::<usize>()
    }

    /// The statements, with SIDs that are unique among them.
    pub(super) fn into_statements(self) -> Vec<Statement> {
        named(self.blocks)
    }
}

/// Blocks as statements of one document.
pub(super) fn named(blocks: Vec<Block>) -> Vec<Statement> {
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    let mut statement = |block: Block| {
        let base = sid::sid(&block.actions, &block.resources, &block.condition);
        let number = *taken.entry(base.clone()).and_modify(|n| *n += 1).or_insert(1);
        Statement {
            sid: if number == 1 { base } else { format!("{base}{number}") },
            effect: block.effect,
            action: block.actions.into_iter().collect(),
            resource: block.resources.into_iter().collect(),
            condition: block.condition,
        }
    };
    blocks.into_iter().map(&mut statement).collect()
}

/// Blocks as a document.
pub(super) fn document(blocks: Vec<Block>) -> PolicyDocument {
    PolicyDocument::new(named(blocks))
}
