//! From a document to statements that answer quickly.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use super::RESOURCE;
use super::asked::Asked;
use super::condition::Condition;
use super::template::{Reading, Template};
use super::truth::Truth;
use crate::iam::document::{self, Document, Listed};
use crate::iam::{Action, Effect, has_wildcard, matches_ignoring_case};

/// A policy, read once and asked often.
#[derive(Debug)]
pub struct Policy {
    name: Box<str>,
    statements: Box<[Statement]>,
    allowing: Index,
    denying: Index,
    keys: Box<[Box<str>]>,
    problems: Box<[String]>,
}

/// A statement, compiled.
#[derive(Debug)]
pub(super) struct Statement {
    number: usize,
    sid: Option<Box<str>>,
    effect: Effect,
    actions: Listed<ActionPattern>,
    resources: Listed<Template>,
    conditions: Box<[Condition]>,
    /// Whether something in it was not understood, beside its conditions. Then it is taken to be about all
    /// that it might be about, and never applies for certain.
    is_doubtful: bool,
}

/// `s3:Get*` at its colon. `*` alone is `*:*`.
#[derive(Debug)]
struct ActionPattern {
    service: Box<str>,
    name: Box<str>,
}

/// Which statements may be about the actions of a service.
#[derive(Debug, Default)]
struct Index {
    of_service: HashMap<Box<str>, Box<[usize]>>,
    /// Those of services that no statement names.
    of_others: Box<[usize]>,
}

impl Policy {
    /// Compiles a document. The name is for messages.
    pub fn new(name: impl Into<String>, document: &Document) -> Self {
        let mut problems: Vec<_> = document.unread.iter().map(|what| format!("{what} is not understood")).collect();
        let statements: Box<[Statement]> = match document.version.as_deref() {
            None | Some("2012-10-17" | "2008-10-17") => {
                let variables = document.version.as_deref() == Some("2012-10-17");
                let read = document.statements.iter();
                read.filter_map(|statement| Statement::new(statement, variables, &mut problems)).collect()
            }
            Some(other) => {
                problems.push(format!("AWS knows no version `{other}`; the policy is left out"));
                Box::default()
            }
        };
        let keys: BTreeSet<&str> = statements.iter().flat_map(Statement::keys).collect();
        Self {
            name: name.into().into(),
            keys: keys.into_iter().map(Into::into).collect(),
            allowing: Index::new(&statements, Effect::Allow),
            denying: Index::new(&statements, Effect::Deny),
            problems: problems.into(),
            statements,
        }
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What evaluation leaves aside, in words. A statement that AWS would refuse never applies; one with
    /// something that is not understood makes nothing certain: where it would decide, the answer is unknown.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Condition keys that any statement asks for, in conditions or as policy variables: lower case, sorted.
    pub fn keys(&self) -> &[Box<str>] {
        &self.keys
    }

    pub(super) fn allowing<'p>(&'p self, action: &Action) -> impl Iterator<Item = &'p Statement> {
        self.about(&self.allowing, action)
    }

    pub(super) fn denying<'p>(&'p self, action: &Action) -> impl Iterator<Item = &'p Statement> {
        self.about(&self.denying, action)
    }

    fn about<'p>(&'p self, index: &'p Index, action: &Action) -> impl Iterator<Item = &'p Statement> {
        let candidates = index.of_service.get(action.service_prefix()).unwrap_or(&index.of_others);
        let statements = candidates.iter().filter_map(|at| self.statements.get(*at));
        statements.filter(move |statement| statement.is_about(action))
    }
}

impl Index {
    fn new(statements: &[Statement], effect: Effect) -> Self {
        let of_effect = || statements.iter().enumerate().filter(|(_, statement)| statement.effect == effect);
        let places = |service: Option<&str>| {
            of_effect().filter(|(_, statement)| statement.may_be_about(service)).map(|(at, _)| at).collect()
        };
        let named = of_effect().flat_map(|(_, statement)| statement.actions.entries());
        let services: BTreeSet<&str> =
            named.map(|pattern| &*pattern.service).filter(|service| !has_wildcard(service)).collect();
        Self {
            of_service: services.into_iter().map(|service| (service.into(), places(Some(service)))).collect(),
            of_others: places(None),
        }
    }
}

