use std::fmt;
use std::str::FromStr;

/// Where something was asked for, such as `INC-42`. It goes into tags, so that it holds what AWS takes in the value of a
/// tag and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket(String);

/// Characters of a tag's value.
const LONGEST: usize = 256;

/// Why a text is no ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Nothing in it.
    #[error("a ticket is empty")]
    Empty,
    /// Too long.
    #[error("a ticket has {0} characters, and AWS takes {LONGEST} in a tag")]
    TooLong(usize),
    /// A character that AWS does not take.
    #[error("a ticket has {0:?} in it; AWS takes letters, digits, spaces and _.:/=+-@ in a tag")]
    Character(char),
}

impl FromStr for Ticket {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let is_taken = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
        if text.trim().is_empty() {
            return Err(TicketError::Empty);
        }
        match (text.chars().count(), text.chars().find(|c| !is_taken(*c))) {
            (length, _) if length > LONGEST => Err(TicketError::TooLong(length)),
            (_, Some(c)) => Err(TicketError::Character(c)),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

impl Ticket {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_what_fits_into_a_tag() {
        for text in ["INC-42", "https://tickets.example.com/browse/OPS-7", "asked by alice@example.com"] {
            assert_eq!(text.parse::<Ticket>().unwrap().as_str(), text);
        }
        assert_eq!(" ".parse::<Ticket>(), Err(TicketError::Empty));
        assert_eq!("x".repeat(257).parse::<Ticket>(), Err(TicketError::TooLong(257)));
        for (text, c) in [("INC\n42", '\n'), ("INC${x}", '$'), ("\u{1b}[m", '\u{1b}'), ("é", 'é'), ("a\"b", '"')] {
            assert_eq!(text.parse::<Ticket>(), Err(TicketError::Character(c)));
        }
    }
}
