use std::collections::BTreeSet;
use std::io;

use hashbrown::HashMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::text::plural;
use super::value::{CleanJson, clean};
use super::{Answer, Renderer, Report};
use crate::detect::is_technique;
use crate::report::{CoverageRow, EvidenceRow, FindingRow, StepRow};

/// Findings in the Static Analysis Results Interchange Format, 2.1.0, for code-scanning tools: a rule for each
/// detection, a result for each finding, the log files as its locations, and what could not be read.
/// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01".
pub(super) struct Sarif;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The taxonomy that techniques are from. Its ids move from version to version.
const ATTACK: &str = "MITRE ATT&CK";
const ATTACK_VERSION: &str = "16";

impl Renderer for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn holds(&self, answer: Answer) -> bool {
        matches!(answer, Answer::Findings | Answer::Audit)
    }

    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let is_answer = report.answer().is_some_and(|section| section.name == "findings");
        let findings = report.findings.as_deref().filter(|_| is_answer);
        let findings = findings.ok_or_else(|| io::Error::other("only findings are results"))?;
        serde_json::to_writer_pretty(CleanJson(out), &log(report, findings))?;
        writeln!(out)
    }
}

fn log(report: &Report, findings: &[FindingRow]) -> Value {
    // The worst finding of a detection stands first, and speaks for it.
    let mut rules: Vec<&FindingRow> = Vec::new();
    let mut index_of: HashMap<&str, usize> = HashMap::new();
    let mut results = Vec::new();
    for row in findings {
        let index = *index_of.entry(&row.detection).or_insert_with(|| {
            rules.push(row);
            rules.len() - 1
        });
        results.push(result(row, index));
    }
    let techniques: BTreeSet<&str> = findings.iter().flat_map(|row| &row.attack).map(String::as_str).collect();
    let techniques: Vec<&str> = techniques.into_iter().collect();
    let taxonomy = json!({
        "name": ATTACK,
        "version": ATTACK_VERSION,
        "organization": "MITRE",
        "informationUri": "https://attack.mitre.org/",
        "taxa": techniques.iter().map(|id| taxon(id)).collect::<Vec<_>>(),
    });
    let pages = [env!("CARGO_PKG_HOMEPAGE"), env!("CARGO_PKG_REPOSITORY")];
    let driver = json!({
        "name": report.tool.name,
        "version": report.tool.version,
        "informationUri": pages.into_iter().find(|uri| is_web_page(uri)),
        "rules": rules.iter().map(|row| rule(row, &techniques)).collect::<Vec<_>>(),
        "supportedTaxonomies": [taxonomy_reference()],
        "properties": { "catalog": report.tool.catalog },
    });
    let run = json!({
        "tool": { "driver": driver },
        "taxonomies": [taxonomy],
        "invocations": [{
            "executionSuccessful": true,
            "toolExecutionNotifications": notifications(&report.coverage),
        }],
        "results": results,
    });
    without_nulls(json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

/// What a detection says of all it finds.
fn rule(row: &FindingRow, techniques: &[&str]) -> Value {
    let attack: BTreeSet<&str> = row.attack.iter().map(String::as_str).collect();
    let relationship = |id: &&str| {
        let target =
            json!({ "id": id, "index": techniques.binary_search(id).ok(), "toolComponent": taxonomy_reference() });
        json!({ "target": target, "kinds": ["relevant"] })
    };
    let why = if row.why.is_empty() { &row.title } else { &row.why };
    let help = if row.next.is_empty() { why.clone() } else { row.next.join("\n") };
    let tags: BTreeSet<&str> = attack.iter().copied().chain(row.class.as_deref()).chain(["security"]).collect();
    json!({
        "id": row.detection,
        "name": identifier(&row.detection),
        "shortDescription": { "text": plain(&row.title) },
        "fullDescription": { "text": plain(why) },
        "help": { "text": plain(&help) },
        "helpUri": row.references.first().filter(|uri| is_web_page(uri)),
        "defaultConfiguration": { "level": level(row.severity) },
        "relationships": attack.iter().map(relationship).collect::<Vec<_>>(),
        "properties": {
            "tags": tags,
            "security-severity": score(row.severity),
            "rule_id": row.rule_id,
            "author": row.author,
            "false_positives": row.false_positives,
        },
    })
}

fn taxonomy_reference() -> Value {
    json!({ "name": ATTACK, "index": 0 })
}

/// A technique, and the page that tells of it.
fn taxon(id: &str) -> Value {
    let page = is_technique(id).then(|| format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/")));
    json!({ "id": id, "helpUri": page })
}

fn result(row: &FindingRow, rule: usize) -> Value {
    let logical = |kind: &str, name: &str| json!({ "fullyQualifiedName": name, "kind": kind });
    let mut logical_locations = vec![logical("principal", &row.principal)];
    logical_locations.extend(row.resource.as_deref().map(|resource| logical("resource", resource)));
    let first = row.evidence.first().or(row.steps.first().map(|step| &step.evidence));
    let location = json!({
        "physicalLocation": first.map(|event| physical(&event.file)),
        "logicalLocations": logical_locations,
    });
    let related = (1..)
        .zip(&row.evidence)
        .map(|(id, event)| place(Some(id), event, &format!("record {}, event {}", event.record, event.event_id)));
    let steps: Vec<Value> = row.steps.iter().map(|step| json!({ "location": step_place(step) })).collect();
    json!({
        "ruleId": row.detection,
        "ruleIndex": rule,
        "level": level(row.severity),
        "message": { "text": plain(&sentence(row)) },
        "locations": [location],
        "relatedLocations": related.collect::<Vec<_>>(),
        "codeFlows": (!steps.is_empty()).then(|| json!([{ "threadFlows": [{ "locations": steps }] }])),
        "occurrenceCount": Some(row.count).filter(|count| *count > 0),
        "partialFingerprints": { "trailwright/v1": row.fingerprint },
        "properties": {
            "severity": row.severity,
            "class": row.class,
            "attack": row.attack,
            "principal": row.principal,
            "kind": row.kind,
            "event_source": row.event_source,
            "event_name": row.event_name,
            "action": row.action,
            "resource": row.resource,
            "outcome": row.outcome,
            "condition": row.condition,
            "reasons": row.reasons,
            "count": row.count,
            "days": row.days,
            "sessions": row.sessions,
            "first": row.first,
            "last": row.last,
            "people": row.people,
            "origins": row.origins,
            "addresses": row.addresses,
        },
    })
}

/// Who did what on what, how often, when, and what made it so.
fn sentence(row: &FindingRow) -> String {
    let did = match row.outcome {
        "denied" => "was denied",
        "dry-run" => "tried in a dry run",
        _ => "called",
    };
    let call = row.action.clone().unwrap_or_else(|| format!("{} {}", row.event_source, row.event_name));
    let on = row.resource.as_ref().map(|resource| format!(" on {resource}")).unwrap_or_default();
    let when = match (row.count, &row.first, &row.last) {
        (1, Some(first), _) => format!("once, at {first}"),
        (count, Some(first), Some(last)) => format!("{count} times, from {first} to {last}"),
        (count, ..) => format!("{count} times"),
    };
    let why = if row.reasons.is_empty() { String::new() } else { format!(" ({})", row.reasons.join("; ")) };
    format!("{}: {} {did} {call}{on} {when}{why}.", row.title, row.principal)
}

fn step_place(step: &StepRow) -> Value {
    let on = step.resource.as_ref().map(|resource| format!(" on {resource}")).unwrap_or_default();
    place(None, &step.evidence, &format!("{} {} {}{on}", step.time, step.event_source, step.event_name))
}

/// Where an event stands. Records have no lines, so their numbers are told beside it.
fn place(id: Option<u32>, event: &EvidenceRow, text: &str) -> Value {
    json!({
        "id": id,
        "physicalLocation": physical(&event.file),
        "message": { "text": plain(text) },
        "properties": { "record": event.record, "event_id": event.event_id },
    })
}

fn physical(file: &str) -> Value {
    let what = (file == "-").then(|| json!({ "text": "standard input" }));
    json!({ "artifactLocation": { "uri": uri(file, cfg!(windows)), "description": what } })
}

/// What could not be read, or not wholly, and what was passed over.
fn notifications(coverage: &CoverageRow) -> Vec<Value> {
    let notification = |level: &str, file: Option<&str>, text: String| {
        let locations = file.map(|file| json!([{ "physicalLocation": physical(file) }]));
        json!({ "level": level, "message": { "text": plain(&text) }, "locations": locations })
    };
    let skips = coverage.skips.iter().map(|skip| {
        let text = format!("{} ({} kept)", skip.reason, plural(skip.records_kept, "record"));
        notification("warning", Some(&skip.path), text)
    });
    let rejected = coverage.rejected.iter().map(|row| {
        let text =
            format!("{} rejected, at least one of them in this file: {}", plural(row.count, "record"), row.reason);
        notification("warning", row.example.as_deref(), text)
    });
    let excluded = coverage.excluded.iter().map(|row| {
        let text = format!("{} not read, this among them: {}", plural(row.count, "file"), row.reason);
        notification("note", row.example.as_deref(), text)
    });
    skips.chain(rejected).chain(excluded).collect()
}

fn level(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    }
}

/// A number as code-scanning tools sort by, in the ranges of CVSS.
fn score(severity: &str) -> &'static str {
    match severity {
        "critical" => "9.5",
        "high" => "8.0",
        "medium" => "5.5",
        "low" => "3.0",
        _ => "1.0",
    }
}

/// `attach-admin-policy` as `AttachAdminPolicy`.
fn identifier(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    words.map(capital).collect()
}

/// A message that means nothing but itself: in one, brackets make links (3.11.6) and braces are places for
/// arguments (3.11.5).
fn plain(text: &str) -> String {
    let mut message = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        message.push_str(if at > 0 { "\n" } else { "" });
        for c in clean(line).chars() {
            match c {
                '[' | ']' | '\\' => message.push('\\'),
                '{' | '}' => message.push(c),
                _ => {}
            }
            message.push(c);
        }
    }
    message
}

