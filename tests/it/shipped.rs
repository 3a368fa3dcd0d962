//! The runbooks that ship: each can be read, says what it is for, and finds on a story what it is for.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use trailwright::runbook::model::Kind;
use trailwright::runbook::{Runbook, check};

use crate::support::{root, table};

const FOLDER: &str = "src/runbook/shipped";

/// All of them, by the names of their files.
fn shipped() -> BTreeMap<String, Runbook> {
    let files = fs::read_dir(root(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
    let read = files.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let runbook = check::read(&text);
        assert!(runbook.is_ok(), "{}: {runbook:?}", path.display());
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), runbook.unwrap())
    });
    let shipped: BTreeMap<String, Runbook> = read.collect();
    assert!(shipped.len() >= 15, "only {} runbooks", shipped.len());
    shipped
}

#[test]
fn each_says_what_it_is_for_and_what_to_do_about_its_rows() {
    for (file, runbook) in shipped() {
        assert_eq!(runbook.runbook, file);
        for (name, input) in &runbook.inputs {
            assert!(input.about.len() > 10, "{file}: {name}");
        }
        for step in &runbook.steps {
            let at = format!("{file}: {}", step.id);
            assert!(step.title.ends_with('?'), "{at}: a title is a question");
            assert!(step.about.len() > 60 && step.about.ends_with('.'), "{at}: what do its rows mean?");
            // Without it rows come in the order of their table, which says nothing.
            let asks = matches!(step.kind, Kind::Identify | Kind::Validate | Kind::Query | Kind::Audit);
            assert!(!asks || !step.order_by.is_empty(), "{at}: no order");
        }
        let finds = runbook.steps.iter().any(|step| step.finds || step.requires.is_some());
        assert!(finds, "{file}: nothing it tells is a finding");
    }
}

#[test]
fn every_one_is_in_the_page_about_them() {
    let told: Vec<[String; 2]> = table("src/runbook/RUNBOOKS.md");
    let told: BTreeMap<String, String> =
        told.into_iter().map(|[name, title]| (name, title)).filter(|(name, _)| name != "runbook").collect();
    let titles = shipped().into_iter().map(|(name, runbook)| (name, runbook.title)).collect();
    assert_eq!(told, titles);
}

#[test]
fn the_example_of_the_page_is_a_runbook() {
    let page = fs::read_to_string(root("src/runbook/RUNBOOKS.md")).unwrap();
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(check::read(example).unwrap().steps.len(), 2);
}

