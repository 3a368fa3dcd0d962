//! The committed tables, indexed on first use. The whole text is scanned once for where each service
//! begins; a service's own rows are parsed when somebody asks for them.

use std::sync::{LazyLock, OnceLock};

use hashbrown::HashMap;

use super::ArnPattern;
use crate::iam::{AccessLevel, Action};

const SERVICES: &str = include_str!("data/services.tsv");
const ACTIONS: &str = include_str!("data/actions.tsv");
const RESOURCE_TYPES: &str = include_str!("data/resource-types.tsv");
pub(super) const EVENT_SOURCES: &str = include_str!("data/event-sources.tsv");
pub(super) const EVENT_ACTIONS: &str = include_str!("data/event-actions.tsv");

pub(super) static DATA: LazyLock<Data> = LazyLock::new(Data::load);

pub(super) struct Data {
    pub(super) date: &'static str,
    pub(super) services: HashMap<&'static str, Service>,
    pub(super) sorted: Vec<&'static str>,
}

/// One AWS service as IAM knows it.
pub struct Service {
    /// IAM prefix, such as `s3`.
    pub prefix: &'static str,
    /// The name AWS gives it, such as `Amazon S3`.
    pub name: &'static str,
    action_rows: &'static str,
    type_rows: &'static str,
    actions: OnceLock<HashMap<String, ActionFacts>>,
    types: OnceLock<Vec<ResourceType>>,
}

/// What AWS documents about one action.
pub struct ActionFacts {
    /// In AWS's spelling.
    pub action: Action,
    /// Its access level.
    pub level: AccessLevel,
    /// What it can be limited to. Empty: it takes no resource and needs `"Resource": "*"`.
    pub resources: Vec<ResourceUse>,
}

/// A resource type that an action takes.
#[derive(Clone, Copy)]
pub struct ResourceUse {
    /// The type.
    pub resource_type: &'static ResourceType,
    /// Whether every call of the action names one.
    pub required: bool,
}

/// A kind of resource with the form of its ARN.
pub struct ResourceType {
    /// AWS's name for it, such as `bucket`.
    pub name: &'static str,
    /// The form of its ARN.
    pub pattern: ArnPattern,
}

/// The rows of a table: comments and blank lines left out, each split into `N` columns. A row with
/// fewer columns ends in empty ones.
pub(super) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

/// A sorted table cut into the stretches that share a first column.
fn stretches(table: &'static str) -> HashMap<&'static str, &'static str> {
    let mut found = HashMap::new();
    let mut rest = table;
    while !rest.is_empty() {
        let first = rest.split(['\t', '\n']).next().unwrap_or_default();
        let mut end = 0;
        for line in rest.split_inclusive('\n') {
            if line.split(['\t', '\n']).next() != Some(first) {
                break;
            }
            end += line.len();
        }
        let (stretch, after) = rest.split_at_checked(end.max(1)).unwrap_or((rest, ""));
        if !first.starts_with('#') {
            found.insert(first, stretch);
        }
        rest = after;
    }
    found
}

impl Data {
    fn load() -> Self {
        let header = ACTIONS.lines().next().unwrap_or_default();
        let date = header
            .split(|c: char| !(c.is_ascii_digit() || c == '-'))
            .find(|word| word.len() == 10)
            .unwrap_or("unknown");
        let (actions, types) = (stretches(ACTIONS), stretches(RESOURCE_TYPES));
        let of = |table: &HashMap<_, &'static str>, prefix| table.get(prefix).copied().unwrap_or_default();
        let services: HashMap<_, _> = rows(SERVICES)
            .map(|[prefix, name]| {
                let (action_rows, type_rows) = (of(&actions, prefix), of(&types, prefix));
                let service =
                    Service { prefix, name, action_rows, type_rows, actions: OnceLock::new(), types: OnceLock::new() };
                (prefix, service)
            })
            .collect();
        let mut sorted: Vec<_> = services.keys().copied().collect();
        sorted.sort_unstable();
        Self { date, services, sorted }
    }
}

impl Service {
    /// An action by name, in any case.
    pub fn action(&'static self, name: &str) -> Option<&'static ActionFacts> {
        self.by_name().get(&name.to_ascii_lowercase())
    }

    /// Its actions, in no order.
    pub fn actions(&'static self) -> impl Iterator<Item = &'static ActionFacts> {
        self.by_name().values()
    }

    /// Its resource types, sorted by name.
    pub fn resource_types(&'static self) -> &'static [ResourceType] {
        self.types.get_or_init(|| {
            rows(self.type_rows)
                .filter_map(|[_, name, pattern]| Some(ResourceType { name, pattern: ArnPattern::parse(pattern)? }))
                .collect()
        })
    }

    fn by_name(&'static self) -> &'static HashMap<String, ActionFacts> {
        self.actions.get_or_init(|| {
            rows(self.action_rows)
                .filter_map(|[prefix, name, level, types]| {
                    let facts = ActionFacts {
                        action: Action::from_static(prefix, name),
                        level: level.parse().ok()?,
                        resources: types.split(' ').filter_map(|text| self.resource_use(text)).collect(),
                    };
                    Some((name.to_ascii_lowercase(), facts))
                })
                .collect()
        })
    }

    fn resource_use(&'static self, text: &str) -> Option<ResourceUse> {
        let (name, required) = text.strip_suffix('*').map_or((text, false), |name| (name, true));
        let resource_type = self.resource_types().iter().find(|t| t.name == name)?;
        Some(ResourceUse { resource_type, required })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn every_committed_row_is_usable() {
        let mut actions = 0;
        for service in catalog::services() {
            let rows = service.action_rows.lines().count();
            assert_eq!(
                service.actions().count(),
                rows,
                "{}: a row has an unknown level or stands twice",
                service.prefix
            );
            assert_eq!(service.resource_types().len(), service.type_rows.lines().count(), "{}", service.prefix);
            for [_, name, _, types] in self::rows(service.action_rows) {
                let facts = service.action(name).unwrap();
                let named = types.split(' ').filter(|t| !t.is_empty()).count();
                assert_eq!(facts.resources.len(), named, "{}: a resource type is not in the table", facts.action);
            }
            actions += rows;
        }
        assert!(actions > 22_000, "{actions}");
        assert_eq!(actions, rows::<1>(ACTIONS).count(), "rows of a service stand together");
    }

    #[test]
    fn every_action_the_hand_made_tables_name_exists() {
        for [label, prefixes] in rows(EVENT_SOURCES) {
            for prefix in prefixes.split(' ').filter(|p| !p.is_empty()) {
                assert!(catalog::service(prefix).is_some(), "{label}: {prefix}");
            }
        }
        for [label, event, actions] in rows(EVENT_ACTIONS) {
            for action in actions.split(' ').filter(|a| !a.is_empty()) {
                let (prefix, name) = action.split_once(':').unwrap();
                let known = catalog::action(prefix, name).unwrap_or_else(|| panic!("{label} {event}: {action}"));
                assert_eq!(known.action.to_string(), action, "in AWS's spelling");
            }
        }
    }

    #[test]
    fn an_arn_has_the_type_whose_pattern_says_most() {
        let type_of = |service, arn| catalog::type_of_arn(service, arn).map(|t| t.name);
        assert_eq!(type_of("s3", "arn:aws:s3:::b/k"), Some("object"));
        assert_eq!(type_of("s3", "arn:aws:s3:::b"), Some("bucket"));
        assert_eq!(type_of("sts", "arn:aws:iam::111122223333:role/a/B"), Some("role"));
        assert_eq!(type_of("s3", "arn:aws:sqs:eu-west-1:111122223333:q"), None);
    }
}
