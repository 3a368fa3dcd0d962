use super::cells::quoted;
use super::record::Record;
use super::row::{Column, Lasts, Row};
use super::{Entry, Form};
use crate::condition::did_you_mean;

/// Requests of AWS TEAM, "Temporary elevated access management for IAM Identity Center". Source of the members and
/// states: `schema.graphql` and the documentation of aws-samples/iam-identity-center-team.
pub(super) struct Team;

/// Those that were granted, now or before.
const GRANTED: [&str; 5] = ["in progress", "ended", "revoked", "scheduled", "approved"];
const NOT_GRANTED: [&str; 5] = ["pending", "rejected", "expired", "cancelled", "error"];

impl Form for Team {
    fn name(&self) -> &'static str {
        "AWS TEAM"
    }

    fn known_by(&self) -> &'static str {
        "`id`, `accountId`, `role`, `startTime`, `status`"
    }

    fn fits(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("startTime") && has("role")
    }

    fn required(&self) -> &'static [&'static str] {
        &["id", "accountId", "role", "startTime", "status"]
    }

    fn calls(&self, column: Column) -> &'static str {
        match column {
            Column::GrantId => "id",
            Column::Principal => "role",
            Column::Person => "email",
            Column::AccountId => "accountId",
            Column::NotBefore => "startTime",
            Column::NotAfter | Column::RevokedAt => "endTime",
            Column::SessionMaxSeconds => "session_duration",
            Column::RequestedAt => "createdAt",
            Column::RevokedBy => "revoker",
            Column::Ticket => "ticketNo",
            Column::Reason => "justification",
            other => other.as_str(),
        }
    }

    fn entry(&self, record: Record<'_>) -> Entry {
        let Some(status) = record.text(&["status"]) else {
            return Entry::Unclear("has no `status`, so nobody can tell whether it was granted; add it".to_owned());
        };
        let status = status.to_lowercase();
        if NOT_GRANTED.contains(&status.as_str()) {
            return Entry::Not(status);
        }
        if !GRANTED.contains(&status.as_str()) {
            let hint = did_you_mean(&status, GRANTED.into_iter().chain(NOT_GRANTED));
            return Entry::Unclear(format!("the `status` {} is none that AWS TEAM has{hint}", quoted(&status)));
        }
        let mut row = Row::new(record.line);
        let mut fill = |column: Column, names: &[&str]| row.fill(column, record.text(names).as_deref());
        fill(Column::GrantId, &["id"]);
        fill(Column::Principal, &["role"]);
        fill(Column::AccountId, &["accountId"]);
        fill(Column::NotBefore, &["startTime"]);
        fill(Column::RequestedAt, &["createdAt"]);
        fill(Column::Approver, &["approver"]);
        fill(Column::Ticket, &["ticketNo"]);
        fill(Column::Reason, &["justification"]);
        row.fill(Column::PrincipalKind, Some("permission_set"));
        row.fill(Column::Source, Some("team"));
        // Sessions carry the user name, which may be the address or not.
        let names: Vec<String> = record.text(&["email"]).map(Into::into).into_iter().chain(user(&record)).collect();
        row.fill(Column::Person, Some(names.join(";").as_str()).filter(|names| !names.is_empty()));
        row.fill(Column::SessionMaxSeconds, session(&record).as_deref());
        let end = record.text(&["endTime"]);
        match record.text(&["duration"]) {
            Some(hours) => row.lasts = Some(Lasts { name: "duration", text: hours.into_owned(), unit: 3600 }),
            None => row.fill(Column::NotAfter, end.as_deref()),
        }
        if status == "revoked" {
            row.fill(Column::RevokedAt, end.as_deref());
            row.fill(Column::RevokedBy, record.text(&["revoker"]).as_deref());
            if end.is_none() {
                row.remarks.push("was revoked, but no `endTime` says when, so it counts to its end; add it".to_owned());
            }
        }
        Entry::Grant(Box::new(row))
    }
}

/// The user's name, without what TEAM's user pool puts before it.
fn user(record: &Record<'_>) -> Option<String> {
    let name = record.text(&["username"])?;
    let prefix = name.get(..4).filter(|prefix| prefix.eq_ignore_ascii_case("idc_"));
    Some(name.get(prefix.map_or(0, str::len)..)?.to_owned())
}

/// The seconds of a session, which Identity Center writes as `PT1H`. What is no such duration stays as it is.
fn session(record: &Record<'_>) -> Option<String> {
    let text = record.text(&["session_duration"])?;
    Some(match text.parse::<jiff::SignedDuration>() {
        Ok(duration) => duration.as_secs().to_string(),
        Err(_) => text.into_owned(),
    })
}
