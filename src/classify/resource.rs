//! Which resources a call touched, as ARNs: from the record, else from the denial message, else the
//! patterns of the action's resource types in the event's account and region.

use std::borrow::Cow;
use std::rc::Rc;

use smallvec::SmallVec;

use super::draft::Draft;
use super::request::{formed, values_at};
use crate::catalog::{self, ActionFacts, Form, PassedRole, Place, ResourceType, ResourceUse};
use crate::event::{Denial, Event};
use crate::iam::{AccessLevel, Arn, PrincipalKind, escape};

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
            Basis::TakesNone | Basis::Pattern | Basis::Partial | Basis::Unknown => Cow::Borrowed(&self.arn),
            Basis::Created => Cow::Owned(any_of_its_type(&self.arn)),
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

/// The widest a resource is kept: widened by so much it is `*`.
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
    let known = matches!(basis, Basis::Record | Basis::Message | Basis::Partial | Basis::Created | Basis::Prefix);
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

/// An ARN with its name, but not its type, replaced by `*`.
fn any_of_its_type(arn: &str) -> String {
    let Ok(parsed) = Arn::parse(arn) else { return arn.to_owned() };
    let end = parsed.resource.find(['/', ':']).map_or(0, |at| at + 1);
    let kind = parsed.resource.get(..end).unwrap_or_default();
    format!("arn:{}:{}:{}:{}:{kind}*", parsed.partition, parsed.service, parsed.region, parsed.account)
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
    /// The record names it, but for what AWS appends to a name, for which wildcards stand.
    Partial,
    /// The call made it, and AWS chose its name: the next call makes another one.
    Created,
    /// There are more than are kept: a prefix that many of them share. Wider than what happened.
    Prefix,
    /// Nothing names it: the pattern of the resource type. Wider than what happened.
    Pattern,
    /// Nothing names it, and AWS does not document the action. No policy can be written.
    Unknown,
}

/// An action that a call needs, with where its resources are to be found.
pub(super) struct Asked {
    pub(super) facts: &'static ActionFacts,
    kinds: Vec<Kind>,
    special: Option<Special>,
}

/// A resource type that an action takes, and where a call of this name has the parts of its ARN.
struct Kind {
    of: &'static ResourceType,
    required: bool,
    whole: Vec<Place>,
    /// The variables of the pattern beside partition, region and account, in its order.
    variables: Vec<(&'static str, Vec<(Place, Form)>)>,
}

/// What no table can say.
#[derive(Clone, Copy, PartialEq)]
enum Special {
    /// Reads the source that a header names; the rest of the request is about the target.
    CopySource,
    /// Tags resources that are told apart by how their ids begin.
    Ec2Tags,
    /// Without a name in the request it is about the caller.
    IamCaller,
    /// The path of the API is the resource.
    ApiPath,
}

impl Asked {
    /// Whether something of it may have to be looked for in the response, or in who called.
    pub(super) fn looks_beyond_the_request(&self) -> bool {
        let in_response = |place: &Place| matches!(place, Place::Response(_));
        let kinds = self.kinds.iter();
        let mut places = kinds.flat_map(|kind| {
            kind.whole.iter().chain(kind.variables.iter().flat_map(|(_, v)| v.iter().map(|(place, _)| place)))
        });
        self.special == Some(Special::IamCaller) || places.any(in_response)
    }

