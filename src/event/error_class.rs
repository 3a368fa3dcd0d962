//! What an error code means for permissions, from a table.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::iam::matches_ignoring_case;

/// What an error code says about authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The caller was not allowed.
    Denied,
    /// The caller was allowed, but a service or role acting for it was not.
    DeniedDependency,
    /// A VPC endpoint's policy stood in the way.
    DeniedNetwork,
    /// Denied, or "not subscribed", by the message.
    DeniedIfSaid,
    /// An image that is not shared, or credentials that are not good: EC2 uses one code for both.
    AuthFailure,
    /// The call would have been allowed: a dry run.
    DryRun,
    /// Not denied.
    Failed(Failure),
}

/// Why a call that nobody denied did not go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Nobody knows who called; no permission would help. Failed sign-ins are among them.
    Authentication,
    /// What was asked for is not there, which some services also say where the caller may not see it.
    MaybeMasked,
    /// The account or region is not enabled for it.
    AccountOrRegion,
    /// Too many requests.
    Throttle,
    /// A limit, a wrong value, or a state in which it cannot be done.
    State,
    /// A code that is not in the table.
    Other,
}

impl Failure {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::MaybeMasked => "maybe-masked",
            Self::AccountOrRegion => "account-or-region",
            Self::Throttle => "throttle",
            Self::State => "state",
            Self::Other => "other",
        }
    }
}

/// The table: codes in lower case, and patterns in the order in which they are asked.
struct Table {
    codes: HashMap<String, ErrorClass>,
    patterns: Vec<(&'static str, ErrorClass)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { codes: HashMap::new(), patterns: Vec::new() };
    for (code, class) in rows() {
        let Some(class) = parse(class) else { continue };
        if code.contains('*') {
            table.patterns.push((code, class));
        } else {
            table.codes.insert(code.to_ascii_lowercase(), class);
        }
    }
    table
});

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = include_str!("error-codes.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

fn parse(class: &str) -> Option<ErrorClass> {
    Some(match class {
        "denied" => ErrorClass::Denied,
        "denied-dependency" => ErrorClass::DeniedDependency,
        "denied-network" => ErrorClass::DeniedNetwork,
        "denied-if-said" => ErrorClass::DeniedIfSaid,
        "auth-failure" => ErrorClass::AuthFailure,
        "dry-run" => ErrorClass::DryRun,
        "authentication" => ErrorClass::Failed(Failure::Authentication),
        "maybe-masked" => ErrorClass::Failed(Failure::MaybeMasked),
        "account-or-region" => ErrorClass::Failed(Failure::AccountOrRegion),
        "throttle" => ErrorClass::Failed(Failure::Throttle),
        "state" => ErrorClass::Failed(Failure::State),
        _ => return None,
    })
}

/// The class of an `errorCode`, which may carry `Client.`, a namespace before `#`, or a web address
/// behind a colon. `None` for a code the table does not hold.
pub fn class_of(code: &str) -> Option<ErrorClass> {
    let code = bare(code);
    let exact = TABLE.codes.get(&code.to_ascii_lowercase());
    // A code that reads like a denial is never taken for something else by a pattern.
    let patterns = TABLE.patterns.iter().filter(|_| !reads_like_a_denial(code));
    let by_pattern = || patterns.clone().find(|(pattern, _)| matches_ignoring_case(pattern, code));
    exact.copied().or_else(|| by_pattern().map(|(_, class)| *class))
}

/// The codes by which AWS says that a call was denied, for whom wants to ask for them elsewhere. EC2 writes `Client.` before
/// its own.
pub fn codes_of_denials() -> impl Iterator<Item = &'static str> {
    let denied = |class: &str| matches!(class, "denied" | "denied-network" | "denied-dependency");
    rows().filter(move |(code, class)| denied(class) && !code.contains('*')).map(|(code, _)| code)
}

/// Whether an unknown code reads like a denial. Weaker than the table: codes about dependencies and
/// about sign-in read like one too, which is why they are in the table.
pub(super) fn reads_like_a_denial(code: &str) -> bool {
    let code = bare(code).to_ascii_lowercase();
    ["accessdenied", "unauthorized", "notauthorized", "forbidden"].iter().any(|word| code.contains(word))
}

fn bare(code: &str) -> &str {
    let code = code.trim();
    let code = code.strip_prefix("Client.").or_else(|| code.strip_prefix("Server.")).unwrap_or(code);
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    code.split_once(":http").map_or(code, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_code_has_its_class() {
        for (code, class) in [
            ("AccessDenied", Some(ErrorClass::Denied)),
            ("Client.UnauthorizedOperation", Some(ErrorClass::Denied)),
            ("com.amazonaws.x#AccessDeniedException:http://internal.amazon.com/", Some(ErrorClass::Denied)),
            ("accessdenied", Some(ErrorClass::Denied)),
            ("KMSAccessDeniedException", Some(ErrorClass::DeniedDependency)),
            ("VpceAccessDenied", Some(ErrorClass::DeniedNetwork)),
            ("Client.DryRunOperation", Some(ErrorClass::DryRun)),
            ("ThrottlingException", Some(ErrorClass::Failed(Failure::Throttle))),
            ("NoSuchBucket", Some(ErrorClass::Failed(Failure::MaybeMasked))),
            ("Client.InvalidGroup.NotFound", Some(ErrorClass::Failed(Failure::MaybeMasked))),
            ("InvalidPermission.NotFound", Some(ErrorClass::Failed(Failure::State))),
            ("Client.InvalidParameterValue", Some(ErrorClass::Failed(Failure::State))),
            ("InvalidAccessDenied", None),
            ("InternalFailure", None),
        ] {
            assert_eq!(class_of(code), class, "{code}");
        }
        for (code, class) in rows() {
            assert!(parse(class).is_some(), "{code} {class}");
        }
    }
}
