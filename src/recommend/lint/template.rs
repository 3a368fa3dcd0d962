//! A template whatever its form: policies with where they are attached, how long things last, who approves.

use serde_json::{Map, Value};

use super::About;
use crate::iam::document::{Listed, Statement};
use crate::iam::{Document, DocumentError, Effect, PrincipalKind, Target};

/// Stands in texts for what only the deployment knows: a private-use character, which no policy may hold.
pub(super) const UNKNOWN: char = '\u{f8ff}';

/// Characters beyond which a policy is too long for anything and is not looked into: twice the highest of AWS's limits.
pub(super) const LONGEST: usize = 20_480;

/// A template.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) policies: Vec<Policy>,
    pub(super) durations: Vec<Duration>,
    pub(super) requests: Vec<Request>,
    /// ARNs of managed policies, with where they are attached.
    pub(super) managed: Vec<(String, String)>,
    /// Keys that stand twice in one object of JSON, with where.
    pub(super) duplicates: Vec<(String, String)>,
    /// What could not be read, with why.
    pub(super) unread: Vec<(String, String)>,
    /// The same with other conditions of CloudFormation's true, each looked at by itself.
    pub(super) choices: Vec<Self>,
}

/// A policy document.
#[derive(Debug)]
pub(super) struct Policy {
    /// Its name in the template; empty where the file is the policy.
    pub(super) at: String,
    pub(super) attached: Attached,
    pub(super) document: Document,
    /// Characters as AWS counts them, white space between tokens left out.
    pub(super) size: usize,
    /// Characters as they stand there.
    pub(super) raw: usize,
    /// Characters that no policy may hold.
    pub(super) foreign: Option<char>,
}

/// What a policy is attached as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attached {
    /// The file does not say.
    Unknown,
    As(Target),
    /// It says who may assume a role.
    Trust,
}

/// How long something lasts.
#[derive(Debug)]
pub(super) struct Duration {
    pub(super) at: String,
    /// As written.
    pub(super) text: String,
    /// `None` where it cannot be read; never where only the deployment knows it.
    pub(super) seconds: Option<i64>,
    pub(super) of: Lasts,
}

/// What lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    /// A session of a permission set.
    PermissionSet,
    /// The longest session of a role.
    Role,
    /// A session that is asked for.
    Session,
    /// An elevation by AWS TEAM.
    Team,
    /// An elevation by Glide.
    Glide,
}

/// Who may ask for something, and who decides.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) at: String,
    /// Whether somebody has to approve; `None` where only the deployment knows.
    pub(super) approval: Option<bool>,
    /// Whether there is a ticket; `None` where the tool asks for none here.
    pub(super) ticket: Option<bool>,
    pub(super) askers: Vec<String>,
    pub(super) approvers: Vec<String>,
}

impl Policy {
    /// Takes an object for a policy. `raw` is how long its text is.
    pub(super) fn new(
        at: &str,
        attached: Attached,
        object: Map<String, Value>,
        raw: usize,
    ) -> Result<Self, DocumentError> {
        let text = Value::Object(object.clone()).to_string();
        let foreign = text.chars().find(|c| *c > '\u{ff}' && *c != UNKNOWN);
        let document = Document::of(object)?;
        let assumes = |statement: &Statement| statement.principal.is_some() && statement.resource.is_none();
        let is_trust =
            attached == Attached::Unknown && !document.statements.is_empty() && document.statements.iter().all(assumes);
        let attached = if is_trust { Attached::Trust } else { attached };
        Ok(Self { at: at.to_owned(), attached, document, size: text.chars().count(), raw, foreign })
    }

    /// A part of it, as complaints call it.
    pub(super) fn part(&self, part: &str) -> String {
        match (self.at.is_empty(), part.is_empty()) {
            (true, true) => "policy".to_owned(),
            (true, false) => part.to_owned(),
            (false, true) => self.at.clone(),
            (false, false) => format!("{}, {part}", self.at),
        }
    }

    /// A statement of it, as complaints call it.
    pub(super) fn place(&self, statement: &Statement) -> String {
        match &statement.sid {
            Some(sid) => self.part(&format!("Statement {} ({sid})", statement.number)),
            None => self.part(&format!("Statement {}", statement.number)),
        }
    }

    /// What it counts as against AWS's limits.
    pub(super) fn target(&self, about: &About) -> Target {
        match self.attached {
            Attached::As(target) => target,
            _ => Target::usual_for(about.kind.unwrap_or(PrincipalKind::Role)),
        }
    }

    /// Whether whoever uses it comes through Identity Center.
    pub(super) fn is_of_permission_set(&self, about: &About) -> bool {
        self.attached == Attached::As(Target::PermissionSet)
            || (self.attached == Attached::Unknown && about.kind == Some(PrincipalKind::PermissionSet))
    }

    /// Statements that allow something; none of a trust policy.
    pub(super) fn allows(&self) -> impl Iterator<Item = &Statement> {
        let is_identity = self.attached != Attached::Trust;
        self.document.statements.iter().filter(move |one| is_identity && one.effect == Effect::Allow)
    }

    /// Whether it only takes away.
    pub(super) fn only_denies(&self) -> bool {
        !self.document.statements.is_empty() && self.document.statements.iter().all(|one| one.effect == Effect::Deny)
    }
}

impl Template {
    /// Notes something of a kind that no rule looks at, and that gives somebody something.
    pub(super) fn not_judged(&mut self, at: &str, kind: &str) {
        let kind = if kind.is_empty() { "this" } else { kind };
        self.unread.push((
            at.to_owned(),
            format!("{kind} holds policies, and is of no kind that is judged: look at them yourself"),
        ));
    }

    /// Every statement that allows something, with its policy.
    pub(super) fn allows(&self) -> impl Iterator<Item = (&Policy, &Statement)> {
        self.readable().flat_map(|policy| policy.allows().map(move |statement| (policy, statement)))
    }

    /// Policies that are looked into: every rule asks of each action and each resource.
    fn readable(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().filter(|policy| policy.size <= LONGEST)
    }

    /// Every statement, with its policy.
    pub(super) fn statements(&self) -> impl Iterator<Item = (&Policy, &Statement)> {
        self.readable().flat_map(|policy| policy.document.statements.iter().map(move |one| (policy, one)))
    }
}

/// The actions that a statement names, not those that it excepts.
pub(super) fn actions(statement: &Statement) -> &[String] {
    only(&statement.action)
}

/// The resources that a statement names, not those that it excepts.
pub(super) fn resources(statement: &Statement) -> &[String] {
    only(&statement.resource)
}

fn only(listed: &Option<Listed<String>>) -> &[String] {
    match listed {
        Some(Listed::Only(entries)) => entries,
        _ => &[],
    }
}

/// Whether a part of a text is not known here.
pub(super) fn is_unknown(text: &str) -> bool {
    text.contains(UNKNOWN)
}
