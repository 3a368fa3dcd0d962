//! The policy documents inside a request, wherever a service has its parameter for them, as text or as an
//! object; what they allow and to whom they open something.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{call, own_account, request};
use crate::decode::Json;
use crate::event::Event;
use crate::iam::{Document, DocumentError, Grant, Opening};

/// A policy document inside a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInRequest {
    /// The parameter it stands at, as this program spells it.
    pub parameter: &'static str,
    /// What it says, or why that cannot be read.
    pub document: Result<Document, DocumentError>,
    /// What an Allow in it is worth.
    pub purpose: Purpose,
}

/// What an Allow in a document is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// It gives permissions, or opens a resource.
    Gives,
    /// It lets through what others give: a session policy, an endpoint's, an organization's.
    Limits,
}

/// Parameters that hold a policy document, compared without case. From the API models that AWS publishes
/// with its SDKs; `bucketPolicy` is CloudTrail's own word.
const PARAMETERS: &[&str] = &[
    "policyDocument",
    "assumeRolePolicyDocument",
    "policy",
    "policyText",
    "repositoryPolicyText",
    "registryPolicyText",
    "repositoryPolicy",
    "resourcePolicy",
    "keyPolicy",
    "bucketPolicy",
    "accessPolicies",
    "accessPolicy",
    "inlinePolicy",
    "content",
    "policyInJson",
    "fileSystemPolicy",
    "deliveryDestinationPolicy",
    "sessionPolicy",
    "executionRoleSessionPolicy",
    "resolverRulePolicy",
    "resolverQueryLogConfigPolicy",
    "firewallRuleGroupPolicy",
    "configuredAudienceModelPolicy",
    "s3AccessPolicy",
    "modelPolicy",
];

/// Those of them at which nothing else ever stands.
const NOTHING_ELSE: &[&str] = &["policyDocument", "assumeRolePolicyDocument"];

/// The policy documents inside a request. Such as are only tried out, as by a simulation, are left out.
pub fn policies(event: &Event<'_>) -> Vec<PolicyInRequest> {
    let mut found = Vec::new();
    let (service, name) = call(event);
    let is_trial = service == "accessanalyzer" || name.starts_with("Simulate") || name.starts_with("Validate");
    let Some(request) = request(event).filter(|_| !is_trial) else { return found };
    let purpose = if limits(service, name) { Purpose::Limits } else { Purpose::Gives };
    let mut add = |parameter, value: Json<'_>| {
        let nothing_else = NOTHING_ELSE.contains(&parameter) && value.as_str().is_some_and(|text| !text.is_empty());
        if let Some(document) = read(value).or(nothing_else.then_some(Err(DocumentError::NotJson))) {
            found.push(PolicyInRequest { parameter, document, purpose });
        }
    };
    for (key, value) in request.pairs() {
        let known = PARAMETERS.iter().find(|known| key.is_ignoring_case(known));
        if let Some(parameter) = known {
            // Glacier has one member more around it, S3 writes some values as a list of one.
            let inner = value.get_ignoring_case("policy").unwrap_or(value);
            add(parameter, inner);
            inner.items().for_each(|item| add(parameter, item));
        } else if key.is_ignoring_case("attributes") || key.is_ignoring_case("attribute") {
            // SQS, and SNS where a topic is made.
            value.get_ignoring_case("Policy").into_iter().for_each(|policy| add("attributes.Policy", policy));
        } else if key.is_ignoring_case("attributeValue") {
            let is_policy =
                request.get_ignoring_case("attributeName").is_some_and(|name| name.is_ignoring_case("Policy"));
            if is_policy {
                add("attributeValue", value);
            }
        } else if key.is_ignoring_case("patchOperations") {
            let of_policy = value.items().filter(|patch| patch.get("path").is_some_and(|path| path.is("/policy")));
            of_policy.filter_map(|patch| patch.get("value")).for_each(|value| add("patchOperations", value));
        }
    }
    found
}

/// Whether the documents of a call only limit.
fn limits(service: &str, name: &str) -> bool {
    match service {
        "sts" | "organizations" | "rolesanywhere" | "transfer" => true,
        "ec2" => name.ends_with("VpcEndpoint"),
        "eks" => name.ends_with("PodIdentityAssociation"),
        "glue" => name == "StartJobRun",
        _ => false,
    }
}

