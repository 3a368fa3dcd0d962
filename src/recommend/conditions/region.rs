//! `aws:RequestedRegion`, which every request has.

use super::tally::{Held, Tally, Told};
use super::{Calls, ConditionKind, Reviewed};

/// Services whose requests count as made in one fixed region, wherever the caller is, so that a region
/// condition from history would say nothing or block everything.
const GLOBAL_SERVICES: &[&str] = &[
    "iam",
    "sts",
    "organizations",
    "route53",
    "route53domains",
    "cloudfront",
    "support",
    "health",
    "sso",
    "account",
    "globalaccelerator",
    "networkmanager",
    "budgets",
    "ce",
    "shield",
    "waf",
    "signin",
];

pub(super) fn review(calls: &Calls<'_, '_>) -> Reviewed {
    let is_global = calls.services.iter().any(|service| GLOBAL_SERVICES.contains(service));
    let tally = Tally::of(calls, |call, _| match &*call.operation.region {
        "" => Told::Unknown("the log lacks the region of some calls"),
        region => Told::Has(vec![region.to_owned()]),
    });
    tally.decide(ConditionKind::Region, calls, |tally| {
        if is_global {
            return Err("a global service is among the actions");
        }
        if tally.values.is_empty() {
            return Err("there are no calls");
        }
        let values = tally.values.iter().cloned().collect();
        Ok(Held { operator: "StringEquals", key: "aws:RequestedRegion", values, why: "all calls were made there" })
    })
}
