//! The runbooks that ship: each can be read, says what it is for, and finds on a story what it is for.

use std::collections::BTreeMap;
use std::fs;

use trailwright::runbook::Runbook;
use trailwright::runbook::model::Kind;

use crate::support::{root, table};

const FOLDER: &str = "src/runbook/shipped";

/// All of them, by the names of their files.
fn shipped() -> BTreeMap<String, Runbook> {
    let files = fs::read_dir(root(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
    let read = files.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let runbook = yaml_serde::from_str::<Runbook>(&text).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), runbook)
    });
    let shipped: BTreeMap<String, Runbook> = read.collect();
    assert!(shipped.len() >= 15, "only {} runbooks", shipped.len());
    shipped
}

#[test]
fn each_says_what_it_is_for_and_what_to_do_about_its_rows() {
    for (file, runbook) in shipped() {
        assert_eq!(runbook.runbook, file);
        for (name, input) in &runbook.inputs {
            assert!(input.about.len() > 10, "{file}: {name}");
        }
        for step in &runbook.steps {
            let at = format!("{file}: {}", step.id);
            assert!(step.title.ends_with('?'), "{at}: a title is a question");
            assert!(step.about.len() > 60 && step.about.ends_with('.'), "{at}: what do its rows mean?");
            // Without it rows come in the order of their table, which says nothing.
            let asks = matches!(step.kind, Kind::Identify | Kind::Validate | Kind::Query | Kind::Audit);
            assert!(!asks || !step.order_by.is_empty(), "{at}: no order");
        }
        let finds = runbook.steps.iter().any(|step| step.finds || step.requires.is_some());
        assert!(finds, "{file}: nothing it tells is a finding");
    }
}

#[test]
fn every_one_is_in_the_page_about_them() {
    let told: Vec<[String; 2]> = table("src/runbook/RUNBOOKS.md");
    let told: BTreeMap<String, String> =
        told.into_iter().map(|[name, title]| (name, title)).filter(|(name, _)| name != "runbook").collect();
    let titles = shipped().into_iter().map(|(name, runbook)| (name, runbook.title)).collect();
    assert_eq!(told, titles);
}

#[test]
fn the_example_of_the_page_is_a_runbook() {
    let page = fs::read_to_string(root("src/runbook/RUNBOOKS.md")).unwrap();
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let runbook: Runbook = yaml_serde::from_str(example).unwrap();
    assert_eq!(runbook.steps.len(), 2);
}
