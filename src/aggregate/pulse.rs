//! When each account had events: what tells a quiet hour from one that is missing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::event::Event;

/// Hours with events and the last moment of one, by account.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    accounts: BTreeMap<Box<str>, Beats>,
    /// The one that was added to last: events of one hour come together.
    last: Option<(Box<str>, i64, (Timestamp, Timestamp))>,
}

#[derive(Clone, Debug, Default)]
struct Beats {
    /// Hours since 1970 with events, 64 to a word: a year of an account takes a kilobyte or two.
    hours: BTreeMap<i64, u64>,
    /// First and last event.
    span: Option<(Timestamp, Timestamp)>,
}

const SECONDS: i64 = 3600;

impl Pulse {
    /// Takes note of an event.
    pub(crate) fn add(&mut self, event: &Event<'_>) {
        let hour = event.time.as_second().div_euclid(SECONDS);
        let Some(account) = event.operation.account.as_deref() else { return };
        match &mut self.last {
            Some((of, at, span)) if **of == *account && *at == hour => {
                *span = (event.time.min(span.0), event.time.max(span.1));
            }
            _ => {
                self.flush();
                self.last = Some((account.into(), hour, (event.time, event.time)));
            }
        }
    }

    fn flush(&mut self) {
        if let Some((account, hour, span)) = self.last.take() {
            let beats = self.accounts.entry(account).or_default();
            *beats.hours.entry(hour >> 6).or_default() |= 1 << (hour & 63);
            beats.widen(Some(span));
        }
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        self.flush();
        other.flush();
        for (account, more) in other.accounts {
            let beats = self.accounts.entry(account).or_default();
            beats.widen(more.span);
            for (word, bits) in more.hours {
                *beats.hours.entry(word).or_default() |= bits;
            }
        }
    }

    pub(super) fn settled(mut self) -> Self {
        self.flush();
        self
    }

    /// The first and the last event of an account.
    pub fn span_of(&self, account: &str) -> Option<(Timestamp, Timestamp)> {
        self.accounts.get(account)?.span
    }

    /// Accounts with events.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys().map(|account| &**account)
    }

    /// The longest silence of an account between two moments: whole hours without events. Nothing where an account is often silent: then silence tells nothing. Often is more than one hour of
    /// twenty from its first event to its last, these hours left out; fewer than a day of hours tell nothing either.
    pub fn silence(&self, account: &str, from: Timestamp, to: Timestamp) -> Option<(Timestamp, SignedDuration)> {
        let beats = self.accounts.get(account)?;
        let (first, last) = beats.span()?;
        // Hours that are only touched may be silent by chance.
        let begins = (from.as_second() + SECONDS - 1).div_euclid(SECONDS);
        let ends = to.as_second().div_euclid(SECONDS);
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
        let inside = (start + length).min(last + 1) - start.max(first);
        let others = last + 1 - first - inside.max(0);
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
    fn widen(&mut self, by: Option<(Timestamp, Timestamp)>) {
        self.span = match (self.span, by) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

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
