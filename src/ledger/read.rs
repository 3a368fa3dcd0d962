//! From files to the ledger: the syntax of each, its form, its records one by one, and what is wrong between them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::cells::{Cells, quoted};
use super::check::{self, Known};
use super::record::Record;
use super::{ALL, Entry, Form, Grant, Ledger, Problem, csv, json, overlap};
use crate::condition::did_you_mean;

/// Reads files, each with the name it goes by. Every record of them is a grant, or a problem says why it is none.
pub fn read(files: &[(Arc<str>, Vec<u8>)]) -> Ledger {
    let mut all = Reading::default();
    for (place, (name, bytes)) in files.iter().enumerate() {
        File::new(&mut all, place, name).read(bytes);
    }
    // A grant is large: with its key kept apart it is moved once.
    all.grants.sort_by_cached_key(|(_, grant)| (grant.not_before, grant.id.clone()));
    let overlaps = overlap::problems(&all.grants);
    all.problems.extend(overlaps);
    all.problems.sort_by_key(|(place, problem)| (*place, problem.line));
    Ledger {
        grants: all.grants.into_iter().map(|(_, grant)| grant).collect(),
        problems: all.problems.into_iter().map(|(_, problem)| problem).collect(),
    }
}

/// All files, as far as they are read. Grants and problems stand with the place of their file.
#[derive(Default)]
struct Reading {
    grants: Vec<(usize, Grant)>,
    problems: Vec<(usize, Problem)>,
    /// Where each id occurred first.
    ids: HashMap<String, (Arc<str>, u64)>,
    known: Known,
}

/// A file being read.
pub(super) struct File<'r> {
    all: &'r mut Reading,
    place: usize,
    name: &'r Arc<str>,
    form: Option<&'static dyn Form>,
    /// Whether its names stand in a header, which has been looked at.
    is_table: bool,
    records: u64,
    /// Members that are told already.
    strange: HashSet<String>,
    /// Requests that were never granted: how many by their state, and the line of the first.
    not_granted: BTreeMap<String, u64>,
    first_not_granted: u64,
}

impl<'r> File<'r> {
    fn new(all: &'r mut Reading, place: usize, name: &'r Arc<str>) -> Self {
        let (strange, not_granted) = Default::default();
        Self { all, place, name, form: None, is_table: false, records: 0, strange, not_granted, first_not_granted: 0 }
    }

