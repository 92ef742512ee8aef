//! How far back a report goes.

use super::day::{self, SLOTS};

/// A period that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// The current slot and the 6 before it.
    Hour,
    /// The current slot and the 144 before it.
    Day,
    /// Today and the 29 days before it, in UTC.
    Month,
}

impl Range {
    /// Every range.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    /// Returns the range of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.name() == name)
    }

    /// Returns the name used in queries and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// Returns the names of the objects that a report reads, today's first.
    ///
    /// Those of an hour are two, too: a report says what the last 24 hours used of the store's day.
    pub fn objects(self, now: u64) -> Vec<String> {
        let today = day::slot_at(now) / SLOTS;
        let days = match self {
            Self::Hour | Self::Day => 2,
            Self::Month => 30,
        };
        let numbers = (0..days).map(|ago| today.saturating_sub(ago));
        numbers.map(day::object).collect()
    }

    /// Returns the first slot, in slots since 1970.
    pub(super) fn first_slot(self, now: u64) -> u32 {
        let slot = day::slot_at(now);
        match self {
            Self::Hour => slot.saturating_sub(6),
            Self::Day => slot.saturating_sub(SLOTS),
            Self::Month => (slot / SLOTS).saturating_sub(29) * SLOTS,
        }
    }

    /// Returns how many slots a point of the curve has.
    pub(super) const fn slots_per_point(self) -> u32 {
        match self {
            Self::Hour | Self::Day => 1,
            Self::Month => SLOTS,
        }
    }
}