/// What a segment of a path in a URI holds as it is, and what separates segments.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A file as a URI reference (RFC 3986): a path as given, relative where it was, with `file:` before it where it
/// begins at a root or a drive.
fn uri(path: &str, is_windows: bool) -> String {
    let encoded = |path: &str| utf8_percent_encode(path, PATH).to_string();
    let path = if is_windows { path.replace('\\', "/") } else { path.to_owned() };
    let path = path.strip_prefix("//?/").filter(|_| is_windows).unwrap_or(&path);
    let drive = path.split_once(":/").filter(|(drive, _)| drive.len() == 1 && is_windows);
    if let Some((drive, rest)) = drive {
        return format!("file:///{}:/{}", encoded(drive), encoded(rest));
    }
    if is_windows && let Some(share) = path.strip_prefix("//") {
        return format!("file://{}", encoded(share));
    }
    if path.starts_with('/') {
        return format!("file://{}", encoded(path));
    }
    let mut relative = path;
    while let Some(rest) = relative.strip_prefix("./") {
        relative = rest.trim_start_matches('/');
    }
    encoded(if relative.is_empty() { "." } else { relative })
}

/// Whether a text is the address of a page and nothing else.
fn is_web_page(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or(text.strip_prefix("http://")) else { return false };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?#".contains(&byte));
    named && plain && path.matches('#').count() <= 1
}

