//! Resources that stand side by side: of the same type, with the same text before the part that varies, in the
//! same partition, region and account. Only such may be written as what they have in common, which ends where a
//! segment does.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog;
use crate::iam::Arn;

/// How much of an ARN resources have to have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breadth {
    /// Everything but the last segment, such as objects in one folder of a bucket.
    Folder,
    /// Some segments, such as objects in folders of one folder.
    Branch,
    /// The type, such as all objects of a bucket or all tables of an account and region.
    Type,
}

impl Breadth {
    /// Each, the narrower first.
    pub(super) const ALL: [Self; 3] = [Self::Folder, Self::Branch, Self::Type];
}

/// What resources side by side have in common.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Family {
    /// The text before what varies; ends with `/` or `:`.
    pub(super) parent: String,
    /// AWS's name for the type.
    pub(super) kind: &'static str,
    /// How many there are.
    pub(super) siblings: usize,
}

/// Services whose resources are secrets, keys or identities: each stays by itself.
const NEVER: &[&str] = &["iam", "identitystore", "kms", "organizations", "secretsmanager", "sso", "sts"];

/// The families among resources of a service's actions, sorted by parent.
pub(super) fn families(service: &str, resources: &BTreeSet<String>, breadth: Breadth) -> Vec<Family> {
    let mut found: BTreeMap<&str, (&'static str, usize)> = BTreeMap::new();
    for resource in resources {
        let Some(varying) = Varying::of(service, resource) else { continue };
        for parent in varying.parents(breadth) {
            found.entry(parent).or_insert((varying.kind, 0)).1 += 1;
        }
    }
    let family = |(parent, (kind, siblings)): (&str, _)| Family { parent: parent.to_owned(), kind, siblings };
    found.into_iter().map(family).collect()
}

/// A resource of a known type, and where in it begins what varies within the type.
struct Varying<'r> {
    resource: &'r str,
    kind: &'static str,
    start: usize,
    /// What varies, without wildcard and separator at its end.
    name: &'r str,
}

impl<'r> Varying<'r> {
    fn of(service: &str, resource: &'r str) -> Option<Self> {
        let arn = Arn::parse(resource).ok()?;
        // Parameters of Systems Manager may be secrets.
        let stays = NEVER.contains(&arn.service) || (arn.service == "ssm" && arn.resource.starts_with("parameter"));
        if stays || has_variable(resource) {
            return None;
        }
        let kind = catalog::type_of_arn(service, resource)?;
        let values = kind.pattern.values(resource)?;
        let (variable, last) = values.last()?;
        if matches!(*variable, "Partition" | "Region" | "Account") {
            return None;
        }
        let start = offset_in(last, resource)?;
        let (before, name) = resource.split_at_checked(start)?;
        let is_own = !arn.account.is_empty() || !before.ends_with("::");
        let name = name.strip_suffix('*').unwrap_or(name);
        let name = name.strip_suffix(['/', ':']).unwrap_or(name);
        let is_whole = before.ends_with(['/', ':']);
        (is_own && is_whole && !name.is_empty()).then_some(Self { resource, kind: kind.name, start, name })
    }

    /// What it has in common with those beside it.
    fn parents(&self, breadth: Breadth) -> Vec<&'r str> {
        let ends: Vec<usize> = match breadth {
            Breadth::Folder => self.name.rfind(['/', ':']).map(|at| at + 1).into_iter().collect(),
            Breadth::Branch => self.name.match_indices(['/', ':']).map(|(at, _)| at + 1).collect(),
            Breadth::Type => vec![0],
        };
        ends.into_iter().filter_map(|end| self.resource.get(..self.start + end)).collect()
    }
}

/// Where a part of a text begins in it.
fn offset_in(part: &str, text: &str) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize).filter(|at| *at <= text.len())
}

/// Whether a resource holds a policy variable: what stands for it is not known. Escapes are none.
fn has_variable(resource: &str) -> bool {
    resource.split("${").skip(1).any(|after| !["*}", "?}", "$}"].iter().any(|escape| after.starts_with(escape)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, resource: &str, folder: Option<&str>, of_type: Option<&str>) {
        let parents = |breadth| Varying::of(service, resource).map(|one| one.parents(breadth)).unwrap_or_default();
        let found = [Breadth::Folder, Breadth::Type].map(|breadth| parents(breadth).first().copied());
        assert_eq!(found, [folder, of_type], "{resource}");
        assert_eq!(parents(Breadth::Branch).last().copied(), folder, "{resource}");
    }

    #[test]
    fn what_siblings_have_in_common_ends_with_a_segment() {
        let bucket = Some("arn:aws:s3:::b/");
        check("s3", "arn:aws:s3:::b/a/b/c.json", Some("arn:aws:s3:::b/a/b/"), bucket);
        check("s3", "arn:aws:s3:::b/a/*", None, bucket);
        check("s3", "arn:aws:s3:::b/a/b/*", Some("arn:aws:s3:::b/a/"), bucket);
        check("s3", "arn:aws:s3:::b/a", None, bucket);
        check("s3", "arn:aws:s3:::b/*", None, None);
        let tables = Some("arn:aws:dynamodb:eu-west-1:111122223333:table/");
        check("dynamodb", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", None, tables);
        let groups = "arn:aws:logs:eu-west-1:111122223333:log-group:";
        check("logs", &format!("{groups}/aws/lambda/f:*"), Some(&format!("{groups}/aws/lambda/")), Some(groups));
        check("sqs", "arn:aws:sqs:eu-west-1:111122223333:q", None, Some("arn:aws:sqs:eu-west-1:111122223333:"));
    }

    #[test]
    fn a_branch_has_folders_in_it() {
        let resources = ["2026/01/a", "2026/02/b", "2026/02/c"].map(|key| format!("arn:aws:s3:::b/{key}")).into();
        let found = |breadth| families("s3", &resources, breadth).into_iter().map(|one| (one.parent, one.siblings));
        let parent = |key| format!("arn:aws:s3:::b/{key}");
        assert!(found(Breadth::Folder).eq([(parent("2026/01/"), 1), (parent("2026/02/"), 2)]));
        let branches = [(parent("2026/"), 3), (parent("2026/01/"), 1), (parent("2026/02/"), 2)];
        assert!(found(Breadth::Branch).eq(branches));
    }

    #[test]
    fn secrets_identities_keys_and_what_belongs_to_no_account_stay_as_they_are() {
        for (service, resource) in [
            ("s3", "arn:aws:s3:::b"),
            ("iam", "arn:aws:iam::111122223333:role/a/b"),
            ("sts", "arn:aws:iam::111122223333:role/a/b"),
            ("kms", "arn:aws:kms:eu-west-1:111122223333:key/1"),
            ("secretsmanager", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-??????"),
            ("ssm", "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b"),
            ("s3", "arn:aws:s3:::b/home/${aws:username}/x"),
            ("s3", "*"),
            ("nothing", "arn:aws:nothing:eu-west-1:111122223333:a/b"),
        ] {
            check(service, resource, None, None);
        }
    }
}
