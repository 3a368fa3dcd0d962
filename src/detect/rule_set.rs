//! The rules that came with the program, and the user's beside them.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use hashbrown::HashMap;

use super::Rule;
use super::rule::{Read, RuleProblem};
use crate::catalog::without_version;
use crate::condition::{Answer, CallView};
use crate::event::Operation;
use crate::iam::service_label;

/// The texts of our rules by folder: that of an event source, or `any`.
static TEXTS: &[(&str, &[(&str, &str)])] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// One of our rules, read when the first event comes that it may be about: an archive has a few kinds of call of the
/// thousands there are.
struct Ours {
    folder: &'static str,
    file: &'static str,
    text: &'static str,
    /// The part of the text that names every call that the rule is about, where there is one, in lower case.
    calls: Option<String>,
    read: OnceLock<Option<Rule>>,
}

impl Ours {
    fn new(folder: &'static str, (file, text): (&'static str, &'static str)) -> Self {
        Self { folder, file, text, calls: calls(text).map(str::to_ascii_lowercase), read: OnceLock::new() }
    }

    fn rule(&self) -> Option<&Rule> {
        let read = || Read::text(self.text, &Path::new(self.folder).join(self.file), true).rules.pop();
        self.read.get_or_init(read).as_ref()
    }

    /// The rule, unless its text alone tells that it is not about calls of this name.
    fn rule_about(&self, name: &str) -> Option<&Rule> {
        let is_in = |calls: &String, name: &str| {
            memchr::memmem::find(calls.as_bytes(), name.to_ascii_lowercase().as_bytes()).is_some()
        };
        if self.calls.as_ref().is_some_and(|calls| !is_in(calls, without_version(name)) && !is_in(calls, name)) {
            return None;
        }
        self.rule()
    }
}

/// The selection of a rule, where it has to be met and names its calls one by one. Reading a rule takes a thousand
/// times as long as looking for a name in it, and most are never needed.
fn calls(text: &str) -> Option<&str> {
    let condition = text.lines().find_map(|line| line.trim_start().strip_prefix("condition: "))?;
    let is_needed =
        condition == "selection" || (condition.starts_with("selection and ") && !condition.contains(" or "));
    let (_, from) = text.split_once("\n    selection:\n")?;
    let end = from.match_indices("\n    ").map(|(at, _)| at).find(|at| from.get(at + 5..at + 6) != Some(" "));
    let selection = from.get(..end?)?;
    let names =
        selection.contains(" eventName:") && !selection.contains("eventName|") && !selection.contains("- event");
    (is_needed && names && !selection.contains(['*', '?'])).then_some(selection)
}

/// Our rules by folder.
static OURS: LazyLock<HashMap<&str, Vec<Ours>>> = LazyLock::new(|| {
    let of = |(folder, texts): &(&'static str, &'static [(&'static str, &'static str)])| {
        (*folder, texts.iter().map(|text| Ours::new(folder, *text)).collect())
    };
    TEXTS.iter().map(of).collect()
});

/// The folder of rules that are about no source in particular.
const ANY: &str = "any";

fn folder(name: &str) -> &'static [Ours] {
    OURS.get(name).map_or(&[], Vec::as_slice)
}

/// Every rule that came with the program, in order.
pub fn ours() -> impl Iterator<Item = &'static Rule> {
    TEXTS.iter().flat_map(|(name, _)| folder(name)).filter_map(Ours::rule)
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

    /// The rules that calls of this kind can meet, whoever makes them and whatever is in their requests.
    pub(super) fn of(&self, operation: &Operation) -> Vec<&Rule> {
        let view = CallView::of(operation);
        let label = service_label(&operation.source).unwrap_or_default();
        let ours = folder(label).iter().chain(folder(ANY)).filter_map(|text| text.rule_about(&operation.name));
        ours.chain(&self.users).filter(|rule| rule.condition.ask(&view) != Answer::No).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn a_rule_that_is_not_read_for_a_call_is_not_about_it() {
        let mut names: Vec<&str> =
            catalog::services().flat_map(|s| s.actions()).map(|facts| facts.action.name()).collect();
        names.extend(["ConsoleLogin", "SwitchRole", "UpdateFunctionCode20150331v2", "PasswordRecoveryRequested"]);
        names.sort_unstable();
        names.dedup();
        assert!(names.len() > 10_000);
        // Every seventh will do: there are four million pairs of a rule and a name.
        let names: Vec<&str> = names.into_iter().step_by(7).collect();
        let (mut passed_over, mut asked) = (0, 0);
        for ours in OURS.values().flatten() {
            let Some(rule) = ours.rule() else { panic!("{}/{}", ours.folder, ours.file) };
            for name in &names {
                if ours.rule_about(name).is_some() {
                    asked += 1;
                    continue;
                }
                passed_over += 1;
                // A rule of no folder in particular may be about this name in any service that it names.
                for (source, _) in TEXTS.iter().filter(|(source, _)| *source == ours.folder || ours.folder == ANY) {
                    let source = format!("{source}.amazonaws.com");
                    let answer = rule.condition.ask(&CallView::named(&source, name));
                    assert_eq!(answer, Answer::No, "{}/{}: {name}", ours.folder, ours.file);
                }
            }
        }
        assert!(passed_over > 5 * asked, "{passed_over} {asked}");
    }
}
