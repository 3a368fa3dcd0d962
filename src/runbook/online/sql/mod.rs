//! SQL as Trino speaks it, which is behind Athena and behind CloudTrail Lake. What differs between them is a [`Dialect`]:
//! how columns are called, how one looks into a request, how times are written. `place` is where a value stands, `derived`
//! what follows from a record, `ask` turns a condition into SQL, `source` makes the tables, `stage` a step of it all.

mod ask;
mod derived;
mod known;
mod place;
mod quote;
mod source;
mod stage;

use crate::condition::Member;
use crate::runbook::model::Step;

use super::asked::Asked;
use super::notes::Notes;
use stage::Builder;

pub(super) use derived::{KINDS, POLICIES};
pub(super) use place::{Kind, Place, path, through};
pub(super) use quote::text;

/// What differs between two engines that speak the same SQL.
pub(super) trait Dialect: Sync {
    /// What stands behind FROM.
    fn table(&self) -> &'static str;
    /// A column, or a member of one, by CloudTrail's name with dots.
    fn spelled(&self, name: &str) -> String;
    /// Where a field of a record stands. Nothing where the table has no column for it.
    fn recorded(&self, member: Member, steps: &[Box<str>]) -> Option<Place>;
    /// Where any text of a record can be looked for.
    fn anything(&self) -> Option<Place>;
    /// A column with a time as something that times can be compared with.
    fn instant(&self, sql: &str) -> String;
    /// A moment that is known, as `2026-02-01T00:00:00Z`, for that.
    fn moment(&self, time: &str) -> String;
    /// The day of a column with a time.
    fn day(&self, sql: &str) -> String;
    /// A column with a time as text.
    fn time_text(&self, sql: &str) -> String;
}

/// A step as one statement with all it needs from steps before it, or why it is none.
pub(super) fn query(dialect: &dyn Dialect, step: &Step, asked: &Asked<'_>, notes: &mut Notes) -> Option<String> {
    let mut builder = Builder::new(dialect, *asked);
    let made = builder.stage(step);
    notes.append(&mut builder.notes);
    match made {
        Ok(stage) => Some(builder.statement(&stage)),
        Err(why) => {
            notes.add(format!("{why}."));
            None
        }
    }
}

/// The query of what somebody did with one grant, whose terms the reader fills in.
pub(super) fn window(dialect: &dyn Dialect) -> String {
    let of = |name: &str| dialect.spelled(name);
    let time = dialect.instant(&of("eventTime"));
    format!(
        "SELECT {}\nFROM {}\nWHERE lower({}) LIKE lower('%:<person>')\n  AND {} LIKE '%<role or permission set>%'\n  \
         AND {} = '<account>'\n  AND {time} >= {}\n  AND {time} < {}\nORDER BY {}",
        ["eventTime", "eventSource", "eventName", "errorCode", "sourceIPAddress", "eventID"].map(of).join(", "),
        dialect.table(),
        of("userIdentity.principalId"),
        of("userIdentity.sessionContext.sessionIssuer.arn"),
        of("recipientAccountId"),
        dialect.moment("<not before>"),
        dialect.moment("<not after>"),
        of("eventTime"),
    )
}
