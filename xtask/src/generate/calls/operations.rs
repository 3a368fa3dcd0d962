//! Logs, metrics, Systems Manager, CloudFormation, messaging, CloudTrail, Config and the rest.

use super::{
    AUDITOR, BUILDERS, Call, FOREIGN, LINKED, PERSON, PIPELINE, READERS, ROOT, SERVICE, WORKLOAD, read, write,
};

const LOG_GROUP: &str = "arn:aws:logs:<region>:<account>:log-group:<log-group>:*";
const PARAMETER: &str = "arn:aws:ssm:<region>:<account>:parameter<parameter>";
const STACK: &str = "arn:aws:cloudformation:<region>:<account>:stack/<stack>/*";
const QUEUE: &str = "arn:aws:sqs:<region>:<account>:<queue>";
const TOPIC: &str = "arn:aws:sns:<region>:<account>:<topic>";

#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    write("logs", "CreateLogStream", 30, WORKLOAD).on(LOG_GROUP)
        .asking(r#"{"logGroupName":"<log-group>","logStreamName":"2026/01/<number:31>/[$LATEST]<hex:32>"}"#),
    read("logs", "DescribeLogGroups", 16, READERS).on("arn:aws:logs:<region>:<account>:log-group::log-stream:*")
        .asking(r#"{"logGroupNamePrefix":"/aws/lambda/","limit":50}"#),
    read("logs", "FilterLogEvents", 10, PERSON).on(LOG_GROUP)
        .asking(r#"{"logGroupName":"<log-group>","startTime":<millis>,"filterPattern":"\"ERROR\" -\"timeout\"","interleaved":true}"#),
    read("logs", "StartQuery", 6, PERSON).on(LOG_GROUP)
        .asking(r#"{"logGroupNames":["<log-group>"],"startTime":<millis>,"queryString":"fields @timestamp, @message | filter @message like /(?i)erreur|エラー/ | sort @timestamp desc","limit":10000}"#)
        .answered(r#"{"queryId":"<uuid>"}"#),
    write("logs", "CreateLogGroup", 2, WORKLOAD | PIPELINE).on(LOG_GROUP)
        .asking(r#"{"logGroupName":"<log-group>","tags":{"team":"<tag-value>"}}"#),
    write("logs", "PutRetentionPolicy", 2, BUILDERS).on(LOG_GROUP)
        .asking(r#"{"logGroupName":"<log-group>","retentionInDays":30}"#),

    read("monitoring", "DescribeAlarms", 20, READERS | LINKED).as_action("cloudwatch:DescribeAlarms")
        .on("arn:aws:cloudwatch:<region>:<account>:alarm:*").asking(r#"{"maxRecords":100}"#),
    read("monitoring", "GetMetricData", 30, AUDITOR | PERSON).as_action("cloudwatch:GetMetricData")
        .asking(r#"{"metricDataQueries":[{"id":"m1","metricStat":{"metric":{"namespace":"AWS/EC2","metricName":"CPUUtilization","dimensions":[{"name":"InstanceId","value":"<id:i>"}]},"period":300,"stat":"Average"},"returnData":true}],"startTime":"<time>","endTime":"<time>"}"#),
    write("monitoring", "PutMetricAlarm", 3, BUILDERS).as_action("cloudwatch:PutMetricAlarm")
        .on("arn:aws:cloudwatch:<region>:<account>:alarm:<alarm>")
        .asking(r#"{"alarmName":"<alarm>","alarmDescription":"<note>","metricName":"CPUUtilization","namespace":"AWS/EC2","statistic":"Average","period":300,"evaluationPeriods":2,"threshold":80.5,"comparisonOperator":"GreaterThanThreshold","alarmActions":["arn:aws:sns:<region>:<account>:<topic>"]}"#),

    read("ssm", "GetParameter", 40, WORKLOAD | PIPELINE).on(PARAMETER)
        .asking(r#"{"name":"<parameter>","withDecryption":true}"#)
        .naming(r#"[{"accountId":"<account>","ARN":"arn:aws:ssm:<region>:<account>:parameter<parameter>"}]"#),
    read("ssm", "GetParametersByPath", 16, WORKLOAD | PIPELINE).on(PARAMETER)
        .asking(r#"{"path":"<parameter>","recursive":true,"withDecryption":true,"maxResults":10}"#),
    read("ssm", "DescribeInstanceInformation", 12, READERS | LINKED).asking(r#"{"maxResults":50}"#),
    write("ssm", "UpdateInstanceInformation", 24, WORKLOAD).on("arn:aws:ec2:<region>:<account>:instance/<id:i>")
        .asking(r#"{"instanceId":"<id:i>","agentVersion":"3.3.1611.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.<number:256>.<number:256#b>.20","computerName":"ip-10-0-1-20.ec2.internal","agentName":"amazon-ssm-agent","availabilityZone":"<region>a"}"#),
    write("ssm", "SendCommand", 3, BUILDERS).on("arn:aws:ssm:<region>::document/AWS-RunShellScript")
        .asking(r#"{"documentName":"AWS-RunShellScript","instanceIds":["<id:i>"],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","comment":"<note>","timeoutSeconds":600}"#)
        .answered(r#"{"command":{"commandId":"<uuid>","documentName":"AWS-RunShellScript","documentVersion":"$DEFAULT","comment":"<note>","expiresAfter":"<expiry>","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","instanceIds":["<id:i>"],"targets":[],"requestedDateTime":"<spoken>","status":"Pending","statusDetails":"Pending","outputS3BucketName":"","maxConcurrency":"50","maxErrors":"0","targetCount":1,"completedCount":0,"errorCount":0,"serviceRole":"","timeoutSeconds":600}}"#),
    write("ssm", "PutParameter", 2, BUILDERS).on(PARAMETER)
        .asking(r#"{"name":"<parameter>","description":"<note>","value":"HIDDEN_DUE_TO_SECURITY_REASONS","type":"SecureString","overwrite":true}"#)
        .answered(r#"{"version":<number:40>,"tier":"Standard"}"#),

    read("cloudformation", "DescribeStacks", 24, READERS).on(STACK).asking(r#"{"stackName":"<stack>"}"#),
    read("cloudformation", "DescribeStackEvents", 14, BUILDERS).on(STACK)
        .asking(r#"{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<stack>/<known:stack>"}"#),
    read("cloudformation", "ListStacks", 6, READERS)
        .asking(r#"{"stackStatusFilter":["CREATE_COMPLETE","UPDATE_COMPLETE","UPDATE_ROLLBACK_COMPLETE"]}"#),
    write("cloudformation", "CreateChangeSet", 3, PIPELINE).on(STACK)
        .asking(r#"{"stackName":"<stack>","changeSetName":"cdk-deploy-change-set","templateURL":"https://<bucket>.s3.<region>.amazonaws.com/<hex:64>.json","parameters":[{"parameterKey":"ImageTag","parameterValue":"<hex:12>"}],"capabilities":["CAPABILITY_IAM","CAPABILITY_NAMED_IAM","CAPABILITY_AUTO_EXPAND"],"tags":[{"key":"team","value":"<tag-value>"}]}"#)
        .answered(r#"{"id":"arn:aws:cloudformation:<region>:<account>:changeSet/cdk-deploy-change-set/<uuid>","stackId":"arn:aws:cloudformation:<region>:<account>:stack/<stack>/<known:stack>"}"#),

    write("sqs", "SendMessage", 18, WORKLOAD | FOREIGN).data().on(QUEUE)
        .asking(r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","messageBody":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#)
        .naming(r#"[{"accountId":"<account>","type":"AWS::SQS::Queue","ARN":"arn:aws:sqs:<region>:<account>:<queue>"}]"#),
    read("sqs", "GetQueueAttributes", 24, WORKLOAD | READERS).on(QUEUE)
        .asking(r#"{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","attributeNames":["ApproximateNumberOfMessages"]}"#),
    read("sqs", "ListQueues", 4, READERS),
    write("sns", "Publish", 30, SERVICE).data().on(TOPIC).via("events.amazonaws.com")
        .asking(r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>","message":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#)
        .naming(r#"[{"accountId":"<account>","type":"AWS::SNS::Topic","ARN":"arn:aws:sns:<region>:<account>:<topic>"}]"#),
    write("sns", "Publish", 14, WORKLOAD).data().on(TOPIC)
        .asking(r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>","message":"HIDDEN_DUE_TO_SECURITY_REASONS","subject":"<note>"}"#)
        .naming(r#"[{"accountId":"<account>","type":"AWS::SNS::Topic","ARN":"arn:aws:sns:<region>:<account>:<topic>"}]"#),
    read("sns", "ListTopics", 4, READERS).as_action("SNS:ListTopics").on("arn:aws:sns:<region>:<account>:*"),
    read("sns", "GetTopicAttributes", 8, READERS).as_action("SNS:GetTopicAttributes").on(TOPIC)
        .asking(r#"{"topicArn":"arn:aws:sns:<region>:<account>:<topic>"}"#),

    read("cloudtrail", "LookupEvents", 6, AUDITOR | PERSON)
        .asking(r#"{"lookupAttributes":[{"attributeKey":"EventName","attributeValue":"ConsoleLogin"}],"maxResults":50}"#),
    read("cloudtrail", "DescribeTrails", 6, READERS | ROOT).asking(r#"{"trailNameList":[],"includeShadowTrails":true}"#),
    read("cloudtrail", "GetTrailStatus", 6, READERS)
        .on("arn:aws:cloudtrail:us-east-1:<management>:trail/organization")
        .asking(r#"{"name":"arn:aws:cloudtrail:us-east-1:<management>:trail/organization"}"#),
    read("config", "DescribeConfigurationRecorders", 6, AUDITOR | LINKED),
    read("config", "BatchGetResourceConfig", 8, AUDITOR | LINKED)
        .asking(r#"{"resourceKeys":[{"resourceType":"AWS::EC2::Instance","resourceId":"<id:i>"}]}"#),
    write("config", "PutEvaluations", 6, WORKLOAD).asking(r#"{"resultToken":"<token:64>","testMode":false}"#),
    write("securityhub", "BatchImportFindings", 2, AUDITOR).on("arn:aws:securityhub:<region>::product/example/scanner")
        .asking(r#"{"Findings":[<items>]}"#).answered(r#"{"FailedCount":0,"SuccessCount":40,"FailedFindings":[]}"#)
        .repeating(r#"{"SchemaVersion":"2018-10-08","Id":"arn:aws:securityhub:<region>:<account>:finding/<uuid>","ProductArn":"arn:aws:securityhub:<region>::product/example/scanner","GeneratorId":"check-<number:90>","AwsAccountId":"<account>","Types":["Software and Configuration Checks/AWS Security Best Practices"],"CreatedAt":"<time>","UpdatedAt":"<time>","Severity":{"Label":"MEDIUM","Normalized":40},"Title":"Instance <id:i> has no owner – «<tag-value>»","Description":"<note>","Resources":[{"Type":"AwsEc2Instance","Id":"arn:aws:ec2:<region>:<account>:instance/<id:i>","Partition":"aws","Region":"<region>"}],"WorkflowState":"NEW","RecordState":"ACTIVE"}"#, 10, 70),
    read("tagging", "GetResources", 10, AUDITOR).as_action("tag:GetResources")
        .asking(r#"{"resourcesPerPage":100,"tagFilters":[{"key":"team","values":["<tag-value>"]}]}"#),
    read("codepipeline", "GetPipelineState", 8, BUILDERS).on("arn:aws:codepipeline:<region>:<account>:<pipeline>")
        .asking(r#"{"name":"<pipeline>"}"#),
    write("events", "PutEvents", 8, WORKLOAD).on("arn:aws:events:<region>:<account>:event-bus/default"),
    write("events", "PutRule", 1, BUILDERS).on("arn:aws:events:<region>:<account>:rule/<rule>")
        .asking(r#"{"name":"<rule>","eventPattern":"{\"source\":[\"aws.ec2\"],\"detail-type\":[\"EC2 Instance State-change Notification\"]}","state":"ENABLED","description":"<note>"}"#)
        .answered(r#"{"ruleArn":"arn:aws:events:<region>:<account>:rule/<rule>"}"#),
    read("health", "DescribeEventAggregates", 5, PERSON | ROOT)
        .asking(r#"{"aggregateField":"eventTypeCategory","filter":{"eventStatusCodes":["open","upcoming"]}}"#),
    read("ce", "GetCostAndUsage", 3, AUDITOR | PERSON)
        .asking(r#"{"timePeriod":{"start":"2026-01-01","end":"2026-02-01"},"granularity":"DAILY","metrics":["UnblendedCost"],"groupBy":[{"type":"DIMENSION","key":"SERVICE"}]}"#),
    read("route53", "ListHostedZones", 3, READERS).asking(r#"{"maxitems":"100"}"#),
    write("route53", "ChangeResourceRecordSets", 1, BUILDERS).on("arn:aws:route53:::hostedzone/Z0EXAMPLE0ZONE")
        .asking(r#"{"hostedZoneId":"Z0EXAMPLE0ZONE","changeBatch":{"comment":"<note>","changes":[{"action":"UPSERT","resourceRecordSet":{"name":"api.example.com","type":"A","tTL":60,"resourceRecords":[{"value":"203.0.113.<number:255>"}]}}]}}"#)
        .answered(r#"{"changeInfo":{"id":"/change/C<alphanumeric:12>","status":"PENDING","submittedAt":"<spoken>"}}"#),
];
