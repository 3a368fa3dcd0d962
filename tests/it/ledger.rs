//! Ledgers of grants: every form says the same, whatever is wrong is told, and no row goes missing.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use trailwright::ledger::{Grant, Ledger, Subject, read};

use crate::support::root;

fn bytes(name: &str) -> Vec<u8> {
    fs::read(root("tests/it/data/grants").join(name)).unwrap()
}

fn read_file(name: &str) -> Ledger {
    read(&[(Arc::from(name), bytes(name))])
}

fn read_text(text: &str) -> Ledger {
    read(&[(Arc::from("ledger"), text.as_bytes().to_vec())])
}

fn told(ledger: &Ledger) -> String {
    let line = |problem: &trailwright::ledger::Problem| {
        let sign = if problem.is_fatal { "error" } else { "warning" };
        format!("{}:{}: {sign}: {}\n", problem.file, problem.line, problem.what)
    };
    ledger.problems.iter().map(line).collect()
}

/// A grant without where it stands.
fn placeless(grant: &Grant) -> Grant {
    Grant { file: Arc::from(""), line: 0, source: None, ..grant.clone() }
}

fn placeless_all(ledger: &Ledger) -> Vec<Grant> {
    ledger.grants.iter().map(placeless).collect()
}

/// What every form can say.
fn core(grant: &Grant) -> (String, Subject, Option<String>, Option<String>, String, Option<String>) {
    let grant = grant.clone();
    let window = format!("{} {} {}", grant.not_before, grant.not_after, grant.ends());
    (grant.id, grant.subject, grant.person, grant.account, window, grant.reason)
}

const TEAM: [&str; 7] = [
    "team.csv",
    "team.jsonl",
    "team-list.json",
    "team-items.json",
    "team-answer.json",
    "team-dynamodb-export.jsonl",
    "team-dynamodb-scan.json",
];

#[test]
fn every_form_says_the_same() {
    let ours = read_file("ours.csv");
    assert_eq!(told(&ours), "");
    let cores: Vec<_> = ours.grants.iter().map(core).collect();
    insta::assert_debug_snapshot!(cores, @"");
    for name in ["ours.jsonl", "ours.json"] {
        let other = read_file(name);
        assert_eq!(told(&other), "", "{name}");
        assert_eq!(placeless_all(&other), placeless_all(&ours), "{name}");
    }
    for name in TEAM.into_iter().chain(["glide-requests.json", "glide-grants.json"]) {
        let other = read_file(name);
        assert_eq!(other.grants.iter().map(core).collect::<Vec<_>>(), cores, "{name}");
        assert!(other.problems.iter().all(|problem| !problem.is_fatal), "{name}: {}", told(&other));
    }
}

#[test]
fn requests_of_team_are_read_alike_from_wherever_they_come() {
    let first = read_file(TEAM[0]);
    insta::assert_snapshot!(told(&first), @"");
    let alice = &first.grants[0];
    assert_eq!((&*alice.approvers[0], alice.ticket.as_deref()), ("bob@example.com", Some("INC-42")));
    assert_eq!(first.grants[1].revoked_by.as_deref(), Some("alice@example.com"));
    for name in TEAM {
        let other = read_file(name);
        assert_eq!(placeless_all(&other), placeless_all(&first), "{name}");
        assert_eq!(other.problems.len(), 1, "{name}: {}", told(&other));
    }
}

#[test]
fn what_glide_does_not_say_is_told() {
    insta::assert_snapshot!(told(&read_file("glide-requests.json")), @"");
    insta::assert_snapshot!(told(&read_file("glide-grants.json")), @"");
}

