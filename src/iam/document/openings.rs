//! To whom a document opens what it is attached to.
//!
//! Each Allow statement that names principals opens to each of them; `NotPrincipal` with Allow opens to
//! everyone. [`super::narrowing`] says which conditions narrow that.
//!
//! Deny statements open nothing and take back nothing, but for the one form that AWS recommends for data
//! perimeters: a Deny for everyone on everything whose every condition is a negated one of such a key, as
//! `StringNotEquals aws:PrincipalOrgID`. What it leaves is what the keys name.

use std::collections::BTreeSet;

use super::narrowing::{IS_SERVICE, bounds, is_any, narrowed};
use super::providers::lets_in_everybody;
use super::{Comparison, Condition, Document, Listed, PrincipalElement, PrincipalKey, Statement};
use crate::iam::{Arn, Effect, has_wildcard, is_account_id, matches, service_label};

/// Somebody to whom a document opens something; the widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opening {
    /// Anybody, signed up with AWS or not.
    Everyone,
    /// Anybody who comes from some network, endpoint or resource.
    EveryoneConditioned,
    /// Another account, or somebody in it.
    OtherAccount,
    /// Another account that has to know an external id.
    OtherAccountExternalId,
    /// Users of an identity provider.
    Federated,
    /// Members of an organization.
    Organization,
    /// An AWS service.
    Service,
    /// The own account, or somebody in it.
    OwnAccount,
}

impl Opening {
    /// The word used in rules and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::EveryoneConditioned => "everyone-conditioned",
            Self::OtherAccount => "other-account",
            Self::OtherAccountExternalId => "other-account-external-id",
            Self::Federated => "federated",
            Self::Organization => "organization",
            Self::Service => "service",
            Self::OwnAccount => "own-account",
        }
    }
}

/// Whom a text names as it stands under `AWS`, or in a parameter of a request that shares something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// `*`.
    Everyone,
    /// The own account, or somebody in it.
    OwnAccount,
    /// Another account, or somebody in it.
    OtherAccount,
    /// An organization or a unit of one.
    Organization,
    /// An AWS service, or a user that AWS keeps for one.
    Service,
}

/// Whom a text names, given the ids of the own account; `None` where it cannot be told.
///
/// A unique id (`AROA…`, `AIDA…`) does not show its account and counts as another one: the own ones are
/// named by ARN in what people write.
pub fn whose(text: &str, own: &[&str]) -> Option<Whose> {
    let of_account = |account: &str| match account {
        _ if own.is_empty() => None,
        account if own.contains(&account) => Some(Whose::OwnAccount),
        _ => Some(Whose::OtherAccount),
    };
    if text == "*" {
        return Some(Whose::Everyone);
    }
    if is_account_id(text) {
        return of_account(text);
    }
    if service_label(text).is_some() {
        return Some(Whose::Service);
    }
    if text.starts_with("o-") || text.starts_with("ou-") {
        return Some(Whose::Organization);
    }
    if let Ok(arn) = Arn::parse(text) {
        return match (arn.service, arn.account) {
            ("organizations", _) => Some(Whose::Organization),
            ("iam", "cloudfront") => Some(Whose::Service),
            (_, account) if is_account_id(account) => of_account(account),
            ("iam" | "sts", account) if has_wildcard(account) => Some(Whose::Everyone),
            _ => None,
        };
    }
    let is_unique_id = text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_unique_id.then_some(Whose::OtherAccount)
}

impl Document {
    /// To whom it opens what it is attached to, given the ids of the own account.
    pub fn opens_to(&self, own: &[&str]) -> BTreeSet<Opening> {
        let perimeters: Vec<_> = self.statements.iter().filter_map(|deny| perimeter(deny, own)).collect();
        let mut found = BTreeSet::new();
        for allow in self.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let around = perimeters.iter().filter(|(deny, _)| is_within(allow, deny)).map(|(_, left)| left);
            let within = narrowed(&allow.conditions, own);
            let limits: Vec<_> = within.iter().chain(around).collect();
            if limits.iter().any(|limit| limit.is_empty()) {
                continue;
            }
            let limit = limits.into_iter().max_by_key(|limit| limit.first());
            let knows_id =
                allow.conditions.iter().any(|c| c.is_on("sts:ExternalId") && c.requires_its_key() && !is_any(c));
            for opening in openings(allow, own) {
                let narrower = match (opening, limit) {
                    (Opening::Everyone, Some(limit)) => limit.clone(),
                    (Opening::OtherAccount, Some(limit)) if limit.first() == Some(&Opening::Organization) => {
                        limit.clone()
                    }
                    _ => BTreeSet::from([opening]),
                };
                found.extend(narrower.into_iter().map(|opening| match opening {
                    Opening::OtherAccount if knows_id => Opening::OtherAccountExternalId,
                    other => other,
                }));
            }
        }
        found
    }

    /// Whether it allows nothing to an account and to anybody in it, as a key policy that locks its owner
    /// out.
    pub fn leaves_out(&self, account: &str) -> bool {
        let own = [account];
        let is_denied = self.statements.iter().any(|statement| {
            statement.effect == Effect::Deny
                && statement.conditions.is_empty()
                && is_on_all_actions(statement)
                && matches!(&statement.principal, Some(Listed::Only(named)) if named.iter().any(|element| {
                    element.value == account || (element.value.ends_with(":root") && whose(&element.value, &own) == Some(Whose::OwnAccount))
                }))
        });
        let is_open = |opening: &Opening| {
            use Opening::{Everyone, EveryoneConditioned, Organization, OwnAccount};
            matches!(opening, Everyone | EveryoneConditioned | Organization | OwnAccount)
        };
        is_denied || !self.opens_to(&own).iter().any(is_open)
    }
}

