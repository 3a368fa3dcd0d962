//! A step as a SELECT, over what stands before it.

use std::collections::{BTreeMap, BTreeSet};

use super::quote::name;
use super::{Dialect, Kind, Place, derived, source};
use crate::runbook::model::{Kind as StepKind, Step};
use crate::runbook::online::asked::Asked;
use crate::runbook::online::clause::{self, Clause};
use crate::runbook::online::notes::Notes;
use crate::runbook::online::suspects::Suspects;
use crate::runbook::online::table::{self, EVENTS, Measure, instead};

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
            Self::Rows { columns, .. } => columns.iter().find(|(name, _)| name == field).map(|(_, place)| place.clone()),
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
    /// Tests that were left out so far.
    pub(super) left_out: usize,
    /// Earlier steps as they are needed, with their SQL.
    with: Vec<(String, String)>,
    /// Columns of earlier steps; nothing where a step is no SQL.
    made: BTreeMap<String, Option<Vec<Column>>>,
    /// The step in work, before which others have to stand.
    current: Option<Step>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, asked: Asked<'a>) -> Self {
        Self {
            dialect,
            asked,
            notes: Notes::default(),
            left_out: 0,
            with: Vec::new(),
            made: BTreeMap::new(),
            current: None,
        }
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
        let left_out = self.left_out;
        let stage = self.stage(step).ok();
        (self.notes, self.left_out) = (notes, left_out);
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
        for column in &shown {
            match self.column(column, step, &source) {
                Some(place) => columns.push((column.clone(), place)),
                None => self.notes.add(format!("Not shown: {column}; {}.", instead(inner(column)))),
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
            let mut names: Vec<Column> = Vec::new();
            for field in fields(having.as_ref()) {
                names.extend(self.column(field, step, &source).map(|place| (field.to_owned(), place)));
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
                self.notes.add(
                    "No engine judges here: these are the calls that rules ask about, and most of them are harmless. Run the runbook offline, or read their requests.",
                );
                if !suspects.unnamed.is_empty() {
                    self.notes.add(format!("Rules that name no calls are not among them: {}.", suspects.unnamed.join(", ")));
                }
            }
            let mut asked_for: BTreeSet<&str> = fields(clause).chain(fields(having)).collect();
            let named = step.select.iter().chain(&step.group_by).chain(&step.order_by);
            asked_for.extend(named.map(|name| inner(name.trim_start_matches('-'))));
            if step.select.is_empty() {
                asked_for.extend(table.shown);
            }
            if !step.group_by.is_empty() {
                asked_for.extend(["first", "last"]);
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
    fn shown(&self, step: &Step, source: &Source) -> Vec<String> {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        if !step.select.is_empty() {
            return step.select.clone();
        }
        if !step.group_by.is_empty() {
            let mut shown = step.group_by.clone();
            shown.extend(["count", "first", "last"].map(str::to_owned));
            return shown;
        }
        match (source, step.from.as_deref().and_then(table::by_name)) {
            (Source::Events, _) => texts(EVENTS),
            (_, Some(table)) => texts(table.shown),
            (Source::Rows { columns, .. }, None) => columns.iter().map(|(name, _)| name.clone()).collect(),
        }
    }

    /// A column that it shows, or asks of groups.
    fn column(&mut self, column: &str, step: &Step, source: &Source) -> Option<Place> {
        if step.group_by.is_empty() {
            return source.place(self.dialect, column);
        }
        let field = inner(column);
        if field != column {
            let value = source.place(self.dialect, field)?.value();
            if column.starts_with("distinct(") {
                return Some(Place::new(format!("count(DISTINCT {value})"), Kind::Number));
            }
            self.notes.add(format!("{column} is reckoned roughly here."));
            return Some(Place::list(format!("map_keys(approx_most_frequent(5, {value}, 1000))")));
        }
        if step.group_by.iter().any(|by| by == column) {
            return source.place(self.dialect, column);
        }
        let measure = match column {
            "count" => return Some(Place::new("count(*)", Kind::Number)),
            "first" => Measure::First,
            "last" => Measure::Last,
            _ => {
                let place = source.place(self.dialect, column)?;
                return Some(Place::new(format!("arbitrary({})", place.value()), place.kind_of_value()));
            }
        };
        match source {
            Source::Events => source::measure(self.dialect, measure),
            Source::Rows { .. } => {
                let place = source.place(self.dialect, column)?;
                let which = if measure == Measure::First { "min" } else { "max" };
                Some(Place::new(format!("{which}({})", place.sql), place.kind))
            }
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
            let place = if is_shown { Some(name(column)) } else { self.column(column, step, source).map(|p| p.value()) };
            match place {
                Some(place) => by.push(format!("{place}{way}")),
                None => self.notes.add(format!("Not sorted by {column}, which is not among what can be said.")),
            }
        }
        if by.is_empty() { String::new() } else { format!("\nORDER BY {}", by.join(", ")) }
    }
}

/// The field in `distinct(FIELD)` or `top(FIELD)`, or else the name itself.
fn inner(column: &str) -> &str {
    let inside = column.strip_prefix("distinct(").or_else(|| column.strip_prefix("top("));
    inside.and_then(|inside| inside.strip_suffix(')')).unwrap_or(column)
}

/// The fields a condition asks for.
fn fields(clause: Option<&Clause>) -> impl Iterator<Item = &str> {
    let mut found = Vec::new();
    let mut left: Vec<&Clause> = clause.into_iter().collect();
    while let Some(clause) = left.pop() {
        match clause {
            Clause::All(parts) | Clause::Any(parts) => left.extend(parts),
            Clause::Not(part) => left.push(part),
            Clause::Test(test) => found.extend(test.field.as_deref()),
            Clause::Unread(_) => {}
        }
    }
    found.into_iter()
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
