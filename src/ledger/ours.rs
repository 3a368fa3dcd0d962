use super::record::Record;
use super::row::{Cell, Column, Row};
use super::{Entry, Form};

/// Our own: a row is a grant, as a table or as JSON.
pub(super) struct Ours;

impl Form for Ours {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn known_by(&self) -> &'static str {
        "`grant_id`, `principal`, `not_before`, `not_after`"
    }

    fn fits(&self, has: &dyn Fn(&str) -> bool) -> bool {
        use Column::{AccountId, GrantId, NotAfter, NotBefore, Principal, PrincipalKind};
        [GrantId, Principal, PrincipalKind, NotBefore, NotAfter, AccountId].iter().any(|column| has(column.as_str()))
    }

    fn required(&self) -> &'static [&'static str] {
        &["grant_id", "principal", "not_before", "not_after"]
    }

    fn all(&self) -> Option<Vec<&'static str>> {
        Some(Column::ALL.map(Column::as_str).to_vec())
    }

    fn entry(&self, record: Record<'_>) -> Entry {
        let mut row = Row::new(record.line);
        for (name, value) in record.fields {
            if let Some(column) = Column::parse(&name) {
                row.set(column, Cell::from(value));
            }
        }
        Entry::Grant(Box::new(row))
    }
}
