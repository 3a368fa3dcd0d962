//! `aws:SourceVpce`, which requests through a VPC endpoint have, and no others.

use super::tally::{Held, Tally, Told};
use super::{Calls, ConditionKind, EVENTS, Reviewed, events};

pub(super) fn review(calls: &Calls<'_, '_>) -> Reviewed {
    let is_some = calls.calls.iter().any(|(_, usage)| !usage.vpc_endpoints.is_empty());
    let tally = Tally::of(calls, |call, usage| {
        if call.invoked_by.is_some() {
            Told::Lacks("AWS services made some of the calls for the caller, and do not carry its endpoint on")
        } else if usage.without_endpoint && is_some {
            // A statement that asked for the office's addresses and for an endpoint would allow nothing.
            Told::Lacks("only some calls came through a VPC endpoint, and one statement cannot ask for either way")
        } else if usage.without_endpoint {
            Told::Lacks("no call came through a VPC endpoint")
        } else if usage.vpc_endpoints.has_more() {
            Told::Unknown("some calls came through more VPC endpoints than are told apart")
        } else {
            Told::Has(usage.vpc_endpoints.iter().map(ToString::to_string).collect())
        }
    });
    tally.decide(ConditionKind::Vpce, calls, |tally| {
        if events(&calls.calls) < EVENTS {
            return Err("too few calls to know the way they take");
        }
        let values = tally.values.iter().cloned().collect();
        Ok(Held { operator: "StringEquals", key: "aws:SourceVpce", values, why: "all calls came through it" })
    })
}
