//! How layers come to one decision. Source: IAM user guide, "Policy evaluation logic".

use trailwright::iam::Action;
use trailwright::iam::evaluate::{Deciding, Decision, Layer, Policies, Policy, Request, evaluate};

use super::{Facts, answer, of_statements};

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const S3: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
const SQS: &str = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#;
const NO_S3: &str = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
const WITH_MFA: &str =
    r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
const NO_S3_ELSEWHERE: &str = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*",
    "Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#;

fn each(statements: &[&str]) -> Vec<Policy> {
    statements.iter().map(|statement| of_statements(statement)).collect()
}

/// What applies: identity policies, boundary, session policies, service control policies by level.
struct Row<'a>(&'a [&'a str], Option<&'a [&'a str]>, Option<&'a [&'a str]>, &'a [&'a [&'a str]]);

impl Row<'_> {
    fn policies(&self) -> Policies {
        let Self(identity, boundary, session, scps) = self;
        Policies {
            identity: each(identity),
            boundary: boundary.map(each),
            session: session.map(each),
            scps: scps.iter().map(|level| each(level)).collect(),
        }
    }
}

#[test]
fn every_layer_has_to_allow_and_none_may_deny() {
    const LACKS: &str = "not allowed by identity policy";
    const NOT_BY_SCP: &str = "not allowed by service control policy";
    for (row, facts, expected) in [
        // Denied unless something allows.
        (Row(&[], None, None, &[]), "", LACKS),
        (Row(&[SQS], None, None, &[]), "", LACKS),
        (Row(&[S3], None, None, &[]), "", "allowed"),
        (Row(&[SQS, S3], None, None, &[]), "", "allowed"),
        // A denial wins, in whichever policy and order.
        (Row(&[S3, NO_S3], None, None, &[]), "", "denied by identity policy"),
        (Row(&[NO_S3, S3], None, None, &[]), "", "denied by identity policy"),
        (Row(&[NO_S3], None, None, &[]), "", "denied by identity policy"),
        (Row(&[S3], Some(&[ALL, NO_S3]), None, &[]), "", "denied by permissions boundary"),
        (Row(&[S3], None, Some(&[NO_S3]), &[]), "", "denied by session policy"),
        (Row(&[S3], None, None, &[&[ALL, NO_S3]]), "", "denied by service control policy"),
        (Row(&[], Some(&[]), Some(&[]), &[&[ALL], &[NO_S3]]), "", "denied by service control policy"),
        // A boundary bounds and gives nothing.
        (Row(&[S3], Some(&[S3]), None, &[]), "", "allowed"),
        (Row(&[S3], Some(&[SQS]), None, &[]), "", "not allowed by permissions boundary"),
        (Row(&[SQS], Some(&[S3]), None, &[]), "", LACKS),
        (Row(&[S3], Some(&[]), None, &[]), "", "not allowed by permissions boundary"),
        // And so does a session policy.
        (Row(&[ALL], None, Some(&[S3]), &[]), "", "allowed"),
        (Row(&[ALL], None, Some(&[SQS]), &[]), "", "not allowed by session policy"),
        (Row(&[], None, Some(&[ALL]), &[]), "", LACKS),
        // All three of them.
        (Row(&[S3], Some(&[ALL]), Some(&[S3, SQS]), &[&[ALL], &[S3]]), "", "allowed"),
        // Service control policies: on every level; one of a level is enough.
        (Row(&[ALL], None, None, &[&[ALL], &[ALL]]), "", "allowed"),
        (Row(&[ALL], None, None, &[&[SQS, S3], &[ALL]]), "", "allowed"),
        (Row(&[ALL], None, None, &[&[ALL], &[SQS]]), "", NOT_BY_SCP),
        (Row(&[ALL], None, None, &[&[SQS], &[ALL]]), "", NOT_BY_SCP),
        (Row(&[ALL], None, None, &[&[]]), "", NOT_BY_SCP),
        (Row(&[], None, None, &[&[ALL]]), "", LACKS),
        // They are looked at first.
        (Row(&[], Some(&[]), None, &[&[SQS]]), "", NOT_BY_SCP),
        // A condition that does not hold, on either side.
        (Row(&[WITH_MFA], None, None, &[]), "", LACKS),
        (Row(&[WITH_MFA], None, None, &[]), "aws:MultiFactorAuthPresent=true", "allowed"),
        (Row(&[S3, NO_S3_ELSEWHERE], None, None, &[]), "aws:RequestedRegion=eu-west-1", "allowed"),
        (Row(&[S3, NO_S3_ELSEWHERE], None, None, &[]), "aws:RequestedRegion=us-east-1", "denied by identity policy"),
    ] {
        assert_eq!(answer(&row.policies(), "s3:GetObject", "arn:aws:s3:::reports/a", facts), expected);
    }
}

