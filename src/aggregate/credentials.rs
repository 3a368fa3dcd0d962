//! Which credentials were issued by whom, and who used them from where: what joins a session to its origin.
//!
//! A key is known by the hash of its id. Where there are more keys than are kept, those with the greatest hashes
//! are left out: which ones does not depend on the order of files, and the issue and the use of a key are left out
//! together.

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use jiff::Timestamp;
use smallvec::SmallVec;

use super::{EventRef, Sample};
use crate::event::{Actor, Event, IssuedTo, is_public, key_number};
use crate::iam::{Arn, Principal, PrincipalKind};
use crate::intern::Interned;

/// Keys and hours of their use that are kept, some 150 bytes each.
pub const CREDENTIALS_KEPT: usize = 1 << 18;

/// Longest way back from a session to its origin: AWS itself sets no limit to a chain of roles.
const LONGEST_CHAIN: usize = 16;

/// Holders that are remembered, so that they are kept once.
const HOLDERS: usize = 1 << 12;

/// The credentials of an archive.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    by_key: HashMap<u64, Credential>,
    cost: usize,
    /// Keys with a greater hash are left out.
    greatest: Option<u64>,
    parents: HashMap<u64, Interned<Holder>>,
    /// Some of those who asked for some: the same ask again and again.
    holders: HashMap<Holder, Interned<Holder>>,
}

/// One access key, or one session that is known by its name and beginning.
#[derive(Clone, Debug, Default)]
pub struct Credential {
    /// Who asked for it.
    pub issued: Option<Arc<Issued>>,
    /// Who used it.
    pub used: Option<Box<Used>>,
}

/// How a credential came to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issued {
    /// Whether only the other account knows by whom.
    by_stranger: bool,
    /// The event.
    pub event: EventRef,
    /// By whom.
    pub by: Interned<Holder>,
    /// For which IAM user, where it is a key of one.
    pub user: Option<Box<str>>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// Somebody who holds credentials: a principal in one session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder {
    /// The principal.
    pub principal: Interned<Principal>,
    /// The person, where the record tells.
    pub person: Option<Interned<String>>,
    /// The session.
    pub session: u64,
}

/// How a key was used.
#[derive(Clone, Debug)]
pub struct Used {
    /// Whose it is.
    pub principal: Interned<Principal>,
    /// The session that signs with it.
    pub session: u64,
    /// Whether the session is that of an EC2 instance.
    pub is_instance: bool,
    /// From which network in which hour; sorted. Most keys are of one hour.
    pub seen: SmallVec<[Seen; 1]>,
}

/// A network from which a key was used within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    hour: i64,
    /// The network.
    pub network: Network,
    /// The first use.
    pub first: EventRef,
    /// Where it came from.
    pub address: IpAddr,
    /// When it was used last.
    pub last: Timestamp,
}

/// The neighbourhood of an address: 65,536 of them by IPv4, and what is usually given to one provider by IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network(u64);

impl Network {
    /// Of an address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(address) => u64::from(u32::from(address) >> 16),
            IpAddr::V6(address) => 1 << 32 | (u128::from(address) >> 96) as u64,
        })
    }
}

impl Holder {
    /// Of whoever an ARN names: a user, or the session of a role, whose name is that of a person where Identity Center
    /// gave it.
    fn by_arn(text: &str) -> Self {
        let arn = Arn::parse(text).ok();
        let account = arn.map(|arn| arn.account.to_owned()).filter(|account| !account.is_empty());
        let session = arn.and_then(|arn| arn.resource.strip_prefix("assumed-role/")?.split_once('/'));
        let person = session.filter(|(role, _)| role.starts_with("AWSReservedSSO_")).map(|(_, name)| name);
        let (kind, name) = match (session, arn) {
            (Some((role, _)), Some(arn)) => {
                (PrincipalKind::RolePathUnknown, format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account))
            }
            _ => (PrincipalKind::User, text.to_owned()),
        };
        let principal = Principal { kind, account, name };
        Self {
            session: key_number(text),
            principal: Interned::new(principal),
            person: person.map(|name| Interned::new(name.to_lowercase())),
        }
    }
}

