//! CloudFormation templates around policies, in JSON. Nothing in them is substituted, so that policy variables stand as
//! they are.

use serde_json::{Map, Value, json};

/// How a dynamic reference begins. CloudFormation resolves one in any text, and there is no way to escape it.
const REFERENCE: &str = "{{resolve:";

/// Characters that a description can have for certain: AWS takes 1,024 bytes.
const DESCRIPTION: usize = 250;

/// A template; empty notes and parameters are left out.
pub fn template(about: &str, notes: &[String], parameters: Map<String, Value>, resources: Map<String, Value>) -> Value {
    let mut template = Map::new();
    template.insert("AWSTemplateFormatVersion".to_owned(), "2010-09-09".into());
    template.insert("Description".to_owned(), about.chars().take(DESCRIPTION).collect::<String>().into());
    if !notes.is_empty() {
        template.insert("Metadata".to_owned(), json!({ "Notes": notes }));
    }
    if !parameters.is_empty() {
        template.insert("Parameters".to_owned(), parameters.into());
    }
    template.insert("Resources".to_owned(), resources.into());
    template.into()
}

/// Refuses a text in which CloudFormation would replace something.
pub fn check(text: &str) -> Result<(), String> {
    if text.contains(REFERENCE) {
        return Err(format!("it holds `{REFERENCE}`, which CloudFormation would replace by a secret or parameter"));
    }
    Ok(())
}
