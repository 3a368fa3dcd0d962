//! Where a JSON value ends. Looks at nothing inside: most of a record is never needed, and this is how it
//! is passed over.

use memchr::memchr2;
use wide::{u8x16, u8x32};

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
        Some(b'"') => string_end(bytes, start),
        Some(b'{' | b'[') => container_end(bytes, start, deepest),
        Some(_) => {
            let rest = bytes.get(start..).unwrap_or_default();
            let ends =
                |b: &u8| matches!(b, b',' | b'}' | b']' | b'{' | b'[' | b'"' | b':' | b' ' | b'\t' | b'\r' | b'\n');
            let length = rest.iter().position(ends).ok_or(NoEnd::cut_off(bytes))?;
            Ok(End { at: start + length, escaped: false, too_deep: false })
        }
        None => Err(NoEnd::cut_off(bytes)),
    }
}

/// The end of a string of up to thirty characters without a backslash; `None` for anything else.
#[inline]
pub(super) fn short_string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let block: [u8; 32] = bytes.get(start..start + 32)?.try_into().ok()?;
    let block = u8x32::new(block);
    let quotes = block.simd_eq(u8x32::splat(b'"')).to_bitmask();
    // The first quote opens the string; without it this is no string.
    let rest = quotes & !1;
    if quotes & 1 == 0 || rest == 0 {
        return None;
    }
    let backslashes = block.simd_eq(u8x32::splat(b'\\')).to_bitmask();
    let end = rest.trailing_zeros();
    (backslashes & ((1 << end) - 1) == 0).then_some(start + end as usize + 1)
}

/// The end of the string whose first quote is at `start`.
#[inline]
pub(super) fn string_end(bytes: &[u8], start: usize) -> Result<End, NoEnd> {
    let mut at = start + 1;
    let mut escaped = false;
    loop {
        let found = at + special(bytes.get(at..).unwrap_or_default()).ok_or(NoEnd::cut_off(bytes))?;
        if bytes.get(found) == Some(&b'"') {
            return Ok(End { at: found + 1, escaped, too_deep: false });
        }
        escaped = true;
        at = found + 2;
    }
}

/// The first quote or backslash. Strings are short: two looks find most of them.
#[inline]
fn special(text: &[u8]) -> Option<usize> {
    for from in [0, 16] {
        let Some(block) = text.get(from..from + 16).and_then(|block| <[u8; 16]>::try_from(block).ok()) else { break };
        let block = u8x16::new(block);
        let mask = (block.simd_eq(u8x16::splat(b'"')) | block.simd_eq(u8x16::splat(b'\\'))).to_bitmask();
        if mask != 0 {
            return Some(from + mask.trailing_zeros() as usize);
        }
    }
    memchr2(b'"', b'\\', text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

        #[test]
        fn a_string_ends_at_the_first_quote_that_is_not_escaped(text in r#"([a-zé]{0,40}|\\\\|\\"){0,8}"#, rest in r#"[a"\\]{0,40}"#) {
            let whole = format!("\"{text}\"{rest}");
            let end = string_end(whole.as_bytes(), 0).ok().unwrap();
            prop_assert_eq!((end.at, end.escaped), (text.len() + 2, text.contains('\\')));
            if let Some(short) = short_string_end(whole.as_bytes(), 0) {
                prop_assert_eq!((short, end.escaped), (end.at, false));
            }
        }
    }
}
