//! What whoever approves a grant is told of it.

use trailwright::aggregate::History;
use trailwright::recommend::jit::{self, Terms, Window};
use trailwright::recommend::{Thresholds, gaps};
use trailwright::report::{self, TemplateRow};

use crate::support::{root, scan_paths};

/// The pages for all grants of a story.
fn pages(story: &str) -> Vec<TemplateRow> {
    let history: History = scan_paths(&[root("fixtures").join(story)]);
    let found = gaps(&history, &Thresholds::default());
    let window = Window {
        not_before: "2026-03-01T09:00:00Z".parse().unwrap(),
        not_after: "2026-03-01T10:00:00Z".parse().unwrap(),
    };
    let grants = jit::elevations(&history, &found, &Terms::from(window));
    let target = jit::by_name("request").unwrap();
    report::jit(&history, &grants, &[target], window.not_before).templates.unwrap()
}

#[test]
fn a_name_that_no_policy_can_hold_is_told_to_be_wider_than_what_was_denied() {
    const WHY: &str = "? stands for each and fits others too";
    let pages = pages("ugly-records");
    let page = pages.iter().find(|row| row.principal.contains("OrdersApp")).unwrap();
    assert!(page.resources.contains(&"arn:aws:s3:::orders-invoices/??/?.pdf".to_owned()), "{:?}", page.resources);
    assert!(page.reasons.iter().any(|reason| reason.contains(WHY)), "{:?}", page.reasons);
    let reach = page.text.lines().find(|line| line.contains("wildcard: ")).unwrap();
    assert!(reach.contains(WHY) && !reach.contains("as the log has it"), "{reach}");
    let others = self::pages("orders-team");
    assert!(!others.is_empty());
    for page in others {
        assert!(!page.reasons.iter().any(|reason| reason.contains(WHY)), "{:?}", page.reasons);
    }
}

#[test]
fn the_audit_of_a_grant_leaves_out_neither_chained_sessions_nor_what_came_before() {
    for page in pages("orders-team") {
        let audit = page.text.lines().find(|line| line.contains("trailwright audit")).unwrap();
        assert!(audit.contains("--grant GRANT"), "{audit}");
        assert!(!audit.contains("--principal") && !audit.contains("--from"), "{audit}");
    }
}
