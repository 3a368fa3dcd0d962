//! Where policies go as files. A file appears whole or not at all, and nothing appears unless there is room for
//! everything.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, is_separator};

use tempfile::NamedTempFile;

use super::status::Failure;
use crate::report::files::{File, INDEXES};

/// Whether a folder is meant and not a file: it is one, or is written as one.
pub(super) fn is_meant(path: &Path) -> bool {
    path.is_dir() || path.to_string_lossy().ends_with(is_separator)
}

/// Refuses a folder that cannot work, before anything is read.
pub(super) fn check(folder: &Path, force: bool) -> Result<(), Failure> {
    // Without the `/` at its end, which a file would not be found by.
    let folder = folder.components().as_path();
    for name in INDEXES.into_iter().filter(|_| !force) {
        refuse_existing(folder, name)?;
    }
    let there = if folder.is_dir() { folder } else { parent(folder) };
    if folder.is_file() {
        return Err(Failure::run(format!("`{}` is a file, not a folder", folder.display())).hint("name another"));
    }
    if !there.is_dir() {
        return Err(Failure::run(format!("`{}` is not a folder", there.display())).hint("make it first"));
    }
    tempfile::tempfile_in(there).map_err(|error| failure(there, &error))?;
    Ok(())
}

/// Writes files into a folder, which is made if need be.
pub(super) fn write(files: &[File], folder: &Path, force: bool) -> Result<(), Failure> {
    let is_new = !folder.is_dir();
    for file in files.iter().filter(|_| !force) {
        refuse_existing(folder, &file.name)?;
    }
    if is_new {
        fs::create_dir(folder).map_err(|error| failure(folder, &error))?;
    }
    // Temporary files go by themselves where something fails; a folder does not.
    keep(files, folder, force).inspect_err(|_| {
        if is_new {
            let _ = fs::remove_dir(folder);
        }
    })
}

fn keep(files: &[File], folder: &Path, force: bool) -> Result<(), Failure> {
    let mut written = Vec::new();
    for file in files {
        let path = folder.join(&file.name);
        let temporary = temporary(folder, &file.text).map_err(|error| failure(&path, &error))?;
        written.push((path, temporary));
    }
    for (path, temporary) in written {
        let kept = if force { temporary.persist(&path) } else { temporary.persist_noclobber(&path) };
        kept.map_err(|error| failure(&path, &error.error))?;
    }
    Ok(())
}

/// A file that is closed: there may be more of them than can be open.
fn temporary(folder: &Path, text: &str) -> io::Result<tempfile::TempPath> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    Ok(file.into_temp_path())
}

fn refuse_existing(folder: &Path, name: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    if path.symlink_metadata().is_ok() {
        return Err(Failure::run(format!("`{}` exists already", path.display())).hint("--force replaces it"));
    }
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let (why, hint) = match error.kind() {
        ErrorKind::PermissionDenied => ("permission denied".to_owned(), "choose a folder that you may write to"),
        ErrorKind::ReadOnlyFilesystem => ("it is read-only".to_owned(), "choose a folder that you may write to"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ("no space is left".to_owned(), "make room, or choose a folder on another disk")
        }
        _ => return Failure::run(format!("cannot write `{}`: {error}", path.display())),
    };
    Failure::run(format!("cannot write `{}`: {why}", path.display())).hint(hint)
}
