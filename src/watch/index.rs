use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::timeline::Timeline;
use crate::iam::{Arn, Principal, PrincipalKind, matches};
use crate::ledger::{Grant, Subject};

/// Grants by whom they are for.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    subjects: HashMap<Key, Vec<Given>>,
    /// Principals that count as elevated without a grant.
    elevated: Vec<String>,
}

/// What grants give, by its name in lower case.
type Key = (Kind, String);

/// The account of a subject, and whether it is the subject's own.
type Place = (Option<String>, bool);

/// What a subject's grants have in common with principals of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    User,
    Role,
    PermissionSet,
}

/// The grants of one subject in one account.
#[derive(Clone, Debug)]
struct Given {
    /// `None` for every account.
    account: Option<String>,
    /// Whether the subject itself is of that account, so that others of its name are other subjects.
    is_exact: bool,
    by_person: HashMap<String, Vec<u32>>,
    /// By what stands before the `@` of a person's address.
    by_local: HashMap<String, Vec<u32>>,
    for_anyone: Vec<u32>,
    all: Arc<Timeline>,
}

/// The grants that may be meant where somebody uses a principal.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// For this person.
    pub own: Timeline,
    /// For whoever they are.
    pub all: SmallVec<[Arc<Timeline>; 1]>,
}

/// What stands before the `@` of an address: where one of two names has no domain, that decides.
fn local(name: &str) -> &str {
    name.split_once('@').map_or(name, |(local, _)| local)
}

impl Index {
    pub(super) fn new(grants: &[Grant], elevated: Vec<String>) -> Self {
        let mut sorted: HashMap<Key, HashMap<Place, Vec<u32>>> = HashMap::new();
        for (number, grant) in (0_u32..).zip(grants) {
            let Some((kind, name, account)) = subject(grant) else { continue };
            let is_exact = account.is_some();
            let account = account.or_else(|| grant.account.clone());
            sorted.entry((kind, name)).or_default().entry((account, is_exact)).or_default().push(number);
        }
        let given = |((account, is_exact), numbers): (Place, Vec<u32>)| {
            let (mut by_person, mut by_local) =
                (HashMap::<String, Vec<u32>>::new(), HashMap::<String, Vec<u32>>::new());
            let mut for_anyone = Vec::new();
            for number in &numbers {
                match grants.get(*number as usize).and_then(|grant| grant.person.as_deref()) {
                    None => for_anyone.push(*number),
                    Some(person) => {
                        by_person.entry(person.to_owned()).or_default().push(*number);
                        by_local.entry(local(person).to_owned()).or_default().push(*number);
                    }
                }
            }
            Given { account, is_exact, by_person, by_local, for_anyone, all: Arc::new(Timeline::new(numbers, grants)) }
        };
        let subjects = sorted.into_iter().map(|(key, of)| (key, of.into_iter().map(given).collect())).collect();
        Self { subjects, elevated }
    }

    /// Whether what a principal does has to be granted.
    pub(super) fn is_elevated(&self, principal: &Principal) -> bool {
        let named =
            self.elevated.iter().any(|glob| matches(glob, &principal.name) || matches(glob, principal.short_name()));
        named || self.given(principal).next().is_some()
    }

    fn given<'i>(&'i self, principal: &Principal) -> impl Iterator<Item = &'i Given> + use<'i> {
        let found = key(principal).and_then(|key| self.subjects.get(&key)).into_iter().flatten();
        let account = principal.account.clone();
        found.filter(move |given| !given.is_exact || given.account == account)
    }

    /// The grants that may be meant where somebody by one of these names uses the principal. Names are in lower case.
    pub(super) fn candidates(&self, principal: &Principal, names: &[String], grants: &[Grant]) -> Candidates {
        let (mut own, mut all) = (Vec::new(), SmallVec::new());
        let in_account = |given: &&Given| {
            given.account.is_none() || principal.account.is_none() || given.account == principal.account
        };
        for given in self.given(principal).filter(in_account) {
            own.extend(&given.for_anyone);
            for name in names {
                own.extend(given.by_person.get(name).into_iter().flatten());
                let others =
                    if name.contains('@') { given.by_person.get(local(name)) } else { given.by_local.get(name) };
                own.extend(others.into_iter().flatten());
            }
            all.push(Arc::clone(&given.all));
        }
        Candidates { own: Timeline::new(own, grants), all }
    }
}

/// The kind and the name of what a grant gives, and its account where the name tells.
fn subject(grant: &Grant) -> Option<(Kind, String, Option<String>)> {
    let (kind, text) = match &grant.subject {
        Subject::User(text) => (Kind::User, text),
        Subject::Role(text) => (Kind::Role, text),
        Subject::PermissionSet(text) => (Kind::PermissionSet, text),
        // Membership in a group shows in no record: what its member does counts.
        Subject::Group(_) => return grant.person.clone().map(|person| (Kind::User, person, None)),
    };
    // Names of users and roles are unique whatever their case.
    match Arn::parse(text) {
        Ok(arn) => {
            let account = Some(arn.account.to_owned()).filter(|account| !account.is_empty());
            Some((kind, arn.last_segment().to_lowercase(), account))
        }
        Err(_) => Some((kind, text.to_lowercase(), None)),
    }
}

fn key(principal: &Principal) -> Option<Key> {
    let kind = match principal.kind {
        PrincipalKind::Role | PrincipalKind::RolePathUnknown => Kind::Role,
        PrincipalKind::User => Kind::User,
        PrincipalKind::PermissionSet => Kind::PermissionSet,
        _ => return None,
    };
    Some((kind, principal.short_name().to_lowercase()))
}
