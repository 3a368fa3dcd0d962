//! Events that are looked for.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::cut;
use super::scanning::{Looking, Reading, end, ended, history};
use super::status::{Failure, Status};
use crate::cli::{self, Events};
use crate::condition::{Condition, Derived, Field, FieldError};
use crate::report::{self, Answer};
use crate::search::{Column, Search};

/// What is told of an event where nobody says.
const USUAL: [&str; 8] =
    ["eventTime", "who", "eventSource", "eventName", "resource", "outcome", "awsRegion", "sourceIPAddress"];
/// Rows that are shown to people where nobody says.
const MOST: usize = 200;

pub(super) fn run(args: &Events) -> anyhow::Result<Status> {
    let Asked { search, shown, is_timeline } = asked(args)?;
    let is_raw = args.looking.raw;
    let looking = |searches| Looking { searches, only: true, keep_records: is_raw };
    let reading = |searches| Reading {
        input: &args.input,
        filter: &args.filter,
        output: &args.output,
        display: &args.display,
        rules: &[],
        trial: None,
        watch: None,
        files: None,
        looking: looking(searches),
    };
    let mut history = history(reading(vec![search]), Answer::Events, Timestamp::now())?;
    let table = history.searched.pop().unwrap_or_default();
    let report = report::events(&history, &table, shown, is_timeline);
    let Some(mut records) = history.records.take() else { return end(&report, false, &history, &reading(Vec::new())) };
    cut::write(&mut records, &args.output, args.looking.gzip)?;
    ended(&report, false, &history, &reading(Vec::new()))
}

/// A search as it was asked for.
struct Asked {
    search: Search,
    /// Columns that are shown; the others are there for the order.
    shown: usize,
    /// Whether it is events by time, and nothing else.
    is_timeline: bool,
}

fn asked(args: &Events) -> Result<Asked, Failure> {
    let looking = &args.looking;
    let mut group_by = Vec::new();
    // Days and hours are fields like others.
    let step = looking.timeline.as_deref().map(|step| if step == "1h" { Derived::Hour } else { Derived::Day });
    for field in step.into_iter().map(|step| Ok(Field::Derived(step))).chain(looking.group_by.iter().map(|f| field(f)))
    {
        add(&mut group_by, field?);
    }
    let counted = [("distinct", &looking.distinct), ("top", &looking.top)];
    let counted = counted.iter().flat_map(|(what, fields)| fields.iter().map(move |field| format!("{what}({field})")));
    let counted: Vec<String> = counted.collect();
    let is_grouped = !group_by.is_empty() || !counted.is_empty();
    let mut columns: Vec<Column> = group_by.iter().cloned().map(Column::Field).collect();
    let is_timeline = step.is_some() && group_by.len() == 1 && counted.is_empty() && looking.fields.is_empty();
    let rest: &[&str] = match (is_grouped, step) {
        (false, _) if looking.fields.is_empty() && !looking.raw => &USUAL,
        (false, _) => &[],
        (true, Some(_)) => &["count"],
        (true, None) => &["count", "first", "last"],
    };
    for name in rest.iter().copied().chain(counted.iter().map(String::as_str)) {
        add(&mut columns, column(name)?);
    }
    for name in &looking.fields {
        add(&mut columns, column(name)?);
    }
    let shown = columns.len();
    let mut order = Vec::new();
    for name in &looking.sort {
        let (name, is_descending) = name.strip_prefix('-').map_or((name.as_str(), false), |name| (name, true));
        let wanted = column(name)?;
        let at = columns.iter().position(|column| *column == wanted).unwrap_or(columns.len());
        if at == columns.len() {
            columns.push(wanted);
        }
        order.push((at, is_descending));
    }
    if order.is_empty() {
        let count = columns.iter().position(|column| *column == Column::Count);
        order.extend(if step.is_some() { Some((0, false)) } else { count.map(|count| (count, true)) });
    }
    let is_for_people = args.output.format == "text" && !looking.raw && step.is_none();
    let limit = looking.limit.or(is_for_people.then_some(MOST));
    let search = Search { condition: Some(condition(looking)?), columns, group_by, order, limit };
    Ok(Asked { search, shown, is_timeline })
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

fn column(name: &str) -> Result<Column, Failure> {
    Column::parse(name.trim()).map_err(|error| no_field(&error))
}

fn field(name: &str) -> Result<Field, Failure> {
    Field::parse(name.trim()).map_err(|error| no_field(&error))
}

fn no_field(error: &FieldError) -> Failure {
    let ours: Vec<_> = Derived::ALL.iter().map(|field| field.as_str()).collect();
    let hint =
        format!("fields are CloudTrail's names, such as requestParameters.bucketName, or ours: {}", ours.join(", "));
    Failure::usage(error.to_string()).hint(hint)
}

/// All that is asked of events.
fn condition(looking: &cli::Looking) -> Result<Condition, Failure> {
    let wrong = |option: &str, message: &str| Failure::usage(format!("{option}: {message}"));
    let mut all = Vec::new();
    let words = words(&looking.conditions)?;
    all.push(Condition::from_value(&words).map_err(|error| wrong("--where", &error.message))?);
    if let Some(path) = &looking.where_file {
        all.push(of_file(path)?);
    }
    for id in &looking.session {
        if id.len() != 16 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let failure = wrong("--session", &format!("`{id}` is no session; one is 16 hexadecimal digits"));
            return Err(failure.hint("`audit --explain` and `--fields session` print them"));
        }
    }
    if !looking.session.is_empty() {
        let session = serde_json::json!({"session": looking.session});
        all.push(Condition::from_value(&session).map_err(|error| wrong("--session", &error.message))?);
    }
    Ok(Condition::all(all))
}

