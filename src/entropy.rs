//! The randomness of one request, which the edge draws.

use uuid::Uuid;

use crate::pass::Shopper;

/// The random bytes of one request.
///
/// They hold the request's id, a shopper, a nonce, a receipt, and the jitter of three pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entropy([u8; Self::BYTES]);

impl Entropy {
    /// How many random bytes a request needs.
    pub const BYTES: usize = 34;

    /// Wraps the bytes that were drawn.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns a new shopper.
    pub fn shopper(&self) -> Shopper {
        Shopper(u32::from_be_bytes(self.part(16)))
    }

    /// Returns the nonce that makes a new session id unique.
    pub fn nonce(&self) -> u32 {
        u32::from_be_bytes(self.part(20))
    }

    /// Returns the number under which the limiter may refund the chat.
    pub fn receipt(&self) -> u32 {
        u32::from_be_bytes(self.part(24))
    }

    /// Returns the jitter of the n-th pause between attempts, from 0.
    pub fn pause(&self, n: usize) -> u16 {
        u16::from_be_bytes(self.part(28 + 2 * n))
    }

    /// Returns `N` bytes from `start`, or zeros if there are not enough.
    fn part<const N: usize>(&self, start: usize) -> [u8; N] {
        let bytes = self.0.get(start..).and_then(<[u8]>::first_chunk);
        bytes.copied().unwrap_or([0; N])
    }

    /// Returns our id of the request, a random UUID.
    pub fn request_id(&self) -> String {
        self.uuid().to_string()
    }

    /// Returns the bytes of that id.
    pub fn request_id_bytes(&self) -> [u8; 16] {
        self.uuid().into_bytes()
    }

    fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.part(0)).into_uuid()
    }
}
