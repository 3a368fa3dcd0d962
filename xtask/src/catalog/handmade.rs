//! The tables people maintain, from what CloudTrail writes to what IAM knows. Each may only name
//! what the catalog holds, in AWS's spelling, and must stay sorted, so that a diff shows what
//! changed and a row cannot stand there twice.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::iamdata::Catalog;

pub fn check(catalog: &Catalog, data: &Path) -> Result<()> {
    let read = |name| super::read(&data.join(name));
    let sources = read("event-sources.tsv")?;
    let labels = event_sources(catalog, &sources).context("event-sources.tsv")?;
    let actions = read("event-actions.tsv")?;
    event_actions(catalog, &labels, &actions).context("event-actions.tsv")
}

/// Returns the labels.
fn event_sources<'a>(catalog: &Catalog, table: &'a str) -> Result<Vec<&'a str>> {
    let mut labels = Vec::new();
    for [label, prefixes] in rows(table)? {
        ensure!(label == label.to_ascii_lowercase(), "`{label}`: write labels in lower case");
        ensure!(prefixes != label, "`{label}` says nothing: drop the row, the label is looked up as a prefix");
        for prefix in prefixes.split(' ') {
            let known = catalog.services.contains_key(prefix);
            ensure!(known, "`{label}`: no service has the prefix `{prefix}`");
        }
        labels.push(label);
    }
    Ok(labels)
}

fn event_actions(catalog: &Catalog, labels: &[&str], table: &str) -> Result<()> {
    for [label, event, actions] in rows(table)? {
        let known = labels.contains(&label) || catalog.services.contains_key(label);
        // A service whose calls need no permission has no prefix either.
        ensure!(
            known || actions.is_empty(),
            "`{label} {event}`: `{label}` is neither a service prefix nor in event-sources.tsv"
        );
        ensure!(
            actions != format!("{label}:{event}"),
            "`{label} {event}` says nothing: drop the row, the action of that name is found anyway"
        );
        for action in actions.split(' ').filter(|action| !action.is_empty()) {
            let found = action.split_once(':').and_then(|(p, n)| catalog.action(p, n));
            ensure!(found.is_some(), "`{label} {event}`: no action is spelled `{action}`");
        }
    }
    Ok(())
}

/// The rows without comments; every row has exactly `N` columns and stands after the one before.
pub fn rows<const N: usize>(table: &str) -> Result<Vec<[&str; N]>> {
    ensure!(table.starts_with("# "), "the first line is not a comment that names the columns");
    let mut rows: Vec<[&str; N]> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<_> = line.split('\t').collect();
        let row: Option<[&str; N]> = cells.try_into().ok();
        let row = row.with_context(|| format!("`{line}` has not {N} columns"))?;
        ensure!(
            rows.last().is_none_or(|last| question(last) < question(&row)),
            "`{line}` stands there twice or out of order: keep the rows sorted"
        );
        rows.push(row);
    }
    Ok(rows)
}

/// The last column is the answer to those before it, and each is asked once.
fn question<'a, 'text>(row: &'a [&'text str]) -> &'a [&'text str] {
    row.split_last().map_or(&[], |(_, question)| question)
}

#[cfg(test)]
mod tests {
    use super::super::iamdata::Service;
    use super::*;
    use serde_json::json;

    fn catalog() -> Catalog {
        let actions = json!({
            "invokefunction": {"name": "InvokeFunction", "accessLevel": "Write", "resourceTypes": []},
            "listtags": {"name": "ListTags", "accessLevel": "Read", "resourceTypes": []}
        });
        let lambda = Service::from_json("AWS Lambda", &actions, &json!({})).unwrap();
        Catalog { date: jiff::civil::date(2026, 10, 27), services: [("lambda".to_owned(), lambda)].into() }
    }

    #[track_caller]
    fn sources(rows: &str, expected: Option<&str>) {
        let table = format!("# columns\n{rows}");
        compare(event_sources(&catalog(), &table).map(drop), expected);
    }

    #[track_caller]
    fn actions(rows: &str, expected: Option<&str>) {
        let table = format!("# columns\n{rows}");
        compare(event_actions(&catalog(), &["edge"], &table), expected);
    }

    #[track_caller]
    fn compare(result: Result<()>, expected: Option<&str>) {
        match (result, expected) {
            (Ok(()), None) => {}
            (Err(error), Some(part)) if error.to_string().contains(part) => {}
            (result, _) => panic!("{result:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn an_event_source_names_known_services_and_something_new() {
        sources("# why\nedge\tlambda\n", None);
        sources("edge\tlambda lamda\n", Some("no service has the prefix `lamda`"));
        sources("edge\t\n", Some("no service has the prefix ``"));
        sources("lambda\tlambda\n", Some("says nothing"));
        sources("Edge\tlambda\n", Some("lower case"));
        sources("edge\tlambda\nedge\tlambda\n", Some("twice"));
        sources("edge lambda\n", Some("has not 2 columns"));
    }

    #[test]
    fn an_event_names_actions_that_exist_as_aws_spells_them() {
        actions("lambda\tInvoke\tlambda:InvokeFunction\n", None);
        actions("lambda\tPing\t\n", None);
        actions("edge\tRun\tlambda:InvokeFunction lambda:ListTags\n", None);
        actions("lambda\tInvoke\tlambda:invokeFunction\n", Some("no action is spelled"));
        actions("lambda\tInvoke\tInvokeFunction\n", Some("no action is spelled"));
        actions("lambda\tListTags\tlambda:ListTags\n", Some("says nothing"));
        actions("other\tPing\tlambda:ListTags\n", Some("neither a service prefix"));
        actions("other\tPing\t\n", None);
        actions("lambda\tB\t\nlambda\tA\t\n", Some("out of order"));
        actions("lambda\tA\t\nlambda\tA\tlambda:ListTags\n", Some("twice"));
    }
}
