use std::io;
use std::sync::Arc;

use super::groups::Groups;
use super::rows::{ByOrder, Rows};
use super::spill::Sorted;
use super::{Column, Search, Table};

/// What was found for each search, before copies are taken back.
#[derive(Default)]
pub struct Gathered {
    pub(super) stores: Vec<Store>,
    keeps_records: bool,
}

/// What was found for one search.
pub(super) struct Store {
    pub(super) search: Arc<Search>,
    pub(super) kept: Kept,
}

pub(super) enum Kept {
    Rows(Rows),
    Groups(Groups),
}

/// Tables in the order of searches, the records of the first where they are kept, and why something may be missing.
pub(super) type Settled = (Vec<Table>, Option<Records>, Option<io::Error>);

impl Gathered {
    /// Nothing yet; `ids` is how many event ids may be kept in memory, by which everything else is measured.
    pub(super) fn new(searches: &[Arc<Search>], ids: usize, keeps_records: bool) -> Self {
        let store = |search: &Arc<Search>| {
            let kept = match search.group_by.is_empty() && !search.columns.contains(&Column::Count) {
                true => Kept::Rows(Rows::new(search.limit, ids.saturating_mul(ROW))),
                false => Kept::Groups(Groups::new(ids.saturating_mul(SIGHTING))),
            };
            Store { search: Arc::clone(search), kept }
        };
        Self { stores: searches.iter().map(store).collect(), keeps_records }
    }

    /// Takes in all of another of the same searches.
    pub fn merge(&mut self, other: Self) {
        if self.stores.is_empty() {
            *self = other;
            return;
        }
        for (store, other) in self.stores.iter_mut().zip(other.stores) {
            match (&mut store.kept, other.kept) {
                (Kept::Rows(rows), Kept::Rows(other)) => rows.merge(other),
                (Kept::Groups(groups), Kept::Groups(other)) => groups.merge(other),
                _ => {}
            }
        }
    }

    /// In order, each event once.
    pub fn settle(self) -> Settled {
        let (mut records, mut failure) = (None, None);
        let mut tables = Vec::with_capacity(self.stores.len());
        for (at, Store { search, kept }) in self.stores.into_iter().enumerate() {
            let mut table = Table { columns: search.columns.iter().map(Column::name).collect(), ..Table::default() };
            match kept {
                Kept::Rows(rows) if self.keeps_records && at == 0 => {
                    let (sorted, matched, failed) = rows.stream();
                    failure = failure.or(failed);
                    table.matched = matched;
                    let most =
                        search.limit.map_or(matched, |most| matched.min(u64::try_from(most).unwrap_or(u64::MAX)));
                    table.left_out = matched - most;
                    records = Some(Records { sorted, left: most });
                }
                Kept::Rows(rows) => {
                    let settled = rows.settle(search.limit);
                    failure = failure.or(settled.failure);
                    table.matched = settled.matched;
                    table.rows = settled.rows.into_iter().map(super::rows::Row::found).collect();
                    table.left_out =
                        settled.matched.saturating_sub(u64::try_from(table.rows.len()).unwrap_or(u64::MAX));
                }
                Kept::Groups(groups) => {
                    let settled = groups.settle(&search);
                    failure = failure.or(settled.failure);
                    (table.rows, table.matched, table.left_out) = (settled.rows, settled.matched, settled.left_out);
                }
            }
            tables.push(table);
        }
        (tables, records, failure)
    }
}

/// About how many bytes of memory a row may take for each event id that may be kept: 128 MiB for the million that is usual.
const ROW: usize = 128;
/// The same of events that are put together.
const SIGHTING: usize = 40;

/// Records as they stand in their files, in order, each once.
pub struct Records {
    sorted: Sorted<ByOrder>,
    left: u64,
}

impl Iterator for Records {
    type Item = Box<[u8]>;

    fn next(&mut self) -> Option<Box<[u8]>> {
        self.left = self.left.checked_sub(1)?;
        self.sorted.next().map(|ByOrder(row)| row.text)
    }
}

impl Records {
    /// Why not all of them came, if so; once none is left.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.sorted.failure()
    }
}