/// Whom a statement names.
fn openings(statement: &Statement, own: &[&str]) -> BTreeSet<Opening> {
    match &statement.principal {
        Some(Listed::Only(named)) => {
            named.iter().filter_map(|element| opening(element, &statement.conditions, own)).collect()
        }
        Some(Listed::AllBut(_)) => BTreeSet::from([Opening::Everyone]),
        None => BTreeSet::new(),
    }
}

fn opening(element: &PrincipalElement, conditions: &[Condition], own: &[&str]) -> Option<Opening> {
    match element.kind {
        PrincipalKey::Service => Some(Opening::Service),
        PrincipalKey::Federated if lets_in_everybody(&element.value, conditions) => Some(Opening::Everyone),
        PrincipalKey::Federated => Some(Opening::Federated),
        // It does not show which account it is, and the own one has a better name.
        PrincipalKey::CanonicalUser => Some(Opening::OtherAccount),
        PrincipalKey::Bare | PrincipalKey::Aws => whose(&element.value, own).map(|whose| match whose {
            Whose::Everyone => Opening::Everyone,
            Whose::OwnAccount => Opening::OwnAccount,
            Whose::OtherAccount => Opening::OtherAccount,
            Whose::Organization => Opening::Organization,
            Whose::Service => Opening::Service,
        }),
    }
}

/// What a Deny for everyone leaves to be allowed, where that is bounded; nothing where it has no
/// conditions.
fn perimeter<'a>(deny: &'a Statement, own: &[&str]) -> Option<(&'a Statement, BTreeSet<Opening>)> {
    let is_for_all = deny.effect == Effect::Deny && openings(deny, own).contains(&Opening::Everyone);
    let names_few = deny.resource.as_ref().is_none_or(|resources| resources.entries().len() <= RESOURCES);
    if !(is_for_all && names_few && is_on_all_actions(deny) && matches!(deny.principal, Some(Listed::Only(_)))) {
        return None;
    }
    let mut left = BTreeSet::new();
    for condition in &deny.conditions {
        // It denies unless one of the conditions fails, so each one's failing has to be bounded.
        let is_service = condition.is_on(IS_SERVICE) && condition.comparison == Comparison::Bool;
        if is_service && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false")) {
            left.insert(Opening::Service);
        } else if condition.comparison.is_negated() && condition.qualifier.is_none() {
            left.extend(bounds(condition, own)?);
        } else {
            return None;
        }
    }
    Some((deny, left))
}

/// Resources of a Deny that are compared with those of each Allow.
const RESOURCES: usize = 32;

/// Whether a Deny is on all that an Allow is on.
fn is_within(allow: &Statement, deny: &Statement) -> bool {
    match (&allow.resource, &deny.resource) {
        (_, None) => true,
        (Some(Listed::Only(allowed)), Some(Listed::Only(denied))) => {
            allowed.iter().all(|resource| denied.iter().any(|pattern| matches(pattern, resource)))
        }
        (_, Some(denied)) => denied.entries().iter().any(|pattern| pattern == "*"),
    }
}

