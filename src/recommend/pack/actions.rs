//! Writes actions as wildcards. What a wildcard stands for is told by the catalog, so that what AWS adds later
//! joins unseen: only actions that do no more than look, have no privilege class and read no content are ever
//! written so. A wildcard mixes actions that take a resource with others only where nothing else makes it fit.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::resources::several;
use super::{Room, Step};
use crate::catalog::{self, ActionFacts};
use crate::classify::is_privileged;
use crate::iam::Effect;
use crate::recommend::draft::{self, Block, Draft, written};

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

/// How far a wildcard may go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It stands for what was seen and nothing else.
    Exact,
    /// It adds actions: no more than were seen, and only where at least [`SEEN`] were.
    Wider,
    /// It adds any number of actions where at least two were seen; on `*` also such as take a resource.
    Widest,
}

/// Actions that have to be seen before a wildcard may stand for others too.
const SEEN: usize = 3;

/// Writes actions as wildcards until everything fits: what adds least first.
pub(super) fn fold(draft: &mut Draft, room: &Room, reach: Reach, steps: &mut Vec<Step>) {
    let mut known = Known::default();
    let seen: Vec<BTreeSet<String>> = draft.blocks.iter().map(allowed).collect();
    let mut all: Vec<Vec<Fold>> =
        draft.blocks.iter().zip(&seen).map(|(block, seen)| folds(block, seen, reach, &mut known)).collect();
    let mut done: BTreeMap<usize, Folded> = BTreeMap::new();
    let mut lacks = room.lacks(draft);
    while let Some((at, fold)) = best(&all) {
        let fold = fold.clone();
        let (Some(block), Some(seen), Some(next)) = (draft.blocks.get_mut(at), seen.get(at), all.get_mut(at)) else {
            break;
        };
        block.actions.retain(|action| !fold.members.contains(action));
        block.actions.insert(fold.pattern.clone());
        *next = folds(block, seen, reach, &mut known);
        lacks = lacks.saturating_sub(fold.saved);
        done.entry(at).or_default().add(fold);
        if lacks == 0 && room.fits(draft) {
            break;
        }
    }
    for (at, folded) in done {
        steps.extend(draft.blocks.get(at).map(|block| folded.step(block)));
    }
}

/// A wildcard and what it replaces.
#[derive(Clone)]
struct Fold {
    pattern: String,
    /// Actions and patterns of the statement.
    members: BTreeSet<String>,
    /// Actions that the statement does not allow.
    adds: Vec<String>,
    saved: usize,
}

/// What was written as wildcards in one statement.
#[derive(Default)]
struct Folded {
    patterns: BTreeSet<String>,
    replaced: BTreeSet<String>,
    adds: BTreeSet<String>,
    saved: usize,
}

impl Folded {
    fn add(&mut self, fold: Fold) {
        self.patterns.retain(|pattern| !fold.members.contains(pattern));
        self.replaced.extend(fold.members.into_iter().filter(|member| !member.ends_with('*')));
        self.patterns.insert(fold.pattern);
        self.adds.extend(fold.adds);
        self.saved += fold.saved;
    }

    fn step(self, block: &Block) -> Step {
        let resources = several(block.resources.iter().map(String::as_str));
        let patterns: Vec<&str> = self.patterns.iter().map(String::as_str).collect();
        Step {
            what: format!("write {} actions as {}, on {resources}", self.replaced.len(), patterns.join(", ")),
            saved: self.saved,
            adds: self.adds.iter().map(|action| format!("{action} on {resources}")).collect(),
        }
    }
}

/// The wildcard that adds least; of these the one that saves most, then the longest, then the first.
fn best(all: &[Vec<Fold>]) -> Option<(usize, &Fold)> {
    let all = all.iter().enumerate().flat_map(|(at, folds)| folds.iter().map(move |fold| (at, fold)));
    all.min_by_key(|(_, fold)| (fold.adds.len(), Reverse(fold.saved), Reverse(fold.pattern.len())))
}

/// The actions that a statement allows, in small letters.
fn allowed(block: &Block) -> BTreeSet<String> {
    block.actions.iter().flat_map(|action| catalog::matching(action)).map(lower).collect()
}

/// All wildcards for a statement that would save anything.
fn folds(block: &Block, seen: &BTreeSet<String>, reach: Reach, known: &mut Known) -> Vec<Fold> {
    if block.effect == Effect::Deny {
        return Vec::new();
    }
    let (is_scoped, allowed) = (block.is_scoped(), allowed(block));
    let mut patterns: BTreeSet<String> = BTreeSet::new();
    for action in &block.actions {
        let Some((service, name)) = action.split_once(':') else { continue };
        if !is_kept(service) {
            let name = name.trim_end_matches('*');
            patterns.extend(beginnings(name).map(|beginning| format!("{service}:{beginning}*")));
        }
    }
    let mut fold = |pattern: String| {
        let beginning = pattern.trim_end_matches('*');
        let all = known.beginning_with(beginning);
        let was_seen = all.iter().filter(|one| seen.contains(&one.lower)).count();
        let goes_too_far = match reach {
            Reach::Exact => was_seen < 2 || was_seen < all.len(),
            Reach::Wider => was_seen < SEEN || all.len() > 2 * was_seen,
            Reach::Widest => was_seen < 2,
        };
        // On every resource both kinds can be allowed together.
        let is_alike = |one: &One| one.is_scoped == is_scoped || (reach == Reach::Widest && !is_scoped);
        if goes_too_far || !all.iter().all(|one| one.may_join && is_alike(one)) {
            return None;
        }
        let members: BTreeSet<String> = draft::beginning(&block.actions, beginning).cloned().collect();
        if members.iter().any(|action| catalog::matching(action).is_empty()) {
            return None;
        }
        let before: usize = members.iter().map(|action| written(action) + 1).sum();
        let saved = before.checked_sub(written(&pattern) + 1).filter(|saved| *saved > 0)?;
        let adds = all.iter().filter(|one| !allowed.contains(&one.lower)).map(|one| one.action.clone()).collect();
        Some(Fold { pattern, members, adds, saved })
    };
    patterns.into_iter().filter_map(&mut fold).collect()
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
