/// Whether `text` fits `pattern`, where `*` stands for any run of characters and `?` for one: IAM's
/// wildcards. Case counts. Linear in practice, quadratic at worst; never recursive.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), |a, b| a == b)
}

/// As [`matches()`], without regard to ASCII case: how AWS compares action names.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes(), |a, b| a.eq_ignore_ascii_case(&b))
}

/// Whether a pattern fits all that another one fits, as policies write both. Sound, not complete: where it
/// takes an argument to see that it does, the answer is no.
pub fn covers(wider: &str, narrower: &str) -> bool {
    if !narrower.starts_with(before_wildcard(wider)) {
        return false;
    }
    let (wider, narrower) = (symbols(wider), symbols(narrower));
    let (mut w, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(symbol) = narrower.get(n) {
        match wider.get(w) {
            Some(Symbol::Any) => {
                retry = Some((w + 1, n));
                w += 1;
            }
            Some(other) if other == symbol || (*other == Symbol::One && *symbol != Symbol::Any) => {
                w += 1;
                n += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    w = after_star;
                    n = from + 1;
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    wider.get(w..).is_some_and(|rest| rest.iter().all(|symbol| *symbol == Symbol::Any))
}

/// What a pattern begins with before anything in it may vary.
pub fn before_wildcard(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq)]
enum Symbol {
    Literal(char),
    One,
    Any,
}

fn symbols(pattern: &str) -> Vec<Symbol> {
    let mut symbols = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let escaped = ['*', '?', '$'].into_iter().find(|c| {
            rest.strip_prefix("${").and_then(|rest| rest.strip_prefix(*c)).is_some_and(|rest| rest.starts_with('}'))
        });
        let (symbol, length) = match (escaped, c) {
            (Some(c), _) => (Symbol::Literal(c), "${*}".len()),
            (None, '*') => (Symbol::Any, 1),
            (None, '?') => (Symbol::One, 1),
            (None, c) => (Symbol::Literal(c), c.len_utf8()),
        };
        symbols.push(symbol);
        rest = rest.get(length..).unwrap_or_default();
    }
    symbols
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
