//! STS, IAM, KMS, Secrets Manager, Organizations, sign-in, GuardDuty.

use super::{
    AUDITOR, BUILDERS, Call, FEDERATED, FOREIGN, LINKED, PERSON, PIPELINE, READERS, ROOT, SERVICE, WORKLOAD, read,
    write,
};

const ROLE_RESOURCE: &str = r#"[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"<role:arn>"}]"#;
const ASSUME_ROLE: &str = r#"{"roleArn":"<role:arn>","roleSessionName":"<role:session>","durationSeconds":3600}"#;
const ASSUMED_ROLE: &str = r#"{"credentials":{"accessKeyId":"<role:key>","sessionToken":"IQoJb3JpZ2luX2VjE<token:80>","expiration":"<expiry>"},"assumedRoleUser":{"assumedRoleId":"<role:id>:<role:session>","arn":"arn:aws:sts::<account>:assumed-role/<role:name>/<role:session>"}}"#;
const KEY: &str = "arn:aws:kms:<region>:<account>:key/<known:key>";
const KEY_RESOURCE: &str =
    r#"[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<known:key>"}]"#;
const SECRET: &str = "arn:aws:secretsmanager:<region>:<account>:secret:<secret>";
const ROLE: &str = "role <role:name>";

#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    read("sts", "GetCallerIdentity", 30, WORKLOAD | READERS),
    read("sts", "AssumeRole", 45, WORKLOAD | PIPELINE | AUDITOR).on("<role:arn>")
        .asking(ASSUME_ROLE).answered(ASSUMED_ROLE).naming(ROLE_RESOURCE),
    read("sts", "AssumeRole", 12, PERSON).on("<role:arn>").naming(ROLE_RESOURCE).answered(ASSUMED_ROLE)
        .asking(r#"{"roleArn":"<role:arn>","roleSessionName":"<me:session>","durationSeconds":3600,"sourceIdentity":"<user-name>","tags":[{"key":"ticket","value":"OPS-<number:4000>"},{"key":"reason","value":"<note>"}]}"#),
    read("sts", "AssumeRole", 300, SERVICE).via("lambda.amazonaws.com").shared()
        .asking(ASSUME_ROLE).answered(ASSUMED_ROLE).naming(ROLE_RESOURCE),
    read("sts", "AssumeRole", 160, SERVICE).via("ec2.amazonaws.com").shared()
        .asking(ASSUME_ROLE).answered(ASSUMED_ROLE).naming(ROLE_RESOURCE),
    read("sts", "AssumeRole", 140, SERVICE).via("ecs-tasks.amazonaws.com").shared()
        .asking(ASSUME_ROLE).answered(ASSUMED_ROLE).naming(ROLE_RESOURCE),
    read("sts", "AssumeRole", 60, FOREIGN).shared().naming(ROLE_RESOURCE).answered(ASSUMED_ROLE)
        .asking(r#"{"roleArn":"<role:arn>","roleSessionName":"partner-sync","externalId":"<hex:32>","durationSeconds":900}"#)
        .adding(r#"{"explicitTrustGrant":true}"#),
    read("sts", "AssumeRoleWithWebIdentity", 90, FEDERATED).naming(ROLE_RESOURCE)
        .asking(r#"{"roleArn":"<role:arn>","roleSessionName":"GitHubActions","durationSeconds":3600}"#)
        .answered(r#"{"credentials":{"accessKeyId":"<role:key>","sessionToken":"IQoJb3JpZ2luX2VjE<token:80>","expiration":"<expiry>"},"subjectFromWebIdentityToken":"<me:name>","assumedRoleUser":{"assumedRoleId":"<role:id>:GitHubActions","arn":"arn:aws:sts::<account>:assumed-role/<role:name>/GitHubActions"},"provider":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com","audience":"sts.amazonaws.com"}"#)
        .adding(r#"{"identityProviderConnectionVerificationMethod":"IAMTrustStore"}"#),
    read("sts", "AssumeRoleWithSAML", 30, FEDERATED).naming(ROLE_RESOURCE)
        .asking(r#"{"sAMLAssertionID":"_<uuid>","roleSessionName":"<me:name>","durationSeconds":3600,"roleArn":"<role:arn>","principalArn":"arn:aws:iam::<account>:saml-provider/ExampleIdP"}"#)
        .answered(r#"{"subjectType":"persistent","issuer":"https://idp.example.com/saml","credentials":{"accessKeyId":"<role:key>","sessionToken":"IQoJb3JpZ2luX2VjE<token:80>","expiration":"<expiry>"},"nameQualifier":"q2FmcGxlTmFtZVF1YWxpZmllcg=","assumedRoleUser":{"assumedRoleId":"<role:id>:<me:name>","arn":"arn:aws:sts::<account>:assumed-role/<role:name>/<me:name>"},"subject":"<me:name>","audience":"https://signin.aws.amazon.com/saml"}"#),

    read("iam", "GetRole", 24, READERS | LINKED).on(ROLE).asking(r#"{"roleName":"<role:name>"}"#),
    read("iam", "GetUser", 8, READERS).on("user <user-name>").asking(r#"{"userName":"<user-name>"}"#),
    read("iam", "ListAttachedRolePolicies", 22, READERS | LINKED).on(ROLE).asking(r#"{"roleName":"<role:name>"}"#),
    read("iam", "ListRolePolicies", 14, READERS).on(ROLE).asking(r#"{"roleName":"<role:name>"}"#),
    read("iam", "GetPolicyVersion", 12, READERS).on("policy <policy>")
        .asking(r#"{"policyArn":"<policy>","versionId":"v<number:6>"}"#),
    read("iam", "ListRoles", 8, READERS | ROOT).asking(r#"{"maxItems":1000}"#)
        .on("arn:aws:iam::<account>:role/"),
    read("iam", "GetAccountSummary", 6, READERS | ROOT),
    read("iam", "ListInstanceProfilesForRole", 6, PIPELINE).on(ROLE).asking(r#"{"roleName":"<role:name>"}"#),
    write("iam", "CreateRole", 2, BUILDERS).on("arn:aws:iam::<account>:role/<service>-<hex:6>")
        .asking(r#"{"path":"/","roleName":"<service>-<hex:6>","assumeRolePolicyDocument":"{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n            \"Effect\": \"Allow\",\n            \"Principal\": {\n                \"Service\": \"ecs-tasks.amazonaws.com\"\n            },\n            \"Action\": \"sts:AssumeRole\"\n        }\n    ]\n}","description":"<note>","maxSessionDuration":3600,"tags":[{"key":"team","value":"<tag-value>"}]}"#)
        .answered(r#"{"role":{"path":"/","roleName":"<service>-<hex:6>","roleId":"<unique:AROA>","arn":"arn:aws:iam::<account>:role/<service>-<hex:6>","createDate":"<spoken>","assumeRolePolicyDocument":"%7B%0A%20%20%20%20%22Version%22%3A%20%222012-10-17%22%2C%0A%20%20%20%20%22Statement%22%3A%20%5B%0A%20%20%20%20%20%20%20%20%7B%0A%20%20%20%20%20%20%20%20%20%20%20%20%22Effect%22%3A%20%22Allow%22%2C%0A%20%20%20%20%20%20%20%20%20%20%20%20%22Principal%22%3A%20%7B%0A%20%20%20%20%20%20%20%20%20%20%20%20%20%20%20%20%22Service%22%3A%20%22ecs-tasks.amazonaws.com%22%0A%20%20%20%20%20%20%20%20%20%20%20%20%7D%2C%0A%20%20%20%20%20%20%20%20%20%20%20%20%22Action%22%3A%20%22sts%3AAssumeRole%22%0A%20%20%20%20%20%20%20%20%7D%0A%20%20%20%20%5D%0A%7D","maxSessionDuration":3600}}"#),
    write("iam", "AttachRolePolicy", 3, BUILDERS).on(ROLE)
        .asking(r#"{"roleName":"<role:name>","policyArn":"<policy>"}"#),
    write("iam", "PutRolePolicy", 3, BUILDERS).on(ROLE)
        .asking(r#"{"roleName":"<role:name>","policyName":"inline-<number:9>","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"ReadOrders\",\"Effect\":\"Allow\",\"Action\":[\"dynamodb:GetItem\",\"dynamodb:Query\"],\"Resource\":\"arn:aws:dynamodb:<region>:<account>:table\/<table>\"}]}"}"#),
    write("iam", "CreateAccessKey", 1, BUILDERS).on("user <user-name>").asking(r#"{"userName":"<user-name>"}"#)
        .answered(r#"{"accessKey":{"userName":"<user-name>","accessKeyId":"<access-key>","status":"Active","createDate":"<spoken>"}}"#),

    read("kms", "Decrypt", 70, WORKLOAD | PERSON).on(KEY).naming(KEY_RESOURCE)
        .asking(r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<key>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#)
        .via("s3.amazonaws.com"),
    read("kms", "Decrypt", 40, WORKLOAD | PIPELINE).on(KEY).naming(KEY_RESOURCE)
        .asking(r#"{"encryptionContext":{"SecretARN":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>","SecretVersionId":"<uuid>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#)
        .via("secretsmanager.amazonaws.com"),
    read("kms", "Decrypt", 24, WORKLOAD | FOREIGN).on(KEY).naming(KEY_RESOURCE)
        .asking(r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<known:key>","encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"tenant":"<number:400>","purpose":"<tag-value>"}}"#),
    read("kms", "Decrypt", 120, SERVICE).naming(KEY_RESOURCE).via("dynamodb.amazonaws.com")
        .asking(r#"{"encryptionContext":{"aws:dynamodb:tableName":"<table>","aws:dynamodb:subscriberId":"<account>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#),
    read("kms", "GenerateDataKey", 60, WORKLOAD).on(KEY).naming(KEY_RESOURCE).via("s3.amazonaws.com")
        .asking(r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<known:key>","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<key>"},"keySpec":"AES_256"}"#),
    read("kms", "GenerateDataKey", 90, SERVICE | LINKED).naming(KEY_RESOURCE).via("cloudtrail.amazonaws.com")
        .asking(r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<known:key>","keySpec":"AES_256","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:us-east-1:<management>:trail/organization","aws:s3:arn":"arn:aws:s3:::<bucket>/AWSLogs/<organization>/<account>/CloudTrail/<region>/<hex:16>.json.gz"}}"#),
    read("kms", "DescribeKey", 20, READERS | LINKED).on(KEY).naming(KEY_RESOURCE)
        .asking(r#"{"keyId":"alias/aws/secretsmanager"}"#),
    read("kms", "ListAliases", 5, READERS).asking(r#"{"limit":100}"#),

    read("secretsmanager", "GetSecretValue", 40, WORKLOAD | PIPELINE).on(SECRET)
        .asking(r#"{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}"#),
    read("secretsmanager", "DescribeSecret", 12, READERS | WORKLOAD).on(SECRET).asking(r#"{"secretId":"<secret>"}"#),
    read("secretsmanager", "ListSecrets", 4, READERS).asking(r#"{"maxResults":100}"#),
    write("secretsmanager", "PutSecretValue", 2, BUILDERS).on(SECRET)
        .asking(r#"{"secretId":"<secret>","clientRequestToken":"<uuid>"}"#)
        .answered(r#"{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}"#),

    read("organizations", "DescribeOrganization", 6, READERS),
    read("organizations", "ListAccounts", 5, AUDITOR | PIPELINE).asking(r#"{"maxResults":20}"#),
    read("organizations", "DescribePolicy", 3, AUDITOR)
        .on("arn:aws:organizations::<management>:policy/<organization>/service_control_policy/<control-policy>")
        .asking(r#"{"policyId":"<control-policy>"}"#),
    read("guardduty", "ListDetectors", 5, AUDITOR | PERSON).asking(r#"{"maxResults":50}"#),
    read("guardduty", "GetDetector", 4, AUDITOR | PERSON)
        .on("arn:aws:guardduty:<region>:<account>:detector/12abc34d567e8fa901bc2d34eexample")
        .asking(r#"{"detectorId":"12abc34d567e8fa901bc2d34eexample"}"#),
    write("guardduty", "UpdateDetector", 1, BUILDERS)
        .on("arn:aws:guardduty:<region>:<account>:detector/12abc34d567e8fa901bc2d34eexample")
        .asking(r#"{"detectorId":"12abc34d567e8fa901bc2d34eexample","enable":true,"findingPublishingFrequency":"SIX_HOURS"}"#),
    write("signin", "ConsoleLogin", 6, PERSON | ROOT).answered(r#"{"ConsoleLogin":"Success"}"#)
        .adding(r#"{"LoginTo":"https://console.aws.amazon.com/console/home?region=<region>","MobileVersion":"No","MFAUsed":"No"}"#),
];
