//! Grants that hold at the same time.

use std::collections::HashMap;
use std::sync::Arc;

use super::cells::quoted;
use super::{Grant, Problem};

/// Grants of the same person, subject and account that hold at the same time, with the places of their files. Each is
/// told once, beside the one before it that ends last. Takes them sorted by their start.
pub(super) fn problems(grants: &[(usize, Grant)]) -> Vec<(usize, Problem)> {
    let mut last = HashMap::new();
    let mut problems = Vec::new();
    for (place, grant) in grants.iter().filter(|(_, grant)| grant.not_before < grant.ends()) {
        let whose = (&grant.person, &grant.subject, &grant.account);
        let before = last.entry(whose).or_insert(grant);
        if before.ends() > grant.not_before && !std::ptr::eq(*before, grant) {
            let what = format!(
                "{} overlaps with {} of {}:{}: the same person, principal and account at the same time",
                quoted(&grant.id),
                quoted(&before.id),
                before.file,
                before.line
            );
            let file = Arc::clone(&grant.file);
            problems.push((*place, Problem { file, line: grant.line, is_fatal: false, what }));
        }
        if grant.ends() > before.ends() {
            *before = grant;
        }
    }
    problems
}
