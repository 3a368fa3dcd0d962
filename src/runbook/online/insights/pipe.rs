//! A step as commands.

use super::ask::{Asking, denied};
use super::field::{Commands, Spot, Values, field};
use super::quote::{alias, text};
use crate::runbook::model::{Kind, Step};
use crate::runbook::online::asked::Asked;
use crate::runbook::online::clause::{self, Clause, fields};
use crate::runbook::online::notes::Notes;
use crate::runbook::online::speech::conjuncts;
use crate::runbook::online::suspects::Suspects;
use crate::runbook::online::table::{self, Measure, Of, Table, instead};
use crate::runbook::tables::{DEFAULT_FIELDS, Selected, What};

/// Commands, and what columns they give.
pub(super) struct Pipe {
    commands: Commands,
    columns: Vec<(String, Spot)>,
    /// How often something was counted: twice is the most.
    counted: usize,
    /// What sorts and cuts off, which only makes sense at the end.
    ends: Vec<String>,
}

impl Pipe {
    pub(super) fn written(&self) -> String {
        let all: Vec<&str> = self.commands.iter().chain(&self.ends).map(String::as_str).collect();
        all.join("\n| ")
    }

    fn filter(&mut self, clause: Option<&Clause>, notes: &mut Notes) -> bool {
        let has_records = self.counted == 0;
        let (said, left_out) = conjuncts(&mut Asking { columns: &self.columns, has_records, notes }, clause);
        self.commands.extend(said.into_iter().map(|said| format!("filter {said}")));
        left_out
    }

    fn spot(&self, column: &str) -> Option<&Spot> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, spot)| spot)
    }
}

/// A step as commands, or why it is none.
pub(super) fn of(step: &Step, asked: &Asked<'_>, notes: &mut Notes) -> Result<Pipe, String> {
    if matches!(step.kind, Kind::Condition | Kind::Grant | Kind::Audit) {
        return Err("Its rows are worked out offline".to_owned());
    }
    let clause = clause::of(step.condition.as_ref(), step.except.as_ref(), asked);
    let having = clause::of(step.having.as_ref(), None, asked);
    let mut pipe = begin(step, clause.as_ref(), having.as_ref(), asked, notes)?;
    let mut is_wider = pipe.filter(clause.as_ref(), notes);
    let shown = table::shown(step).unwrap_or_else(|| {
        let own = |name: &str| Selected { what: What::Field(name.to_owned()), name: name.to_owned() };
        match step.from.as_deref() {
            Some("events") => DEFAULT_FIELDS.iter().map(|name| own(name)).collect(),
            _ => pipe.columns.iter().map(|(name, _)| own(name)).collect(),
        }
    });
    let before = pipe.columns.clone();
    if step.group_by.is_empty() {
        show(&mut pipe, &shown, notes)?;
        // What is not shown can still be sorted by.
        sort(&mut pipe, step, &before, notes);
    } else {
        count(&mut pipe, step, &shown, having.as_ref(), notes)?;
        is_wider |= pipe.filter(having.as_ref(), notes);
        sort(&mut pipe, step, &[], notes);
    }
    cut(&mut pipe, step, is_wider, notes);
    Ok(pipe)
}

/// What stands before what the step itself asks.
fn begin(
    step: &Step,
    clause: Option<&Clause>,
    having: Option<&Clause>,
    asked: &Asked<'_>,
    notes: &mut Notes,
) -> Result<Pipe, String> {
    let from = step.from.as_deref().unwrap_or_default();
    let names: Vec<Selected> = step
        .select
        .iter()
        .chain(&step.group_by)
        .chain(&step.order_by)
        .map(|name| Selected::parse(name.trim_start_matches('-')))
        .collect();
    let mut wanted: Vec<&str> = fields(clause).chain(fields(having)).collect();
    wanted.extend(names.iter().map(|name| name.what.field()));
    if from == "events" {
        if step.select.is_empty() && step.group_by.is_empty() {
            wanted.extend(DEFAULT_FIELDS);
        }
        let mut pipe =
            Pipe { commands: vec!["fields @timestamp".to_owned()], columns: Vec::new(), counted: 0, ends: Vec::new() };
        for name in wanted {
            if pipe.spot(name).is_none()
                && let Some(spot) = field(name, &mut pipe.commands)
            {
                pipe.columns.push((name.to_owned(), spot));
            }
        }
        return Ok(pipe);
    }
    if let Some(table) = table::by_name(from) {
        let suspects = if from == "findings" { Suspects::of(clause)? } else { Suspects::default() };
        if from == "findings" {
            suspects.remark(notes);
        }
        wanted.extend(table.shown.iter().filter(|_| step.select.is_empty()));
        wanted.extend(["count", "events", "first", "last"].iter().filter(|_| !step.group_by.is_empty()));
        return Ok(counted(table, &wanted, &suspects));
    }
    let earlier = asked.step_before(from, step).ok_or_else(|| format!("It asks {from}, which is no query here"))?;
    // What there is to say of it is said where it stands itself.
    let mut pipe = of(earlier, asked, &mut Notes::default())
        .map_err(|_| format!("It asks {from}, which is no query here: run that offline"))?;
    pipe.ends.clear();
    Ok(pipe)
}

