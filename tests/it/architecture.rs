//! Imports point down the pipeline.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{files_below, root};

/// From the bottom up.
const ORDER: &[&str] = &[
    "intern",
    "iam",
    "catalog",
    "archive",
    "decode",
    "event",
    "classify",
    "condition",
    "detect",
    "replay",
    "ledger",
    "watch",
    "search",
    "aggregate",
    "correlate",
    "scan",
    "recommend",
    "audit",
    "report",
    "runbook",
    "cli",
    "commands",
];

/// The modules named as `crate::<module>`, in code or in links of doc comments, also inside
/// `crate::{a::…, b::…}`.
fn modules_used(source: &str) -> BTreeSet<&str> {
    source.split("crate::").skip(1).flat_map(first_names).collect()
}

/// The first name of each path that follows `crate::`: one, or those of a list in braces.
fn first_names(after: &str) -> Vec<&str> {
    let Some(list) = after.strip_prefix('{') else { return leading_name(after).into_iter().collect() };
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b',' | b'}' if depth == 0 => {
                names.extend(leading_name(list[start..at].trim_start()));
                start = at + 1;
                if byte == b'}' {
                    break;
                }
            }
            b'}' => depth -= 1,
            _ => {}
        }
    }
    names
}

fn leading_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).filter(|name| !name.is_empty())
}

/// Why a file of a module may not import what it does; empty when it may.
fn back_edges(module: &str, source: &str) -> Vec<String> {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let Some(own) = place(module) else { return vec![format!("`{module}` has no place in the order")] };
    let used = modules_used(source).into_iter();
    used.filter(|name| *name != module)
        .filter_map(|name| match place(name) {
            Some(other) if other < own => None,
            Some(_) => Some(format!("`{module}` uses `{name}`, which is above it")),
            None => Some(format!("`{module}` uses `{name}`, which has no place in the order")),
        })
        .collect()
}

/// The module a file belongs to: the first folder below `src`, or the file itself.
fn module_of(path: &Path) -> String {
    let first = path.components().next().unwrap();
    Path::new(first.as_os_str()).with_extension("").to_string_lossy().into_owned()
}

#[test]
fn imports_point_down_the_pipeline() {
    let src = root("src");
    let (mut looked_at, mut with_imports, mut wrong) = (0, 0, Vec::new());
    for path in files_below(&src).iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let inside = path.strip_prefix(&src).unwrap();
        if inside == Path::new("main.rs") || inside == Path::new("lib.rs") {
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        looked_at += 1;
        with_imports += usize::from(!modules_used(&source).is_empty());
        wrong.extend(back_edges(&module_of(inside), &source).iter().map(|why| format!("{}: {why}", inside.display())));
    }
    assert!(looked_at > 30, "only {looked_at} files");
    assert!(with_imports > 10, "only {with_imports} files import anything");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_back_edge_is_seen_however_it_is_written() {
    #[track_caller]
    fn check(module: &str, source: &str, edges: usize) {
        assert_eq!(back_edges(module, source).len(), edges, "{source}");
    }
    check("decode", "use crate::iam::Arn;", 0);
    check("decode", "use crate::decode::Json;", 0);
    check("decode", "use crate::scan::scan;", 1);
    check("decode", "fn f() { crate::event::Event::read(r) }", 1);
    check("decode", "use crate::{archive::{Opened, Opener}, event::Event, iam};", 1);
    check("decode", "use crate::utils;", 1);
    check("utils", "", 1);
}
