//! What is left of the store's own budget upstream, which all its shoppers share.

use crate::refusal::StoreLimit;

/// The shares of the store's hour, in percent, at which the log is warned.
pub const WARNINGS: [u32; 2] = [20, 5];
/// Above this share an hour has begun anew, and is warned of again.
const ANEW: u32 = 50;

/// What the upstream's last answers have said.
#[derive(Debug, Default)]
pub struct Store {
    /// The cap that is reached, and until when, in milliseconds since 1970.
    full: Option<(StoreLimit, u64)>,
    /// How many warnings this hour has had.
    warned: usize,
}

impl Store {
    /// The cap that is still reached, its wait made shorter by the time gone by.
    pub fn limit(&self, now: u64) -> Option<StoreLimit> {
        let (limit, until) = self.full?;
        let left = until.checked_sub(now).filter(|left| *left > 0)?;
        Some(StoreLimit {
            retry_after: u32::try_from(left.div_ceil(1_000)).unwrap_or(u32::MAX),
            ..limit
        })
    }

    /// The upstream says that a cap is reached.
    pub fn reached(&mut self, limit: StoreLimit, now: u64) {
        let until = now + u64::from(limit.retry_after) * 1_000;
        // Of several caps the one that frees last is the truth.
        if self.full.is_none_or(|(_, known)| known <= until) {
            self.full = Some((limit, until));
        }
    }

    /// The upstream says what is left of the hour. The share to warn of comes back, in percent,
    /// once an hour each.
    pub fn watch(&mut self, cap: u32, remaining: u32) -> Option<u32> {
        let left = u64::from(remaining) * 100;
        let at_most = |share: u32| left <= u64::from(cap) * u64::from(share);
        if !at_most(ANEW) {
            self.warned = 0;
        }
        let due = WARNINGS.iter().filter(|share| at_most(**share)).count();
        if due <= self.warned {
            return None;
        }
        self.warned = due;
        WARNINGS.get(due - 1).copied()
    }
}
