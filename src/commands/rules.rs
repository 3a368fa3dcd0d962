//! The rules that calls are judged by: ours, and the user's from their files.

use std::io::Write;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use serde::Serialize;

use super::output;
use super::status::{Failure, Status, say};
use crate::cli::{Color, RulesCommand};
use crate::condition::did_you_mean;
use crate::correlate;
use crate::detect::{self, Kind, Loaded, Rule, RuleProblem, RuleSet, Severity};

pub(super) fn run(what: &RulesCommand) -> anyhow::Result<Status> {
    match what {
        RulesCommand::List { rules, format } => list(&rule_set(rules)?, format),
        RulesCommand::Show { name, rules } => show(&rule_set(rules)?, name),
        RulesCommand::Check { paths } => check(paths),
    }
}

/// The rules that the arguments ask for. Those that cannot be used are warned of, and the others are used.
pub(super) fn rule_set(paths: &[PathBuf]) -> anyhow::Result<RuleSet> {
    let mut rules = RuleSet::default();
    if paths.is_empty() {
        return Ok(rules);
    }
    let (texts, unread) = texts(paths)?;
    let loaded = rules.add(texts);
    for problem in unread.iter().chain(&loaded.problems) {
        say(&format!("warning: rule not used: {problem}"));
    }
    for path in paths {
        let is_below = |rule: &&Rule| rule.path.starts_with(path);
        if rules.users().iter().find(is_below).is_none() {
            say(&format!("warning: no rule about CloudTrail in `{}`", path.display()));
        }
    }
    Ok(rules)
}

/// Texts with their paths, and what could not be read.
type Texts = (Vec<(PathBuf, String)>, Vec<RuleProblem>);

/// The texts of all rule files below some paths, in order. One that cannot be read is a problem of its own.
fn texts(paths: &[PathBuf]) -> anyhow::Result<Texts> {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    let mut problem = |path: &Path, message: String| {
        unread.push(RuleProblem { path: path.to_owned(), line: None, message });
    };
    for path in paths {
        let before = found.len();
        if !path.exists() {
            let failure = Failure::run(format!("cannot read `{}`: no such file or folder", path.display()));
            return Err(failure.hint("rules are Sigma rules in YAML: name a file or a folder of them").into());
        }
        let files = WalkBuilder::new(path).standard_filters(false).sort_by_file_path(Path::cmp).build();
        for entry in files {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    problem(path, format!("cannot be read wholly: {error}"));
                    continue;
                }
            };
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
            let is_yaml = entry.path().extension().is_some_and(|end| end == "yml" || end == "yaml");
            if !is_file || !(is_yaml || entry.depth() == 0) {
                continue;
            }
            match std::fs::read(entry.path()) {
                Ok(bytes) => match String::from_utf8(bytes) {
                    Ok(text) => found.push((entry.into_path(), text)),
                    Err(_) => problem(entry.path(), "this is not text in UTF-8".to_owned()),
                },
                Err(error) => problem(entry.path(), format!("cannot be read: {}", error.kind())),
            }
        }
        if path.is_dir() && found.len() == before {
            say(&format!("warning: no file in `{}` can be a rule; they end in .yml or .yaml", path.display()));
        }
    }
    Ok((found, unread))
}

/// One rule in a list.
#[derive(Serialize)]
struct Listed<'r> {
    detection: &'r str,
    level: &'static str,
    class: Option<&'r str>,
    attack: &'r [String],
    title: &'r str,
    /// `ours`, `sequence` for what several calls tell, or `yours`.
    origin: &'static str,
    author: Option<&'r str>,
    path: Option<String>,
}

impl<'r> Listed<'r> {
    fn of(kind: &'r Kind, level: Option<Severity>, origin: &'static str, path: Option<&Path>) -> Self {
        Self {
            detection: &kind.detection,
            level: level.map_or("depends", Severity::as_str),
            class: kind.class.as_deref(),
            attack: &kind.attack,
            title: &kind.title,
            origin,
            author: kind.author.as_deref(),
            path: path.map(|path| path.display().to_string()),
        }
    }
}

