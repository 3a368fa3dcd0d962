//! One Sigma rule, from its text.

use std::fmt;
use std::path::PathBuf;

use rsigma_parser::{Level, SigmaRule, parse_sigma_yaml};

use super::complaint::{Complaint, line_of};
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
    /// The line, from 1; none where the file cannot be read at all.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        self.line.iter().try_for_each(|line| write!(f, "{line}:"))?;
        write!(f, " {}", self.message)
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
        for (line, document) in documents(text) {
            read.document(&document, line, path, is_ours);
        }
        read
    }

    fn document(&mut self, text: &str, line: usize, path: &std::path::Path, is_ours: bool) {
        let down = |key: &str, behind: &str| line_of(text, key, behind);
        let mut problem = |down: usize, message: String| {
            self.problems.push(RuleProblem { path: path.to_owned(), line: Some(line + down), message });
        };
        let collection = match parse_sigma_yaml(text) {
            Ok(collection) => collection,
            Err(error) => return problem(0, error.to_string()),
        };
        let has = |key: &str| text.lines().any(|line| line.starts_with(key));
        if has("correlation:") {
            let message = "correlation rules are not supported; only rules about one event are";
            problem(down("correlation", ""), message.to_owned());
        }
        if has("filter:") {
            problem(down("filter", ""), "filters for other rules are not supported".to_owned());
        }
        for complaint in collection.errors.iter().filter_map(|said| Complaint::of(said, text)) {
            problem(complaint.down, complaint.message);
        }
        // A word that is no level was complained about.
        let is_a_level_wrong = collection.errors.iter().any(|said| said.starts_with("invalid level"));
        for rule in collection.rules {
            // A word that is no level was complained about.
            if is_a_level_wrong && rule.level.is_none() {
                continue;
            }
            if is_about_nothing(&rule) {
                let message = "it is not said which logs the rule is about; write `product: aws` and `service: cloudtrail` below `logsource`";
                problem(down("logsource", ""), message.to_owned());
                continue;
            }
            if !is_about_cloudtrail(&rule) {
                self.of_other_logs += 1;
                continue;
            }
            match Condition::compile(&rule.detection) {
                Ok(condition) => self.rules.push(Rule {
                    level: level(&rule),
                    is_about_services: !is_ours || attribute(&rule, "by").iter().any(|by| by == "anyone"),
                    kind: Interned::new(kind(rule, is_ours, path)),
                    condition,
                    is_ours,
                    path: path.to_owned(),
                    line,
                }),
                Err(error) => problem(down(&error.near.0, &error.near.1), error.message),
            }
        }
    }
}

/// What Windows puts before a text.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// The text of the rule that begins in a line of a file.
pub fn text_at(text: &str, line: usize) -> Option<String> {
    documents(text).into_iter().find(|(at, _)| *at == line).map(|(_, text)| text)
}

/// The documents of a YAML stream, each with the line it begins in: by themselves, so that a broken one does not
/// take its neighbours along. Where one says what holds for those after it, they have to be read together.
fn documents(text: &str) -> Vec<(usize, String)> {
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    if text.lines().any(|line| line.starts_with("action:")) {
        return vec![(1, text.to_owned())];
    }
    let mut documents = vec![(1, String::new())];
    for (number, line) in (1..).zip(text.lines()) {
        let begins = line.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if let Some(rest) = begins {
            // The first line of a text is that behind the mark, unless there is something beside it.
            let is_bare = rest.trim_start().is_empty() || rest.trim_start().starts_with('#');
            documents.push(if is_bare { (number + 1, String::new()) } else { (number, format!("{rest}\n")) });
        } else if let Some((_, document)) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    let says_something = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '%']);
    documents.retain(|(_, document)| document.lines().any(says_something));
    documents
}

/// Whether a rule leaves open which logs it is about.
fn is_about_nothing(rule: &SigmaRule) -> bool {
    let source = &rule.logsource;
    source.product.is_none() && source.service.is_none() && source.category.is_none()
}

