//! What all tests of the generator need: a small archive in a folder of its own, and its records.

mod bytes;
mod content;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::file::Totals;
use super::generate;
use super::plan::{Plan, Preset};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("generate-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    /// The bytes of every file by its path below the folder.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, files);
                } else {
                    files.insert(path.strip_prefix(root).unwrap().into(), fs::read(&path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(&self.0, &self.0, &mut files);
        assert!(!files.is_empty());
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn sample(name: &str, plan: &Plan) -> (Folder, Totals) {
    let folder = Folder::new(name);
    let totals = generate(plan, &folder.0).unwrap();
    (folder, totals)
}

fn small() -> Plan {
    Plan::new(Preset::Small, 7, 0.02)
}

fn inflate(bytes: &[u8]) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn records(folder: &Folder) -> Vec<Value> {
    let of_file = |bytes: &Vec<u8>| {
        let mut file: Value = serde_json::from_str(&inflate(bytes)).unwrap();
        serde_json::from_value::<Vec<Value>>(file["Records"].take()).unwrap()
    };
    folder.files().values().flat_map(of_file).collect()
}
