//! When each account had events: what tells a quiet hour from one that is missing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::event::Event;

/// Hours with events and the last moment of one, by account.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    accounts: BTreeMap<Box<str>, Beats>,
    /// The one that was added to last: events of one hour come together.
    last: Option<(Box<str>, i64, Timestamp)>,
}

#[derive(Clone, Debug, Default)]
struct Beats {
    /// Hours since 1970 with events, 64 to a word: a year of an account takes a kilobyte or two.
    hours: BTreeMap<i64, u64>,
    last: Option<Timestamp>,
}

const SECONDS: i64 = 3600;

impl Pulse {
    /// Takes note of an event.
    pub(crate) fn add(&mut self, event: &Event<'_>) {
        let hour = event.time.as_second().div_euclid(SECONDS);
        let Some(account) = event.operation.account.as_deref() else { return };
        match &mut self.last {
            Some((of, at, latest)) if **of == *account && *at == hour => *latest = event.time.max(*latest),
            _ => {
                self.flush();
                self.last = Some((account.into(), hour, event.time));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((account, hour, latest)) = self.last.take() {
            let beats = self.accounts.entry(account).or_default();
            *beats.hours.entry(hour >> 6).or_default() |= 1 << (hour & 63);
            beats.last = beats.last.max(Some(latest));
        }
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        self.flush();
        other.flush();
        for (account, more) in other.accounts {
            let beats = self.accounts.entry(account).or_default();
            beats.last = beats.last.max(more.last);
            for (word, bits) in more.hours {
                *beats.hours.entry(word).or_default() |= bits;
            }
        }
    }

    pub(super) fn settled(mut self) -> Self {
        self.flush();
        self
    }

    /// The last event of an account; of any where none is named.
    pub fn last_of(&self, account: Option<&str>) -> Option<Timestamp> {
        match account {
            Some(account) => self.accounts.get(account)?.last,
            None => self.accounts.values().filter_map(|beats| beats.last).max(),
        }
    }

    /// The longest silence of an account between two moments: whole hours without events that lie between hours with
    /// some. Nothing where an account is often silent: then silence tells nothing. Often is more than one hour of
    /// twenty from its first event to its last, these hours left out; fewer than a day of hours tell nothing either.
    pub fn silence(&self, account: &str, from: Timestamp, to: Timestamp) -> Option<(Timestamp, SignedDuration)> {
        let beats = self.accounts.get(account)?;
        let (first, last) = beats.span()?;
        let begins = from.as_second().div_euclid(SECONDS).max(first);
        let ends = to.as_second().div_euclid(SECONDS).min(last + 1);
        if ends - begins > YEAR {
            return None;
        }
        let mut longest: Option<(i64, i64)> = None;
        let mut hour = begins;
        while hour < ends {
            if beats.has(hour) {
                hour += 1;
                continue;
            }
            let start = hour;
            while hour < ends && !beats.has(hour) {
                hour += 1;
            }
            if longest.is_none_or(|(_, length)| hour - start > length) {
                longest = Some((start, hour - start));
            }
        }
        let (start, length) = longest?;
        let others = last + 1 - first - length;
        let silent = others - beats.count();
        if others < ENOUGH || silent * OFTEN > others {
            return None;
        }
        Some((Timestamp::from_second(start * SECONDS).ok()?, SignedDuration::from_hours(length)))
    }
}

/// One hour of so many may be silent by chance.
const OFTEN: i64 = 20;

/// Hours of the longest window that is looked at.
const YEAR: i64 = 366 * 24;

/// Hours by which that can be told.
const ENOUGH: i64 = 24;

impl Beats {
    fn has(&self, hour: i64) -> bool {
        self.hours.get(&(hour >> 6)).is_some_and(|bits| bits >> (hour & 63) & 1 == 1)
    }

    fn count(&self) -> i64 {
        self.hours.values().map(|bits| i64::from(bits.count_ones())).sum()
    }

    fn span(&self) -> Option<(i64, i64)> {
        let (word, bits) = self.hours.first_key_value()?;
        let first = (word << 6) + i64::from(bits.trailing_zeros());
        let (word, bits) = self.hours.last_key_value()?;
        Some((first, (word << 6) + 63 - i64::from(bits.leading_zeros())))
    }
}
