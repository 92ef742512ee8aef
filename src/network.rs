//! An address, the network it belongs to, and the names of that network.
//!
//! One name is that of the limiter that counts the network. The other is the network tag that
//! session ids are made for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::keys::{Keys, LIMITER_NAME_BYTES, NETWORK_TAG_BYTES, Signer};

/// The bits of an IPv6 address that name a network: what one household usually gets.
const IPV6_PREFIX_BITS: u8 = 56;
const IPV6_PREFIX_BYTES: usize = IPV6_PREFIX_BITS as usize / 8;

/// The name of the limiter object that counts a network.
///
/// It is a keyed hash of the network's prefix, so the address cannot be read out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimiterName(pub [u8; LIMITER_NAME_BYTES]);

impl LimiterName {
    /// Returns the object's name, which log lines have, too.
    pub fn name(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    /// Returns the limiter of this name, or `None` if none can have it.
    pub fn named(name: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(name).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// The hash that stands for a network in passes and session ids.
///
/// It is made under the key that signs them. So passes and session ids outlive a change of the API
/// key, which renames the limiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkTag(pub [u8; NETWORK_TAG_BYTES]);

/// The network that an address belongs to.
///
/// Callers without an address, or with an unreadable one, share one network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(Option<IpAddr>);

/// A block of neighbouring networks that one party may well hold.
///
/// It is an IPv4 /24 or an IPv6 /48. It stays in the memory of an isolate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block(Option<IpAddr>);

impl Network {
    /// Returns the network of an address.
    pub fn of(address: &str) -> Self {
        // An IPv4-mapped IPv6 address is its IPv4 address.
        Self(address.parse::<IpAddr>().map(|ip| ip.to_canonical()).ok())
    }

    /// Returns the block that the network is part of.
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

    /// Returns the name of the network's limiter.
    pub fn limiter(&self, keys: &Keys) -> LimiterName {
        LimiterName(self.hashed(|parts| keys.limiter(parts)))
    }

    /// Returns the name of the limiter that counts the merchant's own requests from this network.
    pub fn admin_limiter(&self, keys: &Keys) -> LimiterName {
        // No other hash begins with this part: neither a network's nor an account's.
        const KIND: &[u8] = &[1, 3];
        LimiterName(self.hashed(|parts| {
            let parts: Vec<&[u8]> = [KIND].into_iter().chain(parts.iter().copied()).collect();
            keys.limiter(&parts)
        }))
    }

    /// Returns the network tag under one signer.
    pub fn tag(&self, signer: &Signer) -> NetworkTag {
        NetworkTag(self.hashed(|parts| signer.network(parts)))
    }

    /// Returns whether this is the network's tag under any valid key.
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