/// What is not known is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let known = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(known.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jsonschema::Validator;
    use proptest::prelude::*;

    use super::super::hostile;
    use super::*;

    static VALID: LazyLock<Validator> = LazyLock::new(|| {
        let schema = include_str!("../../../tests/it/data/sarif-2.1.0.schema.json");
        let schema = serde_json::from_str(schema).unwrap();
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    });

    fn rendered(report: &Report) -> Value {
        let mut out = Vec::new();
        Sarif.render(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    /// What the schema has against a document.
    fn faults(document: &Value) -> Vec<String> {
        VALID.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    #[test]
    fn a_document_that_is_broken_is_not_valid() {
        let good = rendered(&hostile::findings("x"));
        assert_eq!(faults(&good), Vec::<String>::new());
        #[track_caller]
        fn check(good: &Value, pointer: &str, broken: Value) {
            let mut document = good.clone();
            *document.pointer_mut(pointer).unwrap() = broken;
            assert!(!faults(&document).is_empty(), "{pointer}");
        }
        check(&good, "/version", json!("2.0.0"));
        check(&good, "/runs/0/results/0/message", json!("text"));
        check(&good, "/runs/0/results/0/level", json!("critical"));
        check(&good, "/runs/0/results/0/ruleIndex", json!(-2));
        check(&good, "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", json!("a b.json"));
        check(&good, "/runs/0/results/0/partialFingerprints/trailwright~1v1", json!(7));
        check(&good, "/runs/0/tool/driver/rules/0", json!({ "name": "NoId" }));
        check(&good, "/runs/0/tool/driver/rules/0/helpUri", json!("no uri"));
        check(&good, "/runs/0/invocations/0", json!({}));
        check(&good, "/runs/0/taxonomies/0/taxa", json!([{ "id": "T1098", "colour": "red" }]));
    }

    #[test]
    fn a_file_is_a_uri_reference() {
        #[track_caller]
        fn check(path: &str, is_windows: bool, expected: &str) {
            assert_eq!(uri(path, is_windows), expected);
        }
        check("logs/AWSLogs/x.json.gz", false, "logs/AWSLogs/x.json.gz");
        check("./logs/x.json", false, "logs/x.json");
        check(".//x", false, "x");
        check("../logs/Müller & Söhne#1?.json", false, "../logs/M%C3%BCller%20%26%20S%C3%B6hne%231%3F.json");
        check("a:b/c\\d 100%", false, "a%3Ab/c%5Cd%20100%25");
        check("/var/log/x.json", false, "file:///var/log/x.json");
        check("-", false, "-");
        check("", false, ".");
        check("logs\\x.json", true, "logs/x.json");
        check("C:\\logs\\x y.json", true, "file:///C:/logs/x%20y.json");
        check("\\\\?\\C:\\x.json", true, "file:///C:/x.json");
        check("\\\\server\\share\\x.json", true, "file://server/share/x.json");
    }

    #[test]
    fn a_page_is_told_from_other_texts() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_web_page(text), expected, "{text}");
        }
        check("https://attack.mitre.org/techniques/T1098/003/", true);
        check("http://example.com?a=b#c", true);
        check("https://example.com/a b", false);
        check("https://user@example.com/", false);
        check("https:///x", false);
        check("javascript:alert(1)", false);
        check("", false);
    }

    #[test]
    fn a_message_holds_no_link_and_no_place_for_an_argument() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(plain(text), expected);
        }
        check("arn:aws:iam::111122223333:user/dave", "arn:aws:iam::111122223333:user/dave");
        check("[x](http://192.0.2.1)", "\\[x\\](http://192.0.2.1)");
        check("{0} \\", "{{0}} \\\\");
        check("a\nb\u{1b}c\u{202e}", "a\nb\u{fffd}c\u{fffd}");
    }

    #[test]
    fn a_rule_has_an_identifier_for_a_name() {
        assert_eq!(identifier("attach-admin-policy"), "AttachAdminPolicy");
        assert_eq!(identifier("élan_2-x"), "Élan2X");
    }

    #[test]
    fn one_detection_is_one_rule_as_grave_as_its_worst_finding() {
        let row = |detection: &str, severity| FindingRow {
            detection: detection.to_owned(),
            severity,
            attack: vec!["T1098.003".to_owned(), "T1098.003".to_owned()],
            ..FindingRow::default()
        };
        let findings = vec![row("a", "critical"), row("b", "high"), row("a", "low")];
        let document = rendered(&Report { findings: Some(findings), ..Report::default() });
        assert_eq!(faults(&document), Vec::<String>::new());
        let run = &document["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 2);
        assert_eq!((&rules[0]["id"], &rules[0]["properties"]["security-severity"]), (&json!("a"), &json!("9.5")));
        let indexes: Vec<_> = run["results"].as_array().unwrap().iter().map(|result| &result["ruleIndex"]).collect();
        assert_eq!(indexes, [0, 1, 0]);
        assert_eq!(run["taxonomies"][0]["taxa"][0]["helpUri"], "https://attack.mitre.org/techniques/T1098/003/");
    }

    #[test]
    fn other_answers_have_no_results() {
        assert!(Sarif.render(&hostile::denied(""), &mut Vec::new()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_a_log_says_the_document_is_valid(text in hostile::text()) {
            let report = hostile::findings(&text);
            let document = rendered(&report);
            prop_assert_eq!(faults(&document), Vec::<String>::new());
            let result = &document["runs"][0]["results"][0];
            prop_assert_eq!(&result["properties"]["principal"], &text);
            let message = result["message"]["text"].as_str().unwrap().replace("\\\\", "");
            prop_assert!(!message.replace("\\[", "").replace("\\]", "").contains(['[', ']']));
        }
    }
}
