use std::net::{IpAddr, Ipv4Addr};

use crate::decode::Json;

/// The address a request came from, where `sourceIPAddress` is one and not the name of a service.
pub(super) fn read(json: Json<'_>) -> Option<IpAddr> {
    let text = json.plain()?;
    if let Some(usual) = usual_address(text) {
        return Some(usual);
    }
    // What else is no address has no colon either: most are names of services.
    memchr::memchr(b':', text)?;
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Four numbers with dots between them.
fn usual_address(text: &[u8]) -> Option<IpAddr> {
    let mut octets = [0_u8; 4];
    let mut parts = text.split(|byte| *byte == b'.');
    for octet in &mut octets {
        let digits = parts.next().filter(|digits| matches!(digits, [b'0'] | [b'1'..=b'9', ..] if digits.len() <= 3))?;
        let digit = |byte: &u8| byte.is_ascii_digit().then(|| u16::from(byte - b'0'));
        let number = digits.iter().try_fold(0, |number, byte| Some(number * 10 + digit(byte)?))?;
        *octet = u8::try_from(number).ok()?;
    }
    parts.next().is_none().then(|| IpAddr::from(octets))
}

/// Whether AWS sees an address as the source of a request over the internet. Any other one only says that the request
/// went through a VPC endpoint.
pub fn is_public(address: IpAddr) -> bool {
    // 100.64.0.0/10 is shared by providers (RFC 6598).
    let is_shared = |address: Ipv4Addr| u32::from(address) >> 22 == 0x6440_0000 >> 22;
    let is_elsewhere = match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local() || is_shared(address),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    !(is_elsewhere || address.is_loopback() || address.is_unspecified() || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn private_addresses_are_not_public() {
        for (address, public) in [
            ("203.0.113.7", true),
            ("2001:db8::1", true),
            ("100.128.0.1", true),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("192.168.0.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("::1", false),
            ("fd00::1", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    proptest! {
        #[test]
        fn a_usual_address_is_what_the_library_says(text in r"[0-9]{1,3}(\.[0-9]{1,4}){2,4}|[0-9.]{0,16}") {
            prop_assert_eq!(usual_address(text.as_bytes()), text.parse().ok());
        }
    }
}
