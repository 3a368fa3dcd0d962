//! Which conditions narrow a statement that is for everyone, and to whom.
//!
//! - A condition narrows only if it can hold for nobody else: negated comparisons, `ForAllValues` and
//!   `…IfExists` hold where the request lacks the key, and an unsigned request lacks all of them. With
//!   `Null: false` on the same key beside them the latter two narrow as well.
//! - The key has to say who calls or from where ([`Key`]). Tags, MFA, encryption, `kms:ViaService` do not.
//! - All of its values have to be bounded: `*`, `0.0.0.0/0` or an ARN of any account narrow nothing, as
//!   anybody can have a resource of that name.
//! - Of several conditions the narrowest counts.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Comparison, Condition, Opening, Whose, whose};
use crate::iam::{Arn, has_wildcard, is_account_id};

/// To whom conditions narrow a statement that is for everyone; `None` where they do not.
pub(super) fn narrowed(conditions: &[Condition], own: &[&str]) -> Option<BTreeSet<Opening>> {
    let is_present =
        |key: &str| conditions.iter().any(|c| c.comparison == Comparison::Null && c.is_on(key) && c.requires_its_key());
    let narrows = |condition: &&Condition| {
        use Comparison::*;
        let says_what = matches!(
            condition.comparison,
            StringEquals | StringEqualsIgnoreCase | StringLike | ArnEquals | ArnLike | IpAddress | Bool
        );
        says_what && (condition.requires_its_key() || is_present(&condition.key))
    };
    let limits = conditions.iter().filter(narrows).filter_map(|condition| bounds(condition, own));
    limits.max_by_key(|limit| limit.first().copied())
}

/// Whether a range of addresses is the whole internet or a half of it, as two halves are written where
/// the whole is refused. `2000::/3` is all that is routed of IPv6.
pub fn is_open_to_the_internet(range: &str) -> bool {
    match range.trim().parse::<IpNet>() {
        Ok(IpNet::V4(range)) => range.prefix_len() <= 1,
        // Its first three bits are 001.
        Ok(IpNet::V6(range)) => {
            range.prefix_len() <= 1 || (range.prefix_len() <= 3 && range.addr().octets().starts_with(&[0x20]))
        }
        Err(_) => false,
    }
}

/// Whether any value of the key will do.
pub(super) fn is_any(condition: &Condition) -> bool {
    condition.values.iter().any(|value| value.bytes().all(|byte| byte == b'*'))
}

/// What a condition key says of who calls.
#[derive(Clone, Copy)]
enum Key {
    /// The account of the caller, or of the resource for which a service calls.
    Account,
    /// An ARN with such an account in it.
    Arn,
    /// An organization, or a path in one.
    Organization,
    /// A VPC or an endpoint.
    Network,
    /// An address.
    Address,
    /// The name of a service.
    ServiceName,
    /// Whether it is a service.
    IsService,
    /// Whether it comes through a mount target, which only a VPC has.
    MountTarget,
}

pub(super) const IS_SERVICE: &str = "aws:PrincipalIsAWSService";

/// Sources: IAM user guide, "AWS global condition context keys"; S3 user guide, "The meaning of public";
/// KMS developer guide, "AWS KMS condition keys"; EFS user guide, "Blocking public access".
/// `aws:VpcSourceIp` is not one of them: private addresses are the same in everybody's network.
const KEYS: &[(&str, Key)] = &[
    ("aws:PrincipalAccount", Key::Account),
    ("aws:SourceAccount", Key::Account),
    ("aws:SourceOwner", Key::Account),
    ("aws:VpceAccount", Key::Account),
    ("kms:CallerAccount", Key::Account),
    ("s3:DataAccessPointAccount", Key::Account),
    ("aws:PrincipalArn", Key::Arn),
    ("aws:SourceArn", Key::Arn),
    ("aws:SourceVpcArn", Key::Arn),
    ("lambda:SourceFunctionArn", Key::Arn),
    ("s3:DataAccessPointArn", Key::Arn),
    ("elasticfilesystem:AccessPointArn", Key::Arn),
    ("aws:PrincipalOrgID", Key::Organization),
    ("aws:PrincipalOrgPaths", Key::Organization),
    ("aws:SourceOrgID", Key::Organization),
    ("aws:SourceOrgPaths", Key::Organization),
    ("aws:VpceOrgID", Key::Organization),
    ("aws:VpceOrgPaths", Key::Organization),
    ("aws:SourceVpc", Key::Network),
    ("aws:SourceVpce", Key::Network),
    ("aws:SourceIp", Key::Address),
    ("aws:PrincipalServiceName", Key::ServiceName),
    (IS_SERVICE, Key::IsService),
    ("elasticfilesystem:AccessedViaMountTarget", Key::MountTarget),
];

/// Who is left if the key has one of the values; `None` where that may be anybody.
pub(super) fn bounds(condition: &Condition, own: &[&str]) -> Option<BTreeSet<Opening>> {
    let (_, key) = KEYS.iter().find(|(name, _)| condition.is_on(name))?;
    let left: BTreeSet<_> = condition.values.iter().map(|value| bound(*key, value, own)).collect::<Option<_>>()?;
    (!left.is_empty()).then_some(left)
}

