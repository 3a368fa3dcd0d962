//! What an audit says of all that it finds of a kind. Severities that depend on the call are decided in `judge`.

use crate::detect::Severity;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// A stable name.
    pub name: &'static str,
    /// In plain words.
    pub title: &'static str,
    /// How much it matters, where the call does not decide.
    pub severity: Severity,
    /// ATT&CK technique ids, version 16.
    pub attack: &'static [&'static str],
    /// Why it matters.
    pub why: &'static str,
    /// What to check next.
    pub next: &'static [&'static str],
    /// What harmless work looks the same.
    pub harmless: &'static [&'static str],
}

/// Every kind.
pub const ALL: &[&Rule] = &[
    &UNGRANTED,
    &OTHER_PERSON,
    &BEFORE,
    &AFTER,
    &TAIL,
    &OVERRUN,
    &SCOPE,
    &CONDITION,
    &CHAINED,
    &PRIVILEGED,
    &PERSISTENCE,
    &SELF_EXTENSION,
    &BREAK_GLASS,
    &UNUSED,
    &PARTLY_USED,
    &LOG_GAP,
];

/// An elevated principal was used, and no grant allows it.
pub static UNGRANTED: Rule = Rule {
    name: "used-without-grant",
    title: "Elevated access without a grant",
    severity: Severity::High,
    attack: &["T1078.004"],
    why: "Nobody approved it, or the ledger is not complete.",
    next: &["Ask the person", "Look how the session was begun, and whether the assignment is standing"],
    harmless: &["A grant that is in another ledger", "A session that monitoring uses"],
};
/// Only somebody else's grant held.
pub static OTHER_PERSON: Rule = Rule {
    name: "used-by-another-person",
    title: "Elevated access by somebody to whom it was not granted",
    severity: Severity::High,
    attack: &["T1078.004"],
    why: "The grant that held then is another person's. Names of role sessions are chosen by whoever assumes the role.",
    next: &["Ask both", "Ask for sts:RoleSessionName or sts:SourceIdentity in the role's trust policy"],
    harmless: &["A person who is written differently in the ledger"],
};
/// It was used before the window.
pub static BEFORE: Rule = Rule {
    name: "used-before-grant",
    title: "Elevated access before its window",
    severity: Severity::Medium,
    attack: &["T1078.004"],
    why: "The permission was in force before it was granted to be.",
    next: &["Look when the assignment was made", "Bound the policy with aws:CurrentTime"],
    harmless: &["A grant that was written into the ledger late"],
};
/// A session that began after the window.
pub static AFTER: Rule = Rule {
    name: "used-after-grant",
    title: "Elevated access after its window, by a new session",
    severity: Severity::High,
    attack: &["T1078.004"],
    why: "The permission was not taken away at the end: sessions can still be begun.",
    next: &["Remove the assignment or policy", "Look what was done with it"],
    harmless: &["An extension that is not in the ledger"],
};
/// Credentials that outlived the window.
pub static TAIL: Rule = Rule {
    name: "session-tail",
    title: "A session went on after the window",
    severity: Severity::Low,
    attack: &[],
    why: "Credentials live until their session ends. A policy bounded by aws:CurrentTime would have stopped them.",
    next: &["Bound the policy with aws:CurrentTime", "Make sessions of the permission set or role shorter"],
    harmless: &["Work that took a little longer"],
};
/// Credentials that outlived even their session.
pub static OVERRUN: Rule = Rule {
    name: "session-overrun",
    title: "A session went on for longer than its credentials may live",
    severity: Severity::High,
    attack: &["T1078.004"],
    why: "Either sessions may be longer than the ledger says, or taking the grant back failed.",
    next: &["Compare session_max_seconds with the role's MaxSessionDuration", "Revoke the role's sessions"],
    harmless: &["A ledger with a shorter session_max_seconds than the role has"],
};
/// Something that the grant does not name.
pub static SCOPE: Rule = Rule {
    name: "outside-scope",
    title: "Something was done that the grant does not name",
    severity: Severity::High,
    attack: &["T1078.004"],
    why: "What was approved is narrower than what the principal has.",
    next: &["Ask the person", "Give a policy of these actions and no more"],
    harmless: &["What every console or tool calls on the way"],
};
/// A term that was not kept.
pub static CONDITION: Rule = Rule {
    name: "condition-not-kept",
    title: "A condition of the grant was not kept",
    severity: Severity::Medium,
    attack: &[],
    why: "The grant was approved for a network, a region or with MFA, and AWS was not told so.",
    next: &["Put the condition into the policy", "Look where the request came from"],
    harmless: &["An office or VPN whose addresses changed"],
};
/// A role assumed with the grant.
pub static CHAINED: Rule = Rule {
    name: "chained-use",
    title: "Another role was assumed with the grant",
    severity: Severity::Info,
    attack: &["T1550.001"],
    why: "What was done with the second role was done with the grant, and may go on for an hour after its end.",
    next: &["Look whether the grant was meant to lead there"],
    harmless: &["A deployment role that is reached that way"],
};
/// A privileged action.
pub static PRIVILEGED: Rule = Rule {
    name: "privileged-under-grant",
    title: "Privileged actions with the grant",
    severity: Severity::Info,
    attack: &[],
    why: "This is what the elevation was for, or what it was used for beside.",
    next: &["Compare it with the reason in the ledger"],
    harmless: &["The work the grant was given for"],
};
/// What stays when the window is over.
pub static PERSISTENCE: Rule = Rule {
    name: "persistence-under-grant",
    title: "Something was made that outlasts the grant",
    severity: Severity::High,
    attack: &["T1098"],
    why: "The window ends, and this stays.",
    next: &["Take it back, or have it approved by itself", "Look whether it was used since"],
    harmless: &["What the grant was given for"],
};
/// The grant was made longer or wider with itself.
pub static SELF_EXTENSION: Rule = Rule {
    name: "self-extension",
    title: "The grant was used to give its holder more",
    severity: Severity::Critical,
    attack: &["T1098"],
    why: "Whoever can extend an elevation with it has it for ever.",
    next: &["Take it back", "Deny iam:* and sso:* in elevations, or set a permissions boundary"],
    harmless: &[],
};
/// Break-glass access.
pub static BREAK_GLASS: Rule = Rule {
    name: "break-glass-used",
    title: "Break-glass access was used",
    severity: Severity::High,
    attack: &["T1078.004"],
    why: "Nobody had to approve it. Each use is looked at.",
    next: &["Write down why", "Rotate its credentials"],
    harmless: &["An emergency", "A drill"],
};
/// Nobody used it.
pub static UNUSED: Rule = Rule {
    name: "unused-grant",
    title: "A grant that nobody used",
    severity: Severity::Low,
    attack: &[],
    why: "What is not used need not be granted, nor eligible.",
    next: &["Ask whether it is still needed", "Look whether another person's name is in the ledger"],
    harmless: &["Work of which no event is logged, such as on objects where data events are off"],
};
/// Some of it was not used.
pub static PARTLY_USED: Rule = Rule {
    name: "partly-used-grant",
    title: "Actions of a grant that nobody used",
    severity: Severity::Info,
    attack: &[],
    why: "The next grant can be narrower.",
    next: &["Give the narrower policy next time"],
    harmless: &["Actions that are seldom needed", "Data events that are off"],
};
/// The log may lack something.
pub static LOG_GAP: Rule = Rule {
    name: "log-gap",
    title: "The log has gaps while a grant held",
    severity: Severity::Medium,
    attack: &[],
    why: "What was done then may be missing here, so that this audit is not complete.",
    next: &["Get the missing files", "Look who changed the trail, and why"],
    harmless: &["A quiet account"],
};
