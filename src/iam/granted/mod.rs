//! What identities are granted, as AWS tells it: the output of `aws iam get-account-authorization-details`, of one
//! account or of several, and single policy documents. Text in ([`Reader`]), the policies of each user and role out
//! ([`Granted::of`]).
//!
//! Nothing is guessed: a policy that is attached and whose document is in no file is named ([`Holder::missing`]), and
//! what cannot be read is a [`Problem`] that says where. Source of the form: IAM API reference,
//! "GetAccountAuthorizationDetails".

mod read;
mod resolve;

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::document::Statement;
use super::{Principal, PrincipalKind, matches};

pub use read::Reader;

/// What identities are granted.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// Users and roles, sorted by ARN.
    pub holders: Vec<Holder>,
    /// Policies from files with a single document: they apply to everybody who is shown.
    pub everybody: Vec<Attached>,
    /// What could not be read, in the order of the files.
    pub problems: Vec<Problem>,
}

/// A user or a role with its policies.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Its ARN, with path.
    pub arn: String,
    /// As the archive's events name it.
    pub principal: Principal,
    /// Attached, inline, and those of groups.
    pub policies: Vec<Attached>,
    /// What bounds them.
    pub boundary: Option<Boundary>,
    /// What it has and no file holds: ARNs of policies, names of groups; what was not read of its own policies.
    pub missing: Vec<String>,
}

/// A permissions boundary.
#[derive(Clone, Debug)]
pub enum Boundary {
    /// Whose document is known.
    Known(Attached),
    /// Whose document is in no file; it bounds something, and nobody can say what.
    Missing(String),
}

/// A policy and how it comes to be somebody's.
#[derive(Clone, Debug)]
pub struct Attached {
    /// How.
    pub origin: Origin,
    /// What it says.
    pub policy: Arc<Policy>,
}

/// How a policy comes to be somebody's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Attached, by its ARN.
    Managed(String),
    /// Embedded, by its name.
    Inline(String),
    /// Through a group, by the group's name.
    Group(String, Box<Origin>),
    /// Given as a file, by its name.
    File(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Managed(arn) => f.write_str(arn),
            Self::Inline(name) => write!(f, "inline {name}"),
            Self::Group(group, policy) => write!(f, "group {group}: {policy}"),
            Self::File(name) => write!(f, "file {name}"),
        }
    }
}

/// A policy document, statement by statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// `Version`, as it stands there.
    pub version: Option<String>,
    /// In the order of the text.
    pub statements: Vec<Written>,
}

/// A statement as it is meant and as it stands there: what this reader does not know is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// As it is meant.
    pub statement: Statement,
    /// As it stands there.
    pub json: Map<String, Value>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// Where in it, such as `UserDetailList[3].UserPolicyList[0]`; empty for the whole.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "{}: {}", self.file, self.what),
            path => write!(f, "{}: {path}: {}", self.file, self.what),
        }
    }
}

