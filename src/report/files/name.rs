//! Names of files and policies: safe on every file system, the same in every run, and never two alike.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::{Target, is_account_id};
use crate::recommend::digest;
use crate::report::RecommendationRow;

/// Bytes of a stem without its digest: a digest and the longest ending make 100 of them. A role's name of 64
/// characters has room behind the account.
const LONGEST: usize = 82;

/// Characters of a policy's name, as IAM takes it.
const LONGEST_POLICY: usize = 128;

/// A principal as far as names of files tell of it.
#[derive(Clone, Copy)]
pub(in crate::report) struct Whose<'r> {
    pub(in crate::report) account: Option<&'r str>,
    pub(in crate::report) kind: &'static str,
    pub(in crate::report) name: &'r str,
    pub(in crate::report) principal: &'r str,
}

impl<'r> From<&'r RecommendationRow> for Whose<'r> {
    fn from(row: &'r RecommendationRow) -> Self {
        Self { account: row.account.as_deref(), kind: row.kind, name: &row.name, principal: &row.principal }
    }
}

/// How the files of each principal begin.
pub(super) fn stems(rows: &[RecommendationRow]) -> Vec<String> {
    stems_of(&rows.iter().map(Whose::from).collect::<Vec<_>>())
}

/// How the files of each principal begin: with the account, so that no name is one that Windows reserves, and
/// without a dot, so that what follows the first dot is an ending. Where a principal's name cannot be told
/// whole, or two would be one, a digest of what is meant stands behind it.
pub(in crate::report) fn stems_of(rows: &[Whose<'_>]) -> Vec<String> {
    let plain: Vec<_> = rows.iter().map(plain).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (stem, _) in &plain {
        *counts.entry(stem).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut unique = |(row, (stem, is_whole)): (&Whose<'_>, &(String, bool))| {
        let is_alone = counts.get(&**stem) == Some(&1);
        let mut name = if *is_whole && is_alone { stem.clone() } else { marked(stem, row, 0) };
        let mut again = 0;
        while !taken.insert(name.clone()) {
            again += 1;
            name = marked(stem, row, again);
        }
        name
    };
    rows.iter().zip(&plain).map(&mut unique).collect()
}

/// A stem without a digest, and whether it tells all.
fn plain(row: &Whose<'_>) -> (String, bool) {
    let account = row.account.filter(|account| is_account_id(account)).unwrap_or("no-account");
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut stem = format!("{account}-{}-", row.kind);
    stem.extend(row.name.chars().map(|c| if is_safe(&c) { c.to_ascii_lowercase() } else { '-' }));
    let is_whole = stem.len() <= LONGEST && !row.name.is_empty() && row.name.chars().all(|c| is_safe(&c));
    stem.truncate(LONGEST);
    (stem, is_whole)
}

/// A stem with a digest of whom it means. `again` tells apart what even that does not: a role whose path some
/// records do not show is two principals of one name.
fn marked(stem: &str, row: &Whose<'_>, again: usize) -> String {
    let account = row.account.unwrap_or_default();
    let mut parts = vec![account.to_owned(), row.kind.to_owned(), row.principal.to_owned()];
    parts.extend((again > 0).then(|| again.to_string()));
    format!("{stem}-{}", digest(&parts, 4))
}

/// Names for the policies of each principal. Managed policies share an account, where case does not count; others
/// stand in their principal.
pub(super) fn policies(rows: &[RecommendationRow], stems: &[String]) -> Vec<Vec<String>> {
    let shares = |target: &str| [Target::Managed, Target::Boundary].iter().any(|one| one.as_str() == target);
    let mut counts: BTreeMap<(Option<&str>, String), usize> = BTreeMap::new();
    for row in rows {
        for policy in row.policies.iter().filter(|policy| shares(policy.target)) {
            *counts.entry((row.account.as_deref(), policy.name.to_lowercase())).or_default() += 1;
        }
    }
    let of_row = |(row, stem): (&RecommendationRow, &String)| {
        let unique = |policy: &crate::report::PolicyRow| {
            let count = counts.get(&(row.account.as_deref(), policy.name.to_lowercase()));
            if count.is_none_or(|count| *count == 1) && policy.name.chars().count() <= LONGEST_POLICY {
                return policy.name.clone();
            }
            let short: String = policy.name.chars().take(LONGEST_POLICY - 9).collect();
            format!("{short}-{}", digest(&[stem.clone(), policy.name.clone()], 4))
        };
        row.policies.iter().map(unique).collect()
    };
    rows.iter().zip(stems).map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn role(name: &str) -> RecommendationRow {
        RecommendationRow {
            principal: format!("arn:aws:iam::111122223333:role/{name}"),
            kind: "role",
            account: Some("111122223333".to_owned()),
            name: name.rsplit('/').next().unwrap().to_owned(),
            ..RecommendationRow::default()
        }
    }

    #[test]
    fn a_name_tells_who_is_meant() {
        #[track_caller]
        fn check(names: &[&str], expected: &[&str]) {
            let rows: Vec<_> = names.iter().map(|name| role(name)).collect();
            assert_eq!(stems(&rows), expected);
        }
        check(&["service/Invoicing"], &["111122223333-role-invoicing"]);
        check(&["CON", "nul.txt"], &["111122223333-role-con", "111122223333-role-nul-txt-6313d78c"]);
        check(&["a+b", "a=b"], &["111122223333-role-a-b-8ba8c10a", "111122223333-role-a-b-1fde8533"]);
        check(&["Ops", "x/ops"], &["111122223333-role-ops-e7916cc3", "111122223333-role-ops-340c79d1"]);
    }

    /// Characters that some file system or another takes for something.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Ca-c.+ ]{0,3}",
            "[a-zA-Z0-9+=,.@_-]{1,64}",
            "(con|NUL|aux|LPT1|\\.\\.)[./\\\\: ]?",
            "[\u{0}-\u{ff}\u{130}\u{202e}\u{fb01}/\\\\:*?\"<>|]{0,120}",
            any::<String>(),
        ]
    }

    fn row() -> impl Strategy<Value = RecommendationRow> {
        let kinds = prop_oneof![Just("role"), Just("user"), Just("permission-set")];
        let accounts = prop_oneof![Just(Some("111122223333".to_owned())), Just(None), hostile().prop_map(Some)];
        (hostile(), kinds, accounts).prop_map(|(name, kind, account)| RecommendationRow {
            principal: name.clone(),
            kind,
            account,
            name,
            ..RecommendationRow::default()
        })
    }

    proptest! {
        #[test]
        fn names_are_safe_and_never_alike(rows in prop::collection::vec(row(), 0..40)) {
            let stems = stems(&rows);
            let distinct: BTreeSet<_> = stems.iter().collect();
            prop_assert_eq!(distinct.len(), rows.len());
            for stem in &stems {
                prop_assert!(stem.len() + ".cfn.json".len() <= 100);
                prop_assert!(stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b)));
                let account = stem.get(..12).is_some_and(is_account_id);
                prop_assert!(account || stem.starts_with("no-account-"));
            }
        }

        #[test]
        fn a_name_depends_on_others_only_where_they_would_be_one(rows in prop::collection::vec(row(), 1..12)) {
            let together = stems(&rows);
            for (row, name) in rows.iter().zip(&together) {
                let alone = stems(std::slice::from_ref(row));
                let alone = alone.first().unwrap();
                prop_assert!(alone == name || name.starts_with(&plain(&row.into()).0));
            }
            prop_assert_eq!(stems(&rows), together);
        }
    }
}
