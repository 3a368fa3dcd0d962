//! Where a JSON value ends. Looks at nothing inside: most of a record is never needed, and this is how it
//! is passed over.

use memchr::memchr2;
use wide::u8x32;

use super::Reject;
use super::brackets::container_end;

/// Where a value ends.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// First position behind it.
    pub(super) at: usize,
    /// Whether a backslash stands in it, where it is a string.
    pub(super) escaped: bool,
    /// Whether its brackets nest beyond what was allowed.
    pub(super) too_deep: bool,
}

/// Why a value has no end.
#[derive(Clone, Copy)]
pub(super) struct NoEnd {
    /// Where it stopped making sense; the end of the text if it was cut off.
    pub(super) at: usize,
    /// What to call it.
    pub(super) reject: Reject,
}

impl NoEnd {
    pub(super) fn cut_off(bytes: &[u8]) -> Self {
        Self { at: bytes.len(), reject: Reject::CutOff }
    }

    pub(super) fn invalid(at: usize) -> Self {
        Self { at, reject: Reject::InvalidJson }
    }
}

/// The first position from `at` on that holds no white space.
pub(super) fn skip_blank(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at) {
        None => None,
        Some(b' ' | b'\t' | b'\r' | b'\n') => {
            let rest = bytes.get(at..)?;
            rest.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n')).map(|n| at + n)
        }
        Some(_) => Some(at),
    }
}

/// The end of the value that starts at `start`; its brackets may stand `deepest` inside each other.
/// A scalar ends before the next comma, bracket or blank, whatever it is.
pub(super) fn value_end(bytes: &[u8], start: usize, deepest: usize) -> Result<End, NoEnd> {
    match bytes.get(start) {
        Some(b'"') => match short_string_end(bytes, start) {
            Some(at) => Ok(End { at, escaped: false, too_deep: false }),
            None => string_end(bytes, start),
        },
        Some(b'{' | b'[') => container_end(bytes, start, deepest),
        Some(_) => scalar_end(bytes, start),
        None => Err(NoEnd::cut_off(bytes)),
    }
}

fn scalar_end(bytes: &[u8], start: usize) -> Result<End, NoEnd> {
    let ends = |b: &u8| matches!(b, b',' | b'}' | b']' | b'{' | b'[' | b'"' | b':' | b' ' | b'\t' | b'\r' | b'\n');
    let rest = bytes.get(start..).unwrap_or_default();
    // Nearly all of them are one of these.
    let usual = match rest {
        [b'n', b'u', b'l', b'l', next, ..] | [b't', b'r', b'u', b'e', next, ..] if ends(next) => Some(4),
        [b'f', b'a', b'l', b's', b'e', next, ..] if ends(next) => Some(5),
        _ => None,
    };
    let length = usual.or_else(|| rest.iter().position(ends)).ok_or(NoEnd::cut_off(bytes))?;
    Ok(End { at: start + length, escaped: false, too_deep: false })
}

/// The end of a string of less than 64 characters without a backslash, whose first quote is at `start`;
/// `None` for any other.
#[inline(always)]
pub(super) fn short_string_end(bytes: &[u8], start: usize) -> Option<usize> {
    for from in [start + 1, start + 33] {
        let block = u8x32::new(*bytes.get(from..)?.first_chunk()?);
        let quotes = block.simd_eq(u8x32::splat(b'"')).to_bitmask();
        let backslashes = block.simd_eq(u8x32::splat(b'\\')).to_bitmask();
        if quotes != 0 {
            let end = quotes.trailing_zeros();
            return (backslashes & ((1 << end) - 1) == 0).then_some(from + end as usize + 1);
        }
        if backslashes != 0 {
            return None;
        }
    }
    None
}

/// The end of the string whose first quote is at `start`.
pub(super) fn string_end(bytes: &[u8], start: usize) -> Result<End, NoEnd> {
    let mut at = start + 1;
    let mut escaped = false;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let found = at + memchr2(b'"', b'\\', rest).ok_or(NoEnd::cut_off(bytes))?;
        if bytes.get(found) == Some(&b'"') {
            return Ok(End { at: found + 1, escaped, too_deep: false });
        }
        escaped = true;
        at = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

        #[test]
        fn a_string_ends_at_the_first_quote_that_is_not_escaped(text in r#"([a-zé]{0,40}|\\\\|\\"){0,8}"#, rest in r#"[a"\\]{0,80}"#) {
            let whole = format!("\"{text}\"{rest}");
            let end = string_end(whole.as_bytes(), 0).ok().unwrap();
            prop_assert_eq!((end.at, end.escaped), (text.len() + 2, text.contains('\\')));
            let found = value_end(whole.as_bytes(), 0, 1).ok().unwrap();
            prop_assert_eq!((found.at, found.escaped), (end.at, end.escaped));
        }
    }
}
