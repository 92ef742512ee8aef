//! When the store's own budget upstream will be spent.

use super::Store;
use super::day::{SLOT_SECONDS, SLOTS};

const HOUR_SECONDS: u64 = 3_600;

/// The requests upstream of the last 24 hours, by slot.
///
/// The last one is the current slot. The first one began at least 24 hours ago, so up to ten minutes
/// more than a day are counted.
#[derive(Debug)]
pub(super) struct Forecast {
    pub(super) requests: [u32; SLOTS as usize + 1],
    /// How much of the current slot is over, in seconds.
    pub(super) elapsed: u64,
}

impl Forecast {
    /// Returns how many requests there were.
    pub(super) fn used(&self) -> u64 {
        self.requests.iter().copied().map(u64::from).sum()
    }

    /// Returns how many requests an hour has, as the current slot and the 6 before it say.
    pub(super) fn pace(&self) -> u64 {
        let last = self.requests.iter().rev().take(7).copied();
        let requests: u64 = last.map(u64::from).sum();
        (requests * HOUR_SECONDS).div_ceil(HOUR_SECONDS + self.elapsed)
    }

    /// Returns the seconds until the hour's or the day's budget is spent at this pace.
    ///
    /// The hour frees at most an hour after the assistant has said what is left of it. The day frees a
    /// request once it is a day old. Returns `None` if neither is spent before it frees.
    pub(super) fn spent_in_s(
        &self,
        store: Option<Store>,
        day_cap: Option<u32>,
        now: u64,
    ) -> Option<u64> {
        let hour = store.and_then(|store| self.hour_spent_in_s(store, now));
        let day = day_cap.and_then(|cap| self.day_spent_in_s(cap));
        hour.into_iter().chain(day).min()
    }

    fn hour_spent_in_s(&self, store: Store, now: u64) -> Option<u64> {
        let frees_at = store.at / 1_000 + HOUR_SECONDS;
        let left = u64::from(store.remaining) * HOUR_SECONDS;
        let spent = left.checked_div(self.pace())?;
        (now / 1_000 + spent < frees_at).then_some(spent)
    }

    /// Counts on, slot by slot. A slot of the last 24 hours frees when its place in the day comes.
    fn day_spent_in_s(&self, cap: u32) -> Option<u64> {
        let pace = self.pace();
        // In requests of a whole hour, so that a slot's share of the pace is a whole number.
        let slots_an_hour = HOUR_SECONDS / u64::from(SLOT_SECONDS);
        let mut left = u64::from(cap).saturating_sub(self.used()) * slots_an_hour;
        for (slots, freed) in (0..).zip(self.requests) {
            if pace > left {
                return Some((slots * pace + left) * u64::from(SLOT_SECONDS) / pace);
            }
            left = left - pace + u64::from(freed) * slots_an_hour;
        }
        None
    }
}
