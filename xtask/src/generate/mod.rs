//! Writes CloudTrail archives that look real: a preset, a scale and a seed in; a folder with gzip files
//! under CloudTrail's keys out. The same arguments give the same bytes, whatever the number of threads.
//!
//! `plan` says which files there are, `world` who works in the accounts, `calls` and `faults` what they
//! call and how it fails; `record` and `file` write it down.

mod calls;
mod dice;
mod faults;
mod file;
mod fill;
mod origin;
mod plan;
mod principal;
mod record;
mod respell;
mod roster;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod words;
mod world;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use rayon::prelude::*;

use file::{Buffers, Totals};
use plan::{Plan, Preset};
use world::World;

#[derive(clap::Args)]
pub struct Args {
    /// The shape of the archive
    #[arg(long, value_enum)]
    preset: Preset,
    /// Where to write it; must be empty or not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Another number gives another archive
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Multiplies the number of files (of records, for `huge`)
    #[arg(long, value_name = "F", default_value_t = 1.0)]
    scale: f64,
}

pub fn run(args: &Args) -> Result<()> {
    ensure!(args.scale.is_finite() && args.scale > 0.0, "`--scale {}` is not a positive number", args.scale);
    require_empty(&args.out)?;
    let totals = generate(&Plan::new(args.preset, args.seed, args.scale), &args.out)?;
    eprintln!("files       {:>14}", totals.files);
    eprintln!("records     {:>14}", totals.records);
    eprintln!("compressed  {:>14} bytes", totals.compressed);
    eprintln!("inflated    {:>14} bytes", totals.inflated);
    eprintln!("denied      {:>14}", totals.denied);
    eprintln!("duplicates  {:>14}", totals.duplicates);
    Ok(())
}

/// Files left from another run would make the numbers wrong without anybody noticing.
fn require_empty(out: &Path) -> Result<()> {
    match fs::read_dir(out) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", out.display())),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => bail!("`{}` is not empty: name a new folder", out.display()),
        },
    }
}

fn generate(plan: &Plan, out: &Path) -> Result<Totals> {
    let world = World::new(plan.seed)?;
    (0..plan.files)
        .into_par_iter()
        .map_init(Buffers::default, |buffers, number| one_file(&world, plan, number, out, buffers))
        .try_reduce(Totals::default, |left, right| Ok(left.plus(right)))
}

fn one_file(world: &World, plan: &Plan, number: u64, out: &Path, buffers: &mut Buffers) -> Result<Totals> {
    let file = plan.file(number);
    let folder = out.join(file.folder());
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let path = folder.join(file.file_name());
    let written = fs::File::create_new(&path).and_then(|target| file::write(world, plan, number, &target, buffers));
    written.with_context(|| format!("cannot write `{}`", path.display()))
}