/// What a runbook says of stories: the exit status, then for each step how many rows it has, or a dash where it was not
/// asked, and `!` where these are findings.
#[expect(clippy::disallowed_types, reason = "what a user gets is what the binary prints")]
fn run(name: &str, stories: &[&str], inputs: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_trailwright"));
    command.args(["runbook", "run", name, "--format", "json", "--quiet", "--at", "2026-08-01T00:00:00Z"]);
    command.args(stories.iter().map(|story| root("fixtures").join(story)));
    for input in inputs {
        command.args(["--input", input]);
    }
    let output = command.current_dir(root("fixtures")).output().unwrap();
    assert!(!output.stdout.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = report["steps"].as_array().unwrap().iter().map(|step| {
        let rows = step["rows"].as_array().unwrap().len();
        let rows = if step["state"] == "answered" { rows.to_string() } else { "-".to_owned() };
        let finds = if step["finds"] == true && rows != "-" && rows != "0" { "!" } else { "" };
        format!("{} {rows}{finds}", step["id"].as_str().unwrap())
    });
    format!("{}: {}", output.status.code().unwrap(), steps.collect::<Vec<_>>().join(", "))
}

#[test]
fn each_finds_what_it_is_for() {
    let mut ran: Vec<&str> = Vec::new();
    let mut answered: BTreeMap<String, bool> = BTreeMap::new();
    let mut check = |name: &'static str, stories: &[&str], inputs: &[&str], expected: &str| {
        let told = run(name, stories, inputs);
        assert_eq!(told, expected, "{name} {stories:?} {inputs:?}");
        ran.push(name);
        for step in told.split(": ").nth(1).unwrap().split(", ") {
            let (id, rows) = step.split_once(' ').unwrap();
            *answered.entry(format!("{name}: {id}")).or_default() |= !matches!(rows, "0" | "-");
        }
    };
    check(
        "access-denied-spike",
        &["runbooks/policy-change.jsonl"],
        &[],
        "1: spikes 1!, probing 0, bursts 0, what 1, by_layer 1, worked 1, policies 2",
    );
    check(
        "access-denied-spike",
        &["denials/probing-burst.jsonl", "sequences/many-denied-probes.jsonl"],
        &[],
        "1: spikes 0, probing 7!, bursts 2!, what 0, by_layer 2, worked 0, policies 0",
    );
    check(
        "break-glass-review",
        &["runbooks/break-glass.jsonl"],
        &["ledger=runbooks/break-glass.csv"],
        "1: use 1!, opened 1, outside 1, done 4, judged 1!, review 4!, rotated 2",
    );
    check(
        "break-glass-review",
        &["elevations"],
        &["ledger=elevations/ledger.csv"],
        "1: use 1!, opened 0, outside 1, done 0, judged 0, review 1!, rotated 0",
    );
    check(
        "console-logins-without-mfa",
        &["privileged-calls", "sequences/password-guessing-that-worked.jsonl"],
        &[],
        "1: sign_ins 2!, guessing 1!, changes 0, removed 1!, with_mfa 1",
    );
    check(
        "console-logins-without-mfa",
        &["runbooks/root-taken.jsonl"],
        &[],
        "1: sign_ins 1!, guessing 0, changes 3, removed 0, with_mfa 0",
    );
    check(
        "cross-account-access",
        &["every-identity", "chains"],
        &["known_accounts=111122223333"],
        "1: callers 2!, came_in 1!, did 1, went_out 5, opened 0, shared 0, refused 0",
    );
    check(
        "cross-account-access",
        &["exposures"],
        &[],
        "1: callers 0, came_in 0, did 0, went_out 0, opened 38!, shared 22!, refused 0",
    );
    check(
        "cross-account-access",
        &["denials"],
        &[],
        "0: callers 0, came_in 0, did 0, went_out 0, opened 0, shared 0, refused 6",
    );
    check(
        "data-exposure",
        &["runbooks/open-bucket.jsonl"],
        &["many_reads=2"],
        "1: opened 2!, buckets 1, used 3!, anonymous 1!, networks 0, copied 0, much 3, closed 2",
    );
    check(
        "data-exposure",
        &["sequences/copied-then-shared.jsonl", "exposures"],
        &[],
        "1: opened 56!, buckets 12, used 0, anonymous 0, networks 10, copied 4!, much 0, closed 1",
    );
    check(
        "elevated-session-review",
        &["elevations"],
        &["roles=*Ops*,*DbAdmin*", "ledger=elevations/ledger.csv"],
        "1: elevated 13, addresses 15, changes 10, left_behind 2!, refused 2, judged 2!, review 15!",
    );
    check(
        "elevated-session-review",
        &["privileged-calls"],
        &[],
        "1: elevated 2, addresses 3, changes 10, left_behind 5!, refused 0, judged 4!, review -",
    );
    check(
        "jit-elevation",
        &["orders-team"],
        &["ticket=CHG-2001"],
        "6: gaps 25, wanted 4, need 3, sensitive 1, rules 10, grant 8, review -, wider -",
    );
    check(
        "jit-elevation",
        &["orders-team", "elevations"],
        &["principal=Developer", "ledger=elevations/ledger.csv"],
        "6: gaps 2, wanted 2, need 2, sensitive 0, rules 5, grant 4, review 15!, wider 2",
    );
    check(
        "jit-elevation",
        &["denied-then-granted"],
        &[],
        "0: gaps 1, wanted 0, need 0, sensitive 0, rules 0, grant 0, review -, wider -",
    );
    check(
        "leaked-access-key",
        &["orders-team"],
        &["key=AKIAPEIIJ7OIKEXAMPLE", "networks=192.0.2.0/24"],
        "1: made 0, places 2!, foreign 6, tries 3, read 0, changed 4, keys 1!, opened 0, onward 0, later 9!, same_addresses 1, switched_off 1",
    );
    check(
        "leaked-access-key",
        &["orders-team"],
        &["key=AKIAAO2BGLQWUEXAMPLE"],
        "1: made 1, places 1!, foreign 8, tries 5, read 2, changed 1, keys 0, opened 0, onward 0, later 0, same_addresses 1, switched_off 1",
    );
    check(
        "leaked-access-key",
        &["sequences/takeover.jsonl"],
        &["key=AKIAKRPF5FVVIEXAMPLE"],
        "1: made 0, places 2!, foreign 6, tries 2, read 0, changed 3, keys 0, opened 1!, onward 1!, later 5!, same_addresses 1, switched_off 0",
    );
    check(
        "log-tampering",
        &["elevations", "sequences/takeover.jsonl"],
        &[],
        "1: blinded 1!, tampering 2!, trails 3, buckets 0, restored 1, others 4, coverage 4",
    );
    check(
        "log-tampering",
        &["runbooks/root-taken.jsonl"],
        &[],
        "1: blinded 1!, tampering 1!, trails 0, buckets 1!, restored 0, others 3, coverage 2",
    );
    check(
        "permission-gaps",
        &["orders-team"],
        &[],
        "1: gaps 33, needs 4!, by_policy 4, conditions 9, by_others 0, rare 3, probing 8!, resolved 1",
    );
    check(
        "permission-gaps",
        &["denials"],
        &[],
        "1: gaps 61, needs 14!, by_policy 6, conditions 15, by_others 8, rare 10, probing 22!, resolved 3",
    );
    check(
        "privilege-escalation-sweep",
        &["sequences/takeover.jsonl"],
        &[],
        "1: sequences 2!, given 1!, documents 0, passed 0, tries 1, then 4",
    );
    check(
        "privilege-escalation-sweep",
        &["exposures"],
        &["known=*Platform,*Terraform"],
        "1: sequences 0, given 16!, documents 18!, passed 1, tries 1, then 34",
    );
    check(
        "role-chain-trace",
        &["chains/long-way.jsonl"],
        &["role=Fourth"],
        "1: assumed 1!, switched 0, before 2, long_before 1, done 1, unexplained 0, onward 1, judged 0",
    );
    check(
        "role-chain-trace",
        &["chains/dev-to-admin.jsonl"],
        &["role=Admin"],
        "1: assumed 4!, switched 0, before 1, long_before 0, done 2, unexplained 0, onward 0, judged 2!",
    );
    check(
        "role-chain-trace",
        &["chains/console-switch.jsonl"],
        &["role=Operator"],
        "1: assumed 0, switched 1, before 0, long_before 0, done 0, unexplained 1, onward 0, judged 2!",
    );
    check(
        "root-activity",
        &["orders-team", "privileged-calls", "every-identity"],
        &[],
        "1: sign_ins 2!, recovery 0, calls 4!, keys 1!, tasks 1, judged 7!, neighbours 22",
    );
    check(
        "root-activity",
        &["runbooks/root-taken.jsonl"],
        &[],
        "1: sign_ins 1!, recovery 2!, calls 3!, keys 0, tasks 0, judged 8!, neighbours 0",
    );
    check(
        "scp-or-missing-permission",
        &["denials"],
        &[],
        "1: denials 27, organization 7!, elsewhere 2, permission 9, owner 5, condition 4, unknown 2, messages 4",
    );
    check(
        "scp-or-missing-permission",
        &["denials"],
        &["action=ec2:RunInstances"],
        "1: denials 1, organization 1!, elsewhere 0, permission 0, owner 0, condition 0, unknown 0, messages 0",
    );
    check(
        "unused-standing-privilege",
        &["orders-team"],
        &["idle_since=2026-02-08"],
        "1: privileged 14, rare 14!, idle 4!, daily 0, without 5",
    );
    check(
        "unused-standing-privilege",
        &["denied-then-granted", "runbooks/quiet-days.jsonl", "orders-team"],
        &["few_calls=1", "idle_since=2026-02-08"],
        "1: privileged 14, rare 7!, idle 4!, daily 6, without 9",
    );
    ran.dedup();
    assert!(ran.iter().copied().eq(shipped().keys()), "each of them, in order: {ran:?}");
    let silent: Vec<&String> = answered.iter().filter(|(_, has_rows)| !**has_rows).map(|(step, _)| step).collect();
    assert_eq!(silent, Vec::<&String>::new(), "steps that no story has rows for");
}

#[test]
fn on_quiet_days_none_finds_anything() {
    for (name, runbook) in shipped() {
        let inputs: &[&str] = match name.as_str() {
            "leaked-access-key" => &["key=AKIAPEIIJ7OIKEXAMPLE"],
            "role-chain-trace" => &["role=ParcelAdmin"],
            _ => &[],
        };
        assert_eq!(inputs.len(), runbook.inputs.values().filter(|input| input.default.is_none()).count(), "{name}");
        let told = run(&name, &["runbooks/quiet-days.jsonl"], inputs);
        assert!(told.starts_with("0: ") && !told.contains('!'), "{name}: {told}");
    }
}
