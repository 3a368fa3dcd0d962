//! EC2, Auto Scaling, load balancers, Lambda, ECS, EKS, ECR.

use super::{AUDITOR, BUILDERS, Call, LINKED, PERSON, PIPELINE, READERS, ROOT, SERVICE, WORKLOAD, read, write};

const INSTANCE: &str = "arn:aws:ec2:<region>:<account>:instance/<id:i>";
const FUNCTION: &str = "arn:aws:lambda:<region>:<account>:function:<function>";
const REPOSITORY: &str = "arn:aws:ecr:<region>:<account>:repository/<repository>";
const STATE_CHANGE: &str = r#"{"requestId":"<uuid#request>","instancesSet":{"items":[{"instanceId":"<id:i>","currentState":{"code":0,"name":"pending"},"previousState":{"code":80,"name":"stopped"}}]}}"#;
const DONE: &str = r#"{"requestId":"<uuid#request>","_return":true}"#;
const RUN_INSTANCES: &str = r#"{"instancesSet":{"items":[{"imageId":"<id:ami#all>","minCount":1,"maxCount":40}]},"instanceType":"<instance-type#all>","blockDeviceMapping":{},"monitoring":{"enabled":true},"disableApiTermination":false,"disableApiStop":false,"clientToken":"<uuid#all>","iamInstanceProfile":{"name":"<role:name>"},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"team","value":"<tag-value#all>"},{"key":"Name","value":"<service#all>"}]}]},"networkInterfaceSet":{"items":[{"deviceIndex":0,"subnetId":"<id:subnet#all>","associatePublicIpAddress":false}]}}"#;
const RAN_INSTANCES: &str = r#"{"requestId":"<uuid#request>","reservationId":"<id:r>","ownerId":"<account>","groupSet":{},"instancesSet":{"items":[<items>]}}"#;
const RAN_INSTANCE: &str = r#"{"instanceId":"<id:i>","imageId":"<id:ami#all>","currentInstanceBootMode":"uefi","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-<number:256>-<number:256#b>-<number:256#c>.ec2.internal","amiLaunchIndex":<number:40>,"productCodes":{},"instanceType":"<instance-type#all>","launchTime":<millis>,"placement":{"availabilityZone":"<region>a","tenancy":"default"},"monitoring":{"state":"pending"},"subnetId":"<id:subnet#all>","vpcId":"<id:vpc#all>","privateIpAddress":"10.<number:256>.<number:256#b>.<number:256#c>","stateReason":{"code":"pending","message":"pending"},"architecture":"arm64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","blockDeviceMapping":{},"virtualizationType":"hvm","hypervisor":"xen","tagSet":{"items":[{"key":"team","value":"<tag-value#all>"},{"key":"Name","value":"<service#all>"},{"key":"aws:autoscaling:groupName","value":"<group#all>"}]},"clientToken":"<uuid#all>","groupSet":{"items":[{"groupId":"<id:sg#all>","groupName":"<service#all>"}]},"sourceDestCheck":true,"networkInterfaceSet":{"items":[{"networkInterfaceId":"<id:eni>","subnetId":"<id:subnet#all>","vpcId":"<id:vpc#all>","ownerId":"<account>","status":"in-use","macAddress":"0a:<hex:2>:<hex:2#b>:<hex:2#c>:<hex:2#d>:<hex:2#e>","privateIpAddress":"10.<number:256>.<number:256#b>.<number:256#c>","sourceDestCheck":true,"interfaceType":"interface","groupSet":{"items":[{"groupId":"<id:sg#all>","groupName":"<service#all>"}]},"attachment":{"attachmentId":"<id:eni-attach>","deviceIndex":0,"networkCardIndex":0,"status":"attaching","attachTime":<millis>,"deleteOnTermination":true},"privateIpAddressesSet":{"item":[{"privateIpAddress":"10.<number:256>.<number:256#b>.<number:256#c>","primary":true}]},"ipv6AddressesSet":{},"tagSet":{}}]},"ebsOptimized":true,"enaSupport":true,"cpuOptions":{"coreCount":2,"threadsPerCore":1},"capacityReservationSpecification":{"capacityReservationPreference":"open"},"enclaveOptions":{"enabled":false},"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled","httpProtocolIpv4":"enabled","httpProtocolIpv6":"disabled","instanceMetadataTags":"disabled"},"maintenanceOptions":{"autoRecovery":"default"},"privateDnsNameOptions":{"hostnameType":"ip-name","enableResourceNameDnsARecord":false,"enableResourceNameDnsAAAARecord":false}}"#;
const TASK_DEFINITION: &str = r#"{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/<service>:<number:900>","family":"<service>","taskRoleArn":"<role:arn>","networkMode":"awsvpc","revision":<number:900>,"status":"ACTIVE","containerDefinitions":[<items>],"registeredAt":"<spoken>","registeredBy":"<me:arn>"}}"#;
const CONTAINER: &str = r#"{"name":"<service>-<number:40>","image":"<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<hex:12>","cpu":256,"memory":512,"portMappings":[{"containerPort":8080,"hostPort":8080,"protocol":"tcp"}],"essential":true,"environment":[{"name":"LOG_LEVEL","value":"info"},{"name":"TEAM","value":"<tag-value>"},{"name":"TABLE","value":"<table>"},{"name":"QUEUE_URL","value":"https://sqs.<region>.amazonaws.com/<account>/<queue>"},{"name":"FEATURES","value":"{\"search\":true,\"ratio\":0.<number:100>}"}],"mountPoints":[],"volumesFrom":[],"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"<log-group>","awslogs-region":"<region>","awslogs-stream-prefix":"ecs"}},"healthCheck":{"command":["CMD-SHELL","curl -f http://localhost:8080/health || exit 1"],"interval":30,"timeout":5,"retries":3}}"#;

