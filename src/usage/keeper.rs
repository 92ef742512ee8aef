//! The counts of a day in its object, and when they are stored.
//!
//! They are written at once if nothing was written in the last second. Otherwise they are written
//! at the end of that second. So a crash loses at most a second of counts, beside those that isolates
//! have not sent yet, and a busy day costs a row a second. A longer pause would save rows, but the
//! timer would keep the object awake: a second of that costs more than a row.

use super::day::{DAY_SECONDS, Day};
use crate::storage::StorageOps;

/// The time between two writes, in milliseconds.
pub const WRITE_INTERVAL_MS: u64 = 1_000;

/// How long a day is kept after its end, in days.
///
/// A report reads 30 days.
const KEPT_DAYS: u64 = 31;

/// The day in memory, and what is known of the one in storage.
#[derive(Debug, Default)]
pub struct Keeper {
    /// `None` until something is counted.
    day: Option<Day>,
    /// Whether the alarm is set that deletes the day.
    has_alarm: bool,
    /// When the day was last written.
    written: Option<u64>,
    /// Whether a flush is pending.
    flush_pending: bool,
}

impl Keeper {
    /// Returns the keeper that stored this snapshot, or `None` if none did.
    pub fn restore(snapshot: &[u8]) -> Option<Self> {
        Some(Self {
            day: Some(Day::read(snapshot)?),
            // The first snapshot was stored together with the alarm.
            has_alarm: true,
            ..Self::default()
        })
    }

    /// Adds a batch, or returns `None` if it cannot be read or belongs to another day. It is lost then,
    /// and nothing else is.
    pub fn report(&mut self, batch: &[u8], now: u64) -> Option<StorageOps> {
        let batch = Day::read(batch)?;
        let day = self.day.get_or_insert_with(|| Day::new(batch.number));
        if day.number != batch.number {
            return None;
        }
        day.merge(&batch);
        if self.flush_pending {
            return Some(StorageOps::default());
        }
        // The age is 0 if the clock was set back.
        let age = self.written.map(|written| now.saturating_sub(written));
        Some(match age {
            Some(age) if age < WRITE_INTERVAL_MS => {
                self.flush_pending = true;
                StorageOps {
                    flush_in: Some(WRITE_INTERVAL_MS - age),
                    ..StorageOps::default()
                }
            }
            _ => self.write(now),
        })
    }

    /// Writes the day if a flush is pending.
    pub fn flush(&mut self, now: u64) -> StorageOps {
        if !self.flush_pending {
            return StorageOps::default();
        }
        self.write(now)
    }

    /// Deletes everything, when the alarm goes off.
    pub fn alarm(&mut self) -> StorageOps {
        *self = Self::default();
        StorageOps {
            clear: true,
            ..StorageOps::default()
        }
    }

    /// Returns the day as reports read it, with what is not stored yet.
    ///
    /// It is empty if nothing has been counted.
    pub fn read(&self) -> Vec<u8> {
        self.day.as_ref().map(Day::write).unwrap_or_default()
    }

    fn write(&mut self, now: u64) -> StorageOps {
        self.written = Some(now);
        self.flush_pending = false;
        let wake_at = self.day.as_ref().filter(|_| !self.has_alarm).map(|day| {
            let end = u64::from(day.number) + 1;
            (end + KEPT_DAYS) * u64::from(DAY_SECONDS) * 1_000
        });
        self.has_alarm = true;
        StorageOps {
            write: Some(self.read()),
            wake_at,
            ..StorageOps::default()
        }
    }
}
