//! Whatever a log holds, every format holds it.

use jiff::SignedDuration;
use trailwright::aggregate::History;
use trailwright::recommend::jit::{self, Terms, Window};
use trailwright::recommend::{Options, Thresholds, gaps};
use trailwright::report::{self, Answer, FindingView, Report, View, render};

use crate::support::{root, scan_paths};

/// Every report there is, in the order of [`Answer::ALL`].
fn reports(history: &History) -> [Report; 5] {
    let thresholds = Thresholds::default();
    let gaps = gaps(history, &thresholds);
    let view = View { services_too: true, ..View::default() };
    let (not_before, _) = history.coverage.span.unwrap();
    let window = Window { not_before, not_after: not_before + SignedDuration::from_hours(1) };
    [
        report::scan(history, &thresholds, &view),
        report::denied(history, &gaps, &view),
        report::privileged(history, &FindingView { services_too: true, ..FindingView::default() }),
        report::recommend(history, &Options::default(), true),
        report::jit(history, &jit::elevations(history, &gaps, &Terms::from(window)), jit::ALL, not_before),
    ]
}

#[test]
fn every_row_has_the_columns_of_its_section_and_no_type_of_its_own() {
    let (mut rows, mut answers) = (0, 0);
    for report in reports(&scan_paths(&[root("fixtures")])) {
        answers += usize::from(report.answer().is_some());
        for section in report.sections() {
            let columns = section.columns().unwrap();
            assert!(!columns.contains(&"type".to_owned()), "jsonl tells lines apart by it");
            for row in section.rows {
                let fields: Vec<String> = row.fields().unwrap().into_iter().map(|(name, _)| name).collect();
                assert_eq!(fields, columns, "{}", section.name);
                rows += 1;
            }
        }
    }
    assert!(rows > 300, "only {rows} rows");
    assert_eq!(answers, 4, "all but the overview are one table");
}

#[test]
fn every_format_writes_every_report_it_has_room_for() {
    for (answer, report) in Answer::ALL.into_iter().zip(reports(&scan_paths(&[root("fixtures")]))) {
        assert!(report.schema.contains(answer.command()), "{}", report.schema);
        for renderer in render::ALL {
            let mut out = Vec::new();
            let written = renderer.render(&report, &mut out);
            assert_eq!(written.is_ok(), renderer.holds(answer), "{} {answer:?}", renderer.name());
            assert!(written.is_err() || out.ends_with(b"\n"), "{}", renderer.name());
        }
    }
}
