//! A request as statements are asked about it.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::request::{Context, Request};
use super::template::Template;
use super::truth::Truth;
use crate::iam::Action;
use crate::iam::has_wildcard;
use crate::iam::pattern::{Part, matches, parts_cover, parts_match, parts_may_overlap, written};

/// Parts of a pattern; room for an ARN of usual length.
pub(super) type Parts = SmallVec<[Part; 128]>;

pub(super) struct Asked<'r> {
    request: &'r Request<'r>,
    /// The one resource that is asked for.
    resource: Cow<'r, str>,
    /// Where not one resource is asked for, but all that fit a pattern.
    several: Option<Vec<Part>>,
}

impl<'r> Asked<'r> {
    pub(super) fn new(request: &'r Request<'r>) -> Self {
        let resource = Cow::Borrowed(request.resource);
        if request.resource == "*" || !(has_wildcard(request.resource) || request.resource.contains("${")) {
            return Self { request, resource, several: None };
        }
        let written = written(request.resource);
        let literal: Option<Vec<u8>> =
            written.iter().map(|part| if let Part::Is(byte) = part { Some(*byte) } else { None }).collect();
        match literal.and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(literal) => Self { request, resource: Cow::Owned(literal), several: None },
            None => Self { request, resource, several: Some(written) },
        }
    }

    pub(super) fn action(&self) -> &'r Action {
        self.request.action
    }

    pub(super) fn context(&self) -> &'r dyn Context {
        self.request.context
    }

    /// Whether more than one resource may be meant.
    pub(super) fn is_about_several(&self) -> bool {
        self.several.is_some()
    }

    /// Whether the resource fits a template; maybe where only some of them do.
    pub(super) fn is_on(&self, template: &Template) -> Truth {
        if let (Template::Plain(pattern), None) = (template, &self.several) {
            return matches(pattern, &self.resource).into();
        }
        let Some(filled) = template.fill(self.context()) else { return Truth::No };
        let (fits, may_fit) = match &self.several {
            None => {
                let fits = parts_match(&filled.parts, &self.resource);
                (fits, fits)
            }
            Some(several) => (parts_cover(&filled.parts, several), parts_may_overlap(&filled.parts, several)),
        };
        match (fits, may_fit) {
            (true, _) if filled.is_certain => Truth::Yes,
            (false, false) => Truth::No,
            _ => Truth::Maybe,
        }
    }
}
