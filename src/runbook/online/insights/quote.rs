//! The only place where words of a runbook become words of Logs Insights.

use rsigma_parser::{SigmaString, SpecialChar, StringPart};

/// A text between quotes. What would have to be escaped there never gets here: such texts are asked for as patterns.
pub(super) fn text(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._:/@+=,<>-".contains(c);
    text.chars().all(is_plain).then(|| format!("\"{text}\""))
}

/// The name of a field; nothing where it cannot be written.
pub(super) fn name(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@');
    if name.chars().all(is_plain) {
        return Some(name.to_owned());
    }
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '`' | '\\' | '|');
    name.chars().all(fits).then(|| format!("`{name}`"))
}

/// A name for what is counted.
pub(super) fn alias(name: &str) -> String {
    let alias: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let alias = alias.trim_matches('_');
    if alias.starts_with(|c: char| c.is_ascii_alphabetic()) { alias.to_owned() } else { format!("column_{alias}") }
}

/// A text that stands for itself, inside of a pattern.
pub(super) fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | ':' | '@' | ',' | '=' | '<' | '>' | ' ' => pattern.push(c),
            '.' | '/' | '*' | '?' | '+' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '|' | '\\' => {
                pattern.push('\\');
                pattern.push(c);
            }
            other => pattern.push_str(&format!("\\x{{{:x}}}", u32::from(other))),
        }
    }
    pattern
}

/// A text with Sigma's wildcards, inside of a pattern.
pub(super) fn wild(text: &SigmaString) -> String {
    let piece = |part: &StringPart| match part {
        StringPart::Plain(plain) => literal(plain),
        StringPart::Special(SpecialChar::WildcardMulti) => ".*".to_owned(),
        StringPart::Special(SpecialChar::WildcardSingle) => ".".to_owned(),
    };
    text.parts.iter().map(piece).collect()
}

/// A pattern that somebody wrote, between slashes: none of its own ends it.
pub(super) fn pattern(written: &str, flags: &str) -> String {
    let flags = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
    let (mut pattern, mut is_escaped) = (String::new(), false);
    for c in written.chars() {
        if c.is_control() || !c.is_ascii() {
            // A backslash before it changes nothing of what it means.
            if is_escaped {
                pattern.pop();
            }
            pattern.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
        } else {
            if c == '/' && !is_escaped {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    format!("/{flags}{pattern}/")
}