/// A table of the runbook.
fn counted(table: &Table, wanted: &[&str], suspects: &Suspects) -> Pipe {
    let mut pipe =
        Pipe { commands: vec!["fields @timestamp".to_owned()], columns: Vec::new(), counted: 1, ends: Vec::new() };
    match table.of {
        Of::All => {}
        Of::Denied => pipe.commands.push(format!("filter {}", denied("errorCode"))),
        Of::Sessions => {
            pipe.commands.push("filter ispresent(userIdentity.sessionContext.attributes.creationDate)".to_owned());
        }
        Of::Suspects => {
            let of = suspects.calls.iter().filter_map(|(source, names)| {
                let names: Vec<_> = names.iter().filter_map(|name| text(name)).collect();
                Some(format!("(eventSource = {} and eventName in [{}])", text(source)?, names.join(", ")))
            });
            pipe.commands.push(format!("filter {}", of.collect::<Vec<_>>().join(" or ")));
        }
    }
    let more = table.more.iter().filter(|(column, _)| wanted.contains(column));
    for (column, of) in table.grain.iter().chain(more) {
        if let Some(spot) = field(of, &mut pipe.commands) {
            // Whether it stands anywhere in the record cannot be asked any more.
            pipe.columns.push(((*column).to_owned(), spot));
        }
    }
    let by: Vec<String> = pipe.columns.iter().map(|(_, spot)| spot.name.clone()).collect();
    let mut measures = Vec::new();
    for (column, measure) in table.measures.iter().filter(|(column, _)| wanted.contains(column) || *column == "count") {
        let (said, values) = match measure {
            Measure::Count => ("count(*)".to_owned(), Values::Number),
            Measure::Days => ("count_distinct(datefloor(@timestamp, 1d))".to_owned(), Values::Number),
            Measure::First => ("min(@timestamp)".to_owned(), Values::Time),
            Measure::Last => ("max(@timestamp)".to_owned(), Values::Time),
            Measure::Distinct(of) => match field(of, &mut pipe.commands) {
                Some(spot) => (format!("count_distinct({})", spot.name), Values::Number),
                None => continue,
            },
            // What is counted only where something holds, and lists, are not known here.
            Measure::Denied | Measure::List(_) => continue,
        };
        measures.push(format!("{said} as {column}"));
        pipe.columns.push(((*column).to_owned(), Spot::new(*column, values)));
    }
    if measures.is_empty() {
        measures.push("count(*) as events".to_owned());
    }
    pipe.commands.push(format!("stats {} by {}", measures.join(", "), by.join(", ")));
    pipe
}

/// Rows one by one, by what is shown of them.
fn show(pipe: &mut Pipe, shown: &[Selected], notes: &mut Notes) -> Result<(), String> {
    let (mut names, mut columns) = (Vec::new(), Vec::new());
    for Selected { what, name } in shown {
        match pipe.spot(what.field()) {
            Some(spot) => {
                named_otherwise(what.field(), spot, notes);
                names.push(spot.name.clone());
                columns.push((name.clone(), spot.clone()));
            }
            None => notes.add(format!("Not shown: {what}; {}.", instead(what.field()))),
        }
    }
    if names.is_empty() {
        return Err("None of what it shows can be said here; run the runbook offline".to_owned());
    }
    // Only the last one counts.
    pipe.commands.retain(|command| !command.starts_with("display "));
    pipe.commands.push(format!("display {}", names.join(", ")));
    pipe.columns = columns;
    Ok(())
}

/// Says under which name something is shown, where that is another.
fn named_otherwise(column: &str, spot: &Spot, notes: &mut Notes) {
    match spot.values {
        Values::Codes => notes.add("outcome is shown as the errorCode; where there is none, the call succeeded."),
        Values::Callers => notes.add("The kind of a principal is shown in CloudTrail's words."),
        Values::Phrases => notes.add(format!("{column} is shown in the words of the message.")),
        Values::Anywhere => {
            notes.add(format!("Of {column} only the first is shown, and the whole record is searched."))
        }
        Values::ReadOnly => {
            notes.add("access_level is told here from readOnly, which knows reading from writing and no more.")
        }
        _ => {}
    }
}

