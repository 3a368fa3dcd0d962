//! A step as a SELECT, over what stands before it.

use std::collections::{BTreeMap, BTreeSet};

use super::quote::name;
use super::{Dialect, Kind, Place, derived, source};
use crate::runbook::model::{Kind as StepKind, Step};
use crate::runbook::online::asked::Asked;
use crate::runbook::online::clause::{self, Clause, fields};
use crate::runbook::online::notes::Notes;
use crate::runbook::online::suspects::Suspects;
use crate::runbook::online::table::{self, Measure, instead};
use crate::runbook::tables::{DEFAULT_FIELDS, Selected, What};

/// A column of rows: its name, and where it stands.
pub(super) type Column = (String, Place);

/// What a step asks.
pub(super) enum Source {
    /// Records.
    Events,
    /// Rows with columns: a table, or an earlier step.
    Rows { from: String, columns: Vec<Column> },
}

impl Source {
    /// Where a field stands.
    pub(super) fn place(&self, dialect: &dyn Dialect, field: &str) -> Option<Place> {
        match self {
            Self::Events => derived::field(dialect, field),
            Self::Rows { columns, .. } => {
                columns.iter().find(|(name, _)| name == field).map(|(_, place)| place.clone())
            }
        }
    }
}

/// A step as SQL.
pub(super) struct Stage {
    sql: String,
    columns: Vec<Column>,
}

