//! Finds files and turns them into plain bytes: the only layer that reads input. Knows file names,
//! compression and what is not CloudTrail at first sight; knows nothing of records.
//!
//! What could not be read is a value ([`Trouble`]), not an error: an archive of a hundred thousand
//! files always has a bad one.

mod ahead;
mod content;
mod inflate;
mod input;
#[expect(unsafe_code, reason = "memory mapping is unsafe by nature; the module says what it relies on")]
mod map;
mod name;
mod open;
mod text;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

use hashbrown::HashSet;

pub(crate) use content::without_bom;
pub use content::{Content, recognise};
pub use inflate::Damage;
pub use name::{Delivered, LogKind};
pub use open::{Ended, FileText, Limits, Opened, Opener};
pub use text::{Text, Whole};
pub use walk::{Found, walk};

use crate::intern::hash_of;

/// Where to read from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file, or a directory to search.
    Path(PathBuf),
    /// Standard input, read once.
    Stdin,
    /// Bytes that are already here, under a name for the report.
    Bytes {
        /// Shown in place of a path.
        name: &'static str,
        /// As they would stand in a file.
        bytes: &'static [u8],
    },
}

/// Everything that is to be read.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// In the order given; the order changes no result.
    pub sources: Vec<Source>,
    /// Files whose key says they hold nothing of interest are not opened.
    pub wanted: Wanted,
}

/// What the delivered key of a file can be checked against before the file is opened. Keys that do not
/// parse are always read.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// First and last day of interest, in UTC.
    pub from: Option<jiff::civil::Date>,
    /// See `from`.
    pub to: Option<jiff::civil::Date>,
    /// Accounts; empty means all.
    pub accounts: Vec<String>,
    /// Regions; empty means all.
    pub regions: Vec<String>,
    /// Files, by their [`file_number`]; nothing means all.
    pub files: Option<Arc<HashSet<u64>>>,
}

/// The number of a file by its name, the same throughout a run.
pub fn file_number(name: &str) -> u64 {
    hash_of(name)
}

/// A file that was found and is to be read.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// As reports show it.
    pub name: Arc<str>,
    /// Where its bytes are.
    pub source: Source,
    /// Size on disk in bytes, zero where unknown.
    pub size: u64,
    /// Whether the name says that CloudTrail delivered it.
    pub delivered: bool,
}

/// A file that was not read, or not wholly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// The file.
    pub name: Arc<str>,
    /// What happened, for the person at the terminal.
    pub reason: String,
}
