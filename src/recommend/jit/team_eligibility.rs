use serde_json::json;

use super::{Body, Elevation, Target, Template, Ticket, permission_set};
use crate::iam::PrincipalKind;
use crate::recommend::ConditionKind;

/// Who may ask for what in AWS TEAM (Temporary Elevated Access Management), as its GraphQL schema has an eligibility.
pub(super) struct TeamEligibility;

/// Hours that an eligibility may give.
const MOST_HOURS: i64 = 8_000;

impl Target for TeamEligibility {
    fn name(&self) -> &'static str {
        "team-eligibility"
    }

    fn about(&self) -> &'static str {
        "an eligibility of AWS TEAM, for a permission set that another target writes"
    }

    fn ending(&self) -> &'static str {
        ".team.json"
    }

    fn leaves_out(&self, kind: PrincipalKind) -> &'static [ConditionKind] {
        permission_set::leaves_out(kind)
    }

    fn write(&self, grant: &Elevation<'_>, _stem: &str) -> Result<Template, String> {
        let mut notes = vec![of_another_target()];
        notes.extend(permission_set::notes(grant)?);
        let (hours, length) = (grant.window.hours().clamp(1, MOST_HOURS), grant.window.length());
        if hours * 3_600 > length.as_secs() {
            notes.push(format!("TEAM counts whole hours: {hours} for {length:#}"));
        }
        notes.push("fill in what stands between < and >; TEAM lets nobody approve what they asked for".to_owned());
        let account = grant.account().unwrap_or("<account-id>");
        let body = json!({
            "id": "<user-or-group-id>",
            "name": grant.person().unwrap_or("<user-or-group-name>"),
            "type": "User",
            "accounts": [{ "name": "<account-name>", "id": account }],
            "ous": [],
            "permissions": [{ "name": permission_set::name(grant), "id": "<permission-set-arn>" }],
            "ticketNo": grant.ticket.as_ref().map(Ticket::as_str).unwrap_or_default(),
            "approvalRequired": true,
            "duration": hours.to_string(),
        });
        Ok(Template { body: Body::Json(body), notes, commands: Vec::new() })
    }
}

/// Tools that choose among permission sets hold none of their policies.
pub(super) fn of_another_target() -> String {
    "this only names a permission set: make it with --target permission-set-cloudformation or permission-set-terraform, without the assignment"
        .to_owned()
}
