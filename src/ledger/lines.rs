/// Tells lines of a text, from its begin to its end.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line, from 1, of a byte that is not before the one asked for last.
    pub(super) fn of(&mut self, at: usize) -> u64 {
        let between = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count() as u64;
        self.at = self.at.max(at);
        self.line
    }
}
