//! Maintainer commands: `cargo xtask catalog DIR` rebuilds the committed catalog data, `cargo xtask
//! generate --preset NAME --out DIR` writes realistic archives for benchmarks.

mod catalog;
mod generate;

use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Maintainer commands of trailwright")]
enum Task {
    /// Rebuild the data under src/catalog/data from unpacked registry packages
    Catalog(catalog::Args),
    /// Write a deterministic, realistic CloudTrail archive
    Generate(generate::Args),
}

fn main() -> anyhow::Result<()> {
    match Task::parse() {
        Task::Catalog(args) => catalog::run(&args),
        Task::Generate(args) => generate::run(&args),
    }
}
