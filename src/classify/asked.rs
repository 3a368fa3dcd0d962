//! What is asked of a record for one action: the resource types to be found, and where their parts stand.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;
use std::sync::LazyLock;

use memchr::memmem;
use smallvec::SmallVec;

use super::places::{Paths, Places, Values};
use crate::catalog::{self, ANY, ActionFacts, ArnPattern, Form, Place, ResourceType, ResourceUse};
use crate::decode::Json;
use crate::event::Event;
use crate::iam::AccessLevel;

/// An action that a call needs, with where its resources are to be found.
pub(super) struct Asked {
    pub(super) facts: &'static ActionFacts,
    pub(super) kinds: Vec<Kind>,
    pub(super) special: Option<Special>,
}

/// A resource type that an action takes, and where a call of this name has the parts of its ARN.
pub(super) struct Kind {
    pub(super) of: &'static ResourceType,
    /// The form in which a policy has to name one for this action.
    pub(super) pattern: &'static ArnPattern,
    pub(super) required: bool,
    pub(super) whole: Vec<Place>,
    /// The variables of the pattern beside partition, region and account, in its order.
    pub(super) variables: Vec<(&'static str, Vec<(Place, Form)>)>,
}

/// What no table can say.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Special {
    /// Reads the source that a header names; the rest of the request is about the target.
    CopySource,
    /// Tags resources that are told apart by how their ids begin.
    Ec2Tags,
    /// Without a name in the request it is about the caller.
    IamCaller,
    /// The path of the API is the resource.
    ApiPath,
}

impl Special {
    /// Where it looks.
    fn places(self) -> impl Iterator<Item = Place> {
        let path = match self {
            Self::CopySource => Some("x-amz-copy-source"),
            Self::Ec2Tags => Some("resourcesSet.items[].resourceId"),
            Self::IamCaller | Self::ApiPath => None,
        };
        path.map(Place::Request).into_iter()
    }
}

impl Asked {
    /// Where its resources may stand in a record.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let of_variables = |kind: &Kind| {
            kind.variables.iter().flat_map(|(_, places)| places.iter().map(|(p, _)| *p)).collect::<Vec<_>>()
        };
        let of_kinds = self.kinds.iter().flat_map(move |kind| kind.whole.iter().copied().chain(of_variables(kind)));
        of_kinds.chain(self.special.into_iter().flat_map(Special::places))
    }

    /// An action that calls of this source and name need.
    pub(super) fn new(facts: &'static ActionFacts, event: &str) -> Self {
        let prefix = facts.action.service_prefix();
        let kind = |used: &ResourceUse| {
            let rows = catalog::parameters(prefix, event, used.resource_type.name);
            let of_variable = |variable| {
                let own = rows.iter().filter(move |row| row.variable == Some(variable));
                let is_nowhere = own.clone().any(|row| row.place.is_none());
                // Unless the tables know better, it stands under its own name.
                let by_name = (!is_nowhere).then_some((Place::Request(variable), Form::AsIs));
                own.filter_map(|row| Some((row.place?, row.form))).chain(by_name).collect()
            };
            let pattern = used.resource_type.pattern_for(facts.action.name());
            Kind {
                of: used.resource_type,
                pattern,
                required: used.required,
                whole: rows.iter().filter(|row| row.variable.is_none()).filter_map(|row| row.place).collect(),
                variables: pattern.own_variables().map(|v| (v, of_variable(v))).collect(),
            }
        };
        let special = match (prefix, event) {
            ("s3", "CopyObject" | "UploadPartCopy") if facts.action.name().starts_with("GetObject") => {
                Some(Special::CopySource)
            }
            ("ec2", _) if matches!(facts.action.name(), "CreateTags" | "DeleteTags") => Some(Special::Ec2Tags),
            ("iam", _) => Some(Special::IamCaller),
            ("apigateway", _) => Some(Special::ApiPath),
            _ => None,
        };
        Self { facts, kinds: facts.resources.iter().map(kind).collect(), special }
    }
}

