//! What the catalog says of an event, of a request, or of a whole list of them.

use std::io::{self, BufRead, BufWriter, Write};

use serde::Serialize;

use super::output;
use super::status::{Failure, Status};
use crate::catalog::{self, ActionFacts, Conditional, Mapper, Mapping};
use crate::classify::{Classifier, Needs, privileges_of};
use crate::cli::{Color, ExplainEvent};
use crate::decode::Decoder;
use crate::event::Reader;
use crate::iam::service_label;

#[derive(Serialize)]
struct Explained {
    event_source: String,
    event_name: String,
    status: &'static str,
    /// What every such call needs; of a record or a request, what that one needs.
    actions: Vec<String>,
    /// What only some such calls need.
    conditional: Vec<ExplainedCondition>,
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uses: Vec<ExplainedUse>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<ExplainedAction>,
}

#[derive(Serialize)]
struct ExplainedCondition {
    action: String,
    when: String,
}

/// What one call used.
#[derive(Serialize)]
struct ExplainedUse {
    action: String,
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passed_to_service: Option<&'static str>,
}

#[derive(Serialize)]
struct ExplainedAction {
    action: String,
    access_level: &'static str,
    retired: bool,
    privileges: Vec<&'static str>,
    resource_types: Vec<ExplainedResource>,
    condition_keys: Vec<&'static str>,
}

#[derive(Serialize)]
struct ExplainedResource {
    name: &'static str,
    required: bool,
    arn: &'static str,
}

/// Everything that turns a record into needs.
#[derive(Default)]
struct Explainer {
    mapper: Mapper,
    decoder: Decoder,
    reader: Reader,
    classifier: Classifier,
}

pub(super) fn run(args: &ExplainEvent) -> anyhow::Result<Status> {
    let mut explainer = Explainer::default();
    if args.source == "-" {
        return lines(&mut explainer);
    }
    let name = args.name.as_deref().ok_or_else(|| {
        Failure::usage("the name of the event is missing")
            .hint("such as `trailwright explain-event s3.amazonaws.com GetObject`")
    })?;
    let source = host(&args.source);
    let mut explained = explainer.event(&source, name);
    if let Some(parameters) = &args.parameters {
        let wrong = || Failure::usage("--parameters is not a JSON object");
        let parameters: serde_json::Value = serde_json::from_str(parameters).map_err(|_| wrong())?;
        if !parameters.is_object() {
            return Err(wrong().into());
        }
        explained = explainer.request(&source, name, &parameters);
    }
    explained.details = explained.actions.iter().filter_map(|action| details(action)).collect();
    let mut out = output::stdout(Color::Auto);
    if args.format == "json" {
        serde_json::to_writer_pretty(&mut out, &explained)?;
        writeln!(out)?;
    } else {
        write_text(&explained, &mut out)?;
    }
    Ok(Status::Done)
}

/// Standard input, line by line: a source and a name, or a record.
fn lines(explainer: &mut Explainer) -> anyhow::Result<Status> {
    let mut out = BufWriter::new(output::stdout(Color::Never));
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|error| Failure::run(format!("cannot read standard input: {error}")))?;
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let explained = if line.starts_with('{') {
            explainer.record(line).ok_or("not a CloudTrail record")
        } else {
            let pair = line.split_once('\t').or_else(|| line.split_once(' '));
            let pair = pair.ok_or("neither a source and a name with a tab between them, nor a record");
            pair.map(|(source, name)| explainer.event(&host(source), name.trim()))
        };
        let explained = explained.map_err(|why| Failure::usage(format!("line {}: {why}", number + 1)))?;
        serde_json::to_writer(&mut out, &explained)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(Status::Done)
}

fn host(source: &str) -> String {
    match service_label(source) {
        Some(_) => source.to_owned(),
        None => format!("{source}.amazonaws.com"),
    }
}

impl Explainer {
    /// What is known by source and name alone.
    fn event(&mut self, source: &str, name: &str) -> Explained {
        let mapping = self.mapper.map(source, name);
        let bare = catalog::without_version(name);
        let (mut status, actions, rule) = match &*mapping {
            Mapping::Actions { actions, rule } => ("mapped", actions.clone(), Some(rule.as_str())),
            Mapping::NoPermission => ("no-permission", Vec::new(), None),
            Mapping::Unknown => ("unknown", Vec::new(), None),
        };
        let mut prefixes: Vec<&str> = actions.iter().map(|facts| facts.action.service_prefix()).collect();
        if actions.is_empty() {
            prefixes = catalog::prefixes_of(source);
        }
        prefixes.dedup();
        let mut conditional: Vec<ExplainedCondition> = Vec::new();
        if status != "no-permission" {
            let explained = |one: Conditional| ExplainedCondition {
                action: one.action.action.to_string(),
                when: match one.instead_of {
                    Some(other) => format!("{}, instead of {}", one.when, other.action),
                    None => one.when.to_string(),
                },
            };
            conditional.extend(catalog::told_apart(source, bare).map(explained));
            for prefix in prefixes {
                conditional.extend(catalog::conditional_actions(prefix, bare).map(explained));
                conditional.extend(catalog::passed_roles(prefix, bare).map(|passed| ExplainedCondition {
                    action: "iam:PassRole".to_owned(),
                    when: match passed.service {
                        Some(service) => format!("{} passes a role, to {service}", passed.path),
                        None => format!("{} passes a role", passed.path),
                    },
                }));
            }
        }
        if status == "unknown" && conditional.iter().any(|one| one.action != "iam:PassRole") {
            status = "mapped";
        }
        Explained {
            event_source: source.to_owned(),
            event_name: name.to_owned(),
            status,
            actions: actions.iter().map(|facts| facts.action.to_string()).collect(),
            conditional,
            rule,
            uses: Vec::new(),
            details: Vec::new(),
        }
    }

