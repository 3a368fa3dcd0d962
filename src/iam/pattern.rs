/// Whether `text` fits `pattern`, where `*` stands for any run of characters and `?` for one: IAM's
/// wildcards. Case counts. Linear in practice, quadratic at worst; never recursive.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), as_pattern, Part::Is, |a, b| a == b)
}

/// As [`matches()`], without regard to ASCII case: how AWS compares action names.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), as_pattern, Part::Is, |a, b| a.eq_ignore_ascii_case(&b))
}

/// Whether a text holds a wildcard.
pub fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Writes a literal so that a policy takes it literally: `*`, `?` and `$` in an object key would
/// otherwise be wildcards or the start of a policy variable. A policy may not hold characters beyond
/// U+00FF; each becomes `?`, the narrowest pattern that fits it.
pub fn escape(literal: &str) -> String {
    let mut escaped = String::with_capacity(literal.len());
    for c in literal.chars() {
        match c {
            '*' => escaped.push_str("${*}"),
            '?' => escaped.push_str("${?}"),
            '$' => escaped.push_str("${$}"),
            c if !is_writable(c) => escaped.push('?'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether a policy may hold a character; where not, `?` stands for it and fits others too.
pub fn is_writable(c: char) -> bool {
    c <= '\u{ff}' && !c.is_control()
}

/// Whether a pattern fits all that another one fits, as policies write both: what is written as `${*}` stands for
/// itself. Sound, not complete: where it takes an argument to see that it does, the answer is no.
pub fn covers(wider: &str, narrower: &str) -> bool {
    // That is quickly seen, and tells nearly always.
    narrower.starts_with(before_wildcard(wider))
        && (wider == narrower || parts_cover(&written(wider), &written(narrower)))
}

/// What a pattern begins with before anything in it may vary.
pub fn before_wildcard(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// Whether something may fit both patterns, as policies write them. May miss that nothing does, never says so wrongly.
pub fn may_overlap(one: &str, other: &str) -> bool {
    parts_may_overlap(&written(one), &written(other))
}

/// A pattern taken apart, so that a wildcard is told from the same character meant literally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `*`.
    Any,
    /// `?`.
    One,
    /// This byte.
    Is(u8),
}

/// The parts of a pattern as written.
pub(super) fn parts(pattern: &str) -> impl Iterator<Item = Part> {
    pattern.bytes().map(as_pattern)
}

/// The parts of a pattern in which what stands for itself is written `${*}`, `${?}` or `${$}`.
pub(super) fn written(pattern: &str) -> Vec<Part> {
    let mut found = Vec::with_capacity(pattern.len());
    let mut rest = pattern.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        (rest, _) = match rest {
            [b'$', b'{', c @ (b'*' | b'?' | b'$'), b'}', after @ ..] => (after, found.push(Part::Is(*c))),
            _ => (after, found.push(as_pattern(*byte))),
        };
    }
    found
}

/// As [`matches()`], for a pattern that is taken apart.
pub(super) fn parts_match(pattern: &[Part], text: &str) -> bool {
    fits(pattern, text.as_bytes(), |part| part, Part::Is, |a, b| a == b)
}

/// As [`matches_ignoring_case()`], for a pattern that is taken apart.
pub(super) fn parts_match_ignoring_case(pattern: &[Part], text: &str) -> bool {
    fits(pattern, text.as_bytes(), |part| part, Part::Is, |a, b| a.eq_ignore_ascii_case(&b))
}

/// As [`covers()`], for patterns that are taken apart.
pub(super) fn parts_cover(pattern: &[Part], other: &[Part]) -> bool {
    fits(pattern, other, |part| part, |part| part, |a, b| a == b)
}

/// As [`may_overlap()`], for patterns that are taken apart. Each character beyond ASCII counts as any.
pub(super) fn parts_may_overlap(one: &[Part], other: &[Part]) -> bool {
    let simplified = |parts: &[Part]| -> Vec<Part> {
        let is_continuation = |part: &Part| matches!(part, Part::Is(byte) if is_continuation(*byte));
        let simple = |part: &Part| if matches!(part, Part::Is(byte) if !byte.is_ascii()) { Part::One } else { *part };
        parts.iter().filter(|part| !is_continuation(part)).map(simple).collect()
    };
    let (one, other) = (simplified(one), simplified(other));
    // Whether what is before a place in `one` and what is before each place in `other` fit something common.
    let mut row = Vec::with_capacity(other.len() + 1);
    row.push(true);
    for part in &other {
        row.push(*part == Part::Any && row.last() == Some(&true));
    }
    for part in &one {
        let mut next = Vec::with_capacity(row.len());
        next.push(*part == Part::Any && row.first() == Some(&true));
        for ((before_both, before_one), part_of_other) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let before_other = next.last() == Some(&true);
            next.push(match (part, part_of_other) {
                (Part::Any, _) | (_, Part::Any) => *before_one || before_other,
                (Part::Is(a), Part::Is(b)) => *before_both && a == b,
                _ => *before_both,
            });
        }
        row = next;
    }
    row.last() == Some(&true)
}

fn as_pattern(byte: u8) -> Part {
    match byte {
        b'*' => Part::Any,
        b'?' => Part::One,
        byte => Part::Is(byte),
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// What is to fit may have wildcards itself; those fit wildcards only.
fn fits<P: Copy, T: Copy>(
    pattern: &[P],
    text: &[T],
    of_pattern: impl Fn(P) -> Part,
    of_text: impl Fn(T) -> Part,
    same: impl Fn(u8, u8) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last `*` did not fit: one character further.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t).map(|c| of_text(*c)) {
        match (pattern.get(p).map(|q| of_pattern(*q)), c) {
            (Some(Part::Any), _) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            (Some(Part::One), Part::One | Part::Is(_)) => {
                p += 1;
                // One character, not one byte: pass over the rest of a UTF-8 sequence.
                t += 1;
                while text.get(t).is_some_and(|c| matches!(of_text(*c), Part::Is(byte) if is_continuation(byte))) {
                    t += 1;
                }
            }
            (Some(Part::Is(q)), Part::Is(c)) if same(q, c) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    p = after_star;
                    t = from + 1;
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|q| of_pattern(*q) == Part::Any))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_run_and_for_one_character() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("*", "abc", true),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("*/AWSReservedSSO_Dev_*", "arn:aws:iam::1:role/x/AWSReservedSSO_Dev_0a", true),
            ("a?c", "abc", true),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("", "a", false),
            ("**a**", "xxaxx", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        assert!(matches_ignoring_case("S3:get*", "s3:GetObject") && !matches("S3:get*", "s3:GetObject"));
        assert_eq!(escape("a*b$é”"), "a${*}b${$}é?");
    }

    #[test]
    fn a_pattern_covers_what_it_fits_whatever_stands_for_wildcards() {
        for (wider, narrower, covered) in [
            ("*", "a*", true),
            ("a/*", "a/b", true),
            ("a/*", "a/b/*", true),
            ("a/*", "a/*", true),
            ("a/*", "a/", true),
            ("a/*", "a", false),
            ("a/b", "a/*", false),
            ("a?c", "a*c", false),
            ("a*c", "a?c", true),
            ("a??", "a?b", true),
            ("a?b", "a${*}b", true),
            ("a*}", "a${*}", false),
            ("a${*}", "a*", false),
            ("a**", "a*", true),
        ] {
            assert_eq!(covers(wider, narrower), covered, "{wider} {narrower}");
        }
    }
}