/// Whether it is on all actions, or on all of a service, as there is one behind a resource.
fn is_on_all_actions(statement: &Statement) -> bool {
    let Some(Listed::Only(actions)) = &statement.action else { return false };
    actions.iter().any(|action| action.split_once(':').map_or(action.as_str(), |(_, name)| name) == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "111122223333";

    fn opens(statements: &str) -> String {
        let document = Document::parse(&format!(r#"{{"Statement":[{statements}]}}"#)).unwrap();
        document.opens_to(&[OWN]).iter().map(|opening| opening.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(principal: &str, condition: &str, expected: &str) {
        let statement = format!(r#"{{"Effect":"Allow",{principal},"Action":"a:B","Condition":{condition}}}"#);
        assert_eq!(opens(&statement), expected, "{statement}");
    }

    #[test]
    fn a_principal_is_told_by_its_form() {
        for (principal, expected) in [
            (r#""Principal":"*""#, "everyone"),
            (r#""Principal":{"AWS":"*"}"#, "everyone"),
            (r#""Principal":{"AWS":["*","111122223333"]}"#, "everyone own-account"),
            (r#""NotPrincipal":{"AWS":"111122223333"}"#, "everyone"),
            (r#""Principal":{"AWS":"111122223333"}"#, "own-account"),
            (r#""Principal":{"AWS":"444455556666"}"#, "other-account"),
            (r#""Principal":{"AWS":"arn:aws:iam::444455556666:root"}"#, "other-account"),
            (r#""Principal":{"aws":"arn:aws-cn:iam::444455556666:role/x"}"#, "other-account"),
            (r#""Principal":{"AWS":"arn:aws-us-gov:iam::111122223333:user/a/b"}"#, "own-account"),
            (r#""Principal":{"AWS":"arn:aws:sts::444455556666:assumed-role/r/s"}"#, "other-account"),
            (r#""Principal":{"AWS":"arn:aws:iam::*:role/x"}"#, "everyone"),
            (r#""Principal":{"AWS":"AROAEXAMPLEEXAMPLE"}"#, "other-account"),
            (
                r#""Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"}"#,
                "service",
            ),
            (
                r#""Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
                "other-account",
            ),
            (r#""Principal":{"Service":"ec2.amazonaws.com"}"#, "service"),
            (r#""Principal":{"Federated":"accounts.google.com"}"#, "federated"),
            (r#""Principal":{"AWS":"nonsense"}"#, ""),
            (r#""Principal":{}"#, ""),
            (r#""Resource":"*""#, ""),
        ] {
            check(principal, "{}", expected);
        }
    }

    #[test]
    fn another_account_may_have_to_know_an_id_or_be_of_the_organization() {
        let other = r#""Principal":{"AWS":"444455556666"}"#;
        check(other, r#"{"StringEquals":{"sts:ExternalId":"x"}}"#, "other-account-external-id");
        check(other, r#"{"StringLike":{"sts:ExternalId":"*"}}"#, "other-account");
        check(other, r#"{"StringEqualsIfExists":{"sts:ExternalId":"x"}}"#, "other-account");
        check(other, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}"#, "organization");
        check(other, r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, "other-account");
        check(other, r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, "other-account");
    }

    #[test]
    fn a_deny_opens_nothing_and_may_be_a_perimeter() {
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
        let deny = |resource: &str, condition: &str| {
            format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":{resource},"Condition":{condition}}}"#
            )
        };
        let both = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
        let not_org = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-example"}}"#;
        for (deny, expected) in [
            (deny(both, not_org), "organization"),
            (deny(r#""arn:aws:s3:::b""#, not_org), "everyone"),
            (deny(both, "{}"), ""),
            (deny(both, r#"{"Bool":{"aws:SecureTransport":"false"}}"#), "everyone"),
            (deny(both, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}"#), "everyone"),
            (
                deny(
                    "\"*\"",
                    r#"{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-example"},
                        "BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}"#,
                ),
                "organization service",
            ),
        ] {
            assert_eq!(opens(&format!("{allow},{deny}")), expected, "{deny}");
        }
        assert_eq!(opens(&deny("\"*\"", "{}")), "");
    }

    #[test]
    fn without_the_own_account_none_is_called_another() {
        let document =
            Document::parse(r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"*"}}"#);
        assert!(document.unwrap().opens_to(&[]).is_empty());
    }

    #[test]
    fn a_key_policy_may_leave_its_owner_out() {
        let allow = |principal: &str| {
            format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"kms:*","Resource":"*"}}"#)
        };
        let deny =
            |principal: &str| format!(r#"{{"Effect":"Deny","Principal":{principal},"Action":"kms:*","Resource":"*"}}"#);
        let root = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
        for (statements, expected) in [
            (allow(root), false),
            (allow(r#"{"AWS":"arn:aws:iam::111122223333:role/keys"}"#), false),
            (allow(r#""*""#), false),
            (allow(r#"{"AWS":"arn:aws:iam::444455556666:root"}"#), true),
            (allow(r#"{"Service":"ec2.amazonaws.com"}"#), true),
            (format!("{},{}", allow(root), deny(r#""*""#)), true),
            (format!("{},{}", allow(root), deny(root)), true),
            (format!("{},{}", allow(root), deny(r#"{"AWS":"444455556666"}"#)), false),
        ] {
            let document = Document::parse(&format!(r#"{{"Statement":[{statements}]}}"#)).unwrap();
            assert_eq!(document.leaves_out(OWN), expected, "{statements}");
        }
    }
}
