//! Whom our own limits stop.

use super::Budget;
use crate::keys::LOG_HASH_BYTES;
use crate::limits::Window;
use crate::network::LimiterName;

/// A request that one of our own limits refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Our id of the request.
    pub request_id: [u8; 16],
    /// The limiter that refused it.
    pub limiter: LimiterName,
    /// The shopper's name in log lines.
    pub shopper: [u8; LOG_HASH_BYTES],
    /// The budget that was spent. It is never the store's.
    pub budget: Budget,
    /// The window that was full.
    pub window: Option<Window>,
    /// How many admissions the window allows.
    pub limit: u32,
    /// The seconds that it had to wait.
    pub retry_after: u32,
}

/// Returns the refusals that still hold as JSON, one for each block, the newest first.
///
/// With a request's id, returns the refusal of this request whether or not it still holds, or `None`
/// if it is not known.
pub fn blocks(_days: &[Vec<u8>], _request_id: Option<[u8; 16]>, _now: u64) -> Option<String> {
    None
}

/// Returns the refusal of the request with this id, or `None` if it is not known.
pub fn find(_days: &[Vec<u8>], _request_id: [u8; 16]) -> Option<Refused> {
    None
}
