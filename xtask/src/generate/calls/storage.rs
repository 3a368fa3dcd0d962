//! S3, DynamoDB, RDS, Athena, Glue.

use super::{
    AUDITOR, BUILDERS, Call, FOREIGN, LINKED, PERSON, PIPELINE, READERS, ROOT, SERVICE, WORKLOAD, read, write,
};

const OBJECT: &str = "arn:aws:s3:::<bucket>/<key>";
const BUCKET: &str = "arn:aws:s3:::<bucket>";
const OBJECT_RESOURCES: &str = r#"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<key>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]"#;
const LIST_RESOURCES: &str = r#"[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]"#;
const BUCKET_RESOURCES: &str = r#"[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]"#;
const TRANSFER: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<token:75>=","bytesTransferredOut":<number:4000000>}"#;
const GET_OBJECT: &str = r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<key>"}"#;
const TABLE: &str = "arn:aws:dynamodb:<region>:<account>:table/<table>";
const TABLE_RESOURCES: &str = r#"[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}]"#;

/// The reads of a bucket's settings, which scanners make one after the other.
const fn setting(name: &'static str, parameters: &'static str) -> Call {
    read("s3", name, 7, READERS | LINKED).on(BUCKET).asking(parameters).adding(TRANSFER).naming(BUCKET_RESOURCES)
}

