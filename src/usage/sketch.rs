//! Who asked most often, in a fixed space.
//!
//! This is Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k
//! Elements in Data Streams"), merged as in Agarwal et al.: "Mergeable Summaries". With k entries, no
//! count is too high by more than a k-th of all that was counted, however often sketches were merged.

use super::codec::{read_array, read_length, read_u32};
use crate::keys::LOG_HASH_BYTES;
use crate::network::LimiterName;
use crate::varint;

/// Whose requests are counted: a limiter and a shopper.
///
/// Where networks are counted, the shopper is all zeros.
pub type Key = (LimiterName, [u8; LOG_HASH_BYTES]);

/// An estimate of how often somebody asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Who asked.
    pub key: Key,
    /// They asked at most as often as this.
    pub count: u32,
    /// By how much the count is too high at most.
    pub too_many: u32,
}

/// Those who asked most often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    capacity: usize,
    /// How often somebody may have asked who has no entry. It is 0 while everybody has one.
    floor: u32,
    entries: Vec<Entry>,
}

impl Sketch {
    /// Returns an empty sketch of at most this many entries.
    pub const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            floor: 0,
            entries: Vec::new(),
        }
    }

    /// Counts a request.
    pub fn note(&mut self, key: Key) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
            entry.count = entry.count.saturating_add(1);
            return;
        }
        self.shrink(self.capacity.saturating_sub(1));
        self.entries.push(Entry {
            key,
            count: self.floor.saturating_add(1),
            too_many: self.floor,
        });
    }

    /// Adds another sketch, of any capacity.
    pub fn merge(&mut self, other: &Self) {
        let mut entries = Vec::with_capacity(self.entries.len() + other.entries.len());
        for entry in &self.entries {
            entries.push(entry.and(other.estimate(entry.key)));
        }
        for entry in &other.entries {
            if self.entries.iter().all(|own| own.key != entry.key) {
                entries.push(entry.and((self.floor, self.floor)));
            }
        }
        self.entries = entries;
        self.floor = self.floor.saturating_add(other.floor);
        self.shrink(self.capacity);
    }

    /// Returns the count of a key, and by how much it may be too high.
    fn estimate(&self, key: Key) -> (u32, u32) {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map_or((self.floor, self.floor), |entry| {
            (entry.count, entry.too_many)
        })
    }

    /// Drops the smallest entries.
    fn shrink(&mut self, capacity: usize) {
        while self.entries.len() > capacity {
            let counts = self.entries.iter().enumerate();
            let Some((smallest, _)) = counts.min_by_key(|(_, entry)| entry.count) else {
                return;
            };
            self.floor = self.floor.max(self.entries.swap_remove(smallest).count);
        }
    }

    /// Returns the entries that certainly asked most often, the first one first.
    ///
    /// An entry that took another one's place has that one's count, and may have asked once.
    pub fn top(&self, many: usize) -> Vec<Entry> {
        let mut left = self.entries.clone();
        let mut top = Vec::new();
        while top.len() < many && !left.is_empty() {
            let counts = left.iter().enumerate();
            // Equals are told apart, so that two looks at the same counts show the same.
            let best = counts.max_by_key(|(_, entry)| (entry.sure(), entry.key.0.0, entry.key.1));
            let Some((best, _)) = best else { break };
            top.push(left.swap_remove(best));
        }
        top
    }

    /// Appends the sketch. A sketch of networks has no shoppers.
    pub(super) fn write(&self, has_shoppers: bool, bytes: &mut Vec<u8>) {
        varint::write(self.floor.into(), bytes);
        varint::write(self.entries.len() as u64, bytes);
        for entry in &self.entries {
            bytes.extend(entry.key.0.0);
            if has_shoppers {
                bytes.extend(entry.key.1);
            }
            varint::write(entry.count.into(), bytes);
            varint::write(entry.too_many.into(), bytes);
        }
    }

    pub(super) fn read(capacity: usize, has_shoppers: bool, bytes: &mut &[u8]) -> Option<Self> {
        let mut sketch = Self::new(capacity);
        sketch.floor = read_u32(bytes)?;
        for _ in 0..read_length(capacity, bytes)? {
            let limiter = LimiterName(read_array(bytes)?);
            let shopper = if has_shoppers {
                read_array(bytes)?
            } else {
                <_>::default()
            };
            sketch.entries.push(Entry {
                key: (limiter, shopper),
                count: read_u32(bytes)?,
                too_many: read_u32(bytes)?,
            });
        }
        Some(sketch)
    }
}

impl Entry {
    /// Returns how often the asker asked at least.
    fn sure(&self) -> u32 {
        self.count.saturating_sub(self.too_many)
    }

    fn and(self, (count, too_many): (u32, u32)) -> Self {
        Self {
            key: self.key,
            count: self.count.saturating_add(count),
            too_many: self.too_many.saturating_add(too_many),
        }
    }
}
