//! Identity providers that all their customers share: whoever has an account there gets tokens of the same
//! issuer, and only a condition on what a token says of its holder keeps strangers out.

use super::{Comparison, Condition};
use crate::iam::Arn;

/// By the host they issue tokens under. Source: IAM user guide, "Identity-provider controls for shared OIDC
/// providers", as far as a subject tells customers apart.
const SHARED: &[&str] = &[
    "agent.buildkite.com",
    "app.terraform.io",
    "gitlab.com",
    "oidc.codefresh.io",
    "proidc.upbound.io",
    "scalr.io",
    "token.actions.githubusercontent.com",
];

/// Whether a statement for such a provider lets in all its customers.
pub(super) fn lets_in_everybody(provider: &str, conditions: &[Condition]) -> bool {
    let issuer = match Arn::parse(provider) {
        Ok(arn) => arn.resource.strip_prefix("oidc-provider/").unwrap_or_default(),
        Err(_) => provider,
    };
    let is_shared = SHARED.iter().any(|shared| shared.eq_ignore_ascii_case(issuer));
    is_shared && !conditions.iter().any(|condition| is_about_the_holder(condition, issuer) && is_narrow(condition))
}

/// Whether it asks for a claim of the provider other than for whom the token was made, which the holder chooses.
fn is_about_the_holder(condition: &Condition, issuer: &str) -> bool {
    let claim = condition.key.rsplit_once(':').filter(|(of, _)| of.eq_ignore_ascii_case(issuer));
    claim.is_some_and(|(_, claim)| !claim.eq_ignore_ascii_case("aud")) && condition.requires_its_key()
}

/// Whether each value begins with something of the holder: `repo:example/*`, but not `repo:*`.
fn is_narrow(condition: &Condition) -> bool {
    use Comparison::{StringEquals, StringEqualsIgnoreCase, StringLike};
    let names_somebody = |value: &String| match condition.comparison {
        StringEquals | StringEqualsIgnoreCase => true,
        StringLike => {
            let fixed = value.split(['*', '?']).next().unwrap_or_default();
            fixed.len() == value.len() || !fixed.rsplit(':').next().unwrap_or_default().is_empty()
        }
        _ => false,
    };
    !condition.values.is_empty() && condition.values.iter().all(names_somebody)
}

#[cfg(test)]
mod tests {
    use crate::iam::Document;

    #[track_caller]
    fn check(provider: &str, condition: &str, expected: &str) {
        let provider = format!("arn:aws:iam::111122223333:oidc-provider/{provider}");
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},
                "Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}}}"#
        );
        let openings = Document::parse(&text).unwrap().opens_to(&["111122223333"]);
        let openings: Vec<_> = openings.iter().map(|opening| opening.as_str()).collect();
        assert_eq!(openings.join(" "), expected, "{condition}");
    }

    #[test]
    fn a_shared_provider_is_for_everyone_unless_the_holder_is_named() {
        let host = "token.actions.githubusercontent.com";
        let subject = |comparison: &str, value: &str| format!(r#"{{"{comparison}":{{"{host}:sub":"{value}"}}}}"#);
        check(host, "{}", "everyone");
        check(host, &format!(r#"{{"StringEquals":{{"{host}:aud":"sts.amazonaws.com"}}}}"#), "everyone");
        check(host, &subject("StringLike", "*"), "everyone");
        check(host, &subject("StringLike", "repo:*"), "everyone");
        check(host, &subject("StringLike", "repo:*/shop:ref:refs/heads/main"), "everyone");
        check(host, &subject("StringNotEquals", "repo:example/shop"), "everyone");
        check(host, &subject("StringEqualsIfExists", "repo:example/shop"), "everyone");
        check(host, &subject("StringLike", "repo:example/*"), "federated");
        check(host, &subject("StringEquals", "repo:example/shop:ref:refs/heads/main"), "federated");
        check(host, &format!(r#"{{"StringEquals":{{"{host}:repository_owner_id":"1"}}}}"#), "federated");
        check("oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE", "{}", "federated");
        check("example.okta.com", "{}", "federated");
    }
}
