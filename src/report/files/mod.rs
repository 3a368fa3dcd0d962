//! Recommendations as files that teams keep in Git: policies in the forms that are asked for, and an index that
//! tells about every principal, also those without a file. One file per form; [`ALL`] is the only list.

mod cloud_formation;
mod index;
mod json;
mod name;
mod terraform;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::render::{clean, clean_json};
use super::{PolicyRow, RecommendationRow, Report};
use crate::iam::Target;
use index::{FileRow, IndexRow, PolicyFileRow};
pub(super) use name::{Whose, stems_of};

/// A way to write policies down.
pub trait Form: Sync {
    /// The word users type.
    fn name(&self) -> &'static str;
    /// The policies of one principal; or why it has no place for them, in words.
    fn write<'s>(&self, subject: &'s Subject<'_>) -> Result<Vec<Piece<'s>>, String>;
}

/// Every form; the first is the default.
pub const ALL: &[&dyn Form] = &[&json::Json, &terraform::Terraform, &cloud_formation::CloudFormation];

/// A form by name.
pub fn by_name(name: &str) -> Option<&'static dyn Form> {
    ALL.iter().copied().find(|form| form.name() == name)
}

/// Files that are always there, whatever is written.
pub const INDEXES: [&str; 2] = [index::JSON, index::MARKDOWN];

/// A principal and its policies, all of one kind.
pub struct Subject<'r> {
    row: &'r RecommendationRow,
    /// How its files begin, and nobody else's.
    stem: String,
    target: Target,
    policies: Vec<Named<'r>>,
}

impl Subject<'_> {
    /// Its name where it is a `role`, `user` or `group`, as asked.
    fn name_as(&self, kind: &str) -> Option<&str> {
        (self.row.kind == kind).then_some(&*self.row.name)
    }

    /// A policy's document as it is to be attached: indented for people and for Git, unless the white space would
    /// count, or be too much.
    fn document(&self, policy: &Named<'_>) -> Result<String, String> {
        let document = &policy.row.document;
        let indented = pretty(document).map_err(|error| error.to_string())?;
        let is_too_long = self.target.raw_bytes().is_some_and(|most| indented.len() > most);
        if self.target.counts_white_space() || is_too_long {
            let compact = serde_json::to_string(document).map_err(|error| error.to_string())?;
            return Ok(clean_json(&compact));
        }
        Ok(indented)
    }
}

/// A policy under a name that is unique where it has to be.
struct Named<'r> {
    name: String,
    row: &'r PolicyRow,
}

/// One file of a form.
pub struct Piece<'s> {
    /// What follows the stem in its name.
    ending: Cow<'static, str>,
    text: String,
    /// What it holds.
    policies: &'s [Named<'s>],
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Lower case except `INDEX.md`; at most 104 of `a-z`, `0-9`, `-`, `_` and `.`.
    pub name: String,
    /// UTF-8.
    pub text: String,
}

/// All that is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Sorted as the principals are; the indexes last.
    pub files: Vec<File>,
    /// Policies that do not fit, or have no place in a form.
    pub warnings: Vec<String>,
}

/// The recommendations of a report in some forms.
pub fn folder(report: &Report, forms: &[&dyn Form]) -> serde_json::Result<Folder> {
    let rows = report.recommendations.as_deref().unwrap_or_default();
    let mut folder = Folder::default();
    let mut index = Vec::new();
    let mut missing = Missing::new();
    for (subject, row) in subjects(rows).into_iter().zip(rows) {
        let mut told = IndexRow::of(row, report.explained);
        match &subject {
            Some(subject) => write(subject, forms, &mut folder, &mut told, &mut missing),
            None if row.attachable => {
                told.notes.push("no policy: nothing went through that is known to need a permission".to_owned());
            }
            None => {}
        }
        index.push(told);
    }
    folder.warnings.extend(missing.iter().map(|((form, why), principals)| {
        let whose = match principals.as_slice() {
            [one] => clean(one),
            many => format!("{} principals", many.len()),
        };
        format!("no {form} file for {whose}: {why}")
    }));
    let [json, markdown] = INDEXES;
    folder.files.push(File { name: json.to_owned(), text: index::json(report, &index)? });
    folder.files.push(File { name: markdown.to_owned(), text: index::markdown(report, &index)? });
    Ok(folder)
}

/// Principals that have no file in a form, by the form and why.
type Missing<'r> = BTreeMap<(&'static str, String), Vec<&'r str>>;

fn write<'r>(
    subject: &Subject<'r>,
    forms: &[&dyn Form],
    folder: &mut Folder,
    told: &mut IndexRow<'_>,
    missing: &mut Missing<'r>,
) {
    if subject.row.fits == Some(false) {
        let (target, over) = (subject.target.as_str(), subject.row.over);
        let principal = clean(&subject.row.principal);
        folder.warnings.push(format!("{principal} does not fit `{target}`: {over} characters too many"));
    }
    for form in forms {
        match form.write(subject) {
            Ok(pieces) => {
                for piece in pieces {
                    let name = format!("{}{}", subject.stem, piece.ending);
                    told.files.push(FileRow {
                        file: name.clone(),
                        form: form.name(),
                        policies: piece.policies.iter().map(PolicyFileRow::of).collect(),
                    });
                    folder.files.push(File { name, text: piece.text });
                }
            }
            Err(why) => {
                told.notes.push(format!("no {} file: {why}", form.name()));
                missing.entry((form.name(), why)).or_default().push(&subject.row.principal);
            }
        }
    }
}

/// Who has policies, with names for all that is made of them.
fn subjects(rows: &[RecommendationRow]) -> Vec<Option<Subject<'_>>> {
    let stems = name::stems(rows);
    let names = name::policies(rows, &stems);
    let mut subjects = Vec::new();
    for ((row, stem), names) in rows.iter().zip(stems).zip(names) {
        let policies: Vec<_> = names.into_iter().zip(&row.policies).map(|(name, row)| Named { name, row }).collect();
        let target = policies.first().and_then(|policy| Target::parse(policy.row.target));
        subjects.push(target.map(|target| Subject { row, stem, target, policies }));
    }
    subjects
}

/// Indented JSON with nothing in it that deceives.
pub(super) fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(clean_json(&serde_json::to_string_pretty(value)?) + "\n")
}
