//! How calls fail: one row for each shape of error, with the services it comes from. The texts are AWS's
//! own, with every policy type it names.

use anyhow::Result;

use super::template::Template;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Denied,
    /// Throttled, not found, or stopped before anything was done.
    Other,
}

pub struct Fault {
    pub class: Class,
    pub weight: u16,
    /// Service prefixes or `prefix:EventName`; empty is every service without its own shape.
    pub only: &'static [&'static str],
    pub code: &'static str,
    pub message: &'static str,
    /// Whether the record keeps what was asked for.
    pub keeps_parameters: bool,
    pub response: &'static str,
}

/// A fault whose texts are ready to be filled.
pub struct Told {
    pub fault: &'static Fault,
    pub message: Template,
    pub response: Template,
}

/// Services whose denials do not read like the others'.
const OWN_SHAPE: &[&str] = &["ec2", "s3", "kms", "eks", "guardduty", "sts", "signin"];

impl Fault {
    pub fn strikes(&self, prefix: &str, name: &str) -> bool {
        let meant = |only: &&str| match only.split_once(':') {
            Some((service, event)) => service == prefix && event == name,
            None => *only == prefix,
        };
        if self.only.is_empty() { !OWN_SHAPE.contains(&prefix) } else { self.only.iter().any(meant) }
    }
}

pub fn all() -> Result<Vec<Told>> {
    let told = |fault: &'static Fault| {
        let (message, response) = (Template::new(fault.message)?, Template::new(fault.response)?);
        Ok(Told { fault, message, response })
    };
    FAULTS.iter().map(told).collect()
}

const fn denied(weight: u16, only: &'static [&'static str], code: &'static str, message: &'static str) -> Fault {
    Fault { class: Class::Denied, weight, only, code, message, keeps_parameters: false, response: "null" }
}

const fn failed(weight: u16, only: &'static [&'static str], code: &'static str, message: &'static str) -> Fault {
    Fault { class: Class::Other, ..denied(weight, only, code, message) }
}

impl Fault {
    const fn keeping_parameters(self) -> Self {
        Self { keeps_parameters: true, ..self }
    }

    const fn answering(self, response: &'static str) -> Self {
        Self { response, ..self }
    }
}

const BUCKETS: &[&str] = &["s3"];
const EC2: &[&str] = &["ec2"];
const KMS: &[&str] = &["kms"];
const STS: &[&str] = &["sts:AssumeRole"];
/// Services with resource policies.
const RESOURCE_POLICIES: &[&str] = &["sqs", "sns", "secretsmanager", "lambda", "ecr"];