#[test]
fn what_is_not_known_matters_only_where_it_could_change_the_answer() {
    let both = "aws:MultiFactorAuthPresent=?; aws:RequestedRegion=?";
    for (row, expected) in [
        (Row(&[WITH_MFA], None, None, &[]), "unknown: aws:multifactorauthpresent"),
        // Another statement allows for certain.
        (Row(&[WITH_MFA, S3], None, None, &[]), "allowed"),
        // Another one denies for certain.
        (Row(&[WITH_MFA, NO_S3], None, None, &[]), "denied by identity policy"),
        // Another layer does not allow for certain.
        (Row(&[WITH_MFA], Some(&[SQS]), None, &[]), "not allowed by permissions boundary"),
        (Row(&[SQS], Some(&[WITH_MFA]), None, &[]), "not allowed by identity policy"),
        (Row(&[S3], Some(&[WITH_MFA]), None, &[]), "unknown: aws:multifactorauthpresent"),
        // It may be denied.
        (Row(&[S3, NO_S3_ELSEWHERE], None, None, &[]), "unknown: aws:requestedregion"),
        (Row(&[S3], None, None, &[&[ALL, NO_S3_ELSEWHERE]]), "unknown: aws:requestedregion"),
        // Denied either way.
        (Row(&[NO_S3_ELSEWHERE], None, None, &[]), "not allowed by identity policy"),
        // Both matter.
        (Row(&[WITH_MFA, NO_S3_ELSEWHERE], None, None, &[]), "unknown: aws:multifactorauthpresent aws:requestedregion"),
        // One does: the layer that asks for the other one allows anyway.
        (Row(&[WITH_MFA, ALL, NO_S3_ELSEWHERE], None, None, &[]), "unknown: aws:requestedregion"),
    ] {
        assert_eq!(answer(&row.policies(), "s3:GetObject", "arn:aws:s3:::reports/a", both), expected);
    }
}

#[test]
fn many_resources_at_once() {
    let statement = |effect: &str, element: &str| format!(r#"{{"Effect":"{effect}","Action":"*",{element}}}"#);
    let all = || statement("Allow", r#""Resource":"*""#);
    for (statements, asked, expected) in [
        // Allowed where all of them are.
        (statement("Allow", r#""Resource":"arn:aws:s3:::reports/*""#), "arn:aws:s3:::reports/2026/*", "allowed"),
        (statement("Allow", r#""Resource":"arn:aws:s3:::reports/*""#), "arn:aws:s3:::reports/*", "allowed"),
        (all(), "arn:aws:s3:::*", "allowed"),
        // Unknown where some may be.
        (
            statement("Allow", r#""Resource":"arn:aws:s3:::reports/2026/*""#),
            "arn:aws:s3:::reports/*",
            "unknown: resource",
        ),
        (statement("Allow", r#""Resource":"arn:aws:s3:::reports/a""#), "arn:aws:s3:::reports/?", "unknown: resource"),
        // Denied where none can be.
        (
            statement("Allow", r#""Resource":"arn:aws:s3:::reports/*""#),
            "arn:aws:s3:::other/*",
            "not allowed by identity policy",
        ),
        // A denial of all, some, none of them.
        (
            all() + "," + &statement("Deny", r#""Resource":"arn:aws:s3:::reports*""#),
            "arn:aws:s3:::reports/*",
            "denied by identity policy",
        ),
        (all() + "," + &statement("Deny", r#""Resource":"*.key""#), "arn:aws:s3:::reports/*", "unknown: resource"),
        (all() + "," + &statement("Deny", r#""Resource":"arn:aws:s3:::other/*""#), "arn:aws:s3:::reports/*", "allowed"),
        // All but some.
        (statement("Allow", r#""NotResource":"arn:aws:s3:::other/*""#), "arn:aws:s3:::reports/*", "allowed"),
        (
            statement("Allow", r#""NotResource":"arn:aws:s3:::reports/a""#),
            "arn:aws:s3:::reports/*",
            "unknown: resource",
        ),
        (
            statement("Allow", r#""NotResource":"arn:aws:s3:::*""#),
            "arn:aws:s3:::reports/*",
            "not allowed by identity policy",
        ),
    ] {
        let policies = Policies { identity: vec![of_statements(&statements)], ..Policies::default() };
        assert_eq!(answer(&policies, "s3:GetObject", asked, ""), expected, "{statements} {asked}");
    }
}

#[test]
fn the_statement_that_decides_is_named() {
    let action: Action = "s3:GetObject".parse().unwrap();
    let scp = super::policy(
        "FullAccess",
        r#"{"Statement":[{"Effect":"Perhaps"},{"Sid":"NoS3","Effect":"Deny","Action":"s3:*","Resource":"*"},
            {"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    );
    let reads = super::policy("Reads", &format!(r#"{{"Statement":[{SQS},{S3}]}}"#));
    let asks = |policies: &Policies| match evaluate(
        policies,
        &Request { action: &action, resource: "*", context: &Facts::default() },
    ) {
        Decision::Allowed { by } | Decision::ExplicitlyDenied { by } => {
            let Deciding { layer, policy, sid, statement } = by;
            (layer, policy.to_owned(), sid.map(str::to_owned), statement)
        }
        other => panic!("{other:?}"),
    };
    let mut policies = Policies { identity: vec![reads], ..Policies::default() };
    assert_eq!(asks(&policies), (Layer::Identity, "Reads".to_owned(), None, 2));
    // Statements that were left out are counted.
    policies.scps = vec![each(&[ALL]), vec![scp]];
    assert_eq!(asks(&policies), (Layer::Scp(2), "FullAccess".to_owned(), Some("NoS3".to_owned()), 2));
}
