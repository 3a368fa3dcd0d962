//! Whether CloudTrail shows that an action was used.

use super::packed::{INDEX, Table, rows};
use crate::iam::{Action, matches_ignoring_case};

/// How calls that need an action are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recorded {
    /// As management events, which every trail has unless told otherwise.
    Always,
    /// As data events at most, which trails leave out unless asked.
    AsDataEvent,
    /// No event is known that needs the action: it is checked beside others, as `iam:PassRole` is, or no API
    /// that AWS publishes has it.
    NotKnown,
}

/// How calls that need an action are recorded, as far as it is known.
pub fn recorded(action: &Action) -> Recorded {
    let group = INDEX.group(action.service_prefix());
    let is_own = |[name]: [&str; 1]| name.eq_ignore_ascii_case(action.name());
    if rows(group.table(Table::WithoutOperation)).any(is_own) {
        return Recorded::NotKnown;
    }
    let mut data = rows(group.table(Table::DataEvents)).flat_map(|[names]: [&str; 1]| names.split(' '));
    match data.any(|pattern| matches_ignoring_case(pattern, action.name())) {
        true => Recorded::AsDataEvent,
        false => Recorded::Always,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn an_action_is_recorded_as_the_tables_say() {
        for (action, expected) in [
            ("ec2:RunInstances", Recorded::Always),
            ("s3:ListAllMyBuckets", Recorded::Always),
            ("s3:GetObject", Recorded::AsDataEvent),
            ("s3:GetObjectVersion", Recorded::AsDataEvent),
            ("lambda:InvokeFunction", Recorded::AsDataEvent),
            ("iam:PassRole", Recorded::NotKnown),
            ("sns:Publish", Recorded::AsDataEvent),
            ("sns:CreateTopic", Recorded::Always),
        ] {
            assert_eq!(recorded(&action.parse().unwrap()), expected, "{action}");
        }
    }

    #[test]
    fn every_row_is_about_actions_of_the_catalog() {
        let (mut data, mut without) = (0, 0);
        for service in catalog::services() {
            let group = INDEX.group(service.prefix);
            for [name] in rows(group.table(Table::WithoutOperation)) {
                assert!(service.action(name).is_some(), "{}:{name}", service.prefix);
                without += 1;
            }
            for pattern in rows(group.table(Table::DataEvents)).flat_map(|[names]: [&str; 1]| names.split(' ')) {
                let fits = service.actions().any(|facts| matches_ignoring_case(pattern, facts.action.name()));
                assert!(fits, "{}:{pattern}", service.prefix);
                data += 1;
            }
        }
        assert!(data > 100 && without > 3_000, "{data} {without}");
    }
}
