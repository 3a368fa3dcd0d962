//! Writes actions as wildcards. What a wildcard stands for is told by the catalog, so that what AWS adds later
//! joins unseen: only actions that do no more than look, have no privilege class and read no content are ever
//! written so. A wildcard never mixes actions that take a resource with others.

use std::collections::{BTreeMap, BTreeSet};

use super::resources::several;
use super::{Room, Step};
use crate::catalog::{self, ActionFacts};
use crate::classify::is_privileged;
use crate::iam::Effect;
use crate::recommend::draft::{Block, Draft, written};

/// Services of which no action is written as a wildcard; all whose prefix begins with `sso` are meant too.
const NEVER: &[&str] = &["iam", "identitystore", "kms", "organizations", "secretsmanager", "sts"];

/// Reads that AWS gives the same level as a look at settings, but that yield what is stored, or a login to it.
/// Our judgement.
const CONTENT: &[&str] = &[
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "cloudtrail:GetQueryResults",
    "codeartifact:GetAuthorizationToken",
    "codeartifact:GetPackageVersionAsset",
    "codecommit:GetBlob",
    "codecommit:GetFile",
    "codecommit:GetFolder",
    "codecommit:GitPull",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ecr-public:GetAuthorizationToken",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "glacier:GetJobOutput",
    "kinesis:GetRecords",
    "kinesisvideo:GetMedia",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "rds:DownloadCompleteDBLogFile",
    "rds:DownloadDBLogFilePortion",
    "s3:GetObject",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTorrent",
    "sqs:ReceiveMessage",
];

/// Writes actions as wildcards that add no more than so many of which none was seen, until everything fits.
pub(super) fn fold(draft: &mut Draft, room: &Room, adds: usize, steps: &mut Vec<Step>) {
    let mut known = Known::default();
    while let Some((at, fold)) = best(draft, adds, &mut known) {
        let Some(block) = draft.blocks.get_mut(at) else { return };
        let resources = several(block.resources.iter().map(String::as_str));
        steps.push(Step {
            what: format!("write {} actions as {}, on {resources}", fold.members.len(), fold.pattern),
            saved: fold.saved,
            adds: fold.adds.iter().map(|action| format!("{action} on {resources}")).collect(),
        });
        block.actions.retain(|action| !fold.members.contains(action));
        block.actions.insert(fold.pattern);
        if room.fits(draft) {
            return;
        }
    }
}

/// A wildcard and what it replaces.
struct Fold {
    pattern: String,
    /// Actions and patterns of the statement.
    members: BTreeSet<String>,
    /// Actions that the statement does not allow.
    adds: Vec<String>,
    saved: usize,
}

/// The wildcard that adds least; of these the one that saves most, and of these the longest.
fn best(draft: &Draft, adds: usize, known: &mut Known) -> Option<(usize, Fold)> {
    let mut best: Option<(usize, Fold)> = None;
    let rank = |fold: &Fold| (usize::MAX - fold.adds.len(), fold.saved, fold.pattern.len());
    for (at, block) in draft.blocks.iter().enumerate().filter(|(_, block)| block.effect == Effect::Allow) {
        for fold in folds(block, known).into_iter().filter(|fold| fold.adds.len() <= adds) {
            if best.as_ref().is_none_or(|(_, best)| rank(&fold) > rank(best)) {
                best = Some((at, fold));
            }
        }
    }
    best
}

/// All wildcards for a statement that would save anything.
fn folds(block: &Block, known: &mut Known) -> Vec<Fold> {
    let is_scoped = block.is_scoped();
    let allowed: BTreeSet<String> =
        block.actions.iter().flat_map(|action| catalog::matching(action)).map(lower).collect();
    let mut patterns: BTreeSet<String> = BTreeSet::new();
    for action in &block.actions {
        let Some((service, name)) = action.split_once(':') else { continue };
        if !is_kept(service) {
            let name = name.trim_end_matches('*');
            patterns.extend(beginnings(name).map(|beginning| format!("{service}:{beginning}*")));
        }
    }
    patterns.into_iter().filter_map(|pattern| one_fold(pattern, block, is_scoped, &allowed, known)).collect()
}

