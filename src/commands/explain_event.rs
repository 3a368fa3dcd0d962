//! What the catalog says of an event.

use std::io::Write;

use serde::Serialize;

use super::output;
use super::status::Status;
use crate::catalog::{ActionFacts, Mapper, Mapping};
use crate::classify::privileges_of;
use crate::cli::{Color, ExplainEvent};
use crate::iam::service_label;

#[derive(Serialize)]
struct Explained {
    event_source: String,
    event_name: String,
    status: &'static str,
    actions: Vec<ExplainedAction>,
    rule: Option<&'static str>,
}

#[derive(Serialize)]
struct ExplainedAction {
    action: String,
    access_level: &'static str,
    privileges: Vec<&'static str>,
    resource_types: Vec<ExplainedResource>,
}

#[derive(Serialize)]
struct ExplainedResource {
    name: &'static str,
    required: bool,
    arn: &'static str,
}

pub(super) fn run(args: &ExplainEvent) -> anyhow::Result<Status> {
    let source = match service_label(&args.source) {
        Some(_) => args.source.clone(),
        None => format!("{}.amazonaws.com", args.source),
    };
    let explained = explain(&source, &args.name);
    let mut out = output::stdout(Color::Auto);
    if args.format == "json" {
        serde_json::to_writer_pretty(&mut out, &explained)?;
        writeln!(out)?;
    } else {
        write_text(&explained, &mut out)?;
    }
    Ok(Status::Done)
}

fn explain(source: &str, name: &str) -> Explained {
    let mapping = Mapper::default().map(source, name);
    let (status, actions, rule) = match &*mapping {
        Mapping::Actions { actions, rule } => {
            ("mapped", actions.iter().map(|facts| explain_action(facts)).collect(), Some(rule.as_str()))
        }
        Mapping::NoPermission => ("no-permission", Vec::new(), None),
        Mapping::Unknown => ("unknown", Vec::new(), None),
    };
    Explained { event_source: source.to_owned(), event_name: name.to_owned(), status, actions, rule }
}

fn explain_action(facts: &ActionFacts) -> ExplainedAction {
    ExplainedAction {
        action: facts.action.to_string(),
        access_level: facts.level.as_str(),
        privileges: privileges_of(&facts.action).into_iter().map(|p| p.as_str()).collect(),
        resource_types: facts
            .resources
            .iter()
            .map(|used| ExplainedResource {
                name: used.resource_type.name,
                required: used.required,
                arn: used.resource_type.pattern.as_str(),
            })
            .collect(),
    }
}

fn write_text(explained: &Explained, out: &mut dyn Write) -> anyhow::Result<()> {
    let Explained { event_source, event_name, status, actions, .. } = explained;
    match *status {
        "mapped" => writeln!(out, "{event_source} {event_name} needs")?,
        "no-permission" => writeln!(out, "{event_source} {event_name} needs no IAM permission")?,
        _ => writeln!(out, "{event_source} {event_name} is documented nowhere; no permission is assumed")?,
    }
    for action in actions {
        let privileges = if action.privileges.is_empty() {
            String::new()
        } else {
            format!("; privileged: {}", action.privileges.join(", "))
        };
        writeln!(out, "  {} ({}{privileges})", action.action, action.access_level)?;
        if action.resource_types.is_empty() {
            writeln!(out, "    takes no resource: \"Resource\": \"*\"")?;
        }
        for resource in &action.resource_types {
            let required = if resource.required { ", required" } else { "" };
            writeln!(out, "    on {}{required}: {}", resource.name, resource.arn)?;
        }
    }
    Ok(())
}
