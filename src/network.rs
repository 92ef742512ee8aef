//! An address, the network it belongs to, and the names that the network has: the limiter's that
//! counts it, and the tag that its session ids are made for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::keys::{Keys, LIMITER_NAME_BYTES, NETWORK_TAG_BYTES, Signer};

/// How much of an IPv6 address names a network: what one household is usually given.
const IPV6_PREFIX_BITS: u8 = 56;
const IPV6_PREFIX_BYTES: usize = IPV6_PREFIX_BITS as usize / 8;

/// How much of a limiter's name stands in log lines.
const LOG_NAME_CHARS: usize = 8;

/// The limiter object that counts a network, named by a keyed hash of the network's prefix: the
/// address cannot be read out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimiterName(pub [u8; LIMITER_NAME_BYTES]);

impl LimiterName {
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

/// What stands for a network in passes and session ids. It is made under the key that signs them,
/// so that both outlive a change of the API key, which renames the limiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkTag(pub [u8; NETWORK_TAG_BYTES]);

/// The network that an address belongs to. Callers without an address, or with one that cannot be
/// read, share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(Option<IpAddr>);

/// Neighbouring networks that one party may well hold: an IPv4 /24, or an IPv6 /48. It stays in
/// the memory of an isolate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block(Option<IpAddr>);

impl Network {
    /// The network of an address.
    pub fn of(address: &str) -> Self {
        // An IPv4-mapped IPv6 address is its IPv4 address.
        Self(address.parse::<IpAddr>().map(|ip| ip.to_canonical()).ok())
    }

    /// The block that it is a part of.
    pub fn block(&self) -> Block {
        Block(self.0.map(|ip| match ip {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Ipv4Addr::new(a, b, c, 0).into()
            }
            IpAddr::V6(ip) => {
                let [a, b, c, ..] = ip.segments();
                Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
            }
        }))
    }

    /// Its limiter.
    pub fn limiter(&self, keys: &Keys) -> LimiterName {
        LimiterName(self.hashed(|parts| keys.limiter(parts)))
    }

    /// Its tag under one API key.
    pub fn tag(&self, signer: &Signer) -> NetworkTag {
        NetworkTag(self.hashed(|parts| signer.network(parts)))
    }

    /// Whether this is its tag, under any good key.
    pub fn has(&self, tag: &NetworkTag, keys: &Keys) -> bool {
        keys.good().any(|signer| self.tag(signer) == *tag)
    }

    fn hashed<T>(&self, hash: impl FnOnce(&[&[u8]]) -> T) -> T {
        match self.0 {
            Some(IpAddr::V4(ip)) => hash(&[&[4, 32], &ip.octets()]),
            Some(IpAddr::V6(ip)) => hash(&[&[6, IPV6_PREFIX_BITS], &prefix(ip)]),
            None => hash(&[&[0, 0]]),
        }
    }
}

fn prefix(ip: Ipv6Addr) -> [u8; IPV6_PREFIX_BYTES] {
    let mut prefix = [0; IPV6_PREFIX_BYTES];
    for (to, from) in prefix.iter_mut().zip(ip.octets()) {
        *to = from;
    }
    prefix
}
