/// A word as a POSIX shell takes it for itself and nothing else.
pub fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=,.:@/%".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_word_for_itself() {
        for (word, expected) in [
            ("alice@example.com", "alice@example.com"),
            ("", "''"),
            ("<id>", "'<id>'"),
            ("a b", "'a b'"),
            ("a'; rm -r /; '", r"'a'\''; rm -r /; '\'''"),
            ("$(id)`id`\"", "'$(id)`id`\"'"),
            ("~", "'~'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
