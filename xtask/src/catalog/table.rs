//! Values to text: TAB separated, LF, sorted by bytes, one first line that names the columns and
//! the day the data was read. The same input gives the same bytes.

use std::fmt::Write;

use anyhow::{Result, ensure};

use super::iamdata::{Action, Catalog};

/// File names and contents.
pub fn all(catalog: &Catalog) -> Result<[(&'static str, String); 3]> {
    let mut services = Table::new(catalog, "prefix, service name")?;
    let mut actions = Table::new(
        catalog,
        "prefix, action, access level, space separated resource types (* is required; empty takes no resource)",
    )?;
    let mut types = Table::new(catalog, "prefix, resource type, ARN pattern (one row for each form of the ARN)")?;
    for (prefix, service) in &catalog.services {
        services.row([prefix, &service.name])?;
        for (name, action) in &service.actions {
            let level = action.level.to_string();
            actions.row([prefix, name, &level, &resource_types(action)])?;
        }
        for (name, patterns) in &service.resource_types {
            for pattern in patterns {
                types.row([prefix, name, pattern])?;
            }
        }
    }
    Ok([("services.tsv", services.text), ("actions.tsv", actions.text), ("resource-types.tsv", types.text)])
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
            "putobject": {"name": "PutObject", "accessLevel": "Write", "resourceTypes": [
                {"name": "object", "required": true}, {"name": "accesspointobject", "required": false}
            ]},
            "listallmybuckets": {"name": "ListAllMyBuckets", "accessLevel": "List", "resourceTypes": []}
        });
        let types = json!({
            "object": {"key": "object", "arn": "arn:${Partition}:s3:::${B}/${O}"},
            "accesspointobject": {"key": "accesspointobject", "arn": "arn:a:s3:r:1:b, arn:a:s3:r:1:a"}
        });
        let service = Service::from_json(service_name, &actions, &types).unwrap();
        Catalog { date: jiff::civil::date(2026, 10, 27), services: [("s3".to_owned(), service)].into() }
    }

    #[test]
    fn the_tables_are_sorted_and_name_their_columns() {
        let [services, actions, types] = all(&catalog("Amazon S3")).unwrap().map(|(_, text)| text);
        assert_eq!(services, "# data of 2026-10-27; columns: prefix, service name\ns3\tAmazon S3\n");
        assert_eq!(
            actions.lines().skip(1).collect::<Vec<_>>(),
            ["s3\tListAllMyBuckets\tList\t", "s3\tPutObject\tWrite\taccesspointobject object*"]
        );
        assert_eq!(
            types.lines().skip(1).collect::<Vec<_>>(),
            [
                "s3\taccesspointobject\tarn:a:s3:r:1:a",
                "s3\taccesspointobject\tarn:a:s3:r:1:b",
                "s3\tobject\tarn:${Partition}:s3:::${B}/${O}"
            ]
        );
    }

    #[test]
    fn a_cell_that_would_break_the_table_is_refused() {
        assert!(all(&catalog("Amazon\tS3")).is_err());
        assert!(all(&catalog("Amazon S3\n")).is_err());
        assert!(all(&catalog("Amazon S3 ")).is_err());
    }
}
