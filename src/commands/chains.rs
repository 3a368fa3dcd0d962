//! What was done with sessions that grants were used to make. Whose they are is known only once an archive was read, so
//! that it is read again for these, as far as they occur.

use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::scanning::{Reading, history};
use super::status::say;
use crate::aggregate::History;
use crate::audit::followed;
use crate::report::Answer;
use crate::watch::Watch;

/// Reads again what such sessions did; nothing where there are none, or where the archive can be read only once, which is
/// said. `reading` is how it was read; `tell` is told how many sessions there are.
pub(super) fn read(
    reading: Reading<'_>,
    first: &History,
    watch: &Watch,
    now: Timestamp,
    tell: impl FnOnce(&str),
) -> anyhow::Result<Option<ManuallyDrop<History>>> {
    let made = followed(first);
    if made.is_empty() {
        return Ok(None);
    }
    let sessions = if made.len() == 1 { "1 session".to_owned() } else { format!("{} sessions", made.len()) };
    if reading.input.paths.iter().any(|path| path == Path::new("-")) {
        say(&format!(
            "warning: grants were used to make {sessions} of other roles; what they did is not told, since standard input \
             can be read once"
        ));
        return Ok(None);
    }
    tell(&sessions);
    let files = first.whereabouts.files_of(|session| made.contains_key(&session)).map(Arc::new);
    let watch = Some(Arc::new(watch.following(made)));
    Ok(Some(history(Reading { watch, files, ..reading }, Answer::Audit, now)?))
}
