//! HMAC-SHA-256, and the keys that it derives from others.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// An HMAC-SHA-256 key (RFC 2104), with its schedule computed once.
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    /// Wraps a secret. One that is longer than a block is hashed first (RFC 2104).
    pub(super) fn new(secret: &[u8]) -> Self {
        // The block is filled by hand to avoid an error that cannot happen.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        let hash = (secret.len() > block.len()).then(|| Sha256::digest(secret));
        let secret = hash.as_ref().map_or(secret, |hash| hash.as_slice());
        for (to, from) in block.iter_mut().zip(secret) {
            *to = *from;
        }
        Self(Hmac::new(&block))
    }

    /// Returns the key for one purpose.
    pub(super) fn child(&self, purpose: &str) -> Self {
        let bytes: [u8; 32] = self.mac(&[b"concierge-proxy/1/", purpose.as_bytes()]);
        Self::new(&bytes)
    }

    /// Returns the first `N` bytes of the code over the parts, 32 at most.
    ///
    /// The callers' parts have fixed lengths, except for the last one. So no two lists of parts run
    /// together into one.
    pub(super) fn mac<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        let mut code = [0; N];
        for (to, from) in code.iter_mut().zip(self.whole(parts)) {
            *to = from;
        }
        code
    }

    /// Returns the whole code. It is compiled once, and not for each length of a code.
    #[inline(never)]
    fn whole(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hmac = self.0.clone();
        for part in parts {
            hmac.update(part);
        }
        hmac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// Returns whether two codes are equal.
///
/// The comparison takes constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Returns whether these bytes are the HMAC-SHA-256 of a text under a secret.
///
/// The comparison takes constant time.
pub fn is_mac_of(text: &[u8], secret: &[u8], code: &[u8]) -> bool {
    same(&Key::new(secret).mac::<32>(&[text]), code)
}

/// Returns whether this is the HMAC-SHA-256 of a text under a secret, in lower-case hex.
///
/// The comparison takes constant time.
pub fn is_signed(text: &[u8], secret: &[u8], signature: &str) -> bool {
    let code: [u8; 32] = Key::new(secret).mac(&[text]);
    let mut hex = String::with_capacity(64);
    for byte in code {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    same(hex.as_bytes(), signature.as_bytes())
}
