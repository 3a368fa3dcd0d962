//! A report as sections of rows, whatever they hold, for formats that treat all rows alike.

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::{Error, Map, Value};

use super::rows::*;

/// A row as formats see it that know none in particular.
pub trait Row {
    /// Its fields by name, in their order.
    fn fields(&self) -> Result<Map<String, Value>, Error>;
    /// All of it as a JSON object on one line.
    fn json(&self) -> Result<String, Error>;
}

impl<T: Serialize> Row for T {
    fn fields(&self) -> Result<Map<String, Value>, Error> {
        match serde_json::to_value(self)? {
            Value::Object(fields) => Ok(fields),
            _ => Err(Error::custom("a row has fields")),
        }
    }

    fn json(&self) -> Result<String, Error> {
        serde_json::to_string(self)
    }
}

/// Rows of one type.
pub struct Section<'r> {
    /// Their key in the JSON object.
    pub name: &'static str,
    /// As they are sorted.
    pub rows: Vec<&'r dyn Row>,
    /// A row without content: it has the fields of all others.
    blank: Box<dyn Row>,
}

impl<'r> Section<'r> {
    fn of<T: Serialize + Default + 'static>(name: &'static str, rows: Option<&'r [T]>) -> Option<Self> {
        let rows = rows?.iter().map(|row| row as &dyn Row).collect();
        Some(Self { name, rows, blank: Box::new(T::default()) })
    }

    /// Rows whose fields are known only now.
    fn table(name: &'static str, table: &'r EventTable) -> Self {
        let blank = table.columns.iter().map(|column| (column.clone(), Value::Null)).collect();
        let rows = table.rows.iter().map(|row| row as &dyn Row).collect();
        Self { name, rows, blank: Box::new(EventRow(blank)) }
    }

    /// The names of the fields of every row, also where there is no row.
    pub fn columns(&self) -> Result<Vec<String>, Error> {
        Ok(self.blank.fields()?.into_iter().map(|(name, _)| name).collect())
    }
}

/// What a command answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Several sections of equal weight.
    Overview,
    /// Permission gaps.
    Gaps,
    /// Findings.
    Findings,
    /// Policies.
    Policies,
    /// Grants in time.
    Grants,
    /// What policies would change.
    Replay,
    /// What was done with grants.
    Audit,
    /// Events that were looked for.
    Events,
}

impl Answer {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Gaps,
        Self::Findings,
        Self::Policies,
        Self::Grants,
        Self::Replay,
        Self::Audit,
        Self::Events,
    ];

    /// The command that answers so.
    pub fn command(self) -> &'static str {
        match self {
            Self::Overview => "scan",
            Self::Gaps => "denied",
            Self::Findings => "privileged",
            Self::Policies => "recommend",
            Self::Grants => "jit",
            Self::Replay => "replay",
            Self::Audit => "audit",
            Self::Events => "events",
        }
    }

    /// In plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "several tables",
            Self::Gaps => "permission gaps",
            Self::Findings => "findings",
            Self::Policies => "policies",
            Self::Grants => "grants",
            Self::Replay => "changes by policies",
            Self::Audit => "findings about grants",
            Self::Events => "events",
        }
    }
}

/// Sections that answer by themselves. Others tell more about them, or make an overview together.
const ANSWERS: &[&str] = &["denied", "findings", "recommendations", "actions", "templates", "replay", "events"];

/// Sections that answer where there is none of the others: `jit` leaves out its templates where only these are wanted.
const ANSWERS_ALONE: &[&str] = &["elevation"];

