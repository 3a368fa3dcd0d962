//! The organization all files of an archive tell of: its accounts, who works in them and what they are
//! used to calling. Made once from the seed, then only read.

use std::ops::Range;

use anyhow::{Result, ensure};

use super::calls::{self, Casting};
use super::dice::{Dice, below, mix, named};
use super::faults::{self, Told};
use super::fill::Scene;
use super::plan::{ACCOUNTS, FilePlan};
use super::principal::{ARNS, IDENTITIES, Kind, Persona, Principal, ROLE_ARN, Session};
use super::roster::{Entry, LINKED_PATH, ROSTER, SSO_PATH};
use super::template::Template;
use super::words;

pub struct World {
    pub seed: u64,
    pub calls: Vec<Casting>,
    pub faults: Vec<Told>,
    pub words: Vec<Vec<Template>>,
    /// By `Kind`.
    pub identities: Vec<Template>,
    pub arns: Vec<Template>,
    pub role_arn: Template,
    pub request_id: Template,
    accounts: Vec<Account>,
    /// Places in `ROSTER`, each as often as its share.
    turns: Vec<usize>,
}

struct Account {
    principals: Vec<Principal>,
    /// The principals of each entry of `ROSTER`.
    entries: Vec<Range<usize>>,
    /// Those that others assume and pass.
    roles: Vec<usize>,
}

/// How many calls a principal is used to. Drawn from those of its persona, so it knows the frequent ones
/// and a few odd ones.
const HABITS: usize = 64;

/// A caller comes in bursts: a few kinds of calls, about the same things, within a minute.
const CALLS_OF_A_BURST: u64 = 5;
const BURST_LASTS: u64 = 60;

/// The same value as where EC2 repeats it in its response.
const REQUEST_ID: &str = r#","requestID":"<uuid#request>""#;

impl World {
    pub fn new(seed: u64) -> Result<Self> {
        let calls = calls::all()?;
        let repertoires = Repertoires::new(&calls)?;
        let accounts =
            (0..ACCOUNTS.len()).map(|account| Account::new(mix(seed, account as u64), &repertoires)).collect();
        Ok(Self {
            seed,
            calls,
            faults: faults::all()?,
            words: words::LISTS.iter().map(|(_, l)| Template::all(l)).collect::<Result<_>>()?,
            identities: Template::all(&IDENTITIES)?,
            arns: Template::all(&ARNS)?,
            role_arn: Template::new(ROLE_ARN)?,
            request_id: Template::new(REQUEST_ID)?,
            accounts,
            turns: repeated(ROSTER.iter().map(|entry| entry.share)),
        })
    }

    /// Who calls what, when, for one record of a file.
    pub fn scene(&self, file: &FilePlan, place: u64, salt: u64) -> Scene<'_> {
        let mut dice = Dice::new(salt);
        let burst = file.burst(place, dice.roll());
        let mut burst_dice = Dice::new(burst);
        let account = &self.accounts[file.account];
        let entry = self.turns[burst_dice.below(self.turns.len() as u64) as usize];
        let entry = &account.entries[entry];
        // Each account has its own favourites among the same names.
        let many = entry.len() as u64;
        let who = (burst_dice.skewed(many) + file.account as u64) % many;
        let me = &account.principals[entry.start + who as usize];
        // Region 0 is us-east-1, where the calls of global services are logged.
        let habits = &me.habits[usize::from(file.region != 0)];
        let habit = mix(burst, dice.skewed(CALLS_OF_A_BURST));
        let call = &self.calls[usize::from(habits[below(habit, habits.len() as u64) as usize])];
        let role = account.roles[burst_dice.skewed(account.roles.len() as u64) as usize];
        let role = &account.principals[role];
        // CloudTrail delivers some minutes after the event, in no order.
        let time = file.delivered - 120 - burst_dice.below(file.reach) as i64;
        let time = time - dice.skewed(BURST_LASTS) as i64;
        let mut session = Session::of(me, time, burst_dice.roll());
        let console = me.persona == Persona::Person && me.kind != Kind::User;
        let console = console && burst_dice.per_mille(450);
        if console {
            session.key = dice.roll();
        }
        Scene {
            world: self,
            account: file.account,
            region: file.region,
            salt,
            burst,
            time,
            me,
            session,
            console,
            call,
            role,
            role_session: Session::of(role, time, burst_dice.roll()),
        }
    }
}

impl Account {
    fn new(seed: u64, repertoires: &Repertoires) -> Self {
        let mut principals = Vec::new();
        let mut entries = Vec::new();
        for entry in ROSTER {
            let from = principals.len();
            principals.extend(entry.names.iter().map(|name| {
                let salt = mix(seed, named(entry.path) ^ named(name) ^ entry.kind as u64);
                Principal::new(entry, name, salt, repertoires)
            }));
            entries.push(from..principals.len());
        }
        let assumable = |who: &Principal| {
            matches!(who.kind, Kind::Role | Kind::InstanceRole | Kind::FunctionRole) && who.persona != Persona::Linked
        };
        let roles = (0..principals.len()).filter(|&who| assumable(&principals[who])).collect();
        Self { principals, entries, roles }
    }
}

impl Principal {
    fn new(entry: &Entry, name: &str, salt: u64, repertoires: &Repertoires) -> Self {
        let mut name = name.to_owned();
        if entry.path == SSO_PATH {
            name.push_str(&format!("_{salt:016x}"));
        }
        let host = entry.path.strip_prefix(LINKED_PATH).unwrap_or_default();
        let habits = [0, 1].map(|place| {
            let repertoire = &repertoires.0[entry.persona as usize][place];
            let mut dice = Dice::new(mix(salt, place as u64));
            let draw = |_| repertoire[dice.below(repertoire.len() as u64) as usize];
            (0..HABITS).map(draw).collect()
        });
        Self {
            kind: entry.kind,
            persona: entry.persona,
            name,
            path: entry.path,
            host: host.trim_end_matches('/'),
            naming: entry.naming,
            salt,
            habits,
        }
    }
}

/// For each persona the calls it makes, each as often as its weight: first all of them, then without
/// those that are only logged in the first region.
struct Repertoires(Vec<[Vec<u16>; 2]>);

impl Repertoires {
    fn new(calls: &[Casting]) -> Result<Self> {
        let repertoire = |persona: Persona, regional: bool| -> Vec<u16> {
            let of = |casting: &Casting| match casting.call.made_by(persona) {
                true if !(regional && casting.call.global()) => u64::from(casting.call.weight),
                _ => 0,
            };
            repeated(calls.iter().map(of)).into_iter().map(|call| call as u16).collect()
        };
        let all: Vec<_> = Persona::ALL.map(|persona| [false, true].map(|r| repertoire(persona, r))).into();
        for (persona, repertoires) in Persona::ALL.iter().zip(&all) {
            ensure!(!repertoires[1].is_empty(), "no call is made by a {persona:?} everywhere");
        }
        Ok(Self(all))
    }
}

/// Each place as often as it weighs.
pub fn repeated(weights: impl Iterator<Item = u64>) -> Vec<usize> {
    let times = |(place, weight)| std::iter::repeat_n(place, weight as usize);
    weights.enumerate().flat_map(times).collect()
}
