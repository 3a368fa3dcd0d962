//! Where an object or list ends, found by its quotes and brackets sixty-four bytes at a time: this passes
//! over most of an archive. Nothing else of trailwright knows of processors.
//!
//! What a block of bytes holds is asked in three ways: with AVX-512, with AVX2, and with what every
//! processor has, which is also what the other two are compared with. What follows from the answers is
//! written once. `unsafe` is needed to call a function that uses instructions which not every processor has,
//! right after asking whether this one has them, and to load a block of known length in one go.

#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "see above"))]

use wide::u8x64;

use super::lex::{End, NoEnd};

/// Which of sixty-four bytes are what: a bit for each, the lowest for the first.
#[derive(Clone, Copy)]
struct Masks {
    quotes: u64,
    backslashes: u64,
    /// `{` and `[`.
    opening: u64,
    /// `}` and `]`.
    closing: u64,
}

/// The end of the object or list whose first bracket is at `start`. Which kind of bracket closes which is
/// not looked at: that is checked where the inside is read.
#[inline]
pub(super) fn container_end(bytes: &[u8], start: usize, deepest: usize) -> Result<End, NoEnd> {
    #[cfg(target_arch = "x86_64")]
    {
        if x86::has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { x86::with_avx512(bytes, start, deepest) };
        }
        if x86::has_avx2() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { x86::with_avx2(bytes, start, deepest) };
        }
    }
    portable(bytes, start, deepest)
}

fn portable(bytes: &[u8], start: usize, deepest: usize) -> Result<End, NoEnd> {
    find(bytes, start, deepest, prefix_xor, |block| {
        let block = u8x64::new(*block);
        let folded = block | u8x64::splat(FOLD);
        Masks {
            quotes: block.simd_eq(u8x64::splat(b'"')).to_bitmask(),
            backslashes: block.simd_eq(u8x64::splat(b'\\')).to_bitmask(),
            opening: folded.simd_eq(u8x64::splat(b'{')).to_bitmask(),
            closing: folded.simd_eq(u8x64::splat(b'}')).to_bitmask(),
        }
    })
}

/// This bit set, `[` is `{` and `]` is `}`, and no other character becomes one of them.
const FOLD: u8 = 0x20;

