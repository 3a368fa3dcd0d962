//! Which resources a call touched, as ARNs: from the record, else from the denial message, else the
//! patterns of the action's resource types in the event's account and region.

use std::borrow::Cow;

use super::Use;
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
            Basis::Prefix => match self.arn.strip_suffix('*') {
                Some(prefix) => Cow::Owned(escape(prefix) + "*"),
                None => Cow::Owned(escape(&self.arn)),
            },
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

/// The widest a resource is kept: [`Resource::widened`] by so much is `*`.
pub const WIDEST: u8 = 6;

impl Resource {
    /// The resource as a prefix, one step wider for each number: three segments of the name behind the
    /// resource's type (or the bucket), two, one, none; then any resource of the service in that account
    /// and region; then any. `None` where that is what it is already. Widening in steps comes to the same
    /// as widening at once.
    pub(super) fn widened(&self, width: u8) -> Option<Self> {
        let known = matches!(self.basis, Basis::Record | Basis::Message | Basis::Prefix);
        if !known || width == 0 || self.arn == "*" {
            return None;
        }
        let kept = 4_usize.checked_sub(usize::from(width));
        let arn = match (Arn::parse(&self.arn), kept) {
            (Ok(_), Some(kept)) => prefix(&self.arn, kept)?,
            (Ok(arn), None) if width < WIDEST => {
                format!("arn:{}:{}:{}:{}:*", arn.partition, arn.service, arn.region, arn.account)
            }
            _ => "*".to_owned(),
        };
        (arn != self.arn).then_some(Self { arn, basis: Basis::Prefix })
    }
}

/// An ARN up to so many segments of its name, with `*` for the rest; `None` where there is no rest.
fn prefix(arn: &str, segments: usize) -> Option<String> {
    let is_end = |c: char| matches!(c, '/' | ':');
    // Five colons, then the type or the bucket with its separator, where it has one.
    let (fifth, _) = arn.match_indices(':').nth(4)?;
    let name = arn.get(fifth + 1..)?;
    let head = name.find(is_end).map_or(0, |at| at + 1);
    let mut end = fifth + 1 + head;
    for _ in 0..segments {
        end += arn.get(end..)?.find(is_end)? + 1;
    }
    let rest = arn.get(end..).filter(|rest| !rest.is_empty())?;
    (rest != "*").then(|| format!("{}*", arn.get(..end).unwrap_or_default()))
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
    /// There are more than are kept: a prefix that many of them share. Wider than what happened.
    Prefix,
    /// Nothing names it: the pattern of the resource type. Wider than what happened.
    Pattern,
    /// Nothing names it, and AWS does not document the action. No policy can be written.
    Unknown,
}

/// The use of an action that takes no resource.
pub(super) fn takes_none(facts: &ActionFacts) -> Use {
    let resources = vec![Resource { arn: "*".to_owned(), basis: Basis::TakesNone }];
    Use { action: facts.action.clone(), resources }
}

/// The use of an action by a call whose resources the service itself listed; `None` where it listed none
/// that the action takes.
pub(super) fn listed(event: &Event<'_>, facts: &'static ActionFacts) -> Option<Use> {
    if facts.resources.is_empty() {
        return Some(takes_none(facts));
    }
    let found: Vec<Typed> = event.resource_arns().filter_map(|arn| taken(facts, arn)).collect();
    (!found.is_empty()).then(|| completed(event, facts, found))
}

/// The use of an action by a call that went through, or failed.
pub(super) fn used(event: &Event<'_>, facts: &'static ActionFacts) -> Use {
    listed(event, facts).unwrap_or_else(|| completed(event, facts, requested(event, facts)))
}

/// Where a type is required that the record does not show, its pattern still has to be in a policy. Where
/// no type is required, any one that was found is enough.
fn completed(event: &Event<'_>, facts: &'static ActionFacts, found: Vec<Typed>) -> Use {
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
    Use { action: facts.action.clone(), resources }
}

