//! Conditions that history supports, each only where it is safe. What makes one unsafe is said, so that
//! nobody adds it by hand without knowing. After the IAM user guide's "Global condition context keys".

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::aggregate::{Call, Usage};
use crate::event::is_public;
use crate::iam::{Conditions, PrincipalKind};

/// Conditions that may be set, and a sentence on each that may not.
#[derive(Clone, Debug, Default)]
pub struct Reviewed {
    /// To be put into every statement.
    pub conditions: Conditions,
    /// What was found, either way.
    pub notes: Vec<String>,
}

/// More addresses than this are a network nobody wrote down.
const ADDRESSES: usize = 4;
/// Fewer events than this are no history.
const EVENTS: u64 = 3;

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

/// Reviews the calls of one principal that a grant is drawn from. `services` are the IAM prefixes of the
/// actions in the grant.
pub fn review(calls: &[(&Call, &Usage)], kind: PrincipalKind, services: &BTreeSet<&str>) -> Reviewed {
    let mut reviewed = Reviewed::default();
    region(calls, services, &mut reviewed);
    source_ip(calls, kind, &mut reviewed);
    reviewed
}

fn set(conditions: &mut Conditions, operator: &str, key: &str, values: Vec<String>) {
    conditions.entry(operator.to_owned()).or_default().insert(key.to_owned(), values);
}

fn region(calls: &[(&Call, &Usage)], services: &BTreeSet<&str>, reviewed: &mut Reviewed) {
    let regions: BTreeSet<&str> = calls.iter().map(|(call, _)| &*call.operation.region).collect();
    if services.iter().any(|service| GLOBAL_SERVICES.contains(service)) {
        reviewed.notes.push("no region condition: a global service is among the actions".to_owned());
    } else if regions.contains("") || regions.is_empty() {
        reviewed.notes.push("no region condition: the log lacks the region of some calls".to_owned());
    } else {
        let regions: Vec<_> = regions.into_iter().map(str::to_owned).collect();
        reviewed.notes.push(format!("region limited to {}, where all calls were made", regions.join(", ")));
        set(&mut reviewed.conditions, "StringEquals", "aws:RequestedRegion", regions);
    }
}

fn source_ip(calls: &[(&Call, &Usage)], kind: PrincipalKind, reviewed: &mut Reviewed) {
    let mut refuse = |why: &str| reviewed.notes.push(format!("no source IP condition: {why}"));
    let mut events = 0;
    let mut addresses: BTreeMap<IpAddr, ()> = BTreeMap::new();
    for (call, usage) in calls {
        events += usage.count;
        if call.invoked_by.is_some() || usage.without_address {
            return refuse("AWS services made some of the calls for the caller, from addresses of their own");
        }
        if !usage.vpc_endpoints.is_empty() {
            return refuse("some calls came through a VPC endpoint, where aws:SourceIp is absent");
        }
        if usage.addresses.has_more() {
            return refuse("too many addresses");
        }
        addresses.extend(usage.addresses.iter().map(|ip| (*ip, ())));
    }
    if kind == PrincipalKind::Role || kind == PrincipalKind::RolePathUnknown {
        return refuse("a role's workload may move to another address");
    }
    if events < EVENTS {
        return refuse("too few calls to know the network");
    }
    if addresses.is_empty() || addresses.len() > ADDRESSES {
        return refuse("too many addresses");
    }
    if addresses.keys().any(|ip| !is_public(*ip)) {
        return refuse("a private address never reaches AWS as aws:SourceIp");
    }
    let ranges: Vec<String> =
        addresses.keys().map(|ip| format!("{ip}/{}", if ip.is_ipv4() { 32 } else { 128 })).collect();
    reviewed.notes.push(format!("source IP limited to {}, where all calls came from", ranges.join(", ")));
    set(&mut reviewed.conditions, "IpAddress", "aws:SourceIp", ranges);
}
