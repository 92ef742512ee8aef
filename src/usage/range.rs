//! How far back a report goes.

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
    /// Returns the range of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "hour" => Some(Self::Hour),
            "day" => Some(Self::Day),
            "month" => Some(Self::Month),
            _ => None,
        }
    }

    /// Returns the name.
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
    pub fn objects(self, _now: u64) -> Vec<String> {
        Vec::new()
    }
}
