//! What calls leave behind, and whether it is for whoever made them.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::aggregate::{Call, CallOutcome};
use crate::detect::Severity;
use crate::iam::{Action, Arn, Principal, PrincipalKind};
use crate::watch::Stand;

/// What stays of a call when the window is over.
pub(super) struct Lasting {
    /// How much that matters.
    pub severity: Severity,
    /// In words.
    pub what: &'static str,
}

static TABLE: LazyLock<HashMap<&str, Lasting>> = LazyLock::new(|| {
    let lines = include_str!("lasting.tsv").lines().filter(|line| !line.starts_with('#'));
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let (action, severity, what) = (cells.next()?, cells.next()?.parse().ok()?, cells.next()?);
        Some((action, Lasting { severity, what }))
    };
    lines.filter_map(row).collect()
});

/// What a call left behind. What a service did on the way is its own business: it grants itself the use of a key, and
/// gives it back.
pub(super) fn of(call: &Call) -> Option<(&Action, &'static Lasting)> {
    let is_done = *call.outcome == CallOutcome::Succeeded && call.invoked_by.is_none();
    let mut uses = call.needs.uses().iter().filter(|_| is_done);
    uses.find_map(|used| Some((&used.action, TABLE.get(used.action.to_string().as_str())?)))
}

/// Whether what a call left behind gives more to whoever made it.
pub(super) fn is_for_caller(call: &Call, stand: &Stand) -> bool {
    let own = &*call.principal;
    let resources = call.needs.uses().iter().flat_map(|used| &used.resources).filter(|resource| resource.is_named());
    let origin = stand.origin.as_ref().map(|followed| &*followed.principal);
    let is_own = |arn: &str| is_self(own, arn) || origin.is_some_and(|origin| is_self(origin, arn));
    stand.is_for_self || resources.into_iter().any(|resource| is_own(&resource.arn))
}

/// Whether an ARN names a principal: roles and users are named with their path or without.
fn is_self(principal: &Principal, arn: &str) -> bool {
    let kind = match principal.kind {
        PrincipalKind::Role | PrincipalKind::RolePathUnknown => "role/",
        PrincipalKind::User => "user/",
        _ => return false,
    };
    let Ok(arn) = Arn::parse(arn) else { return false };
    arn.service == "iam"
        && arn.resource.starts_with(kind)
        && principal.account.as_deref().is_none_or(|account| account == arn.account)
        && arn.last_segment() == principal.short_name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn every_action_of_the_table_is_documented() {
        let lines = include_str!("lasting.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), TABLE.len());
        for action in TABLE.keys() {
            let (prefix, name) = action.split_once(':').unwrap();
            assert!(catalog::action(prefix, name).is_some(), "{action}");
        }
    }

    #[test]
    fn a_role_is_itself_with_its_path_or_without() {
        let arn = "arn:aws:iam::111122223333:role/team/Admin";
        let own =
            Principal { kind: PrincipalKind::Role, account: Some("111122223333".to_owned()), name: arn.to_owned() };
        assert!(is_self(&own, arn));
        assert!(is_self(&own, "arn:aws:iam::111122223333:role/Admin"));
        assert!(!is_self(&own, "arn:aws:iam::444455556666:role/Admin"));
        assert!(!is_self(&own, "arn:aws:iam::111122223333:user/Admin"));
        assert!(!is_self(&own, "arn:aws:iam::111122223333:role/Administrators"));
    }
}