/// Rows put together.
fn count(
    pipe: &mut Pipe,
    step: &Step,
    shown: &[Selected],
    having: Option<&Clause>,
    notes: &mut Notes,
) -> Result<(), String> {
    if pipe.counted == 2 {
        return Err("Its rows would have to be counted a third time, which this engine does not do".to_owned());
    }
    let mut columns = Vec::new();
    for group in &step.group_by {
        match pipe.spot(group) {
            Some(spot) => {
                named_otherwise(group, spot, notes);
                columns.push((group.clone(), spot.clone()));
            }
            None => notes.add(format!("Not grouped by {group}; {}.", instead(group))),
        }
    }
    let by: Vec<String> = columns.iter().map(|(_, spot)| spot.name.clone()).collect();
    if by.is_empty() {
        return Err("What it is grouped by cannot be said here; run the runbook offline".to_owned());
    }
    let asked: Vec<Selected> =
        fields(having).chain(step.order_by.iter().map(|by| by.trim_start_matches('-'))).map(Selected::parse).collect();
    let mut measures = Vec::new();
    for Selected { what, name } in shown.iter().chain(&asked) {
        if columns.iter().any(|(known, _)| known == name) {
            continue;
        }
        // Under another name it is the same.
        if let Some((_, spot)) = columns.iter().find(|(known, _)| *known == what.to_string()).cloned() {
            columns.push((name.clone(), spot));
            continue;
        }
        let Some((said, values)) = measured(pipe, what) else {
            notes.add(format!("Not shown: {what}; look at the rows before they are counted."));
            continue;
        };
        measures.push(format!("{said} as {}", alias(name)));
        columns.push((name.clone(), Spot::new(alias(name), values)));
    }
    if measures.is_empty() {
        measures.push("count(*) as count".to_owned());
    }
    pipe.commands.retain(|command| !command.starts_with("display "));
    pipe.commands.push(format!("stats {} by {}", measures.join(", "), by.join(", ")));
    pipe.columns = columns;
    pipe.counted += 1;
    Ok(())
}

fn measured(pipe: &Pipe, what: &What) -> Option<(String, Values)> {
    let has_records = pipe.counted == 0;
    let spot = pipe.spot(what.field());
    match what {
        What::Distinct(_) => Some((format!("count_distinct({})", spot?.name), Values::Number)),
        What::Top(_) => None,
        What::Field(field) => match (field.as_str(), has_records) {
            ("rows", _) | ("count", true) => Some(("count(*)".to_owned(), Values::Number)),
            ("count", false) => {
                let counted = ["count", "events"].iter().find_map(|name| pipe.spot(name));
                let said = counted.map_or_else(|| "count(*)".to_owned(), |of| format!("sum({})", of.name));
                Some((said, Values::Number))
            }
            ("first", true) => Some(("min(@timestamp)".to_owned(), Values::Time)),
            ("last", true) => Some(("max(@timestamp)".to_owned(), Values::Time)),
            ("first", false) => Some((format!("min({})", spot?.name), Values::Time)),
            ("last", false) => Some((format!("max({})", spot?.name), Values::Time)),
            _ => None,
        },
    }
}

fn sort(pipe: &mut Pipe, step: &Step, before: &[(String, Spot)], notes: &mut Notes) {
    let mut by = Vec::new();
    for wanted in &step.order_by {
        let column = wanted.trim_start_matches('-');
        let hidden = before.iter().find(|(name, _)| name == column).map(|(_, spot)| spot);
        match pipe.spot(column).or(hidden) {
            Some(spot) => by.push(format!("{} {}", spot.name, if wanted.starts_with('-') { "desc" } else { "asc" })),
            None => notes.add(format!("Not sorted by {column}, which is not among what can be said.")),
        }
    }
    if !by.is_empty() {
        pipe.ends.push(format!("sort {}", by.join(", ")));
    }
}

fn cut(pipe: &mut Pipe, step: &Step, is_wider: bool, notes: &mut Notes) {
    match step.limit {
        Some(limit) if !is_wider => pipe.ends.push(format!("limit {}", limit.clamp(1, 10_000))),
        Some(limit) => notes
            .add(format!("The limit of {limit} is not set, since rows are among these that do not belong to them.")),
        None => {}
    }
}
