//! Records cut out of an archive, as one file that CloudTrail could have delivered.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::output::{Destination, destination};
use super::status::Failure;
use crate::cli::Output;
use crate::search::Records;

/// Writes records where they are wanted, whole or not at all; compressed if so asked, or if the file's name says so.
pub(super) fn write(records: &mut Records, output: &Output, gzip: bool) -> anyhow::Result<()> {
    let is_named_so = output.output.as_ref().and_then(|path| path.extension()).is_some_and(|end| end == "gz");
    let mut to = destination(output)?;
    if gzip || is_named_so {
        // Without a time or a name in its head, the same records are the same bytes.
        let mut encoder = GzEncoder::new(&mut to, Compression::default());
        all(records, &mut encoder)?;
        encoder.finish()?;
    } else {
        all(records, &mut to)?;
    }
    if let Some(error) = records.failure() {
        return Err(Failure::run(format!("a temporary file could not be read: {error}")).into());
    }
    Destination::keep(to, output)
}

fn all(records: &mut Records, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"Records\":[")?;
    for (at, record) in records.by_ref().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        out.write_all(&record)?;
    }
    out.write_all(b"\n]}\n")
}
