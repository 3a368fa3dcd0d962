//! `aws:MultiFactorAuthPresent`, which temporary credentials have.

use super::tally::{Held, Tally, Told};
use super::{Calls, ConditionKind, Reviewed};
use crate::iam::PrincipalKind;

pub(super) fn review(calls: &Calls<'_, '_>) -> Reviewed {
    let is_user = calls.principal == PrincipalKind::User;
    let tally = Tally::of(calls, |call, usage| {
        let (_, without, unsaid) = usage.mfa;
        if calls.principal == PrincipalKind::PermissionSet {
            Told::Unknown("Identity Center carries no MFA into the sessions of permission sets")
        } else if without {
            Told::Lacks("some sessions had no MFA that AWS saw; that of an identity provider, it does not see")
        } else if unsaid && is_user {
            Told::Lacks("some calls were made with long-term keys, which have no session that could tell of MFA")
        } else if unsaid {
            Told::Unknown("some records do not say whether the session had MFA")
        } else if call.invoked_by.is_some() {
            Told::Unknown("AWS services made some of the calls for the caller, and may not carry MFA on")
        } else {
            Told::Has(vec!["true"])
        }
    });
    tally.decide(ConditionKind::Mfa, calls, |_| {
        if calls.are_few() {
            return Err("too few calls to know the habit");
        }
        let values = vec!["true".to_owned()];
        Ok(Held { operator: "Bool", key: "aws:MultiFactorAuthPresent", values, why: "all sessions had MFA" })
    })
}
