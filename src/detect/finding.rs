use std::borrow::Cow;

use super::Severity;
use crate::intern::Interned;

/// What a detection has to say of a call.
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

/// A kind of finding: what a rule says of all it finds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// A stable name, such as `attach-admin-policy`.
    pub detection: String,
    /// In plain words.
    pub title: String,
    /// The UUID of the Sigma rule.
    pub id: Option<String>,
    /// Who wrote the rule, where that was not us.
    pub author: Option<String>,
    /// One of [`CLASSES`], such as `credential-access`.
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
    /// Whether it says something of the caller, whatever the call: then it is told once for all calls.
    pub is_about_caller: bool,
}

/// The classes of findings: those of privileged actions, and what no single action stands for.
pub const CLASSES: [&str; 13] = [
    "permissions-management",
    "privilege-escalation",
    "credential-access",
    "resource-exposure",
    "data-access",
    "defense-evasion",
    "destruction",
    "organization-administration",
    "identity-center-administration",
    "root-use",
    "execution",
    "reconnaissance",
    "persistence",
];

/// Whether a text has the form of an ATT&CK technique, such as `T1098`, or of a part of one, `T1098.003`.
pub fn is_technique(text: &str) -> bool {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('T').is_some_and(|number| match number.split_once('.') {
        Some((technique, part)) => digits(technique, 4) && digits(part, 3),
        None => digits(number, 4),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_has_four_digits_and_its_parts_three_more() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_technique(text), expected, "{text}");
        }
        check("T1098", true);
        check("T1098.003", true);
        check("t1098", false);
        check("T109", false);
        check("T1098.", false);
        check("T1098.03", false);
        check("T1098.003.1", false);
        check("TA0004", false);
        check("", false);
    }
}
