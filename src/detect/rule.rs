//! One Sigma rule, from its text.

use std::fmt;
use std::path::PathBuf;

use rsigma_parser::{Level, SigmaRule, parse_sigma_yaml};

use super::{Kind, Severity};
use crate::condition::Condition;
use crate::intern::Interned;

/// A rule that is asked of calls.
#[derive(Debug)]
pub struct Rule {
    /// What it says of all that it finds.
    pub kind: Interned<Kind>,
    /// How much that matters before anything else is known.
    pub level: Severity,
    /// When it says so.
    pub condition: Condition,
    /// Whether it came with the program. Then it knows what was not recorded from what is not there, and who calls
    /// and how it ended changes its level.
    pub is_ours: bool,
    /// Whether it is also asked of what AWS's own services do; the user's rules are always.
    pub is_about_services: bool,
    /// Where it stands: a path under `src/detect/rules`, or in the user's folder.
    pub path: PathBuf,
    /// The line it begins in, from 1.
    pub line: usize,
}

/// Why a rule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// The rules of a text.
#[derive(Debug, Default)]
pub struct Read {
    /// Those that can be used.
    pub rules: Vec<Rule>,
    /// Those that cannot.
    pub problems: Vec<RuleProblem>,
    /// How many are about other logs than CloudTrail's.
    pub of_other_logs: usize,
}

impl Read {
    /// Reads all rules of a text.
    pub fn text(text: &str, path: &std::path::Path, is_ours: bool) -> Self {
        let mut read = Self::default();
        // By themselves, so that a broken one does not take its neighbours along. Where one says what holds for
        // those after it, they have to be read together.
        let says_action = text.lines().any(|line| line.starts_with("action:"));
        let documents = if says_action { vec![(1, text.to_owned())] } else { documents(text) };
        for (line, document) in documents {
            read.document(&document, line, path, is_ours);
        }
        read
    }

    fn document(&mut self, text: &str, line: usize, path: &std::path::Path, is_ours: bool) {
        let mut problem = |near: &str, message: String| {
            let line = line + line_of(text, near, &message);
            self.problems.push(RuleProblem { path: path.to_owned(), line, message: without_place(&message) });
        };
        let collection = match parse_sigma_yaml(text) {
            Ok(collection) => collection,
            Err(error) => return problem("", error.to_string()),
        };
        for error in &collection.errors {
            problem("", error.clone());
        }
        if !collection.correlations.is_empty() {
            problem("correlation:", "correlation rules are not supported; only rules about one event are".to_owned());
        }
        if !collection.filters.is_empty() {
            problem("filter:", "filters for other rules are not supported".to_owned());
        }
        for rule in collection.rules {
            if !is_about_cloudtrail(&rule) {
                self.of_other_logs += 1;
                continue;
            }
            match Condition::compile(&rule.detection) {
                Ok(condition) => self.rules.push(Rule {
                    level: level(&rule),
                    is_about_services: !is_ours || attribute(&rule, "by").iter().any(|by| by == "anyone"),
                    kind: Interned::new(kind(rule, is_ours)),
                    condition,
                    is_ours,
                    path: path.to_owned(),
                    line,
                }),
                Err(error) => problem(&error.near, error.message),
            }
        }
    }
}

/// The documents of a YAML stream, each with the line it begins in.
fn documents(text: &str) -> Vec<(usize, String)> {
    let mut documents = vec![(1, String::new())];
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_end() == "---" {
            documents.push((number + 1, String::new()));
        } else if let Some((_, document)) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    let has_content = |text: &str| text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
    documents.retain(|(_, document)| has_content(document));
    documents
}

/// How many lines down something stands: as the message says, or else where the text is first found, or else the
/// part of a rule that most mistakes are in.
fn line_of(text: &str, near: &str, message: &str) -> usize {
    let said = message.split_once(" at line ").and_then(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let find = |wanted: &str| text.lines().position(|line| !wanted.is_empty() && line.contains(wanted));
    match said {
        Some(line) => line.saturating_sub(1),
        None => find(near).or_else(|| find("detection:")).unwrap_or(0),
    }
}

/// A message of the parser without the place, which counts from the beginning of the document, and in one line.
fn without_place(message: &str) -> String {
    let message = message.strip_prefix("YAML parse error: ").unwrap_or(message);
    let message = message.split(" at line ").next().unwrap_or(message);
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_about_cloudtrail(rule: &SigmaRule) -> bool {
    let source = &rule.logsource;
    let product = source.product.as_deref().is_some_and(|product| product.eq_ignore_ascii_case("aws"));
    product && source.service.as_deref().is_none_or(|service| service.eq_ignore_ascii_case("cloudtrail"))
}

fn level(rule: &SigmaRule) -> Severity {
    match rule.level {
        Some(Level::Informational) => Severity::Info,
        Some(Level::Low) => Severity::Low,
        Some(Level::Medium) | None => Severity::Medium,
        Some(Level::High) => Severity::High,
        Some(Level::Critical) => Severity::Critical,
    }
}

/// What a rule says beside what Sigma defines: a text, or several.
fn attribute(rule: &SigmaRule, name: &str) -> Vec<String> {
    let Some(value) = rule.custom_attributes.get(name) else { return Vec::new() };
    match (value.as_sequence(), value.as_str()) {
        (Some(values), _) => values.iter().filter_map(|value| value.as_str()).map(one_line).collect(),
        (None, Some(text)) => vec![one_line(text)],
        (None, None) => Vec::new(),
    }
}

fn kind(rule: SigmaRule, is_ours: bool) -> Kind {
    let texts = |name| attribute(&rule, name);
    let mut attack: Vec<String> = rule.tags.iter().filter_map(|tag| technique(tag)).collect();
    attack.sort_unstable();
    attack.dedup();
    let is_about_caller = texts("about").iter().any(|about| about == "caller");
    Kind {
        detection: rule.name.clone().unwrap_or_else(|| slug(&rule.title)),
        class: texts("class").into_iter().next(),
        next: texts("next"),
        title: one_line(&rule.title),
        id: rule.id,
        author: rule.author.filter(|_| !is_ours),
        attack,
        why: one_line(&rule.description.unwrap_or_default()),
        false_positives: rule.falsepositives.iter().map(|text| one_line(text)).collect(),
        references: rule.references,
        is_sequence: false,
        is_about_caller: is_about_caller && is_ours,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `attack.t1098.003` is the technique `T1098.003`; `attack.persistence` is none.
fn technique(tag: &str) -> Option<String> {
    let id = tag.strip_prefix("attack.t")?;
    let is_id = id.len() >= 4 && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_id.then(|| format!("T{id}"))
}

fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
