//! Which permissions calls need, over real logs: how many calls are mapped, how many resources are named,
//! and whether what is put together from a request is what the service itself listed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailwright::classify::{Basis, Classifier, Needs, Use};
use trailwright::decode::Decoder;
use trailwright::event::{Outcome, Reader};

use crate::support::{corpus, files_below, story};

/// What one record needs, and the action that its denial names.
fn needs_of(record: &Value) -> Option<(Needs, Option<String>)> {
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

/// Every record of the real logs, wherever it stands in its file.
fn real_records() -> Vec<Value> {
    fn gather(value: Value, records: &mut Vec<Value>) {
        match value {
            Value::Object(object) if object.contains_key("eventName") && object.contains_key("eventSource") => {
                let mut object = object;
                let shipped = object.get("@timestamp").cloned();
                object.entry("eventTime").or_insert(shipped.unwrap_or_default());
                records.push(Value::Object(object));
            }
            Value::Object(object) => object.into_iter().for_each(|(_, value)| gather(value, records)),
            Value::Array(list) => list.into_iter().for_each(|value| gather(value, records)),
            _ => {}
        }
    }
    let mut records = Vec::new();
    for name in ["invictus", "stratus", "otrf", "small"] {
        let Some(folder) = corpus(name) else { continue };
        for path in files_below(&folder) {
            let bytes = std::fs::read(&path).unwrap();
            let mut text = Vec::new();
            if bytes.starts_with(&[0x1F, 0x8B]) {
                std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&*bytes), &mut text).unwrap();
            } else {
                text = bytes;
            }
            for value in serde_json::Deserializer::from_slice(&text).into_iter().map_while(Result::ok) {
                gather(value, &mut records);
            }
        }
    }
    records
}

fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record[key].as_str().unwrap_or_default()
}

/// Whether a resource is one of its kind, and no pattern.
fn is_specific(used: &Use) -> bool {
    used.resources.iter().any(|resource| !matches!(resource.basis, Basis::Pattern | Basis::TakesNone | Basis::Unknown))
}

#[test]
fn real_calls_are_mapped_and_their_resources_named() {
    let records = real_records();
    if records.is_empty() {
        return;
    }
    let mut pairs: BTreeMap<(String, String), bool> = BTreeMap::new();
    let (mut with_types, mut specific) = (0, 0);
    let (mut listed, mut equal) = (0, 0);
    let mut denied = 0;
    for record in &records {
        let Some((needs, named)) = needs_of(record) else { continue };
        let pair = (text(record, "eventSource").to_owned(), text(record, "eventName").to_owned());
        *pairs.entry(pair).or_default() |= needs != Needs::Unknown;
        if let Some(named) = named {
            // The same call, had it gone through, needs the action that AWS named, or may need it.
            let mut other = record.clone();
            other["errorCode"] = Value::Null;
            other["errorMessage"] = Value::Null;
            let (needs, _) = needs_of(&other).unwrap();
            let actions: BTreeSet<String> = needs.uses().iter().map(|used| used.action.to_string()).collect();
            assert!(actions.contains(&named), "{named} is not among {actions:?}");
            denied += 1;
        }
        let failed = record["errorCode"].is_string();
        let takes = |used: &&Use| used.facts().is_some_and(|facts| !facts.resources.is_empty());
        if failed || needs.uses().iter().find(takes).is_none() {
            continue;
        }
        with_types += 1;
        specific += usize::from(needs.uses().iter().any(is_specific));
        let arns = record["resources"].as_array().into_iter().flatten();
        let arns: BTreeSet<&str> = arns.filter_map(|r| r["ARN"].as_str().or(r["arn"].as_str())).collect();
        if arns.is_empty() {
            continue;
        }
        // The same without the service's own list.
        let mut other = record.clone();
        other["resources"] = Value::Null;
        let (needs, _) = needs_of(&other).unwrap();
        let built: Vec<String> = needs
            .uses()
            .iter()
            .flat_map(|used| &used.resources)
            .filter(|r| matches!(r.basis, Basis::Record | Basis::Created))
            .map(|resource| resource.arn.clone())
            .collect();
        if !built.is_empty() {
            listed += 1;
            equal += usize::from(built.iter().any(|arn| arns.contains(arn.as_str())));
        }
    }
    let mapped = pairs.values().filter(|mapped| **mapped).count();
    assert!(mapped * 100 >= pairs.len() * 98, "{mapped} of {} calls are mapped", pairs.len());
    assert!(specific * 100 >= with_types * 93, "{specific} of {with_types} calls name a resource");
    assert!(equal * 100 >= listed * 90, "{equal} of {listed} resources are those the service listed");
    assert!(pairs.len() > 250 && with_types > 1_500 && listed > 300 && denied > 50, "too few to tell");
}

