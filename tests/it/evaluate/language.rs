//! Statements: actions, resources, variables, what is not understood. Sources: IAM user guide, "IAM JSON policy
//! element reference", "IAM policy elements: Variables and tags".

use super::{answer, identity, of_statements, policy};

const ALLOWED: &str = "allowed";
const NOT_ALLOWED: &str = "not allowed by identity policy";

#[test]
fn actions() {
    for (element, action, expected) in [
        (r#""Action":"s3:GetObject""#, "s3:GetObject", true),
        (r#""Action":"s3:GetObject""#, "s3:GetObjectTagging", false),
        (r#""Action":["s3:PutObject","s3:GetObject"]"#, "s3:GetObject", true),
        // Case does not count, neither of the service nor of the name.
        (r#""Action":"S3:getobject""#, "s3:GetObject", true),
        (r#""Action":"s3:GET*""#, "s3:GetObject", true),
        // Wildcards anywhere.
        (r#""Action":"s3:*""#, "s3:GetObject", true),
        (r#""Action":"s3:*""#, "sqs:GetQueueUrl", false),
        (r#""Action":"s3:*Object""#, "s3:GetObject", true),
        (r#""Action":"s3:?etObject""#, "s3:GetObject", true),
        (r#""Action":"*""#, "s3:GetObject", true),
        (r#""Action":"*:*""#, "s3:GetObject", true),
        (r#""Action":"iam:*AccessKey*""#, "iam:ListAccessKeys", true),
        // A service is not another one whose name begins alike.
        (r#""Action":"s3:*""#, "s3-outposts:GetObject", false),
        // All but what is named.
        (r#""NotAction":"iam:*""#, "s3:GetObject", true),
        (r#""NotAction":["iam:*","s3:Get*"]"#, "s3:GetObject", false),
        (r#""NotAction":"iam:*""#, "iam:PassRole", false),
        (r#""NotAction":"*""#, "s3:GetObject", false),
    ] {
        let policies = identity(of_statements(&format!(r#"{{"Effect":"Allow",{element},"Resource":"*"}}"#)));
        let expected = if expected { ALLOWED } else { NOT_ALLOWED };
        assert_eq!(answer(&policies, action, "arn:aws:s3:::reports/a", ""), expected, "{element} {action}");
    }
}

#[test]
fn resources() {
    for (element, resource, expected) in [
        (r#""Resource":"*""#, "arn:aws:s3:::reports/a", true),
        (r#""Resource":"arn:aws:s3:::reports/a""#, "arn:aws:s3:::reports/a", true),
        // Case counts.
        (r#""Resource":"arn:aws:iam::111122223333:user/Bob""#, "arn:aws:iam::111122223333:user/bob", false),
        // A bucket is not its objects.
        (r#""Resource":"arn:aws:s3:::reports""#, "arn:aws:s3:::reports/a", false),
        (r#""Resource":"arn:aws:s3:::reports/*""#, "arn:aws:s3:::reports", false),
        (r#""Resource":["arn:aws:s3:::reports","arn:aws:s3:::reports/*"]"#, "arn:aws:s3:::reports", true),
        // A wildcard passes over slashes.
        (r#""Resource":"arn:aws:s3:::reports/*/test/*""#, "arn:aws:s3:::reports/1/2/test/3/a.jpg", true),
        (r#""Resource":"arn:aws:s3:::reports/*/test/*""#, "arn:aws:s3:::reports/1-test/a.jpg", false),
        (r#""Resource":"arn:aws:s3:::reports/?.csv""#, "arn:aws:s3:::reports/a.csv", true),
        (r#""Resource":"arn:aws:s3:::reports/?.csv""#, "arn:aws:s3:::reports/ab.csv", false),
        // At the end of a part it passes over colons too.
        (
            r#""Resource":"arn:aws:logs:*:111122223333:log-group:*""#,
            "arn:aws:logs:eu-west-1:111122223333:log-group:/a:log-stream:b",
            true,
        ),
        (r#""Resource":"arn:aws:sqs:*""#, "arn:aws:sqs:eu-west-1:111122223333:q", true),
        (r#""Resource":"arn:aws:sqs:eu-*:111122223333:q""#, "arn:aws:sqs:us-east-1:111122223333:q", false),
        (r#""Resource":"arn:aws:s3:::reports/*""#, "arn:aws-cn:s3:::reports/a", false),
        // All but what is named.
        (r#""NotResource":"arn:aws:s3:::reports/*""#, "arn:aws:s3:::reports/a", false),
        (r#""NotResource":"arn:aws:s3:::reports/*""#, "arn:aws:s3:::other/a", true),
        (r#""NotResource":["arn:aws:s3:::reports/*","arn:aws:s3:::other/*"]"#, "arn:aws:s3:::other/a", false),
        // An action without resources is allowed on `*` only: an ARN there allows nothing.
        (r#""Resource":"*""#, "*", true),
        (r#""Resource":"arn:aws:s3:::*""#, "*", false),
        (r#""NotResource":"arn:aws:s3:::reports/*""#, "*", true),
    ] {
        let policies = identity(of_statements(&format!(r#"{{"Effect":"Allow","Action":"*",{element}}}"#)));
        let expected = if expected { ALLOWED } else { NOT_ALLOWED };
        assert_eq!(answer(&policies, "s3:GetObject", resource, ""), expected, "{element} {resource}");
    }
}

#[test]
fn variables_stand_for_what_the_request_has() {
    let home = |facts: &'static str, resource: &'static str, expected: &'static str| {
        (r#""arn:aws:s3:::home/${aws:username}/*""#, "{}", facts, resource, expected)
    };
    let like = r#"{"StringLike":{"s3:prefix":"${aws:username}/*"}}"#;
    let tag = r#"{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}"#;
    for (resource, condition, facts, asked, expected) in [
        home("aws:username=ann", "arn:aws:s3:::home/ann/a", ALLOWED),
        home("aws:username=bob", "arn:aws:s3:::home/ann/a", NOT_ALLOWED),
        // No value and no default: nothing fits.
        home("", "arn:aws:s3:::home/ann/a", NOT_ALLOWED),
        // What stands for a value is no wildcard.
        home("aws:username=*", "arn:aws:s3:::home/ann/a", NOT_ALLOWED),
        home("aws:username=*", "arn:aws:s3:::home/*/a", "unknown: resource"),
        home("aws:username=?", "arn:aws:s3:::home/ann/a", "unknown: aws:username"),
        // Whatever the value is, this does not fit.
        home("aws:username=?", "arn:aws:s3:::other/ann/a", NOT_ALLOWED),
        // Names of keys without case.
        (r#""arn:aws:s3:::home/${AWS:UserName}""#, "{}", "aws:username=ann", "arn:aws:s3:::home/ann", ALLOWED),
        // A default for where there is no value, and only there.
        (r#""arn:aws:s3:::${aws:PrincipalTag/team, 'company-wide'}""#, "{}", "", "arn:aws:s3:::company-wide", ALLOWED),
        (
            r#""arn:aws:s3:::${aws:PrincipalTag/team, 'all'}""#,
            "{}",
            "aws:PrincipalTag/team=red",
            "arn:aws:s3:::red",
            ALLOWED,
        ),
        (
            r#""arn:aws:s3:::${aws:PrincipalTag/team, 'all'}""#,
            "{}",
            "aws:PrincipalTag/team=red",
            "arn:aws:s3:::all",
            NOT_ALLOWED,
        ),
        // In conditions.
        (r#""*""#, like, "aws:username=ann; s3:prefix=ann/x", "*", ALLOWED),
        (r#""*""#, like, "aws:username=ann; s3:prefix=bob/x", "*", NOT_ALLOWED),
        (r#""*""#, like, "s3:prefix=ann/x", "*", NOT_ALLOWED),
        (r#""*""#, like, "aws:username=?; s3:prefix=ann/x", "*", "unknown: aws:username"),
        (r#""*""#, like, "aws:username=?; s3:prefix=ann", "*", NOT_ALLOWED),
        (r#""*""#, like, "aws:username=?; s3:prefix=?", "*", "unknown: aws:username s3:prefix"),
        (r#""*""#, tag, "aws:ResourceTag/team=red; aws:PrincipalTag/team=red", "*", ALLOWED),
        (r#""*""#, tag, "aws:ResourceTag/team=red; aws:PrincipalTag/team=blue", "*", NOT_ALLOWED),
        (
            r#""*""#,
            r#"{"StringEqualsIgnoreCase":{"a:b":"${aws:username}"}}"#,
            "a:b=ANN; aws:username=ann",
            "*",
            ALLOWED,
        ),
        (
            r#""*""#,
            r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:iam::*:user/${aws:username}"}}"#,
            "aws:SourceArn=arn:aws:iam::111122223333:user/ann; aws:username=ann",
            "*",
            ALLOWED,
        ),
        // The three characters that would otherwise mean something else.
        (r#""arn:aws:s3:::home/${*}""#, "{}", "", "arn:aws:s3:::home/a", NOT_ALLOWED),
        (r#""*""#, r#"{"StringLike":{"a:b":"x${*}y${?}z${$}*"}}"#, "a:b=x*y?z$!", "*", ALLOWED),
        (r#""*""#, r#"{"StringLike":{"a:b":"x${*}y"}}"#, "a:b=x-y", "*", NOT_ALLOWED),
        (r#""*""#, r#"{"StringEquals":{"a:b":"${$}{x}"}}"#, "a:b=${x}", "*", ALLOWED),
        // Only a key with a single value can be a variable.
        (
            r#""*""#,
            r#"{"StringEquals":{"a:b":"${aws:TagKeys}"}}"#,
            "a:b=x; aws:TagKeys=x|y",
            "*",
            "unknown: aws:tagkeys",
        ),
        // Not with other operators.
        (r#""*""#, r#"{"NumericEquals":{"a:b":"${a:c}"}}"#, "a:b=1; a:c=1", "*", "unknown: "),
        (r#""*""#, r#"{"IpAddress":{"a:b":"${a:c}"}}"#, "a:b=192.0.2.1; a:c=192.0.2.1", "*", "unknown: "),
        // What does not end is no variable.
        (r#""arn:aws:s3:::home/${aws:username""#, "{}", "aws:username=ann", "arn:aws:s3:::home/ann", "unknown: "),
        // Before the fifth colon AWS knows no variables.
        (
            r#""arn:aws:iam::${aws:PrincipalAccount}:role/a""#,
            "{}",
            "aws:PrincipalAccount=111122223333",
            "arn:aws:iam::111122223333:role/a",
            "unknown: ",
        ),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":{resource},"Condition":{condition}}}"#);
        let found = answer(&identity(of_statements(&statement)), "s3:GetObject", asked, facts);
        assert_eq!(found, expected, "{statement} {facts} {asked}");
    }
}

#[test]
fn in_the_old_version_variables_are_literal() {
    for (version, asked, expected) in [
        (r#""Version":"2008-10-17","#, "arn:aws:s3:::home/ann", NOT_ALLOWED),
        (r#""Version":"2008-10-17","#, "arn:aws:s3:::home/${aws:username}", ALLOWED),
        ("", "arn:aws:s3:::home/${aws:username}", ALLOWED),
        (r#""Version":"2012-10-17","#, "arn:aws:s3:::home/ann", ALLOWED),
        // There is no other version.
        (r#""Version":"2030-01-01","#, "arn:aws:s3:::home/ann", NOT_ALLOWED),
    ] {
        let text = format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${{aws:username}}"}}}}"#
        );
        let found = answer(&identity(policy("p", &text)), "s3:GetObject", asked, "aws:username=ann");
        assert_eq!(found, expected, "{text} {asked}");
    }
}

#[test]
fn what_is_not_understood_is_told_and_decides_nothing() {
    // The statement; what is asked is allowed by another one; then the answer and the problem.
    for (statement, found, problem) in [
        // Not part of an identity policy: it never applies.
        (r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#, ALLOWED, "names no principal"),
        (r#"{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"*","Resource":"*"}"#, ALLOWED, "names no principal"),
        (r#"{"Effect":"Deny","Action":"*"}"#, ALLOWED, "names no resource"),
        (r#"{"Effect":"Deny","Resource":"*"}"#, ALLOWED, "names no action"),
        (r#"{"Effect":"Forbid","Action":"*","Resource":"*"}"#, ALLOWED, "statement 2 is not understood"),
        // Something nobody knows: it may deny.
        (r#"{"Effect":"Deny","Action":"*","Resource":"*","When":"now"}"#, "unknown: ", "statement 2: `When`"),
        (r#"{"Sid":"x","Effect":"Deny","Action":"*","Resource":"*","Condition":1}"#, "unknown: ", "statement 2 (`x`)"),
        (r#"{"Effect":"Deny","Action":["a:B",{}],"Resource":"*"}"#, "unknown: ", "`Action`"),
        (r#"{"Effect":"Deny","Action":"a:B","NotAction":"a:C","Resource":"*"}"#, "unknown: ", "`NotAction`"),
        (r#"{"Effect":"Deny","Action":"*","Resource":[null]}"#, "unknown: ", "`Resource`"),
        (
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Odd":{"a:B":"c"}}}"#,
            "unknown: ",
            "`Odd` on `a:B`",
        ),
        // But not what it is not about.
        (r#"{"Effect":"Deny","Action":"sqs:*","Resource":"*","When":"now"}"#, ALLOWED, "`When`"),
        (r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::b","When":"now"}"#, ALLOWED, "`When`"),
    ] {
        let policy = of_statements(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},{statement}"#));
        let problems = policy.problems().join("; ");
        assert!(problems.contains(problem), "{statement}: {problems}");
        assert_eq!(answer(&identity(policy), "s3:GetObject", "arn:aws:s3:::a", ""), found, "{statement}");
        // And never allows for certain.
        let alone = statement.replace("\"Deny\"", "\"Allow\"");
        let found = answer(&identity(of_statements(&alone)), "s3:GetObject", "arn:aws:s3:::a", "");
        assert_ne!(found, ALLOWED, "{alone}");
    }
    assert_eq!(of_statements(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#).problems(), [""; 0]);
}

#[test]
fn a_policy_tells_which_keys_it_asks_for() {
    let policy = of_statements(
        r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}/${aws:PrincipalTag/Team, 'x'}",
            "Condition":{"StringLike":{"s3:prefix":"${aws:userid}"},"Null":{"AWS:TokenIssueTime":"true"}}},
           {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
    );
    let keys: Vec<_> = policy.keys().iter().map(|key| &**key).collect();
    let expected = [
        "aws:principaltag/team",
        "aws:securetransport",
        "aws:tokenissuetime",
        "aws:userid",
        "aws:username",
        "s3:prefix",
    ];
    assert_eq!(keys, expected);
}
