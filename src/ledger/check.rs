//! From a row to a grant: all that is asked of one, and all that makes it doubtful.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::cells::{Cells, quoted};
use super::row::Column;
use super::scope::Actions;
use super::{Grant, Subject, scope, subject, terms};
use crate::iam::is_account_id;

/// Credentials live for an hour unless somebody says otherwise. Source: IAM user guide, "Maximum session duration".
const SESSION: i64 = 3600;
const SHORTEST_SESSION: i64 = 900;
const LONGEST_SESSION: i64 = 43_200;
/// Longer ones hardly end by themselves.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(12);
const LONGEST_ID: usize = 256;

/// What was worked out for rows before.
#[derive(Default)]
pub(super) struct Known {
    actions: Actions,
}

/// The grant of a row; nothing where anything about it is fatal.
pub(super) fn grant(cells: &mut Cells<'_>, known: &mut Known, file: &Arc<str>) -> Option<Grant> {
    let id = id(cells);
    let subject = subject::subject(cells);
    let mut people = people(cells, subject.as_ref().map(|(subject, _)| subject)).into_iter();
    let account = account(cells, subject.as_ref().and_then(|(_, account)| *account));
    let actions = scope::actions(cells, &mut known.actions);
    let resources = scope::resources(cells);
    let window = window(cells);
    let session_max = session(cells);
    let conditions = terms::conditions(cells);
    if let Some((subject, _)) = &subject {
        terms::doubts(subject, &conditions, cells);
    }
    let requested_at = cells.time(Column::RequestedAt);
    let approved_at = cells.time(Column::ApprovedAt);
    let break_glass = cells.flag(Column::BreakGlass);
    let (person, also) = (people.next(), people.collect::<Vec<_>>());
    let names: Vec<&str> = person.iter().chain(&also).map(String::as_str).collect();
    let approvers = approvers(cells, &names, break_glass);
    let (ticket, reason) = (cells.kept(Column::Ticket), cells.kept(Column::Reason));
    if ticket.is_none() && reason.is_none() {
        cells.warn("has neither ticket nor reason, so nobody can tell what it was for".to_owned());
    }
    let revoked_at = cells.time(Column::RevokedAt);
    let revoked_by = cells.kept(Column::RevokedBy);
    let source = cells.kept(Column::Source);
    order(cells, window, approved_at, revoked_at);

    if cells.told.iter().any(|(is_fatal, _)| *is_fatal) {
        return None;
    }
    let (not_before, not_after) = window?;
    Some(Grant {
        id: id?,
        subject: subject?.0,
        person,
        also,
        account,
        actions,
        resources,
        not_before,
        not_after,
        session_max,
        requested_at,
        approved_at,
        approvers,
        ticket,
        reason,
        conditions,
        break_glass,
        revoked_at,
        revoked_by,
        source,
        file: Arc::clone(file),
        line: cells.row.line,
    })
}

fn id(cells: &mut Cells<'_>) -> Option<String> {
    let id = cells.required(Column::GrantId)?;
    if id.len() > LONGEST_ID || id.chars().any(char::is_control) {
        let rule = format!("at most {LONGEST_ID} bytes on one line");
        cells.fatal(format!("`{}` is {}; give {rule}", cells.name(Column::GrantId), quoted(id)));
    }
    Some(id.to_owned())
}

