use std::sync::LazyLock;

use hashbrown::HashMap;

use super::{Detection, Finding, Kind, Severity, kind};
use crate::catalog::without_version;
use crate::event::{Event, Operation};
use crate::iam::service_label;
use crate::intern::Interned;

/// A call whose name alone is worth telling, from the table in `calls.tsv`.
pub(super) struct NotableCall;

struct Row {
    severity: Severity,
    kind: Interned<Kind>,
}

static TABLE: LazyLock<HashMap<(String, String), Row>> = LazyLock::new(|| {
    rows()
        .filter_map(|[detection, source, name, severity, attack, title]| {
            let attack: Vec<&str> = attack.split(',').filter(|id| !id.is_empty()).collect();
            let kind = Interned::new(kind(detection, title, &attack));
            let row = Row { severity: severity.parse().ok()?, kind };
            Some(((source.to_ascii_lowercase(), name.to_ascii_lowercase()), row))
        })
        .collect()
});

fn rows() -> impl Iterator<Item = [&'static str; 6]> {
    include_str!("calls.tsv").lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| {
        let mut cells = line.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

fn row(operation: &Operation) -> Option<&'static Row> {
    let label = service_label(&operation.source)?;
    let name = without_version(&operation.name);
    TABLE.get(&(label.to_ascii_lowercase(), name.to_ascii_lowercase()))
}

impl Detection for NotableCall {
    fn watches(&self, operation: &Operation) -> bool {
        row(operation).is_some()
    }

    fn is_fallback(&self) -> bool {
        true
    }

    fn inspect(&self, event: &Event<'_>) -> Option<Finding> {
        let row = row(event.operation)?;
        Some(Finding {
            severity: row.severity,
            kind: row.kind.clone(),
            reasons: Vec::new(),
            condition_unknown: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::is_technique;
    use super::*;

    #[test]
    fn every_row_is_whole_and_stands_once() {
        let count = rows().count();
        assert!(count > 150, "{count}");
        assert_eq!(TABLE.len(), count, "a row stands twice or has an unknown severity");
        for [detection, source, name, _, attack, title] in rows() {
            assert!(![detection, source, name, title].contains(&""), "{detection} {source} {name}");
            assert!(attack.split(',').filter(|id| !id.is_empty()).all(is_technique), "{name}: {attack}");
        }
    }
}
