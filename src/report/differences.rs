//! What principals are granted beside what they did, as rows.

use std::collections::BTreeMap;

use super::build::{empty, time};
use super::rows::*;
use crate::aggregate::History;
use crate::catalog;
use crate::iam::granted::Granted;
use crate::iam::{Action, Target};
use crate::recommend::difference::{ActionUse, Difference, Standing};

/// The difference of each principal. Unless `explained`, a service of which everything is granted and nothing was
/// called is one row for each thing there is to say of its actions.
pub fn differences(
    history: &History,
    granted: &Granted,
    all: impl Iterator<Item = Difference>,
    explained: bool,
) -> Report {
    let mut report = empty("trailwright.recommend/1", history);
    report.explained = explained;
    let (mut rows, mut all_actions) = (Vec::new(), Vec::new());
    for difference in all {
        rows.push(row(&difference));
        all_actions.extend(actions(&difference, explained));
    }
    report.differences = Some(rows);
    report.actions = Some(all_actions);
    let unread = granted.problems.iter().map(|problem| UnreadRow {
        file: problem.file.clone(),
        path: problem.path.clone(),
        reason: problem.what.clone(),
    });
    report.unread = Some(unread.collect());
    report
}

fn row(difference: &Difference) -> DifferenceRow {
    let principal = &difference.principal;
    let count = |is: fn(&ActionUse) -> bool| difference.actions.iter().filter(|one| is(one)).count() as u64;
    let reduced = difference.reduced.iter().enumerate().map(|(at, document)| {
        let name: String =
            principal.short_name().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let number = if at == 0 { String::new() } else { format!("-{}", at + 1) };
        ReducedRow {
            name: format!("{}-used{number}", name.trim_matches('-')),
            size: document.to_string().chars().count(),
            document: document.clone(),
        }
    });
    let mut row = DifferenceRow {
        principal: principal.name.clone(),
        kind: principal.kind.as_str(),
        account: principal.account.clone(),
        seen: difference.is_seen,
        complete: difference.is_known && difference.missing.is_empty(),
        granted: count(|one| one.is_granted),
        used: count(|one| one.standing == Standing::Used),
        unused: count(|one| one.standing == Standing::Unused),
        not_observable: count(|one| matches!(one.standing, Standing::NotObservable(_))),
        not_granted: count(|one| one.standing == Standing::NotGranted),
        denied: count(|one| one.calls.denied > 0),
        policies: difference.policies.clone(),
        boundary: difference.boundary.clone(),
        missing: difference.missing.clone(),
        undocumented: difference.undocumented.clone(),
        left_out: difference.left_out.len() as u64,
        warnings: Vec::new(),
        reduced: reduced.collect(),
    };
    row.warnings = warnings(difference, &row);
    row
}

/// What a reviewer has to know.
fn warnings(difference: &Difference, row: &DifferenceRow) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(why) = difference.principal.kind.why_no_policy() {
        warnings.push(format!("its policies cannot be changed: {why}"));
    }
    if !difference.is_known {
        warnings.push("the files say nothing of it; what it is granted is not known".to_owned());
    }
    if !row.missing.is_empty() {
        let missing = row.missing.join(", ");
        warnings.push(format!("not in the files: {missing}; what that allows or bounds is not in this answer"));
    }
    match (difference.is_seen, difference.is_covered) {
        (true, _) => {}
        (false, true) => warnings.push("it called nothing in this archive".to_owned()),
        (false, false) => {
            let why = "no event of its account was read besides, so this may be no archive of it";
            warnings.push(format!("it called nothing that was read; {why}"));
        }
    }
    if !row.undocumented.is_empty() {
        let names = row.undocumented.join(", ");
        warnings.push(format!("AWS documents no such action, and it stays as it is granted: {names}"));
    }
    if row.left_out > 0 {
        let count = row.left_out;
        let is_pass_role = |action: &Action| (action.service_prefix(), action.name()) == ("iam", "PassRole");
        let such = if difference.left_out.iter().any(is_pass_role) { ", iam:PassRole among them" } else { "" };
        warnings.push(format!(
            "{count} actions that CloudTrail does not show are granted without being named{such}; the reduced policy \
             lacks them, add what is needed"
        ));
    }
    for reduced in row.reduced.iter().filter(|reduced| reduced.size > Target::Managed.limit()) {
        let (size, limit) = (reduced.size, Target::Managed.limit());
        warnings.push(format!("{size} characters exceed the {limit} of a managed policy; split it before attaching"));
    }
    warnings
}

fn actions(difference: &Difference, explained: bool) -> Vec<ActionRow> {
    let mut rows = Vec::new();
    for own in difference.actions.chunk_by(|a, b| a.action.service_prefix() == b.action.service_prefix()) {
        match own.first() {
            Some(first) if !explained && is_whole(first.action.service_prefix(), own) => {
                rows.extend(folded(difference, first.action.service_prefix(), own));
            }
            _ => rows.extend(own.iter().map(|one| action_row(difference, one))),
        }
    }
    rows
}

/// Whether these are all actions of a service, and none of them was called.
fn is_whole(prefix: &str, own: &[ActionUse]) -> bool {
    let all = || catalog::service(prefix).map(|service| service.actions().filter(|facts| !facts.retired).count());
    let is_idle = |one: &ActionUse| one.is_granted && one.calls.last.is_none();
    own.len() > 1 && own.iter().all(is_idle) && all() == Some(own.len())
}

fn folded(difference: &Difference, prefix: &str, own: &[ActionUse]) -> Vec<ActionRow> {
    let mut counts: BTreeMap<Standing, u64> = BTreeMap::new();
    own.iter().for_each(|one| *counts.entry(one.standing).or_default() += 1);
    let row = |(standing, actions)| ActionRow {
        principal: difference.principal.name.clone(),
        status: Standing::as_str(standing),
        action: format!("{prefix}:*"),
        actions,
        granted: true,
        why: why(standing),
        ..ActionRow::default()
    };
    counts.into_iter().map(row).collect()
}

fn action_row(difference: &Difference, one: &ActionUse) -> ActionRow {
    ActionRow {
        principal: difference.principal.name.clone(),
        status: one.standing.as_str(),
        action: one.action.to_string(),
        actions: 1,
        granted: one.is_granted,
        allowed: one.calls.allowed,
        denied: one.calls.denied,
        failed: one.calls.failed,
        last: time(one.calls.last),
        why: why(one.standing),
    }
}

fn why(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::NotObservable(hidden) => Some(hidden.as_str()),
        _ => None,
    }
}
