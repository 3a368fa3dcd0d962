//! Ledgers of grants: every form says the same, whatever is wrong is told, and no row goes missing.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use trailwright::ledger::{Grant, Ledger, Problem, read};

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
    let line = |problem: &Problem| {
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
fn core(grant: &Grant) -> String {
    let (person, account, reason) = (grant.person.as_deref(), grant.account.as_deref(), grant.reason.as_deref());
    let whose = format!("{:?} {} {}", grant.subject, person.unwrap(), account.unwrap());
    format!("{} {whose} {} {} {} {:?}", grant.id, grant.not_before, grant.not_after, grant.ends(), reason.unwrap())
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
    insta::assert_snapshot!(cores.join("\n"), @r#"
    req-1 PermissionSet("OpsAdmin") alice@example.com 111122223333 2026-02-03T09:00:00Z 2026-02-03T11:00:00Z 2026-02-03T11:00:00Z "orders that were booked twice,\nsee the ticket"
    req-2 PermissionSet("ReadLogs") bob@example.com 123456789012 2026-02-04T10:00:00Z 2026-02-04T12:00:00Z 2026-02-04T10:45:00Z "look for a timeout"
    "#);
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
    insta::assert_snapshot!(told(&first), @"team.csv:5: warning: 1 request was never granted and is left out: 1 rejected");
    let alice = &first.grants[0];
    assert_eq!(alice.also, ["alice"]);
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
    insta::assert_snapshot!(told(&read_file("glide-requests.json")), @r#"
    glide-requests.json:3: warning: names no approver and is no break-glass access; add who approved it
    glide-requests.json:53: warning: was revoked, but not told when: its last change, `updatedAt`, is taken for it
    glide-requests.json:53: warning: names no approver and is no break-glass access; add who approved it
    glide-requests.json:103: warning: 1 request was never granted and is left out: 1 declined
    "#);
    insta::assert_snapshot!(told(&read_file("glide-grants.json")), @r#"
    glide-grants.json:3: warning: names no approver and is no break-glass access; add who approved it
    glide-grants.json:24: warning: names no approver and is no break-glass access; add who approved it
    "#);
}

#[test]
fn a_grant_stands_at_the_line_where_it_begins() {
    let lines = |name: &str| read_file(name).grants.iter().map(|grant| grant.line).collect::<Vec<_>>();
    assert_eq!(lines("ours.csv"), [2, 4]);
    assert_eq!(lines("ours.jsonl"), [1, 3]);
    assert_eq!(lines("team.csv"), [2, 4]);
    assert_eq!(lines("glide-requests.json"), [3, 53]);
    let text = String::from_utf8(bytes("ours.json")).unwrap();
    let begins = text.lines().enumerate().filter(|(_, line)| *line == "  {").map(|(at, _)| at as u64 + 1);
    assert_eq!(lines("ours.json"), begins.collect::<Vec<_>>());
    let crlf = String::from_utf8(bytes("ours.csv")).unwrap().replace('\n', "\r\n");
    assert_eq!(read_text(&crlf).grants.iter().map(|grant| grant.line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn everything_that_is_wrong_with_a_table_is_told() {
    let ledger = read_file("broken.csv");
    insta::assert_snapshot!(told(&ledger), @r#"
    broken.csv:1: warning: `Regions` is no column of a ledger and was not read; did you mean `region_list`?
    broken.csv:1: warning: `tickets` is no column of a ledger and was not read; did you mean `ticket`?
    broken.csv:3: error: `grant_id` `g1` stands already in broken.csv:2; keep one of them
    broken.csv:4: error: `grant_id` is missing; add it
    broken.csv:5: error: `principal` is missing; add it
    broken.csv:6: error: `not_before` is missing; add it
    broken.csv:6: error: `not_after` is missing; add it
    broken.csv:7: error: ends at 2026-02-03T09:00:00Z, and not after its beginning at 2026-02-03T11:00:00Z
    broken.csv:8: error: `not_before`: `2026-02-03T09:00:00` has no time zone; if it is UTC, write `2026-02-03T09:00:00Z`
    broken.csv:8: error: `not_after`: `3 Feb 2026` is no time; one looks like `2026-02-03T09:00:00Z`
    broken.csv:9: error: `not_after`: `2026-02-03` has no time zone; if it is UTC, write `2026-02-03T00:00:00Z`
    broken.csv:10: error: `account_id` is `11122223333`, not twelve digits; a spreadsheet may have dropped its leading zeros
    broken.csv:11: error: `principal_kind` is `permissionset`, but there are `user`, `role`, `permission_set` and `group`; did you mean `permission_set`?
    broken.csv:12: error: `principal`: `OpsAdmin` may be of a user, a role, a permission set or a group; say so in `principal_kind`
    broken.csv:13: error: `principal`: `arn:aws:iam::111122223333:role/Deploy` is a role, but its kind is `user`; make them agree
    broken.csv:14: error: `principal`: `arn:aws:sts::111122223333:assumed-role/Deploy/alice` is a session; give the ARN or the name of its role, and the `person`
    broken.csv:15: error: `principal`: `arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef` tells no name; give the name of the permission set
    broken.csv:16: error: `principal`: `Ops Admin` cannot be the name of a permission set, which has 1 to 32 letters, digits or `_+=,.@-`
    broken.csv:17: error: `principal`: `AWSReservedSSO_OpsAdmin_abc` looks like a role that Identity Center made, but those end in `_` and 16 hexadecimal digits; give the permission set's name
    broken.csv:18: warning: is about account 111122223333, but its principal is in 123456789012; check both
    broken.csv:19: error: `europe` in `region_list` is no region; one looks like `eu-west-1`
    broken.csv:20: warning: `s3:GetObjekt` in `actions` is no action that AWS documents; did you mean `s3:GetObject`?
    broken.csv:20: error: `*:Get*` in `actions` is no action; one looks like `s3:GetObject` or `s3:Get*`
    broken.csv:20: warning: `s4:GetObject` in `actions` is of no service that AWS documents
    broken.csv:20: warning: `actions` has `*`, so everything counts as granted; list what was
    broken.csv:21: error: `example-bucket` in `resources` is no ARN; one looks like `arn:aws:s3:::example-bucket/*`
    broken.csv:21: error: `arn:aws:s3:::example/✓` in `resources` has a character that no policy may hold; write `?` for it
    broken.csv:22: error: `session_max_seconds` is `600`; sessions last 900 to 43200 seconds
    broken.csv:23: error: `203.0.113.0/33` in `source_ip` is no network; one looks like `203.0.113.0/24`
    broken.csv:23: error: `endpoint` in `vpce` is no VPC endpoint; one looks like `vpce-0a1b2c3d4e5f60718`
    broken.csv:23: error: `mfa` in `conditions` is neither `true` nor `false`; write one of them
    broken.csv:23: error: `regions` in `conditions` holds something that is no text; give a list of texts
    broken.csv:23: warning: `source_ips` in `conditions` is not known and was not read; did you mean `source_ip`?
    broken.csv:24: error: `conditions` is no JSON object; one looks like `{"source_ip": ["203.0.113.0/24"], "mfa": true}`
    broken.csv:25: warning: asks for MFA, which sessions of Identity Center never carry; ask for it in Identity Center instead
    broken.csv:26: error: `break_glass` is `perhaps`; write `true` or `false`
    broken.csv:27: warning: names no `person`, so anybody's use counts as granted; add it
    broken.csv:28: warning: names no `person`, and no record shows who is in a group; add it
    broken.csv:29: warning: `person` is `Alice Smith`, which no session can be called; give the name that sessions carry
    broken.csv:30: warning: was approved by `ALICE`, who was elevated
    broken.csv:31: warning: names no approver and is no break-glass access; add who approved it
    broken.csv:33: warning: was approved twice by `bob@example.com`; a second approver is somebody else
    broken.csv:34: warning: has neither ticket nor reason, so nobody can tell what it was for
    broken.csv:34: warning: was approved at 2026-12-03T10:00:00Z, after its begin at 2026-04-05T09:00:00Z
    broken.csv:35: warning: lasts 24h; give windows of at most 12h
    broken.csv:36: warning: `g35` overlaps with `g34` of broken.csv:35: the same person, principal and account at the same time
    broken.csv:37: warning: was taken back at 2026-01-01T00:00:00Z, before its begin at 2026-04-08T09:00:00Z, so it never held
    broken.csv:38: warning: has a `revoked_by` and no `revoked_at`, so it counts to its end; add when it was taken back
    broken.csv:39: error: has 3 cells where the header has 23; put cells that hold commas into quotes
    broken.csv:40: warning: has empty cells only; take the row out
    broken.csv:43: error: its quotes are not in pairs; it goes over 2 lines, so look for a quote that is missing
    broken.csv:45: error: its quotes are not in pairs; write quotes inside of cells as `""`
    "#);
    let kept: Vec<_> = ledger.grants.iter().map(|grant| &*grant.id).collect();
    insta::assert_snapshot!(kept.join(" "), @"g34 g35 g1 g17 g24 g26 g27 g28 g29 g30 g31 g32 g33 g36 g37 g91");
}

#[test]
fn everything_that_is_wrong_with_json_is_told() {
    let ledger = read_file("broken.jsonl");
    insta::assert_snapshot!(told(&ledger), @r#"
    broken.jsonl:1: error: `person` is a list or an object; give one text
    broken.jsonl:1: error: `actions` holds something that is no text; take it out
    broken.jsonl:2: error: `person` stands there twice; keep the right one
    broken.jsonl:3: error: `"text"` is no grant; one is an object, as in `{"grant_id": …}`
    broken.jsonl:4: error: is no JSON: expected `,` or `}` in line 6; read on at the next line that begins with `{`
    broken.jsonl:5: warning: `colour` is no column of a ledger and was not read
    broken.jsonl:6: error: is no JSON: `broken`
    broken.jsonl:7: error: is no JSON: EOF while parsing an object; it ends too early, so export it again
    "#);
    assert_eq!(ledger.grants.iter().map(|grant| &*grant.id).collect::<Vec<_>>(), ["j4"]);
}

#[test]
fn everything_that_is_wrong_with_an_export_is_told() {
    let team = read_file("broken-team.json");
    insta::assert_snapshot!(told(&team), @r#"
    broken-team.json:1: warning: `nextToken` says that there are more pages; export and give them too
    broken-team.json:3: error: `duration` is `two`; give a number of hours
    broken-team.json:4: warning: was revoked, but no `endTime` says when, so it counts to its end; add it
    broken-team.json:4: error: `session_duration` is `30`; sessions last 900 to 43200 seconds
    broken-team.json:5: error: the `status` `revokd` is none that AWS TEAM has; did you mean `revoked`?
    broken-team.json:6: warning: 2 requests were never granted and are left out: 1 error, 1 pending
    broken-team.json:8: error: `startTime`: `2026-02-05T09:00:00` has no time zone; if it is UTC, write `2026-02-05T09:00:00Z`
    broken-team.json:9: warning: names no approver and is no break-glass access; add who approved it
    "#);
    assert_eq!(team.grants[0].person.as_deref(), Some("alice"));
    insta::assert_snapshot!(told(&read_file("broken-glide.json")), @r#"
    broken-glide.json:1: warning: `next` says that there are more pages; export and give them too
    broken-glide.json:2: error: does not say which permission set was given: `arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef` tells no name; add `permissionSetName` beside it
    broken-glide.json:4: error: `accountId` is not one value, so nobody can tell what was given; leave the one that was
    broken-glide.json:6: warning: names no `subject`, so anybody's use counts as granted; add it
    broken-glide.json:6: error: `start` is missing; add it
    broken-glide.json:6: warning: names no approver and is no break-glass access; add who approved it
    broken-glide.json:6: warning: has neither ticket nor reason, so nobody can tell what it was for
    broken-glide.json:7: error: the `status` `lost` is none that Glide has
    broken-glide.json:8: warning: 1 request was never granted and is left out: 1 pending
    broken-glide.json:9: warning: was revoked, but no `revokedAt` says when, so it counts to its end; add it
    broken-glide.json:9: warning: names no approver and is no break-glass access; add who approved it
    "#);
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
    check(
        b"grant_id,principal,not_before,\"not_after\na,b,c,d",
        "f:1: error: its quotes are not in pairs; it goes over 2 lines, so look for a quote that is missing",
    );
    check(b"{\"a\": 1}", "f:1: error: is no grant: it has none of the members of a ledger, such as `grant_id`");
    check(b"[\n1]", "f:2: error: `1` is no grant; one is an object, as in `{\"grant_id\": …}`");
    check(
        b"\n[{\"grant_id\": \"a\",\n \"b\"",
        "f:2: error: is no JSON: EOF while parsing an object in line 3; it ends too early, so export it again; nothing of the list was read",
    );
}

#[test]
fn an_id_is_given_once_in_all_files() {
    let files = [(Arc::from("a.csv"), bytes("ours.csv")), (Arc::from("b.jsonl"), bytes("ours.jsonl"))];
    let ledger = read(&files);
    assert_eq!(ledger.grants.len(), 2);
    insta::assert_snapshot!(told(&ledger), @r#"
    b.jsonl:1: error: `grant_id` `req-1` stands already in a.csv:2; keep one of them
    b.jsonl:3: error: `grant_id` `req-2` stands already in a.csv:4; keep one of them
    "#);
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
        let bad = ledger.problems.iter().filter(|p| p.is_fatal || p.what.contains("empty cells only"));
        let bad: BTreeSet<_> = bad.map(|problem| problem.line).filter(|line| *line > 1).collect();
        prop_assert_eq!(good.len(), ledger.grants.len());
        prop_assert!(good.is_disjoint(&bad), "{}", told(&ledger));
        prop_assert_eq!(good.union(&bad).copied().collect::<BTreeSet<_>>(), expected, "{}\n{}", text, told(&ledger));
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

#[test]
fn what_nests_without_end_takes_no_time() {
    let lines = "{\"grant_id\":[\n".repeat(20_000);
    assert!(read_text(&lines).problems.iter().all(|problem| problem.is_fatal));
    let deep = format!("[{}", "[".repeat(200_000));
    assert_eq!(read_text(&deep).problems.len(), 1);
    let deep = "[".repeat(2_000) + &"]".repeat(2_000);
    assert_eq!(read_text(&deep).problems.len(), 1);
}