/// Options as a map: what has the same field and modifiers are alternatives.
fn words(options: &[String]) -> Result<Value, Failure> {
    let mut words: Map<String, Value> = Map::new();
    for option in options {
        let (key, value) = option.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--where: `{option}` has no `=`"))
                .hint("write field=value or field|modifier=value, such as 'eventName|startswith=Get'")
        })?;
        let is_truth = key.split('|').skip(1).any(|modifier| modifier == "exists");
        let value = match value {
            "true" | "false" if is_truth => Value::Bool(value == "true"),
            text => Value::from(text),
        };
        match words.entry(key.trim()) {
            serde_json::map::Entry::Vacant(place) => drop(place.insert(value)),
            serde_json::map::Entry::Occupied(mut known) => match known.get_mut() {
                Value::Array(values) => values.push(value),
                one => *one = Value::Array(vec![one.take(), value]),
            },
        }
    }
    Ok(Value::Object(words))
}

/// Longest file with a condition, in bytes.
const LONGEST: u64 = 1 << 20;

fn of_file(path: &Path) -> Result<Condition, Failure> {
    let name = path.display();
    let read = || {
        let size = std::fs::metadata(path)?.len();
        if size > LONGEST {
            return Err(std::io::Error::other("it is longer than a mebibyte"));
        }
        std::fs::read_to_string(path)
    };
    let text = read().map_err(|error| Failure::run(format!("cannot read `{name}`: {error}")))?;
    let value: Value = yaml_serde::from_str(&text).map_err(|error| {
        Failure::usage(format!("{name}: this is no YAML: {error}")).hint("write lines such as `eventName: GetObject`")
    })?;
    Condition::from_value(&value)
        .map_err(|error| Failure::usage(format!("{name}:{}: {}", error.line_in(&text), error.message)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_for_the_same_field_are_alternatives_and_all_others_hold_together() {
        #[track_caller]
        fn check(options: &[&str], expected: &Value) {
            let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
            assert_eq!(words(&options).unwrap(), *expected);
        }
        check(&[], &json!({}));
        check(
            &["eventName=A", "eventName=B,C", "errorCode|exists=false"],
            &json!({"eventName": ["A", "B,C"], "errorCode|exists": false}),
        );
        check(&["a|re=^x=y$", "a=", "b=true"], &json!({"a|re": "^x=y$", "a": "", "b": "true"}));
        assert!(words(&["eventName".to_owned()]).is_err());
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_line() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("where.yml");
            std::fs::write(&path, text).unwrap();
            let said = of_file(&path).map(|_| String::new()).unwrap_or_else(|error| error.to_string());
            assert_eq!(said.replace(&path.display().to_string(), "F"), expected);
        }
        check("eventName: GetObject\nnot:\n  - outcome: denied\n", "");
        check("eventName: GetObject\n\noutcom: denied\n", "F:3: there is no field `outcom`; did you mean `outcome`?");
        check(
            "eventName: GetObject\noutcome:\n  - denied\n  - deny\n",
            "F:4: `outcome` is never `deny`; it is one of succeeded, denied, dry-run, failed",
        );
        check(
            "eventName|startswith: [[a]]\n",
            "F:1: the value of `eventName|startswith` is a text, a number, true or false, or a list of them; parts of a field have names with dots",
        );
        check(
            "just text\n",
            "F:1: a condition is a map such as `eventName: GetObject`, or a list of maps; this is \"just text\"",
        );
    }
}
