//! Which resources a call touched, as ARNs: from the record, else from the denial message, else the
//! patterns of the action's resource types in the event's account and region.

use std::borrow::Cow;

use crate::catalog::{self, ActionFacts, ResourceType};
use crate::decode::Json;
use crate::event::{Denial, Event};
use crate::iam::{Arn, escape};

/// A resource with how it came to be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// An ARN as the log has it, an ARN pattern, or `*`.
    pub arn: String,
    /// Where it is from.
    pub basis: Basis,
}

impl Resource {
    /// The resource as a policy has to write it so that it fits no more than what was meant: names are
    /// taken literally, patterns stay patterns.
    pub fn in_policy(&self) -> Cow<'_, str> {
        match self.basis {
            Basis::TakesNone | Basis::Pattern | Basis::Unknown => Cow::Borrowed(&self.arn),
            Basis::Record => Cow::Owned(escape(&self.arn)),
            // AWS writes `*` for a name that was not yet given, as in `instance/*`; elsewhere it is part
            // of a name.
            Basis::Message => {
                let segments = self.arn.split_inclusive(['/', ':']);
                let written = segments.map(|s| if matches!(s, "*" | "*/" | "*:") { s.to_owned() } else { escape(s) });
                Cow::Owned(written.collect())
            }
        }
    }
}

/// How a resource came to be known, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The action takes no resource; `*` is the only thing a policy can say.
    TakesNone,
    /// The record lists or names it.
    Record,
    /// The denial message names it.
    Message,
    /// Nothing names it: the pattern of the resource type. Wider than what happened.
    Pattern,
    /// Nothing names it, and AWS does not document the action. No policy can be written.
    Unknown,
}

/// The resources of a call that went through, or failed, for one of its actions.
pub(super) fn used(event: &Event<'_>, facts: &'static ActionFacts) -> Vec<Resource> {
    if facts.resources.is_empty() {
        return vec![Resource { arn: "*".to_owned(), basis: Basis::TakesNone }];
    }
    let found = recorded(event, facts);
    // A required type that the record does not show still has to be in a policy. Where no type is
    // required, any one that was found is enough.
    let any_required = facts.resources.iter().any(|r| r.required);
    let missing: Vec<_> = facts
        .resources
        .iter()
        .filter(|r| if any_required { r.required } else { found.is_empty() })
        .filter(|r| !found.iter().any(|(t, _)| std::ptr::eq(*t, r.resource_type)))
        .map(|r| (r.resource_type, pattern(event, r.resource_type)))
        .collect();
    let mut resources: Vec<_> = found
        .into_iter()
        .map(|(_, arn)| Resource { arn, basis: Basis::Record })
        .chain(missing.into_iter().map(|(_, arn)| Resource { arn, basis: Basis::Pattern }))
        .collect();
    resources.sort_unstable();
    resources.dedup();
    resources
}

/// The resources of a call that was denied, for the action that the message names.
pub(super) fn denied(event: &Event<'_>, denial: &Denial<'_>, facts: Option<&'static ActionFacts>) -> Vec<Resource> {
    match (denial.resource.as_deref(), facts) {
        (Some(arn), _) if arn != "*" => vec![Resource { arn: arn.to_owned(), basis: Basis::Message }],
        (_, Some(facts)) => used(event, facts),
        (_, None) => vec![Resource { arn: "*".to_owned(), basis: Basis::Unknown }],
    }
}

/// An ARN with the resource type it was recognised as.
type Typed = (&'static ResourceType, String);

/// What the record says: the service's own list first, then the request.
fn recorded(event: &Event<'_>, facts: &'static ActionFacts) -> Vec<Typed> {
    let prefix = facts.action.service_prefix();
    let taken = |arn: &str| {
        let found = catalog::type_of_arn(prefix, arn)?;
        facts.resources.iter().map(|r| r.resource_type).find(|t| std::ptr::eq(*t, found))
    };
    let mut found: Vec<_> = event.resource_arns().filter_map(|arn| Some((taken(arn)?, arn.to_owned()))).collect();
    if found.is_empty()
        && let Some(parameters) = event.parameters
    {
        for used in &facts.resources {
            found.extend(built(event, used.resource_type, parameters));
        }
        let arns = parameters.entries().into_iter().flatten().filter_map(|(_, value)| value.as_str());
        let arns = arns.filter(|text| Arn::parse(text).is_ok());
        found.extend(arns.filter_map(|arn| Some((taken(arn)?, arn.to_owned()))));
    }
    found.sort_unstable_by(|a, b| a.1.cmp(&b.1));
    found.dedup_by(|a, b| a.1 == b.1);
    found
}

/// ARNs of one resource type, put together from request parameters named like the pattern's variables.
fn built(event: &Event<'_>, kind: &'static ResourceType, parameters: Json<'_>) -> Vec<Typed> {
    let mut variables = kind.pattern.own_variables();
    let (Some(first), others) = (variables.next(), variables.count()) else { return Vec::new() };
    let values = if others == 0 { parameter_values(parameters, first) } else { vec![String::new()] };
    values
        .into_iter()
        .filter_map(|value| {
            let arn = kind.pattern.fill(|variable| match fixed(event, variable) {
                Some(fixed) => fixed.map(str::to_owned),
                None if others == 0 => Some(value.clone()),
                None => one_value(parameters, variable),
            })?;
            kind.pattern.fits(&arn).then_some((kind, arn))
        })
        .collect()
}

/// The variables every pattern shares. The outer `None`: not one of them.
fn fixed<'a>(event: &Event<'a>, variable: &str) -> Option<Option<&'a str>> {
    match variable {
        "Partition" => Some(Some(event.partition())),
        "Region" => Some(Some(event.region).filter(|region| !region.is_empty())),
        "Account" => Some(event.account_id()),
        _ => None,
    }
}

fn one_value(parameters: Json<'_>, name: &str) -> Option<String> {
    let mut values = parameter_values(parameters, name);
    if values.len() == 1 { values.pop() } else { None }
}

/// The texts of a request parameter, whatever its case; also in EC2's item sets,
/// `{"instancesSet":{"items":[{"instanceId":"i-…"}]}}`. A text that is an ARN is none of a name.
fn parameter_values(parameters: Json<'_>, name: &str) -> Vec<String> {
    let usable = |value: Json<'_>| value.as_str().filter(|text| is_name(text)).map(str::to_owned);
    if let Some(value) = parameters.get_ignoring_case(name) {
        return usable(value).into_iter().collect();
    }
    let sets = parameters.entries().into_iter().flatten().filter(|(key, _)| key.ends_with("Set"));
    let items = sets.filter_map(|(_, set)| set.get("items")?.elements()).flatten();
    items.filter_map(|item| usable(item.get_ignoring_case(name)?)).collect()
}

/// Whether a text can stand for a name inside an ARN. Redacted values and ARNs cannot.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with("arn:")
        && !text.contains("***")
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
        && text != "HIDDEN_DUE_TO_SECURITY_REASONS"
        && !text.contains("sensitiveDataRemoved")
}

/// The pattern of a resource type in the event's partition, region and account.
fn pattern(event: &Event<'_>, kind: &ResourceType) -> String {
    let filled = kind.pattern.fill(|variable| Some(fixed(event, variable).flatten().unwrap_or("*").to_owned()));
    filled.unwrap_or_else(|| kind.pattern.as_str().to_owned())
}
