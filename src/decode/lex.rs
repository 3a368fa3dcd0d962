//! Where a JSON value ends. Follows quotes and brackets only and looks at nothing inside, sixty-four
//! bytes at a time: most of a record is never needed, and this is how it is passed over.

use memchr::memchr2;
use wide::{u8x16, u8x32, u8x64};

use super::Reject;

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

/// The end of the object or list whose first bracket is at `start`. Which kind of bracket closes which is
/// not looked at: that is checked where the inside is read.
fn container_end(bytes: &[u8], start: usize, deepest: usize) -> Result<End, NoEnd> {
    let mut at = start;
    let mut open: usize = 0;
    // Carried from block to block: whether it begins inside a string, and with an escaped character.
    let (mut in_string, mut escape) = (0_u64, 0_u64);
    let mut too_deep = false;
    loop {
        let block = block_at(bytes, at).ok_or(NoEnd::cut_off(bytes))?;
        let backslashes = block.simd_eq(u8x64::splat(b'\\')).to_bitmask();
        let escaped = if backslashes == 0 { std::mem::take(&mut escape) } else { escaped_by(backslashes, &mut escape) };
        let quotes = block.simd_eq(u8x64::splat(b'"')).to_bitmask() & !escaped;
        let inside = prefix_xor(quotes) ^ in_string;
        in_string = if inside >> 63 == 1 { u64::MAX } else { 0 };
        // This bit set, `[` is `{` and `]` is `}`, and no other character becomes one of them.
        let folded = block | u8x64::splat(0x20);
        let opening = folded.simd_eq(u8x64::splat(b'{')).to_bitmask() & !inside;
        let closing = folded.simd_eq(u8x64::splat(b'}')).to_bitmask() & !inside;
        let mut brackets = opening | closing;
        while brackets != 0 {
            let next = brackets.trailing_zeros();
            brackets &= brackets - 1;
            if opening >> next & 1 == 1 {
                open += 1;
                too_deep |= open > deepest;
            } else {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Ok(End { at: at + next as usize + 1, escaped: false, too_deep });
                }
            }
        }
        at += 64;
    }
}

/// Sixty-four bytes from `at` on; past the end of the text, blanks. `None` when nothing is left.
#[inline]
fn block_at(bytes: &[u8], at: usize) -> Option<u8x64> {
    if let Some(block) = bytes.get(at..at + 64).and_then(|block| <[u8; 64]>::try_from(block).ok()) {
        return Some(u8x64::new(block));
    }
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let mut block = [b' '; 64];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    Some(u8x64::new(block))
}

/// The characters that a backslash before them escapes. Backslashes are rare, so one after the other.
fn escaped_by(backslashes: u64, carried: &mut u64) -> u64 {
    let mut escaped = std::mem::take(carried);
    let mut left = backslashes & !escaped;
    while left != 0 {
        let next = left.trailing_zeros();
        if next == 63 {
            *carried = 1;
            break;
        }
        escaped |= 2 << next;
        // A backslash that is itself escaped escapes nothing.
        left &= !(3 << next);
    }
    escaped
}

/// For each bit, whether an odd number of bits is set up to and with it: of quotes, that is the inside
/// of strings with their opening quote.
fn prefix_xor(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, shift| bits ^ bits << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, character by character.
    fn slow_end(bytes: &[u8], deepest: usize) -> Option<(usize, bool)> {
        let (mut open, mut too_deep, mut in_string, mut escape) = (0_usize, false, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            let escaped = std::mem::take(&mut escape);
            match byte {
                // Outside of strings too, as wrong as it is there.
                b'\\' => escape = !escaped,
                b'"' if !escaped => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => {
                    open += 1;
                    too_deep |= open > deepest;
                }
                b'}' | b']' => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return Some((at + 1, too_deep));
                    }
                }
                _ => {}
            }
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

        #[test]
        fn a_container_ends_where_it_ends_character_by_character(
            text in r#"[\{\[][\{\}\[\]"\\a,:é]{0,400}"#,
            deepest in 1..30_usize,
        ) {
            let found = container_end(text.as_bytes(), 0, deepest).ok().map(|end| (end.at, end.too_deep));
            prop_assert_eq!(found, slow_end(text.as_bytes(), deepest));
        }

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