fn list(users: &RuleSet, format: &str) -> anyhow::Result<Status> {
    let sequences: Vec<Kind> = correlate::ALL.iter().map(|one| one.says().kind()).collect();
    let ours = detect::ours().map(|rule| Listed::of(&rule.kind, Some(rule.level), "ours", None));
    let yours = users.users().iter().map(|rule| Listed::of(&rule.kind, Some(rule.level), "yours", Some(&rule.path)));
    let several = sequences.iter().map(|kind| Listed::of(kind, None, "sequence", None));
    let mut all: Vec<Listed<'_>> = ours.chain(several).chain(yours).collect();
    all.sort_by(|a, b| (a.origin, a.detection).cmp(&(b.origin, b.detection)));
    let mut out = output::stdout(Color::Auto);
    if format == "json" {
        serde_json::to_writer_pretty(&mut out, &all)?;
        writeln!(out)?;
        return Ok(Status::Done);
    }
    let width = all.iter().map(|one| one.detection.len()).max().unwrap_or_default();
    for one in &all {
        let (detection, attack) = (one.detection, one.attack.join(","));
        writeln!(out, "{detection:width$}  {:8}  {:9}  {attack:19}  {}", one.level, one.origin, one.title)?;
    }
    let count = |origin: &str| all.iter().filter(|one| one.origin == origin).count();
    let (ours, several, yours) = (count("ours"), count("sequence"), count("yours"));
    writeln!(out, "{ours} rules about one call, {several} about several, {yours} of yours")?;
    Ok(Status::Done)
}

fn show(users: &RuleSet, name: &str) -> anyhow::Result<Status> {
    let mut out = output::stdout(Color::Auto);
    if let Some(rule) = users.users().iter().find(|rule| rule.kind.detection == name) {
        let text = std::fs::read_to_string(&rule.path)
            .map_err(|error| Failure::run(format!("cannot read `{}`: {error}", rule.path.display())))?;
        out.write_all(detect::text_at(&text, rule.line).unwrap_or(text).as_bytes())?;
        return Ok(Status::Done);
    }
    if let Some(text) = detect::ours().find(|rule| rule.kind.detection == name).and_then(detect::text_of) {
        out.write_all(text.as_bytes())?;
        return Ok(Status::Done);
    }
    if let Some(one) = correlate::ALL.iter().map(|one| one.says()).find(|says| says.detection == name) {
        writeln!(out, "{}\n{}\nclass: {}\nATT&CK: {}", one.title, one.why, one.class, one.attack.join(", "))?;
        for (head, texts) in [("next", one.next), ("false positives", one.false_positives)] {
            writeln!(out, "{head}:")?;
            texts.iter().try_for_each(|text| writeln!(out, "  - {text}"))?;
        }
        return Ok(Status::Done);
    }
    let ours = detect::ours().map(|rule| rule.kind.detection.as_str());
    let names = ours.chain(correlate::ALL.iter().map(|one| one.says().detection));
    let hint = did_you_mean(name, names);
    let hint = if hint.is_empty() { "`trailwright rules list` shows all" } else { hint.trim_start_matches("; ") };
    Err(Failure::usage(format!("there is no rule `{name}`")).hint(hint).into())
}

fn check(paths: &[PathBuf]) -> anyhow::Result<Status> {
    let (texts, mut problems) = texts(paths)?;
    let Loaded { problems: wrong, rules, of_other_logs, files } = RuleSet::default().add(texts);
    problems.extend(wrong);
    let files = files + problems.iter().filter(|problem| problem.line.is_none()).count();
    let mut out = output::stdout(Color::Auto);
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    let noun = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (files, rules) = (noun(files, "file"), noun(rules, "rule"));
    let others = if of_other_logs == 1 { "is" } else { "are" };
    let cannot = problems.len();
    writeln!(out, "{files}: {rules} can be used, {cannot} cannot, {of_other_logs} {others} about other logs")?;
    Ok(if problems.is_empty() { Status::Done } else { Status::Findings })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_read_leaves_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        put("a.yml", b"title: x");
        put("b.yaml", b"\xFF\xFEt\0i\0");
        put("c.txt", b"no rule");
        let (found, unread) = texts(&[folder.path().to_owned()]).unwrap();
        assert_eq!(found, [(folder.path().join("a.yml"), "title: x".to_owned())]);
        let told: Vec<_> = unread.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("{}: this is not text in UTF-8", folder.path().join("b.yaml").display())]);
    }
}
