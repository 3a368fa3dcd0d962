//! Which resources a call touched, as ARNs: from the record, else from the denial message, else the
//! patterns of the action's resource types in the event's account and region.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::draft::Draft;
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
        let length = prefix_length(&self.arn, self.basis, width)?;
        let prefix = self.arn.get(..length)?;
        Some(Self { arn: format!("{prefix}*"), basis: Basis::Prefix })
    }
}

/// How much of an ARN stays when it is kept so wide, with `*` for the rest; `None` where all of it stays.
pub(super) fn prefix_length(arn: &str, basis: Basis, width: u8) -> Option<usize> {
    let known = matches!(basis, Basis::Record | Basis::Message | Basis::Prefix);
    if !known || width == 0 || arn == "*" {
        return None;
    }
    if width >= WIDEST {
        return Some(0);
    }
    let Some((fifth, _)) = arn.match_indices(':').nth(4) else { return Some(0) };
    let mut end = fifth + 1;
    let is_end = |byte: &u8| matches!(byte, b'/' | b':');
    if let Some(segments) = 4_usize.checked_sub(usize::from(width)) {
        // The type or the bucket with its separator, where it has one.
        let name = arn.as_bytes().get(end..)?;
        end += name.iter().position(is_end).map_or(0, |at| at + 1);
        for _ in 0..segments {
            end += arn.as_bytes().get(end..)?.iter().position(is_end)? + 1;
        }
    }
    let rest = arn.get(end..)?;
    (!rest.is_empty() && rest != "*").then_some(end)
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

/// Writes the resources of a call for one of its actions.
pub(super) fn used(event: &Event<'_>, facts: &'static ActionFacts, draft: &mut Draft) {
    draft.begin(facts);
    if facts.resources.is_empty() {
        draft.add(Basis::TakesNone, |text| put(text, "*"));
        return;
    }
    let mut found = Found::default();
    listed(event, facts, draft, &mut found);
    if found.is_empty() {
        requested(event, facts, draft, &mut found);
    }
    complete(event, facts, &found, draft);
}

/// As [`used`], where what the service itself listed is enough; else `false`.
pub(super) fn listed_only(event: &Event<'_>, facts: &'static ActionFacts, draft: &mut Draft) -> bool {
    draft.begin(facts);
    if facts.resources.is_empty() {
        return draft.add(Basis::TakesNone, |text| put(text, "*"));
    }
    let mut found = Found::default();
    listed(event, facts, draft, &mut found);
    complete(event, facts, &found, draft);
    !found.is_empty()
}

/// Adds the patterns of types that were not found.
fn complete(event: &Event<'_>, facts: &'static ActionFacts, found: &Found, draft: &mut Draft) {
    // Where a type is required that the record does not show, its pattern still has to be in a policy. Where
    // no type is required, any one that was found is enough.
    let any_required = facts.resources.iter().any(|r| r.required);
    for used in &facts.resources {
        let wanted = if any_required { used.required } else { found.is_empty() };
        if wanted && !found.has(used.resource_type) {
            draft.add(Basis::Pattern, |text| pattern(event, used.resource_type, text));
        }
    }
}

/// Writes the resources of a call that was denied, for the action that the message names.
pub(super) fn denied(event: &Event<'_>, denial: &Denial<'_>, facts: &'static ActionFacts, draft: &mut Draft) {
    match denial.resource.as_deref() {
        Some(arn) if arn != "*" => {
            draft.begin(facts);
            draft.add(Basis::Message, |text| put(text, arn));
        }
        _ => used(event, facts, draft),
    }
}

fn put(text: &mut String, arn: &str) -> Option<()> {
    text.push_str(arn);
    Some(())
}

/// The types of which a resource was found.
#[derive(Default)]
struct Found(SmallVec<[&'static ResourceType; 4]>);

impl Found {
    fn has(&self, kind: &'static ResourceType) -> bool {
        self.0.iter().any(|found| std::ptr::eq(*found, kind))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What the service itself listed.
fn listed(event: &Event<'_>, facts: &'static ActionFacts, draft: &mut Draft, found: &mut Found) {
    for arn in event.resource_arns() {
        if let Some(kind) = taken(facts, &arn) {
            found.0.push(kind);
            draft.add(Basis::Record, |text| put(text, &arn));
        }
    }
}

/// What the request names.
fn requested(event: &Event<'_>, facts: &'static ActionFacts, draft: &mut Draft, found: &mut Found) {
    let Some(parameters) = event.parameters else { return };
    for used in &facts.resources {
        built(event, used.resource_type, parameters, draft, found);
    }
    for (_, value) in parameters.entries().into_iter().flatten() {
        if let Some(plain) = value.plain()
            && !plain.starts_with(b"arn:")
        {
            continue;
        }
        let Some(text) = value.as_str() else { continue };
        if let Some(kind) = taken(facts, &text) {
            found.0.push(kind);
            draft.add(Basis::Record, |out| put(out, &text));
        }
    }
}

/// The type that an ARN was recognised as, if the action takes it.
fn taken(facts: &'static ActionFacts, arn: &str) -> Option<&'static ResourceType> {
    let parsed = Arn::parse(arn).ok()?;
    if !facts.resources.iter().any(|r| r.resource_type.pattern.may_fit(&parsed)) {
        return None;
    }
    let found = catalog::type_of_arn(facts.action.service_prefix(), arn)?;
    facts.resources.iter().map(|r| r.resource_type).find(|kind| std::ptr::eq(*kind, found))
}

/// ARNs of one resource type, put together from request parameters named like the pattern's variables.
fn built(event: &Event<'_>, kind: &'static ResourceType, parameters: Json<'_>, draft: &mut Draft, found: &mut Found) {
    let mut variables = kind.pattern.own_variables();
    let (Some(first), others) = (variables.next(), variables.count()) else { return };
    let mut write = |value: &str| {
        let written = draft.add(Basis::Record, |text| {
            kind.pattern.write(text, |variable, text| match fixed(event, variable) {
                Some(fixed) => put(text, fixed?),
                None if others == 0 => put(text, value),
                None => put(text, &one_value(parameters, variable)?),
            })
        });
        if written && kind.pattern.fits(draft.last()) {
            found.0.push(kind);
        } else if written {
            draft.take_back();
        }
    };
    if others == 0 {
        parameter_values(parameters, first, &mut write);
    } else {
        write("");
    }
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
    let mut values = Vec::new();
    parameter_values(parameters, name, &mut |value| values.push(value.to_owned()));
    if values.len() == 1 { values.pop() } else { None }
}

/// The texts of a request parameter, whatever its case; also in EC2's item sets,
/// `{"instancesSet":{"items":[{"instanceId":"i-…"}]}}`. A text that is an ARN is none of a name.
fn parameter_values(parameters: Json<'_>, name: &str, each: &mut dyn FnMut(&str)) {
    let mut usable = |value: Json<'_>| {
        if let Some(text) = value.as_str().filter(|text| is_name(text)) {
            each(&text);
        }
    };
    if let Some(value) = parameters.get_ignoring_case(name) {
        return usable(value);
    }
    for (key, set) in parameters.entries().into_iter().flatten() {
        if key.raw().ends_with(b"Set\"") {
            let items = set.get("items").and_then(Json::elements).into_iter().flatten();
            items.filter_map(|item| item.get_ignoring_case(name)).for_each(&mut usable);
        }
    }
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
fn pattern(event: &Event<'_>, kind: &ResourceType, text: &mut String) -> Option<()> {
    kind.pattern.write(text, |variable, text| put(text, fixed(event, variable).flatten().unwrap_or("*")))
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
        for arn in [
            "arn:aws:s3:::b/a/b/c/d/e",
            "arn:aws:s3:::b/a",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:*",
            "arn:aws:s3:::b/",
            "arn:aws:s3:::b//x",
        ] {
            for first in 1..=WIDEST {
                for second in first..=WIDEST {
                    let first_then_second = Resource { arn: wide(arn, first), basis: Basis::Prefix };
                    let steps =
                        first_then_second.widened(second).map_or(first_then_second.arn.clone(), |wide| wide.arn);
                    assert_eq!(steps, wide(arn, second), "{arn} {first} {second}");
                }
            }
        }
    }
}
