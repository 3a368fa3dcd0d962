//! Times as runbooks write them.

use jiff::Timestamp;
use jiff::civil::Date;

/// A point in time.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// As `2026-02-01T00:00:00Z`.
    At(String),
    /// So many seconds, minutes, hours or days before the query runs.
    Ago(&'static str, u32),
}

/// RFC 3339, a date, or an age such as `30d`.
pub(super) fn read(text: &str) -> Option<Moment> {
    let at = |time: Timestamp| Moment::At(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(at(time));
    }
    // A date with more behind it would be read as one too.
    if let Ok(date) = text.parse::<Date>()
        && text.len() <= "2026-02-01".len()
    {
        return format!("{date}T00:00:00Z").parse().ok().map(at);
    }
    let unit = match text.chars().last()? {
        's' => "second",
        'm' => "minute",
        'h' => "hour",
        'd' => "day",
        _ => return None,
    };
    let count = text.get(..text.len() - 1)?;
    count
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| count.parse().ok())
        .flatten()
        .map(|count| Moment::Ago(unit, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        #[track_caller]
        fn check(text: &str, expected: Option<Moment>) {
            assert_eq!(read(text), expected, "{text}");
        }
        let at = |time: &str| Some(Moment::At(time.to_owned()));
        check("2026-02-01T01:00:00+01:00", at("2026-02-01T00:00:00Z"));
        check("2026-02-01", at("2026-02-01T00:00:00Z"));
        check("30d", Some(Moment::Ago("day", 30)));
        check("90m", Some(Moment::Ago("minute", 90)));
        for wrong in ["", "d", "-3d", "3", "ünd", "2026-02-01T00", "x' OR 1=1"] {
            check(wrong, None);
        }
    }
}
