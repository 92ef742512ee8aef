//! The randomness of one request, drawn by the edge.

use uuid::Uuid;

use crate::pass::Shopper;

/// The randomness of one request: the request's id, a shopper, a nonce, a receipt, and what makes
/// three pauses longer or shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entropy([u8; Self::BYTES]);

impl Entropy {
    /// How many random bytes a request needs.
    pub const BYTES: usize = 34;

    /// Takes the bytes that were drawn.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// A new shopper.
    pub fn shopper(&self) -> Shopper {
        Shopper(u32::from_be_bytes(self.part(16)))
    }

    /// What makes a new session id unique.
    pub fn nonce(&self) -> u32 {
        u32::from_be_bytes(self.part(20))
    }

    /// The number under which the limiter may refund the chat.
    pub fn receipt(&self) -> u32 {
        u32::from_be_bytes(self.part(24))
    }

    /// What makes the n-th pause between attempts, from 0, longer or shorter.
    pub fn pause(&self, n: usize) -> u16 {
        u16::from_be_bytes(self.part(28 + 2 * n))
    }

    /// The bytes from here on; zeros beyond the last one.
    fn part<const N: usize>(&self, start: usize) -> [u8; N] {
        let bytes = self.0.get(start..).and_then(<[u8]>::first_chunk);
        bytes.copied().unwrap_or([0; N])
    }

    /// Our id of the request: a random UUID.
    pub fn request_id(&self) -> String {
        uuid::Builder::from_random_bytes(self.part(0))
            .into_uuid()
            .hyphenated()
            .encode_lower(&mut Uuid::encode_buffer())
            .to_owned()
    }
}
