//! What the core asks of an object's storage.

/// What an object must do with its storage, its alarm and its timer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StorageOps {
    /// Store this snapshot without delaying the answer.
    pub write: Option<Vec<u8>>,
    /// Set the alarm to this time, in milliseconds since 1970.
    pub wake_at: Option<u64>,
    /// Call `flush` in this many milliseconds.
    pub flush_in: Option<u64>,
    /// Delete everything that is stored.
    pub clear: bool,
}
