use std::sync::LazyLock;

use hashbrown::HashMap;

use super::{Detection, Finding, Severity};
use crate::catalog::without_version;
use crate::event::{Event, Operation};
use crate::iam::service_label;

/// A call whose name alone is worth telling, from the table in `calls.tsv`.
pub(super) struct NotableCall;

struct Row {
    detection: &'static str,
    severity: Severity,
    attack: &'static str,
    title: &'static str,
}

static TABLE: LazyLock<HashMap<(String, String), Row>> = LazyLock::new(|| {
    rows()
        .filter_map(|[detection, source, name, severity, attack, title]| {
            let row = Row { detection, severity: severity.parse().ok()?, attack, title };
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
            detection: row.detection.into(),
            title: row.title.into(),
            severity: row.severity,
            attack: row.attack.split(',').filter(|id| !id.is_empty()).map(Into::into).collect(),
            reasons: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole_and_stands_once() {
        let count = rows().count();
        assert!(count > 150, "{count}");
        assert_eq!(TABLE.len(), count, "a row stands twice or has an unknown severity");
        for [detection, source, name, _, attack, title] in rows() {
            assert!(![detection, source, name, title].contains(&""), "{detection} {source} {name}");
            let sound = |id: &str| id.starts_with('T') && id.get(1..5).is_some_and(|n| n.parse::<u16>().is_ok());
            assert!(attack.split(',').filter(|id| !id.is_empty()).all(sound), "{name}: {attack}");
        }
    }
}
