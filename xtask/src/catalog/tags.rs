//! Calls that tag what they create: they need the tagging action too, but only when tags are in the
//! request.

use std::collections::BTreeSet;

use super::iamdata::{Catalog, Level};
use super::lookup::Mapped;

/// Rows of `tag-actions.tsv`: prefix, event, when, how, action.
pub fn tag_actions(mapped: &[Mapped<'_>], catalog: &Catalog) -> BTreeSet<[String; 5]> {
    let mut rows = BTreeSet::new();
    for call in mapped.iter().filter(|call| call.action.level != Level::Tagging) {
        for dependent in &call.action.dependents {
            let Some((prefix, name)) = dependent.split_once(':') else { continue };
            // What other services' tags a call sets is not in its own request.
            let is_tagging = catalog.action(prefix, name).is_some_and(|action| action.level == Level::Tagging);
            if prefix != call.prefix || !is_tagging || name.starts_with("Un") {
                continue;
            }
            for path in tag_members(call) {
                let when = format!("has:{path}");
                rows.insert([prefix.to_owned(), call.event.to_owned(), when, "add".to_owned(), dependent.clone()]);
            }
        }
    }
    rows
}

fn tag_members(call: &Mapped<'_>) -> Vec<String> {
    let members = call.model.input(call.operation, 0);
    let named = members.iter().map(|member| member.path.trim_end_matches("[]"));
    let tags = named.filter(|name| {
        let name = name.to_ascii_lowercase();
        matches!(&*name, "tags" | "taglist" | "tagset" | "tagging" | "tagspecifications" | "tagspecification")
    });
    // EC2 is logged in two dialects.
    tags.flat_map(|name| match name {
        "tagSpecifications" if call.model.is_ec2 => {
            vec!["tagSpecification".to_owned(), "tagSpecificationSet".to_owned()]
        }
        _ => vec![name.to_owned()],
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, catalog, model};
    use super::*;

    #[test]
    fn a_call_that_tags_what_it_makes_needs_the_tagging_action() {
        let (catalog, model) = (catalog(), model());
        let mapped = [call(&catalog, &model, "CreateQueue"), call(&catalog, &model, "SendMessage")];
        let rows = tag_actions(&mapped, &catalog);
        let expected = ["q", "CreateQueue", "has:tags", "add", "q:TagQueue"].map(str::to_owned);
        assert_eq!(rows, BTreeSet::from([expected]));
    }
}
