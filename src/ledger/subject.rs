//! What was given to the person: a kind and a name become a [`Subject`].

use super::Subject;
use super::cells::{Cells, quoted};
use super::row::Column;
use crate::condition::did_you_mean;
use crate::iam::{Arn, Principal, PrincipalKind, is_account_id};

/// Kinds and how the resource of their ARN begins.
const KINDS: [(&str, &str); 4] =
    [("user", "user/"), ("role", "role/"), ("permission_set", "role/"), ("group", "group/")];

/// The subject, and the account its ARN names.
pub(super) fn subject<'r>(cells: &mut Cells<'r>) -> Option<(Subject, Option<&'r str>)> {
    let kind = kind(cells);
    let principal = cells.required(Column::Principal)?;
    let found = read(kind?, principal);
    if let Err(what) = &found {
        let what = format!("`{}`: {what}", cells.name(Column::Principal));
        cells.fatal(what);
    }
    found.ok()
}

/// The kind that is told; empty where none is. Nothing where it is none of ours.
fn kind<'r>(cells: &mut Cells<'r>) -> Option<&'r str> {
    let Some(told) = cells.text(Column::PrincipalKind) else { return Some("") };
    if KINDS.iter().any(|(kind, _)| *kind == told) {
        return Some(told);
    }
    let kinds = KINDS.map(|(kind, _)| kind);
    let hint = did_you_mean(&told.to_ascii_lowercase().replace(['-', ' '], "_"), kinds.into_iter());
    let what = format!(
        "`{}` is {}, but there are `user`, `role`, `permission_set` and `group`{hint}",
        cells.name(Column::PrincipalKind),
        quoted(told)
    );
    cells.fatal(what);
    None
}

fn read<'p>(kind: &str, principal: &'p str) -> Result<(Subject, Option<&'p str>), String> {
    if !principal.starts_with("arn:") {
        return Ok((named(kind, principal, principal)?, None));
    }
    let shown = quoted(principal);
    let arn = Arn::parse(principal).map_err(|_| format!("{shown} is no whole ARN"))?;
    if arn.service == "sso" {
        return Err(format!("{shown} tells no name; give the name of the permission set"));
    }
    if arn.service == "sts" {
        return Err(format!("{shown} is a session; give the ARN or the name of its role, and the `person`"));
    }
    let of_arn = KINDS.iter().find(|(_, begin)| arn.resource.starts_with(begin));
    let Some((of_arn, _)) = of_arn.filter(|_| arn.service == "iam") else {
        return Err(format!("{shown} is no user, role, permission set or group; give one of them"));
    };
    if !is_account_id(arn.account) {
        return Err(format!("{shown} has no account of twelve digits"));
    }
    let subject = named(of_arn, arn.last_segment(), principal)?;
    let of_subject = match &subject {
        Subject::User(_) => "user",
        Subject::Role(_) => "role",
        Subject::PermissionSet(_) => "permission_set",
        Subject::Group(_) => "group",
    };
    // Who says `role` of a permission set's role is right too.
    if kind.is_empty() || kind == of_subject || (kind == "role" && of_subject == "permission_set") {
        return Ok((subject, Some(arn.account)));
    }
    Err(match kind {
        "permission_set" => format!("{shown} is no role that Identity Center made; give the permission set's name"),
        _ => format!("{shown} is a {of_subject}, but its kind is `{kind}`; make them agree"),
    })
}

/// The subject of a name; `whole` is what it is called by.
fn named(kind: &str, name: &str, whole: &str) -> Result<Subject, String> {
    let (what, longest) = match kind {
        "user" => ("a user", 64),
        "group" => ("a group", 128),
        "permission_set" if !name.starts_with("AWSReservedSSO_") => ("a permission set", 32),
        _ => ("a role", 64),
    };
    // Source: IAM and Identity Center API references, patterns and lengths of names.
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty() || name.len() > longest || !name.chars().all(fits) {
        let rule = format!("1 to {longest} letters, digits or `_+=,.@-`");
        return Err(format!("{} cannot be the name of {what}, which has {rule}", quoted(name)));
    }
    if matches!(kind, "role" | "permission_set" | "") && name.starts_with("AWSReservedSSO_") {
        let made = Principal::of_role(&format!("arn:aws:iam:::role/{name}"), PrincipalKind::Role);
        return match made.kind {
            PrincipalKind::PermissionSet => Ok(Subject::PermissionSet(made.short_name().to_owned())),
            _ => Err(format!(
                "{} looks like a role that Identity Center made, but those end in `_` and 16 hexadecimal digits; \
                 give the permission set's name",
                quoted(name)
            )),
        };
    }
    match kind {
        "user" => Ok(Subject::User(whole.to_owned())),
        "role" => Ok(Subject::Role(whole.to_owned())),
        "group" => Ok(Subject::Group(whole.to_owned())),
        "permission_set" => Ok(Subject::PermissionSet(name.to_owned())),
        _ => Err(format!(
            "{} may be of a user, a role, a permission set or a group; say so in `principal_kind`",
            quoted(name)
        )),
    }
}
