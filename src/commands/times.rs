//! Times and sizes as people type them.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::status::Failure;

/// A moment: RFC 3339, a plain date (UTC), or an age such as `30d`. A plain date that ends a range
/// stands for the end of that day.
pub(super) fn moment(text: &str, now: Timestamp, ends_range: bool) -> Result<Timestamp, Failure> {
    let wrong = || {
        Failure::usage(format!("`{text}` is not a time"))
            .hint("use 2026-02-03T04:05:06Z, 2026-02-03, or an age such as 30d or 24h")
    };
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(day) = text.parse::<Date>() {
        let day = if ends_range { day.tomorrow().map_err(|_| wrong())? } else { day };
        return Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| wrong());
    }
    let age = duration(text).map_err(|_| wrong())?;
    now.checked_sub(age).map_err(|_| wrong())
}

/// A length of time: a number and one of `s`, `m`, `h`, `d`.
pub(super) fn duration(text: &str) -> Result<SignedDuration, Failure> {
    let wrong = || {
        Failure::usage(format!("`{text}` is not a length of time"))
            .hint("use a number and a unit, such as 90m, 2h or 30d")
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 =
        text.strip_suffix(unit).and_then(|number| number.parse().ok()).filter(|n| *n >= 0).ok_or_else(wrong)?;
    Ok(SignedDuration::from_secs(number.checked_mul(seconds).ok_or_else(wrong)?))
}

/// A size in bytes: a number and, if you like, one of `K`, `M`, `G`, each 1024 times the one before.
pub(super) fn size(text: &str) -> Result<usize, Failure> {
    let wrong =
        || Failure::usage(format!("`{text}` is not a size")).hint("use a number and a unit, such as 500M or 4G");
    let shift = match text.chars().last().ok_or_else(wrong)?.to_ascii_uppercase() {
        'K' => 10,
        'M' => 20,
        'G' => 30,
        _ => 0,
    };
    let digits = if shift == 0 { text } else { text.get(..text.len() - 1).unwrap_or_default() };
    let number: usize = digits.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        let now: Timestamp = "2026-02-03T12:00:00Z".parse().unwrap();
        for (text, ends, expected) in [
            ("2026-02-01", false, "2026-02-01T00:00:00Z"),
            ("2026-02-01", true, "2026-02-02T00:00:00Z"),
            ("2026-02-01T05:00:00+01:00", false, "2026-02-01T04:00:00Z"),
            ("24h", false, "2026-02-02T12:00:00Z"),
            ("2d", true, "2026-02-01T12:00:00Z"),
        ] {
            assert_eq!(moment(text, now, ends).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", "yesterday", "30", "-1d", "2026-02-30", "9223372036854775807d"] {
            assert!(moment(text, now, false).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_type_them() {
        assert_eq!(size("500M").unwrap(), 500 << 20);
        assert_eq!(size("4g").unwrap(), 4 << 30);
        assert_eq!(size("123").unwrap(), 123);
        for text in ["", "G", "0", "1T", "-1M", "99999999999999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
