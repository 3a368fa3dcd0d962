//! Runbooks for those who ask online: each query step in the language of an engine that holds CloudTrail's records, and
//! in words what no such engine can say. What a query leaves out makes it find more, never less.
//!
//! A step comes in with what the runbook was told ([`Asked`]), a text goes out. `clause` reads conditions into a tree, with
//! inputs filled in; an [`Engine`] writes them down. One file or folder per engine; [`ALL`] is the only list. Every
//! word of a runbook becomes a word of a query in one place per language, which quotes it.

mod asked;
mod athena;
mod clause;
mod insights;
mod lake;
mod moment;
mod notes;
mod show;
mod speech;
mod sql;
mod suspects;
mod table;
#[cfg(test)]
mod tests;

use crate::condition::Member;
use crate::runbook::model::Step;

pub use asked::Asked;
use notes::Notes;
pub use show::show;
use sql::{Dialect, Kind, Place};

/// An engine that is asked about CloudTrail's records.
pub trait Engine: Sync {
    /// The word users type.
    fn name(&self) -> &'static str;
    /// One line for `--help`.
    fn about(&self) -> &'static str;
    /// What holds for all of its queries.
    fn remarks(&self) -> &'static [&'static str];
    /// How a comment begins.
    fn comment(&self) -> &'static str;
    /// A step that asks something.
    fn query(&self, step: &Step, asked: &Asked<'_>) -> Written;
    /// What was done in the window of one grant.
    fn window(&self) -> String;
}

/// A step in the language of an engine.
pub struct Written {
    /// The query; none where the engine cannot say it.
    pub query: Option<String>,
    notes: Notes,
}

/// Every engine.
pub const ALL: &[&dyn Engine] = &[&athena::Athena, &lake::Lake, &insights::LogsInsights];

/// The engine of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Engine> {
    ALL.iter().copied().find(|engine| engine.name() == name)
}

/// What values of a member are in a table that has a column for it.
fn kind(member: Member) -> Kind {
    match member {
        Member::EventTime => Kind::Time,
        Member::EventSource
        | Member::EventName
        | Member::AwsRegion
        | Member::ErrorCode
        | Member::EventType
        | Member::EventCategory
        | Member::RecipientAccountId
        | Member::VpcEndpointId => Kind::Closed,
        Member::UserIdentity | Member::Resources => Kind::Object,
        _ => Kind::Text,
    }
}

/// A part of `userIdentity`, of those that a table has.
fn identity(dialect: &dyn Dialect, known: &[&str], steps: &[&str]) -> Option<Place> {
    let way = steps.join(".");
    if way.is_empty() {
        return Some(Place::new(dialect.spelled("userIdentity"), Kind::Object));
    }
    let name = known.iter().find(|name| name.eq_ignore_ascii_case(&way))?;
    let has_parts = known.iter().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
    let kind = match *name {
        _ if has_parts => Kind::Object,
        "type" | "accountId" | "accessKeyId" => Kind::Closed,
        "sessionContext.attributes.creationDate" => Kind::Time,
        _ => Kind::Text,
    };
    Some(Place::new(dialect.spelled(&format!("userIdentity.{name}")), kind))
}

/// A part of what a record lists as its resources.
fn resources(list: &str, steps: &[&str], spelled: impl Fn(&str) -> String) -> Option<Place> {
    let [step] = steps else {
        return steps.is_empty().then(|| Place::new(list, Kind::Object));
    };
    let name = ["ARN", "accountId", "type"].into_iter().find(|name| name.eq_ignore_ascii_case(step))?;
    let inside = Place::text(format!("it.{}", spelled(name)));
    Some(Place::new(list, Kind::List("it".to_owned(), Box::new(inside))))
}
