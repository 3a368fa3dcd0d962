//! What the forms that make permission sets share. After the Identity Center API reference's page of
//! `CreatePermissionSet` and the page "Set session duration for AWS accounts" of its user guide.

use super::Elevation;
use crate::iam::{self, PrincipalKind};
use crate::recommend::ConditionKind;

/// Characters that a permission set's name may have.
const LONGEST: usize = 32;
/// Hours that a session of one lasts at most.
const MOST_HOURS: i64 = 12;

/// A name of its own for each grant.
pub(super) fn name(grant: &Elevation<'_>) -> String {
    let id = grant.id();
    let is_taken = |c: &char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(*c);
    let room = LONGEST - "Jit--".len() - id.len();
    let who: String = grant.principal.short_name().chars().filter(is_taken).take(room).collect();
    format!("Jit-{who}-{id}")
}

/// What it says of itself.
pub(super) fn description(grant: &Elevation<'_>) -> String {
    let until = grant.window.not_after;
    match &grant.ticket {
        Some(ticket) => format!("Just-in-time elevation until {until}, ticket {ticket}"),
        None => format!("Just-in-time elevation until {until}"),
    }
}

/// Its sessions last whole hours.
pub(super) fn session_duration(grant: &Elevation<'_>) -> String {
    format!("PT{}H", grant.window.hours().clamp(1, MOST_HOURS))
}

/// Other sessions use it than those that were denied, and MFA is carried into none of them. People call from where they
/// called before; where programs called from is nothing to them.
pub(super) fn leaves_out(kind: PrincipalKind) -> &'static [ConditionKind] {
    match kind {
        PrincipalKind::PermissionSet | PrincipalKind::User => &[ConditionKind::Mfa],
        _ => &[ConditionKind::Mfa, ConditionKind::SourceIp, ConditionKind::Vpce],
    }
}

/// What has to be known of every form of it. Fails where AWS would not take the policy.
pub(super) fn notes(grant: &Elevation<'_>) -> Result<Vec<String>, String> {
    let (size, limit) = (grant.document(leaves_out(grant.principal.kind)).size(), iam::Target::PermissionSet.limit());
    if size > limit {
        return Err(format!(
            "a permission set's policy may have {limit} characters and this has {size}; ask for less with --need"
        ));
    }
    let mut notes = Vec::new();
    if grant.principal.kind != PrincipalKind::PermissionSet {
        notes.push(format!(
            "it makes a new permission set for people; the {} itself gains nothing",
            grant.principal.kind.as_str()
        ));
    }
    let (length, session) = (grant.window.length(), session_duration(grant));
    if grant.window.hours() * 3_600 > length.as_secs() {
        notes.push(format!(
            "SessionDuration is in whole hours: {session} for {length:#}; the policy in it ends in time"
        ));
    }
    notes.push(format!(
        "the policy allows nothing before {} and from {} on, in the middle of a session too; take the assignment away then, and write the policy anew for the next time",
        grant.window.not_before, grant.window.not_after
    ));
    Ok(notes)
}