impl Statement {
    /// `None` where AWS would refuse it as part of an identity policy. `variables` is whether the policy's
    /// version has them.
    fn new(read: &document::Statement, variables: bool, problems: &mut Vec<String>) -> Option<Self> {
        let number = read.number;
        let place = match &read.sid {
            Some(sid) => format!("statement {number} (`{sid}`)"),
            None => format!("statement {number}"),
        };
        let mut problem = |what: &str| problems.push(format!("{place}: {what}"));
        if read.principal.is_some() {
            problem("an identity policy names no principal; it is left out");
            return None;
        }
        let Some(actions) = &read.action else {
            problem("it names no action; it is left out");
            return None;
        };
        let Some(resources) = &read.resource else {
            problem("it names no resource; it is left out");
            return None;
        };
        let mut is_doubtful = false;
        let mut doubt = |what: &str| {
            is_doubtful = true;
            problem(what);
        };
        for element in &read.unread {
            doubt(&format!("`{element}` is not wholly understood"));
        }
        let is_unread = |names: [&str; 2]| {
            read.unread.iter().any(|element| names.iter().any(|name| name.eq_ignore_ascii_case(element)))
        };
        let mut actions = each(actions, |text| {
            let pattern = ActionPattern::new(text);
            if pattern.is_none() {
                doubt(&format!("`{text}` is no action"));
            }
            pattern
        });
        if is_unread(["Action", "NotAction"]) {
            actions = Listed::Only(ActionPattern::new("*").into_iter().collect());
        }
        let mut is_anything = is_unread(["Resource", "NotResource"]);
        let mut resources = each(resources, |text| {
            let template = Template::new(text, Reading { variables, wildcards: true });
            if template.is_none() {
                doubt(&format!("`{text}` has a variable that is not understood"));
                is_anything = true;
            } else if template.as_ref().is_some_and(Template::has_early_variable) {
                doubt(&format!("`{text}` has a variable before the fifth colon, where AWS knows none"));
            }
            template
        });
        if is_anything {
            resources = Listed::Only(vec![Template::Plain("*".into())]);
        }
        let conditions: Box<[Condition]> =
            read.conditions.iter().map(|condition| Condition::new(condition, variables)).collect();
        for (_, read) in conditions.iter().zip(&read.conditions).filter(|(one, _)| !one.is_understood()) {
            problem(&format!("the condition `{}` on `{}` is not understood", read.operator(), read.key));
        }
        let sid = read.sid.as_deref().map(Into::into);
        Some(Self { number, sid, effect: read.effect, actions, resources, conditions, is_doubtful })
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Whether it applies to a request that is about one of its actions.
    pub(super) fn applies(&self, asked: &Asked<'_>) -> Truth {
        let conditions = self.conditions.iter().map(|condition| condition.holds(asked.context()));
        let truth = Truth::all([self.is_on(asked)].into_iter().chain(conditions));
        if self.is_doubtful { truth.min(Truth::Maybe) } else { truth }
    }

    /// Adds the keys of which it depends whether it applies, where it may.
    pub(super) fn missing<'p>(&'p self, asked: &Asked<'_>, found: &mut Vec<&'p str>) {
        let context = asked.context();
        if self.is_on(asked) == Truth::Maybe {
            found.extend(asked.is_about_several().then_some(RESOURCE));
            let open = self.resources.entries().iter().filter(|one| asked.is_on(one) == Truth::Maybe);
            found.extend(open.flat_map(|template| template.missing(context)));
        }
        for condition in self.conditions.iter().filter(|condition| condition.holds(context) == Truth::Maybe) {
            condition.missing(context, found);
        }
    }

    fn is_about(&self, action: &Action) -> bool {
        self.actions.includes(|pattern| pattern.fits(action))
    }

    fn may_be_about(&self, service: Option<&str>) -> bool {
        match &self.actions {
            Listed::AllBut(_) => true,
            Listed::Only(patterns) => {
                patterns.iter().any(|one| has_wildcard(&one.service) || service == Some(&*one.service))
            }
        }
    }

    fn is_on(&self, asked: &Asked<'_>) -> Truth {
        let fits = |templates: &[Template]| Truth::any(templates.iter().map(|template| asked.is_on(template)));
        match &self.resources {
            Listed::Only(templates) => fits(templates),
            Listed::AllBut(templates) => fits(templates).negated_if(true),
        }
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.resources.entries().iter().flat_map(Template::variables).map(|variable| &*variable.key);
        variables.chain(self.conditions.iter().flat_map(Condition::keys))
    }
}

impl ActionPattern {
    fn new(text: &str) -> Option<Self> {
        let (service, name) = match text.split_once(':') {
            Some(parts) => parts,
            None if !text.is_empty() && text.bytes().all(|byte| byte == b'*') => ("*", "*"),
            None => return None,
        };
        Some(Self { service: service.to_ascii_lowercase().into(), name: name.into() })
    }

    fn fits(&self, action: &Action) -> bool {
        matches_ignoring_case(&self.service, action.service_prefix())
            && matches_ignoring_case(&self.name, action.name())
    }
}

fn each<T, U>(listed: &Listed<T>, read: impl FnMut(&T) -> Option<U>) -> Listed<U> {
    match listed {
        Listed::Only(entries) => Listed::Only(entries.iter().filter_map(read).collect()),
        Listed::AllBut(entries) => Listed::AllBut(entries.iter().filter_map(read).collect()),
    }
}
