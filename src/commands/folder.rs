//! Where policies go as files. A file appears whole or not at all, and nothing appears unless there is room for
//! everything.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, is_separator};

use tempfile::NamedTempFile;

use super::status::Failure;
use crate::report::files::{File, INDEXES};
use crate::runbook::told::EvidenceFile;

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

/// Names by which a folder is known to hold evidence.
const EVIDENCE: [&str; 3] = ["SHA256SUMS", "report.md", "runbook.yaml"];

/// Refuses a folder for evidence that cannot work, before anything is read. It holds nothing else, so that what is in it
/// can be told from what was not written with it; `force` replaces earlier evidence as a whole.
pub(super) fn check_evidence(folder: &Path, force: bool) -> Result<(), Failure> {
    let name = folder.display();
    let above = parent(folder.components().as_path());
    if folder.is_dir() {
        let is_empty = fs::read_dir(folder).map_err(|error| failure(folder, &error))?.next().is_none();
        let is_evidence = EVIDENCE.iter().all(|name| folder.join(name).is_file());
        let may_write = is_empty || (force && is_evidence);
        if !may_write {
            let hint = if is_evidence { "--force replaces the evidence in it" } else { "name a new folder" };
            return Err(Failure::run(format!("`{name}` is not empty")).hint(hint));
        }
    } else if folder.symlink_metadata().is_ok() {
        return Err(Failure::run(format!("`{name}` is a file, not a folder")).hint("name another"));
    }
    if !above.is_dir() {
        return Err(Failure::run(format!("`{}` is not a folder", above.display())).hint("make it first"));
    }
    tempfile::tempfile_in(above).map_err(|error| failure(above, &error))?;
    Ok(())
}

/// Writes evidence into a folder of its own, which appears whole or not at all: it is written under another name first.
pub(super) fn write_evidence(files: &[EvidenceFile], folder: &Path, force: bool) -> Result<(), Failure> {
    check_evidence(folder, force)?;
    let folder = folder.components().as_path();
    let fail = |error: &io::Error| failure(folder, error);
    let place =
        tempfile::Builder::new().prefix(".evidence-").tempdir_in(parent(folder)).map_err(|error| fail(&error))?;
    let written = place.path().join("new");
    for file in files {
        let path = written.join(&file.name);
        fs::create_dir_all(parent(&path)).and_then(|()| fs::write(&path, &file.text)).map_err(|error| fail(&error))?;
    }
    let earlier = place.path().join("earlier");
    let is_there = folder.is_dir();
    if is_there {
        fs::rename(folder, &earlier).map_err(|error| fail(&error))?;
    }
    fs::rename(&written, folder).map_err(|error| {
        if is_there {
            let _ = fs::rename(&earlier, folder);
        }
        fail(&error)
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
