//! From a call as CloudTrail names it to the IAM actions it needs.

use std::sync::{Arc, LazyLock};

use hashbrown::HashMap;

use super::data::{EVENT_ACTIONS, EVENT_SOURCES, rows};
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
    /// The action has the event's name under the source's prefix.
    SameName,
}

impl Rule {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::SameName => "same-name",
        }
    }
}

static PREFIXES: LazyLock<HashMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    rows(EVENT_SOURCES)
        .map(|[label, prefixes]| (label.to_ascii_lowercase(), prefixes.split(' ').filter(|p| !p.is_empty()).collect()))
        .collect()
});

static EVENTS: LazyLock<HashMap<(String, String), &'static str>> = LazyLock::new(|| {
    rows(EVENT_ACTIONS)
        .map(|[label, event, actions]| ((label.to_ascii_lowercase(), event.to_ascii_lowercase()), actions))
        .collect()
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
    let prefixes = PREFIXES.get(&label).map_or(own.as_slice(), Vec::as_slice);
    let bare = without_version(name);
    let spellings = if bare == name { vec![name] } else { vec![name, bare] };
    for spelling in &spellings {
        let row = EVENTS.get(&(label.clone(), spelling.to_ascii_lowercase()));
        if let Some(row) = row {
            let actions: Vec<_> = row
                .split(' ')
                .filter_map(|text| text.split_once(':'))
                .filter_map(|(prefix, name)| action(prefix, name))
                .collect();
            return if actions.is_empty() {
                Mapping::NoPermission
            } else {
                Mapping::Actions { actions, rule: Rule::Table }
            };
        }
    }
    for spelling in &spellings {
        let same = prefixes.iter().find_map(|prefix| service(prefix)?.action(spelling));
        if let Some(same) = same {
            return Mapping::Actions { actions: vec![same], rule: Rule::SameName };
        }
    }
    Mapping::Unknown
}

/// The event source labels that stand for an IAM prefix under another name, sorted: `monitoring` for
/// `cloudwatch`.
pub fn labels_of(prefix: &str) -> Vec<String> {
    let mut labels: Vec<_> =
        PREFIXES.iter().filter(|(_, prefixes)| prefixes.contains(&prefix)).map(|(label, _)| label.clone()).collect();
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
