//! What fields are called in Logs Insights, and what has to stand before they can be asked for.

use super::quote::name;
use crate::condition::{Field, Member};

/// A field or a column: its name in the query, and what its values are.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) name: String,
    pub(super) values: Values,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    Text,
    /// Text that AWS writes in one way only.
    Closed,
    Number,
    Time,
    /// Error codes, which stand for outcomes.
    Codes,
    /// CloudTrail's kinds of callers, which stand for ours.
    Callers,
    /// Phrases of denials, which stand for our words.
    Phrases,
    /// `true` and `false`, which stand for access levels.
    ReadOnly,
    /// One of several places; which one, nobody knows.
    Anywhere,
    /// Names of ours.
    Ours,
}

impl Spot {
    pub(super) fn new(name: impl Into<String>, values: Values) -> Self {
        Self { name: name.into(), values }
    }
}

/// Commands that make a field, each once and in this order.
pub(super) type Commands = Vec<String>;

/// Phrases by which denials name the policy that refused.
pub(super) const POLICY: &str = "(?<policy_type>service control policy|resource control policy|permissions boundary|session policy|VPC endpoint policy|role trust policy|resource-based policy|identity-based policy)";

/// A field of an event; what makes it is added to the commands.
pub(super) fn field(field: &str, commands: &mut Commands) -> Option<Spot> {
    let mut need = |command: &str| {
        if !commands.iter().any(|known| known == command) {
            commands.push(command.to_owned());
        }
    };
    let called = "fields concat(replace(eventSource, \".amazonaws.com\", \"\"), \":\", eventName) as called";
    Some(match field {
        "outcome" => Spot::new("errorCode", Values::Codes),
        "principal" => {
            need("fields coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) as principal");
            Spot::new("principal", Values::Text)
        }
        "principal_kind" => Spot::new("userIdentity.type", Values::Callers),
        "person" => {
            need("parse userIdentity.principalId /:(?<session_name>.+)/");
            need("fields coalesce(session_name, userIdentity.userName) as person");
            Spot::new("person", Values::Text)
        }
        "action" => {
            need(called);
            Spot::new("called", Values::Text)
        }
        "denied_action" => {
            need(called);
            need("parse errorMessage /perform: (?<said>[A-Za-z0-9-]+:[A-Za-z0-9*]+)/");
            need("fields coalesce(said, called) as action");
            Spot::new("action", Values::Text)
        }
        "denied_resource" => {
            need("parse errorMessage /on resource: \"?(?<resource>arn:[^\\s\"]+)/");
            Spot::new("resource", Values::Text)
        }
        "policy_type" => {
            need(&format!("parse errorMessage /{POLICY}/"));
            Spot::new("policy_type", Values::Phrases)
        }
        "policy_arn" => {
            need("parse errorMessage /(?<policy_arn>arn:[^\\s:]+:(iam|organizations)::[^\\s]*policy\\/[^\\s]+)/");
            Spot::new("policy_arn", Values::Text)
        }
        "deny" => {
            need("parse errorMessage /(?<deny>explicit deny|because no )/");
            Spot::new("deny", Values::Phrases)
        }
        "access_level" => Spot::new("readOnly", Values::ReadOnly),
        "resource" => Spot::new("resources.0.ARN", Values::Anywhere),
        "account" => {
            need("fields coalesce(recipientAccountId, userIdentity.accountId) as account");
            Spot::new("account", Values::Closed)
        }
        "session" => {
            need(
                "fields concat(userIdentity.principalId, \" \", userIdentity.sessionContext.attributes.creationDate) as session",
            );
            Spot::new("session", Values::Ours)
        }
        _ => match Field::parse(field).ok()? {
            Field::Recorded(member, steps) => recorded(member, &steps, field)?,
            _ => return None,
        },
    })
}

fn recorded(member: Member, steps: &[Box<str>], written: &str) -> Option<Spot> {
    let values = match member {
        Member::EventTime => Values::Time,
        Member::UserIdentity if written.ends_with(".creationDate") => Values::Time,
        Member::EventSource
        | Member::EventName
        | Member::AwsRegion
        | Member::ErrorCode
        | Member::EventType
        | Member::EventCategory
        | Member::RecipientAccountId => Values::Closed,
        Member::UserIdentity if matches!(written, "userIdentity.type" | "userIdentity.accountId") => Values::Closed,
        Member::Resources => Values::Anywhere,
        _ if steps.iter().any(|step| step.eq_ignore_ascii_case("items")) => Values::Anywhere,
        _ => Values::Text,
    };
    // Members of a list are numbered; the first is shown.
    let spelled = match (member, steps) {
        (Member::Resources, [step]) => format!("resources.0.{step}"),
        _ => written.replace(".items.", ".items.0."),
    };
    Some(Spot::new(name(&spelled)?, values))
}
