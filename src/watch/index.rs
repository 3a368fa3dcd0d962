use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::{SmallVec, smallvec};

use super::timeline::Timeline;
use crate::classify::Needs;
use crate::iam::{Arn, Principal, PrincipalKind, matches, matches_ignoring_case};
use crate::ledger::{Grant, Subject};

/// Grants by whom they are for.
#[derive(Debug, Default)]
pub(super) struct Index {
    subjects: HashMap<Key, Vec<Given>>,
    /// Principals that count as elevated without a grant.
    elevated: Vec<String>,
    /// Principals that also have permissions of their own.
    standing: Vec<String>,
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
#[derive(Debug)]
struct Given {
    /// `None` for every account.
    account: Option<String>,
    /// Whether the subject itself is of that account, so that others of its name are other subjects.
    is_exact: bool,
    by_person: HashMap<String, Arc<Timeline>>,
    /// By what stands before the `@` of a person's address.
    by_local: HashMap<String, Arc<Timeline>>,
    for_anyone: Arc<Timeline>,
    all: Arc<Timeline>,
    /// The actions that grants name; empty where one of them names none.
    actions: Arc<BTreeSet<String>>,
}

/// The grants that may be meant where somebody uses a principal.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// For this person.
    pub own: SmallVec<[Arc<Timeline>; 2]>,
    /// For whoever they are.
    pub all: SmallVec<[Arc<Timeline>; 1]>,
    /// Actions that grants name.
    pub actions: SmallVec<[Arc<BTreeSet<String>>; 1]>,
}

/// What stands before the `@` of an address: where one of two names has no domain, that decides.
fn local(name: &str) -> &str {
    name.split_once('@').map_or(name, |(local, _)| local)
}

impl Index {
    pub(super) fn new(grants: &[Grant], elevated: Vec<String>, standing: Vec<String>) -> Self {
        let mut sorted: HashMap<Key, HashMap<Place, Vec<u32>>> = HashMap::new();
        for (number, grant) in (0_u32..).zip(grants) {
            for (kind, name, account) in subjects(grant) {
                let account = account.or_else(|| grant.account.clone());
                // A set is one in all accounts, users and roles of one name are others in each.
                let is_exact = account.is_some() && kind != Kind::PermissionSet;
                sorted.entry((kind, name)).or_default().entry((account, is_exact)).or_default().push(number);
            }
        }
        let timeline = |numbers: Vec<u32>| Arc::new(Timeline::new(numbers, grants));
        let timelines = |by: HashMap<String, Vec<u32>>| by.into_iter().map(|(name, of)| (name, timeline(of))).collect();
        let given = |((account, is_exact), numbers): (Place, Vec<u32>)| {
            let (mut by_person, mut by_local) =
                (HashMap::<String, Vec<u32>>::new(), HashMap::<String, Vec<u32>>::new());
            let (mut for_anyone, mut actions, mut is_limited) = (Vec::new(), BTreeSet::new(), true);
            for number in &numbers {
                let Some(grant) = grants.get(*number as usize) else { continue };
                // What a user does is done by whoever the user is.
                let is_user = matches!(grant.subject, Subject::User(_) | Subject::Group(_));
                if is_user || grant.person.is_none() {
                    for_anyone.push(*number);
                } else {
                    for person in grant.person.iter().chain(&grant.also) {
                        by_person.entry(person.clone()).or_default().push(*number);
                        by_local.entry(local(person).to_owned()).or_default().push(*number);
                    }
                }
                is_limited &= !grant.actions.is_empty();
                actions.extend(grant.actions.iter().cloned());
            }
            Given {
                account,
                is_exact,
                by_person: timelines(by_person),
                by_local: timelines(by_local),
                for_anyone: timeline(for_anyone),
                all: timeline(numbers),
                actions: Arc::new(if is_limited { actions } else { BTreeSet::new() }),
            }
        };
        let subjects = sorted.into_iter().map(|(key, of)| (key, of.into_iter().map(given).collect())).collect();
        Self { subjects, elevated, standing }
    }

    /// Whether what a principal does has to be granted.
    pub(super) fn is_elevated(&self, principal: &Principal) -> bool {
        self.is_any_of(&self.elevated, principal) || self.given(principal).next().is_some()
    }

    fn given<'i>(&'i self, principal: &Principal) -> impl Iterator<Item = &'i Given> + use<'i> {
        let found = key(principal).and_then(|key| self.subjects.get(&key)).into_iter().flatten();
        let account = principal.account.clone();
        found.filter(move |given| !given.is_exact || given.account == account)
    }

    /// The grants that may be meant where somebody by one of these names uses the principal. Names are in lower case.
    pub(super) fn candidates(&self, principal: &Principal, names: &[String]) -> Candidates {
        let mut candidates = Candidates::default();
        let in_account = |given: &&Given| {
            given.account.is_none() || principal.account.is_none() || given.account == principal.account
        };
        for given in self.given(principal).filter(in_account) {
            if !given.for_anyone.is_empty() {
                candidates.own.push(Arc::clone(&given.for_anyone));
            }
            for name in names {
                candidates.own.extend(given.by_person.get(name).cloned());
                let others =
                    if name.contains('@') { given.by_person.get(local(name)) } else { given.by_local.get(name) };
                candidates.own.extend(others.cloned());
            }
            candidates.all.push(Arc::clone(&given.all));
            candidates.actions.push(Arc::clone(&given.actions));
        }
        candidates
    }

    /// Whether a principal has permissions of its own beside those that are granted, so that only what grants name is
    /// elevated.
    pub(super) fn is_standing(&self, principal: &Principal) -> bool {
        principal.kind == PrincipalKind::User || self.is_any_of(&self.standing, principal)
    }

    fn is_any_of(&self, globs: &[String], principal: &Principal) -> bool {
        globs.iter().any(|glob| matches(glob, &principal.name) || matches(glob, principal.short_name()))
    }
}

/// The kind and the name of what a grant gives, and its account where the name tells.
fn subjects(grant: &Grant) -> SmallVec<[(Kind, String, Option<String>); 1]> {
    let (kind, text) = match &grant.subject {
        Subject::User(text) => (Kind::User, text),
        Subject::Role(text) => (Kind::Role, text),
        Subject::PermissionSet(text) => (Kind::PermissionSet, text),
        // Membership in a group shows in no record: what its member does counts.
        Subject::Group(_) => {
            // The user may be called like the address or like what stands before its `@`.
            let names: BTreeSet<&str> =
                grant.person.iter().chain(&grant.also).flat_map(|name| [name, local(name)]).collect();
            return names.into_iter().map(|name| (Kind::User, name.to_owned(), None)).collect();
        }
    };
    // Names of users and roles are unique whatever their case.
    match Arn::parse(text) {
        Ok(arn) => {
            let account = Some(arn.account.to_owned()).filter(|account| !account.is_empty());
            smallvec![(kind, arn.last_segment().to_lowercase(), account)]
        }
        Err(_) => smallvec![(kind, text.to_lowercase(), None)],
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

impl Candidates {
    /// Whether a call is among the actions that grants name, where all of them name some.
    pub(super) fn name(&self, needs: &Needs) -> bool {
        let is_named = |actions: &Arc<BTreeSet<String>>| {
            let fits = |action: &String| actions.iter().any(|pattern| matches_ignoring_case(pattern, action));
            actions.is_empty() || needs.uses().iter().any(|used| fits(&used.action.to_string()))
        };
        self.actions.is_empty() || self.actions.iter().any(is_named)
    }
}
