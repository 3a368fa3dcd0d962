//! From a call as CloudTrail names it to the IAM actions it needs.

use std::sync::{Arc, LazyLock};

use hashbrown::HashMap;

use super::packed::{INDEX, Table, rows};
use super::{ActionFacts, action, service};
use crate::iam::service_label;

/// What the catalog says of an event name.
#[derive(Clone)]
pub enum Mapping {
    /// The call needs these actions, always.
    Actions {
        /// In the order of the table.
        actions: Vec<&'static ActionFacts>,
        /// How they were found.
        rule: Rule,
    },
    /// The call needs no IAM permission.
    NoPermission,
    /// Nobody documents it; never a guess.
    Unknown,
}

/// How the actions of an event were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Our table of calls whose event name and action differ.
    Table,
    /// API Gateway's permissions are the verbs of HTTP.
    Verb,
    /// The action has the event's name under the source's prefix.
    SameName,
    /// Of a call of another name than its action, the only action that the SDK method may need.
    Method,
}

impl Rule {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Verb => "verb",
            Self::Method => "method",
            Self::SameName => "same-name",
        }
    }
}

static PREFIXES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    rows(INDEX.event_sources).map(|[label, prefixes]| (label, prefixes.split(' ').collect())).collect()
});

/// Looks events up, remembering those already seen. One per thread.
#[derive(Default)]
pub struct Mapper {
    seen: HashMap<String, HashMap<String, Arc<Mapping>>>,
    entries: usize,
}

/// Names are chosen by whoever called AWS; past this many distinct ones nothing more is remembered.
const REMEMBERED: usize = 50_000;

impl Mapper {
    /// The mapping of an event; `source` as in the record, `name` with or without a version suffix.
    pub fn map(&mut self, source: &str, name: &str) -> Arc<Mapping> {
        if let Some(found) = self.seen.get(source).and_then(|names| names.get(name)) {
            return Arc::clone(found);
        }
        let mapping = Arc::new(look_up(source, name));
        if self.entries < REMEMBERED {
            self.entries += 1;
            self.seen.entry_ref(source).or_default().insert(name.to_owned(), Arc::clone(&mapping));
        }
        mapping
    }
}

fn look_up(source: &str, name: &str) -> Mapping {
    let Some(label) = service_label(source) else { return Mapping::Unknown };
    let label = label.to_ascii_lowercase();
    let own = [label.as_str()];
    let prefixes = PREFIXES.get(label.as_str()).map_or(own.as_slice(), Vec::as_slice);
    let bare = without_version(name);
    let spellings = if bare == name { vec![name] } else { vec![name, bare] };
    // What is said of the source's own label goes before what is said of the service behind it.
    let mut labels = vec![label.as_str()];
    labels.extend(prefixes.iter().filter(|prefix| **prefix != label));
    let listed = |table| find(&labels, &spellings, table);
    if let Some(actions) = listed(Table::EventActions) {
        return needs(actions, Rule::Table);
    }
    if let Some(action) = listed(Table::Verbs) {
        return needs(action, Rule::Verb);
    }
    for spelling in &spellings {
        let same = prefixes.iter().find_map(|prefix| service(prefix)?.action(spelling));
        if let Some(same) = same {
            return Mapping::Actions { actions: vec![same], rule: Rule::SameName };
        }
    }
    match find(&own, &spellings, Table::Methods) {
        Some(actions) => needs(actions, Rule::Method),
        None => Mapping::Unknown,
    }
}

/// The actions that a table lists for an event, under the first label and spelling it knows.
fn find(labels: &[&str], spellings: &[&str], table: Table) -> Option<&'static str> {
    spellings.iter().find_map(|spelling| {
        labels.iter().find_map(|label| {
            let mut events = rows(INDEX.group(label).table(table));
            events.find_map(|[event, actions]| event.eq_ignore_ascii_case(spelling).then_some(actions))
        })
    })
}

fn needs(actions: &'static str, rule: Rule) -> Mapping {
    let named = actions.split(' ').filter_map(|text| text.split_once(':'));
    let actions: Vec<_> = named.filter_map(|(prefix, name)| action(prefix, name)).collect();
    if actions.is_empty() { Mapping::NoPermission } else { Mapping::Actions { actions, rule } }
}