impl Credentials {
    /// Takes note of what an event issued, whether or not it counts otherwise.
    pub fn issued(&mut self, event: &Event<'_>, to: &IssuedTo<'_>, sample: &Sample<'_>) {
        let identity = event.identity;
        let person = match &identity.actor {
            Actor::Person(name) => Some(name.clone()),
            Actor::Workload | Actor::Unknown => None,
        };
        let holder = match &to.from {
            Some(arn) => Holder::by_arn(arn),
            None => Holder { principal: identity.principal.clone(), person, session: identity.session },
        };
        let issued = Arc::new(Issued {
            by_stranger: identity.principal.kind == PrincipalKind::ForeignAccount,
            event: EventRef::of(sample),
            by: self.known(holder),
            user: to.user.as_deref().map(Box::from),
            address: event.address,
        });
        for key in [to.key, to.session].into_iter().flatten() {
            self.with(key, |credential| credential.take_issued(Arc::clone(&issued)));
        }
    }

    fn known(&mut self, holder: Holder) -> Interned<Holder> {
        if self.holders.len() >= HOLDERS {
            self.holders.clear();
        }
        self.holders.entry(holder).or_insert_with_key(|holder| Interned::new(holder.clone())).clone()
    }

    /// Takes note of who used a key. What services do for a caller, and what is done in the console, is signed with
    /// keys of its own, one for each request.
    pub fn used(&mut self, event: &Event<'_>, sample: &Sample<'_>) {
        let identity = event.identity;
        let (Some(key), None, Some(address)) = (identity.key, &identity.invoked_by, event.address) else { return };
        if identity.principal.kind.is_service() || !is_public(address) || event.is_from_console() {
            return;
        }
        let (network, hour) = (Network::of(address), sample.time.as_second().div_euclid(3600));
        self.with(key, |credential| {
            let used = credential.used.get_or_insert_with(|| {
                Box::new(Used {
                    principal: identity.principal.clone(),
                    session: identity.session,
                    is_instance: identity.is_instance,
                    seen: SmallVec::new(),
                })
            });
            // Where a key seems to belong to several, which copies of keys by hand may do.
            if (&identity.principal, identity.session) < (&used.principal, used.session) {
                (used.principal, used.session) = (identity.principal.clone(), identity.session);
                used.is_instance = identity.is_instance;
            }
            used.see(hour, network, address, sample.time, || EventRef::of(sample));
        });
    }

    fn with(&mut self, key: u64, change: impl FnOnce(&mut Credential)) {
        if self.greatest.is_some_and(|greatest| key > greatest) {
            return;
        }
        let (mut before, mut after) = (0, 0);
        let change = |credential: &mut Credential| {
            change(credential);
            after = credential.cost();
        };
        match self.by_key.entry(key) {
            Entry::Occupied(mut known) => {
                before = known.get().cost();
                change(known.get_mut());
            }
            Entry::Vacant(new) => change(new.insert(Credential::default())),
        }
        self.cost += after - before;
        if self.cost > 2 * CREDENTIALS_KEPT {
            self.trim();
        }
    }

    /// Leaves out the keys with the greatest hashes until the others are few enough. Whatever is left out of a part
    /// would be left out of the whole, since nothing ever costs less there.
    fn trim(&mut self) {
        if self.cost <= CREDENTIALS_KEPT {
            return;
        }
        let mut keys: Vec<(u64, usize)> = self.by_key.iter().map(|(key, one)| (*key, one.cost())).collect();
        keys.sort_unstable();
        let mut cost = 0;
        let fits = |(_, more): &&(u64, usize)| {
            cost += more;
            cost <= CREDENTIALS_KEPT
        };
        let greatest = keys.iter().take_while(fits).last().map_or(0, |(key, _)| *key);
        self.greatest = Some(greatest);
        self.by_key.retain(|key, _| *key <= greatest);
        self.cost = self.by_key.values().map(Credential::cost).sum();
    }

    /// Takes in those of another part of the archive.
    pub(super) fn merge(&mut self, other: Self) {
        self.greatest = match (self.greatest, other.greatest) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(greatest) = self.greatest {
            self.by_key.retain(|key, _| *key <= greatest);
            self.cost = self.by_key.values().map(Credential::cost).sum();
        }
        for (key, credential) in other.by_key {
            self.with(key, |known| known.merge(credential));
        }
    }