/// A value that is meant as a policy document; `None` for other things that stand at such a parameter, as
/// an organization's tag policy or a lifecycle.
fn read(value: Json<'_>) -> Option<Result<Document, DocumentError>> {
    let text = if value.is_object() {
        Cow::Borrowed(std::str::from_utf8(value.raw()).ok()?)
    } else {
        let text = value.as_str()?;
        let start = text.trim_start();
        let is_likely = start.starts_with('{') || start.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b"));
        is_likely.then_some(text)?
    };
    match Document::parse(&text) {
        Err(DocumentError::NoStatement | DocumentError::NotAnObject) => None,
        document => Some(document),
    }
}

/// What the policy documents in a request allow. What is included in something else is left out, so that
/// an administrator's policy is told as that and not as ten things. Of service control policies
/// what they let through counts; session and endpoint policies allow nothing.
pub fn allows(event: &Event<'_>) -> BTreeSet<Grant> {
    let (service, _) = call(event);
    let counts = |policy: &PolicyInRequest| policy.purpose == Purpose::Gives || service == "organizations";
    let grants: BTreeSet<_> = documents(event, counts).iter().flat_map(Document::allows).collect();
    let is_included = |grant: &Grant| grants.iter().any(|other| other.includes(*grant));
    let some_and_more = |grant: &Grant| *grant == Grant::Some && grants.len() > 1;
    grants.iter().filter(|grant| !is_included(grant) && !some_and_more(grant)).copied().collect()
}

/// To whom the policy documents in a request open what they are attached to.
pub fn opens_to(event: &Event<'_>) -> BTreeSet<Opening> {
    let own: Vec<_> = own_account(event).into_iter().collect();
    let giving = documents(event, |policy| policy.purpose == Purpose::Gives);
    giving.iter().flat_map(|document| document.opens_to(&own)).collect()
}

/// Whether a key policy leaves nothing to the account that owns the key; `None` where there is none.
pub fn denies_owner(event: &Event<'_>) -> Option<bool> {
    let (service, _) = call(event);
    let own = own_account(event).filter(|_| service == "kms")?;
    let documents = documents(event, |policy| policy.parameter == "policy");
    documents.last().map(|document| document.leaves_out(own))
}

/// Whether every policy document in a request could be read.
pub fn policies_are_readable(event: &Event<'_>) -> bool {
    policies(event).iter().all(|policy| policy.document.is_ok())
}

