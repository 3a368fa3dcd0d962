use std::borrow::Cow;

use super::Severity;
use crate::intern::Interned;

/// What a detection has to say of a call, or of several in their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What was detected.
    pub kind: Interned<Kind>,
    /// What made it so, for the reader.
    pub reasons: Vec<Cow<'static, str>>,
    /// Whether the request, which decides, was not recorded.
    pub condition_unknown: bool,
}

/// A kind of finding: what a rule says of all that it finds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// A stable word for it, such as `attach-admin-policy`.
    pub detection: String,
    /// What happened, in plain words.
    pub title: String,
    /// The UUID of the Sigma rule.
    pub id: Option<String>,
    /// Who wrote the rule, where that was not us.
    pub author: Option<String>,
    /// Such as `credential-access`.
    pub class: Option<String>,
    /// ATT&CK technique ids, version 16, such as `T1098.003`.
    pub attack: Vec<String>,
    /// Why it matters.
    pub why: String,
    /// What to check next.
    pub next: Vec<String>,
    /// What harmless work looks the same.
    pub false_positives: Vec<String>,
    /// Pages that tell more.
    pub references: Vec<String>,
    /// Whether it is found in the order of several calls, not in one.
    pub is_sequence: bool,
}
