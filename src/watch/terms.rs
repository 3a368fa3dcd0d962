//! Whether a call keeps within what a grant allows, and to its terms.

use std::net::IpAddr;

use super::Scope;
use crate::catalog;
use crate::classify::{Basis, Needs, Use};
use crate::event::Event;
use crate::iam::{PrincipalKind, covers, is_global_service, matches_ignoring_case, may_overlap};
use crate::ledger::Grant;

/// Terms that a call does not keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Broken {
    /// It came from outside the networks and VPC endpoints.
    pub network: bool,
    /// It went to another region.
    pub region: bool,
    /// A user made it without MFA.
    pub mfa: bool,
}

impl Broken {
    /// How a call fares with the terms of a grant.
    pub(super) fn of(event: &Event<'_>, grant: &Grant) -> Self {
        let terms = &grant.conditions;
        // A service that calls for somebody does so from its own network.
        let is_direct = event.identity.invoked_by.is_none();
        Self {
            network: is_direct && is_outside(event, grant),
            region: !terms.regions.is_empty() && is_elsewhere(event, &terms.regions),
            // A session of Identity Center or of a role does not tell.
            mfa: terms.mfa && event.identity.principal.kind == PrincipalKind::User && event.identity.mfa != Some(true),
        }
    }

    /// Whether all terms are kept.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

fn is_outside(event: &Event<'_>, grant: &Grant) -> bool {
    let (networks, endpoints) = (&grant.conditions.source_ip, &grant.conditions.vpce);
    if networks.is_empty() && endpoints.is_empty() {
        return false;
    }
    match (event.vpc_endpoint, event.address) {
        // What went through an endpoint has no public address, so that networks say nothing of it.
        (Some(endpoint), _) => {
            !endpoints.is_empty() && !endpoints.iter().any(|known| endpoint.as_str().is_some_and(|id| id == *known))
        }
        (None, Some(address)) => !is_in(address, grant),
        // AWS wrote the name of a service there.
        (None, None) => false,
    }
}

fn is_in(address: IpAddr, grant: &Grant) -> bool {
    grant.conditions.source_ip.iter().any(|network| network.contains(&address))
}

fn is_elsewhere(event: &Event<'_>, regions: &[String]) -> bool {
    let region = &*event.operation.region;
    let is_global = || catalog::prefixes_of(event.source()).iter().any(|prefix| is_global_service(prefix));
    !region.is_empty() && !regions.iter().any(|known| known == region) && !is_global()
}

impl Scope {
    /// Whether all that a call needs is among what a grant names. A grant that names nothing gives what its subject has.
    pub(super) fn of(needs: &Needs, grant: &Grant) -> Self {
        if grant.actions.is_empty() && grant.resources.is_empty() {
            return Self::Unlimited;
        }
        match needs {
            Needs::NoPermission => Self::Inside,
            Needs::Unknown => Self::Unknown,
            Needs::Actions(_) => needs.uses().iter().map(|used| of_use(used, grant)).max().unwrap_or(Self::Inside),
        }
    }
}

fn of_use(used: &Use, grant: &Grant) -> Scope {
    let action = used.action.to_string();
    let is_named = |pattern: &String| matches_ignoring_case(pattern, &action);
    if !grant.actions.is_empty() && !grant.actions.iter().any(is_named) {
        return Scope::ActionOutside;
    }
    if grant.resources.is_empty() {
        return Scope::Inside;
    }
    let each = |basis_is_pattern: bool| {
        let of_basis = used.resources.iter().filter(move |one| (one.basis == Basis::Pattern) == basis_is_pattern);
        of_basis.filter(|one| one.basis != Basis::TakesNone).map(|one| {
            let resource = one.in_request();
            if grant.resources.iter().any(|pattern| covers(pattern, &resource)) {
                Scope::Inside
            } else if one.is_named() || !grant.resources.iter().any(|pattern| may_overlap(pattern, &resource)) {
                Scope::ResourceOutside
            } else {
                Scope::Unknown
            }
        })
    };
    // Where the log names no resource, each type that it may have been of stands there; it was one of them.
    let of_type = each(true).reduce(|one, other| if one == other { one } else { Scope::Unknown });
    each(false).chain(of_type).max().unwrap_or(Scope::Inside)
}
