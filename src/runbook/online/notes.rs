//! What stands beside a query: what it cannot say, and what to do instead.

/// Sentences, each once.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<String>);

/// Longest line of a comment.
const WIDTH: usize = 110;

impl Notes {
    pub(super) fn add(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    pub(super) fn append(&mut self, other: &mut Self) {
        for note in std::mem::take(&mut other.0) {
            self.add(note);
        }
    }

    /// As comments.
    pub(super) fn written(&self, mark: &str) -> String {
        self.0.iter().map(|note| comment(mark, note)).collect()
    }
}

/// A text as comment lines. However it was written, no line of it is anything else.
pub(super) fn comment(mark: &str, text: &str) -> String {
    let (mut lines, mut line) = (String::new(), mark.to_owned());
    // No engine agrees with another on what ends a line.
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    for word in words {
        if line.len() + word.len() >= WIDTH && line.len() > mark.len() {
            lines.push_str(&line);
            lines.push('\n');
            line = mark.to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}
