/// A page for people, in parts. Whoever writes it down escapes what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// What it is about.
    pub title: String,
    /// In the order in which a reader asks.
    pub parts: Vec<Part>,
}

/// Lines under a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The question it answers.
    pub heading: &'static str,
    /// Each a sentence or less.
    pub lines: Vec<String>,
    /// Lines for a shell.
    pub commands: Vec<String>,
}