fn one_fold(
    pattern: String,
    block: &Block,
    is_scoped: bool,
    allowed: &BTreeSet<String>,
    known: &mut Known,
) -> Option<Fold> {
    let beginning = pattern.trim_end_matches('*');
    let all = known.beginning_with(beginning);
    if !all.iter().all(|one| one.may_join && one.is_scoped == is_scoped) {
        return None;
    }
    let begins = |action: &&String| action.get(..beginning.len()).is_some_and(|b| b.eq_ignore_ascii_case(beginning));
    let members: BTreeSet<String> = block.actions.iter().filter(begins).cloned().collect();
    if members.iter().any(|action| catalog::matching(action).is_empty()) {
        return None;
    }
    let before: usize = members.iter().map(|action| written(action) + 1).sum();
    let saved = before.checked_sub(written(&pattern) + 1).filter(|saved| *saved > 0)?;
    let adds = all.iter().filter(|one| !allowed.contains(&one.lower)).map(|one| one.action.clone()).collect();
    Some(Fold { pattern, members, adds, saved })
}

/// The beginnings of a name that end with a word: of `GetBucketAcl` are `Get`, `GetBucket` and itself.
fn beginnings(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let ends = bytes.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase() => Some(at + 1),
        _ => None,
    });
    ends.chain([name.len()]).filter_map(|end| name.get(..end)).filter(|beginning| !beginning.is_empty())
}

fn is_kept(service: &str) -> bool {
    NEVER.contains(&service) || service.starts_with("sso")
}

fn lower(facts: &ActionFacts) -> String {
    facts.action.to_string().to_ascii_lowercase()
}

/// What is asked of each action of a service again and again, sorted by name in small letters.
#[derive(Default)]
struct Known {
    services: BTreeMap<String, Vec<One>>,
}

struct One {
    lower: String,
    action: String,
    is_scoped: bool,
    /// Whether a wildcard may stand for it.
    may_join: bool,
}

impl One {
    fn of(facts: &ActionFacts) -> Self {
        let action = facts.action.to_string();
        let is_content = CONTENT.binary_search(&action.as_str()).is_ok();
        Self {
            lower: lower(facts),
            is_scoped: !facts.resources.is_empty(),
            may_join: facts.level.only_looks() && !is_content && !is_privileged(&facts.action),
            action,
        }
    }
}

impl Known {
    fn beginning_with(&mut self, beginning: &str) -> &[One] {
        let beginning = beginning.to_ascii_lowercase();
        let service = beginning.split(':').next().unwrap_or_default();
        let all = self.services.entry(service.to_owned()).or_insert_with(|| {
            let mut all: Vec<One> =
                catalog::service(service).into_iter().flat_map(catalog::Service::actions).map(One::of).collect();
            all.sort_by(|a, b| a.lower.cmp(&b.lower));
            all
        });
        let start = all.partition_point(|one| one.lower < beginning);
        let rest = all.get(start..).unwrap_or_default();
        let length = rest.partition_point(|one| one.lower.starts_with(&beginning));
        rest.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_never_written_as_a_wildcard_is_known_and_sorted() {
        assert!(CONTENT.is_sorted());
        for action in CONTENT {
            assert_eq!(catalog::matching(action).len(), 1, "{action}");
        }
        for service in NEVER {
            assert!(catalog::service(service).is_some(), "{service}");
        }
    }

    #[test]
    fn a_beginning_ends_with_a_word() {
        let all = |name| beginnings(name).collect::<Vec<_>>();
        assert_eq!(all("GetBucketAcl"), ["Get", "GetBucket", "GetBucketAcl"]);
        assert_eq!(all("DescribeDBClusters"), ["Describe", "DescribeDBClusters"]);
        assert_eq!(all("GET"), ["GET"]);
    }
}
