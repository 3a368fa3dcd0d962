//! The tables of a runbook as SELECTs over records.

use std::collections::BTreeSet;

use super::quote::{name, text};
use super::stage::Column;
use super::{Dialect, Kind, Place, derived};
use crate::runbook::online::suspects::Suspects;
use crate::runbook::online::table::{Measure, Of, Table};

/// The SELECT of a table with the columns that are asked for, and what they are called. What a row stands for is always
/// among them: else there would be other rows.
pub(super) fn select(
    dialect: &dyn Dialect,
    table: &Table,
    asked_for: &BTreeSet<&str>,
    suspects: &Suspects,
) -> (String, Vec<Column>) {
    let (mut shown, mut columns) = (Vec::new(), Vec::new());
    let more = table.more.iter().filter(|(column, _)| asked_for.contains(column));
    for (column, field) in table.grain.iter().chain(more) {
        let Some(place) = derived::field(dialect, field) else { continue };
        shown.push(format!("{} AS {}", place.value(), name(column)));
        columns.push(((*column).to_owned(), Place::new(name(column), place.kind_of_value())));
    }
    let by = (1..=shown.len()).map(|place| place.to_string()).collect::<Vec<_>>().join(", ");
    for (column, measure) in table.measures.iter().filter(|(column, _)| asked_for.contains(column)) {
        let Some(place) = self::measure(dialect, *measure) else { continue };
        shown.push(format!("{} AS {}", place.sql, name(column)));
        columns.push(((*column).to_owned(), Place::new(name(column), place.kind)));
    }
    let which = match table.of {
        Of::All => None,
        Of::Denied => Some(derived::denied(dialect)),
        Of::Sessions => {
            Some(format!("{} IS NOT NULL", dialect.spelled("userIdentity.sessionContext.attributes.creationDate")))
        }
        Of::Suspects => Some(calls(dialect, suspects)),
    };
    let which = which.map(|which| format!("\n  WHERE {which}")).unwrap_or_default();
    let shown = shown.join(",\n    ");
    (format!("SELECT\n    {shown}\n  FROM {}{which}\n  GROUP BY {by}", dialect.table()), columns)
}

/// What is counted or collected of a group of events.
pub(super) fn measure(dialect: &dyn Dialect, measure: Measure) -> Option<Place> {
    let time = dialect.spelled("eventTime");
    let number = |sql: String| Place::new(sql, Kind::Number);
    Some(match measure {
        Measure::Count => number("count(*)".to_owned()),
        Measure::Denied => number(format!("count_if({})", derived::denied(dialect))),
        Measure::Days => number(format!("count(DISTINCT {})", dialect.day(&time))),
        Measure::First => Place::new(format!("min({time})"), Kind::Time),
        Measure::Last => Place::new(format!("max({time})"), Kind::Time),
        Measure::Distinct(field) => number(format!("count(DISTINCT {})", derived::field(dialect, field)?.value())),
        Measure::List(field) => {
            let value = derived::field(dialect, field)?.value();
            Place::list(format!("array_agg(DISTINCT {value}) FILTER (WHERE {value} IS NOT NULL)"))
        }
    })
}

/// The calls that rules ask about.
fn calls(dialect: &dyn Dialect, suspects: &Suspects) -> String {
    let (source, event) = (dialect.spelled("eventSource"), dialect.spelled("eventName"));
    let of = suspects.calls.iter().map(|(service, names)| {
        let names = names.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ");
        format!("({source} = {} AND {event} IN ({names}))", text(service))
    });
    format!("({})", of.collect::<Vec<_>>().join("\n    OR "))
}