    fn read(mut self, bytes: &[u8]) {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return self.fatal(1, "is UTF-16; save it as UTF-8".to_owned());
        }
        // Windows puts a mark before the text.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = 1 + memchr::memchr_iter(b'\n', before).count() as u64;
                return self.fatal(line, "is not UTF-8, so nothing of the file was read; save it as UTF-8".to_owned());
            }
        };
        let told = self.all.problems.len();
        match text.trim_start().chars().next() {
            None => return self.warn(1, "is empty: no grants in this file".to_owned()),
            Some('{' | '[') => json::records(text, &mut self),
            Some(_) => csv::records(text, &mut self),
        }
        if !self.not_granted.is_empty() {
            let states: Vec<_> = self.not_granted.iter().map(|(state, count)| format!("{count} {state}")).collect();
            let requests = match self.not_granted.values().sum() {
                1 => "1 request was never granted and is".to_owned(),
                count => format!("{count} requests were never granted and are"),
            };
            let what = format!("{requests} left out: {}", states.join(", "));
            self.warn(self.first_not_granted, what);
        } else if self.records == 0 && self.all.problems.len() == told {
            self.warn(1, "holds no grants".to_owned());
        }
    }

    /// Tells why something could not be used.
    pub(super) fn fatal(&mut self, line: u64, what: String) {
        self.tell(line, true, what);
    }

    /// Tells what deserves a look.
    pub(super) fn warn(&mut self, line: u64, what: String) {
        self.tell(line, false, what);
    }

    fn tell(&mut self, line: u64, is_fatal: bool, what: String) {
        let file = Arc::clone(self.name);
        self.all.problems.push((self.place, Problem { file, line, is_fatal, what }));
    }

    /// Looks at the columns of a table; whether its rows can be read.
    pub(super) fn header(&mut self, line: u64, names: &[String]) -> bool {
        let Some(form) = self.form_of(names) else {
            let hint = match names {
                [all] if all.contains(';') => "; its columns stand between semicolons, so save it with commas",
                [all] if all.contains('\t') => "; its columns stand between tabs, so save it with commas",
                _ => "",
            };
            let forms: Vec<_> = ALL.iter().map(|form| format!("{} has {}", form.name(), form.known_by())).collect();
            self.fatal(line, format!("is no header of a ledger{hint}: {}", forms.join("; ")));
            return false;
        };
        self.is_table = true;
        let mut sorted: Vec<_> = names.iter().collect();
        sorted.sort_unstable();
        let twice = sorted.array_windows().find(|[one, next]| one == next).map(|[name, _]| quoted(name));
        if let Some(name) = &twice {
            self.fatal(line, format!("the column {name} is there twice; keep the right one"));
        }
        self.strangers(line, form, names.iter().map(String::as_str));
        let missing: Vec<_> =
            form.required().iter().filter(|name| !names.iter().any(|own| own == *name)).copied().collect();
        if !missing.is_empty() {
            self.fatal(line, format!("the header has no {}, so no row can be read; add it", listed(&missing)));
        }
        twice.is_none() && missing.is_empty()
    }

    /// Reads a record: a grant, or a problem.
    pub(super) fn record(&mut self, record: Record<'_>) {
        self.records += 1;
        let line = record.line;
        let Some(form) = self.form.or_else(|| self.form_of(record.fields.iter().map(|(name, _)| name))) else {
            let what = "is no grant: it has none of the members of a ledger, such as `grant_id`".to_owned();
            return self.fatal(line, what);
        };
        if !self.is_table {
            self.strangers(line, form, record.fields.iter().map(|(name, _)| &**name));
        }
        let row = match form.entry(record) {
            Entry::Grant(row) => row,
            Entry::Unclear(what) => return self.fatal(line, what),
            Entry::Not(state) => {
                if self.not_granted.is_empty() {
                    self.first_not_granted = line;
                }
                return *self.not_granted.entry(state).or_default() += 1;
            }
        };
        let mut cells = Cells::new(&row, form);
        let grant = check::grant(&mut cells, &mut self.all.known, self.name);
        let id = cells.quietly(super::Column::GrantId).map(str::to_owned);
        for (is_fatal, what) in cells.told {
            self.tell(line, is_fatal, what);
        }
        if let Some(id) = id {
            let here = (Arc::clone(self.name), line);
            if let Some((file, first)) = self.all.ids.get(&id) {
                let name = form.calls(super::Column::GrantId);
                let what = format!("`{name}` {} stands already in {file}:{first}; keep one of them", quoted(&id));
                return self.fatal(line, what);
            }
            self.all.ids.insert(id, here);
        }
        self.all.grants.extend(grant.map(|grant| (self.place, grant)));
    }

    /// The form of names, which is from then on that of the file.
    fn form_of<N: AsRef<str>>(&mut self, names: impl IntoIterator<Item = N>) -> Option<&'static dyn Form> {
        let names: HashSet<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        self.form = ALL.iter().copied().find(|form| form.fits(&|name| names.contains(name)));
        self.form
    }

    /// Tells once of each member that a form does not have.
    fn strangers<'n>(&mut self, line: u64, form: &dyn Form, names: impl Iterator<Item = &'n str>) {
        let Some(all) = form.all() else { return };
        for name in names.filter(|name| !all.contains(name)) {
            if self.strange.insert(name.to_owned()) {
                let hint = did_you_mean(&name.to_ascii_lowercase(), all.iter().copied());
                self.warn(line, format!("{} is no column of a ledger and was not read{hint}", quoted(name)));
            }
        }
    }
}

/// Names as words.
fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
