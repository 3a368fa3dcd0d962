//! What principals are granted, compared with what they did.

use std::path::PathBuf;

use jiff::Timestamp;

use super::output;
use super::scanning::{filter, finish, history};
use super::status::{Failure, Status, say};
use crate::cli::{Filtering, Recommend};
use crate::iam::Principal;
use crate::iam::granted::{Granted, Reader};
use crate::recommend::difference::{Asked, differences};
use crate::report::{self, Answer};

pub(super) fn run(args: &Recommend) -> anyhow::Result<Status> {
    let now = Timestamp::now();
    let granted = read(&args.granted.files)?;
    let wanted = filter(&args.scan.filter, now)?;
    let history = history(&args.scan, Answer::Policies, now)?;
    let is_meant = |principal: &Principal| {
        let is_of_account = |wanted: &String| principal.account.as_ref() == Some(wanted);
        wanted.wants_principal(principal) && (wanted.accounts.is_empty() || wanted.accounts.iter().any(is_of_account))
    };
    let is_by_name = !wanted.principals.is_empty();
    let asked = Asked { is_meant: &is_meant, is_by_name, services_too: args.scan.filter.include_service_principals };
    let all = differences(&history, &granted, &asked);
    let mut report = report::differences(&history, &granted, all, args.explain.is_some());
    if let Some(actions) = &args.explain {
        report::explain(&mut report, actions);
    }
    let status = finish(&report, &history, &args.scan)?;
    if !output::renderer(&args.scan.output)?.holds_coverage() {
        granted.problems.iter().for_each(|problem| say(&format!("warning: {problem}")));
    }
    if leaves_calls_out(&args.scan.filter) {
        say("warning: filters leave calls out, and what only these used is told as unused");
    }
    let is_partial = !granted.problems.is_empty() && !args.scan.input.allow_partial;
    Ok(if status == Status::Done && is_partial { Status::Partial } else { status })
}

fn read(files: &[PathBuf]) -> Result<Granted, Failure> {
    let mut reader = Reader::default();
    for path in files {
        let bytes =
            std::fs::read(path).map_err(|error| Failure::run(format!("cannot read `{}`: {error}", path.display())))?;
        reader.add(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
    }
    Ok(reader.finish())
}

/// Whether a filter leaves out calls of a principal that is shown.
fn leaves_calls_out(filter: &Filtering) -> bool {
    !(filter.service.is_empty() && filter.event.is_empty() && filter.period.region.is_empty())
}
