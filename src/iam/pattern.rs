/// Whether `text` fits `pattern`, where `*` stands for any run of characters and `?` for one: IAM's
/// wildcards. Case counts. Linear in practice, quadratic at worst; never recursive.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), |a, b| a == b)
}

/// As [`matches()`], without regard to ASCII case: how AWS compares action names.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), |a, b| a.eq_ignore_ascii_case(&b))
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
            c if c > '\u{ff}' || c.is_control() => escaped.push('?'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn fits(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last `*` did not fit: one character further.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(b'?') => {
                p += 1;
                // One character, not one byte: pass over the rest of a UTF-8 sequence.
                t += 1;
                while text.get(t).is_some_and(|b| b & 0xC0 == 0x80) {
                    t += 1;
                }
            }
            Some(&q) if same(q, c) => {
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
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|b| *b == b'*'))
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
}