#[track_caller]
fn check(source: &str, name: &str, more: Value, expected: &[&str]) {
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
fn request(parameters: Value) -> Value {
    json!({ "requestParameters": parameters })
}

/// A denial with a message as AWS writes it.
fn denial(action: &str, resource: &str) -> Value {
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
fn one_action_of_two_apis_is_on_what_the_request_names() {
    let own = "chime:StartSpeakerSearchTask on arn:aws:chime:eu-west-1:111122223333";
    let name = "StartSpeakerSearchTask";
    let voice = request(json!({"voiceConnectorId": "v1", "transactionId": "t"}));
    check("chime", name, voice, &[&format!("{own}:vc/v1")]);
    let pipeline = "arn:aws:chime:eu-west-1:111122223333:media-pipeline/1-2";
    check(
        "chime-sdk-media-pipelines",
        name,
        request(json!({"identifier": pipeline})),
        &[&format!("{own}:media-pipeline/1-2")],
    );
}

#[test]
fn an_access_point_stands_where_a_bucket_would() {
    let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
    check(
        "s3",
        "GetObject",
        request(json!({"bucketName": point, "key": "a/b"})),
        &[&format!("s3:GetObject on {point}/object/a/b")],
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
fn a_transaction_is_on_the_tables_of_its_items() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    let items = json!({"requestItems": [{"operation": "Put", "tableName": "orders"}, {"operation": "ConditionCheck", "tableName": "orders"}]});
    let expected = ["ConditionCheckItem", "PutItem"].map(|name| format!("dynamodb:{name} on {table}"));
    check("dynamodb", "TransactWriteItems", request(items), &[&expected[0], &expected[1]]);
}

#[test]
fn names_become_arns_as_each_service_writes_them() {
    let own = "eu-west-1:111122223333";
    let one = |source, name, parameters, expected: String| check(source, name, request(parameters), &[&expected]);
    one(
        "ssm",
        "GetParameter",
        json!({"name": "/app/db"}),
        format!("ssm:GetParameter on arn:aws:ssm:{own}:parameter/app/db"),
    );
    one(
        "kms",
        "Decrypt",
        json!({"keyId": format!("arn:aws:kms:{own}:key/1-2"), "encryptionContext": {"aws:lambda:FunctionArn": format!("arn:aws:kms:{own}:key/other")}}),
        format!("kms:Decrypt on arn:aws:kms:{own}:key/1-2"),
    );
    one("kms", "DescribeKey", json!({"keyId": "alias/app"}), format!("kms:DescribeKey on arn:aws:kms:{own}:key/*"));
    one(
        "sqs",
        "SendMessage",
        json!({"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q"}),
        format!("sqs:SendMessage on arn:aws:sqs:{own}:q"),
    );
    one(
        "secretsmanager",
        "GetSecretValue",
        json!({"secretId": "db"}),
        format!("secretsmanager:GetSecretValue on arn:aws:secretsmanager:{own}:secret:db-??????"),
    );
    one(
        "lambda",
        "GetFunction20150331v2",
        json!({"functionName": format!("arn:aws:lambda:{own}:function:f:live")}),
        format!("lambda:GetFunction on arn:aws:lambda:{own}:function:f:live"),
    );
    one(
        "dynamodb",
        "GetItem",
        json!({"tableName": "orders"}),
        format!("dynamodb:GetItem on arn:aws:dynamodb:{own}:table/orders"),
    );
    one(
        "ec2",
        "TerminateInstances",
        json!({"instancesSet": {"items": [{"instanceId": "i-0a"}, {"instanceId": "i-0b"}]}}),
        format!("ec2:TerminateInstances on arn:aws:ec2:{own}:instance/i-0a arn:aws:ec2:{own}:instance/i-0b"),
    );
    one(
        "ec2",
        "CreateTags",
        json!({"resourcesSet": {"items": [{"resourceId": "vol-0a"}]}, "tagSet": {"items": [{"key": "a"}]}}),
        format!("ec2:CreateTags on arn:aws:ec2:{own}:volume/vol-0a"),
    );
    one("iam", "GetUser", json!(null), "iam:GetUser on arn:aws:iam::111122223333:user/team/alice".to_owned());
    one(
        "apigateway",
        "GetRestApi",
        json!({"restApiId": "a1"}),
        "apigateway:GET on arn:aws:apigateway:eu-west-1::/restapis/a1".to_owned(),
    );
}

#[test]
fn a_log_group_is_named_in_the_form_that_its_actions_are_compared_with() {
    let group = "arn:aws:logs:eu-west-1:111122223333:log-group:/app/x";
    let with = format!("{group}:*");
    for given in [
        json!({"requestParameters": {"logGroupName": "/app/x"}}),
        json!({"requestParameters": {"logGroupIdentifier": group}}),
        json!({"requestParameters": {"logGroupIdentifier": with}}),
        json!({"requestParameters": {"logGroupIdentifiers": [group]}}),
        json!({"requestParameters": {"logGroupName": "/app/x"}, "resources": [{"ARN": group}]}),
        json!({"requestParameters": {"logGroupName": "/app/x"}, "resources": [{"ARN": with}]}),
    ] {
        for name in ["CreateLogGroup", "DeleteLogGroup", "DescribeLogStreams", "FilterLogEvents", "PutRetentionPolicy"]
            .into_iter()
            .chain(["PutSubscriptionFilter", "StartQuery", "TagLogGroup"])
        {
            check("logs", name, given.clone(), &[&format!("logs:{name} on {with}")]);
        }
    }
    // Tags alone are those of the group without what is in it.
    for arn in [group, &with] {
        check("logs", "TagResource", request(json!({"resourceArn": arn})), &[&format!("logs:TagResource on {group}")]);
    }
    check(
        "logs",
        "CreateLogGroup",
        request(json!({"logGroupName": "/app/x", "tags": {"a": "b"}})),
        &[&format!("logs:CreateLogGroup on {with}"), &format!("logs:TagResource on {group}")],
    );
    check(
        "logs",
        "DescribeLogStreams",
        json!({}),
        &["logs:DescribeLogStreams on arn:aws:logs:eu-west-1:111122223333:log-group:*"],
    );
    let hostile = "logs:DeleteLogGroup on arn:aws:logs:eu-west-1:111122223333:log-group:a${*}:*";
    check("logs", "DeleteLogGroup", request(json!({"logGroupName": "a*"})), &[hostile]);
}

#[test]
fn a_log_stream_is_named_in_its_group() {
    let stream = "arn:aws:logs:eu-west-1:111122223333:log-group:/app/x:log-stream:2026/a";
    for name in ["CreateLogStream", "PutLogEvents"] {
        let named = request(json!({"logGroupName": "/app/x", "logStreamName": "2026/a"}));
        check("logs", name, named, &[&format!("logs:{name} on {stream}")]);
        check("logs", name, denial(&format!("logs:{name}"), stream), &[&format!("logs:{name} on {stream}")]);
    }
}

#[test]
fn what_something_is_in_may_be_given_as_an_arn() {
    let own = "eu-west-1:111122223333";
    let service = format!("ecs:UpdateService on arn:aws:ecs:{own}:service/prod/web");
    for cluster in ["prod".to_owned(), format!("arn:aws:ecs:{own}:cluster/prod")] {
        check("ecs", "UpdateService", request(json!({"cluster": cluster, "service": "web"})), &[&service]);
    }
    for group in ["/app/x".to_owned(), format!("arn:aws:logs:{own}:log-group:/app/x")] {
        let given = request(json!({"logGroupIdentifier": group, "logStreamName": "s"}));
        let stream = format!("logs:GetLogEvents on arn:aws:logs:{own}:log-group:/app/x:log-stream:s");
        check("logs", "GetLogEvents", given, &[&stream]);
    }
    for table in ["t".to_owned(), format!("arn:aws:dynamodb:{own}:table/t")] {
        let given = request(json!({"tableName": table, "indexName": "i"}));
        let [index, table] = ["/index/i", ""].map(|end| format!("arn:aws:dynamodb:{own}:table/t{end}"));
        check("dynamodb", "Query", given, &[&format!("dynamodb:Query on {table} {index}")]);
    }
    // Whose stream that is, the name alone would not tell.
    let other = "arn:aws:logs:eu-west-1:123456789012:log-group:/app/x";
    let given = request(json!({"logGroupIdentifier": other, "logStreamName": "s"}));
    check(
        "logs",
        "GetLogEvents",
        given,
        &[&format!("logs:GetLogEvents on arn:aws:logs:{own}:log-group:*:log-stream:*")],
    );
}

#[test]
fn a_denied_log_group_is_the_group_though_the_message_ends_in_a_stream_without_a_name() {
    let group = "arn:aws:logs:eu-west-1:111122223333:log-group:/app/x";
    for name in ["CreateLogGroup", "FilterLogEvents"] {
        let denied = denial(&format!("logs:{name}"), &format!("{group}:log-stream:"));
        check("logs", name, denied, &[&format!("logs:{name} on {group}:*")]);
    }
}

#[test]
fn a_stack_is_known_by_its_name_whatever_id_it_has_this_time() {
    let own = "arn:aws:cloudformation:eu-west-1:111122223333";
    let (any, this) = (format!("{own}:stack/app/*"), format!("{own}:stack/app/51af3dc0-da77-11e4-872e-1234567db123"));
    let answered = |more: Value| {
        let mut record = json!({"requestParameters": {"stackName": "app"}, "responseElements": more});
        record["responseElements"]["stackId"] = json!(this);
        record
    };
    let set = format!("{own}:changeSet/next/1-2");
    for (name, given) in [
        ("CreateStack", answered(json!({}))),
        ("UpdateStack", answered(json!({}))),
        ("CreateChangeSet", answered(json!({"id": set}))),
        ("DescribeStacks", request(json!({"stackName": "app"}))),
        ("DescribeStacks", request(json!({"stackName": this}))),
        ("DeleteStack", request(json!({"stackName": this}))),
        ("ExecuteChangeSet", request(json!({"changeSetName": "next", "stackName": "app"}))),
        ("CreateStack", json!({"responseElements": {"stackId": this}})),
        ("DescribeStacks", denial("cloudformation:DescribeStacks", &this)),
        ("CreateStack", denial("cloudformation:CreateStack", &any)),
    ] {
        check("cloudformation", name, given, &[&format!("cloudformation:{name} on {any}")]);
    }
    check(
        "cloudformation",
        "DescribeStacks",
        json!({}),
        &[&format!("cloudformation:DescribeStacks on {own}:stack/*/*")],
    );
    // A denial about no stack in particular stays what it is.
    let all = denial("cloudformation:DescribeStacks", &format!("{own}:stack/*/*"));
    check("cloudformation", "DescribeStacks", all, &[&format!("cloudformation:DescribeStacks on {own}:stack/*/*")]);
    let hostile = request(json!({"stackName": "*"}));
    check(
        "cloudformation",
        "DeleteStack",
        hostile,
        &[&format!("cloudformation:DeleteStack on {own}:stack/${{*}}/${{*}}")],
    );
}

#[test]
fn change_sets_stack_sets_and_scaling_groups_are_known_by_name_too() {
    let own = |service: &str| format!("arn:aws:{service}:eu-west-1:111122223333");
    let set = format!("{}:changeSet/next", own("cloudformation"));
    for given in ["next".to_owned(), format!("{set}/1-2")] {
        let given = request(json!({"changeSetName": given}));
        check("cloudformation", "DescribeEvents", given, &[&format!("cloudformation:DescribeEvents on {set}/*")]);
    }
    let set = format!("{}:stackset/baseline", own("cloudformation"));
    for given in ["baseline".to_owned(), "baseline:1-2".to_owned(), format!("{set}:1-2")] {
        for name in ["CreateStackInstances", "DescribeStackSet", "UpdateStackSet"] {
            let given = request(json!({"stackSetName": given}));
            check("cloudformation", name, given, &[&format!("cloudformation:{name} on {set}:*")]);
        }
    }
    let group = format!(
        "autoscaling:DeleteAutoScalingGroup on {}:autoScalingGroup:*:autoScalingGroupName/g",
        own("autoscaling")
    );
    let listed = format!("{}:autoScalingGroup:1-2:autoScalingGroupName/g", own("autoscaling"));
    check("autoscaling", "DeleteAutoScalingGroup", request(json!({"autoScalingGroupName": "g"})), &[&group]);
    check("autoscaling", "DeleteAutoScalingGroup", json!({"resources": [{"ARN": listed}]}), &[&group]);
}

#[test]
fn what_aws_named_is_any_of_its_type_the_next_time() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1-2";
    let made = json!({"requestParameters": {"description": "d"}, "responseElements": {"role": {"arn": "arn:aws:iam::111122223333:role/p/R"}, "keyMetadata": {"arn": key}}});
    check("kms", "CreateKey", made, &["kms:CreateKey on *"]);
    let role = json!({"requestParameters": {"roleName": "R"}, "responseElements": {"role": {"arn": "arn:aws:iam::111122223333:role/p/R"}}});
    check("iam", "CreateRole", role, &["iam:CreateRole on arn:aws:iam::111122223333:role/p/R"]);
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
