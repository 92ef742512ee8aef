//! The counts of a day in its object, and when they are stored.

use crate::storage::StorageOps;

/// The day in memory, and what is known of the one in storage.
#[derive(Debug, Default)]
pub struct Keeper {}

impl Keeper {
    /// Returns the keeper that stored this snapshot, or `None` if none did.
    pub fn restore(_snapshot: &[u8]) -> Option<Self> {
        Some(Self::default())
    }

    /// Adds a batch, or returns `None` if it cannot be read or belongs to another day.
    pub fn report(&mut self, _batch: &[u8], _now: u64) -> Option<StorageOps> {
        Some(StorageOps::default())
    }

    /// Writes the day if a flush is pending.
    pub fn flush(&mut self, _now: u64) -> StorageOps {
        StorageOps::default()
    }

    /// Deletes everything when the alarm goes off.
    pub fn alarm(&mut self) -> StorageOps {
        StorageOps::default()
    }

    /// Returns the day as reports read it, with what is not stored yet.
    ///
    /// It is empty if nothing has been counted.
    pub fn read(&self) -> Vec<u8> {
        Vec::new()
    }
}
