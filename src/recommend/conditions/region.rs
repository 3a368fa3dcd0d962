//! `aws:RequestedRegion`, which every request has.

use super::tally::{Held, Tally, Told};
use super::{Calls, ConditionKind, Reviewed};
use crate::iam::is_global_service;

pub(super) fn review(calls: &Calls<'_, '_>) -> Reviewed {
    let is_global = calls.services.iter().any(|service| is_global_service(service));
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