    /// Joins sessions to those who asked for them.
    pub(super) fn settle(&mut self) {
        self.trim();
        self.holders = HashMap::new();
        let mut parents: HashMap<u64, &Issued> = HashMap::new();
        for (key, credential) in &self.by_key {
            // A long-term key belongs to its user, whoever asked for it.
            let Some(issued) = credential.issued.as_deref().filter(|issued| issued.user.is_none()) else { continue };
            let session = credential.used.as_ref().map_or(*key, |used| used.session);
            let parent = parents.entry(session).or_insert(issued);
            if issued < *parent {
                *parent = issued;
            }
        }
        self.parents = parents.into_iter().map(|(session, issued)| (session, issued.by.clone())).collect();
    }

    /// Who is behind a session: its makers, the nearest first and the origin last. None where it was not made by a
    /// call in the archive.
    pub fn behind(&self, session: u64) -> Vec<&Holder> {
        let (mut chain, mut seen, mut at) = (Vec::new(), vec![session], session);
        while let Some(parent) = self.parents.get(&at).filter(|_| chain.len() < LONGEST_CHAIN) {
            // Roles may assume each other in a circle.
            if seen.contains(&parent.session) {
                break;
            }
            chain.push(&**parent);
            seen.push(parent.session);
            at = parent.session;
        }
        chain
    }

    /// Sessions that sessions of some kind made, directly or by way of others: each with the nearest of those that
    /// are meant.
    pub fn made_by<'c>(&'c self, is_meant: impl Fn(u64) -> bool + 'c) -> impl Iterator<Item = (u64, u64)> + 'c {
        self.parents.keys().filter_map(move |session| {
            let maker = self.behind(*session).into_iter().find(|holder| is_meant(holder.session))?;
            Some((*session, maker.session))
        })
    }

    /// Every credential that is kept, in an order of no meaning that is the same in every run.
    pub fn iter(&self) -> impl Iterator<Item = &Credential> {
        let mut keys: Vec<_> = self.by_key.iter().collect();
        keys.sort_unstable_by_key(|(key, _)| **key);
        keys.into_iter().map(|(_, credential)| credential)
    }

    /// Whether some were left out.
    pub fn has_more(&self) -> bool {
        self.greatest.is_some()
    }
}

impl Credential {
    fn cost(&self) -> usize {
        1 + self.used.as_ref().map_or(0, |used| used.seen.len())
    }

    /// Of several events that seem to have issued it the first counts; best one that knows by whom.
    fn take_issued(&mut self, issued: Arc<Issued>) {
        match &self.issued {
            Some(known) if *known <= issued => {}
            _ => self.issued = Some(issued),
        }
    }

    fn merge(&mut self, other: Self) {
        if let Some(issued) = other.issued {
            self.take_issued(issued);
        }
        match (&mut self.used, other.used) {
            (Some(known), Some(used)) => known.merge(*used),
            (known @ None, used) => *known = used,
            (Some(_), None) => {}
        }
    }
}

impl Used {
    fn see(&mut self, hour: i64, network: Network, address: IpAddr, time: Timestamp, event: impl FnOnce() -> EventRef) {
        let place = match self.seen.last() {
            // A key is mostly used from one network, and hours come in order.
            Some(last) if (last.hour, last.network) == (hour, network) => Ok(self.seen.len() - 1),
            _ => self.seen.binary_search_by(|seen| (seen.hour, seen.network).cmp(&(hour, network))),
        };
        match place.map(|at| self.seen.get_mut(at)) {
            Ok(Some(seen)) => {
                seen.last = seen.last.max(time);
                if time <= seen.first.time {
                    let first = event();
                    if first < seen.first {
                        (seen.first, seen.address) = (first, address);
                    }
                }
            }
            Ok(None) => {}
            Err(at) => self.seen.insert(at, Seen { hour, network, first: event(), address, last: time }),
        }
    }

    fn merge(&mut self, other: Self) {
        if (&other.principal, other.session) < (&self.principal, self.session) {
            (self.principal, self.session, self.is_instance) = (other.principal, other.session, other.is_instance);
        }
        for seen in other.seen {
            let Seen { hour, network, first, address, last } = seen;
            self.see(hour, network, address, first.time, || first);
            let at = self.seen.binary_search_by(|seen| (seen.hour, seen.network).cmp(&(hour, network)));
            if let Some(known) = at.ok().and_then(|at| self.seen.get_mut(at)) {
                known.last = known.last.max(last);
            }
        }
    }
}
