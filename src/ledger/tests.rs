use std::sync::Arc;

use super::{Grant, Ledger, Subject, read};

/// A grant with nothing wrong, some members of which are others.
fn with(members: &str) -> String {
    let change: serde_json::Value = serde_json::from_str(members).unwrap();
    let mut row = serde_json::json!({
        "grant_id": "g", "principal_kind": "permission_set", "principal": "Ops", "person": "alice",
        "not_before": "2026-02-03T09:00:00Z", "not_after": "2026-02-03T11:00:00Z", "approver": "bob", "ticket": "INC-1",
    });
    for (name, value) in change.as_object().unwrap() {
        row[name] = value.clone();
    }
    row.to_string()
}

fn read_text(text: &str) -> Ledger {
    read(&[(Arc::from("f"), text.as_bytes().to_vec())])
}

/// The grant of a row, and what is told of it.
fn one(members: &str) -> (Option<Grant>, String) {
    let ledger = read_text(&with(members));
    let told: Vec<_> = ledger.problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(ledger.grants.is_empty(), ledger.problems.iter().any(|problem| problem.is_fatal), "{told:?}");
    (ledger.grants.into_iter().next(), told.join(" | "))
}

#[test]
fn a_subject_is_what_its_kind_and_its_arn_say() {
    #[track_caller]
    fn check(kind: &str, principal: &str, expected: Option<(Subject, Option<&str>)>) {
        let (grant, told) = one(&format!(r#"{{"principal_kind": "{kind}", "principal": "{principal}"}}"#));
        let found = grant.map(|grant| (grant.subject, grant.account));
        let expected = expected.map(|(subject, account)| (subject, account.map(str::to_owned)));
        assert_eq!(found, expected, "{told}");
    }
    let (here, set) = (Some("111122223333"), || Subject::PermissionSet("Ops_1".to_owned()));
    let role = "arn:aws:iam::111122223333:role/team/Deploy";
    check("role", role, Some((Subject::Role(role.to_owned()), here)));
    check("", role, Some((Subject::Role(role.to_owned()), here)));
    check("role", "Deploy", Some((Subject::Role("Deploy".to_owned()), None)));
    check("user", "alice", Some((Subject::User("alice".to_owned()), None)));
    check("user", role, None);
    check("group", "arn:aws-cn:iam::111122223333:group/Admins", {
        Some((Subject::Group("arn:aws-cn:iam::111122223333:group/Admins".to_owned()), here))
    });
    check("permission_set", "Ops_1", Some((set(), None)));
    check("", "AWSReservedSSO_Ops_1_0123456789abcdef", Some((set(), None)));
    check("role", "AWSReservedSSO_Ops_1_0123456789abcdef", Some((set(), None)));
    let made = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_1_0123456789abcdef";
    check("permission_set", made, Some((set(), here)));
    check("permission_set", role, None);
    check("permission_set", "APermissionSetWhoseNameIsMuchTooLong", None);
    check("role", "arn:aws:iam::1111:role/Deploy", None);
    check("role", "arn:aws:iam::111122223333:root", None);
    check("role", "arn:aws:lambda:eu-west-1:111122223333:function:f", None);
    check("role", "arn:aws:iam", None);
    check("", "Deploy", None);
    check("Role", "Deploy", None);
}

#[test]
fn a_moment_has_a_zone() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (grant, told) = one(&format!(r#"{{"requested_at": "{text}"}}"#));
        let found = grant.and_then(|grant| grant.requested_at).map_or(told, |time| time.to_string());
        assert_eq!(found, expected);
    }
    check("2026-02-03T09:00:00Z", "2026-02-03T09:00:00Z");
    check("2026-02-03 09:00:00.250z", "2026-02-03T09:00:00.25Z");
    check("2026-02-03T10:00:00+01:00", "2026-02-03T09:00:00Z");
    let local = "`requested_at`: `2026-02-03T09:00` has no time zone; if it is UTC, write `2026-02-03T09:00:00Z`";
    check("2026-02-03T09:00", local);
    for text in ["1770109200", "2026-02-30T09:00:00Z", "2026-02-03T09:00:00+01:00[Europe/Paris]", "now"] {
        let no_time = format!("`requested_at`: `{text}` is no time; one looks like `2026-02-03T09:00:00Z`");
        check(text, &no_time);
    }
}

#[test]
fn a_quote_too_few_costs_no_row_in_silence() {
    let header = "grant_id,person,principal,not_before,not_after,ticket";
    let row =
        |id: &str| format!("{id},alice,AWSReservedSSO_Ops_0123456789abcdef,2026-02-03T09:00:00Z,2026-02-03T10:00:00Z,");
    #[track_caller]
    fn check(text: &str, expected: &[(u64, bool)]) {
        let ledger = read_text(text);
        let mut found: Vec<_> = ledger.grants.iter().map(|grant| (grant.line, true)).collect();
        found.extend(ledger.problems.iter().filter(|problem| problem.is_fatal).map(|problem| (problem.line, false)));
        found.sort_unstable();
        assert_eq!(found, expected, "{:?}", ledger.problems);
    }
    let table = |cells: [&str; 3]| {
        let rows = ["a", "b", "c"].iter().zip(cells).map(|(id, cell)| row(id) + cell);
        [header.to_owned()].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
    };
    check(&table(["\"1\"", "\"a \"\"b\"\", c\"", ""]), &[(2, true), (3, true), (4, true)]);
    check(&table(["\"1\r\n\n2\"", "", "3"]), &[(2, true), (5, true), (6, true)]);
    check(&table(["\"1", "\"2\"", "3"]), &[(2, false), (4, true)]);
    check(&table(["1", "\"2", "\"\""]), &[(2, true), (3, false)]);
    check(&table(["1", "2", "\"3"]), &[(2, true), (3, true), (4, false)]);
    check(&table(["3\" pipe", " \"2\"", "\"3\" "]), &[(2, false), (3, false), (4, false)]);
}

#[test]
fn a_person_does_not_approve_for_themselves() {
    #[track_caller]
    fn check(person: &str, approver: &str, is_same: bool) {
        let (_, told) = one(&format!(r#"{{"person": "{person}", "approver": "{approver}"}}"#));
        assert_eq!(told.contains("who was elevated"), is_same, "{person} {approver}: {told}");
    }
    check("alice", "bob", false);
    check("alice", "Alice", true);
    check("alice@example.com", "ALICE", true);
    check("alice", "alice@example.com", true);
    check("alice@example.com", "alice@example.com", true);
    check("alice@example.com", "alice@example.org", false);
    check("alice", "", false);
}

#[test]
fn terms_are_read_alone_or_in_lists() {
    let (grant, told) =
        one(r#"{"region_list": "us-east-1; eu-west-1", "principal_kind": "role", "principal": "Deploy",
            "conditions": {"regions": ["eu-west-1", "eu-central-1"], "source_ip": ["203.0.113.9/24", "2001:db8::1"],
                "vpce": "vpce-0a1b;vpce-0c2d", "mfa": "yes"}}"#);
    assert_eq!(told, "");
    let conditions = grant.unwrap().conditions;
    assert_eq!(conditions.regions, ["eu-central-1", "eu-west-1", "us-east-1"]);
    let networks: Vec<_> = conditions.source_ip.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["203.0.113.0/24", "2001:db8::1/128"]);
    assert_eq!(conditions.vpce, ["vpce-0a1b", "vpce-0c2d"]);
    assert!(conditions.mfa);
    let (grant, told) = one(r#"{"conditions": "{\"source_ip\": null, \"mfa\": false}"}"#);
    assert_eq!((grant.unwrap().conditions, told.as_str()), (super::GrantConditions::default(), ""));
}

#[test]
fn credentials_live_as_long_as_aws_lets_them() {
    #[track_caller]
    fn check(seconds: &str, expected: Option<i64>) {
        let (grant, told) = one(&format!(r#"{{"session_max_seconds": {seconds}}}"#));
        assert_eq!(grant.map(|grant| grant.session_max.as_secs()), expected, "{told}");
    }
    check("null", Some(3600));
    check("900", Some(900));
    check("\"43200\"", Some(43_200));
    check("899", None);
    check("43201", None);
    check("3600.5", None);
    check("\"1h\"", None);
}

#[test]
fn of_a_window_the_end_comes_last() {
    #[track_caller]
    fn check(from: &str, to: &str, expected: &str) {
        let (_, told) = one(&format!(r#"{{"not_before": "2026-02-{from}:00Z", "not_after": "2026-02-{to}:00Z"}}"#));
        assert_eq!(told, expected);
    }
    check("03T09:00", "03T21:00", "");
    check("03T09:00", "03T21:30", "lasts 12h 30m; give windows of at most 12h");
    let at_once = "ends at 2026-02-03T09:00:00Z, and not after its beginning at 2026-02-03T09:00:00Z";
    check("03T09:00", "03T09:00", at_once);
}

#[test]
fn grants_that_hold_at_once_are_told_once_each() {
    let row = |id: &str, person: &str, from: u32, to: u32, revoked: Option<u32>| {
        let time = |hour| format!("2026-02-03T{hour:02}:00:00Z");
        let members = serde_json::json!({
            "grant_id": id, "person": person, "not_before": time(from), "not_after": time(to),
            "revoked_at": revoked.map(time),
        });
        with(&members.to_string()) + "\n"
    };
    let check = |rows: &[String], expected: &[(&str, &str)]| {
        let ledger = read_text(&rows.concat());
        let told: Vec<_> = ledger.problems.iter().filter(|problem| problem.what.contains("overlaps")).collect();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (problem, (one, other)) in told.iter().zip(expected) {
            assert!(problem.what.starts_with(&format!("`{one}` overlaps with `{other}` of f:")), "{problem:?}");
        }
    };
    check(&[row("a", "alice", 9, 11, None), row("b", "alice", 11, 12, None)], &[]);
    check(&[row("a", "alice", 9, 11, None), row("b", "Alice", 10, 12, None)], &[("b", "a")]);
    check(&[row("a", "alice", 9, 11, None), row("b", "bob", 10, 12, None)], &[]);
    check(&[row("a", "alice", 9, 12, Some(10)), row("b", "alice", 10, 12, None)], &[]);
    // Beside the one that ends last.
    let long = [row("a", "alice", 9, 18, None), row("b", "alice", 10, 11, None), row("c", "alice", 12, 13, None)];
    check(&long, &[("b", "a"), ("c", "a")]);
}

#[test]
fn what_a_file_says_cannot_deceive_in_a_message() {
    let (_, told) = one(r#"{"break_glass": "\u001b[2J\u202eyes`"}"#);
    assert_eq!(told, "`break_glass` is `\\u{1b}[2J\\u{202e}yes\\u{60}`; write `true` or `false`");
    let (_, told) = one(&format!(r#"{{"break_glass": "{}"}}"#, "é".repeat(1000)));
    assert!(told.chars().count() < 150, "{told}");
}