impl Report {
    /// Every section of this report, as ordered in the JSON object.
    pub fn sections(&self) -> Vec<Section<'_>> {
        let Self {
            schema: _,
            tool: _,
            coverage: _,
            audit,
            principals,
            layers,
            kept_apart,
            groups,
            explained: _,
            denied,
            not_judged,
            findings,
            findings_left: _,
            privileged_calls,
            recommendations,
            differences,
            actions,
            unread,
            elevation,
            templates,
            grants,
            problems,
            changes,
            replay,
            search,
            events,
            unmapped,
        } = self;
        let sections = [
            Section::of("audit", audit.as_ref().map(std::slice::from_ref)),
            Section::of("principals", principals.as_deref()),
            Section::of("layers", layers.as_deref()),
            Section::of("kept_apart", kept_apart.as_ref().map(std::slice::from_ref)),
            Section::of("groups", groups.as_deref()),
            Section::of("denied", denied.as_deref()),
            Section::of("not_judged", not_judged.as_ref().map(std::slice::from_ref)),
            Section::of("findings", findings.as_deref()),
            Section::of("privileged_calls", privileged_calls.as_deref()),
            Section::of("recommendations", recommendations.as_deref()),
            Section::of("differences", differences.as_deref()),
            Section::of("actions", actions.as_deref()),
            Section::of("unread", unread.as_deref()),
            Section::of("elevation", elevation.as_deref()),
            Section::of("templates", templates.as_deref()),
            Section::of("grants", grants.as_deref()),
            Section::of("problems", problems.as_deref()),
            Section::of("changes", changes.as_deref()),
            Section::of("replay", replay.as_deref()),
            Section::of("search", search.as_ref().map(std::slice::from_ref)),
            events.as_ref().map(|events| Section::table("events", events)),
            Section::of("unmapped", unmapped.as_deref()),
        ];
        sections.into_iter().flatten().collect()
    }

    /// The section that is the answer; an overview has several of equal weight, and none that is.
    pub fn answer(&self) -> Option<Section<'_>> {
        let mut answers = self.sections().into_iter().filter(|section| ANSWERS.contains(&section.name));
        let Some(answer) = answers.next() else {
            return self.sections().into_iter().find(|section| ANSWERS_ALONE.contains(&section.name));
        };
        answers.next().is_none().then_some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_those_of_the_json_object() {
        let report = Report {
            audit: Some(AuditRow::default()),
            principals: Some(Vec::new()),
            layers: Some(Vec::new()),
            kept_apart: Some(KeptApartRow::default()),
            groups: Some(Vec::new()),
            denied: Some(Vec::new()),
            not_judged: Some(NotJudgedRow::default()),
            findings: Some(Vec::new()),
            privileged_calls: Some(Vec::new()),
            recommendations: Some(Vec::new()),
            differences: Some(Vec::new()),
            actions: Some(Vec::new()),
            unread: Some(Vec::new()),
            elevation: Some(Vec::new()),
            templates: Some(Vec::new()),
            grants: Some(Vec::new()),
            problems: Some(Vec::new()),
            changes: Some(Vec::new()),
            replay: Some(Vec::new()),
            search: Some(SearchRow::default()),
            events: Some(EventTable::default()),
            unmapped: Some(Vec::new()),
            ..Report::default()
        };
        let object = report.fields().unwrap();
        let head = ["schema", "tool", "coverage"];
        let keys: Vec<&str> = object.keys().map(String::as_str).filter(|key| !head.contains(key)).collect();
        let names: Vec<&str> = report.sections().iter().map(|section| section.name).collect();
        assert_eq!(names, keys);
        assert!(ANSWERS.iter().chain(ANSWERS_ALONE).all(|name| names.contains(name)));
    }

    #[test]
    fn an_overview_has_no_single_answer() {
        let denied = Report { denied: Some(Vec::new()), unmapped: Some(Vec::new()), ..Report::default() };
        assert_eq!(denied.answer().map(|section| section.name), Some("denied"));
        let overview = Report { findings: Some(Vec::new()), ..denied };
        assert!(overview.answer().is_none());
        let split = Report { elevation: Some(Vec::new()), ..Report::default() };
        assert_eq!(split.answer().map(|section| section.name), Some("elevation"));
        let grants = Report { templates: Some(Vec::new()), ..split };
        assert_eq!(grants.answer().map(|section| section.name), Some("templates"));
    }
}