impl Granted {
    /// Who a principal of the archive is: one, none, or the roles that Identity Center made for a permission set.
    pub fn of<'g>(&'g self, principal: &Principal) -> Vec<&'g Holder> {
        if matches!(principal.kind, PrincipalKind::User | PrincipalKind::Role | PrincipalKind::ServiceLinkedRole) {
            let at = self.holders.binary_search_by(|holder| holder.arn.as_str().cmp(&principal.name));
            return at.ok().and_then(|at| self.holders.get(at)).into_iter().collect();
        }
        let same = |holder: &&Holder| match principal.kind {
            PrincipalKind::PermissionSet => matches(&principal.name, &holder.arn),
            // A name is given once in an account, whatever the path.
            PrincipalKind::RolePathUnknown => {
                holder.principal.kind == PrincipalKind::Role
                    && holder.principal.account == principal.account
                    && holder.principal.short_name() == principal.short_name()
            }
            _ => false,
        };
        self.holders.iter().filter(same).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DETAILS: &str = r#"{
        "UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/ops/alice", "GroupList": ["Dev", "Gone"],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22*%22%7D%7D"}]}],
        "GroupDetailList": [{"Arn": "arn:aws:iam::111122223333:group/Dev", "GroupName": "Dev",
            "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, {"PolicyArn": "arn:aws:iam::111122223333:policy/p"}]}],
        "RoleDetailList": [
            {"Arn": "arn:aws:iam::111122223333:role/x/App", "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/p"}},
            {"Arn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"},
            {"Arn": 7}],
        "Policies": [{"Arn": "arn:aws:iam::111122223333:policy/p", "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": false, "Document": {"Statement": []}},
            {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}, 7]}}]}],
        "IsTruncated": true}"#;

    fn granted(files: &[(&str, &str)]) -> Granted {
        let mut reader = Reader::default();
        files.iter().for_each(|(name, text)| reader.add(name, text));
        reader.finish()
    }

    fn principal(kind: PrincipalKind, name: &str) -> Principal {
        Principal { kind, account: Some("111122223333".to_owned()), name: name.to_owned() }
    }

    #[test]
    fn an_identity_has_its_own_policies_and_those_of_its_groups() {
        let all = granted(&[("a.json", DETAILS)]);
        let [alice] = all.of(&principal(PrincipalKind::User, "arn:aws:iam::111122223333:user/ops/alice"))[..] else {
            panic!("one user")
        };
        let origins: Vec<_> = alice.policies.iter().map(|policy| policy.origin.to_string()).collect();
        assert_eq!(origins, ["inline own", "group Dev: arn:aws:iam::111122223333:policy/p"]);
        assert_eq!(alice.missing, ["arn:aws:iam::aws:policy/ReadOnlyAccess", "group Gone"]);
        let default = &alice.policies.last().unwrap().policy;
        assert_eq!((default.version.as_deref(), default.statements.len()), (Some("2012-10-17"), 1));
    }

    #[test]
    fn a_role_is_known_by_its_arn_its_name_or_its_permission_set() {
        let all = granted(&[("a.json", DETAILS)]);
        for (kind, name) in [
            (PrincipalKind::Role, "arn:aws:iam::111122223333:role/x/App"),
            (PrincipalKind::RolePathUnknown, "arn:aws:iam::111122223333:role/App"),
            (
                PrincipalKind::PermissionSet,
                "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Ops_*",
            ),
        ] {
            assert_eq!(all.of(&principal(kind, name)).len(), 1, "{name}");
        }
        assert!(all.of(&principal(PrincipalKind::Role, "arn:aws:iam::111122223333:role/App")).is_empty());
        let bounded = all.of(&principal(PrincipalKind::Role, "arn:aws:iam::111122223333:role/x/App"));
        assert!(matches!(bounded[0].boundary, Some(Boundary::Known(_))));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_the_rest_is_used() {
        let all = granted(&[("a.json", DETAILS), ("b.json", "{"), ("c.json", r#"{"Users":[]}"#)]);
        let told: Vec<_> = all.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 5, "{told:#?}");
        assert!(told[0].starts_with("a.json: RoleDetailList[2]: "), "{}", told[0]);
        assert!(told[1].starts_with("a.json: Policies[0].PolicyVersionList[1].Document.Statement[1]: "), "{}", told[1]);
        assert!(told[2].starts_with("a.json: IsTruncated: "), "{}", told[2]);
        assert!(told[3].starts_with("b.json: no valid JSON"), "{}", told[3]);
        assert!(told[4].starts_with("c.json: "), "{}", told[4]);
        assert_eq!(all.holders.len(), 3);
    }

    #[test]
    fn a_file_with_a_single_document_applies_to_everybody() {
        let all = granted(&[(
            "p.json",
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
        )]);
        assert_eq!((all.everybody.len(), all.holders.len(), all.problems.len()), (1, 0, 0));
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
        assert_eq!(granted(&[("t.json", trust)]).problems.len(), 1);
    }
}