#[inline(always)]
fn find(
    bytes: &[u8],
    start: usize,
    deepest: usize,
    prefix_xor: impl Fn(u64) -> u64,
    masks: impl Fn(&[u8; 64]) -> Masks,
) -> Result<End, NoEnd> {
    let mut at = start;
    let mut open: usize = 0;
    // Carried from block to block: whether it begins inside a string, and with an escaped character.
    let (mut in_string, mut escape) = (0_u64, 0_u64);
    let mut too_deep = false;
    loop {
        let found = match bytes.get(at..).and_then(|rest| rest.first_chunk::<64>()) {
            Some(block) => masks(block),
            None => masks(&last_block(bytes, at).ok_or(NoEnd::cut_off(bytes))?),
        };
        let escaped = match found.backslashes {
            0 => std::mem::take(&mut escape),
            backslashes => escaped_by(backslashes, &mut escape),
        };
        let inside = prefix_xor(found.quotes & !escaped) ^ in_string;
        in_string = if inside >> 63 == 1 { u64::MAX } else { 0 };
        let (opening, closing) = (found.opening & !inside, found.closing & !inside);
        let (opened, closed) = (opening.count_ones() as usize, closing.count_ones() as usize);
        if closed < open && open + opened <= deepest {
            // It ends further on, and is not too deep up to there.
            open = open + opened - closed;
            at += 64;
            continue;
        }
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

/// Less than sixty-four bytes from `at` on, with blanks behind them; `None` when nothing is left.
#[cold]
fn last_block(bytes: &[u8], at: usize) -> Option<[u8; 64]> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    let mut block = [b' '; 64];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    Some(block)
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask,
        _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8,
    };

    use super::{End, FOLD, Masks, NoEnd, find};

    pub(super) fn has_avx2() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("pclmulqdq")
    }

    pub(super) fn has_avx512() -> bool {
        is_x86_feature_detected!("avx512bw") && has_avx2()
    }

    #[target_feature(enable = "pclmulqdq")]
    fn prefix_xor(bits: u64) -> u64 {
        // Multiplied without carries by all ones, each bit is the sum of those up to it.
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    }

    #[target_feature(enable = "avx2,bmi1,popcnt,pclmulqdq")]
    pub(super) fn with_avx2(bytes: &[u8], start: usize, deepest: usize) -> Result<End, NoEnd> {
        find(bytes, start, deepest, |bits| prefix_xor(bits), |block| masks_avx2(block))
    }

    #[target_feature(enable = "avx2")]
    fn masks_avx2(block: &[u8; 64]) -> Masks {
        let block: *const __m256i = block.as_ptr().cast();
        // SAFETY: the block is two times 32 bytes, and these loads need no alignment.
        let halves = unsafe { [_mm256_loadu_si256(block), _mm256_loadu_si256(block.add(1))] };
        let folded = halves.map(|half| _mm256_or_si256(half, _mm256_set1_epi8(FOLD.cast_signed())));
        let is = |halves: [__m256i; 2], byte: u8| {
            let equal = |half| _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte.cast_signed()));
            let [low, high] = halves.map(|half| u64::from(_mm256_movemask_epi8(equal(half)).cast_unsigned()));
            high << 32 | low
        };
        Masks {
            quotes: is(halves, b'"'),
            backslashes: is(halves, b'\\'),
            opening: is(folded, b'{'),
            closing: is(folded, b'}'),
        }
    }

    #[target_feature(enable = "avx512bw,avx2,bmi1,popcnt,pclmulqdq")]
    pub(super) fn with_avx512(bytes: &[u8], start: usize, deepest: usize) -> Result<End, NoEnd> {
        find(bytes, start, deepest, |bits| prefix_xor(bits), |block| masks_avx512(block))
    }

    #[target_feature(enable = "avx512bw")]
    fn masks_avx512(block: &[u8; 64]) -> Masks {
        // SAFETY: the block is 64 bytes, and this load needs no alignment.
        let block = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
        let folded = _mm512_or_si512(block, _mm512_set1_epi8(FOLD.cast_signed()));
        let is = |block, byte: u8| _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte.cast_signed()));
        Masks {
            quotes: is(block, b'"'),
            backslashes: is(block, b'\\'),
            opening: is(folded, b'{'),
            closing: is(folded, b'}'),
        }
    }
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

    type Way = fn(&[u8], usize, usize) -> Result<End, NoEnd>;

    /// Every way that this processor can go.
    fn ways() -> Vec<Way> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut))]
        let mut ways: Vec<Way> = vec![portable];
        #[cfg(target_arch = "x86_64")]
        {
            if x86::has_avx2() {
                // SAFETY: just asked.
                ways.push(|bytes, start, deepest| unsafe { x86::with_avx2(bytes, start, deepest) });
            }
            if x86::has_avx512() {
                // SAFETY: just asked.
                ways.push(|bytes, start, deepest| unsafe { x86::with_avx512(bytes, start, deepest) });
            }
        }
        ways
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

        #[test]
        fn a_container_ends_where_it_ends_character_by_character(
            text in r#"[\{\[][\{\}\[\]"\\a,:é]{0,400}"#,
            deepest in 1..30_usize,
        ) {
            for way in ways() {
                let found = way(text.as_bytes(), 0, deepest).ok().map(|end| (end.at, end.too_deep));
                prop_assert_eq!(found, slow_end(text.as_bytes(), deepest));
            }
        }

        #[test]
        fn a_deep_container_ends_where_it_ends_character_by_character(
            text in r#"[\{\[]([\{\[]{0,40}|[\}\]]{0,20}|"[a\}\{]{0,80}"|[a,]{0,70}){0,12}"#,
            deepest in 1..80_usize,
        ) {
            for way in ways() {
                let found = way(text.as_bytes(), 0, deepest).ok().map(|end| (end.at, end.too_deep));
                prop_assert_eq!(found, slow_end(text.as_bytes(), deepest));
            }
        }

        #[test]
        fn any_bytes_are_what_they_are_one_by_one(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
            for way in ways() {
                let found = way(&bytes, 0, 3).ok().map(|end| (end.at, end.too_deep));
                prop_assert_eq!(found, slow_end(&bytes, 3));
            }
        }
    }
}
