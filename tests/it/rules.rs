//! What holds of every rule that comes with the program.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use rsigma_parser::{Detection, SigmaRule, SigmaValue, parse_sigma_yaml};
use serde_json::json;
use trailwright::condition::{Answer, CallView, Condition};
use trailwright::correlate;
use trailwright::decode::Decoder;
use trailwright::detect::{CLASSES, Rule, is_technique, ours, text_of};
use trailwright::event::Reader;

use crate::support::{files_below, root};

/// Our rules, each with what the parser reads in its text.
fn all() -> Vec<(&'static Rule, SigmaRule)> {
    let read = |rule: &'static Rule| {
        let mut read = parse_sigma_yaml(text_of(rule).unwrap()).unwrap();
        assert_eq!((read.errors.len(), read.rules.len()), (0, 1), "{}", rule.path.display());
        (rule, read.rules.remove(0))
    };
    let all: Vec<_> = ours().map(read).collect();
    assert!(all.len() > 400, "only {} rules", all.len());
    all
}

/// Every mistake at once is better to read than the first.
#[track_caller]
fn none(wrong: impl IntoIterator<Item = String>) {
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_is_a_rule_that_is_used() {
    let files = files_below(&root("src/detect/rules"));
    let files: BTreeSet<_> = files.iter().map(|path| path.strip_prefix(root("src/detect/rules")).unwrap()).collect();
    let rules: BTreeSet<&Path> = ours().map(|rule| rule.path.as_path()).collect();
    assert_eq!(rules, files);
}

#[test]
fn a_rule_is_called_as_its_file_and_as_nothing_else() {
    let all = all();
    none(all.iter().filter_map(|(rule, _)| {
        let is_own = rule.path.file_stem().and_then(|stem| stem.to_str()) == Some(&rule.kind.detection);
        (!is_own).then(|| format!("{}: {}", rule.path.display(), rule.kind.detection))
    }));
    let names = all.iter().map(|(rule, _)| rule.kind.detection.as_str());
    let names = names.chain(correlate::ALL.iter().map(|one| one.says().detection));
    none(often(names, 1).map(|(name, count)| format!("{name}: {count} times")));
}

/// What occurs more often than it may.
fn often<T: Eq + std::hash::Hash + Ord>(all: impl Iterator<Item = T>, may: usize) -> impl Iterator<Item = (T, usize)> {
    let mut counts: HashMap<T, usize> = HashMap::new();
    all.for_each(|one| *counts.entry(one).or_default() += 1);
    let often: BTreeMap<T, usize> = counts.into_iter().filter(|(_, count)| *count > may).collect();
    often.into_iter()
}

#[test]
fn a_rule_has_an_id_of_its_own() {
    let is_uuid = |id: &str| {
        let parts: Vec<&str> = id.split('-').collect();
        let is_hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        lengths == [8, 4, 4, 4, 12]
            && parts.iter().all(is_hex)
            && parts[2].starts_with('4')
            && parts[3].starts_with(['8', '9', 'a', 'b'])
    };
    let all = all();
    let id = |rule: &'static Rule| rule.kind.id.as_deref().unwrap_or_default();
    none(
        all.iter()
            .filter(|(rule, _)| !is_uuid(id(rule)))
            .map(|(rule, _)| format!("{}: `{}`", rule.path.display(), id(rule))),
    );
    none(often(all.iter().map(|(rule, _)| id(rule)), 1).map(|(id, count)| format!("{id}: {count} times")));
}

#[test]
fn a_rule_says_all_that_a_reader_needs() {
    none(all().iter().flat_map(|(rule, read)| {
        let kind = &rule.kind;
        let texts = [&kind.next, &kind.false_positives, &kind.references];
        let have = |texts: &Vec<String>| !texts.is_empty() && texts.iter().all(|text| text.len() > 5);
        let techniques = kind.attack.iter().all(|id| is_technique(id)) && !kind.attack.is_empty();
        let tactics = read.tags.iter().filter_map(|tag| tag.strip_prefix("attack.")).any(|tag| !tag.starts_with('t'));
        let wrong = [
            (kind.title.is_empty() || kind.title.len() > 70 || kind.title.ends_with('.'), "title"),
            (kind.why.len() < 30 || !kind.why.ends_with('.'), "description"),
            (!texts.into_iter().all(have), "next, falsepositives, references"),
            (kind.references.iter().any(|page| !page.starts_with("https://")), "references are pages"),
            (kind.class.as_deref().is_none_or(|class| !CLASSES.contains(&class)), "class"),
            (!techniques, "ATT&CK technique"),
            (!tactics, "ATT&CK tactic"),
            (read.level.is_none(), "level"),
            (
                read.status.is_none() || read.date.is_none() || read.author.as_deref() != Some("trailwright"),
                "status, date, author",
            ),
            (
                read.logsource.product.as_deref() != Some("aws")
                    || read.logsource.service.as_deref() != Some("cloudtrail"),
                "logsource",
            ),
        ];
        let path = rule.path.display().to_string();
        wrong.into_iter().filter(|(is_wrong, _)| *is_wrong).map(move |(_, what)| format!("{path}: {what}"))
    }));
}

#[test]
fn rules_do_not_repeat_each_other() {
    let all = all();
    let mut wrong = Vec::new();
    let mut check = |what: &str, may: usize, texts: Vec<String>| {
        wrong.extend(often(texts.into_iter(), may).map(|(text, count)| format!("{count} rules, {what}: {text}")));
    };
    let each = |of: &dyn Fn(&Rule) -> String| all.iter().map(|(rule, _)| of(rule)).collect::<Vec<_>>();
    check("title", 1, each(&|rule| rule.kind.title.clone()));
    check("description", 1, each(&|rule| rule.kind.why.clone()));
    check("next", 3, each(&|rule| rule.kind.next.join(" ")));
    check("falsepositives", 5, each(&|rule| rule.kind.false_positives.join(" ")));
    check("detection", 1, all.iter().map(|(_, read)| detection(read)).collect());
    none(wrong);
}

/// What a rule asks for, in an order of its own.
fn detection(rule: &SigmaRule) -> String {
    let named: BTreeMap<_, _> = rule.detection.named.iter().map(|(name, part)| (name, format!("{part:?}"))).collect();
    format!("{named:?} {:?}", rule.detection.condition_strings)
}

/// What a rule asks a field to be, whatever the modifiers, without wildcards.
fn values(rule: &SigmaRule, field: &str) -> Vec<String> {
    fn below(detection: &Detection, field: &str, found: &mut Vec<String>) {
        match detection {
            Detection::AllOf(items) => {
                let items = items.iter().filter(|item| item.field.name.as_deref() == Some(field));
                let texts = items.flat_map(|item| &item.values).filter_map(|value| match value {
                    SigmaValue::String(text) => Some(text.original.replace('*', "")),
                    _ => None,
                });
                found.extend(texts);
            }
            Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().for_each(|part| below(part, field, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    rule.detection.named.values().for_each(|detection| below(detection, field, &mut found));
    found
}

/// Whether calls of a kind can meet a condition.
fn of_call(condition: &Condition, source: &str, name: &str) -> Answer {
    let record = json!({
        "eventTime": "2026-02-03T04:05:06Z",
        "eventSource": source,
        "eventName": name,
        "userIdentity": {"type": "IAMUser"},
    });
    let mut answer = None;
    let mut reader = Reader::default();
    let decoded = Decoder::default().records(record.to_string().as_bytes(), |record| {
        let record = record.unwrap();
        answer = Some(condition.ask(&CallView::of(reader.read(&record).unwrap().operation)));
    });
    decoded.unwrap();
    answer.unwrap()
}

#[test]
fn a_rule_is_about_the_source_of_its_folder() {
    none(all().iter().filter_map(|(rule, read)| {
        let folder = rule.path.iter().next().unwrap().to_str().unwrap();
        let mut names = values(read, "eventName");
        names.push("AnythingElse".to_owned());
        let can_be = |source: &str| names.iter().any(|name| of_call(&rule.condition, source, name) != Answer::No);
        let is_right = if folder == "any" {
            // With one source it would be in a folder of its own.
            let mut sources: BTreeSet<String> = values(read, "eventSource").into_iter().collect();
            sources.extend(["elsewhere.amazonaws.com", "somewhere.amazonaws.com"].map(str::to_owned));
            sources.iter().filter(|source| can_be(source)).count() > 1
        } else {
            can_be(&format!("{folder}.amazonaws.com"))
                && can_be(&format!("{folder}.amazonaws.com.cn"))
                && !can_be("elsewhere.amazonaws.com")
        };
        (!is_right).then(|| rule.path.display().to_string())
    }));
}

#[test]
fn every_rule_can_be_met_by_a_call_it_names() {
    let mut seen = 0;
    none(all().iter().filter_map(|(rule, read)| {
        let folder = rule.path.iter().next().unwrap().to_str().unwrap();
        let mut sources = vec![format!("{folder}.amazonaws.com")];
        sources.extend(values(read, "eventSource"));
        let mut names = values(read, "eventName");
        names.push("AnythingElse".to_owned());
        let calls = sources.iter().flat_map(|source| names.iter().map(move |name| (source, name)));
        let met = calls.filter(|(source, name)| of_call(&rule.condition, source, name) != Answer::No).count();
        seen += met;
        (met == 0).then(|| rule.path.display().to_string())
    }));
    assert!(seen > 1000, "only {seen} calls");
}

#[test]
fn rules_are_counted_by_class_and_level() {
    let mut counts: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for rule in ours() {
        let row = counts.entry(rule.kind.class.as_deref().unwrap_or_default()).or_default();
        row[rule.level as usize] += 1;
    }
    let rows = counts.iter().map(|(class, [info, low, medium, high, critical])| {
        format!("{class:31}{info:4}{low:5}{medium:7}{high:5}{critical:9}\n")
    });
    let table: String = rows.collect();
    insta::assert_snapshot!(format!("{:31}info  low medium high critical\n{table}", ""), @r"
                                   info  low medium high critical
    credential-access                 6   10     16   12        0
    data-access                       2    0      3    0        0
    defense-evasion                   3   15     33   33        4
    destruction                       2    7     11   15        0
    execution                         2   14     16    4        0
    identity-center-administration    0    1      6    7        3
    organization-administration       0    1      9    7        2
    permissions-management            0    7      8    5        4
    persistence                       0    4     14   11        0
    privilege-escalation              1    4     10   16        1
    reconnaissance                    4    3      0    0        0
    resource-exposure                 3   21     18   24        5
    root-use                          0    1      3    3        5
    ");
}

#[test]
fn the_list_of_ways_to_more_permissions_names_what_there_is() {
    let text = std::fs::read_to_string(crate::support::root("src/detect/ESCALATION.md")).unwrap();
    let rules = ours().map(|rule| rule.kind.detection.clone());
    let several = trailwright::correlate::ALL.iter().map(|one| one.says().detection.to_owned());
    let known: BTreeSet<String> = rules.chain(several).collect();
    // The second column: `| way | told by |`.
    let told_by = text.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.split(" | ").nth(1));
    let names = told_by.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let named: Vec<&str> = names.filter(|name| !name.contains(':')).collect();
    assert!(named.len() > 60, "{}", named.len());
    let unknown: Vec<_> = named.iter().filter(|name| !known.contains(**name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