/// The resources of a call that was denied, for the action that the message names.
pub(super) fn denied(event: &Event<'_>, denial: &Denial<'_>, facts: Option<&'static ActionFacts>) -> Vec<Resource> {
    match (denial.resource.as_deref(), facts) {
        (Some(arn), _) if arn != "*" => vec![Resource { arn: arn.to_owned(), basis: Basis::Message }],
        (_, Some(facts)) => used(event, facts).resources,
        (_, None) => vec![Resource { arn: "*".to_owned(), basis: Basis::Unknown }],
    }
}

/// An ARN with the resource type it was recognised as.
type Typed = (&'static ResourceType, String);

/// An ARN, if it names a resource that the action takes.
fn taken(facts: &'static ActionFacts, arn: Cow<'_, str>) -> Option<Typed> {
    let found = catalog::type_of_arn(facts.action.service_prefix(), &arn)?;
    let kind = facts.resources.iter().map(|r| r.resource_type).find(|t| std::ptr::eq(*t, found))?;
    Some((kind, arn.into_owned()))
}

/// What the request names.
fn requested(event: &Event<'_>, facts: &'static ActionFacts) -> Vec<Typed> {
    let Some(parameters) = event.parameters else { return Vec::new() };
    let mut found = Vec::new();
    for used in &facts.resources {
        found.extend(built(event, used.resource_type, parameters));
    }
    let arns = parameters.entries().into_iter().flatten().filter_map(|(_, value)| value.as_str());
    found.extend(arns.filter(|text| Arn::parse(text).is_ok()).filter_map(|arn| taken(facts, arn)));
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
        "Partition" => Some(Some(event.operation.partition())),
        "Region" => Some(Some(&*event.operation.region).filter(|region| !region.is_empty())),
        "Account" => Some(event.operation.account_id()),
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
    let usable = |value: Json<'_>| value.as_str().filter(|text| is_name(text)).map(Cow::into_owned);
    if let Some(value) = parameters.get_ignoring_case(name) {
        return usable(value).into_iter().collect();
    }
    let sets = parameters.entries().into_iter().flatten().filter(|(key, _)| key.raw().ends_with(b"Set\""));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(arn: &str, width: u8) -> String {
        let resource = Resource { arn: arn.to_owned(), basis: Basis::Record };
        resource.widened(width).map_or_else(|| arn.to_owned(), |wide| wide.arn)
    }

    #[test]
    fn a_resource_gets_wider_segment_by_segment() {
        let key = "arn:aws:s3:::bucket/year/month/day/hour/file.json";
        for (width, expected) in [
            (1, "arn:aws:s3:::bucket/year/month/day/*"),
            (2, "arn:aws:s3:::bucket/year/month/*"),
            (3, "arn:aws:s3:::bucket/year/*"),
            (4, "arn:aws:s3:::bucket/*"),
            (5, "arn:aws:s3:::*"),
            (6, "*"),
        ] {
            assert_eq!(wide(key, width), expected);
        }
        let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
        assert_eq!(wide(table, 3), table);
        assert_eq!(wide(table, 4), "arn:aws:dynamodb:eu-west-1:111122223333:table/*");
        assert_eq!(wide("arn:aws:sqs:eu-west-1:111122223333:queue", 4), "arn:aws:sqs:eu-west-1:111122223333:*");
    }

    #[test]
    fn widening_in_steps_comes_to_the_same_as_at_once() {
        for arn in ["arn:aws:s3:::b/a/b/c/d/e", "arn:aws:s3:::b/a", "arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:*", "arn:aws:s3:::b/", "arn:aws:s3:::b//x"] {
            for first in 1..=WIDEST {
                for second in first..=WIDEST {
                    let first_then_second = Resource { arn: wide(arn, first), basis: Basis::Prefix };
                    let steps = first_then_second.widened(second).map_or(first_then_second.arn.clone(), |wide| wide.arn);
                    assert_eq!(steps, wide(arn, second), "{arn} {first} {second}");
                }
            }
        }
    }
}
