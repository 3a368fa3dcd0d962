//! What an error code means for permissions, from a table.

use std::sync::LazyLock;

use hashbrown::HashMap;

/// What an error code says about authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The caller was not allowed.
    Denied,
    /// A VPC endpoint policy stood in the way.
    DeniedByNetwork,
    /// The caller was allowed, but a service or role acting for it was not.
    DeniedByDependency,
    /// Denied or malformed credentials, by the message: EC2 uses one code for both.
    AuthFailure,
    /// Denied, or "not subscribed", by the message.
    DeniedIfSaid,
    /// Nobody knows who called; no permission would help.
    Authentication,
    /// The call would have been allowed: a dry run.
    Authorized,
    /// Failed for another reason.
    Other,
}

static TABLE: LazyLock<HashMap<String, ErrorClass>> = LazyLock::new(|| {
    include_str!("error-codes.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(code, class)| (code.to_ascii_lowercase(), parse(class)))
        .collect()
});

fn parse(class: &str) -> ErrorClass {
    match class {
        "denied" => ErrorClass::Denied,
        "denied-by-network" => ErrorClass::DeniedByNetwork,
        "denied-by-dependency" => ErrorClass::DeniedByDependency,
        "auth-failure" => ErrorClass::AuthFailure,
        "denied-if-said" => ErrorClass::DeniedIfSaid,
        "authentication" => ErrorClass::Authentication,
        "authorized" => ErrorClass::Authorized,
        _ => ErrorClass::Other,
    }
}

/// The class of an `errorCode`, which may carry `Client.`, a namespace before `#`, or a web address
/// behind a colon. `None` for a code the table does not hold.
pub fn class_of(code: &str) -> Option<ErrorClass> {
    TABLE.get(&bare(code).to_ascii_lowercase()).copied()
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
            ("KMSAccessDeniedException", Some(ErrorClass::DeniedByDependency)),
            ("VpceAccessDenied", Some(ErrorClass::DeniedByNetwork)),
            ("Client.DryRunOperation", Some(ErrorClass::Authorized)),
            ("ThrottlingException", Some(ErrorClass::Other)),
            ("NoSuchBucket", None),
        ] {
            assert_eq!(class_of(code), class, "{code}");
        }
        for line in include_str!("error-codes.tsv").lines().filter(|line| !line.starts_with('#')) {
            let (code, class) = line.split_once('\t').unwrap();
            assert!(class == "other" || parse(class) != ErrorClass::Other, "{line}");
            assert!(class_of(code).is_some(), "{code}");
        }
    }
}
