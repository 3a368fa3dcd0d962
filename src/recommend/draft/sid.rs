use std::collections::BTreeSet;

use super::PASSED_TO;
use crate::catalog;
use crate::iam::{AccessLevel, Conditions, service_label};

/// What a statement is for, in letters and digits: `S3ReadWrite`, `Ec2ListAccount`, `PassRoleToLambda`.
pub(super) fn sid(actions: &BTreeSet<String>, resources: &BTreeSet<String>, condition: &Conditions) -> String {
    if actions.iter().all(|action| action == "iam:PassRole") {
        let passed_to = condition.values().find_map(|keys| keys.get(PASSED_TO));
        return match passed_to.map(Vec::as_slice) {
            Some([service]) => format!("PassRoleTo{}", camel_case(service_label(service).unwrap_or(service))),
            _ => "PassRole".to_owned(),
        };
    }
    let services: BTreeSet<&str> =
        actions.iter().filter_map(|action| action.split_once(':')).map(|(prefix, _)| prefix).collect();
    let mut services = services.into_iter();
    let mut name = match (services.next(), services.next()) {
        (Some(only), None) => camel_case(only),
        _ => "Several".to_owned(),
    };
    let levels: BTreeSet<_> = actions.iter().flat_map(|action| catalog::matching(action)).map(|f| f.level).collect();
    let words = [
        (AccessLevel::List, "List"),
        (AccessLevel::Read, "Read"),
        (AccessLevel::Write, "Write"),
        (AccessLevel::Tagging, "Tag"),
        (AccessLevel::PermissionsManagement, "Permissions"),
    ];
    name.extend(words.iter().filter(|(level, _)| levels.contains(level)).map(|(_, word)| *word));
    if resources.contains("*") {
        name.push_str("Account");
    }
    name
}

/// `ecs-tasks` as `EcsTasks`.
fn camel_case(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
        })
        .collect()
}
