//! Values to text: TAB separated, LF, sorted by bytes, one first line that names the columns and
//! the day the data was read. The same input gives the same bytes.

use std::collections::BTreeSet;
use std::fmt::Write;

use anyhow::{Result, ensure};

use super::iamdata::{Action, Catalog};

/// File names and contents of what is told of services, actions and resource types.
pub fn all(catalog: &Catalog) -> Result<[(&'static str, String); 5]> {
    let mut services = Table::new(catalog, "prefix, service name, `retired` if AWS's reference no longer has it")?;
    let mut actions = Table::new(
        catalog,
        "prefix, action, access level, space separated resource types (* is required; empty takes no resource), \
         `retired` if AWS's reference no longer has it",
    )?;
    let mut types = Table::new(catalog, "prefix, resource type, ARN pattern (one row for each form of the ARN)")?;
    let mut keys = Table::new(
        catalog,
        "prefix, action (empty: whatever the action), resource type (empty: whatever the type), condition keys",
    )?;
    let mut dependents = Table::new(catalog, "prefix, action, actions that a call of it may need besides")?;
    for (prefix, service) in &catalog.services {
        services.row([prefix, &service.name, mark(service.retired)])?;
        for (kind, listed) in &service.type_keys {
            keys.row([prefix, "", kind, &list(listed)])?;
        }
        for (name, action) in &service.actions {
            let level = action.level.to_string();
            actions.row([prefix, name, &level, &resource_types(action), mark(action.retired)])?;
            for (kind, listed) in &action.keys {
                keys.row([prefix, name, kind, &list(listed)])?;
            }
            if !action.dependents.is_empty() {
                dependents.row([prefix, name, &list(&action.dependents)])?;
            }
        }
        for (name, patterns) in &service.resource_types {
            for pattern in patterns {
                types.row([prefix, name, pattern])?;
            }
        }
    }
    Ok([
        ("services.tsv", services.text),
        ("actions.tsv", actions.text),
        ("resource-types.tsv", types.text),
        ("condition-keys.tsv", keys.text),
        ("dependent-actions.tsv", dependents.text),
    ])
}

/// A table of rows that were put together elsewhere.
pub fn of_rows<'a, const N: usize>(
    catalog: &Catalog,
    columns: &str,
    rows: impl IntoIterator<Item = &'a [String; N]>,
) -> Result<String> {
    let mut table = Table::new(catalog, columns)?;
    for row in rows {
        table.row(row.each_ref().map(String::as_str))?;
    }
    Ok(table.text)
}

fn mark(retired: bool) -> &'static str {
    if retired { "retired" } else { "" }
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn resource_types(action: &Action) -> String {
    let marked = action.resource_types.iter().map(|(name, required)| {
        let mark = if *required { "*" } else { "" };
        format!("{name}{mark}")
    });
    marked.collect::<Vec<_>>().join(" ")
}

struct Table {
    text: String,
    last: Vec<String>,
}

impl Table {
    fn new(catalog: &Catalog, columns: &str) -> Result<Self> {
        let mut text = String::new();
        writeln!(text, "# data of {}; columns: {columns}", catalog.date)?;
        Ok(Self { text, last: Vec::new() })
    }

    fn row<const N: usize>(&mut self, cells: [&str; N]) -> Result<()> {
        for cell in cells {
            let clean = !cell.contains(['\t', '\n', '\r']) && cell.trim() == cell;
            ensure!(clean, "{cells:?} has white space that would break the table");
        }
        let sorted = self.last.iter().map(String::as_str).lt(cells);
        ensure!(sorted, "{cells:?} stands there twice or out of order");
        self.last = cells.map(str::to_owned).into();
        writeln!(self.text, "{}", cells.join("\t"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::iamdata::Service;
    use super::*;
    use serde_json::json;

    fn catalog(service_name: &str) -> Catalog {
        let actions = json!({
            "putobject": {"name": "PutObject", "accessLevel": "Write", "conditionKeys": ["s3:b", "s3:a"], "resourceTypes": [
                {"name": "object", "required": true, "conditionKeys": ["aws:c"], "dependentActions": ["kms:Decrypt"]},
                {"name": "accesspointobject", "required": false}
            ]},
            "listallmybuckets": {"name": "ListAllMyBuckets", "accessLevel": "List", "resourceTypes": []}
        });
        let types = json!({
            "object": {"key": "object", "arn": "arn:${Partition}:s3:::${B}/${O}", "conditionKeys": ["s3:d"]},
            "accesspointobject": {"key": "accesspointobject", "arn": "arn:a:s3:r:1:b, arn:a:s3:r:1:a"}
        });
        let service = Service::from_json(service_name, &actions, &types).unwrap();
        Catalog { date: jiff::civil::date(2026, 10, 27), services: [("s3".to_owned(), service)].into() }
    }

    fn body(text: &str) -> Vec<&str> {
        text.lines().skip(1).collect()
    }

    #[test]
    fn the_tables_are_sorted_and_name_their_columns() {
        let [services, actions, types, keys, dependents] = all(&catalog("Amazon S3")).unwrap().map(|(_, text)| text);
        assert!(services.starts_with("# data of 2026-10-27; columns: prefix, service name"));
        assert_eq!(body(&services), ["s3\tAmazon S3\t"]);
        assert_eq!(
            body(&actions),
            ["s3\tListAllMyBuckets\tList\t\t", "s3\tPutObject\tWrite\taccesspointobject object*\t"]
        );
        assert_eq!(
            body(&types),
            [
                "s3\taccesspointobject\tarn:a:s3:r:1:a",
                "s3\taccesspointobject\tarn:a:s3:r:1:b",
                "s3\tobject\tarn:${Partition}:s3:::${B}/${O}"
            ]
        );
        assert_eq!(body(&keys), ["s3\t\tobject\ts3:d", "s3\tPutObject\t\ts3:a s3:b", "s3\tPutObject\tobject\taws:c"]);
        assert_eq!(body(&dependents), ["s3\tPutObject\tkms:Decrypt"]);
    }

    #[test]
    fn a_cell_that_would_break_the_table_is_refused() {
        assert!(all(&catalog("Amazon\tS3")).is_err());
        assert!(all(&catalog("Amazon S3\n")).is_err());
        assert!(all(&catalog("Amazon S3 ")).is_err());
    }
}
