//! What the rules of security groups let in from anywhere.

use std::collections::BTreeSet;

use super::{call, request};
use crate::decode::Json;
use crate::event::Event;
use crate::iam::document::is_open_to_the_internet;

/// What anybody on the internet is let in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ingress {
    /// Every port of a protocol, or every protocol.
    AllPorts,
    /// Port 22.
    Ssh,
    /// Port 3389.
    Rdp,
    /// A port on which a database listens by default.
    Database,
    /// None of the others.
    Other,
}

impl Ingress {
    /// The word used in rules and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllPorts => "all-ports",
            Self::Ssh => "ssh",
            Self::Rdp => "rdp",
            Self::Database => "database",
            Self::Other => "other",
        }
    }
}

/// SQL Server, Oracle, MySQL, PostgreSQL, Redis, Elasticsearch, MongoDB.
const DATABASES: &[u16] = &[1433, 1521, 3306, 5432, 6379, 9200, 27017];

/// What a call lets anybody on the internet in to; nothing where it lets in nobody in particular. Whether
/// a rule changed by `ModifySecurityGroupRules` is one of ingress, its request does not say: it counts as
/// one. The old security groups of RDS and Redshift have no ports; what they protect are databases.
pub fn ingress(event: &Event<'_>) -> BTreeSet<Ingress> {
    let mut found = BTreeSet::new();
    let Some(request) = request(event) else { return found };
    match call(event) {
        ("ec2", "AuthorizeSecurityGroupIngress" | "ModifySecurityGroupRules") => rules(request, DEPTH, &mut found),
        ("rds", "AuthorizeDBSecurityGroupIngress") | ("redshift", "AuthorizeClusterSecurityGroupIngress") => {
            let range = request.get_ignoring_case("cidrip");
            found.extend(is_open(range).then_some(Ingress::Database));
        }
        _ => {}
    }
    found
}

/// How deep rules stand in a request: in the list of a set, in a wrapper.
const DEPTH: usize = 6;

/// Looks for rules: objects with a range of addresses, in the old flat form, in `ipPermissions`, or in the
/// form that modified rules have.
fn rules(value: Json<'_>, depth: usize, found: &mut BTreeSet<Ingress>) {
    if depth == 0 {
        return;
    }
    value.items().for_each(|item| rules(item, depth - 1, found));
    let (mut is_open_rule, mut protocol, mut from, mut to) = (false, None, None, None);
    for (key, value) in value.pairs() {
        let is = |name: &str| key.is_ignoring_case(name);
        if is("cidrIp") || is("cidrIpv4") || is("cidrIpv6") {
            is_open_rule |= is_open(Some(value));
        } else if is("ipRanges") || is("ipv6Ranges") {
            is_open_rule |= has_open_range(value);
        } else if is("ipProtocol") {
            protocol = Some(value);
        } else if is("fromPort") {
            from = port(value);
        } else if is("toPort") {
            to = port(value);
        } else {
            rules(value, depth - 1, found);
        }
    }
    if is_open_rule {
        reached(protocol, from, to, found);
    }
}

/// `{"items":[{"cidrIp":…}]}`, or the list itself.
fn has_open_range(ranges: Json<'_>) -> bool {
    let list = ranges.get_ignoring_case("items").unwrap_or(ranges);
    let is_open_item = |item: Json<'_>| {
        ["cidrIp", "cidrIpv6"].iter().any(|name| is_open(item.get_ignoring_case(name))) || is_open(Some(item))
    };
    list.items().any(is_open_item) || is_open_item(list)
}

fn is_open(range: Option<Json<'_>>) -> bool {
    range.and_then(Json::as_str).is_some_and(|range| is_open_to_the_internet(&range))
}

/// A number, or the text of one.
fn port(value: Json<'_>) -> Option<i64> {
    match value.as_str() {
        Some(text) => text.parse().ok(),
        None => std::str::from_utf8(value.raw()).ok()?.parse().ok(),
    }
}