fn documents(event: &Event<'_>, wanted: impl Fn(&PolicyInRequest) -> bool) -> Vec<Document> {
    policies(event).into_iter().filter(wanted).filter_map(|policy| policy.document.ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::with;
    use super::*;

    const OPEN: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"x:Y","Resource":"*"}]}"#;

    fn words<T>(set: BTreeSet<T>, word: impl Fn(&T) -> &'static str) -> String {
        set.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_document_is_found_wherever_a_service_takes_it() {
        let text = serde_json::to_string(OPEN).unwrap();
        let encoded = OPEN.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
        for (source, name, request, parameter) in [
            ("s3", "PutBucketPolicy", format!(r#"{{"bucketName":"b","bucketPolicy":{OPEN}}}"#), "bucketPolicy"),
            ("s3", "PutBucketPolicy", format!(r#"{{"bucketPolicy":[{text}]}}"#), "bucketPolicy"),
            ("iam", "UpdateAssumeRolePolicy", format!(r#"{{"policyDocument":"{encoded}"}}"#), "policyDocument"),
            ("iam", "CreateRole", format!(r#"{{"assumeRolePolicyDocument":{text}}}"#), "assumeRolePolicyDocument"),
            ("kms", "PutKeyPolicy", format!(r#"{{"policy":{text},"policyName":"default"}}"#), "policy"),
            ("sqs", "SetQueueAttributes", format!(r#"{{"attributes":{{"Policy":{text}}}}}"#), "attributes.Policy"),
            (
                "sns",
                "SetTopicAttributes",
                format!(r#"{{"attributeName":"Policy","attributeValue":{text}}}"#),
                "attributeValue",
            ),
            ("ecr", "SetRepositoryPolicy", format!(r#"{{"policyText":{text},"force":false}}"#), "policyText"),
            ("glue", "PutResourcePolicy", format!(r#"{{"policyInJson":{text}}}"#), "policyInJson"),
            ("glacier", "SetVaultAccessPolicy", format!(r#"{{"policy":{{"policy":{text}}}}}"#), "policy"),
            ("es", "UpdateElasticsearchDomainConfig", format!(r#"{{"accessPolicies":{text}}}"#), "accessPolicies"),
            (
                "s3",
                "PutAccessPointPolicy",
                format!(r#"{{"PutAccessPointPolicyRequest":{{"Policy":{text}}}}}"#),
                "policy",
            ),
            ("logs", "PutDestinationPolicy", format!(r#"{{"accessPolicy":{text}}}"#), "accessPolicy"),
            (
                "apigateway",
                "UpdateRestApi",
                format!(r#"{{"patchOperations":[{{"op":"replace","path":"/policy","value":{text}}}]}}"#),
                "patchOperations",
            ),
        ] {
            with(source, name, &request, |event| {
                let parameters: Vec<_> = policies(event).iter().map(|policy| policy.parameter).collect();
                assert_eq!(parameters, [parameter], "{request}");
                assert_eq!(words(opens_to(event), |o| o.as_str()), "everyone", "{request}");
                assert_eq!(words(allows(event), |g| g.as_str()), "some", "{request}");
            });
        }
    }

    #[test]
    fn what_is_no_policy_or_takes_no_effect_is_left_out() {
        let text = serde_json::to_string(OPEN).unwrap();
        for (source, name, request) in [
            ("s3", "DeleteBucketPolicy", r#"{"bucketName":"b","policy":""}"#.to_owned()),
            ("ssm", "CreateDocument", r#"{"content":"{\"schemaVersion\":\"2.2\"}"}"#.to_owned()),
            ("organizations", "CreatePolicy", r#"{"content":"{\"tags\":{}}","type":"TAG_POLICY"}"#.to_owned()),
            ("accessanalyzer", "ValidatePolicy", format!(r#"{{"policyDocument":{text}}}"#)),
            ("sns", "SetTopicAttributes", format!(r#"{{"attributeName":"DisplayName","attributeValue":{text}}}"#)),
            ("iam", "PutUserPolicy", "null".to_owned()),
        ] {
            with(source, name, &request, |event| assert_eq!(policies(event), [], "{request}"));
        }
        for text in [r#"{\"Statement\":"#, "HIDDEN_DUE_TO_SECURITY_REASONS"] {
            with("iam", "PutUserPolicy", &format!(r#"{{"policyDocument":"{text}"}}"#), |event| {
                assert_eq!(
                    policies(event).first().map(|policy| policy.document.clone()),
                    Some(Err(DocumentError::NotJson))
                );
                assert!(!policies_are_readable(event));
            });
        }
    }

    #[test]
    fn a_document_that_limits_opens_nothing() {
        let all = r#"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}"#;
        let identity = r#"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"#;
        for (source, name, request, allowed) in [
            ("ec2", "CreateVpcEndpoint", format!(r#"{{"CreateVpcEndpointRequest":{{"PolicyDocument":"{all}"}}}}"#), ""),
            ("sts", "AssumeRole", format!(r#"{{"policy":"{identity}"}}"#), ""),
            ("organizations", "UpdatePolicy", format!(r#"{{"content":"{identity}"}}"#), "everything"),
            ("iam", "PutRolePolicy", format!(r#"{{"policyDocument":"{identity}"}}"#), "everything"),
        ] {
            with(source, name, &request, |event| {
                assert_eq!(policies(event).len(), 1, "{request}");
                assert_eq!(words(opens_to(event), |o| o.as_str()), "", "{request}");
                assert_eq!(words(allows(event), |g| g.as_str()), allowed, "{request}");
            });
        }
    }

    #[test]
    fn only_a_key_policy_can_lock_its_owner_out() {
        let policy = |account: &str| {
            let arn = format!("arn:aws:iam::{account}:root");
            format!(
                r#"{{"policy":"{{\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"{arn}\"}},\"Action\":\"kms:*\"}}]}}"}}"#
            )
        };
        let check = |source: &str, account, expected| {
            with(source, "PutKeyPolicy", &policy(account), |event| assert_eq!(denies_owner(event), expected));
        };
        check("kms", "111122223333", Some(false));
        check("kms", "444455556666", Some(true));
        check("backup", "444455556666", None);
        with("kms", "CreateKey", "{}", |event| assert_eq!(denies_owner(event), None));
    }
}
