//! `cargo xtask catalog DIR`: unpacked registry packages in, the text tables under
//! `src/catalog/data` out. Nothing is written unless every check holds, so a source that changed
//! its shape or lost rows cannot quietly shrink the catalog. Two tables there are made by hand;
//! they are only checked. `src/catalog/SOURCES.md` says where everything comes from.

mod floors;
mod handmade;
mod iamdata;
mod table;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use iamdata::Catalog;

#[derive(clap::Args)]
pub struct Args {
    /// Folder that xtask/fetch-catalog.sh filled
    dir: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let data = data_folder()?;
    let catalog = Catalog::read(&args.dir)?;
    floors::check(&catalog)?;
    handmade::check(&catalog, &data)?;
    for (name, text) in table::all(&catalog)? {
        let path = data.join(name);
        let rows = text.lines().skip(1).count();
        std::fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        println!("{name}: {rows} rows");
    }
    Ok(())
}

/// The committed data, wherever the command was started.
fn data_folder() -> Result<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(workspace.context("the xtask package has no parent folder")?.join("src/catalog/data"))
}

/// A file as text, or what to do about it.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        format!("cannot read `{}`: run xtask/fetch-catalog.sh for the source data, or restore the file", path.display())
    })
}
