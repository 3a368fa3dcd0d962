//! What follows from a record, as far as SQL can say it.

use crate::condition::Field;
use crate::event::codes_of_denials;

use super::quote::when;
use super::{Dialect, Kind, Place, text};

/// Phrases by which denials name the policy that refused, each with our word. The first that is met counts.
pub(in crate::runbook::online) const POLICIES: &[(&str, &str)] = &[
    ("service control policy", "scp"),
    ("resource control policy", "rcp"),
    ("permissions boundary", "boundary"),
    ("session policy", "session"),
    ("VPC endpoint policy", "vpce"),
    ("role trust policy", "trust"),
    ("resource-based policy", "resource"),
    ("identity-based policy", "identity"),
];

/// What readOnly tells of an access level.
pub(super) const READS: &str = "List or Read";
pub(super) const WRITES: &str = "Write, Tagging or Permissions management";

/// Networks that nobody reaches from the internet.
const PRIVATE: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/// Where a field of an event stands, by its name in runbooks.
pub(super) fn field(dialect: &dyn Dialect, name: &str) -> Option<Place> {
    derived(dialect, name).or_else(|| match Field::parse(name).ok()? {
        Field::Recorded(member, steps) => dialect.recorded(member, &steps),
        _ => None,
    })
}

fn derived(dialect: &dyn Dialect, name: &str) -> Option<Place> {
    let of = |name: &str| dialect.spelled(name);
    let issuer = || of("userIdentity.sessionContext.sessionIssuer.arn");
    let message = || of("errorMessage");
    let closed = |sql: String| Place::new(sql, Kind::Closed);
    Some(match name {
        "outcome" => {
            let (code, said) = (of("errorCode"), message());
            let dry = format!("{code} LIKE '%DryRunOperation%'");
            let failed = format!("{code} IS NOT NULL OR {said} IS NOT NULL");
            closed(when(&[(denied(dialect), "denied"), (dry, "dry-run"), (failed, "failed")], "succeeded"))
        }
        "principal" => Place::text(format!("coalesce({}, {})", issuer(), of("userIdentity.arn"))),
        "principal_kind" => closed(principal_kind(dialect)),
        "person" => {
            let session = format!("nullif(split_part({}, ':', 2), '')", of("userIdentity.principalId"));
            Place::text(format!("coalesce({session}, {})", of("userIdentity.userName")))
        }
        "action" => Place::text(call(dialect)),
        "denied_action" => {
            let said = format!("regexp_extract({}, 'perform: ([A-Za-z0-9-]+:[A-Za-z0-9*]+)', 1)", message());
            Place::text(format!("coalesce({said}, {})", call(dialect)))
        }
        "denied_resource" => {
            Place::text(format!("regexp_extract({}, 'on resource: \"?(arn:[^\\s\"]+)', 1)", message()))
        }
        "policy_type" => {
            let says = |(phrase, word): &(&str, &'static str)| (format!("{} LIKE {}", message(), like(phrase)), *word);
            closed(when(&POLICIES.iter().map(says).collect::<Vec<_>>(), "unknown"))
        }
        "policy_arn" => Place::text(format!(
            "regexp_extract({}, '(arn:[^\\s:]+:(iam|organizations)::[^\\s]*policy/[^\\s]+)', 1)",
            message()
        )),
        "deny" => {
            let says = |phrase: &str| format!("{} LIKE {}", message(), like(phrase));
            closed(when(&[(says("explicit deny"), "explicit"), (says("because no "), "implicit")], "unknown"))
        }
        "access_level" => closed(when(&[(reads(dialect), READS)], WRITES)),
        "resource" => field(dialect, "resources.ARN")?,
        "account" => closed(format!("coalesce({}, {})", of("recipientAccountId"), of("userIdentity.accountId"))),
        "session" => {
            let began = dialect.time_text(&of("userIdentity.sessionContext.attributes.creationDate"));
            Place::text(format!("{} || ' ' || {began}", of("userIdentity.principalId")))
        }
        "network" => closed(network(dialect)),
        _ => return None,
    })
}

fn like(phrase: &str) -> String {
    text(&format!("%{phrase}%"))
}

/// Whether a call only reads.
pub(super) fn reads(dialect: &dyn Dialect) -> String {
    format!("CAST({} AS varchar) = 'true'", dialect.spelled("readOnly"))
}

/// Whether a call was denied.
pub(super) fn denied(dialect: &dyn Dialect) -> String {
    let codes = codes_of_denials().chain(["Client.UnauthorizedOperation"]).map(text).collect::<Vec<_>>();
    // Each line is short enough to be read.
    let lines: Vec<_> = codes.chunks(4).map(|line| line.join(", ")).collect();
    format!("{} IN (\n    {})", dialect.spelled("errorCode"), lines.join(",\n    "))
}

/// The call as an action. Most actions are called like their calls.
fn call(dialect: &dyn Dialect) -> String {
    let source = dialect.spelled("eventSource");
    format!("replace({source}, '.amazonaws.com', '') || ':' || {}", dialect.spelled("eventName"))
}

fn principal_kind(dialect: &dyn Dialect) -> String {
    let issuer = dialect.spelled("userIdentity.sessionContext.sessionIssuer.arn");
    let kind = dialect.spelled("userIdentity.type");
    let mut cases = vec![
        (format!("{issuer} LIKE '%/aws-reserved/sso.amazonaws.com/%'"), "permission-set"),
        (format!("{issuer} LIKE '%:role/aws-service-role/%'"), "service-linked-role"),
        (format!("{kind} IN ('AssumedRole', 'Role')"), "role"),
    ];
    for (written, ours) in KINDS {
        cases.push((format!("{kind} = {}", text(written)), ours));
    }
    when(&cases, "unknown")
}

/// Kinds of callers as CloudTrail writes them, each with our word.
pub(in crate::runbook::online) const KINDS: &[(&str, &str)] = &[
    ("IAMUser", "user"),
    ("Root", "root"),
    ("FederatedUser", "federated-user"),
    ("SAMLUser", "saml-user"),
    ("WebIdentityUser", "web-identity-user"),
    ("IdentityCenterUser", "identity-center-user"),
    ("Directory", "directory"),
    ("AWSAccount", "foreign-account"),
    ("AWSService", "aws-service"),
];

fn network(dialect: &dyn Dialect) -> String {
    let (address, endpoint) = (dialect.spelled("sourceIPAddress"), dialect.spelled("vpcEndpointId"));
    let parsed = format!("TRY_CAST({address} AS ipaddress)");
    let within = |network: &&str| format!("contains({}, {parsed})", text(network));
    let private = PRIVATE.iter().map(within).collect::<Vec<_>>().join(" OR ");
    let cases = [
        (format!("{endpoint} IS NOT NULL"), "vpce"),
        (format!("{address} LIKE '%.amazonaws.com' OR {address} LIKE 'AWS Internal%'"), "service"),
        (private, "private"),
        (format!("{parsed} IS NOT NULL"), "public"),
    ];
    when(&cases, "none")
}
