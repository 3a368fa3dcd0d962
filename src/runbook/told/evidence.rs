//! A folder that proves what was asked and what came out: everything by itself, and the SHA-256 of each file.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{json, markdown};
use crate::report::render::{clean, clean_json, csv_table};
use crate::runbook::run::Ran;

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its path in the folder, with `/`.
    pub name: String,
    /// UTF-8.
    pub text: String,
}

/// Everything that is kept of a run. `text` is the runbook as it stands in its file.
pub fn files(ran: &Ran<'_>, text: &str) -> std::io::Result<Vec<EvidenceFile>> {
    let mut files = Vec::new();
    let mut add = |name: String, text: String| files.push(EvidenceFile { name, text });
    for (number, done) in (1..).zip(&ran.steps) {
        let stem = format!("{number:02}-{}", done.step.id);
        let title = format!("Step {number} of {}: {}", ran.steps.len(), done.step.title);
        let asked: String = done.asked.lines().map(|line| clean(line) + "\n").collect();
        add(format!("{stem}.query.txt"), format!("# {}\n{asked}", clean(&title)));
        let mut csv = Vec::new();
        csv_table(&done.rows.columns, done.rows.rows.iter().map(|row| &row.cells), &mut csv)?;
        add(format!("{stem}.csv"), String::from_utf8_lossy(&csv).into_owned());
        add(format!("{stem}.json"), pretty(&json::rows(done))?);
        for template in &done.templates {
            add(format!("{stem}/{}", template.name), template.text.clone());
        }
    }
    let decisions: Vec<Value> = ran.decisions().map(json::decision).collect();
    add("coverage.json".to_owned(), pretty(&ran.coverage)?);
    add("decisions.json".to_owned(), pretty(&decisions)?);
    add("report.md".to_owned(), markdown(ran, true));
    add("run.json".to_owned(), pretty(&json::run(ran))?);
    add("runbook.yaml".to_owned(), text.to_owned());
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let sums: String = files.iter().map(|file| format!("{}  {}\n", sum(&file.text), file.name)).collect();
    files.push(EvidenceFile { name: SUMS.to_owned(), text: sums });
    Ok(files)
}

/// The file with the sums of all others, as `sha256sum -c` reads it.
const SUMS: &str = "SHA256SUMS";

fn sum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(clean_json(&serde_json::to_string_pretty(value)?) + "\n")
}
