//! Privileged calls and findings.

use jiff::Timestamp;

use super::records::add_records;
use super::scanning::{finish_with, history, limits};
use super::status::{Failure, Status};
use crate::cli::Privileged;
use crate::detect::is_technique;
use crate::report::{self, Answer, FindingView};

pub(super) fn run(args: &Privileged) -> anyhow::Result<Status> {
    let view = view(args)?;
    let history = history(&args.scan, Answer::Findings, Timestamp::now())?;
    let mut report = report::privileged(&history, &view);
    report.explained = args.explain;
    if args.explain
        && let Some(rows) = &mut report.findings
    {
        let events = rows.iter_mut().flat_map(|row| {
            let steps = row.steps.iter_mut().map(|step| &mut step.evidence);
            row.evidence.iter_mut().chain(steps)
        });
        add_records(events, limits(&args.scan.input)?);
    }
    // Only what is shown decides how the run ended.
    let worst = report.findings.iter().flatten().filter_map(|row| row.severity.parse().ok()).max();
    finish_with(&report, worst, &history, &args.scan)
}

fn view(args: &Privileged) -> Result<FindingView, Failure> {
    let technique = |text: &String| {
        let id = text.to_ascii_uppercase();
        is_technique(&id).then_some(id).ok_or_else(|| {
            Failure::usage(format!("`{text}` is no ATT&CK technique")).hint("one looks like T1098 or T1098.003")
        })
    };
    let detection = |text: &String| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (!text.is_empty() && text.bytes().all(is_name)).then(|| text.clone()).ok_or_else(|| {
            Failure::usage(format!("`{text}` is not the name of a detection"))
                .hint("take it from `detection` in `--format json`, such as attach-admin-policy")
        })
    };
    Ok(FindingView {
        severity: args.severity.as_deref().and_then(|text| text.parse().ok()),
        classes: args.class.clone(),
        attack: args.attack.iter().map(technique).collect::<Result<_, _>>()?,
        detections: args.detection.iter().map(detection).collect::<Result<_, _>>()?,
        services_too: args.scan.filter.include_service_principals,
    })
}