/// One statement: steps in their order, each once.
pub(super) struct Builder<'a> {
    pub(super) dialect: &'a dyn Dialect,
    asked: Asked<'a>,
    pub(super) notes: Notes,
    /// Earlier steps as they are needed, with their SQL.
    with: Vec<(String, String)>,
    /// Columns of earlier steps; nothing where a step is no SQL.
    made: BTreeMap<String, Option<Vec<Column>>>,
    /// The step in work, before which others have to stand.
    current: Option<Step>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, asked: Asked<'a>) -> Self {
        Self { dialect, asked, notes: Notes::default(), with: Vec::new(), made: BTreeMap::new(), current: None }
    }

    /// The statement that ends with a stage.
    pub(super) fn statement(&self, stage: &Stage) -> String {
        let with: Vec<_> = self.with.iter().map(|(id, sql)| format!("{} AS (\n{sql}\n)", name(id))).collect();
        if with.is_empty() { stage.sql.clone() } else { format!("WITH {}\n{}", with.join(",\n"), stage.sql) }
    }

    /// The columns of an earlier step, which then is a part of the statement.
    pub(super) fn earlier(&mut self, id: &str) -> Option<Vec<Column>> {
        if let Some(made) = self.made.get(id) {
            return made.clone();
        }
        let step = self.asked.step_before(id, self.current.as_ref()?)?;
        // What there is to say of it is said where it stands itself.
        let notes = std::mem::take(&mut self.notes);
        let stage = self.stage(step).ok();
        self.notes = notes;
        let columns = stage.map(|stage| {
            self.with.push((id.to_owned(), stage.sql));
            stage.columns
        });
        self.made.insert(id.to_owned(), columns.clone());
        columns
    }

    /// A step, or why it cannot be SQL.
    pub(super) fn stage(&mut self, step: &Step) -> Result<Stage, String> {
        let before = self.current.replace(step.clone());
        let stage = self.select(step);
        self.current = before;
        stage
    }

    fn select(&mut self, step: &Step) -> Result<Stage, String> {
        let clause = clause::of(step.condition.as_ref(), step.except.as_ref(), &self.asked);
        let having = clause::of(step.having.as_ref(), None, &self.asked);
        let source = self.source(step, clause.as_ref(), having.as_ref())?;
        let is_grouped = !step.group_by.is_empty();
        let shown = self.shown(step, &source);
        let mut columns = Vec::new();
        for Selected { what, name } in shown {
            match self.column(&what, step, &source) {
                Some(place) => columns.push((name, place)),
                None => self.notes.add(format!("Not shown: {what}; {}.", instead(what.field()))),
            }
        }
        if columns.is_empty() {
            return Err("None of what it shows can be said here; run the runbook offline".to_owned());
        }
        let (asked, mut is_wider) = self.conjuncts(clause.as_ref(), &source);
        let mut sql = format!("SELECT\n  {}\nFROM {}", selected(&columns), self.from(&source));
        sql.push_str(&all_of("WHERE", &asked));
        if is_grouped {
            let by = step.group_by.iter().filter_map(|field| self.grouped_by(field, &columns, &source));
            let by: Vec<_> = by.collect();
            if by.is_empty() {
                return Err("What it is grouped by cannot be said here; run the runbook offline".to_owned());
            }
            sql.push_str(&format!("\nGROUP BY {}", by.join(", ")));
            // Conditions on groups ask for what is counted, under the names it is shown by.
            let mut names = columns.clone();
            for field in fields(having.as_ref()) {
                let place = self.column(&Selected::parse(field).what, step, &source);
                names.extend(place.map(|place| (field.to_owned(), place)));
            }
            let groups = Source::Rows { from: String::new(), columns: names };
            let (asked, wider) = self.conjuncts(having.as_ref(), &groups);
            is_wider |= wider;
            sql.push_str(&all_of("HAVING", &asked));
        }
        sql.push_str(&self.ordered(step, &columns, &source));
        match step.limit {
            Some(limit) if !is_wider => sql.push_str(&format!("\nLIMIT {limit}")),
            Some(limit) => self.notes.add(format!(
                "The limit of {limit} is not set, since rows are among these that do not belong to them."
            )),
            None => {}
        }
        let columns = columns.into_iter().map(|(column, place)| {
            let own = Place::new(name(&column), place.kind_of_value());
            (column, own)
        });
        Ok(Stage { sql, columns: columns.collect() })
    }

    /// Where its rows come from, or why they cannot come from there.
    fn source(&mut self, step: &Step, clause: Option<&Clause>, having: Option<&Clause>) -> Result<Source, String> {
        let from = step.from.as_deref().unwrap_or_default();
        if matches!(step.kind, StepKind::Condition | StepKind::Grant | StepKind::Audit) {
            return Err("Its rows are worked out offline".to_owned());
        }
        if from == "events" {
            return Ok(Source::Events);
        }
        if let Some(table) = table::by_name(from) {
            let suspects = if from == "findings" { Suspects::of(clause)? } else { Suspects::default() };
            if from == "findings" {
                suspects.remark(&mut self.notes);
            }
            let mut asked_for: BTreeSet<&str> = fields(clause).chain(fields(having)).collect();
            let named = step.select.iter().chain(&step.group_by).chain(&step.order_by);
            let named: Vec<_> = named.map(|name| Selected::parse(name.trim_start_matches('-')).what).collect();
            asked_for.extend(named.iter().map(What::field));
            if step.select.is_empty() {
                asked_for.extend(table.shown);
            }
            if !step.group_by.is_empty() {
                asked_for.extend(["count", "events", "first", "last"]);
            }
            let (sql, columns) = source::select(self.dialect, table, &asked_for, &suspects);
            return Ok(Source::Rows { from: format!("(\n  {sql}\n) AS {}", name(table.name)), columns });
        }
        match self.earlier(from) {
            Some(columns) => Ok(Source::Rows { from: name(from), columns }),
            None => Err(format!("It asks {from}, which is no query here")),
        }
    }

    fn from(&self, source: &Source) -> String {
        match source {
            Source::Events => self.dialect.table().to_owned(),
            Source::Rows { from, .. } => from.clone(),
        }
    }

    /// The names of what it shows.
    fn shown(&self, step: &Step, source: &Source) -> Vec<Selected> {
        let own = |column: &str| Selected { what: What::Field(column.to_owned()), name: column.to_owned() };
        match (source, table::shown(step)) {
            (_, Some(shown)) => shown,
            (Source::Rows { columns, .. }, None) => columns.iter().map(|(name, _)| own(name)).collect(),
            (Source::Events, None) => DEFAULT_FIELDS.iter().map(|field| own(field)).collect(),
        }
    }

    /// A column that it shows, or asks of groups.
    fn column(&mut self, what: &What, step: &Step, source: &Source) -> Option<Place> {
        let place = source.place(self.dialect, what.field());
        if step.group_by.is_empty() {
            return place;
        }
        let number = |sql: String| Some(Place::new(sql, Kind::Number));
        let column = match what {
            What::Distinct(_) => return number(format!("count(DISTINCT {})", place?.value())),
            What::Top(_) => {
                let value = place?.value();
                self.notes.add(format!("{what} is reckoned roughly here."));
                return Some(Place::list(format!("map_keys(approx_most_frequent(5, {value}, 1000))")));
            }
            What::Field(column) => column.as_str(),
        };
        if step.group_by.iter().any(|by| by == column) {
            return place;
        }
        match (column, source) {
            ("rows", _) | ("count", Source::Events) => number("count(*)".to_owned()),
            // Rows stand for events, where they say for how many.
            ("count", _) => {
                let counted = ["count", "events"].iter().find_map(|name| source.place(self.dialect, name));
                number(counted.map_or_else(|| "count(*)".to_owned(), |of| format!("sum({})", of.sql)))
            }
            ("first", Source::Events) => source::measure(self.dialect, Measure::First),
            ("last", Source::Events) => source::measure(self.dialect, Measure::Last),
            ("first", _) => place.map(|place| Place::new(format!("min({})", place.sql), place.kind)),
            ("last", _) => place.map(|place| Place::new(format!("max({})", place.sql), place.kind)),
            _ => place.map(|place| Place::new(format!("arbitrary({})", place.value()), place.kind_of_value())),
        }
    }

    /// By its place among what is shown, or as it is.
    fn grouped_by(&self, field: &str, columns: &[Column], source: &Source) -> Option<String> {
        match columns.iter().position(|(name, _)| name == field) {
            Some(at) => Some((at + 1).to_string()),
            None => source.place(self.dialect, field).map(|place| place.value()),
        }
    }

    fn ordered(&mut self, step: &Step, columns: &[Column], source: &Source) -> String {
        let mut by = Vec::new();
        for wanted in &step.order_by {
            let column = wanted.trim_start_matches('-');
            let way = if wanted.starts_with('-') { " DESC" } else { "" };
            let is_shown = columns.iter().any(|(name, _)| name == column);
            let place = if is_shown {
                Some(name(column))
            } else {
                self.column(&Selected::parse(column).what, step, source).map(|place| place.value())
            };
            match place {
                Some(place) => by.push(format!("{place}{way}")),
                None => self.notes.add(format!("Not sorted by {column}, which is not among what can be said.")),
            }
        }
        if by.is_empty() { String::new() } else { format!("\nORDER BY {}", by.join(", ")) }
    }
}

fn selected(columns: &[Column]) -> String {
    let shown = columns.iter().map(|(column, place)| {
        let (value, own) = (place.value(), name(column));
        if value == own { own } else { format!("{value} AS {own}") }
    });
    shown.collect::<Vec<_>>().join(",\n  ")
}

fn all_of(word: &str, parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!("\n{word} {}", parts.join("\n  AND ")) }
}
