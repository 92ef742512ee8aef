//! The signing keys, all derived from the upstream's API key.
//!
//! There is nothing more to set up. Each purpose has a key of its own, so a code made for one
//! purpose never verifies for another. During a rotation there are two API keys. What was signed
//! under either is valid. New signatures are made under the next key, unless the upstream refuses
//! it. Limiters are named from the current key alone.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// The length of a limiter's name: 128 bits.
pub const LIMITER_NAME_BYTES: usize = 16;

/// The length of a network tag: 128 bits.
pub const NETWORK_TAG_BYTES: usize = 16;

/// The length of a generation, which tells one API key's limiters from another's.
pub const GENERATION_BYTES: usize = 2;

/// The length of the hashes in log lines.
pub const LOG_HASH_BYTES: usize = 6;

/// The slot of one of the two API keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeySlot {
    /// `CONCIERGE_API_KEY`.
    #[default]
    Current,
    /// `CONCIERGE_API_KEY_NEXT`.
    Next,
}

/// Every key that the gate signs, names and hashes with.
#[derive(Debug)]
pub struct Keys {
    limiter: Key,
    generation: [u8; GENERATION_BYTES],
    log: Key,
    current: Signer,
    /// `Some` while a rotation runs.
    next: Option<Signer>,
}

/// The keys derived from one API key for passes and session ids.
#[derive(Debug)]
pub struct Signer {
    pass: Key,
    session: Key,
    masking: Key,
    mapping: Key,
    network: Key,
}

/// An HMAC-SHA-256 key (RFC 2104), with its schedule computed once.
struct Key(Hmac<Sha256>);

impl KeySlot {
    /// Returns the name that log lines use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
        }
    }

    /// Returns the other slot.
    pub const fn other(self) -> Self {
        match self {
            Self::Current => Self::Next,
            Self::Next => Self::Current,
        }
    }
}

impl Keys {
    /// Derives all keys from the API key and, during a rotation, from the next one.
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

    /// Returns the name of a network's limiter.
    pub fn limiter(&self, parts: &[&[u8]]) -> [u8; LIMITER_NAME_BYTES] {
        self.limiter.mac(parts)
    }

    /// Returns the generation of all limiters that are named from the current API key.
    pub fn generation(&self) -> [u8; GENERATION_BYTES] {
        self.generation
    }

    /// Returns a short keyed hash that identifies one shopper's log lines.
    pub fn log_hash(&self, parts: &[&[u8]]) -> [u8; LOG_HASH_BYTES] {
        self.log.mac(parts)
    }

    /// Returns the signer of a key slot.
    ///
    /// If no next key is set, that is the current key's signer.
    pub fn signer(&self, slot: KeySlot) -> &Signer {
        match (&self.next, slot) {
            (Some(next), KeySlot::Next) => next,
            _ => &self.current,
        }
    }

    /// Returns the signers under which passes and session ids are valid.
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

    /// Returns the code that makes a pass valid.
    pub fn pass<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.pass.mac(parts)
    }

    /// Returns the code that pins a session id to its shopper.
    pub fn session<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.session.mac(parts)
    }

    /// Returns the mask that hides the shopper in a session id.
    pub fn masking<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.masking.mac(parts)
    }

    /// Returns the network tag that stands for a network in passes and session ids.
    pub fn network(&self, parts: &[&[u8]]) -> [u8; NETWORK_TAG_BYTES] {
        self.network.mac(parts)
    }

    /// Returns the code that stands for a session id that a client picked.
    pub fn mapping<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        self.mapping.mac(parts)
    }
}

impl Key {
    fn new(secret: &[u8]) -> Self {
        // HMAC takes a key of any length. The block is filled by hand to avoid an error that cannot
        // happen.
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

    /// Returns the first `N` bytes of the code over the parts, 32 at most.
    ///
    /// The callers' parts have fixed lengths, except for the last one. So no two lists of parts run
    /// together into one.
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

/// Returns whether two codes are equal.
///
/// The comparison takes constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