#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    read("ec2", "DescribeInstances", 60, READERS | LINKED | WORKLOAD)
        .asking(r#"{"instancesSet":{"items":[{"instanceId":"<id:i>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeInstances", 30, READERS | LINKED)
        .asking(r#"{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"tag:team","valueSet":{"items":[{"value":"<tag-value>"}]}},{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}}]}}"#),
    read("ec2", "DescribeInstances", 2, AUDITOR | LINKED)
        .asking(r#"{"instancesSet":{"items":[<items>]},"filterSet":{}}"#)
        .repeating(r#"{"instanceId":"<id:i>"}"#, 300, 1000),
    read("ec2", "DescribeVpcs", 16, READERS | LINKED).asking(r#"{"vpcSet":{},"filterSet":{}}"#),
    read("ec2", "DescribeSubnets", 18, READERS | LINKED)
        .asking(r#"{"subnetSet":{"items":[{"subnetId":"<id:subnet>"},{"subnetId":"<id:subnet#b>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeSecurityGroups", 26, READERS | LINKED)
        .asking(r#"{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<id:sg>"}]},"filterSet":{}}"#),
    read("ec2", "DescribeRouteTables", 14, READERS)
        .asking(r#"{"routeTableIdSet":{},"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"<id:vpc>"}]}}]}}"#),
    read("ec2", "DescribeNetworkInterfaces", 20, READERS | LINKED)
        .asking(r#"{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"group-id","valueSet":{"items":[{"value":"<id:sg>"}]}}]}}"#),
    read("ec2", "DescribeVolumes", 14, READERS).asking(r#"{"volumeSet":{},"filterSet":{},"maxResults":500}"#),
    read("ec2", "DescribeImages", 10, READERS)
        .asking(r#"{"executableBySet":{},"imagesSet":{"items":[{"imageId":"<id:ami>"}]},"ownersSet":{},"filterSet":{}}"#),
    read("ec2", "DescribeInstanceStatus", 16, AUDITOR | LINKED)
        .asking(r#"{"instancesSet":{"items":[{"instanceId":"<id:i>"}]},"filterSet":{},"includeAllInstances":true}"#),
    read("ec2", "DescribeTags", 12, WORKLOAD | AUDITOR)
        .asking(r#"{"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<id:i>"}]}}]}}"#),
    read("ec2", "DescribeAccountAttributes", 5, READERS | ROOT)
        .asking(r#"{"accountAttributeNameSet":{"items":[{"attributeName":"supported-platforms"}]},"filterSet":{}}"#),
    read("ec2", "DescribeRegions", 8, READERS | ROOT).asking(r#"{"regionSet":{},"allRegions":true}"#),
    read("ec2", "DescribeVpcEndpoints", 8, BUILDERS | LINKED).via("cloudformation.amazonaws.com")
        .asking(r#"{"DescribeVpcEndpointsRequest":{"VpcEndpointId":{"tag":1,"content":"<id:vpce>"}}}"#),
    write("ec2", "RunInstances", 6, BUILDERS | LINKED).on("arn:aws:ec2:<region>:<account>:instance/*")
        .asking(RUN_INSTANCES).answered(RAN_INSTANCES).repeating(RAN_INSTANCE, 1, 24),
    write("ec2", "StartInstances", 3, BUILDERS).on(INSTANCE).answered(STATE_CHANGE)
        .asking(r#"{"instancesSet":{"items":[{"instanceId":"<id:i>"}]}}"#),
    write("ec2", "TerminateInstances", 3, BUILDERS | LINKED).on(INSTANCE).answered(STATE_CHANGE)
        .asking(r#"{"instancesSet":{"items":[{"instanceId":"<id:i>"}]}}"#),
    write("ec2", "CreateTags", 8, BUILDERS | LINKED).on(INSTANCE).answered(DONE)
        .asking(r#"{"resourcesSet":{"items":[{"resourceId":"<id:i>"}]},"tagSet":{"items":[{"key":"team","value":"<tag-value>"},{"key":"note","value":"<note>"}]}}"#),
    write("ec2", "CreateNetworkInterface", 8, WORKLOAD).via("lambda.amazonaws.com")
        .asking(r#"{"subnetId":"<id:subnet>","description":"AWS Lambda VPC ENI-<function>-<uuid>","groupSet":{"items":[{"groupId":"<id:sg>"}]},"privateIpAddressesSet":{}}"#)
        .answered(r#"{"requestId":"<uuid#request>","networkInterface":{"networkInterfaceId":"<id:eni>","subnetId":"<id:subnet>","vpcId":"<id:vpc>","availabilityZone":"<region>b","description":"AWS Lambda VPC ENI-<function>-<uuid>","ownerId":"<account>","requesterManaged":false,"status":"pending","privateIpAddress":"10.<number:256>.<number:256#b>.7","sourceDestCheck":true,"groupSet":{"items":[{"groupId":"<id:sg>","groupName":"<service>"}]},"tagSet":{}}}"#),
    write("ec2", "AuthorizeSecurityGroupIngress", 4, BUILDERS)
        .on("arn:aws:ec2:<region>:<account>:security-group/<id:sg>")
        .asking(r#"{"groupId":"<id:sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.<number:256>.0.0/16","description":"<note>"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
        .answered(DONE),
    write("ec2", "CreateSnapshot", 3, WORKLOAD | LINKED)
        .on("arn:aws:ec2:<region>:<account>:volume/<id:vol>")
        .asking(r#"{"volumeId":"<id:vol>","description":"nightly <time>"}"#)
        .answered(r#"{"requestId":"<uuid#request>","snapshotId":"<id:snap>","volumeId":"<id:vol>","status":"pending","startTime":<millis>,"progress":"","ownerId":"<account>","volumeSize":"100","description":"nightly <time>","encrypted":true}"#),

    read("autoscaling", "DescribeAutoScalingGroups", 20, READERS | LINKED)
        .asking(r#"{"autoScalingGroupNames":["<group>"]}"#),
    write("autoscaling", "UpdateAutoScalingGroup", 3, BUILDERS | LINKED)
        .on("arn:aws:autoscaling:<region>:<account>:autoScalingGroup:<known:group>:autoScalingGroupName/<group>")
        .asking(r#"{"autoScalingGroupName":"<group>","desiredCapacity":<number:12>}"#),
    read("elasticloadbalancing", "DescribeTargetHealth", 40, READERS | LINKED)
        .asking(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/6d0ecf831eec9f09"}"#),
    read("elasticloadbalancing", "DescribeLoadBalancers", 18, READERS | LINKED).asking(r#"{"pageSize":400}"#),
    write("elasticloadbalancing", "RegisterTargets", 10, LINKED | PIPELINE)
        .on("arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/6d0ecf831eec9f09")
        .asking(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<service>/6d0ecf831eec9f09","targets":[{"id":"10.<number:256>.<number:256#b>.12","port":8080}]}"#),

    read("lambda", "GetFunction20150331v2", 14, READERS).as_action("lambda:GetFunction").on(FUNCTION)
        .asking(r#"{"functionName":"<function>"}"#),
    read("lambda", "ListFunctions20150331", 10, READERS).as_action("lambda:ListFunctions")
        .asking(r#"{"maxItems":50}"#),
    read("lambda", "GetPolicy20150331v2", 6, PIPELINE | AUDITOR).as_action("lambda:GetPolicy").on(FUNCTION)
        .asking(r#"{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>"}"#),
    write("lambda", "Invoke", 60, SERVICE).data().as_action("lambda:InvokeFunction").on(FUNCTION)
        .via("apigateway.amazonaws.com")
        .asking(r#"{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>","sourceArn":"arn:aws:execute-api:<region>:<account>:a1b2c3d4e5/prod/POST/orders","contentType":"application/json"}"#)
        .adding(r#"{"customerEventId":"<uuid>","functionVersion":"arn:aws:lambda:<region>:<account>:function:<function>:$LATEST"}"#)
        .naming(r#"[{"accountId":"<account>","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:<region>:<account>:function:<function>"}]"#),
    write("lambda", "UpdateFunctionCode20150331v2", 5, PIPELINE).as_action("lambda:UpdateFunctionCode").on(FUNCTION)
        .asking(r#"{"functionName":"<function>","s3Bucket":"<bucket>","s3Key":"functions/<function>/<hex:40>.zip","publish":true,"dryRun":false}"#)
        .answered(r#"{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>:<number:300>","runtime":"python3.12","role":"<role:arn>","handler":"app.handler","codeSize":<number:9000000>,"description":"<note>","timeout":30,"memorySize":512,"lastModified":"<time>","codeSha256":"<token:43>=","version":"<number:300>","environment":{},"tracingConfig":{"mode":"Active"},"revisionId":"<uuid>","state":"Active","lastUpdateStatus":"InProgress","packageType":"Zip","architectures":["arm64"],"ephemeralStorage":{"size":512},"snapStart":{"applyOn":"None","optimizationStatus":"Off"},"loggingConfig":{"logFormat":"JSON","logGroup":"<log-group>"}}"#),
    write("lambda", "CreateFunction20150331", 2, BUILDERS).as_action("lambda:CreateFunction").on(FUNCTION)
        .asking(r#"{"functionName":"<function>","runtime":"nodejs22.x","role":"<role:arn>","handler":"index.handler","code":{"s3Bucket":"<bucket>","s3Key":"functions/<function>/<hex:40>.zip"},"description":"<note>","timeout":15,"memorySize":256,"publish":false,"packageType":"Zip","environment":{},"tags":{"team":"<tag-value>"}}"#)
        .answered(r#"{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>","runtime":"nodejs22.x","role":"<role:arn>","handler":"index.handler","codeSize":<number:9000000>,"version":"$LATEST","state":"Pending","stateReason":"The function is being created.","stateReasonCode":"Creating","packageType":"Zip","architectures":["x86_64"]}"#),

    read("ecs", "DescribeServices", 24, BUILDERS | AUDITOR).on("arn:aws:ecs:<region>:<account>:service/<cluster>/<service>")
        .asking(r#"{"cluster":"<cluster>","services":["<service>"]}"#),
    read("ecs", "ListTasks", 14, BUILDERS | AUDITOR).asking(r#"{"cluster":"<cluster>","serviceName":"<service>"}"#),
    write("ecs", "SubmitTaskStateChange", 12, WORKLOAD).on("arn:aws:ecs:<region>:<account>:cluster/<cluster>")
        .asking(r#"{"cluster":"<cluster>","task":"arn:aws:ecs:<region>:<account>:task/<cluster>/<hex:32>","status":"RUNNING"}"#)
        .answered(r#"{"acknowledgment":"ACK"}"#),
    write("ecs", "RegisterTaskDefinition", 7, PIPELINE).answered(TASK_DEFINITION).repeating(CONTAINER, 1, 20)
        .asking(r#"{"family":"<service>","taskRoleArn":"<role:arn>","networkMode":"awsvpc","containerDefinitions":[<items>]}"#),
    write("ecs", "RunTask", 12, WORKLOAD | PIPELINE | PERSON).on("arn:aws:ecs:<region>:<account>:task-definition/<service>:12")
        .asking(r#"{"cluster":"<cluster>","taskDefinition":"<service>:12","launchType":"FARGATE","overrides":{"containerOverrides":[{"name":"<service>","command":["sh","-c","echo \"héllo\" && ./run.sh --date 2026-01-<number:31>"]}]}}"#)
        .answered(r#"{"tasks":[{"taskArn":"arn:aws:ecs:<region>:<account>:task/<cluster>/<hex:32>","clusterArn":"arn:aws:ecs:<region>:<account>:cluster/<cluster>","lastStatus":"PROVISIONING","desiredStatus":"RUNNING","launchType":"FARGATE","createdAt":"<spoken>"}],"failures":[]}"#),
    read("eks", "DescribeCluster", 16, READERS | WORKLOAD).on("arn:aws:eks:<region>:<account>:cluster/<cluster>")
        .asking(r#"{"name":"<cluster>"}"#),
    read("eks", "ListNodegroups", 4, READERS).on("arn:aws:eks:<region>:<account>:cluster/<cluster>")
        .asking(r#"{"name":"<cluster>"}"#),
    write("eks", "CreateNodegroup", 1, BUILDERS).on("arn:aws:eks:<region>:<account>:cluster/<cluster>")
        .asking(r#"{"clusterName":"<cluster>","nodegroupName":"workers-<number:9>","nodeRole":"<role:arn>","scalingConfig":{"minSize":1,"maxSize":6,"desiredSize":3},"subnets":["<id:subnet>","<id:subnet#b>"]}"#),
    read("ecr", "GetAuthorizationToken", 14, WORKLOAD | PIPELINE),
    read("ecr", "BatchGetImage", 18, WORKLOAD | PIPELINE).on(REPOSITORY)
        .asking(r#"{"registryId":"<account>","repositoryName":"<repository>","imageIds":[{"imageTag":"<hex:12>"}],"acceptedMediaTypes":["application/vnd.oci.image.index.v1+json","application/vnd.oci.image.manifest.v1+json","application/vnd.docker.distribution.manifest.v2+json"]}"#)
        .naming(r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repository>"}]"#),
    read("ecr", "GetDownloadUrlForLayer", 24, WORKLOAD | PIPELINE).on(REPOSITORY)
        .asking(r#"{"registryId":"<account>","repositoryName":"<repository>","layerDigest":"sha256:<hex:64>"}"#)
        .naming(r#"[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repository>"}]"#),
    read("ecr", "DescribeImages", 6, READERS).on(REPOSITORY).asking(r#"{"repositoryName":"<repository>"}"#),
];