fn reached(protocol: Option<Json<'_>>, from: Option<i64>, to: Option<i64>, found: &mut BTreeSet<Ingress>) {
    let text = |value: Json<'_>| value.as_str().map(|text| text.to_ascii_lowercase());
    let protocol = protocol.and_then(|value| text(value).or_else(|| port(value).map(|number| number.to_string())));
    let (is_tcp, is_udp) = match protocol.as_deref() {
        Some("-1" | "all") => {
            found.insert(Ingress::AllPorts);
            return;
        }
        Some("tcp" | "6") => (true, false),
        Some("udp" | "17") => (false, true),
        // Not said: a changed rule keeps the protocol it has.
        None => (true, true),
        Some(_) => (false, false),
    };
    // Without ports, or from port -1, it is all of them.
    let (from, to) = (from.unwrap_or(-1), to.unwrap_or(-1));
    let has_all = (is_tcp || is_udp) && (from < 0 || (from <= 1 && to >= 65_535));
    if has_all {
        found.insert(Ingress::AllPorts);
        return;
    }
    let has = |port: u16| (from..=to).contains(&i64::from(port));
    let named = [
        (Ingress::Ssh, is_tcp && has(22)),
        (Ingress::Rdp, (is_tcp || is_udp) && has(3389)),
        (Ingress::Database, is_tcp && DATABASES.iter().any(|port| has(*port))),
    ];
    let of_note = named.iter().filter(|(_, is_so)| *is_so).map(|(ingress, _)| *ingress);
    let is_other = of_note.clone().next().is_none();
    found.extend(of_note.chain(is_other.then_some(Ingress::Other)));
}

#[cfg(test)]
mod tests {
    use super::super::tests::with;
    use super::*;

    #[track_caller]
    fn check(source: &str, name: &str, request: &str, expected: &str) {
        with(source, name, request, |event| {
            let found: Vec<_> = ingress(event).iter().map(|ingress| ingress.as_str()).collect();
            assert_eq!(found.join(" "), expected, "{request}");
        });
    }

    #[test]
    fn what_is_open_to_anybody_is_told_by_its_ports() {
        for (range, protocol, ports, expected) in [
            ("0.0.0.0/0", r#""tcp""#, "22,22", "ssh"),
            ("198.51.100.7/0", r#""tcp""#, "22,22", "ssh"),
            ("0.0.0.0/0", r#""6""#, "20,25", "ssh"),
            ("0.0.0.0/0", r#""tcp""#, "3000,4000", "rdp database"),
            ("0.0.0.0/0", r#""udp""#, "22,22", "other"),
            ("0.0.0.0/0", r#""tcp""#, "443,443", "other"),
            ("0.0.0.0/0", r#""tcp""#, "0,65535", "all-ports"),
            ("0.0.0.0/0", r#""tcp""#, r#""1","65535""#, "all-ports"),
            ("0.0.0.0/0", r#""-1""#, "-1,-1", "all-ports"),
            ("0.0.0.0/0", "-1", "0,0", "all-ports"),
            ("0.0.0.0/0", r#""icmp""#, "-1,-1", "other"),
            ("128.0.0.0/1", r#""tcp""#, "27017,27017", "database"),
            ("192.0.2.0/24", r#""tcp""#, "22,22", ""),
            ("nonsense", r#""tcp""#, "22,22", ""),
        ] {
            let (from, to) = ports.split_once(',').unwrap();
            let ports = format!(r#""fromPort":{from},"toPort":{to},"ipProtocol":{protocol}"#);
            let name = "AuthorizeSecurityGroupIngress";
            let flat = format!(r#"{{"groupId":"sg-1","ipPermissions":{{}},"cidrIp":"{range}",{ports}}}"#);
            check("ec2", name, &flat, expected);
            let listed = format!(
                r#"{{"ipPermissions":{{"items":[{{{ports},"groups":{{}},"ipRanges":{{"items":[{{"cidrIp":"{range}"}}]}}}}]}}}}"#
            );
            check("ec2", name, &listed, expected);
            let changed = format!(
                r#"{{"ModifySecurityGroupRulesRequest":{{"GroupId":"sg-1","SecurityGroupRule":{{"tag":1,"SecurityGroupRule":
                {{"CidrIpv4":"{range}","FromPort":{from},"ToPort":{to},"IpProtocol":{protocol}}}}}}}}}"#
            );
            check("ec2", "ModifySecurityGroupRules", &changed, expected);
            check("ec2", "AuthorizeSecurityGroupEgress", &flat, "");
        }
        let v6 = r#"{"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{},
            "ipv6Ranges":{"items":[{"cidrIpv6":"::/0"}]}}]}}"#;
        check("ec2", "AuthorizeSecurityGroupIngress", v6, "ssh");
    }

    #[test]
    fn old_groups_protect_databases() {
        check("rds", "AuthorizeDBSecurityGroupIngress", r#"{"cIDRIP":"0.0.0.0/0"}"#, "database");
        check("redshift", "AuthorizeClusterSecurityGroupIngress", r#"{"cIDRIP":"192.0.2.0/24"}"#, "");
    }
}
