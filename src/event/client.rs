use std::convert::Infallible;

use crate::decode::Json;
use crate::intern::Memo;

/// What made a call, by what it calls itself: anybody may call themselves anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    number: u64,
    /// Whether it is the console.
    pub is_console: bool,
}

impl Client {
    /// The same number is the same name, for all events of one reader; one name may have several numbers.
    pub fn number(self) -> u64 {
        self.number
    }
}

/// Clients that are remembered: tools put their versions into their names.
const CLIENTS: usize = 1 << 12;

/// Tells clients apart.
pub(super) struct Clients {
    known: Memo<Client>,
    next: u64,
}

impl Default for Clients {
    fn default() -> Self {
        Self { known: Memo::new(CLIENTS), next: 1 }
    }
}

impl Clients {
    pub(super) fn of(&mut self, user_agent: Option<Json<'_>>) -> Client {
        let Some(agent) = user_agent else { return Client { number: 0, is_console: false } };
        let next = &mut self.next;
        let Ok(client) = self.known.get(&[agent.raw()], || {
            let client = Client { number: *next, is_console: is_console(agent) };
            *next += 1;
            Ok::<_, Infallible>(client)
        });
        *client
    }
}

fn is_console(agent: Json<'_>) -> bool {
    const AGENTS: [&str; 3] = ["console.amazonaws.com", "signin.amazonaws.com", "console.aws.amazon.com"];
    AGENTS.iter().any(|known| agent.is(known)) || memchr::memmem::find(agent.raw(), b"S3Console/").is_some()
}
