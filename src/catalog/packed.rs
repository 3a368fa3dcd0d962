//! The tables as the binary carries them: packed by `build.rs`, opened block by block when somebody
//! asks. Gives the rows that concern one service or one event source, as text.

use std::io::Read;
use std::sync::{LazyLock, OnceLock};

use flate2::read::DeflateDecoder;
use hashbrown::HashMap;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.deflate"));

/// The texts of the blocks that were asked for.
static OPENED: [OnceLock<String>; PLACES.len()] = [const { OnceLock::new() }; PLACES.len()];

pub(super) static INDEX: LazyLock<Index> = LazyLock::new(Index::read);

/// A table, by its place within a group; `build.rs` packs them in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Actions,
    ResourceTypes,
    ConditionKeys,
    DependentActions,
    EventActions,
    Verbs,
    Methods,
    ConditionalActions,
    TagActions,
    PassRole,
    Parameters,
    SharedSources,
    PolicyPatterns,
    DataEvents,
    WithoutOperation,
}

/// What has to be known before any group is opened.
pub(super) struct Index {
    /// The first line of the table of actions, with the day of the data.
    pub(super) header: &'static str,
    /// Prefix, name and whether it is retired.
    pub(super) services: &'static str,
    /// Event source label and prefixes.
    pub(super) event_sources: &'static str,
    groups: HashMap<&'static str, Group>,
}

/// Where the rows of a service or of an event source are.
pub(super) struct Group {
    block: usize,
    start: usize,
    length: usize,
    /// Its tables, once asked for.
    tables: OnceLock<[&'static str; TABLES]>,
}

const TABLES: usize = Table::WithoutOperation as usize + 1;

/// Of a name that nothing is told of.
static NOTHING: Group = Group { block: 0, start: 0, length: 0, tables: OnceLock::new() };

impl Index {
    fn read() -> Self {
        let mut parts = text(PLACES.len() - 1).split('\x1f');
        let mut part = || parts.next().unwrap_or_default();
        let (listed, services, event_sources) = (part(), part(), part());
        let (header, listed) = listed.split_once('\n').unwrap_or_default();
        let number = |text: &str| text.parse().unwrap_or_default();
        let groups = rows(listed).map(|[name, block, start, length]| {
            let (block, start, length) = (number(block), number(start), number(length));
            (name, Group { block, start, length, tables: OnceLock::new() })
        });
        Self { header, services, event_sources, groups: groups.collect() }
    }

    /// Every service and event source that something is told of.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.groups.keys().copied()
    }

    pub(super) fn group(&'static self, name: &str) -> &'static Group {
        self.groups.get(name).unwrap_or(&NOTHING)
    }
}

impl Group {
    /// Its rows of a table, without the column that names the group; empty where it has none.
    pub(super) fn table(&self, table: Table) -> &'static str {
        let tables = self.tables.get_or_init(|| {
            let own = match self.length {
                0 => "",
                length => text(self.block).get(self.start..self.start + length).unwrap_or_default(),
            };
            let mut tables = own.split('\x1f');
            std::array::from_fn(|_| tables.next().unwrap_or_default())
        });
        tables.get(table as usize).copied().unwrap_or_default()
    }
}

/// The text of a block, inflated on first use. What the build packed inflates; a test opens them all.
fn text(block: usize) -> &'static str {
    let (Some(opened), Some((start, end, length))) = (OPENED.get(block), PLACES.get(block)) else { return "" };
    opened.get_or_init(|| {
        let mut text = String::with_capacity(*length);
        let packed = PACKED.get(*start..*end).unwrap_or_default();
        let read = DeflateDecoder::new(packed).read_to_string(&mut text);
        debug_assert!(read.is_ok_and(|read| read == *length), "block {block} does not inflate");
        text
    })
}

/// The rows of a table, each split into `N` columns. A row with fewer columns ends in empty ones.
pub(super) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const WRITTEN: [(Table, &str); TABLES] = [
        (Table::Actions, include_str!("data/actions.tsv")),
        (Table::ResourceTypes, include_str!("data/resource-types.tsv")),
        (Table::ConditionKeys, include_str!("data/condition-keys.tsv")),
        (Table::DependentActions, include_str!("data/dependent-actions.tsv")),
        (Table::EventActions, include_str!("data/event-actions.tsv")),
        (Table::Verbs, include_str!("data/verbs.tsv")),
        (Table::Methods, include_str!("data/methods.tsv")),
        (Table::ConditionalActions, include_str!("data/conditional-actions.tsv")),
        (Table::TagActions, include_str!("data/tag-actions.tsv")),
        (Table::PassRole, include_str!("data/pass-role.tsv")),
        (Table::Parameters, include_str!("data/parameters.tsv")),
        (Table::SharedSources, include_str!("data/shared-sources.tsv")),
        (Table::PolicyPatterns, include_str!("data/policy-patterns.tsv")),
        (Table::DataEvents, include_str!("data/data-events.tsv")),
        (Table::WithoutOperation, include_str!("data/without-operation.tsv")),
    ];

    fn written(table: &str) -> impl Iterator<Item = &str> {
        table.lines().filter(|line| !line.starts_with('#'))
    }

    #[test]
    fn what_is_packed_is_what_was_written() {
        for (table, text) in WRITTEN {
            let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for line in written(text) {
                let (name, rest) = line.split_once('\t').unwrap();
                groups.entry(name).or_default().push(rest);
            }
            assert!(!groups.is_empty(), "{table:?}");
            for (name, rows) in groups {
                let packed: Vec<_> = INDEX.group(name).table(table).lines().collect();
                assert_eq!(packed, rows, "{table:?} {name}");
            }
        }
        let same = |packed: &str, text: &str| assert!(packed.lines().eq(written(text)));
        same(INDEX.services, include_str!("data/services.tsv"));
        same(INDEX.event_sources, include_str!("data/event-sources.tsv"));
    }

    #[test]
    fn the_binary_carries_less_than_400_kb() {
        assert!(PACKED.len() + size_of_val(&PLACES) < 400_000, "{}", PACKED.len());
        assert!(PLACES.iter().all(|(_, _, length)| *length > 0));
    }
}
