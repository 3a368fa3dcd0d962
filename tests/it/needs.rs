//! Which actions a call needs, by its name and by what is in its record.

use serde_json::{Value, json};
use trailwright::classify::{Classifier, Needs};
use trailwright::decode::Decoder;
use trailwright::event::{Outcome, Reader};

use crate::support::story;

/// What one record needs, and the action that its denial names.
pub(crate) fn needs_of(record: &Value) -> Option<(Needs, Option<String>)> {
    let mut found = None;
    let (mut reader, mut classifier) = (Reader::default(), Classifier::default());
    let decoded = Decoder::default().records(record.to_string().as_bytes(), |record| {
        let Ok(record) = record else { return };
        let event = reader.read(&record).unwrap();
        let named = match &event.outcome {
            Outcome::Denied(denial) => denial.action.as_ref().map(ToString::to_string),
            _ => None,
        };
        found = Some(((**classifier.needs(&event, || 0)).clone(), named));
    });
    decoded.unwrap();
    found
}

#[track_caller]
pub(crate) fn check(source: &str, name: &str, more: Value, expected: &[&str]) {
    let mut record = json!({
        "eventTime": "2026-02-03T04:05:06Z",
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/alice", "accountId": "111122223333"},
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    let (needs, _) = needs_of(&record).unwrap();
    let mut found: Vec<String> = Vec::new();
    for used in needs.uses() {
        let to = used.passed_to.map_or(String::new(), |service| format!(" to {service}"));
        let resources: Vec<_> = used.resources.iter().map(|resource| resource.in_policy()).collect();
        found.push(format!("{}{to} on {}", used.action, resources.join(" ")));
    }
    assert_eq!(found, expected, "{source} {name}");
}

/// A request alone.
pub(crate) fn request(parameters: Value) -> Value {
    json!({ "requestParameters": parameters })
}

/// A denial with a message as AWS writes it.
pub(crate) fn denial(action: &str, resource: &str) -> Value {
    let message = format!(
        "User: arn:aws:iam::111122223333:user/team/alice is not authorized to perform: {action} on resource: {resource} \
         because no identity-based policy allows the {action} action"
    );
    json!({"errorCode": "AccessDenied", "errorMessage": message})
}

#[test]
fn a_copy_reads_its_source_and_writes_its_target() {
    check(
        "s3",
        "CopyObject",
        request(json!({"bucketName": "to", "key": "a/b", "x-amz-copy-source": "from/c%20d"})),
        &["s3:GetObject on arn:aws:s3:::from/c d", "s3:PutObject on arn:aws:s3:::to/a/b"],
    );
    check(
        "s3",
        "CopyObject",
        request(
            json!({"bucketName": "to", "key": "k", "x-amz-copy-source": "/from/k?versionId=3", "x-amz-tagging": "a=b"}),
        ),
        &[
            "s3:PutObject on arn:aws:s3:::to/k",
            "s3:GetObjectVersion on arn:aws:s3:::from/k",
            "s3:PutObjectTagging on arn:aws:s3:::to/k",
        ],
    );
}

#[test]
fn only_two_hex_digits_behind_a_percent_sign_stand_for_something_else() {
    for (written, key) in [("a%2Fb%C3%A9", "a/b\u{e9}"), ("100%+1", "100%+1"), ("%", "%"), ("%ff", "%ff")] {
        check(
            "s3",
            "CopyObject",
            request(json!({"bucketName": "to", "key": "k", "x-amz-copy-source": format!("from/{written}")})),
            &[&format!("s3:GetObject on arn:aws:s3:::from/{key}"), "s3:PutObject on arn:aws:s3:::to/k"],
        );
    }
}

#[test]
fn a_version_needs_the_action_of_versions() {
    check(
        "s3",
        "GetObject",
        request(json!({"bucketName": "b", "key": "k", "versionId": "v"})),
        &["s3:GetObjectVersion on arn:aws:s3:::b/k"],
    );
    check("s3", "GetObject", request(json!({"bucketName": "b", "key": "k"})), &["s3:GetObject on arn:aws:s3:::b/k"]);
    check(
        "s3",
        "DeleteObject",
        request(json!({"bucketName": "b", "key": "k", "x-amz-bypass-governance-retention": "true"})),
        &["s3:DeleteObject on arn:aws:s3:::b/k", "s3:BypassGovernanceRetention on arn:aws:s3:::b/k"],
    );
}

#[test]
fn the_record_says_which_service_behind_a_shared_source_was_called() {
    let pattern = |service: &str| format!("arn:aws:{service}:eu-west-1:111122223333");
    let (group, target) = (pattern("autoscaling"), pattern("application-autoscaling"));
    let scaled = json!({"serviceNamespace": "ecs", "resourceId": "service/c/s", "scalableDimension": "ecs:service:DesiredCount", "policyName": "p"});
    // The id in a scalable target's ARN is none that a request has.
    check(
        "autoscaling",
        "PutScalingPolicy",
        request(scaled),
        &[&format!("application-autoscaling:PutScalingPolicy on {target}:scalable-target/*")],
    );
    check(
        "autoscaling",
        "PutScalingPolicy",
        request(json!({"autoScalingGroupName": "g", "policyName": "p"})),
        &[&format!("autoscaling:PutScalingPolicy on {group}:autoScalingGroup:*:autoScalingGroupName/g")],
    );
    let name = "DescribeScalingActivities";
    let [ec2, application] = ["autoscaling", "application-autoscaling"].map(|p| format!("{p}:{name} on *"));
    let added = json!({"requestParameters": null, "additionalEventData": {"service": "application-autoscaling"}});
    check("autoscaling", name, added, &[&application]);
    check("autoscaling", name, request(json!({"serviceNamespace": "dynamodb"})), &[&application]);
    check("autoscaling", name, json!({"additionalEventData": {"service": "autoscaling"}}), &[&ec2]);
    check("autoscaling", name, json!({}), &[&ec2]);
    check(
        "billingconsole",
        "TagResource",
        request(json!({"resourceArn": "arn:aws:ce::111122223333:costcategory/1-2"})),
        &["ce:TagResource on arn:aws:ce::111122223333:costcategory/1-2"],
    );
}

#[test]
fn a_role_is_passed_exactly_when_the_request_has_one() {
    let role = "arn:aws:iam::111122223333:role/service/F";
    let function = "lambda:CreateFunction on arn:aws:lambda:eu-west-1:111122223333:function:f";
    let pass = format!("iam:PassRole to lambda.amazonaws.com on {role}");
    check("lambda", "CreateFunction20150331", request(json!({"functionName": "f", "role": role})), &[function, &pass]);
    let update = "lambda:UpdateFunctionConfiguration on arn:aws:lambda:eu-west-1:111122223333:function:f";
    let name = "UpdateFunctionConfiguration20150331v2";
    check("lambda", name, request(json!({"functionName": "f", "timeout": 3})), &[update]);
    check("lambda", name, request(json!({"functionName": "f", "role": role})), &[update, &pass]);
    // A call that failed may have been stopped before the role was looked at.
    let failed = json!({"requestParameters": {"functionName": "f", "role": role}, "errorCode": "InvalidParameterValueException"});
    check("lambda", "CreateFunction20150331", failed, &[function]);
}

#[test]
fn tags_in_a_request_need_the_tagging_action() {
    let tags = json!({"items": [{"resourceType": "volume", "tags": [{"key": "a", "value": "b"}]}]});
    let parameters = json!({"size": "1", "availabilityZone": "eu-west-1a", "tagSpecificationSet": tags});
    let record = json!({"requestParameters": parameters, "responseElements": {"volumeId": "vol-0a"}});
    let (source, name) = ("ec2", "CreateVolume");
    let mut full = json!({
        "eventTime": "2026-02-03T04:05:06Z", "eventSource": "ec2.amazonaws.com", "eventName": name,
        "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
    });
    for (key, value) in record.as_object().unwrap() {
        full[key] = value.clone();
    }
    let (needs, _) = needs_of(&full).unwrap();
    let actions: Vec<String> = needs.uses().iter().map(|used| used.action.to_string()).collect();
    assert_eq!(actions, ["ec2:CreateVolume", "ec2:CreateTags"], "{source}");
}

#[test]
fn a_key_that_a_request_to_s3_names_is_used_too() {
    let put = "s3:PutObject on arn:aws:s3:::b/k";
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1-2";
    let with = |id: &str| {
        let header = "x-amz-server-side-encryption-aws-kms-key-id";
        request(json!({"bucketName": "b", "key": "k", header: id}))
    };
    let used = format!("kms:GenerateDataKey on {key}");
    for id in [key, "1-2"] {
        check("s3", "PutObject", with(id), &[put, &used]);
    }
    // Policies know no aliases.
    let any = "kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/*";
    check("s3", "PutObject", with("alias/app"), &[put, any]);
    let without = json!({"bucketName": "b", "key": "k", "x-amz-server-side-encryption": "aws:kms"});
    check("s3", "PutObject", request(without), &[put]);
}

#[test]
fn a_denial_for_want_of_passing_a_role_says_to_whom() {
    let mut passing = 0;
    for line in story("every-policy-layer").iter().chain(&story("orders-team")) {
        let record: Value = serde_json::from_str(line).unwrap();
        let Some((needs, Some(named))) = needs_of(&record) else { continue };
        if named == "iam:PassRole" {
            let [used] = needs.uses() else { panic!("{needs:?}") };
            assert!(used.passed_to.is_some(), "{line}");
            passing += 1;
        }
    }
    assert!(passing > 0);
}

/// What one reader says of records, one after the other.
fn needs_in_a_row(records: &[Value]) -> Vec<Needs> {
    let (mut reader, mut classifier) = (Reader::default(), Classifier::default());
    let mut found = Vec::new();
    for record in records {
        let decoded = Decoder::default().records(record.to_string().as_bytes(), |record| {
            let record = record.unwrap();
            let event = reader.read(&record).unwrap();
            found.push((**classifier.needs(&event, || 0)).clone());
        });
        decoded.unwrap();
    }
    found
}

#[test]
fn what_was_read_before_changes_nothing() {
    let record = |region: &str, account: &str, caller: &str, outcome: Value| {
        json!({
            "eventTime": "2026-02-03T04:05:06Z", "eventSource": "cloudtrail.amazonaws.com", "eventName": "GetTrailStatus",
            "awsRegion": region, "recipientAccountId": account, "requestParameters": {"name": "org-trail"},
            "userIdentity": {"type": "IAMUser", "arn": caller}, "errorCode": outcome,
        })
    };
    let mut records = Vec::new();
    for region in ["eu-west-1", "eu-west-2", "cn-north-1"] {
        for account in ["111122223333", "123456789012"] {
            for outcome in [Value::Null, json!("TrailNotFoundException"), json!("AccessDenied")] {
                records.push(record(region, account, "arn:aws:iam::111122223333:user/alice", outcome));
            }
        }
    }
    // What CloudTrail adds may be all that tells two services apart.
    for added in [json!(null), json!({"service": "application-autoscaling"}), json!({"service": "autoscaling"})] {
        for (name, parameters) in [
            ("DescribeScalingActivities", json!(null)),
            ("DeleteScheduledAction", json!({"scheduledActionName": "s", "autoScalingGroupName": "g"})),
            ("DeleteScheduledAction", json!({"scheduledActionName": "s", "serviceNamespace": "ecs"})),
        ] {
            records.push(json!({
                "eventTime": "2026-02-03T04:05:06Z", "eventSource": "autoscaling.amazonaws.com", "eventName": name,
                "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", "requestParameters": parameters,
                "additionalEventData": added, "resources": [{"ARN": "arn:aws:iam::111122223333:role/R"}],
            }));
        }
    }
    records.extend(
        ["orders-team", "partitions"]
            .iter()
            .flat_map(|name| story(name))
            .map(|line| serde_json::from_str(&line).unwrap()),
    );
    let alone: Vec<Needs> = records.iter().filter_map(|record| needs_of(record).map(|(needs, _)| needs)).collect();
    assert_eq!(alone.len(), records.len());
    assert_eq!(needs_in_a_row(&records), alone);
    records.reverse();
    let mut backwards = needs_in_a_row(&records);
    backwards.reverse();
    assert_eq!(backwards, alone);
}
