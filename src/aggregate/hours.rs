use jiff::Timestamp;

/// Hours of the day (UTC), a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hours(u32);

/// Hours of a day.
const DAY: u32 = 24;

impl Hours {
    #[inline]
    pub(super) fn add(&mut self, time: Timestamp) {
        self.0 |= 1 << (time.as_second().div_euclid(3600).rem_euclid(i64::from(DAY)));
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether it is every hour of the day.
    pub fn is_whole_day(self) -> bool {
        self.0.count_ones() == DAY
    }

    /// Stretches of hours that follow each other: the first hour of each, and the one after its last.
    pub fn stretches(self) -> Vec<(u32, u32)> {
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        for hour in (0..DAY).filter(|hour| self.0 >> hour & 1 == 1) {
            match stretches.last_mut() {
                Some((_, end)) if *end == hour => *end = hour + 1,
                _ => stretches.push((hour, hour + 1)),
            }
        }
        stretches
    }
}

impl FromIterator<Timestamp> for Hours {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(times: I) -> Self {
        let mut hours = Self::default();
        times.into_iter().for_each(|time| hours.add(time));
        hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: &[&str], stretches: &[(u32, u32)]) {
        let hours: Hours = times.iter().map(|time| time.parse::<Timestamp>().unwrap()).collect();
        assert_eq!(hours.stretches(), stretches);
    }

    #[test]
    fn hours_that_follow_each_other_are_one_stretch() {
        check(&[], &[]);
        check(&["2026-02-03T09:59:59Z"], &[(9, 10)]);
        check(&["2026-02-04T10:00:00Z", "2026-02-03T09:59:59Z", "2026-02-05T12:30:00Z"], &[(9, 11), (12, 13)]);
        check(&["2026-02-03T23:00:00Z", "2026-02-03T00:00:00Z", "1969-12-31T22:00:00Z"], &[(0, 1), (22, 24)]);
    }
}
