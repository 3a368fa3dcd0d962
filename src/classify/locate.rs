//! Which resources a call touched, as ARNs: from the record, else from the denial message, else the
//! patterns of the action's resource types in the event's account and region.

use std::borrow::Cow;
use std::rc::Rc;

use smallvec::SmallVec;

use super::Alone;
use super::asked::{Asked, Found, Inquiry, Kind, Special, fixed, put};
use super::draft::Draft;
use super::request::formed;
use super::resource::Basis;
use super::special::{access_point, api_path, copy_source, ec2_tags, iam_caller};
use crate::catalog::{self, ActionFacts, Form, PassedRole, Place, ResourceType};
use crate::event::{Denial, Event};
use crate::iam::{AccessLevel, Arn};

/// Writes the resources of a call for one of its actions.
pub(super) fn used(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft) {
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
pub(super) fn listed_only(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft) -> bool {
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
fn complete(event: &Inquiry<'_, '_>, asked: &Asked, found: &Found, draft: &mut Draft) {
    let any_required = asked.kinds.iter().any(|kind| kind.required);
    for kind in &asked.kinds {
        let wanted = if any_required { kind.required } else { found.is_empty() };
        if wanted && !found.has(kind.of) && !(any_required && found.covers(asked)) {
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
    asked: impl FnOnce(&'static ActionFacts, &str) -> Rc<Alone>,
) {
    match denial.resource.as_deref() {
        Some(arn) if arn != "*" => {
            draft.begin(facts, passed_to(event, facts));
            match taken(facts, arn) {
                Some(kind) => add(facts, kind, draft, Basis::Message, |text| put(text, arn)),
                None => draft.add(Basis::Message, |text| put(text, arn)),
            };
        }
        _ => {
            let asked = asked(facts, catalog::without_version(event.name()));
            used(&Inquiry::of(event, &asked.1), &asked.0, draft);
        }
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

/// Adds a resource of a known type, in the form in which policies have to name it.
fn add(
    facts: &ActionFacts,
    kind: &ResourceType,
    draft: &mut Draft,
    basis: Basis,
    write: impl FnOnce(&mut String) -> Option<()>,
) -> bool {
    let action = facts.action.name();
    if !draft.add(basis, write) {
        return false;
    }
    if let Some(arn) = kind.rewritten(action, draft.last()) {
        draft.take_back();
        let basis = if kind.pattern_for(action).leaves_open() { Basis::Partial } else { basis };
        draft.add(basis, |text| put(text, &arn));
    }
    true
}

/// What the service itself listed.
fn listed(event: &Inquiry<'_, '_>, facts: &'static ActionFacts, draft: &mut Draft, found: &mut Found) {
    for arn in event.listed() {
        if let Some(kind) = taken(facts, arn) {
            found.0.push(kind);
            add(facts, kind, draft, Basis::Record, |text| put(text, arn));
        }
    }
}

/// What the request names, or the response where only it knows, of types that were not found otherwise.
fn requested(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
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
        for (_, value) in request.pairs() {
            if value.plain().is_some_and(|plain| !plain.starts_with(b"arn:")) {
                continue;
            }
            let Some(text) = value.as_str() else { continue };
            if let Some(kind) = taken(asked.facts, &text) {
                found.0.push(kind);
                add(asked.facts, kind, draft, Basis::Record, |out| put(out, &text));
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
    let found = catalog::service(facts.action.service_prefix())?.type_of(&parsed, arn)?;
    facts.resources.iter().map(|r| r.resource_type).find(|kind| std::ptr::eq(*kind, found))
}

/// Whole ARNs, where the tables say that one stands; those of which AWS chose the name only with `created`.
fn whole(event: &Inquiry<'_, '_>, asked: &Asked, kind: &Kind, created: bool, draft: &mut Draft, found: &mut Found) {
    for place in &kind.whole {
        event.texts_at(*place, &mut |text| {
            let basis = basis_of(event, asked, *place, text);
            if kind.of.pattern.fits(text) && (created || basis != Basis::Created) {
                found.0.push(kind.of);
                add(asked.facts, kind.of, draft, basis, |out| put(out, text));
            }
        });
    }
}

/// Whether what a response names was made by the call under a name that AWS chose. A name that the request
/// has, the caller chose.
fn basis_of(event: &Inquiry<'_, '_>, asked: &Asked, place: Place, text: &str) -> Basis {
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
fn built(event: &Inquiry<'_, '_>, asked: &Asked, kind: &Kind, draft: &mut Draft, found: &mut Found) {
    let mut write = |place: Place, form: Form, given: &str, others: &[Option<String>]| {
        // A value that is an ARN is taken whole.
        if given.starts_with("arn:") {
            let is_point = kind.of.name == "object" && given.contains(":accesspoint/");
            if kind.of.pattern.fits(given) && !is_point {
                found.0.push(kind.of);
                return add(asked.facts, kind.of, draft, Basis::Record, |out| put(out, given));
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
        let written = add(asked.facts, kind.of, draft, basis, |out| {
            kind.pattern.write(out, |variable, out| match fixed(event, variable) {
                Some(fixed) => put(out, fixed?),
                None => match others.next()? {
                    Some(other) => put(out, other),
                    None => put(out, &value),
                },
            })
        });
        let fits = written && kind.pattern.fits(draft.last());
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
                event.texts_at(*place, &mut |text| any |= write(*place, *form, text, &[None]));
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
                    event.texts_at(*place, &mut |text| texts.push(text.to_owned()));
                    let text = if texts.len() == 1 { texts.pop()? } else { return None };
                    last = (*place, *form);
                    let is_whole = text.starts_with("arn:") && !(*form != Form::AsIs && is_around(event, kind, &text));
                    if is_whole { Some(text) } else { formed(&text, *form).map(Cow::into_owned) }
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

/// Whether an ARN is that of what one of this type is in, as of the cluster of a service: of the same service,
/// account and region, but not of the type.
fn is_around(event: &Event<'_>, kind: &Kind, arn: &str) -> bool {
    let pattern = Arn::parse(kind.of.pattern.as_str());
    let is_beside = pattern.is_ok_and(|pattern| {
        Arn::parse(arn).is_ok_and(|arn| {
            let operation = event.operation;
            let place = (arn.service, arn.region, Some(arn.account));
            place == (pattern.service, &*operation.region, operation.account_id())
        })
    });
    is_beside && !kind.of.pattern.fits(arn)
}

/// What stands where a request leaves something out.
fn default_of(asked: &Asked, variable: &str) -> Option<&'static str> {
    match (asked.facts.action.service_prefix(), variable) {
        ("ecs", "ClusterName") => Some("default"),
        ("events", "EventBusName") => Some("default"),
        _ => None,
    }
}

/// A role that a request hands to a service: `iam:PassRole` on it. What a request hands over as an instance
/// profile holds a role that the log does not name; no policy can be written for it.
pub(super) fn passed_role(event: &Inquiry<'_, '_>, passed: &PassedRole, pass: &'static ActionFacts, draft: &mut Draft) {
    event.texts_at(Place::Request(passed.path), &mut |value| {
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

/// The pattern of a resource type in the event's partition, region and account.
fn pattern(event: &Inquiry<'_, '_>, kind: &ResourceType, text: &mut String) -> Option<()> {
    kind.pattern.write(text, |variable, text| put(text, fixed(event, variable).flatten().unwrap_or("*")))
}