#[rustfmt::skip]
pub const FAULTS: &[Fault] = &[
    denied(40, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no identity-based policy allows the <action> action"),
    denied(3, &[], "AccessDeniedException", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no identity-based policy allows the <action> action"),
    denied(4, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in an identity-based policy"),
    denied(2, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in an identity-based policy: <policy>"),
    denied(4, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in a service control policy"),
    denied(4, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in a service control policy: arn:aws:organizations::<management>:policy/<organization>/service_control_policy/<control-policy>"),
    denied(1, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> because no service control policy allows the <action> action"),
    denied(3, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no permissions boundary allows the <action> action"),
    denied(1, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in a permissions boundary: <boundary>"),
    denied(2, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no session policy allows the <action> action"),
    denied(2, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no VPC endpoint policy allows the <action> action"),
    denied(1, &[], "AccessDenied", "User: <me:arn> is not authorized to perform: <action>"),
    denied(6, RESOURCE_POLICIES, "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no resource-based policy allows the <action> action"),
    denied(2, RESOURCE_POLICIES, "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in a resource control policy: arn:aws:organizations::<management>:policy/<organization>/resource_control_policy/<control-policy>"),
    denied(3, &["sns"], "AuthorizationError", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no identity-based policy allows the <action> action"),
    denied(30, &["lambda:CreateFunction20150331", "ecs:RunTask", "ecs:RegisterTaskDefinition"], "AccessDenied", "User: <me:arn> is not authorized to perform: iam:PassRole on resource: <role:arn> because no identity-based policy allows the iam:PassRole action"),
    denied(10, &["lambda:CreateFunction20150331"], "AccessDenied", "Cross-account pass role is not allowed."),

    denied(12, BUCKETS, "AccessDenied", "Access Denied").keeping_parameters(),
    denied(16, BUCKETS, "AccessDenied", r#"User: <me:arn> is not authorized to perform: <action> on resource: \"<target>\" because no identity-based policy allows the <action> action"#).keeping_parameters(),
    denied(4, BUCKETS, "AccessDenied", r#"User: <me:arn> is not authorized to perform: <action> on resource: \"<target>\" with an explicit deny in a resource-based policy"#).keeping_parameters(),
    denied(3, BUCKETS, "AccessDenied", r#"User: <me:arn> is not authorized to perform: <action> on resource: \"<target>\" because no resource-based policy allows the <action> action"#).keeping_parameters(),
    denied(2, BUCKETS, "AccessDenied", r#"User: <me:arn> is not authorized to perform: <action> on resource: \"<target>\" with an explicit deny in a VPC endpoint policy"#).keeping_parameters(),
    denied(2, BUCKETS, "AccessDenied", r#"User: <me:arn> is not authorized to perform: <action> on resource: \"<target>\" with an explicit deny in a resource control policy: arn:aws:organizations::<management>:policy/<organization>/resource_control_policy/<control-policy>"#).keeping_parameters(),
    denied(2, BUCKETS, "AccessDenied", r#"User: <me:arn> is not authorized to perform: <action> on resource: \"<target>\" because no session policy allows the <action> action"#).keeping_parameters(),
    denied(2, &["s3:PutObject", "s3:GetObject"], "AccessDenied", r#"User: <me:arn> is not authorized to perform: kms:GenerateDataKey on resource: \"arn:aws:kms:<region>:<account>:key/<known:key>\" because no identity-based policy allows the kms:GenerateDataKey action"#).keeping_parameters(),

    denied(14, EC2, "Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: <me:arn> is not authorized to perform: <action> on resource: <target> because no identity-based policy allows the <action> action. Encoded authorization failure message: <token:512>").keeping_parameters(),
    denied(12, EC2, "Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: <me:arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action").keeping_parameters(),
    denied(6, EC2, "Client.UnauthorizedOperation", "You are not authorized to perform this operation. Encoded authorization failure message: <token:640>").keeping_parameters(),
    denied(4, EC2, "Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: <me:arn> is not authorized to perform: <action> on resource: <target> with an explicit deny in a service control policy: arn:aws:organizations::<management>:policy/<organization>/service_control_policy/<control-policy>. Encoded authorization failure message: <token:512>").keeping_parameters(),
    denied(2, EC2, "Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: <me:arn> is not authorized to perform: <action> on resource: <target> because no permissions boundary allows the <action> action. Encoded authorization failure message: <token:600>...").keeping_parameters(),
    denied(20, &["ec2:RunInstances"], "Client.UnauthorizedOperation", "You are not authorized to perform this operation. User: <me:arn> is not authorized to perform: iam:PassRole on resource: <role:arn> because no identity-based policy allows the iam:PassRole action. Encoded authorization failure message: <token:512>").keeping_parameters(),

    denied(10, KMS, "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because no identity-based policy allows the <action> action"),
    denied(6, KMS, "AccessDenied", "User: <me:arn> is not authorized to perform: <action> on resource: <target> because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"),
    denied(8, &["kms:Decrypt"], "AccessDenied", "User: <me:arn> is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"),

    denied(10, STS, "AccessDenied", "User: <me:arn> is not authorized to perform: sts:AssumeRole on resource: <role:arn>"),
    denied(3, STS, "AccessDenied", "User: <me:arn> is not authorized to perform: sts:AssumeRole on resource: <role:arn> because no role trust policy allows the sts:AssumeRole action"),
    denied(3, STS, "AccessDenied", "User: <me:arn> is not authorized to perform: sts:AssumeRole on resource: <role:arn> with an explicit deny in a resource control policy"),
    denied(5, &["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"], "AccessDenied", "Not authorized to perform <action>"),

    denied(10, &["eks", "guardduty"], "AccessDenied", "").keeping_parameters(),
    denied(6, &["eks:CreateNodegroup", "guardduty:UpdateDetector"], "AccessDenied", "").keeping_parameters()
        .answering(r#"{"message":"User: <me:arn> is not authorized to perform: <action> on resource: <target>"}"#),

    failed(10, &[], "ThrottlingException", "Rate exceeded"),
    failed(6, EC2, "Client.RequestLimitExceeded", "Request limit exceeded.").keeping_parameters(),
    failed(4, BUCKETS, "SlowDown", "Please reduce your request rate.").keeping_parameters(),
    failed(6, &["kms", "eks", "sts"], "ThrottlingException", "Rate exceeded"),
    failed(8, EC2, "Client.InvalidInstanceID.NotFound", "The instance ID '<id:i>' does not exist").keeping_parameters(),
    failed(3, EC2, "Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set.").keeping_parameters(),
    failed(12, &["s3:GetObject", "s3:HeadObject"], "NoSuchKey", "The specified key does not exist.").keeping_parameters(),
    failed(8, BUCKETS, "NoSuchBucket", "The specified bucket does not exist").keeping_parameters(),
    failed(12, &["iam"], "NoSuchEntityException", "The role with name <role:name> cannot be found.").keeping_parameters(),
    failed(10, &["ssm"], "ParameterNotFound", "").keeping_parameters(),
    failed(10, &["secretsmanager", "lambda", "dynamodb", "logs", "ecr"], "ResourceNotFoundException", "Requested resource not found").keeping_parameters(),
    failed(8, &["dynamodb"], "ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.").keeping_parameters(),
    failed(6, &["cloudformation"], "ValidationException", "Stack with id <stack> does not exist").keeping_parameters(),
    failed(1, &["signin"], "", "Failed authentication").answering(r#"{"ConsoleLogin":"Failure"}"#),
];
