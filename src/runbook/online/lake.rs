use super::asked::Asked;
use super::notes::Notes;
use super::sql::{self, Dialect, Kind, Place, path, through};
use super::{Engine, Written};
use crate::condition::Member;
use crate::runbook::model::Step;

/// CloudTrail Lake.
pub(super) struct Lake;

impl Engine for Lake {
    fn name(&self) -> &'static str {
        "lake"
    }

    fn about(&self) -> &'static str {
        "SQL for CloudTrail Lake, over one event data store"
    }

    fn remarks(&self) -> &'static [&'static str] {
        &[
            "Put the id of your event data store, without quotes, in the place of <event-data-store-id>.",
            "Since 2026-05-31 CloudTrail Lake takes no new customers.",
            "Without a condition on eventTime the whole store is read and paid for: add for example eventTime > \
             '2026-02-01 00:00:00' AND eventTime < '2026-02-03 00:00:00'.",
            "Parts of requests that are no plain texts are looked for in eventJson; in a store without that column leave them out.",
        ]
    }

    fn comment(&self) -> &'static str {
        "--"
    }

    fn query(&self, step: &Step, asked: &Asked<'_>) -> Written {
        let mut notes = Notes::default();
        let query = sql::query(self, step, asked, &mut notes);
        Written { query, notes }
    }

    fn window(&self) -> String {
        sql::window(self)
    }
}

/// Members of `userIdentity` that stores have columns for.
const IDENTITY: &[&str] = &[
    "type",
    "principalId",
    "arn",
    "accountId",
    "accessKeyId",
    "userName",
    "sessionContext",
    "sessionContext.attributes",
    "sessionContext.attributes.creationDate",
    "sessionContext.attributes.mfaAuthenticated",
    "sessionContext.sessionIssuer",
    "sessionContext.sessionIssuer.type",
    "sessionContext.sessionIssuer.principalId",
    "sessionContext.sessionIssuer.arn",
    "sessionContext.sessionIssuer.accountId",
    "sessionContext.sessionIssuer.userName",
    "sessionContext.webIdFederationData",
    "sessionContext.webIdFederationData.federatedProvider",
    "sessionContext.sourceIdentity",
    "sessionContext.ec2RoleDelivery",
    "sessionContext.ec2IssuedInVpc",
    "invokedBy",
    "identityProvider",
];

impl Dialect for Lake {
    fn table(&self) -> &'static str {
        "<event-data-store-id>"
    }

    fn spelled(&self, name: &str) -> String {
        name.to_owned()
    }

    fn recorded(&self, member: Member, steps: &[Box<str>]) -> Option<Place> {
        let steps: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
        let spelled = self.spelled(member.as_str());
        let in_json = || {
            let whole: Vec<&str> = std::iter::once(member.as_str()).chain(steps.iter().copied()).collect();
            through("eventJson", &whole, 0)
        };
        match member {
            Member::UserIdentity => super::identity(self, IDENTITY, &steps).or_else(in_json),
            Member::Resources => super::resources(&spelled, &steps, str::to_owned),
            Member::RequestParameters | Member::ResponseElements | Member::AdditionalEventData => {
                match steps.as_slice() {
                    [] => Some(Place::new(spelled, Kind::Object)),
                    [key] => {
                        // Only to refuse what could not be a name.
                        path([*key])?;
                        Some(Place::text(format!("element_at({spelled}, {})", sql::text(key))))
                    }
                    _ => in_json(),
                }
            }
            Member::ReadOnly => Some(Place::new(spelled, Kind::Bool)),
            _ => Some(Place::new(spelled, super::kind(member))),
        }
    }

    fn anything(&self) -> Option<Place> {
        Some(Place::text("eventJson"))
    }

    fn instant(&self, sql: &str) -> String {
        sql.to_owned()
    }

    /// Lake compares times with texts.
    fn moment(&self, time: &str) -> String {
        sql::text(&time.replace('T', " ").replace('Z', ""))
    }

    fn day(&self, sql: &str) -> String {
        format!("date({sql})")
    }

    fn time_text(&self, sql: &str) -> String {
        format!("CAST({sql} AS varchar)")
    }
}
