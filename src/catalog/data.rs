//! Services, actions and resource types, read from the packed tables. What is told of a service is
//! parsed when somebody asks for it, and each part of it by itself.

use std::sync::{LazyLock, OnceLock};

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::Parameter;
use super::arn_pattern::{ANY, ArnPattern};
use super::packed::{Group, INDEX, Table, rows};
use crate::iam::{AccessLevel, Action, Arn, escape};

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
    /// Whether AWS has retired it since.
    pub retired: bool,
    group: &'static Group,
    actions: OnceLock<HashMap<String, ActionFacts>>,
    types: OnceLock<Vec<ResourceType>>,
    keys: OnceLock<HashMap<&'static str, Vec<Keys>>>,
    dependents: OnceLock<HashMap<&'static str, Vec<&'static ActionFacts>>>,
    parameters: OnceLock<HashMap<&'static str, Vec<OfEvent>>>,
}

/// Where a part of an ARN stands in calls of one name; of every name where that is empty.
pub(super) type OfEvent = (&'static str, Parameter);

/// What AWS documents about one action.
pub struct ActionFacts {
    /// In AWS's spelling.
    pub action: Action,
    /// Its access level.
    pub level: AccessLevel,
    /// What it can be limited to. Empty: it takes no resource and needs `"Resource": "*"`.
    pub resources: Vec<ResourceUse>,
    /// Whether AWS has taken it out of its reference. Old archives name it, new policies should not.
    pub retired: bool,
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
    in_policies: Option<InPolicies>,
}

/// How policies have to write a type, where that is not its pattern.
struct InPolicies {
    pattern: ArnPattern,
    /// Actions for which it is its pattern.
    not_for: Vec<&'static str>,
}

/// Condition keys of an action, or of a resource type whatever the action.
struct Keys {
    /// The resource type they come with; empty for those of every call.
    resource_type: &'static str,
    keys: Vec<&'static str>,
}

impl Data {
    fn load() -> Self {
        let date = INDEX
            .header
            .split(|c: char| !(c.is_ascii_digit() || c == '-'))
            .find(|word| word.len() == 10)
            .unwrap_or("unknown");
        let services: HashMap<_, _> = rows(INDEX.services)
            .map(|[prefix, name, status]| {
                let (actions, types, keys, dependents, parameters) = Default::default();
                let (retired, group) = (status == "retired", INDEX.group(prefix));
                (prefix, Service { prefix, name, retired, group, actions, types, keys, dependents, parameters })
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
        // Asked for every call that was denied: without an allocation.
        let mut lower: SmallVec<[u8; 64]> = SmallVec::from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        self.by_name().get(std::str::from_utf8(&lower).ok()?)
    }

    /// Its actions, in no order.
    pub fn actions(&'static self) -> impl Iterator<Item = &'static ActionFacts> {
        self.by_name().values()
    }

    /// Its resource types, sorted by name.
    pub fn resource_types(&'static self) -> &'static [ResourceType] {
        self.types.get_or_init(|| {
            let in_policies = |name| {
                let mut own = rows(self.group.table(Table::PolicyPatterns));
                let [_, pattern, not_for] = own.find(|[kind, ..]: &[_; 3]| *kind == name)?;
                Some(InPolicies { pattern: ArnPattern::parse(pattern)?, not_for: not_for.split(' ').collect() })
            };
            rows(self.group.table(Table::ResourceTypes))
                .filter_map(|[name, pattern]| {
                    let pattern = ArnPattern::parse(pattern)?;
                    Some(ResourceType { name, pattern, in_policies: in_policies(name) })
                })
                .collect()
        })
    }

    /// The resource type whose ARN pattern fits an ARN best; see [`super::type_of_arn`].
    pub fn type_of(&'static self, parsed: &Arn<'_>, arn: &str) -> Option<&'static ResourceType> {
        let mut best: Option<&ResourceType> = None;
        for kind in self.resource_types() {
            let says_less = best.is_some_and(|best| kind.pattern.literal_length < best.pattern.literal_length);
            if !says_less && kind.pattern.may_fit(parsed) && kind.pattern.fits(arn) {
                best = Some(kind);
            }
        }
        best
    }

    /// The condition keys that come with a resource type, whatever the action: those of its tags, mostly.
    pub fn condition_keys_of_type(&'static self, resource_type: &str) -> &'static [&'static str] {
        self.keys_of("", resource_type)
    }

    /// Where the parts of an ARN of one of its types stand, in the order of the table.
    pub(super) fn parameters_of(&'static self, resource_type: &str) -> &'static [OfEvent] {
        let all = self.parameters.get_or_init(|| {
            let mut all: HashMap<_, Vec<_>> = HashMap::new();
            for [event, resource_type, variable, place, form] in rows(self.group.table(Table::Parameters)) {
                let parameter = Parameter::parse(variable, place, form);
                all.entry(resource_type).or_default().extend(parameter.map(|parameter| (event, parameter)));
            }
            all
        });
        all.get(resource_type).map(Vec::as_slice).unwrap_or_default()
    }

    fn by_name(&'static self) -> &'static HashMap<String, ActionFacts> {
        self.actions.get_or_init(|| {
            rows(self.group.table(Table::Actions))
                .filter_map(|[name, level, types, status]| {
                    let facts = ActionFacts {
                        action: Action::from_static(self.prefix, name),
                        level: level.parse().ok()?,
                        resources: types.split(' ').filter_map(|text| self.resource_use(text)).collect(),
                        retired: status == "retired",
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

    fn keys_of(&'static self, action: &str, resource_type: &str) -> &'static [&'static str] {
        let all = self.keys.get_or_init(|| {
            let mut all: HashMap<_, Vec<_>> = HashMap::new();
            for [action, resource_type, keys] in rows(self.group.table(Table::ConditionKeys)) {
                all.entry(action).or_default().push(Keys { resource_type, keys: keys.split(' ').collect() });
            }
            all
        });
        let listed = all.get(action).into_iter().flatten().find(|keys| keys.resource_type == resource_type);
        listed.map(|keys| &*keys.keys).unwrap_or_default()
    }

    fn dependents_of(&'static self, action: &str) -> &'static [&'static ActionFacts] {
        let all = self.dependents.get_or_init(|| {
            rows(self.group.table(Table::DependentActions))
                .map(|[action, listed]| {
                    let named = listed.split(' ').filter_map(|text| text.split_once(':'));
                    (action, named.filter_map(|(prefix, name)| super::action(prefix, name)).collect())
                })
                .collect()
        });
        all.get(action).map(Vec::as_slice).unwrap_or_default()
    }
}

impl ResourceType {
    /// The pattern that a policy has to hold for an action on it.
    pub fn pattern_for(&self, action: &str) -> &ArnPattern {
        match &self.in_policies {
            Some(own) if !own.not_for.contains(&action) => &own.pattern,
            _ => &self.pattern,
        }
    }

    /// An ARN of this type as a policy has to write it for an action, escaped where the policy's pattern
    /// leaves a part open. `None` where it can stand as it is.
    pub fn rewritten(&self, action: &str, arn: &str) -> Option<String> {
        let own = self.in_policies.as_ref()?;
        let pattern = self.pattern_for(action);
        let values = own.pattern.values(arn).or_else(|| self.pattern.values(arn))?;
        let mut text = String::with_capacity(arn.len());
        pattern.write(&mut text, |variable, text| {
            if variable == ANY {
                text.push('*');
                return Some(());
            }
            // AWS itself writes `*` for a name that was not given.
            let (_, value) = values.iter().find(|(name, value)| *name == variable && *value != "*")?;
            text.push_str(&if pattern.leaves_open() { escape(value) } else { (*value).to_owned() });
            Some(())
        })?;
        (text != arn || pattern.leaves_open()).then_some(text)
    }
}

impl ActionFacts {
    /// The condition keys that AWS lists for every call of it; those of all services (`aws:SourceIp`)
    /// are not among them.
    pub fn condition_keys(&self) -> &'static [&'static str] {
        self.condition_keys_with("")
    }

    /// The condition keys that come with one of its resource types.
    pub fn condition_keys_with(&self, resource_type: &str) -> &'static [&'static str] {
        self.service().map(|service| service.keys_of(self.action.name(), resource_type)).unwrap_or_default()
    }

    /// What AWS says a call of it may need besides. An upper bound: most calls need none of it.
    pub fn dependents(&self) -> &'static [&'static ActionFacts] {
        self.service().map(|service| service.dependents_of(self.action.name())).unwrap_or_default()
    }

    fn service(&self) -> Option<&'static Service> {
        super::service(self.action.service_prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::super::packed;
    use super::*;
    use crate::catalog;

    #[test]
    fn every_committed_row_is_usable() {
        let mut actions = 0;
        for service in catalog::services() {
            let table = |table| service.group.table(table);
            let rows = table(Table::Actions).lines().count();
            assert_eq!(
                service.actions().count(),
                rows,
                "{}: a row has an unknown level or stands twice",
                service.prefix
            );
            assert_eq!(
                service.resource_types().len(),
                table(Table::ResourceTypes).lines().count(),
                "{}",
                service.prefix
            );
            for [name, _, types, status] in packed::rows(table(Table::Actions)) {
                let facts = service.action(name).unwrap();
                let named = types.split(' ').filter(|t| !t.is_empty()).count();
                assert_eq!(facts.resources.len(), named, "{}: a resource type is not in the table", facts.action);
                assert!(matches!(status, "" | "retired"), "{}: {status}", facts.action);
                assert!(!service.retired || facts.retired, "{}: of a retired service", facts.action);
            }
            actions += rows;
        }
        assert!(actions > 22_000, "{actions}");
    }

    #[test]
    fn keys_and_dependents_belong_to_actions_and_types_that_exist() {
        let (mut keys, mut dependents) = (0, 0);
        for service in catalog::services() {
            let types: Vec<_> = service.resource_types().iter().map(|t| t.name).collect();
            for [action, kind, listed] in packed::rows(service.group.table(Table::ConditionKeys)) {
                let row = format!("{} {action} {kind}", service.prefix);
                assert!(action.is_empty() || service.action(action).is_some(), "{row}: no such action");
                assert!(kind.is_empty() || types.contains(&kind), "{row}: no such type");
                assert!(listed.split(' ').all(|key| key.contains(':')), "{row}: {listed}");
                keys += 1;
            }
            for [action, listed] in packed::rows(service.group.table(Table::DependentActions)) {
                let facts = service.action(action).unwrap();
                assert_eq!(facts.dependents().len(), listed.split(' ').count(), "{}: {listed}", facts.action);
                dependents += 1;
            }
        }
        assert!(keys > 10_000 && dependents > 1_500, "{keys} {dependents}");
    }

    #[test]
    fn what_policies_write_has_the_parts_that_the_type_has() {
        let mut count = 0;
        for service in catalog::services() {
            for [kind, pattern, not_for] in packed::rows(service.group.table(Table::PolicyPatterns)) {
                let row = format!("{} {kind}", service.prefix);
                let types: Vec<_> = service.resource_types().iter().filter(|t| t.name == kind).collect();
                let [one] = types.as_slice() else { panic!("{row}: {} types", types.len()) };
                let own = one.in_policies.as_ref().unwrap();
                assert_eq!(own.pattern.as_str(), pattern, "{row}");
                let known: Vec<_> = one.pattern.own_variables().collect();
                assert!(own.pattern.leaves_open() && own.pattern.own_variables().all(|v| known.contains(&v)), "{row}");
                for action in not_for.split(' ').filter(|action| !action.is_empty()) {
                    let facts = service.action(action).unwrap();
                    assert!(
                        facts.action.name() == action && facts.resources.iter().any(|r| r.resource_type.name == kind)
                    );
                }
                count += 1;
            }
            let patterns = service.resource_types().iter().map(|t| &t.pattern);
            assert!(patterns.clone().all(|p| !p.leaves_open()), "{}: AWS has a variable of that name", service.prefix);
        }
        assert!(count > 0);
    }

    #[test]
    fn an_action_has_its_keys_and_dependents() {
        let put = catalog::action("s3", "putobject").unwrap();
        assert!(put.condition_keys().contains(&"s3:x-amz-acl"));
        assert_eq!(put.condition_keys_with("no-such-type"), [""; 0]);
        let run = catalog::action("ec2", "RunInstances").unwrap();
        assert!(run.condition_keys_with("instance").contains(&"ec2:InstanceType"));
        let dependents: Vec<_> = run.dependents().iter().map(|facts| facts.action.to_string()).collect();
        assert!(dependents.contains(&"iam:PassRole".to_owned()), "{dependents:?}");
        let evidently = catalog::service("evidently").unwrap();
        assert!(evidently.retired && evidently.action("GetFeature").unwrap().retired && !put.retired);
        let bucket = catalog::service("s3").unwrap().condition_keys_of_type("bucket");
        assert!(bucket.contains(&"aws:ResourceTag/${TagKey}"), "{bucket:?}");
    }

    #[test]
    fn every_action_the_tables_of_events_name_exists() {
        for [label, prefixes] in packed::rows(INDEX.event_sources) {
            for prefix in prefixes.split(' ') {
                assert!(catalog::service(prefix).is_some(), "{label}: {prefix}");
            }
        }
        let mut named = 0;
        for label in INDEX.names() {
            let group = INDEX.group(label);
            for table in [Table::EventActions, Table::Verbs, Table::Methods] {
                for [event, actions] in packed::rows(group.table(table)) {
                    for action in actions.split(' ').filter(|a| !a.is_empty()) {
                        let (prefix, name) = action.split_once(':').unwrap();
                        let known =
                            catalog::action(prefix, name).unwrap_or_else(|| panic!("{label} {event}: {action}"));
                        assert_eq!(known.action.to_string(), action, "in AWS's spelling");
                        named += 1;
                    }
                }
            }
        }
        assert!(named > 500, "{named}");
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