/// The IAM prefixes of the services behind an event source, in order of preference.
pub fn prefixes_of(source: &str) -> Vec<&'static str> {
    let Some(label) = service_label(source) else { return Vec::new() };
    let label = label.to_ascii_lowercase();
    match PREFIXES.get(label.as_str()) {
        Some(prefixes) => prefixes.clone(),
        None => service(&label).map(|service| service.prefix).into_iter().collect(),
    }
}

/// The event source labels that stand for an IAM prefix under another name, sorted: `monitoring` for
/// `cloudwatch`.
pub fn labels_of(prefix: &str) -> Vec<String> {
    let mut labels: Vec<_> =
        PREFIXES.iter().filter(|(_, found)| found.contains(&prefix)).map(|(label, _)| (*label).to_owned()).collect();
    labels.sort_unstable();
    labels
}

/// Whether a label is in the table of event sources that differ from IAM's prefixes.
pub fn is_label(label: &str) -> bool {
    PREFIXES.contains_key(label)
}

/// An event name without the API version that some services append: `CreateFunction20150331`,
/// `GetFunction20150331v2`, `CreateFunction2020_05_31`. `ListObjectsV2` is a name and stays.
pub fn without_version(name: &str) -> &str {
    let without_v = match name.rfind('v') {
        Some(at) if name.get(at + 1..).is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit())) => {
            name.get(..at).unwrap_or(name)
        }
        _ => name,
    };
    let is_date = |tail: &str| {
        let digits = tail.bytes().filter(u8::is_ascii_digit).count();
        let shape = tail.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        shape && digits == 8 && tail.trim_start_matches('_').starts_with("20")
    };
    for length in [11, 10, 9, 8] {
        let Some(at) = without_v.len().checked_sub(length) else { continue };
        if let (Some(bare), Some(tail)) = (without_v.get(..at), without_v.get(at..))
            && !bare.is_empty()
            && is_date(tail)
        {
            return bare;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, name: &str, expected: &str) {
        let found = match &*Mapper::default().map(source, name) {
            Mapping::Actions { actions, .. } => {
                actions.iter().map(|facts| facts.action.to_string()).collect::<Vec<_>>().join(" ")
            }
            Mapping::NoPermission => "no permission".to_owned(),
            Mapping::Unknown => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{source} {name}");
    }

    #[test]
    fn calls_map_to_the_actions_they_always_need() {
        check("ec2.amazonaws.com", "RunInstances", "ec2:RunInstances");
        check("ec2.amazonaws.com.cn", "RunInstances", "ec2:RunInstances");
        check("monitoring.amazonaws.com", "PutMetricData", "cloudwatch:PutMetricData");
        check("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets");
        check("s3.amazonaws.com", "CopyObject", "s3:GetObject s3:PutObject");
        check("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction");
        check("lambda.amazonaws.com", "GetFunction20150331v2", "lambda:GetFunction");
        check("sts.amazonaws.com", "GetCallerIdentity", "no permission");
        check("apigateway.amazonaws.com", "CreateRestApi", "apigateway:POST");
        check("apigateway.amazonaws.com", "GetStages", "apigateway:GET");
        check("bedrock-runtime.amazonaws.com", "Converse", "bedrock:InvokeModel");
        check("cognito-idp.amazonaws.com", "GetUserAuthFactors", "no permission");
        check("evidently.amazonaws.com", "GetFeature", "evidently:GetFeature");
        check("ec2.amazonaws.com", "NoSuchCall", "unknown");
        check("example.com", "RunInstances", "unknown");
    }

    #[test]
    fn only_dates_are_version_suffixes() {
        for (name, bare) in [
            ("CreateFunction20150331", "CreateFunction"),
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("CreateFunction2020_05_31", "CreateFunction"),
            ("ListObjectsV2", "ListObjectsV2"),
            ("20150331", "20150331"),
            ("Get12345678", "Get12345678"),
            ("é20150331", "é"),
        ] {
            assert_eq!(without_version(name), bare);
        }
    }
}
