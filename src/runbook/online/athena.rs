use super::asked::Asked;
use super::notes::Notes;
use super::sql::{self, Dialect, Place, through};
use super::{Engine, Written};
use crate::condition::Member;
use crate::runbook::model::Step;

/// Athena, over the table of CloudTrail's user guide.
pub(super) struct Athena;

impl Engine for Athena {
    fn name(&self) -> &'static str {
        "athena"
    }

    fn about(&self) -> &'static str {
        "SQL for Athena (engine version 3), over the table cloudtrail_logs that Athena's user guide makes with the JSON SerDe"
    }

    fn remarks(&self) -> &'static [&'static str] {
        &[
            "The table is called cloudtrail_logs here. Put your own name in its place.",
            "Without a condition on partitions all of the archive is read and paid for: where the table has them, add for \
             example \"timestamp\" BETWEEN '2026/02/01' AND '2026/02/03', or account, region, year, month and day.",
            "Copies of one event are counted as often as they were delivered.",
        ]
    }

    fn comment(&self) -> &'static str {
        "--"
    }

    fn query(&self, step: &Step, asked: &Asked<'_>) -> Written {
        let mut notes = Notes::default();
        let query = sql::query(self, step, asked, &mut notes).map(|query| format!("{query};"));
        Written { query, notes }
    }

    fn window(&self) -> String {
        format!("{};", sql::window(self))
    }
}

/// Members of `userIdentity` that the table has.
const IDENTITY: &[&str] = &[
    "type",
    "principalId",
    "arn",
    "accountId",
    "invokedBy",
    "accessKeyId",
    "userName",
    "onBehalfOf",
    "onBehalfOf.userId",
    "onBehalfOf.identityStoreArn",
    "sessionContext",
    "sessionContext.attributes",
    "sessionContext.attributes.mfaAuthenticated",
    "sessionContext.attributes.creationDate",
    "sessionContext.sessionIssuer",
    "sessionContext.sessionIssuer.type",
    "sessionContext.sessionIssuer.principalId",
    "sessionContext.sessionIssuer.arn",
    "sessionContext.sessionIssuer.accountId",
    "sessionContext.sessionIssuer.userName",
    "sessionContext.ec2RoleDelivery",
    "sessionContext.webIdFederationData",
    "sessionContext.webIdFederationData.federatedProvider",
];

impl Dialect for Athena {
    fn table(&self) -> &'static str {
        "cloudtrail_logs"
    }

    fn spelled(&self, name: &str) -> String {
        name.to_ascii_lowercase()
    }

    fn recorded(&self, member: Member, steps: &[Box<str>]) -> Option<Place> {
        let steps: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
        let spelled = self.spelled(member.as_str());
        match member {
            Member::UserIdentity => super::identity(self, IDENTITY, &steps),
            Member::Resources => super::resources(&spelled, &steps, str::to_ascii_lowercase),
            Member::RequestParameters | Member::ResponseElements | Member::AdditionalEventData if !steps.is_empty() => {
                through(&spelled, &steps, 0)
            }
            Member::ReadOnly => Some(Place::text(spelled)),
            _ => Some(Place::new(spelled, super::kind(member))),
        }
    }

    fn anything(&self) -> Option<Place> {
        None
    }

    fn instant(&self, sql: &str) -> String {
        format!("from_iso8601_timestamp({sql})")
    }

    fn moment(&self, time: &str) -> String {
        format!("from_iso8601_timestamp({})", sql::text(time))
    }

    fn day(&self, sql: &str) -> String {
        format!("substr({sql}, 1, 10)")
    }

    fn time_text(&self, sql: &str) -> String {
        sql.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_has_no_column_for_is_not_made_up() {
        let at = |name: &str| match crate::condition::Field::parse(name).ok()? {
            crate::condition::Field::Recorded(member, steps) => Athena.recorded(member, &steps).map(|place| place.sql),
            _ => None,
        };
        assert_eq!(at("userIdentity.arn").as_deref(), Some("useridentity.arn"));
        assert_eq!(at("userIdentity.sessionContext.sourceIdentity"), None);
        assert_eq!(
            at("requestParameters.x-amz-acl").as_deref(),
            Some("json_extract_scalar(requestparameters, '$[\"x-amz-acl\"]')")
        );
        assert_eq!(at("requestParameters.a\"].b"), None);
    }
}