/// The names of the person; several have `;` between them.
fn people(cells: &mut Cells<'_>, subject: Option<&Subject>) -> Vec<String> {
    let name = cells.name(Column::Person);
    let Some(person) = cells.text(Column::Person) else {
        match subject {
            // It is there, but no text, which is told.
            _ if !cells.is_empty(Column::Person) => {}
            // A user is a person by itself.
            Some(Subject::User(_)) | None => {}
            Some(Subject::Group(_)) => {
                cells.warn(format!("names no `{name}`, and no record shows who is in a group; add it"));
            }
            Some(_) => cells.warn(format!("names no `{name}`, so anybody's use counts as granted; add it")),
        }
        return Vec::new();
    };
    // Source: STS API reference, `RoleSessionName` and `SourceIdentity` of `AssumeRole`.
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let mut people: Vec<String> = Vec::new();
    for person in person.split(';').map(str::trim).filter(|person| !person.is_empty()) {
        if !(2..=64).contains(&person.len()) || !person.chars().all(fits) {
            cells.warn(format!(
                "`{name}` is {}, which no session can be called; give the name that sessions carry",
                quoted(person)
            ));
        }
        let person = person.to_lowercase();
        if !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

fn account(cells: &mut Cells<'_>, of_arn: Option<&str>) -> Option<String> {
    let Some(account) = cells.text(Column::AccountId) else { return of_arn.map(str::to_owned) };
    let name = cells.name(Column::AccountId);
    if !is_account_id(account) {
        let is_short = account.len() < 12 && account.bytes().all(|b| b.is_ascii_digit());
        let hint = if is_short { "; a spreadsheet may have dropped its leading zeros" } else { "" };
        cells.fatal(format!("`{name}` is {}, not twelve digits{hint}", quoted(account)));
    } else if let Some(other) = of_arn.filter(|other| *other != account) {
        cells.warn(format!("is about account {account}, but its principal is in {other}; check both"));
    }
    Some(account.to_owned())
}

fn window(cells: &mut Cells<'_>) -> Option<(Timestamp, Timestamp)> {
    let start = cells.required_time(Column::NotBefore);
    let end = cells.end(start);
    let (start, end) = (start?, end?);
    if end <= start {
        cells.fatal(format!("ends at {end}, and not after its beginning at {start}"));
        return None;
    }
    let length = end.duration_since(start);
    if length > LONGEST_WINDOW {
        cells.warn(format!("lasts {length:#}; give windows of at most {LONGEST_WINDOW:#}"));
    }
    Some((start, end))
}

fn session(cells: &mut Cells<'_>) -> SignedDuration {
    let name = cells.name(Column::SessionMaxSeconds);
    let text = cells.text(Column::SessionMaxSeconds);
    let seconds = text.map_or(Some(SESSION), |text| text.parse().ok());
    match seconds.filter(|seconds| (SHORTEST_SESSION..=LONGEST_SESSION).contains(seconds)) {
        Some(seconds) => SignedDuration::from_secs(seconds),
        None => {
            let told = quoted(text.unwrap_or_default());
            cells.fatal(format!("`{name}` is {told}; sessions last {SHORTEST_SESSION} to {LONGEST_SESSION} seconds"));
            SignedDuration::from_secs(SESSION)
        }
    }
}

fn approvers(cells: &mut Cells<'_>, people: &[&str], break_glass: bool) -> Vec<String> {
    let first = cells.kept(Column::Approver);
    let second = cells.kept(Column::Approver2);
    if let (Some(first), Some(second)) = (&first, &second)
        && is_same_person(first, second)
    {
        cells.warn(format!("was approved twice by {}; a second approver is somebody else", quoted(first)));
    }
    let approvers: Vec<_> = first.into_iter().chain(second).collect();
    if let Some(own) = approvers.iter().find(|approver| people.iter().any(|person| is_same_person(person, approver))) {
        cells.warn(format!("was approved by {}, who was elevated", quoted(own)));
    }
    if approvers.is_empty() && !break_glass {
        cells.warn("names no approver and is no break-glass access; add who approved it".to_owned());
    }
    approvers
}

/// Whether two names are one person's: in any case, and of an address only the part before `@` may be told.
fn is_same_person(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let local = |name: &str| name.split('@').next().unwrap_or_default().to_owned();
    one == other || ((!one.contains('@') || !other.contains('@')) && local(&one) == local(&other))
}

/// What is doubtful about when things happened.
fn order(
    cells: &mut Cells<'_>,
    window: Option<(Timestamp, Timestamp)>,
    approved_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
) {
    if let (Some((start, _)), Some(approved)) = (window, approved_at)
        && approved > start
    {
        cells.warn(format!("was approved at {approved}, after its begin at {start}"));
    }
    if let (Some((start, _)), Some(revoked)) = (window, revoked_at)
        && revoked < start
    {
        cells.warn(format!("was taken back at {revoked}, before its begin at {start}, so it never held"));
    }
    if revoked_at.is_none() && cells.quietly(Column::RevokedBy).is_some() && cells.row.remarks.is_empty() {
        let (by, at) = (cells.name(Column::RevokedBy), cells.name(Column::RevokedAt));
        cells.warn(format!("has a `{by}` and no `{at}`, so it counts to its end; add when it was taken back"));
    }
}
