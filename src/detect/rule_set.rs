//! The rules that came with the program, and the user's beside them.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use hashbrown::HashMap;

use super::Rule;
use super::rule::{Read, RuleProblem};
use crate::condition::{Answer, OperationView};
use crate::event::Operation;
use crate::iam::service_label;

/// The texts of our rules by folder: that of an event source, or `any`.
static TEXTS: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Our rules by folder, each folder read when the first event of its source comes: an archive has a few sources of
/// the hundreds there are.
static OURS: LazyLock<HashMap<&str, OnceLock<Vec<Rule>>>> =
    LazyLock::new(|| TEXTS.iter().map(|(folder, _)| (*folder, OnceLock::new())).collect());

/// The folder of rules that are about no source in particular.
const ANY: &str = "any";

fn folder(name: &str) -> &'static [Rule] {
    let Some((name, cell)) = OURS.get_key_value(name) else { return &[] };
    cell.get_or_init(|| {
        let texts = TEXTS.iter().find(|(folder, _)| folder == name).map_or(&[][..], |(_, texts)| texts);
        let read = |(file, text): &(&str, &str)| Read::text(text, &Path::new(name).join(file), true).rules;
        texts.iter().flat_map(read).collect()
    })
}

/// Every rule that came with the program, in order.
pub fn ours() -> impl Iterator<Item = &'static Rule> {
    TEXTS.iter().flat_map(|(name, _)| folder(name))
}

/// The text of one of our rules.
pub fn text_of(rule: &Rule) -> Option<&'static str> {
    let texts = TEXTS.iter().flat_map(|(folder, texts)| texts.iter().map(move |(file, text)| (folder, file, text)));
    texts.filter(|(folder, file, _)| Path::new(folder).join(file) == rule.path).map(|(_, _, text)| *text).next()
}

/// Rules to be asked.
#[derive(Debug, Default)]
pub struct RuleSet {
    users: Vec<Rule>,
}

/// What reading the user's rules came to.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Rules that cannot be used.
    pub problems: Vec<RuleProblem>,
    /// How many are used.
    pub rules: usize,
    /// How many are about other logs.
    pub of_other_logs: usize,
    /// How many files were read.
    pub files: usize,
}

impl RuleSet {
    /// Adds rules by their texts, each with its path.
    pub fn add(&mut self, texts: impl IntoIterator<Item = (PathBuf, String)>) -> Loaded {
        let mut loaded = Loaded::default();
        for (path, text) in texts {
            let read = Read::text(&text, &path, false);
            loaded.files += 1;
            loaded.rules += read.rules.len();
            loaded.of_other_logs += read.of_other_logs;
            loaded.problems.extend(read.problems);
            self.users.extend(read.rules);
        }
        loaded
    }

    /// The user's rules, as they were read.
    pub fn users(&self) -> &[Rule] {
        &self.users
    }

    /// The rules that a call of this kind can meet, whatever is in its request.
    pub(super) fn of(&self, operation: &Operation) -> Vec<&Rule> {
        let label = service_label(&operation.source).unwrap_or_default();
        let own = folder(label).iter().chain(folder(ANY).iter());
        let view = OperationView::new(operation);
        own.chain(&self.users).filter(|rule| rule.condition.ask(&view) != Answer::No).collect()
    }
}