fn bound(key: Key, value: &str, own: &[&str]) -> Option<Opening> {
    let is_variable = |name: &str| value.strip_prefix("${").is_some_and(|rest| rest.eq_ignore_ascii_case(name));
    let is_fixed = !value.is_empty() && !has_wildcard(value) && !value.contains("${");
    match key {
        Key::Account if is_variable("aws:ResourceAccount}") => Some(Opening::OwnAccount),
        Key::Account => is_account_id(value).then(|| account(value, own)),
        Key::Arn => {
            let arn = Arn::parse(value).ok()?;
            if is_account_id(arn.account) {
                return Some(account(arn.account, own));
            }
            // A bucket is one of its kind in the world, others without an account have to be named wholly.
            let name = if arn.service == "s3" { arn.resource.split('/').next()? } else { arn.resource };
            let is_one = arn.account.is_empty() && !has_wildcard(name) && !name.contains("${");
            is_one.then_some(Opening::EveryoneConditioned)
        }
        Key::Organization if is_variable("aws:ResourceOrgID}") => Some(Opening::Organization),
        Key::Organization => {
            let organization = value.split('/').next().unwrap_or(value);
            let is_one = organization.starts_with("o-") && !has_wildcard(organization) && !organization.contains("${");
            is_one.then_some(Opening::Organization)
        }
        Key::Network => is_fixed.then_some(Opening::EveryoneConditioned),
        Key::Address => {
            let is_range = value.parse::<IpNet>().is_ok() || value.parse::<IpAddr>().is_ok();
            (is_range && !is_open_to_the_internet(value)).then_some(Opening::EveryoneConditioned)
        }
        Key::ServiceName => is_fixed.then_some(Opening::Service),
        Key::IsService => value.eq_ignore_ascii_case("true").then_some(Opening::Service),
        Key::MountTarget => value.eq_ignore_ascii_case("true").then_some(Opening::EveryoneConditioned),
    }
}

/// Without knowing the own account nobody can say whose it is.
fn account(id: &str, own: &[&str]) -> Opening {
    match whose(id, own) {
        Some(Whose::OwnAccount) => Opening::OwnAccount,
        Some(_) => Opening::OtherAccount,
        None => Opening::EveryoneConditioned,
    }
}

#[cfg(test)]
mod tests {
    use crate::iam::Document;

    #[track_caller]
    fn check(condition: &str, expected: &str) {
        let text =
            format!(r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"a:B","Condition":{condition}}}}}"#);
        let openings = Document::parse(&text).unwrap().opens_to(&["111122223333"]);
        let openings: Vec<_> = openings.iter().map(|opening| opening.as_str()).collect();
        assert_eq!(openings.join(" "), expected, "{condition}");
    }

    #[test]
    fn a_condition_narrows_only_if_nobody_else_can_meet_it() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"AWS:principalorgid":"o-example"}}"#, "organization"),
            (r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#, "everyone"),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}"#, "organization"),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":"${aws:PrincipalOrgID}"}}"#, "everyone"),
            (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-example"}}"#, "everyone"),
            (r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-example"}}"#, "everyone"),
            (
                r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-example"},"Null":{"aws:PrincipalOrgID":"false"}}"#,
                "organization",
            ),
            (r#"{"Null":{"aws:PrincipalOrgID":false}}"#, "everyone"),
            (r#"{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-example/*"}}"#, "everyone"),
            (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-example/*"]}}"#, "organization"),
            (r#"{"StringEquals":{"aws:PrincipalAccount":["111122223333",444455556666]}}"#, "other-account own-account"),
            (
                r#"{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
                "own-account",
            ),
            (r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#, "everyone"),
            (r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, "own-account"),
            (r#"{"StringEquals":{"aws:SourceOwner":"444455556666"}}"#, "other-account"),
            (r#"{"StringEquals":{"aws:ResourceAccount":"111122223333"}}"#, "everyone"),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}"#, "own-account"),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:topic"}}"#, "everyone"),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::uploads"}}"#, "everyone-conditioned"),
            (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:*"}}"#, "everyone"),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/*"}}"#, "other-account"),
            (r#"{"StringLike":{"aws:PrincipalArn":"*"}}"#, "everyone"),
            (r#"{"StringEquals":{"aws:SourceVpce":"vpce-0example"}}"#, "everyone-conditioned"),
            (r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, "everyone"),
            (r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, "everyone-conditioned"),
            (r#"{"IpAddress":{"aws:SourceIp":"192.0.2.7"}}"#, "everyone-conditioned"),
            (r#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","0.0.0.0/0"]}}"#, "everyone"),
            (r#"{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}"#, "everyone"),
            (r#"{"IpAddress":{"aws:SourceIp":"::/0"}}"#, "everyone"),
            (r#"{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, "everyone"),
            (r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}"#, "everyone"),
            (r#"{"StringEquals":{"sts:ExternalId":"x"}}"#, "everyone"),
            (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, "everyone"),
            (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, "service"),
            (r#"{"Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}}"#, "everyone-conditioned"),
            (r#"{"StringEquals":{"aws:PrincipalTag/team":"x"}}"#, "everyone"),
            (r#"{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}"#, "own-account"),
            (
                r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"StringEquals":{"aws:PrincipalOrgID":"o-example"}}"#,
                "organization",
            ),
            (r#"{"StringEquals":{"aws:PrincipalOrgID":[]}}"#, "everyone"),
        ] {
            check(condition, expected);
        }
    }
}
