//! An address, the network it belongs to, and the name of the limiter that counts that network.

use std::net::{IpAddr, Ipv6Addr};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::keys::{HOME_BYTES, Keys};

/// How much of an IPv6 address names a network: what one household is usually given.
const IPV6_PREFIX_BITS: u8 = 56;
const IPV6_PREFIX_BYTES: usize = IPV6_PREFIX_BITS as usize / 8;

/// How much of a home's name stands in log lines.
const LOG_NAME_CHARS: usize = 8;

/// The limiter object that counts a network, named by a keyed hash of the network's prefix: the
/// address cannot be read out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home(pub [u8; HOME_BYTES]);

impl Home {
    /// The object's name.
    pub fn name(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    /// The beginning of the name, for log lines.
    pub fn log_name(&self) -> String {
        let mut name = self.name();
        name.truncate(LOG_NAME_CHARS);
        name
    }
}

/// The home of the network that an address belongs to. Callers without an address, or with one
/// that cannot be read, share one home.
pub fn home(address: &str, keys: &Keys) -> Home {
    // An IPv4-mapped IPv6 address is its IPv4 address.
    let parsed = address.parse::<IpAddr>().map(|ip| ip.to_canonical());
    Home(match parsed {
        Ok(IpAddr::V4(ip)) => keys.home(&[&[4, 32], &ip.octets()]),
        Ok(IpAddr::V6(ip)) => keys.home(&[&[6, IPV6_PREFIX_BITS], &prefix(ip)]),
        Err(_) => keys.home(&[&[0, 0]]),
    })
}

fn prefix(ip: Ipv6Addr) -> [u8; IPV6_PREFIX_BYTES] {
    let mut prefix = [0; IPV6_PREFIX_BYTES];
    for (to, from) in prefix.iter_mut().zip(ip.octets()) {
        *to = from;
    }
    prefix
}