    /// An action that calls of this source and name need.
    pub(super) fn new(facts: &'static ActionFacts, event: &str) -> Self {
        let prefix = facts.action.service_prefix();
        let kind = |used: &ResourceUse| {
            let rows = catalog::parameters(prefix, event, used.resource_type.name);
            let of_variable = |variable| {
                let own = rows.iter().filter(move |row| row.variable == Some(variable));
                let own = own.map(|row| (row.place, row.form)).collect::<Vec<_>>();
                // Unless the tables know better, it stands under its own name.
                own.into_iter().chain([(Place::Request(variable), Form::AsIs)]).collect()
            };
            Kind {
                of: used.resource_type,
                required: used.required,
                whole: rows.iter().filter(|row| row.variable.is_none()).map(|row| row.place).collect(),
                variables: used.resource_type.pattern.own_variables().map(|v| (v, of_variable(v))).collect(),
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

/// Writes the resources of a call for one of its actions.
pub(super) fn used(event: &Event<'_>, asked: &Asked, draft: &mut Draft) {
    draft.begin(asked.facts, None);
    if asked.kinds.is_empty() {
        draft.add(Basis::TakesNone, |text| put(text, "*"));
        return;
    }
    let mut found = Found::default();
    if asked.special != Some(Special::CopySource) {
        listed(event, asked.facts, draft, &mut found);
    }
    requested(event, asked, draft, &mut found);
    complete(event, asked, &found, draft);
}

/// As [`used`], where what the service itself listed is enough; else `false`.
pub(super) fn listed_only(event: &Event<'_>, asked: &Asked, draft: &mut Draft) -> bool {
    draft.begin(asked.facts, None);
    if asked.kinds.is_empty() {
        return draft.add(Basis::TakesNone, |text| put(text, "*"));
    }
    if asked.special == Some(Special::CopySource) {
        return false;
    }
    let mut found = Found::default();
    listed(event, asked.facts, draft, &mut found);
    !found.is_empty() && asked.kinds.iter().all(|kind| !kind.required || found.has(kind.of))
}

/// Adds the patterns of types that were not found. Where a type is required that the record does not
/// show, its pattern still has to be in a policy; where none is required, any one that was found is enough.
fn complete(event: &Event<'_>, asked: &Asked, found: &Found, draft: &mut Draft) {
    let any_required = asked.kinds.iter().any(|kind| kind.required);
    for kind in &asked.kinds {
        let wanted = if any_required { kind.required } else { found.is_empty() };
        if wanted && !found.has(kind.of) && !(any_required && found.covers(asked, kind)) {
            draft.add(Basis::Pattern, |text| pattern(event, kind.of, text));
        }
    }
}

/// Writes the resources of a call that was denied, for the action that the message names.
/// `asked` knows where its resources stand in such a call.
pub(super) fn denied(
    event: &Event<'_>,
    denial: &Denial<'_>,
    facts: &'static ActionFacts,
    draft: &mut Draft,
    asked: impl FnOnce(&'static ActionFacts, &str) -> Rc<Asked>,
) {
    match denial.resource.as_deref() {
        Some(arn) if arn != "*" => {
            draft.begin(facts, passed_to(event, facts));
            draft.add(Basis::Message, |text| put(text, arn));
        }
        _ => used(event, &asked(facts, catalog::without_version(event.name())), draft),
    }
}

/// The service that the role was to be handed to, where passing it was denied.
fn passed_to(event: &Event<'_>, facts: &ActionFacts) -> Option<&'static str> {
    if facts.action.service_prefix() != "iam" || facts.action.name() != "PassRole" {
        return None;
    }
    let prefixes = catalog::prefixes_of(event.source());
    let name = catalog::without_version(event.name());
    let services = prefixes.iter().flat_map(|prefix| catalog::passed_roles(prefix, name)).map(|passed| passed.service);
    let services: SmallVec<[Option<&'static str>; 4]> = services.collect();
    match services.as_slice() {
        [first, others @ ..] if others.iter().all(|other| other == first) => *first,
        _ => None,
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

    /// Tagging actions require every type and take any one.
    fn covers(&self, asked: &Asked, _kind: &Kind) -> bool {
        asked.facts.level == AccessLevel::Tagging && !self.is_empty()
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

/// What the request names, or the response where only it knows, of types that were not found otherwise.
fn requested(event: &Event<'_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    match asked.special {
        Some(Special::CopySource) => return copy_source(event, asked, draft, found),
        Some(Special::Ec2Tags) => ec2_tags(event, asked, draft, found),
        Some(Special::ApiPath) => api_path(event, asked, draft, found),
        Some(Special::IamCaller) | None => {}
    }
    let listed = found.0.clone();
    for kind in asked.kinds.iter().filter(|kind| !listed.iter().any(|l| std::ptr::eq(*l, kind.of))) {
        // A whole ARN has the path too; one that AWS made up says less than the name in the request.
        whole(event, asked, kind, false, draft, found);
        if !found.has(kind.of) {
            built(event, asked, kind, draft, found);
        }
        if !found.has(kind.of) {
            whole(event, asked, kind, true, draft, found);
        }
    }
    if let Some(request) = event.parameters.filter(|_| found.is_empty()) {
        for (_, value) in request.entries().into_iter().flatten() {
            if value.plain().is_some_and(|plain| !plain.starts_with(b"arn:")) {
                continue;
            }
            let Some(text) = value.as_str() else { continue };
            if let Some(kind) = taken(asked.facts, &text) {
                found.0.push(kind);
                draft.add(Basis::Record, |out| put(out, &text));
            }
        }
    }
    if asked.special == Some(Special::IamCaller) && found.is_empty() {
        iam_caller(event, asked, draft, found);
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

/// Calls `each` with every usable text at a place.
fn texts_at(event: &Event<'_>, place: Place, each: &mut dyn FnMut(&str)) {
    let (json, path) = match place {
        Place::Request(path) => (event.parameters, path),
        Place::Response(path) => (event.response, path),
    };
    let Some(json) = json else { return };
    values_at(json, catalog::without_version(event.name()), path, &mut |value| {
        if let Some(text) = value.as_str().filter(|text| is_name(text)) {
            each(&text);
        }
    });
}

/// Whole ARNs, where the tables say that one stands; those of which AWS chose the name only with `created`.
fn whole(event: &Event<'_>, asked: &Asked, kind: &Kind, created: bool, draft: &mut Draft, found: &mut Found) {
    for place in &kind.whole {
        texts_at(event, *place, &mut |text| {
            let basis = basis_of(event, asked, *place, text);
            if kind.of.pattern.fits(text) && (created || basis != Basis::Created) {
                found.0.push(kind.of);
                draft.add(basis, |out| put(out, text));
            }
        });
    }
}

/// Whether what a response names was made by the call under a name that AWS chose. A name that the request
/// has, the caller chose.
fn basis_of(event: &Event<'_>, asked: &Asked, place: Place, text: &str) -> Basis {
    let name = text.rsplit(['/', ':']).next().unwrap_or(text);
    let in_request = || {
        let request = event.parameters.map_or(&b""[..], |request| request.raw());
        !name.is_empty() && memchr::memmem::find(request, name.as_bytes()).is_some()
    };
    let creates = asked.facts.level != AccessLevel::Read && asked.facts.level != AccessLevel::List;
    match place {
        Place::Response(_) if creates && !in_request() => Basis::Created,
        _ => Basis::Record,
    }
}

/// ARNs of one resource type, put together from its parts.
fn built(event: &Event<'_>, asked: &Asked, kind: &Kind, draft: &mut Draft, found: &mut Found) {
    let mut write = |place: Place, form: Form, given: &str, others: &[Option<String>]| {
        // A value that is an ARN is taken whole.
        if given.starts_with("arn:") {
            let is_point = kind.of.name == "object" && given.contains(":accesspoint/");
            if kind.of.pattern.fits(given) && !is_point {
                found.0.push(kind.of);
                return draft.add(Basis::Record, |out| put(out, given));
            }
            return false;
        }
        let Some(value) = formed(given, form) else { return false };
        // A key is never known by its alias in a policy.
        if kind.of.name == "key" && asked.facts.action.service_prefix() == "kms" && value.starts_with("alias/") {
            return false;
        }
        let basis = if form == Form::Suffix { Basis::Partial } else { basis_of(event, asked, place, &value) };
        let mut others = others.iter();
        let written = draft.add(basis, |out| {
            kind.of.pattern.write(out, |variable, out| match fixed(event, variable) {
                Some(fixed) => put(out, fixed?),
                None => match others.next()? {
                    Some(other) => put(out, other),
                    None => put(out, &value),
                },
            })
        });
        let fits = written && kind.of.pattern.fits(draft.last());
        match (written, fits) {
            (true, true) => found.0.push(kind.of),
            (true, false) => draft.take_back(),
            (false, _) => {}
        }
        fits
    };
    match kind.variables.as_slice() {
        // Only partition, region and account vary: there is one for each.
        [] if !kind.of.pattern.as_str().contains('*') => {
            write(Place::Request(""), Form::AsIs, "", &[]);
        }
        // AWS writes no variable where any name stands.
        [] => {}
        [(_, places)] => {
            for (place, form) in places {
                let mut any = false;
                texts_at(event, *place, &mut |text| any |= write(*place, *form, text, &[None]));
                if any {
                    break;
                }
            }
        }
        several => {
            let mut values: Vec<Option<String>> = Vec::new();
            let mut last = (Place::Request(""), Form::AsIs);
            for (variable, places) in several {
                let one = places.iter().find_map(|(place, form)| {
                    let mut texts = Vec::new();
                    texts_at(event, *place, &mut |text| texts.push(text.to_owned()));
                    let text = if texts.len() == 1 { texts.pop()? } else { return None };
                    last = (*place, *form);
                    if text.starts_with("arn:") { Some(text) } else { formed(&text, *form).map(Cow::into_owned) }
                });
                let one = one.or_else(|| default_of(asked, variable).map(str::to_owned));
                match one {
                    // An access point stands where a bucket would.
                    Some(arn) if arn.starts_with("arn:") => {
                        if arn.contains(":accesspoint/") && kind.of.name == "object" {
                            return access_point(event, kind, &arn, draft, found);
                        }
                        write(last.0, Form::AsIs, &arn, &[]);
                        return;
                    }
                    Some(value) => values.push(Some(value)),
                    None => return,
                }
            }
            let value = values.last().cloned().flatten().unwrap_or_default();
            write(last.0, Form::AsIs, &value, &values);
        }
    }
}

/// An object read through an access point: `…:accesspoint/name/object/key`.
fn access_point(event: &Event<'_>, kind: &Kind, point: &str, draft: &mut Draft, found: &mut Found) {
    texts_at(event, Place::Request("key"), &mut |key| {
        found.0.push(kind.of);
        draft.add(Basis::Record, |out| put(out, &format!("{point}/object/{key}")));
    });
}

/// What stands where a request leaves something out.
fn default_of(asked: &Asked, variable: &str) -> Option<&'static str> {
    match (asked.facts.action.service_prefix(), variable) {
        ("ecs", "ClusterName") => Some("default"),
        ("events", "EventBusName") => Some("default"),
        _ => None,
    }
}

/// The object that a copy reads: `bucket/key`, with a slash before it and a version behind it at will.
fn copy_source(event: &Event<'_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    let Some(kind) = asked.kinds.iter().find(|kind| kind.of.name == "object") else { return };
    texts_at(event, Place::Request("x-amz-copy-source"), &mut |source| {
        let path = source.split("?versionId=").next().unwrap_or(source);
        let path = percent_decoded(path.strip_prefix('/').unwrap_or(path));
        let arn =
            if path.starts_with("arn:") { path } else { format!("arn:{}:s3:::{path}", event.operation.partition()) };
        if kind.of.pattern.fits(&arn) || arn.contains(":accesspoint/") {
            found.0.push(kind.of);
            draft.add(Basis::Record, |out| put(out, &arn));
        }
    });
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// What an EC2 id is the id of, by how it begins.
const EC2_IDS: &[(&str, &str)] = &[
    ("acl-", "network-acl"),
    ("ami-", "image"),
    ("dopt-", "dhcp-options"),
    ("eigw-", "egress-only-internet-gateway"),
    ("eipalloc-", "elastic-ip"),
    ("eni-", "network-interface"),
    ("fl-", "vpc-flow-log"),
    ("i-", "instance"),
    ("igw-", "internet-gateway"),
    ("key-", "key-pair"),
    ("lt-", "launch-template"),
    ("nat-", "natgateway"),
    ("pcx-", "vpc-peering-connection"),
    ("pl-", "prefix-list"),
    ("rtb-", "route-table"),
    ("sg-", "security-group"),
    ("sgr-", "security-group-rule"),
    ("sir-", "spot-instances-request"),
    ("snap-", "snapshot"),
    ("subnet-", "subnet"),
    ("tgw-", "transit-gateway"),
    ("vol-", "volume"),
    ("vpc-", "vpc"),
    ("vpce-", "vpc-endpoint"),
];

fn ec2_tags(event: &Event<'_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    texts_at(event, Place::Request("resourcesSet.items[].resourceId"), &mut |id| {
        let name = EC2_IDS.iter().find(|(start, _)| id.starts_with(start)).map(|(_, name)| *name);
        let Some(kind) = asked.kinds.iter().find(|kind| Some(kind.of.name) == name) else { return };
        if kind.variables.len() == 1 {
            let written = draft.add(Basis::Record, |out| {
                kind.of.pattern.write(out, |variable, out| match fixed(event, variable) {
                    Some(fixed) => put(out, fixed?),
                    None => put(out, id),
                })
            });
            if written {
                found.0.push(kind.of);
            }
        }
    });
}

/// `iam:GetUser` and its like, which are about the caller where the request names nobody.
fn iam_caller(event: &Event<'_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    let caller = &event.identity.principal;
    let Some(kind) = asked.kinds.iter().find(|kind| kind.of.name == "user") else { return };
    let names_somebody = event.parameters.is_some_and(|request| request.get("userName").is_some());
    if caller.kind == PrincipalKind::User && !names_somebody && kind.of.pattern.fits(&caller.name) {
        found.0.push(kind.of);
        draft.add(Basis::Record, |out| put(out, &caller.name));
    }
}

/// The path of an API Gateway call, with the request's members in it.
fn api_path(event: &Event<'_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    let filled = |path: &'static str| {
        let mut out = String::new();
        let mut rest = path;
        while let Some((literal, after)) = rest.split_once('{') {
            let (member, after) = after.split_once('}')?;
            let mut value = None;
            texts_at(event, Place::Request(member.trim_end_matches('+')), &mut |text| value = Some(text.to_owned()));
            out.push_str(literal);
            out.push_str(&value?);
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    };
    let path = catalog::api_paths(catalog::without_version(event.name())).filter_map(filled).max_by_key(String::len);
    if let Some(path) = path.filter(|_| !event.operation.region.is_empty()) {
        let operation = event.operation;
        draft.add(Basis::Record, |out| {
            put(out, &format!("arn:{}:apigateway:{}::{path}", operation.partition(), operation.region))
        });
        found.0.extend(asked.kinds.iter().map(|kind| kind.of));
    }
}

/// A role that a request hands to a service: `iam:PassRole` on it. What a request hands over as an instance
/// profile holds a role that the log does not name; no policy can be written for it.
pub(super) fn passed_role(event: &Event<'_>, passed: &PassedRole, pass: &'static ActionFacts, draft: &mut Draft) {
    texts_at(event, Place::Request(passed.path), &mut |value| {
        let partition = event.operation.partition();
        let of_profile = passed.path.to_ascii_lowercase().contains("instanceprofile");
        if of_profile {
            draft.begin(pass, passed.service);
            let arn = if value.starts_with("arn:") {
                value.to_owned()
            } else {
                let account = event.operation.account_id().unwrap_or("*");
                format!("arn:{partition}:iam::{account}:instance-profile/{value}")
            };
            draft.add(Basis::Unknown, |out| put(out, &arn));
            return;
        }
        let is_role = Arn::parse(value).is_ok_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
        if is_role {
            draft.begin(pass, passed.service);
            draft.add(Basis::Record, |out| put(out, value));
        } else if !value.contains(':') && !passed.by_name_only {
            // A name without a path; the role may have one.
            if let Some(account) = event.operation.account_id() {
                draft.begin(pass, passed.service);
                let name = value.strip_prefix('/').unwrap_or(value);
                draft.add(Basis::Record, |out| put(out, &format!("arn:{partition}:iam::{account}:role/{name}")));
            }
        }
    });
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

/// Whether a text can stand for a name inside an ARN. Redacted values cannot.
fn is_name(text: &str) -> bool {
    !text.is_empty()
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
