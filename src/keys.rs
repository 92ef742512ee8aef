//! The signing keys, all derived from the upstream's API key: there is nothing more to set up.
//!
//! Each purpose has a key of its own, so that a code made for one never verifies for another.
//! While a rotation runs there are two API keys: what was signed under either is good, and new
//! signatures are made under the next one, unless the upstream refuses it. Homes are named from
//! the current key alone.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// The length of a limiter's name: 128 bits.
pub const LIMITER_NAME_BYTES: usize = 16;

/// The length of a network's tag: 128 bits.
pub const NETWORK_TAG_BYTES: usize = 16;

/// The length of what tells one API key's limiters from another's.
pub const GENERATION_BYTES: usize = 2;

/// The length of the hashes that stand in log lines.
pub const LOG_HASH_BYTES: usize = 6;

/// One of the two API keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeySlot {
    /// `CONCIERGE_API_KEY`.
    #[default]
    Current,
    /// `CONCIERGE_API_KEY_NEXT`.
    Next,
}

/// Every key the gate signs, names and hashes with.
#[derive(Debug)]
pub struct Keys {
    limiter: Key,
    generation: [u8; GENERATION_BYTES],
    log: Key,
    current: Signer,
    /// While a rotation runs.
    next: Option<Signer>,
}

/// What is signed under one API key.
#[derive(Debug)]
pub struct Signer {
    pass: Key,
    session: Key,
    masking: Key,
    mapping: Key,
    network: Key,
}

/// An HMAC-SHA-256 key (RFC 2104), its schedule computed once.
struct Key(Hmac<Sha256>);

impl KeySlot {
    /// As log lines name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Current => Self::Next,
            Self::Next => Self::Current,
        }
    }
}

impl Keys {
    /// Derives all keys from the API key, and from the coming one while a rotation runs.
    pub fn derive(current: &Secret, next: Option<&Secret>) -> Self {
        let root = Key::new(current.expose().as_bytes());
        let next = next.map(|next| Signer::derive(&Key::new(next.expose().as_bytes())));
        Self {
            limiter: root.child("limiter"),
            generation: root.child("generation").mac(&[]),
            log: root.child("log"),
            current: Signer::derive(&root),
            next,
        }
    }

    /// The name of a network's limiter.
    pub fn limiter(&self, parts: &[&[u8]]) -> [u8; LIMITER_NAME_BYTES] {
        self.limiter.mac(parts)
    }

    /// What all limiters have in common that are named from the current API key.
    pub fn generation(&self) -> [u8; GENERATION_BYTES] {
        self.generation
    }

    /// A short keyed hash by which log lines of one shopper can be put together.
    pub fn log_hash(&self, parts: &[&[u8]]) -> [u8; LOG_HASH_BYTES] {
        self.log.mac(parts)
    }

    /// What is signed under one of the API keys; a next one that is not set is the current one.
    pub fn signer(&self, slot: KeySlot) -> &Signer {
        match (&self.next, slot) {
            (Some(next), KeySlot::Next) => next,
            _ => &self.current,
        }
    }

    /// What good passes and session ids may be signed with.
    pub fn good(&self) -> impl Iterator<Item = &Signer> {
        self.next.iter().chain([&self.current])
    }
}

impl Signer {
    fn derive(root: &Key) -> Self {
        Self {
            pass: root.child("pass"),
            session: root.child("session"),
            masking: root.child("masking"),
            mapping: root.child("mapping"),
            network: root.child("network"),
        }
    }

    /// The code that makes a pass good.
    pub fn pass<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.pass.mac(parts)
    }

    /// The code that pins a session id to its shopper.
    pub fn session<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.session.mac(parts)
    }

    /// What hides the shopper in a session id.
    pub fn masking<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.masking.mac(parts)
    }

    /// What stands for a network in passes and session ids.
    pub fn network(&self, parts: &[&[u8]]) -> [u8; NETWORK_TAG_BYTES] {
        self.network.mac(parts)
    }

    /// What stands for a session id that a client picked.
    pub fn mapping<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.mapping.mac(parts)
    }
}

impl Key {
    fn new(secret: &[u8]) -> Self {
        // HMAC takes a key of any length; the block is filled by hand to spare an error that
        // cannot happen.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(secret) {
            *to = *from;
        }
        Self(Hmac::new(&block))
    }

    fn child(&self, purpose: &str) -> Self {
        let bytes: [u8; 32] = self.mac(&[b"concierge-proxy/1/", purpose.as_bytes()]);
        Self::new(&bytes)
    }

    /// The first `N` bytes, 32 at most, of the code over the parts. The callers' parts have fixed
    /// lengths, but for the last one, so that no two lists of parts run together into one.
    fn mac<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        let mut hmac = self.0.clone();
        for part in parts {
            hmac.update(part);
        }
        let mut code = [0; N];
        for (to, from) in code.iter_mut().zip(hmac.finalize().into_bytes()) {
            *to = from;
        }
        code
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// Compares two codes in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