fn is_about_cloudtrail(rule: &SigmaRule) -> bool {
    let source = &rule.logsource;
    let is_aws = source.product.as_deref().map(|product| product.eq_ignore_ascii_case("aws"));
    let is_trail = source.service.as_deref().map(|service| service.eq_ignore_ascii_case("cloudtrail"));
    is_aws.unwrap_or(is_trail == Some(true)) && is_trail.unwrap_or(true)
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

fn kind(rule: SigmaRule, is_ours: bool, path: &std::path::Path) -> Kind {
    let texts = |name| attribute(&rule, name);
    let mut attack: Vec<String> = rule.tags.iter().filter_map(|tag| technique(tag)).collect();
    attack.sort_unstable();
    attack.dedup();
    let is_about_caller = texts("about").iter().any(|about| about == "caller");
    Kind {
        detection: name_of(&rule, path),
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

/// A rule without a name is called by its title, or by its file.
fn name_of(rule: &SigmaRule, path: &std::path::Path) -> String {
    let file = || path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let names = [rule.name.as_deref().map(one_line), Some(slug(&rule.title)), Some(slug(file()))];
    names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_else(|| "unnamed".to_owned())
}

pub(super) fn one_line(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const RULE: &str = "title: Key made\nlogsource:\n    product: aws\n    service: cloudtrail\ndetection:\n    \
                        made:\n        eventName: CreateAccessKey\n    condition: made\n";

    fn read(text: &str) -> Read {
        Read::text(text, Path::new("own/Some keys.yml"), false)
    }

    /// The lines that rules begin in, and those of problems.
    #[track_caller]
    fn check(text: &str, rules: &[usize], problems: &[usize]) {
        let read = read(text);
        let found: Vec<_> = read.rules.iter().map(|rule| rule.line).collect();
        let wrong: Vec<_> = read.problems.iter().filter_map(|problem| problem.line).collect();
        assert_eq!((found.as_slice(), wrong.as_slice()), (rules, problems), "{text}\n{:?}", read.problems);
    }

    #[test]
    fn a_text_is_read_whoever_wrote_it() {
        check(RULE, &[1], &[]);
        check(&RULE.replace('\n', "\r\n"), &[1], &[]);
        check(&format!("\u{FEFF}{RULE}"), &[1], &[]);
        check(&format!("\u{FEFF}---\n{RULE}"), &[2], &[]);
        check(&format!("%YAML 1.2\n---\n{RULE}"), &[3], &[]);
        check("", &[], &[]);
        check("# nothing yet\n  # at all\n", &[], &[]);
    }

    #[test]
    fn a_broken_rule_leaves_its_neighbours() {
        let broken = RULE.replace("eventName", "eventNam");
        check(&format!("{RULE}---\n{broken}---\n{RULE}"), &[1, 19], &[16]);
        check(&format!("{RULE}--- # another\n{broken}---\r\n{RULE}"), &[1, 19], &[16]);
        check(&format!("title: [\n---\n{RULE}"), &[3], &[2]);
        // What holds for all that comes after is said in one of them.
        let action = "action: global\nlogsource:\n    product: aws\n---\n";
        check(
            &format!("{action}{}", RULE.replace("logsource:\n    product: aws\n    service: cloudtrail\n", "")),
            &[1],
            &[],
        );
    }

    #[test]
    fn a_rule_is_about_cloudtrail_or_another_log() {
        #[track_caller]
        fn check(source: &str, expected: (usize, usize, usize)) {
            let read = read(&RULE.replace("    product: aws\n    service: cloudtrail\n", source));
            assert_eq!((read.rules.len(), read.of_other_logs, read.problems.len()), expected, "{source}");
        }
        check("    product: AWS\n    service: CloudTrail\n", (1, 0, 0));
        check("    product: aws\n", (1, 0, 0));
        check("    service: cloudtrail\n", (1, 0, 0));
        check("    product: aws\n    service: vpcflow\n", (0, 1, 0));
        check("    product: azure\n", (0, 1, 0));
        check("    category: proxy\n", (0, 1, 0));
        check("    definition: whatever\n", (0, 0, 1));
    }

    #[test]
    fn a_rule_has_a_name_and_a_level_in_any_case() {
        #[track_caller]
        fn check(text: &str, expected: &str, level: Severity) {
            let read = read(text);
            assert_eq!((read.rules[0].kind.detection.as_str(), read.rules[0].level), (expected, level));
        }
        check(RULE, "key-made", Severity::Medium);
        check(&format!("{RULE}name: keys\nlevel: informational\n"), "keys", Severity::Info);
        check(&RULE.replace("Key made", "鍵"), "some-keys", Severity::Medium);
    }

    #[test]
    fn what_makes_no_difference_is_not_complained_about() {
        check(&format!("{RULE}status: tested\nrelated:\n    - id: x\n      type: y\n"), &[1], &[]);
        check(&format!("{RULE}level: urgent\n"), &[], &[9]);
    }

    #[test]
    fn a_mistake_is_told_in_plain_words() {
        #[track_caller]
        fn check(from: &str, to: &str, expected: &str) {
            let text = RULE.replace(from, to);
            assert_ne!(text, RULE);
            let problems = read(&text).problems;
            let told: Vec<_> = problems.iter().map(|one| format!("{}: {}", one.line.unwrap(), one.message)).collect();
            assert_eq!(told, [expected]);
        }
        check("eventName:", "eventName|not:", "7: there is no modifier `not`; write `not` in the condition");
        check("eventName:", "eventName|i:", "7: `i` of `eventName` is for regular expressions, behind `re`");
        check("eventName:", "eventName|fieldref|cased:", "7: `fieldref` and `cased` of `eventName` exclude each other");
        check("eventName:", "eventName|exists:", "7: `eventName|exists` is true or false");
        check(
            "eventName: CreateAccessKey",
            "principal_kind: person",
            "7: `principal_kind` is never `person`; it is one of role, permission-set, user, root, service-linked-role, instance-identity, federated-user, saml-user, web-identity-user, identity-center-user, directory, foreign-account, anonymous, aws-service, unknown",
        );
        check("eventName: CreateAccessKey", "eventName: []", "7: `eventName` has no value");
        check("eventName: CreateAccessKey", "[]", "6: `made` is empty");
        check(
            "condition: made",
            "condition: mad",
            "8: the condition asks for `mad`, which is nowhere described; did you mean `made`?",
        );
        check("condition: made", "condition: 1 of x*", "8: the condition asks for `x*`, and nothing is called so");
        check("condition: made", "condition: 0 of them", "8: `0 of them` is always met");
        check("condition: made", "condition: (made", "8: the condition `(made` ends too early");
        check(
            "condition: made",
            "condition: made | count() > 5",
            "8: the condition cannot be read from `| count() > 5` on",
        );
        check("condition: made", "timeframe: 1h", "5: the rule has no `condition`");
        check(
            "    made:\n        eventName: CreateAccessKey\n    condition: made\n",
            "    - made\n",
            "5: `detection` is lines of `key: value`: what is looked for, by names, and a `condition`",
        );
    }
}