#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    read("s3", "GetObject", 190, WORKLOAD).data().on(OBJECT).asking(GET_OBJECT).adding(TRANSFER)
        .naming(OBJECT_RESOURCES),
    read("s3", "GetObject", 30, FOREIGN | PIPELINE).data().shared().on(OBJECT).asking(GET_OBJECT).adding(TRANSFER)
        .naming(OBJECT_RESOURCES),
    read("s3", "GetObject", 20, PERSON | WORKLOAD).data().on(OBJECT).asking(GET_OBJECT).adding(TRANSFER)
        .naming(OBJECT_RESOURCES).via("athena.amazonaws.com"),
    read("s3", "HeadObject", 60, WORKLOAD | FOREIGN).data().on(OBJECT).as_action("s3:GetObject")
        .asking(GET_OBJECT).adding(TRANSFER).naming(OBJECT_RESOURCES),
    read("s3", "ListObjects", 50, WORKLOAD | PERSON | FOREIGN).data().on(BUCKET).as_action("s3:ListBucket")
        .asking(r#"{"list-type":"2","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","prefix":"<prefix-of-key>","encoding-type":"url","delimiter":"/","max-keys":"1000"}"#)
        .adding(TRANSFER).naming(LIST_RESOURCES),
    write("s3", "PutObject", 90, WORKLOAD | PIPELINE).data().on(OBJECT).adding(TRANSFER).naming(OBJECT_RESOURCES)
        .asking(r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<key>","x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<known:key>"}"#)
        .answered(r#"{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:<region>:<account>:key/<known:key>","x-amz-version-id":"<token:32>"}"#),
    write("s3", "PutObject", 120, SERVICE).data().via("delivery.logs.amazonaws.com").adding(TRANSFER).naming(OBJECT_RESOURCES)
        .asking(r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","key":"<key>","x-amz-acl":"bucket-owner-full-control"}"#),
    write("s3", "DeleteObject", 14, WORKLOAD).data().on(OBJECT).asking(GET_OBJECT).adding(TRANSFER)
        .naming(OBJECT_RESOURCES),
    read("s3", "GetBucketAcl", 40, SERVICE).via("cloudtrail.amazonaws.com").adding(TRANSFER).naming(BUCKET_RESOURCES)
        .asking(r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","acl":""}"#),
    setting("GetBucketAcl", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","acl":""}"#),
    setting("GetBucketPolicy", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}"#),
    setting("GetBucketVersioning", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","versioning":""}"#),
    setting("GetBucketLocation", r#"{"bucketName":"<bucket>","Host":"s3.<region>.amazonaws.com","location":""}"#),
    setting("GetBucketTagging", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","tagging":""}"#),
    setting("GetBucketEncryption", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","encryption":""}"#)
        .as_action("s3:GetEncryptionConfiguration"),
    setting("GetBucketLifecycle", r#"{"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","lifecycle":""}"#)
        .as_action("s3:GetLifecycleConfiguration"),
    setting("GetBucketPublicAccessBlock", r#"{"publicAccessBlock":"","bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com"}"#),
    read("s3", "ListBuckets", 12, READERS | ROOT).as_action("s3:ListAllMyBuckets").adding(TRANSFER)
        .asking(r#"{"Host":"s3.<region>.amazonaws.com"}"#),
    write("s3", "PutBucketPolicy", 1, BUILDERS).on(BUCKET).adding(TRANSFER).naming(BUCKET_RESOURCES)
        .asking(r#"{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]},"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}"#),
    write("s3", "CreateBucket", 1, BUILDERS).on(BUCKET).adding(TRANSFER).naming(BUCKET_RESOURCES)
        .asking(r#"{"CreateBucketConfiguration":{"LocationConstraint":"<region>","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},"bucketName":"<bucket>","Host":"s3.<region>.amazonaws.com"}"#),

    read("dynamodb", "GetItem", 60, WORKLOAD).data().on(TABLE).naming(TABLE_RESOURCES)
        .asking(r#"{"tableName":"<table>","key":["pk","sk"],"consistentRead":false}"#),
    read("dynamodb", "Query", 40, WORKLOAD).data().on(TABLE).naming(TABLE_RESOURCES)
        .asking(r#"{"tableName":"<table>","indexName":"by-customer","keyConditionExpression":"pk = :pk AND begins_with(sk, :prefix)","limit":25}"#),
    write("dynamodb", "PutItem", 30, WORKLOAD).data().on(TABLE).naming(TABLE_RESOURCES)
        .asking(r#"{"tableName":"<table>","key":["pk","sk"],"items":["pk","sk"]}"#),
    write("dynamodb", "UpdateItem", 24, WORKLOAD | PIPELINE).data().on(TABLE).naming(TABLE_RESOURCES)
        .asking(r##"{"tableName":"<table>","key":["pk","sk"],"updateExpression":"SET #s = :s, updated = :now","expressionAttributeNames":{"#s":"status"}}"##),
    read("dynamodb", "DescribeTable", 20, READERS | WORKLOAD).on(TABLE).asking(r#"{"tableName":"<table>"}"#)
        .naming(TABLE_RESOURCES),
    read("dynamodb", "ListTables", 5, READERS).asking(r#"{"limit":100}"#),

    read("rds", "DescribeDBInstances", 22, READERS | LINKED).on("arn:aws:rds:<region>:<account>:db:<database>")
        .asking(r#"{"dBInstanceIdentifier":"<database>"}"#),
    read("rds", "DescribeDBClusters", 10, READERS).on("arn:aws:rds:<region>:<account>:cluster:<database>")
        .asking(r#"{"maxRecords":100}"#),
    read("rds", "ListTagsForResource", 8, AUDITOR | PIPELINE).on("arn:aws:rds:<region>:<account>:db:<database>")
        .asking(r#"{"resourceName":"arn:aws:rds:<region>:<account>:db:<database>"}"#),
    write("rds", "ModifyDBInstance", 1, BUILDERS).on("arn:aws:rds:<region>:<account>:db:<database>")
        .asking(r#"{"dBInstanceIdentifier":"<database>","masterUserPassword":"****","applyImmediately":true,"allowMajorVersionUpgrade":false}"#)
        .answered(r#"{"dBInstanceIdentifier":"<database>","dBInstanceClass":"db.r6g.large","engine":"postgres","dBInstanceStatus":"available","masterUsername":"app","endpoint":{"address":"<database>.cabcdefghijk.<region>.rds.amazonaws.com","port":5432},"allocatedStorage":100,"preferredBackupWindow":"03:00-03:30","backupRetentionPeriod":7,"multiAZ":true,"engineVersion":"16.4","storageEncrypted":true,"kmsKeyId":"arn:aws:kms:<region>:<account>:key/<known:key>","pendingModifiedValues":{"masterUserPassword":"****"}}"#),

    write("athena", "StartQueryExecution", 10, WORKLOAD | PERSON).on("arn:aws:athena:<region>:<account>:workgroup/primary")
        .asking(r#"{"queryString":"<statement>","clientRequestToken":"<uuid>","queryExecutionContext":{"database":"events","catalog":"AwsDataCatalog"},"resultConfiguration":{"outputLocation":"s3://<bucket>/athena/"},"workGroup":"primary"}"#)
        .answered(r#"{"queryExecutionId":"<uuid#query>"}"#),
    read("athena", "GetQueryExecution", 22, WORKLOAD | PERSON).on("arn:aws:athena:<region>:<account>:workgroup/primary")
        .asking(r#"{"queryExecutionId":"<uuid#query>"}"#),
    read("glue", "GetTable", 18, WORKLOAD | PERSON).on("arn:aws:glue:<region>:<account>:catalog").via("athena.amazonaws.com")
        .asking(r#"{"databaseName":"events","name":"<table>"}"#),
    read("glue", "GetPartitions", 12, WORKLOAD).on("arn:aws:glue:<region>:<account>:table/events/<table>")
        .asking(r#"{"databaseName":"events","tableName":"<table>","expression":"dt >= '2026-01-<number:31>'","maxResults":1000}"#),
];
