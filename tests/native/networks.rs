//! An address, its network, and that network's limiter.

use std::net::Ipv6Addr;

use concierge_proxy::network::{LimiterName, Network};
use proptest::prelude::*;

use crate::support::{cases, keys, keys_of, rotating};

fn at(address: &str) -> LimiterName {
    Network::of(address).limiter(&keys())
}

#[test]
fn every_ipv4_address_has_a_limiter_of_its_own() {
    assert_eq!(at("192.0.2.1"), at("192.0.2.1"));
    for other in [
        "192.0.2.0",
        "192.0.2.2",
        "192.0.3.1",
        "193.0.2.1",
        "64.0.2.1",
    ] {
        assert_ne!(at("192.0.2.1"), at(other), "{other}");
    }
}

#[test]
fn an_ipv6_network_is_56_bits() {
    for same in [
        "2001:db8:0:ff00::",
        "2001:db8:0:ff01::1",
        "2001:db8:0:ff80::",
        "2001:db8:0:ffff:ffff:ffff:ffff:ffff",
        "2001:0DB8:0000:FF00:0:0:0:1",
    ] {
        assert_eq!(at("2001:db8:0:ff00::1"), at(same), "{same}");
    }
    for other in [
        "2001:db8:0:fe00::1",
        "2001:db8:0:feff::1",
        "2001:db8:1:ff00::1",
        "2001:db9:0:ff00::1",
    ] {
        assert_ne!(at("2001:db8:0:ff00::1"), at(other), "{other}");
    }
}

#[test]
fn an_ipv4_mapped_address_is_its_ipv4_address() {
    for mapped in [
        "::ffff:192.0.2.1",
        "::FFFF:192.0.2.1",
        "::ffff:c000:201",
        "0:0:0:0:0:ffff:c000:0201",
    ] {
        assert_eq!(at("192.0.2.1"), at(mapped), "{mapped}");
    }
    assert_ne!(at("::ffff:192.0.2.1"), at("::ffff:192.0.2.2"));
    assert_ne!(at("192.0.2.1"), at("::192.0.2.1"));
}

#[test]
fn callers_without_a_readable_address_share_one_limiter() {
    for garbage in [
        "unknown",
        "null",
        "localhost",
        "192.0.2",
        "192.0.2.1.1",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1:443",
        "192.0.2.1/32",
        "192.0.2.1, 192.0.2.2",
        "[2001:db8::1]",
        "2001:db8::1%eth0",
        "2001:db8:::1",
        "0x7f000001",
        "3221225985",
        "\u{661}92.0.2.1",
        "\0",
    ] {
        assert_eq!(at(""), at(garbage), "{garbage:?}");
    }
}

#[test]
fn no_network_shares_the_limiter_of_callers_without_an_address() {
    for address in ["0.0.0.0", "::", "::1", "255.255.255.255", "192.0.2.1"] {
        assert_ne!(at(""), at(address), "{address}");
    }
}

#[test]
fn ipv4_and_ipv6_addresses_share_no_limiter() {
    // The same leading bytes, once as IPv4 and once as IPv6.
    assert_ne!(at("32.1.13.184"), at("2001:db8::"));
    assert_ne!(at("0.0.0.0"), at("::"));
}

#[test]
fn another_key_names_other_limiters() {
    for address in ["192.0.2.1", "2001:db8::1", ""] {
        assert_ne!(
            Network::of(address).limiter(&keys_of('0')),
            Network::of(address).limiter(&keys_of('1')),
            "{address}"
        );
    }
}

#[test]
fn limiters_are_named_from_the_current_key_while_a_rotation_runs() {
    for address in ["192.0.2.1", "2001:db8::1", ""] {
        assert_eq!(
            Network::of(address).limiter(&rotating('0', '1')),
            Network::of(address).limiter(&keys_of('0')),
            "{address}"
        );
    }
}

#[test]
fn a_limiter_is_named_in_22_characters_that_need_no_escape() {
    for address in ["192.0.2.1", "2001:db8::1", ""] {
        let name = at(address).name();
        assert_eq!(name.len(), 22, "{name}");
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{name}"
        );
        assert_eq!(LimiterName::named(&name), Some(at(address)), "{name}");
    }
}

#[test]
fn the_merchants_own_requests_have_a_limiter_that_no_shopper_has() {
    for address in ["192.0.2.1", "2001:db8::1", ""] {
        let network = Network::of(address);
        let own = network.admin_limiter(&keys());
        assert_ne!(own, network.limiter(&keys()), "{address}");
        assert_eq!(own, network.admin_limiter(&keys()), "{address}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn two_ipv6_addresses_share_a_limiter_if_their_first_56_bits_agree(bits: u128, bit in 0..128_u32) {
        // 2000::/3, the addresses that are given out.
        let bits = bits >> 3 | 1 << 125;
        prop_assume!(bit < 125);
        let one = Ipv6Addr::from_bits(bits).to_string();
        let other = Ipv6Addr::from_bits(bits ^ 1 << bit).to_string();
        prop_assert_eq!(at(&one) == at(&other), bit < 72, "{} {}", one, other);
    }

    #[test]
    fn two_ipv4_addresses_share_no_limiter(one: [u8; 4], other: [u8; 4]) {
        let spell = |octets: [u8; 4]| std::net::Ipv4Addr::from(octets).to_string();
        prop_assert_eq!(at(&spell(one)) == at(&spell(other)), one == other);
    }

    #[test]
    fn an_address_cannot_be_read_from_its_limiters_name(address: [u8; 4]) {
        let limiter = at(&std::net::Ipv4Addr::from(address).to_string());
        prop_assert!(!limiter.0.windows(4).any(|bytes| bytes == address));
    }
}
