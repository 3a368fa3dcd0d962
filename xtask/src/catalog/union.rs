//! Several sources into one catalog: actions that AWS has retired since stay and are marked, so that
//! old archives still map; what the newest snapshot no longer says of an action comes from the one
//! before; access levels that contradict AWS's own words are replaced by hand.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use super::handmade::rows;
use super::iamdata::{Action, Catalog, Level, Service};

/// Adds what only the older snapshot knows: retired services, actions and types, and all dependent actions.
pub fn add_older(catalog: &mut Catalog, older: Catalog) {
    for (prefix, before) in older.services {
        match catalog.services.get_mut(&prefix) {
            Some(now) => add_service(now, before),
            None => {
                catalog.services.insert(prefix, retire(before));
            }
        }
    }
    drop_unknown_dependents(catalog);
}

fn retire(mut service: Service) -> Service {
    service.retired = true;
    for action in service.actions.values_mut() {
        action.retired = true;
    }
    service
}

fn add_service(now: &mut Service, before: Service) {
    let mut types = BTreeMap::new();
    for (name, mut action) in before.actions {
        let known = now.find(&name).map(|(name, _)| name.to_owned());
        if let Some(known) = known.and_then(|name| now.actions.get_mut(&name)) {
            known.dependents.append(&mut action.dependents);
            continue;
        }
        action.retired = true;
        types.extend(action.resource_types.keys().cloned().map(|name| (name, ())));
        now.actions.insert(name, action);
    }
    for (name, patterns) in before.resource_types {
        // Only types that a retired action still takes.
        let twin = now.resource_types.keys().any(|known| known.eq_ignore_ascii_case(&name));
        if types.contains_key(&name) && !twin {
            now.resource_types.insert(name, patterns);
        }
    }
    // A type that was renamed in nothing but its case keeps the spelling of today.
    let names: Vec<_> = now.resource_types.keys().cloned().collect();
    for action in now.actions.values_mut().filter(|action| action.retired) {
        let types = std::mem::take(&mut action.resource_types);
        action.resource_types = types
            .into_iter()
            .filter_map(|(name, required)| {
                let known = names.iter().find(|known| known.eq_ignore_ascii_case(&name))?;
                Some((known.clone(), required))
            })
            .collect();
        action.keys.retain(|name, _| name.is_empty() || action.resource_types.contains_key(name));
    }
}

/// Dependents are written by hand in the reference; one that names no action would be none in a policy either.
fn drop_unknown_dependents(catalog: &mut Catalog) {
    let spelled: BTreeMap<String, String> = catalog
        .services
        .iter()
        .flat_map(|(prefix, service)| service.actions.keys().map(move |name| format!("{prefix}:{name}")))
        .map(|action| (action.to_ascii_lowercase(), action))
        .collect();
    for service in catalog.services.values_mut() {
        for action in service.actions.values_mut() {
            let listed = std::mem::take(&mut action.dependents);
            action.dependents =
                listed.iter().filter_map(|name| spelled.get(&name.to_ascii_lowercase()).cloned()).collect();
        }
    }
}

/// Adds the retired actions that were collected by hand.
pub fn add_retired(catalog: &mut Catalog, table: &str) -> Result<()> {
    for [prefix, action, said] in rows(table)? {
        if action.is_empty() {
            ensure!(!catalog.services.contains_key(prefix), "`{prefix}` is no service that was retired");
            let (name, retired) = (said.to_owned(), true);
            let (actions, resource_types, type_keys) = Default::default();
            catalog.services.insert(prefix.to_owned(), Service { name, actions, resource_types, type_keys, retired });
            continue;
        }
        let service = catalog.services.get_mut(prefix);
        let service = service.with_context(|| format!("`{prefix}`: name the service first"))?;
        ensure!(service.find(action).is_none(), "`{prefix}:{action}` is in the reference: drop the row");
        let level = Level::parse(said)?;
        service.actions.insert(action.to_owned(), Action { retired: true, ..Action::bare(level) });
    }
    Ok(())
}

/// Replaces access levels; every row says why.
pub fn override_levels(catalog: &mut Catalog, table: &str) -> Result<()> {
    for [prefix, name, level, reason] in rows(table)? {
        ensure!(!reason.is_empty(), "`{prefix}:{name}`: say why");
        let action = catalog.services.get_mut(prefix).and_then(|service| service.actions.get_mut(name));
        let action = action.with_context(|| format!("no action is spelled `{prefix}:{name}`"))?;
        let level = Level::parse(level)?;
        ensure!(action.level != level, "`{prefix}:{name}` has this level anyway: drop the row");
        action.level = level;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn catalog(actions: &[(&str, &str, &[&str])]) -> Catalog {
        let actions: serde_json::Map<_, _> = actions
            .iter()
            .map(|(name, kind, dependents)| {
                let types = json!([{"name": kind, "required": true, "dependentActions": dependents}]);
                let action = json!({"name": name, "accessLevel": "Write", "resourceTypes": types});
                (name.to_ascii_lowercase(), action)
            })
            .collect();
        let kinds =
            json!({"bot": {"key": "bot", "arn": "arn:a:b:c:d:e"}, "old": {"key": "old", "arn": "arn:a:b:c:d:f"}});
        let service = Service::from_json("Lex", &actions.into(), &kinds).unwrap();
        Catalog { date: jiff::civil::date(2026, 10, 27), services: [("lex".to_owned(), service)].into() }
    }

    #[test]
    fn what_was_retired_stays_and_is_marked() {
        let mut now = catalog(&[("Run", "bot", &[])]);
        add_older(&mut now, catalog(&[("Run", "bot", &["lex:stop", "lex:Gone"]), ("Stop", "old", &[])]));
        let lex = &now.services["lex"];
        assert!(!lex.actions["Run"].retired && lex.actions["Stop"].retired && !lex.retired);
        assert!(lex.actions["Stop"].resource_types["old"]);
        assert_eq!(lex.actions["Run"].dependents.iter().collect::<Vec<_>>(), ["lex:Stop"]);
        let mut empty = Catalog { date: now.date, services: BTreeMap::new() };
        add_older(&mut empty, catalog(&[("Run", "bot", &[])]));
        assert!(empty.services["lex"].retired && empty.services["lex"].actions["Run"].retired);
    }

    #[test]
    fn tables_made_by_hand_say_something_new() {
        let mut now = catalog(&[("Run", "bot", &[])]);
        add_retired(&mut now, "# c\nlex\tStop\tRead\nold\t\tOld service\nold\tRun\tWrite\n").unwrap();
        assert!(now.services["old"].retired && now.services["lex"].actions["Stop"].retired);
        assert!(add_retired(&mut now, "# c\nlex\tRun\tRead\n").is_err());
        assert!(add_retired(&mut now, "# c\nlex\t\tLex\n").is_err());
        assert!(override_levels(&mut now, "# c\nlex\tRun\tWrite\tit is\n").is_err());
        assert!(override_levels(&mut now, "# c\nlex\tRun\tTagging\t\n").is_err());
        override_levels(&mut now, "# c\nlex\tRun\tTagging\tit tags\n").unwrap();
        assert_eq!(now.services["lex"].actions["Run"].level, Level::Tagging);
    }
}
