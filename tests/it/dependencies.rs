//! What this crate is made of: licences that allow it to be handed on, nothing that talks to a network,
//! nothing that needs a newer compiler than the crate says.

use std::collections::BTreeSet;
use std::process::Output;
use std::sync::LazyLock;

use serde_json::Value;

const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

const BANNED: &[&str] =
    &["curl", "hyper", "mio", "native-tls", "openssl", "openssl-sys", "reqwest", "rustls", "socket2", "tokio", "ureq"];

/// `cargo metadata`: from what is on this machine if possible.
static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let mut output = cargo_metadata(&["--offline"]);
    if !output.status.success() {
        output = cargo_metadata(&[]);
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

#[expect(clippy::disallowed_types, reason = "cargo itself knows best what this crate depends on")]
fn cargo_metadata(more: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn packages() -> &'static [Value] {
    let packages = METADATA["packages"].as_array().unwrap();
    assert!(packages.len() > 50, "only {} packages", packages.len());
    packages
}

fn named(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// Whether a licence expression leaves a choice that is allowed.
fn is_allowed(expression: &str) -> bool {
    // Older crates write `MIT/Apache-2.0`.
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = expression.split_whitespace().peekable();
    let allowed = any_of(&mut words);
    allowed && words.next().is_none()
}

type Words<'a, 'b> = &'b mut std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: Words<'_, '_>) -> bool {
    let mut allowed = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all_of(words);
    }
    allowed
}

fn all_of(words: Words<'_, '_>) -> bool {
    let mut allowed = one(words);
    while words.next_if_eq(&"AND").is_some() {
        allowed &= one(words);
    }
    allowed
}

fn one(words: Words<'_, '_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let allowed = any_of(words);
        return words.next() == Some(")") && allowed;
    }
    let mut licence = words.next().unwrap_or_default().to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next().unwrap_or_default());
    }
    ALLOWED.contains(&licence.as_str())
}

/// Compiler versions compare by their numbers.
fn version(text: &str) -> Vec<u32> {
    text.split('.').map(|number| number.parse().unwrap()).chain([0, 0]).take(3).collect()
}

#[test]
fn a_licence_expression_is_weighed() {
    #[track_caller]
    fn check(expression: &str, expected: bool) {
        assert_eq!(is_allowed(expression), expected, "{expression}");
    }
    check("MIT", true);
    check("GPL-3.0", false);
    check("MIT OR GPL-3.0", true);
    check("GPL-3.0/MIT", true);
    check("MIT AND GPL-3.0", false);
    check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
    check("(MIT OR GPL-2.0) AND (GPL-3.0 OR AGPL-3.0)", false);
    check("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", true);
    check("GPL-2.0 WITH LLVM-exception", false);
    check("", false);
}

#[test]
fn every_licence_is_allowed() {
    let here = METADATA["workspace_members"].as_array().unwrap();
    let wrong: Vec<String> = packages()
        .iter()
        .filter(|package| !here.contains(&package["id"]) || package["license"].is_string())
        .map(|package| (named(package), package["license"].as_str().unwrap_or("none given")))
        .filter(|(_, licence)| !is_allowed(licence))
        .map(|(name, licence)| format!("{name}: {licence}"))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nothing_talks_to_a_network() {
    let banned = |name: &&str| BANNED.contains(name) || name.starts_with("aws-sdk-");
    let found: BTreeSet<&str> = packages().iter().map(named).filter(banned).collect();
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn no_dependency_needs_a_newer_compiler() {
    let own = packages().iter().find(|package| named(package) == "trailwright").unwrap();
    let ours = version(own["rust_version"].as_str().unwrap());
    let nodes = METADATA["resolve"]["nodes"].as_array().unwrap();
    let node = |id: &Value| nodes.iter().find(|node| node["id"] == *id).unwrap();
    // What the program is built from: normal and build dependencies, and theirs.
    let (mut open, mut seen) = (vec![&own["id"]], BTreeSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id.as_str().unwrap()) {
            let dependencies = node(id)["deps"].as_array().unwrap().iter();
            let kinds = |d: &Value| d["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] != "dev");
            open.extend(dependencies.filter(|d| kinds(d)).map(|d| &d["pkg"]));
        }
    }
    assert!(seen.len() > 30, "only {} dependencies", seen.len());
    let newer: Vec<String> = packages()
        .iter()
        .filter(|package| seen.contains(package["id"].as_str().unwrap()))
        .filter_map(|package| Some((named(package), package["rust_version"].as_str()?)))
        .filter(|(_, theirs)| version(theirs) > ours)
        .map(|(name, theirs)| format!("{name} needs {theirs}"))
        .collect();
    assert_eq!(newer, Vec::<String>::new());
}
