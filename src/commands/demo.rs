//! The whole main job on a bundled sample: what happened, what was denied, a policy, a grant.

use std::io::Write;

use anstyle::Style;

use super::output;
use super::status::Status;
use crate::archive::{Archive, Source};
use crate::cli::Demo;
use crate::recommend::jit::{self, Terms, Window};
use crate::recommend::{Options, Thresholds, gaps};
use crate::report::{self, Report, View, render};
use crate::scan::{ScanOptions, scan};

/// A fortnight of one small team, made up.
const SAMPLE: &[u8] = include_bytes!("../../fixtures/orders-team/events.jsonl");

/// The principal whose policy is shown.
const SHOWN: &str = ":role/service/OrdersApp";

const HEAD: Style = Style::new().bold().underline();

pub(super) fn run(args: &Demo) -> anyhow::Result<Status> {
    let source = Source::Bytes { name: "orders-team/events.jsonl", bytes: SAMPLE };
    let archive = Archive { sources: vec![source], ..Archive::default() };
    let history = scan(&archive, &ScanOptions::default(), &());
    let mut out = output::stdout(args.color);
    let renderer = render::by_name("text").ok_or_else(|| anyhow::anyhow!("no text format"))?;

    writeln!(out, "{HEAD}1. What is in the archive{HEAD:#}   (trailwright scan)\n")?;
    renderer.render(&report::scan(&history, &Thresholds::default(), &View::default()), &mut out)?;

    writeln!(out, "\n{HEAD}2. What one workload really needs{HEAD:#}   (trailwright recommend --principal OrdersApp)")?;
    let mut recommended = report::recommend(&history, &Options::default(), false);
    if let Some(rows) = &mut recommended.recommendations {
        rows.retain(|row| row.principal.ends_with(SHOWN));
    }
    section(&recommended, renderer, &mut out)?;

    writeln!(out, "\n{HEAD}3. What it was denied, for one hour{HEAD:#}   (trailwright jit --principal OrdersApp)")?;
    // The end of the sample stands for now, so that the demo prints the same every time.
    if let Some((_, last)) = history.coverage.span {
        let window = Window { not_before: last, not_after: last.checked_add(jiff::SignedDuration::from_hours(1))? };
        let gaps = gaps(&history, &Thresholds::default());
        let grants = jit::elevations(&history, &gaps, &Terms::from(window));
        let mut granted = report::jit(&history, &grants, &[], last);
        if let Some(rows) = &mut granted.templates {
            rows.retain(|row| row.principal.ends_with(SHOWN));
        }
        section(&granted, renderer, &mut out)?;
    }
    writeln!(out, "\n{HEAD}Now yours{HEAD:#}\n\n  trailwright scan path/to/AWSLogs")?;
    Ok(Status::Done)
}

/// A report without its heading about coverage.
fn section(report: &Report, renderer: &dyn render::Renderer, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut text = Vec::new();
    renderer.render(report, &mut text)?;
    let start = memchr::memmem::find(&text, b"\n\n").map_or(0, |at| at + 1);
    out.write_all(text.get(start..).unwrap_or_default())?;
    Ok(())
}
