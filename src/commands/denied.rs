//! Every permission gap, explained.

use jiff::Timestamp;

use super::records::add_records;
use super::scanning::{finish, history, limits};
use super::status::{Failure, Status};
use super::thresholds::thresholds;
use crate::cli::Denied;
use crate::recommend::{FixableBy, Need, gaps};
use crate::report::{self, Answer, By, View};

pub(super) fn run(args: &Denied) -> anyhow::Result<Status> {
    let view = view(args)?;
    let thresholds = thresholds(&args.judging)?;
    let history = history(&args.scan, Answer::Gaps, Timestamp::now())?;
    let mut report = report::denied(&history, &gaps(&history, &thresholds), &view);
    report.explained = args.explain;
    if args.explain
        && let Some(rows) = &mut report.denied
    {
        add_records(rows.iter_mut().flat_map(|row| &mut row.evidence), limits(&args.scan.input)?);
    }
    finish(&report, &history, &args.scan)
}

fn view(args: &Denied) -> Result<View, Failure> {
    let id = |text: &String| {
        let id = text.to_ascii_lowercase();
        let is_id = id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then_some(id).ok_or_else(|| {
            Failure::usage(format!("`{text}` is no gap")).hint("take it from the column `gap`, such as 0a1b2c3d4e")
        })
    };
    Ok(View {
        by: By::ALL.into_iter().find(|by| by.as_str() == args.by).unwrap_or_default(),
        needs: Need::ALL.into_iter().filter(|need| args.need.iter().any(|text| text == need.as_str())).collect(),
        fixable_by: FixableBy::ALL
            .into_iter()
            .filter(|who| args.fixable_by.iter().any(|text| text == who.as_str()))
            .collect(),
        gaps: args.gap.iter().map(id).collect::<Result<_, _>>()?,
        most: None,
        services_too: args.scan.filter.include_service_principals,
    })
}
