use std::sync::LazyLock;

use hashbrown::HashMap;

use super::level_of;
use crate::catalog;
use crate::iam::{AccessLevel, Action};

/// Why an action counts as privileged. The access level alone does not tell: `iam:PassRole` is Write,
/// `secretsmanager:GetSecretValue` is Read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// Changes who may do what.
    PermissionsManagement,
    /// Lets the caller gain permissions it was not given.
    PrivilegeEscalation,
    /// Yields or makes credentials or secrets.
    CredentialAccess,
    /// Opens a resource to others.
    ResourceExposure,
    /// Reads data that is rarely read in daily work.
    DataAccess,
    /// Blinds logging or detection.
    DefenseEvasion,
    /// Destroys data or keys.
    Destruction,
    /// Administers the organisation.
    OrganizationAdministration,
    /// Administers Identity Center.
    IdentityCenterAdministration,
}

impl Privilege {
    const ALL: [Self; 9] = [
        Self::PermissionsManagement,
        Self::PrivilegeEscalation,
        Self::CredentialAccess,
        Self::ResourceExposure,
        Self::DataAccess,
        Self::DefenseEvasion,
        Self::Destruction,
        Self::OrganizationAdministration,
        Self::IdentityCenterAdministration,
    ];

    /// The word used in data and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PermissionsManagement => "permissions-management",
            Self::PrivilegeEscalation => "privilege-escalation",
            Self::CredentialAccess => "credential-access",
            Self::ResourceExposure => "resource-exposure",
            Self::DataAccess => "data-access",
            Self::DefenseEvasion => "defense-evasion",
            Self::Destruction => "destruction",
            Self::OrganizationAdministration => "organization-administration",
            Self::IdentityCenterAdministration => "identity-center-administration",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|privilege| privilege.as_str() == text)
    }
}

/// The table, action by action; every action of level Permissions management is added.
static TABLE: LazyLock<HashMap<Action, Vec<Privilege>>> = LazyLock::new(|| {
    let mut table: HashMap<Action, Vec<Privilege>> = HashMap::new();
    for (action, privilege) in rows().filter_map(|[action, class, _]| Some((known(action)?, Privilege::parse(class)?)))
    {
        table.entry(action).or_default().push(privilege);
    }
    table
});

fn rows() -> impl Iterator<Item = [&'static str; 3]> {
    include_str!("privileges.tsv").lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

fn known(text: &str) -> Option<Action> {
    let (prefix, name) = text.split_once(':')?;
    catalog::action(prefix, name).map(|facts| facts.action.clone())
}

/// The privilege classes of an action in the catalog's spelling, sorted; none for an everyday action.
pub fn privileges_of(action: &Action) -> Vec<Privilege> {
    let mut found = TABLE.get(action).cloned().unwrap_or_default();
    if level_of(action) == Some(AccessLevel::PermissionsManagement) {
        found.push(Privilege::PermissionsManagement);
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_names_a_known_action_and_class() {
        let mut count = 0;
        for [action, class, source] in rows() {
            assert!(known(action).is_some_and(|known| known.to_string() == action), "{action}");
            assert!(Privilege::parse(class).is_some(), "{action}: {class}");
            assert!(!source.is_empty(), "{action}: no source");
            count += 1;
        }
        assert!(count > 200, "{count}");
    }

    #[test]
    fn everyday_actions_are_not_privileged() {
        for text in ["s3:GetObject", "dynamodb:Query", "kms:Decrypt", "ec2:DescribeInstances", "sqs:ReceiveMessage"] {
            assert_eq!(privileges_of(&text.parse().unwrap()), [], "{text}");
        }
        assert!(!privileges_of(&"iam:PassRole".parse().unwrap()).is_empty());
        assert!(privileges_of(&"iam:PutRolePolicy".parse().unwrap()).contains(&Privilege::PermissionsManagement));
    }
}
