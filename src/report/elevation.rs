//! What should be standing and what eligible, as rows.

use super::build::time;

use super::rows::ElevationRow;
use crate::recommend::split::{Class, Placed, Split, What};

/// The rows of each principal after those of the one before; eligible actions first, as they are what is to be decided.
pub fn elevation(splits: &[Split<'_>], services_too: bool) -> Vec<ElevationRow> {
    let shown = splits.iter().filter(|split| services_too || !split.principal.kind.is_service());
    shown.flat_map(rows).collect()
}

fn rows(split: &Split<'_>) -> Vec<ElevationRow> {
    let of = |class| split.actions.iter().filter(move |placed| placed.class == class);
    if let Some(why) = split.left_out {
        let reasons = vec![format!("left out: {why}")];
        return vec![ElevationRow { class: Class::Neither.as_str(), reasons, ..head(split) }];
    }
    [Class::Eligible, Class::Standing, Class::Neither]
        .into_iter()
        .flat_map(of)
        .map(|placed| row(split, placed))
        .collect()
}

fn head(split: &Split<'_>) -> ElevationRow {
    ElevationRow {
        principal: split.principal.name.clone(),
        name: split.principal.short_name().to_owned(),
        kind: split.principal.kind.as_str(),
        account: split.principal.account.clone(),
        used_by: split.used_by.as_str(),
        active_days: split.active.len(),
        active_weeks: split.active.weeks(),
        ..ElevationRow::default()
    }
}

fn row(split: &Split<'_>, placed: &Placed<'_>) -> ElevationRow {
    let (action, call) = match placed.what {
        What::Action(action) => (Some(action.to_string()), None),
        What::Call(source, name) => (None, Some((source.to_owned(), name.to_owned()))),
    };
    let (event_source, event_name) = call.unzip();
    ElevationRow {
        action,
        event_source,
        event_name,
        outcome: if placed.denied { "denied" } else { "used" },
        class: placed.class.as_str(),
        reasons: placed.reasons.clone(),
        privileged: placed.privileges.iter().map(|class| class.as_str()).collect(),
        made_by: placed.used_by.as_str(),
        count: placed.count,
        days: placed.days.len(),
        weeks: placed.days.weeks(),
        last: time(placed.last),
        resources: placed.resources,
        gaps: placed.gaps.iter().map(|gap| gap.id()).collect(),
        ..head(split)
    }
}
