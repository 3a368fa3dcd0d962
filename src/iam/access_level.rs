use std::fmt;
use std::str::FromStr;

/// How the Service Authorization Reference classes an action. Not a measure of danger: `iam:PassRole`
/// is `Write` and `secretsmanager:GetSecretValue` is `Read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Shows that resources exist, not what is in them.
    List,
    /// Reads content or attributes.
    Read,
    /// Creates, changes or deletes resources.
    Write,
    /// Changes tags only.
    Tagging,
    /// Grants or changes permissions.
    PermissionsManagement,
}

impl AccessLevel {
    /// AWS's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::PermissionsManagement => "Permissions management",
        }
    }

    /// Whether an action of this level changes nothing.
    pub fn only_looks(self) -> bool {
        matches!(self, Self::List | Self::Read)
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AccessLevel {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::List, Self::Read, Self::Write, Self::Tagging, Self::PermissionsManagement]
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or(())
    }
}