    /// What one call needs, by its record.
    fn record(&mut self, line: &str) -> Option<Explained> {
        let Self { decoder, reader, classifier, .. } = self;
        let mut found = None;
        let decoded = decoder.records(line.as_bytes(), |record| {
            let Ok(record) = record else { return };
            let Ok(event) = reader.read(&record) else { return };
            let needs = classifier.needs(&event, || 0).clone();
            found = Some((event.source().to_owned(), event.name().to_owned(), needs));
        });
        decoded.ok()?;
        let (source, name, needs) = found?;
        let mut explained = self.event(&source, &name);
        explained.status = match &*needs {
            Needs::Actions(_) => "mapped",
            Needs::NoPermission => "no-permission",
            Needs::Unknown => "unknown",
        };
        explained.uses = needs
            .uses()
            .iter()
            .map(|used| ExplainedUse {
                action: used.action.to_string(),
                resources: used.resources.iter().map(|resource| resource.in_policy().into_owned()).collect(),
                passed_to_service: used.passed_to,
            })
            .collect();
        explained.actions = explained.uses.iter().map(|used| used.action.clone()).collect();
        Some(explained)
    }

    /// What a call with this request would need, in an account that AWS uses for examples.
    fn request(&mut self, source: &str, name: &str, parameters: &serde_json::Value) -> Explained {
        let record = serde_json::json!({
            "eventTime": "2026-01-01T00:00:00Z",
            "eventSource": source,
            "eventName": name,
            "awsRegion": "us-east-1",
            "recipientAccountId": "111122223333",
            "requestParameters": parameters,
        });
        let explained = self.record(&record.to_string());
        explained.unwrap_or_else(|| self.event(source, name))
    }
}

fn details(action: &str) -> Option<ExplainedAction> {
    let (prefix, name) = action.split_once(':')?;
    let facts: &ActionFacts = catalog::action(prefix, name)?;
    let mut condition_keys: Vec<_> = facts.condition_keys().to_vec();
    condition_keys.sort_unstable();
    condition_keys.dedup();
    Some(ExplainedAction {
        action: facts.action.to_string(),
        access_level: facts.level.as_str(),
        retired: facts.retired,
        privileges: privileges_of(&facts.action).into_iter().map(|privilege| privilege.as_str()).collect(),
        resource_types: facts
            .resources
            .iter()
            .map(|used| ExplainedResource {
                name: used.resource_type.name,
                required: used.required,
                arn: used.resource_type.pattern.as_str(),
            })
            .collect(),
        condition_keys,
    })
}

fn write_text(explained: &Explained, out: &mut dyn Write) -> anyhow::Result<()> {
    let Explained { event_source, event_name, status, rule, .. } = explained;
    let why = match rule {
        Some("table") => ", by the table of calls whose name and action differ",
        Some("verb") => ", by the HTTP verb of the call",
        Some("same-name") => ", by the action of that name",
        Some("method") => ", by the service's list of operations",
        _ => "",
    };
    match *status {
        "mapped" => writeln!(out, "{event_source} {event_name} needs{why}")?,
        "no-permission" => writeln!(out, "{event_source} {event_name} needs no IAM permission")?,
        _ => writeln!(out, "{event_source} {event_name} is documented nowhere; no permission is assumed")?,
    }
    for action in &explained.details {
        let privileges = if action.privileges.is_empty() {
            String::new()
        } else {
            format!("; privileged: {}", action.privileges.join(", "))
        };
        let retired = if action.retired { "; retired" } else { "" };
        writeln!(out, "  {} ({}{retired}{privileges})", action.action, action.access_level)?;
        for used in explained.uses.iter().filter(|used| used.action == action.action) {
            used.resources.iter().try_for_each(|resource| writeln!(out, "    here: {resource}"))?;
            if let Some(service) = used.passed_to_service {
                writeln!(out, "    iam:PassedToService is {service}")?;
            }
        }
        if action.resource_types.is_empty() {
            writeln!(out, "    takes no resource: \"Resource\": \"*\"")?;
        }
        for resource in &action.resource_types {
            let required = if resource.required { ", required" } else { "" };
            writeln!(out, "    on {}{required}: {}", resource.name, resource.arn)?;
        }
        if !action.condition_keys.is_empty() {
            writeln!(out, "    condition keys: {}", action.condition_keys.join(", "))?;
        }
    }
    if !explained.conditional.is_empty() {
        writeln!(out, "and, where the record says so,")?;
    }
    for conditional in &explained.conditional {
        writeln!(out, "  {} when {}", conditional.action, conditional.when)?;
    }
    Ok(())
}
