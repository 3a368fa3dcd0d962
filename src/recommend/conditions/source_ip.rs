//! `aws:SourceIp`, which requests over the internet have.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::tally::{Held, Tally, Told};
use super::{Calls, ConditionKind, Reviewed};
use crate::aggregate::Days;
use crate::event::is_public;
use crate::iam::PrincipalKind;

/// More addresses or networks than this belong to nobody in particular; an office has a few ways out.
const PLACES: usize = 4;
/// Days on which a role has to be used before its address is taken for a fixed one. Workloads move when they are
/// deployed anew, or started again, which happens within a month where it happens at all.
const DAYS: usize = 30;

pub(super) fn review(calls: &Calls<'_, '_>) -> Reviewed {
    let tally = Tally::of(calls, |call, usage| {
        if !usage.vpc_endpoints.is_empty() {
            Told::Lacks("some calls came through a VPC endpoint, where aws:SourceIp is absent")
        } else if call.invoked_by.is_some() || usage.without_address {
            Told::Unknown("AWS services made some of the calls for the caller, from addresses of their own")
        } else if usage.addresses.has_more() {
            Told::Unknown("some calls came from more addresses than are told apart")
        } else if usage.addresses.iter().any(|address| !is_public(*address)) {
            Told::Unknown("a private address never reaches AWS as aws:SourceIp")
        } else {
            Told::Has(usage.addresses.iter().copied().collect())
        }
    });
    tally.decide(ConditionKind::SourceIp, calls, |_| {
        let is_role = matches!(calls.principal, PrincipalKind::Role | PrincipalKind::RolePathUnknown);
        if is_role && days(calls) < DAYS {
            return Err("a role's workload may move to another address");
        }
        if calls.are_few() {
            return Err("too few calls to know the network");
        }
        let values = addresses(calls).and_then(|all| places(&all)).ok_or("too many addresses")?;
        Ok(Held { operator: "IpAddress", key: "aws:SourceIp", values, why: "all calls came from there" })
    })
}

fn days(calls: &Calls<'_, '_>) -> usize {
    let mut all = Days::default();
    calls.all.iter().for_each(|(_, usage)| all.merge(&usage.days));
    all.len()
}

/// Where the principal calls AWS from over the internet, whatever it calls: who calls one service from somewhere else
/// has no fixed place for the others.
fn addresses(calls: &Calls<'_, '_>) -> Option<BTreeSet<IpAddr>> {
    let mut all = BTreeSet::new();
    for (_, usage) in calls.all.iter().filter(|(call, _)| call.invoked_by.is_none()) {
        let of_internet = usage.without_endpoint;
        if of_internet && usage.addresses.has_more() {
            return None;
        }
        all.extend(usage.addresses.iter().copied().filter(|address| of_internet && is_public(*address)));
    }
    Some(all)
}

/// A few addresses as they are, or the few networks they are in.
fn places(addresses: &BTreeSet<IpAddr>) -> Option<Vec<String>> {
    let exact = || addresses.iter().map(|ip| format!("{ip}/{}", if ip.is_ipv4() { 32 } else { 128 })).collect();
    let networks: BTreeSet<String> = addresses.iter().map(|address| network(*address)).collect();
    match (addresses.len(), networks.len()) {
        (0, _) => None,
        (1..=PLACES, _) => Some(exact()),
        (_, 1..=PLACES) => Some(networks.into_iter().collect()),
        _ => None,
    }
}

/// What a provider gives to one site, mostly.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{}/24", Ipv4Addr::from_bits(address.to_bits() >> 8 << 8)),
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(addresses: &[&str], expected: Option<&[&str]>) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let found = places(&addresses);
        assert_eq!(
            found.as_deref(),
            expected.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()).as_deref()
        );
    }

    #[test]
    fn a_few_addresses_stay_and_many_become_a_few_networks_or_nothing() {
        check(&[], None);
        check(&["198.51.100.7", "2001:db8::1"], Some(&["198.51.100.7/32", "2001:db8::1/128"]));
        let site = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.5"];
        check(&site, Some(&["198.51.100.0/24"]));
        let with_another = [&site[..], &["203.0.113.9", "2001:db8:1:2:3::1"]].concat();
        check(&with_another, Some(&["198.51.100.0/24", "2001:db8:1:2::/64", "203.0.113.0/24"]));
        check(&["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "2001:db8:1::1"], None);
    }
}
