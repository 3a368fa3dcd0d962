//! Which actions on which resources a grant allows.

use std::collections::HashMap;

use super::cells::{Cells, quoted};
use super::row::Column;
use crate::catalog;
use crate::condition::did_you_mean;
use crate::iam::{Arn, has_wildcard};

/// Patterns of actions that were looked up, with what is to be told of each.
#[derive(Default)]
pub(super) struct Actions(HashMap<String, Option<Told>>);

/// Whether it is fatal, and what it is.
type Told = (bool, String);

/// Longer than any that AWS has.
const LONGEST: usize = 128;
/// So many unknown actions are told with what may be meant: finding that takes a while.
const HINTS: usize = 1000;

/// The actions.
pub(super) fn actions(cells: &mut Cells<'_>, known: &mut Actions) -> Vec<String> {
    let patterns = cells.list(Column::Actions);
    for pattern in &patterns {
        if !known.0.contains_key(&**pattern) {
            let told = look(pattern, known.0.len() < HINTS);
            known.0.insert(pattern.to_string(), told);
        }
        if let Some(Some((is_fatal, what))) = known.0.get(&**pattern) {
            cells.told.push((*is_fatal, what.clone()));
        }
    }
    patterns.into_iter().map(Into::into).collect()
}

fn look(pattern: &str, with_hint: bool) -> Option<Told> {
    let shown = quoted(pattern);
    if pattern == "*" {
        let what = "`actions` has `*`, so everything counts as granted; list what was";
        return Some((false, what.to_owned()));
    }
    let Some((prefix, name)) = pattern.split_once(':').filter(|(prefix, name)| is_action(prefix, name)) else {
        let what = format!("{shown} in `actions` is no action; one looks like `s3:GetObject` or `s3:Get*`");
        return Some((true, what));
    };
    let Some(service) = catalog::service(&prefix.to_ascii_lowercase()) else {
        let prefixes = catalog::services().map(|service| service.prefix).filter(|_| with_hint);
        let hint = did_you_mean(&prefix.to_ascii_lowercase(), prefixes);
        return Some((false, format!("{shown} in `actions` is of no service that AWS documents{hint}")));
    };
    if !catalog::matching(pattern).is_empty() {
        return None;
    }
    let hint = if with_hint && !has_wildcard(name) {
        let mut names: Vec<_> = service.actions().map(|facts| facts.action.to_string()).collect();
        // In no order otherwise, and of two that are as near the last one is told.
        names.sort_unstable();
        did_you_mean(pattern, names.iter().map(String::as_str))
    } else {
        String::new()
    };
    Some((false, format!("{shown} in `actions` is no action that AWS documents{hint}")))
}

fn is_action(prefix: &str, name: &str) -> bool {
    let in_prefix = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let in_name = |c: char| c.is_ascii_alphanumeric() || "*?_-".contains(c);
    let is_short = prefix.len() + name.len() < LONGEST && !prefix.is_empty() && !name.is_empty();
    is_short && prefix.chars().all(in_prefix) && name.chars().all(in_name)
}

/// The resources.
pub(super) fn resources(cells: &mut Cells<'_>) -> Vec<String> {
    let patterns = cells.list(Column::Resources);
    for pattern in &patterns {
        // Source: IAM user guide, characters of a policy.
        if pattern.chars().any(|c| c > '\u{ff}' || c.is_control()) {
            let hint = "has a character that no policy may hold; write `?` for it";
            cells.fatal(format!("{} in `resources` {hint}", quoted(pattern)));
        } else if **pattern != *"*" && Arn::parse(pattern).is_err() {
            let hint = "is no ARN; one looks like `arn:aws:s3:::example-bucket/*`";
            cells.fatal(format!("{} in `resources` {hint}", quoted(pattern)));
        }
    }
    patterns.into_iter().map(Into::into).collect()
}
