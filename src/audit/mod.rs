//! What was done with elevations, judged against the ledger of grants: what should not have been, what a grant was used
//! for, what of it nobody used, and the narrower grant to give next time. Reads histories whose events were put beside
//! the ledger while they were read.

mod completeness;
mod grants;
mod judge;
mod lasting;
pub mod rules;

use hashbrown::{HashMap, HashSet};
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

pub use grants::{Audited, Next, Status};
pub use judge::Found;
pub use rules::Rule;

use crate::aggregate::{Call, History, Usage};
use crate::watch::{Followed, Stand, Watch};

/// How grants are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How late events may come: before that a window may look quieter than it was. CloudTrail's user guide says
    /// some five minutes on average, which is not guaranteed.
    pub delivery_delay: SignedDuration,
}

impl Default for Options {
    fn default() -> Self {
        Self { delivery_delay: SignedDuration::from_mins(15) }
    }
}

/// What there is to say of a ledger and an archive.
#[derive(Debug)]
pub struct Audit<'h> {
    /// One for each grant, in the order of the ledger.
    pub grants: Vec<Audited<'h>>,
    /// The worst first.
    pub findings: Vec<Found<'h>>,
    /// The last event in the archive: up to there it tells.
    pub through: Option<Timestamp>,
    /// Files that could not be read and whose names do not tell what is in them.
    pub unplaced_files: usize,
}

/// A call that somebody made with what has to be granted.
type Made<'h> = (&'h Call, &'h Usage, &'h Stand);

/// The sessions that were made by those that have to be granted, and are not followed yet. What they did is only known
/// once the archive is read again for them: whose they are is known only at the end.
pub fn followed(history: &History) -> HashMap<u64, Followed> {
    let mut makers: HashMap<u64, Followed> = HashMap::new();
    for (call, _) in &history.calls {
        let Some(stand) = &call.stand else { continue };
        makers
            .entry(stand.sitting.number)
            .or_insert_with(|| Followed { principal: call.principal.clone(), origin: stand.sitting.clone() });
    }
    let made = history.credentials.made_by(|session| makers.contains_key(&session));
    let all: HashMap<u64, Followed> =
        made.filter_map(|(session, maker)| Some((session, makers.get(&maker)?.clone()))).collect();
    // Credentials that nobody used lead nowhere.
    match history.whereabouts.sessions() {
        Some(seen) => all.into_iter().filter(|(session, _)| seen.contains(session)).collect(),
        None => all,
    }
}

/// Judges what was done. `chained` is what was read again for the sessions that [`followed`] names.
pub fn audit<'h>(history: &'h History, chained: Option<&'h History>, watch: &'h Watch, options: &Options) -> Audit<'h> {
    let again: HashSet<u64> =
        chained.iter().flat_map(|history| made(history)).map(|(_, _, stand)| stand.sitting.number).collect();
    let mut calls: Vec<Made<'h>> =
        made(history).filter(|(_, _, stand)| !again.contains(&stand.sitting.number)).collect();
    calls.extend(chained.into_iter().flat_map(made));
    let mut findings = judge::calls(&calls, watch);
    let completeness = completeness::Completeness::of(history, options);
    let (grants, more) = grants::all(&calls, watch, &completeness);
    findings.extend(more);
    findings.par_sort_by_cached_key(Found::rank);
    let through = completeness.through();
    Audit { grants, findings, through, unplaced_files: completeness.unplaced_files }
}

fn made(history: &History) -> impl Iterator<Item = Made<'_>> {
    history.calls.iter().filter_map(|(call, usage)| Some((call, usage, &**call.stand.as_ref()?)))
}
