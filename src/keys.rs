//! The signing keys, all derived from one root.
//!
//! The root is the signing key, or the upstream's API key where there is none. Each purpose has a
//! key of its own, so a code made for one purpose never verifies for another. During a rotation
//! there are two roots. What was signed under either is valid. New signatures are made under the
//! next one, unless it is an API key that the upstream refuses. Limiters are named from the current
//! one alone.

mod mac;
mod sealing;

pub use mac::{is_mac_of, is_signed, same};
pub use sealing::{OVERHEAD_BYTES, Sealing};

use mac::Key;

/// The length of a limiter's name: 128 bits.
pub const LIMITER_NAME_BYTES: usize = 16;

/// The length of a network tag: 128 bits.
pub const NETWORK_TAG_BYTES: usize = 16;

/// The length of a generation, which tells one root's limiters from another's.
pub const GENERATION_BYTES: usize = 2;

/// The length of the ids that an upstream is given: 128 bits.
pub const UPSTREAM_ID_BYTES: usize = 16;

/// The length of the hashes in log lines.
pub const LOG_HASH_BYTES: usize = 6;

/// One of the two keys of a rotation, of API keys or of signing keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeySlot {
    /// The current key.
    #[default]
    Current,
    /// The next key.
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

/// The keys derived from one root for passes, session ids and what an upstream is given.
#[derive(Debug)]
pub struct Signer {
    pass: Key,
    session: Key,
    masking: Key,
    mapping: Key,
    network: Key,
    upstream: Key,
    sealing: Sealing,
}

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
    /// Derives all keys from a root and, during its rotation, from the next one.
    pub fn derive(current: &[u8], next: Option<&[u8]>) -> Self {
        let root = Key::new(current);
        let next = next.map(|next| Signer::derive(&Key::new(next)));
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

    /// Returns the generation of all limiters that are named from the current root.
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

    /// Returns the slots of these signers, in the same order.
    pub fn good_slots(&self) -> impl Iterator<Item = KeySlot> {
        let next = self.next.as_ref().map(|_| KeySlot::Next);
        next.into_iter().chain([KeySlot::Current])
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
            upstream: root.child("upstream"),
            sealing: Sealing::new(&root.child("sealing")),
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

    /// Returns an id that an upstream is given for a shopper or a conversation.
    pub fn upstream_id(&self, parts: &[&[u8]]) -> [u8; UPSTREAM_ID_BYTES] {
        self.upstream.mac(parts)
    }

    /// Returns what seals texts for the browser.
    pub fn sealing(&self) -> &Sealing {
        &self.sealing
    }
}
