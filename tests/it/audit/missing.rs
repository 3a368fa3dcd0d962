//! What an archive lacks of a window, and what that leaves open.

use std::fmt::Write;

use serde_json::json;
use trailwright::audit::Status;
use trailwright::watch;

use super::{Call, WINDOW, at, audited, by_user, ops};
use crate::support::Tree;

#[test]
fn what_ends_near_the_end_of_the_archive_is_provisional() {
    #[track_caller]
    fn check(last: &str, status: Status, is_provisional: bool) {
        let other = at(last).record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other");
        let tree = Tree::delivered(&[other], 7);
        audited(&tree, &ops("", "", WINDOW, "", ""), watch::Options::default(), 1, |audit, _| {
            let grant = audit.grants.first().unwrap();
            assert_eq!((grant.status, grant.is_provisional), (status, is_provisional), "{last}");
        });
    }
    check("2026-02-28T22:59:59Z", Status::NotCovered, true);
    check("2026-02-28T23:30:00Z", Status::Unused, true);
    check("2026-03-01T01:14:59Z", Status::NotCovered, true);
    check("2026-03-01T01:15:00Z", Status::NotCovered, false);
}

#[test]
fn what_is_missing_of_a_window_is_told() {
    let ledger = ops("", "", WINDOW, "", "");
    let gap = |records: &[String], ledger: &str| {
        audited(&Tree::delivered(records, 7), ledger, watch::Options::default(), 1, |audit, _| {
            let gap = audit.findings.iter().find(|found| found.rule.name == "log-gap");
            let status = audit.grants.first().map(|grant| grant.status.as_str()).unwrap_or_default();
            format!("{status}: {}", gap.map(|found| found.reasons.join("; ")).unwrap_or_default())
        })
    };
    let other = |time: &str, account: &'static str| {
        let call = Call { account, ..at(time) };
        call.record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other")
    };
    let own = |time: &str| other(time, "111122223333");
    let trail =
        |time: &str, name: &str| by_user("keeper", "111122223333", time, "cloudtrail", name, &json!({"name": "main"}));
    assert_eq!(
        gap(&[own("2026-02-28T23:30:00Z"), own("2026-03-02T00:00:00Z")], &ledger),
        "unused: the archive begins at 2026-02-28T23:30:00Z, within the window"
    );
    let (before, after) = (own("2026-02-27T00:00:00Z"), own("2026-03-02T00:00:00Z"));
    assert_eq!(gap(&[before.clone(), after.clone()], &ledger), "unused: ");
    // Another account's events say nothing of this one.
    let others = [other("2026-02-27T00:00:00Z", "444455556666"), after.clone()];
    assert_eq!(gap(&others, &ledger), "not-covered: ");
    let stopped = [before.clone(), trail("2026-02-28T22:30:00Z", "StopLogging"), after.clone()];
    assert_eq!(
        gap(&stopped, &ledger),
        "unused: StopLogging stopped logging at 2026-02-28T22:30:00Z, and no call starts it again"
    );
    let started = [stopped.to_vec(), vec![trail("2026-02-28T22:40:00Z", "StartLogging")]].concat();
    assert_eq!(gap(&started, &ledger), "unused: ");
    let anywhere = ledger.replace("111122223333", "");
    let inside = [before, trail("2026-02-28T23:30:00Z", "StopLogging"), after];
    assert!(gap(&inside, &anywhere).contains("111122223333: StopLogging stopped logging"));
}

#[test]
fn silence_is_told_where_an_account_never_is_silent() {
    // Three days with an event each hour, but for two hours of the window.
    let hours = (0..72).filter(|hour| !(24..26).contains(hour));
    let noise = |hour: usize| {
        let mut time = String::new();
        write!(time, "2026-02-{:02}T{:02}:10:00Z", 25 + hour / 24, hour % 24).unwrap();
        let call = Call { number: hour, ..at(&time) };
        call.record().replace("AWSReservedSSO_Ops", "AWSReservedSSO_Other")
    };
    let of = |hours: Vec<usize>| {
        let records: Vec<String> = hours.into_iter().map(noise).collect();
        let ledger = ops("", "", ("2026-02-25T23:00:00Z", "2026-02-26T03:00:00Z"), "", "");
        audited(&Tree::delivered(&records, 9), &ledger, watch::Options::default(), 2, |audit, _| {
            let gap = audit.findings.iter().find(|found| found.rule.name == "log-gap");
            gap.map(|found| found.reasons.join(";"))
        })
    };
    let told = of(hours.clone().collect()).unwrap();
    assert!(told.contains("no events for 2 h from 2026-02-26T00:00:00Z"), "{told}");
    assert_eq!(of((0..72).collect()), None);
    // Somebody who is often silent is silent then too.
    assert_eq!(of(hours.filter(|hour| hour % 3 == 0).collect()), None);
}