#[test]
fn a_grant_stands_at_the_line_where_it_begins() {
    let lines = |name: &str| read_file(name).grants.iter().map(|grant| grant.line).collect::<Vec<_>>();
    assert_eq!(lines("ours.csv"), [2, 4]);
    assert_eq!(lines("ours.jsonl"), [1, 3]);
    assert_eq!(lines("team.csv"), [2, 4]);
    assert_eq!(lines("glide-requests.json"), [3, 45]);
    let text = String::from_utf8(bytes("ours.json")).unwrap();
    let begins = text.lines().enumerate().filter(|(_, line)| *line == "  {").map(|(at, _)| at as u64 + 1);
    assert_eq!(lines("ours.json"), begins.collect::<Vec<_>>());
    let crlf = String::from_utf8(bytes("ours.csv")).unwrap().replace('\n', "\r\n");
    assert_eq!(read_text(&crlf).grants.iter().map(|grant| grant.line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn everything_that_is_wrong_with_a_table_is_told() {
    let ledger = read_file("broken.csv");
    insta::assert_snapshot!(told(&ledger), @"");
    let kept: Vec<_> = ledger.grants.iter().map(|grant| &*grant.id).collect();
    insta::assert_snapshot!(kept.join(" "), @"");
}

#[test]
fn everything_that_is_wrong_with_json_is_told() {
    let ledger = read_file("broken.jsonl");
    insta::assert_snapshot!(told(&ledger), @"");
    assert_eq!(ledger.grants.iter().map(|grant| &*grant.id).collect::<Vec<_>>(), ["j4"]);
}

#[test]
fn everything_that_is_wrong_with_an_export_is_told() {
    let team = read_file("broken-team.json");
    insta::assert_snapshot!(told(&team), @"");
    assert_eq!(team.grants[0].person.as_deref(), Some("alice"));
    insta::assert_snapshot!(told(&read_file("broken-glide.json")), @"");
}

#[test]
fn files_that_are_no_ledger_say_what_one_is() {
    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let ledger = read(&[(Arc::from("f"), bytes.to_vec())]);
        assert_eq!(ledger.grants, []);
        assert_eq!(told(&ledger), format!("{expected}\n"));
    }
    const FORMS: &str = "ours has `grant_id`, `principal`, `not_before`, `not_after`; AWS TEAM has `id`, `accountId`, \
        `role`, `startTime`, `status`; Glide has `grant` or `timing`, as JSON";
    check(b"", "f:1: warning: is empty: no grants in this file");
    check(b"\xef\xbb\xbf\n \n", "f:1: warning: is empty: no grants in this file");
    check(b"[]", "f:1: warning: holds no grants");
    check(b"{\"items\": []}", "f:1: warning: holds no grants");
    check(b"\xff\xfeg\0r\0", "f:1: error: is UTF-16; save it as UTF-8");
    check(b"grant_id\n\xff", "f:2: error: is not UTF-8, so nothing of the file was read; save it as UTF-8");
    check(b"a,b\n1,2\n", &format!("f:1: error: is no header of a ledger: {FORMS}"));
    check(
        b"grant_id;principal\n1;2\n",
        &format!(
            "f:1: error: is no header of a ledger; its columns stand between semicolons, so save it with commas: {FORMS}"
        ),
    );
    check(b"grant_id,principal,not_before,not_after\n", "f:1: warning: holds no grants");
    check(
        b"grant_id,principal,not_before,not_after,grant_id\na,b,c,d,e",
        "f:1: error: the column `grant_id` is there twice; keep the right one",
    );
    check(
        b"\ngrant_id,principal,not_befor,not_after",
        "f:2: warning: `not_befor` is no column of a ledger and was not read; did you mean `not_before`?\n\
         f:2: error: the header has no `not_before`, so no row can be read; add it",
    );
    check(b"{\"a\": 1}", "f:1: error: is no grant: it has none of the members of a ledger, such as `grant_id`");
    check(b"[\n1]", "f:2: error: `1` is no grant; one is an object, as in `{\"grant_id\": …}`");
    check(
        b"\n[{\"grant_id\": \"a\",\n \"b\"",
        "f:2: error: is no JSON: EOF while parsing an object in line 3; it ends too early, so export it again",
    );
}

#[test]
fn an_id_is_given_once_in_all_files() {
    let files = [(Arc::from("a.csv"), bytes("ours.csv")), (Arc::from("b.jsonl"), bytes("ours.jsonl"))];
    let ledger = read(&files);
    assert_eq!(ledger.grants.len(), 2);
    insta::assert_snapshot!(told(&ledger), @"");
}

/// Rows of which some are good.
fn table() -> impl Strategy<Value = Vec<[&'static str; 6]>> {
    let id = select(vec!["a", "b", "c", "d", "e", "f", "g", ""]);
    let kind = select(vec!["role", "user", "permission_set", "group", "rol", ""]);
    let principal = select(vec!["Ops", "arn:aws:iam::111122223333:role/Ops", "x y", ""]);
    let person = select(vec!["alice", "bob@example.com", "\"al\"\"ice\"", "\"a\nb\"", ""]);
    let time = || select(vec!["2026-02-03T09:00:00Z", "2026-02-03T10:00:00Z", "2026-02-03", "x", ""]);
    let row = (id, kind, principal, person, time(), time());
    proptest::collection::vec(row.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f]), 0..12)
}

proptest! {
    #[test]
    fn every_row_is_a_grant_or_told(rows in table()) {
        let mut text = "grant_id,principal_kind,principal,person,not_before,not_after\n".to_owned();
        let mut expected = BTreeSet::new();
        let mut line = 2;
        for row in &rows {
            expected.insert(line);
            let row = row.join(",");
            line += 1 + row.matches('\n').count() as u64;
            text += &(row + "\n");
        }
        let ledger = read_text(&text);
        let good: BTreeSet<_> = ledger.grants.iter().map(|grant| grant.line).collect();
        // A row of nothing is told too.
        let told = ledger.problems.iter().filter(|p| p.is_fatal || p.what.contains("empty cells only"));
        let bad: BTreeSet<_> = told.map(|problem| problem.line).filter(|line| *line > 1).collect();
        prop_assert_eq!(good.len(), ledger.grants.len());
        prop_assert!(good.is_disjoint(&bad), "{}", told_of(&ledger));
        prop_assert_eq!(good.union(&bad).copied().collect::<BTreeSet<_>>(), expected, "{}\n{}", text, told_of(&ledger));
        prop_assert!(ledger.grants.is_sorted_by_key(|grant| (grant.not_before, grant.id.clone())));
    }

    #[test]
    fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read(&[(Arc::from("f"), bytes)]);
    }

    #[test]
    fn no_damage_is_too_much(
        name in select(vec!["ours.csv", "ours.jsonl", "team.csv", "team-dynamodb-scan.json", "glide-requests.json"]),
        from in any::<prop::sample::Index>(),
        length in 0usize..40,
        put in proptest::collection::vec(select(b"{}[]\",:;\n\r\\*0az\xc3\x28".to_vec()), 0..6),
    ) {
        let mut bytes = bytes(name);
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, put);
        let ledger = read(&[(Arc::from(name), bytes)]);
        // Two grants went in: each comes out or something tells why not.
        prop_assert!(ledger.grants.len() >= 2 || !ledger.problems.is_empty());
    }
}

fn told_of(ledger: &Ledger) -> String {
    told(ledger)
}

#[test]
fn what_nests_without_end_takes_no_time() {
    let lines = "{\"grant_id\":[\n".repeat(20_000);
    assert!(read_text(&lines).problems.iter().all(|problem| problem.is_fatal));
    let deep = format!("[{}", "[".repeat(200_000));
    assert_eq!(read_text(&deep).problems.len(), 1);
    let deep = "[".repeat(2_000) + &"]".repeat(2_000);
    assert_eq!(read_text(&deep).problems.len(), 1);
}
