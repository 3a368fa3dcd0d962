//! Condition operators, row by row. Source of each table: the section of the IAM user guide that its test is
//! named for, in "IAM JSON policy elements: Condition operators" and "Multivalued context keys".

use super::{answer, identity, of_statements};

/// Rows of: the condition, what is known of the request, whether the condition holds.
#[track_caller]
fn check(rows: &[(&str, &str, Holds)]) {
    for (condition, facts, expected) in rows {
        let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
        let found = match answer(&identity(of_statements(&statement)), "s3:GetObject", "*", facts).as_str() {
            "allowed" => Yes,
            "not allowed by identity policy" => No,
            _ => Maybe,
        };
        assert_eq!(found, *expected, "{condition} with {facts}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Holds {
    Yes,
    No,
    Maybe,
}
use Holds::{Maybe, No, Yes};

#[test]
fn operators_and_keys_are_all_required_and_any_value_will_do() {
    check(&[
        // Several values of one key: one is enough.
        (r#"{"StringEquals":{"aws:username":["ann","bob"]}}"#, "aws:username=bob", Yes),
        (r#"{"StringEquals":{"aws:username":["ann","bob"]}}"#, "aws:username=eve", No),
        // Negated: none of them may be equal.
        (r#"{"StringNotEquals":{"aws:username":["ann","bob"]}}"#, "aws:username=bob", No),
        (r#"{"StringNotEquals":{"aws:username":["ann","bob"]}}"#, "aws:username=eve", Yes),
        // Several keys under an operator: all of them.
        (r#"{"StringEquals":{"aws:username":"ann","aws:userid":"AIDAEXAMPLE"}}"#, "aws:username=ann; aws:userid=x", No),
        (
            r#"{"StringEquals":{"aws:username":"ann","aws:userid":"AIDAEXAMPLE"}}"#,
            "aws:username=ann; aws:userid=AIDAEXAMPLE",
            Yes,
        ),
        // Several operators: all of them.
        (
            r#"{"StringEquals":{"aws:username":"ann"},"Bool":{"aws:SecureTransport":"true"}}"#,
            "aws:username=ann; aws:SecureTransport=false",
            No,
        ),
        // No condition at all.
        ("{}", "", Yes),
        // Names of keys are compared without case, and so are those of tags.
        (r#"{"StringEquals":{"AWS:UserName":"ann"}}"#, "aws:username=ann", Yes),
        (r#"{"StringEquals":{"aws:ResourceTag/TEAM":"red"}}"#, "aws:resourcetag/team=red", Yes),
        // A number or a truth value may stand without quotes.
        (r#"{"NumericEquals":{"s3:max-keys":10}}"#, "s3:max-keys=10", Yes),
        (r#"{"Bool":{"aws:SecureTransport":true}}"#, "aws:SecureTransport=true", Yes),
        // What fails for certain fails, whatever else is unknown; what is unknown does not hold for certain.
        (r#"{"StringEquals":{"aws:username":"ann","aws:userid":"x"}}"#, "aws:username=?; aws:userid=y", No),
        (r#"{"StringEquals":{"aws:username":"ann","aws:userid":"x"}}"#, "aws:username=?; aws:userid=x", Maybe),
    ]);
}

#[test]
fn strings() {
    check(&[
        // Exact, case counts.
        (r#"{"StringEquals":{"aws:username":"ann"}}"#, "aws:username=ann", Yes),
        (r#"{"StringEquals":{"aws:username":"ann"}}"#, "aws:username=Ann", No),
        (r#"{"StringNotEquals":{"aws:username":"ann"}}"#, "aws:username=Ann", Yes),
        // No wildcards there.
        (r#"{"StringEquals":{"aws:username":"a*"}}"#, "aws:username=ann", No),
        (r#"{"StringEquals":{"aws:username":"a*"}}"#, "aws:username=a*", Yes),
        // Without case.
        (r#"{"StringEqualsIgnoreCase":{"aws:username":"ANN"}}"#, "aws:username=ann", Yes),
        (r#"{"StringEqualsIgnoreCase":{"aws:username":"ANN"}}"#, "aws:username=anne", No),
        (r#"{"StringNotEqualsIgnoreCase":{"aws:username":"ANN"}}"#, "aws:username=ann", No),
        (r#"{"StringNotEqualsIgnoreCase":{"aws:username":"ANN"}}"#, "aws:username=bob", Yes),
        // Wildcards for any run and for one character, anywhere, and case counts.
        (r#"{"StringLike":{"s3:prefix":"home/*"}}"#, "s3:prefix=home/ann/a", Yes),
        (r#"{"StringLike":{"s3:prefix":"home/*"}}"#, "s3:prefix=home/", Yes),
        (r#"{"StringLike":{"s3:prefix":"home/?nn"}}"#, "s3:prefix=home/ann", Yes),
        (r#"{"StringLike":{"s3:prefix":"home/?nn"}}"#, "s3:prefix=home/nn", No),
        (r#"{"StringLike":{"s3:prefix":"Home/*"}}"#, "s3:prefix=home/ann", No),
        (r#"{"StringNotLike":{"s3:prefix":["home/*","tmp/*"]}}"#, "s3:prefix=tmp/a", No),
        (r#"{"StringNotLike":{"s3:prefix":["home/*","tmp/*"]}}"#, "s3:prefix=etc/a", Yes),
        // An empty value is a value.
        (r#"{"StringEquals":{"s3:prefix":""}}"#, "s3:prefix=", Yes),
        (r#"{"StringLike":{"s3:prefix":"?*"}}"#, "s3:prefix=", No),
        // Not known.
        (r#"{"StringEquals":{"aws:username":"ann"}}"#, "aws:username=?", Maybe),
        (r#"{"StringNotEquals":{"aws:username":"ann"}}"#, "aws:username=?", Maybe),
    ]);
}

#[test]
fn numbers() {
    check(&[
        (r#"{"NumericEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=10", Yes),
        // As numbers, not as texts.
        (r#"{"NumericEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=10.0", Yes),
        (r#"{"NumericNotEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=10.0", No),
        (r#"{"NumericNotEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=11", Yes),
        (r#"{"NumericLessThan":{"s3:max-keys":"10"}}"#, "s3:max-keys=9.5", Yes),
        (r#"{"NumericLessThan":{"s3:max-keys":"10"}}"#, "s3:max-keys=10", No),
        (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=10", Yes),
        (r#"{"NumericLessThanEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=11", No),
        (r#"{"NumericGreaterThan":{"s3:max-keys":"10"}}"#, "s3:max-keys=10", No),
        (r#"{"NumericGreaterThan":{"s3:max-keys":"10"}}"#, "s3:max-keys=100", Yes),
        (r#"{"NumericGreaterThanEquals":{"s3:max-keys":"-3"}}"#, "s3:max-keys=-3", Yes),
        (r#"{"NumericGreaterThanEquals":{"s3:max-keys":"-3"}}"#, "s3:max-keys=-4", No),
        // Big ones keep their last digit.
        (r#"{"NumericEquals":{"a:n":"9007199254740993"}}"#, "a:n=9007199254740992", No),
        // What is no number cannot be compared.
        (r#"{"NumericEquals":{"s3:max-keys":"10"}}"#, "s3:max-keys=ten", Maybe),
        (r#"{"NumericEquals":{"s3:max-keys":"ten"}}"#, "s3:max-keys=10", Maybe),
        (r#"{"NumericLessThan":{"s3:max-keys":"inf"}}"#, "s3:max-keys=10", Maybe),
        // The age of a login with a second factor: of those without, the key is absent.
        (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}"#, "", No),
        (r#"{"NumericLessThanIfExists":{"aws:MultiFactorAuthAge":"3600"}}"#, "", Yes),
    ]);
}

#[test]
fn dates() {
    let now = "aws:CurrentTime=2026-02-03T09:00:00Z";
    check(&[
        (r#"{"DateEquals":{"aws:CurrentTime":"2026-02-03T09:00:00Z"}}"#, now, Yes),
        // The same moment in another zone.
        (r#"{"DateEquals":{"aws:CurrentTime":"2026-02-03T10:00:00+01:00"}}"#, now, Yes),
        (r#"{"DateNotEquals":{"aws:CurrentTime":"2026-02-03T10:00:00+01:00"}}"#, now, No),
        (r#"{"DateNotEquals":{"aws:CurrentTime":"2026-02-03T09:00:01Z"}}"#, now, Yes),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2026-02-03T09:00:00Z"}}"#, now, No),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2026-02-03T09:00:01Z"}}"#, now, Yes),
        (r#"{"DateLessThanEquals":{"aws:CurrentTime":"2026-02-03T09:00:00Z"}}"#, now, Yes),
        (r#"{"DateLessThanEquals":{"aws:CurrentTime":"2026-02-03T08:59:59Z"}}"#, now, No),
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-02-03T09:00:00Z"}}"#, now, No),
        // A day begins at midnight UTC, a month with its first day.
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-02-03"}}"#, now, Yes),
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-02"}}"#, now, Yes),
        (r#"{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-02-03T09:00:00Z"}}"#, now, Yes),
        (r#"{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-02-04"}}"#, now, No),
        // Seconds since 1970 are a date too, on either side.
        (r#"{"DateEquals":{"aws:CurrentTime":"1770109200"}}"#, now, Yes),
        (r#"{"DateLessThan":{"aws:EpochTime":"2026-02-03T09:00:01Z"}}"#, "aws:EpochTime=1770109200", Yes),
        (r#"{"NumericGreaterThan":{"aws:EpochTime":"1770109199"}}"#, "aws:EpochTime=1770109200", Yes),
        // A window needs both of its ends.
        (
            r#"{"DateGreaterThanEquals":{"aws:CurrentTime":"2026-02-03T08:00:00Z"},"DateLessThan":{"aws:CurrentTime":"2026-02-03T09:00:00Z"}}"#,
            now,
            No,
        ),
        // What is no date.
        (r#"{"DateLessThan":{"aws:CurrentTime":"tomorrow"}}"#, now, Maybe),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2027-01-01"}}"#, "aws:CurrentTime=soon", Maybe),
        // Only temporary credentials were issued at some time.
        (r#"{"DateLessThan":{"aws:TokenIssueTime":"2026-02-03T09:00:00Z"}}"#, "", No),
    ]);
}

#[test]
fn truth_values_and_bytes() {
    check(&[
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, "aws:SecureTransport=true", Yes),
        (r#"{"Bool":{"aws:SecureTransport":"TRUE"}}"#, "aws:SecureTransport=true", Yes),
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, "aws:SecureTransport=true", No),
        (r#"{"Bool":{"aws:SecureTransport":["true","false"]}}"#, "aws:SecureTransport=false", Yes),
        // Of long-term keys the key is absent: neither true nor false.
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, "", No),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, "", No),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, "", Yes),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, "aws:MultiFactorAuthPresent=true", No),
        (r#"{"Bool":{"aws:SecureTransport":"yes"}}"#, "aws:SecureTransport=true", Maybe),
        // Bytes are compared, both sides in Base64.
        (r#"{"BinaryEquals":{"a:blob":"QmluYXJ5"}}"#, "a:blob=QmluYXJ5", Yes),
        (r#"{"BinaryEquals":{"a:blob":"QmluYXJ5"}}"#, "a:blob=QmluYXJ6", No),
        (r#"{"BinaryEquals":{"a:blob":"not base64"}}"#, "a:blob=QmluYXJ5", Maybe),
    ]);
}

#[test]
fn addresses() {
    check(&[
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "aws:SourceIp=203.0.113.9", Yes),
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "aws:SourceIp=198.51.100.9", No),
        // Without a prefix it is one address.
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.9"}}"#, "aws:SourceIp=203.0.113.9", Yes),
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.9"}}"#, "aws:SourceIp=203.0.113.10", No),
        (r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "aws:SourceIp=203.0.113.9", No),
        (r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "aws:SourceIp=198.51.100.9", Yes),
        (r#"{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}"#, "aws:SourceIp=198.51.100.9", No),
        // IPv6, however it is written, and both side by side.
        (r#"{"IpAddress":{"aws:SourceIp":"2001:DB8:1234:5678::/64"}}"#, "aws:SourceIp=2001:db8:1234:5678:0::1", Yes),
        (r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}"#, "aws:SourceIp=2001:db8::1", Yes),
        // An address of one family is in no range of the other.
        (r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#, "aws:SourceIp=2001:db8::1", No),
        (r#"{"NotIpAddress":{"aws:SourceIp":"::/0"}}"#, "aws:SourceIp=203.0.113.9", Yes),
        // Through an endpoint the key is absent: a negated comparison holds.
        (r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "", Yes),
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "", No),
        // The name of a service, as logs have it, is no address.
        (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, "aws:SourceIp=cloudformation.amazonaws.com", Maybe),
        (r#"{"IpAddress":{"aws:SourceIp":"somewhere"}}"#, "aws:SourceIp=203.0.113.9", Maybe),
    ]);
}

#[test]
fn arns() {
    let topic = "aws:SourceArn=arn:aws:sns:eu-west-1:111122223333:orders";
    check(&[
        (r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:orders"}}"#, topic, Yes),
        (r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:Orders"}}"#, topic, No),
        // Equals and Like behave alike: both take wildcards.
        (r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:111122223333:ord*"}}"#, topic, Yes),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:ord*"}}"#, topic, Yes),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:order?"}}"#, topic, Yes),
        (r#"{"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, topic, No),
        (r#"{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:444455556666:*"}}"#, topic, Yes),
        // Each of the six parts is looked at by itself: no wildcard reaches beyond a colon before the last.
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns*:111122223333:a:b:orders"}}"#, topic, No),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:*:*:*:*:orders"}}"#, topic, Yes),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:logs:*:*:log-group:*"}}"#,
            "aws:SourceArn=arn:aws:logs:eu-west-1:111122223333:log-group:/a:*",
            Yes,
        ),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::reports"}}"#, "aws:SourceArn=arn:aws:s3:::reports", Yes),
        // AWS does not say what becomes of less than six parts.
        (r#"{"ArnLike":{"aws:SourceArn":"*"}}"#, topic, Maybe),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, "aws:SourceArn=orders", Maybe),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, "", No),
        (r#"{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, "", Yes),
        (r#"{"ArnLikeIfExists":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#, "", Yes),
    ]);
}

#[test]
fn keys_that_are_absent() {
    check(&[
        // What has to be equal is not, what has to differ does.
        (r#"{"StringEquals":{"aws:username":"ann"}}"#, "", No),
        (r#"{"StringNotEquals":{"aws:username":"ann"}}"#, "", Yes),
        (r#"{"StringNotLike":{"aws:username":"a*"}}"#, "", Yes),
        (r#"{"StringNotEqualsIgnoreCase":{"aws:username":"ann"}}"#, "", Yes),
        (r#"{"NumericNotEquals":{"s3:max-keys":"1"}}"#, "", Yes),
        (r#"{"DateNotEquals":{"aws:TokenIssueTime":"2026-02-03"}}"#, "", Yes),
        (r#"{"NumericGreaterThan":{"s3:max-keys":"1"}}"#, "", No),
        // With IfExists it holds where the key is absent, and is as it is otherwise.
        (r#"{"StringEqualsIfExists":{"aws:username":"ann"}}"#, "", Yes),
        (r#"{"StringEqualsIfExists":{"aws:username":"ann"}}"#, "aws:username=ann", Yes),
        (r#"{"StringEqualsIfExists":{"aws:username":"ann"}}"#, "aws:username=bob", No),
        (r#"{"StringNotEqualsIfExists":{"aws:username":"ann"}}"#, "aws:username=ann", No),
        (r#"{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*"]}}"#, "ec2:InstanceType=m5.large", No),
        (r#"{"StringEqualsIfExists":{"aws:username":"ann"}}"#, "aws:username=?", Maybe),
        // Null asks for nothing but presence.
        (r#"{"Null":{"aws:TokenIssueTime":"true"}}"#, "", Yes),
        (r#"{"Null":{"aws:TokenIssueTime":"true"}}"#, "aws:TokenIssueTime=2026-02-03T09:00:00Z", No),
        (r#"{"Null":{"aws:TokenIssueTime":"false"}}"#, "", No),
        (r#"{"Null":{"aws:TokenIssueTime":"false"}}"#, "aws:TokenIssueTime=2026-02-03T09:00:00Z", Yes),
        (r#"{"Null":{"aws:TokenIssueTime":"false"}}"#, "aws:TokenIssueTime=?", Maybe),
        (r#"{"Null":{"aws:TokenIssueTime":["true","false"]}}"#, "aws:TokenIssueTime=?", Yes),
        // Null takes no IfExists.
        (r#"{"NullIfExists":{"aws:TokenIssueTime":"true"}}"#, "", Maybe),
    ]);
}

#[test]
fn keys_with_several_values() {
    check(&[
        // Every value of the request has to be among the policy's.
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=a", Yes),
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=a|b", Yes),
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=a|c", No),
        // No key, or an empty text for a value: true.
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "", Yes),
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=", Yes),
        // Which is why one asks for presence beside it.
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"a"},"Null":{"aws:TagKeys":"false"}}"#, "", No),
        // One value of the request among the policy's.
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=c|b", Yes),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=c|d", No),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}"#, "", No),
        (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a/*"}}"#, "aws:PrincipalOrgPaths=o-a/r/ou/", Yes),
        // Negated: all, or one, of them are none of the policy's.
        (r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=c|d", Yes),
        (r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=c|a", No),
        (r#"{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}"#, "", Yes),
        (r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=a|c", Yes),
        (r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}"#, "aws:TagKeys=a|b", No),
        (r#"{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}"#, "", No),
        (r#"{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":["a","b"]}}"#, "", Yes),
        // Other types take them as well.
        (r#"{"ForAnyValue:ArnLike":{"a:arns":"arn:aws:sns:*:*:*"}}"#, "a:arns=arn:aws:sqs:::q|arn:aws:sns:::t", Yes),
        (r#"{"ForAllValues:IpAddress":{"a:ips":"192.0.2.0/24"}}"#, "a:ips=192.0.2.1|192.0.2.2", Yes),
        // Unknown values may or may not be there.
        (r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}"#, "aws:TagKeys=?", Maybe),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}}"#, "aws:TagKeys=?", Maybe),
        // A key with several values needs a set operator; without, AWS does not say.
        (r#"{"StringEquals":{"aws:TagKeys":"a"}}"#, "aws:TagKeys=a|b", Maybe),
    ]);
}

#[test]
fn what_no_aws_operator_is_called_holds_for_nobody_and_denies_nobody() {
    check(&[
        (r#"{"StringSimilar":{"aws:username":"ann"}}"#, "aws:username=ann", Maybe),
        (r#"{"StringEqualsIfexistsX":{"aws:username":"ann"}}"#, "", Maybe),
        (r#"{"ForSomeValues:StringEquals":{"aws:TagKeys":"a"}}"#, "aws:TagKeys=a", Maybe),
        // But what fails beside it fails.
        (
            r#"{"StringSimilar":{"aws:username":"ann"},"Bool":{"aws:SecureTransport":"true"}}"#,
            "aws:SecureTransport=false",
            No,
        ),
    ]);
}
