//! What stands in a record becomes the ARNs that policies have to hold.

use serde_json::{Value, json};

use crate::needs::{check, denial, request};

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
