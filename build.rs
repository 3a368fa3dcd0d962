//! Packs the tables under `src/catalog/data` for the binary: they are three megabytes of text that
//! repeats itself. The text stays the only source; nothing that is packed can be older than it.
//!
//! What is told of one service, or of one event source, makes a group: its rows of every table,
//! without the first column that says so. Neighbouring groups share a block of deflate, so that a
//! block is inflated in a fraction of a millisecond and only when somebody asks for one of its groups.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// The tables of a group, in the order in which they are packed.
const TABLES: &[&str] = &[
    "actions",
    "resource-types",
    "condition-keys",
    "dependent-actions",
    "event-actions",
    "verbs",
    "methods",
    "conditional-actions",
    "tag-actions",
    "pass-role",
    "parameters",
    "shared-sources",
    "policy-patterns",
    "data-events",
    "without-operation",
];

/// Stands between the tables of a group; in no text.
const SEPARATOR: char = '\x1f';

/// A block is closed when it holds as much text as this. Larger ones pack better and take longer to open.
const BLOCK: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    list_rules()?;
    list_runbooks()?;
    let data = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("src/catalog/data");
    println!("cargo::rerun-if-changed={}", data.display());
    println!("cargo::rerun-if-changed=build.rs");
    let read = |name: &str| fs::read_to_string(data.join(format!("{name}.tsv")));

    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, table) in TABLES.iter().enumerate() {
        for line in rows(&read(table)?) {
            let (name, rest) = line.split_once('\t').ok_or_else(|| format!("{table}: one column in `{line}`"))?;
            let group = groups.entry(name.to_owned()).or_insert_with(|| vec![String::new(); TABLES.len()]);
            if let Some(text) = group.get_mut(at) {
                text.push_str(rest);
                text.push('\n');
            }
        }
    }

    let actions = read("actions")?;
    let mut index = String::new();
    writeln!(index, "{}", actions.lines().next().unwrap_or_default())?;
    let mut blocks = Vec::new();
    let mut open = String::new();
    for (name, tables) in &groups {
        let start = open.len();
        open.push_str(&tables.join(&SEPARATOR.to_string()));
        writeln!(index, "{name}\t{}\t{start}\t{}", blocks.len(), open.len() - start)?;
        if open.len() >= BLOCK {
            blocks.push(std::mem::take(&mut open));
        }
    }
    blocks.push(open);
    // The index comes last and holds what has to be known before any group is.
    for table in ["services", "event-sources"] {
        write!(index, "{SEPARATOR}")?;
        for line in rows(&read(table)?) {
            writeln!(index, "{line}")?;
        }
    }
    blocks.push(index);
    write_blocks(&blocks)
}

fn rows(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// One file with all blocks and one with where each begins and ends in it.
fn write_blocks(blocks: &[String]) -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut packed = Vec::new();
    let mut places = format!("[(usize, usize, usize); {}] = [", blocks.len());
    for block in blocks {
        let start = packed.len();
        let mut encoder = DeflateEncoder::new(&mut packed, Compression::best());
        encoder.write_all(block.as_bytes())?;
        encoder.finish()?;
        write!(places, "({start}, {}, {}),", packed.len(), block.len())?;
    }
    places.push(']');
    fs::write(out.join("catalog.deflate"), packed)?;
    fs::write(
        out.join("catalog.rs"),
        format!("/// Where each block begins and ends, and how long its text is.\nstatic PLACES: {places};\n"),
    )?;
    Ok(())
}

/// Writes a list of the rules under `src/detect/rules`, folder by folder, for the program to include.
fn list_rules() -> Result<(), Box<dyn Error>> {
    let rules = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("src/detect/rules");
    println!("cargo::rerun-if-changed={}", rules.display());
    let mut list = String::from("&[\n");
    for folder in sorted(&rules)?.into_iter().filter(|path| path.is_dir()) {
        println!("cargo::rerun-if-changed={}", folder.display());
        writeln!(list, "({:?}, &[", name_of(&folder)?)?;
        for file in sorted(&folder)? {
            writeln!(list, "({:?}, include_str!({:?})),", name_of(&file)?, file)?;
        }
        list.push_str("]),\n");
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("rules.rs"), list)?;
    Ok(())
}

/// Writes a list of the runbooks under `src/runbook/shipped` for the program to include.
fn list_runbooks() -> Result<(), Box<dyn Error>> {
    let runbooks = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("src/runbook/shipped");
    println!("cargo::rerun-if-changed={}", runbooks.display());
    let mut list = String::from("&[\n");
    for file in sorted(&runbooks)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")) {
        writeln!(list, "({:?}, include_str!({:?})),", name_of(&file)?, file)?;
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("runbooks.rs"), list)?;
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut inside =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    inside.sort();
    Ok(inside)
}

fn name_of(path: &Path) -> Result<String, Box<dyn Error>> {
    Ok(path.file_name().and_then(|name| name.to_str()).ok_or("the name of a file is no text")?.to_owned())
}