/// The types of which a resource was found.
#[derive(Default)]
pub(super) struct Found(pub(super) SmallVec<[&'static ResourceType; 4]>);

impl Found {
    pub(super) fn has(&self, kind: &'static ResourceType) -> bool {
        self.0.iter().any(|found| std::ptr::eq(*found, kind))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tagging actions require every type and take any one.
    pub(super) fn covers(&self, asked: &Asked) -> bool {
        asked.facts.level == AccessLevel::Tagging && !self.is_empty()
    }
}

/// An event that is being asked what it is about. Request, response and what the service listed are read when
/// first asked for.
pub(super) struct Inquiry<'e, 'a> {
    event: &'e Event<'a>,
    places: &'e Places,
    request: OnceCell<Values<'a>>,
    response: OnceCell<Values<'a>>,
    listed: OnceCell<SmallVec<[Cow<'a, str>; 2]>>,
}

impl<'a> Deref for Inquiry<'_, 'a> {
    type Target = Event<'a>;

    fn deref(&self) -> &Event<'a> {
        self.event
    }
}

impl<'e, 'a> Inquiry<'e, 'a> {
    /// About an event, at these places.
    pub(super) fn of(event: &'e Event<'a>, places: &'e Places) -> Self {
        Self { event, places, request: OnceCell::new(), response: OnceCell::new(), listed: OnceCell::new() }
    }

    /// The ARNs that the service itself listed as touched.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        self.listed.get_or_init(|| self.event.resource_arns().collect()).iter().map(|arn| &**arn)
    }

    /// Calls `each` with every value at a place.
    pub(super) fn values_at(&self, place: Place, each: &mut dyn FnMut(Json<'a>)) {
        let Self { event, places, request, response, .. } = self;
        let (json, paths, found, path) = match place {
            Place::Request(path) => (event.parameters, &places.request, request, path),
            Place::Response(path) => (event.response, &places.response, response, path),
        };
        let Some(json) = json else { return };
        let name = || catalog::without_version(event.name());
        match paths.number(path) {
            Some(number) => {
                let found = found.get_or_init(|| paths.values(json, name()));
                found.iter().filter(|(path, _)| *path == number).for_each(|(_, value)| each(*value));
            }
            // Nobody said that it would be asked for.
            None => {
                let mut alone = Paths::default();
                alone.add(path);
                alone.values(json, name()).iter().for_each(|(_, value)| each(*value));
            }
        }
    }

    /// Calls `each` with every usable text at a place.
    pub(super) fn texts_at(&self, place: Place, each: &mut dyn FnMut(&str)) {
        self.values_at(place, &mut |value| {
            if let Some(text) = value.as_str().filter(|text| is_name(text)) {
                each(&text);
            }
        });
    }
}

/// What stands for the variables that every pattern shares, and for what is left open. The outer `None`: not
/// one of them.
pub(super) fn fixed<'a>(event: &Event<'a>, variable: &str) -> Option<Option<&'a str>> {
    match variable {
        "Partition" => Some(Some(event.operation.partition())),
        "Region" => Some(Some(&*event.operation.region).filter(|region| !region.is_empty())),
        "Account" => Some(event.operation.account_id()),
        ANY => Some(Some("*")),
        _ => None,
    }
}

/// Whether a text can stand for a name inside an ARN: object keys may have blanks in them. Redacted values cannot.
fn is_name(text: &str) -> bool {
    // Byte by byte first: nearly every text is plain, and no search has to be prepared for it.
    let is_plain = text.bytes().fold(true, |plain, byte| plain & (byte > b' ') & (byte < 0x7F) & (byte != b'*'));
    let is_blank = || text.contains("***") || text.trim().is_empty() || text.chars().any(char::is_control);
    let is_redacted = || text == "HIDDEN_DUE_TO_SECURITY_REASONS" || FIND_REDACTED.find(text.as_bytes()).is_some();
    !text.is_empty() && (is_plain || !is_blank()) && (text.len() < REDACTED.len() || !is_redacted())
}

/// What some services write instead of a value.
const REDACTED: &str = "sensitiveDataRemoved";

static FIND_REDACTED: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(REDACTED));

pub(super) fn put(text: &mut String, arn: &str) -> Option<()> {
    text.push_str(arn);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_redacted_is_no_name() {
        for (text, is) in [
            ("2026/sales.csv", true),
            ("50% off, *really*.csv", true),
            ("Umsätze\u{a0}2026", true),
            ("", false),
            ("  ", false),
            ("***", false),
            ("a\nb", false),
            ("HIDDEN_DUE_TO_SECURITY_REASONS", false),
            ("sensitiveDataRemoved", false),
        ] {
            assert_eq!(is_name(text), is, "{text:?}");
        }
    }
}
