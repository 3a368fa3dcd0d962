//! Resources whose place no table can say, each for the few calls it is about.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::asked::{Asked, Found, Inquiry, Kind, fixed, put};
use super::draft::Draft;
use super::resource::Basis;
use crate::catalog::{self, Place};
use crate::iam::PrincipalKind;

/// An object read through an access point: `…:accesspoint/name/object/key`.
pub(super) fn access_point(event: &Inquiry<'_, '_>, kind: &Kind, point: &str, draft: &mut Draft, found: &mut Found) {
    event.texts_at(Place::Request("key"), &mut |key| {
        found.0.push(kind.of);
        draft.add(Basis::Record, |out| put(out, &format!("{point}/object/{key}")));
    });
}

/// The object that a copy reads: `bucket/key`, with a slash before it and a version behind it at will.
pub(super) fn copy_source(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    let Some(kind) = asked.kinds.iter().find(|kind| kind.of.name == "object") else { return };
    event.texts_at(Place::Request("x-amz-copy-source"), &mut |source| {
        let path = source.split("?versionId=").next().unwrap_or(source);
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = percent_decode_str(path).decode_utf8().unwrap_or(Cow::Borrowed(path));
        let arn = if path.starts_with("arn:") {
            path.into_owned()
        } else {
            format!("arn:{}:s3:::{path}", event.operation.partition())
        };
        if kind.of.pattern.fits(&arn) || arn.contains(":accesspoint/") {
            found.0.push(kind.of);
            draft.add(Basis::Record, |out| put(out, &arn));
        }
    });
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

pub(super) fn ec2_tags(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    event.texts_at(Place::Request("resourcesSet.items[].resourceId"), &mut |id| {
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
pub(super) fn iam_caller(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    let caller = &event.identity.principal;
    let Some(kind) = asked.kinds.iter().find(|kind| kind.of.name == "user") else { return };
    let names_somebody = event.parameters.is_some_and(|request| request.get("userName").is_some());
    if caller.kind == PrincipalKind::User && !names_somebody && kind.of.pattern.fits(&caller.name) {
        found.0.push(kind.of);
        draft.add(Basis::Record, |out| put(out, &caller.name));
    }
}

/// The path of an API Gateway call, with the request's members in it.
pub(super) fn api_path(event: &Inquiry<'_, '_>, asked: &Asked, draft: &mut Draft, found: &mut Found) {
    let filled = |path: &'static str| {
        let mut out = String::new();
        let mut rest = path;
        while let Some((literal, after)) = rest.split_once('{') {
            let (member, after) = after.split_once('}')?;
            let mut value = None;
            event.texts_at(Place::Request(member.trim_end_matches('+')), &mut |text| value = Some(text.to_owned()));
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
