//! What can be selected, and how it is called.

use std::fmt;

/// Fields of events that are shown where nobody chooses.
pub const DEFAULT_FIELDS: [&str; 8] =
    ["eventTime", "principal", "eventSource", "eventName", "resource", "outcome", "awsRegion", "sourceIPAddress"];

/// Something that is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// What it is.
    pub what: What,
    /// As the column is called: `field as name` renames.
    pub name: String,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A field or column.
    Field(String),
    /// Of a group, how many different values.
    Distinct(String),
    /// Of a group, the most frequent values.
    Top(String),
}

impl Selected {
    /// From what stands in `select`: `FIELD`, `distinct(FIELD)`, `top(FIELD)`, each with ` as NAME` behind it or not.
    pub fn parse(text: &str) -> Self {
        let (what, name) = match text.split_once(" as ") {
            Some((what, name)) => (what.trim(), Some(name.trim().to_owned())),
            None => (text.trim(), None),
        };
        let inside = |head: &str| Some(what.strip_prefix(head)?.strip_suffix(')')?.trim().to_owned());
        let what = match (inside("distinct("), inside("top(")) {
            (Some(field), _) => What::Distinct(field),
            (None, Some(field)) => What::Top(field),
            (None, None) => What::Field(what.to_owned()),
        };
        Self { name: name.unwrap_or_else(|| what.to_string()), what }
    }
}

impl What {
    /// The field it is about.
    pub fn field(&self) -> &str {
        match self {
            Self::Field(field) | Self::Distinct(field) | Self::Top(field) => field,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => f.write_str(field),
            Self::Distinct(field) => write!(f, "distinct({field})"),
            Self::Top(field) => write!(f, "top({field})"),
        }
    }
}
