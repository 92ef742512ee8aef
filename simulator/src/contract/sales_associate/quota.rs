//! The rate limits. Each key has a counter for the minute, the hour and the day in UTC.

use std::collections::HashMap;

/// The windows in which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Minute,
    Hour,
    Day,
}

impl Window {
    /// All windows, in the order of the checks. The first full window is reported.
    const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    fn milliseconds(self) -> u64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }
}

/// The most requests that each window admits. `None` means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    pub minute: Option<u64>,
    pub hour: Option<u64>,
    pub day: Option<u64>,
}

impl Caps {
    pub const UNLIMITED: Self = Self {
        minute: None,
        hour: None,
        day: None,
    };

    pub const fn of(minute: u64, hour: u64, day: u64) -> Self {
        Self {
            minute: Some(minute),
            hour: Some(hour),
            day: Some(day),
        }
    }

    fn get(&self, window: Window) -> Option<u64> {
        match window {
            Window::Minute => self.minute,
            Window::Hour => self.hour,
            Window::Day => self.day,
        }
    }
}

/// The usage tier. It sets the caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// For trials: 30 a minute, 500 an hour, 2,000 a day.
    Trial,
    /// For shops: 120 a minute, 5,000 an hour, 50,000 a day.
    Production,
    /// For internal use, without limits.
    Internal,
}

impl Tier {
    /// Returns the name in the published contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Production => "production",
            Self::Internal => "internal",
        }
    }

    /// Returns the published caps.
    pub fn caps(self) -> Caps {
        match self {
            Self::Trial => Caps::of(30, 500, 2_000),
            Self::Production => Caps::of(120, 5_000, 50_000),
            Self::Internal => Caps::UNLIMITED,
        }
    }
}

/// The hour's usage, for the headers of a successful answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub limit: Option<u64>,
    pub remaining: Option<u64>,
}

/// The cap that refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    pub window: Window,
    pub limit: u64,
    /// The seconds until the next window begins, at least one.
    pub retry_after: u64,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    number: u64,
    count: u64,
}

/// The counters of all keys.
#[derive(Default)]
pub struct Quota {
    buckets: HashMap<usize, [Bucket; 3]>,
    overrides: HashMap<usize, Caps>,
}

impl Quota {
    /// Counts a request in all three windows, or in none if one of them is full.
    pub fn take(&mut self, key: usize, caps: Caps, now_ms: u64) -> Result<Usage, Breach> {
        let caps = self.overrides.get(&key).copied().unwrap_or(caps);
        let buckets = self.buckets.entry(key).or_default();
        for (bucket, window) in buckets.iter_mut().zip(Window::ALL) {
            let number = now_ms / window.milliseconds();
            if bucket.number != number {
                *bucket = Bucket { number, count: 0 };
            }
            if let Some(limit) = caps.get(window).filter(|limit| bucket.count >= *limit) {
                let left_ms = window.milliseconds() - now_ms % window.milliseconds();
                return Err(Breach {
                    window,
                    limit,
                    retry_after: left_ms.div_ceil(1_000),
                });
            }
        }
        for bucket in buckets.iter_mut() {
            bucket.count += 1;
        }
        let [_, hour, _] = *buckets;
        Ok(Usage {
            limit: caps.hour,
            remaining: caps.hour.map(|limit| limit.saturating_sub(hour.count)),
        })
    }

    /// Replaces the caps of the tier for one key.
    pub fn set_caps(&mut self, key: usize, caps: Caps) {
        self.overrides.insert(key, caps);
    }

    /// Clears all counters, and all caps that replaced those of a tier.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 2026-05-05 00:00:00 UTC.
    const MIDNIGHT: u64 = 1_777_939_200_000;

    fn breach(window: Window, limit: u64, retry_after: u64) -> Breach {
        Breach {
            window,
            limit,
            retry_after,
        }
    }

    #[test]
    fn the_minute_is_full_at_its_cap_and_empty_in_the_next() {
        let mut quota = Quota::default();
        let caps = Tier::Trial.caps();
        let now = MIDNIGHT + 42_000;
        for used in 1..=30 {
            let usage = quota.take(0, caps, now).unwrap();
            assert_eq!(usage.remaining, Some(500 - used));
        }
        let full = breach(Window::Minute, 30, 18);
        assert_eq!(quota.take(0, caps, now), Err(full));
        let last_moment = breach(Window::Minute, 30, 1);
        assert_eq!(quota.take(0, caps, MIDNIGHT + 59_999), Err(last_moment));
        let usage = quota.take(0, caps, MIDNIGHT + 60_000).unwrap();
        assert_eq!(usage.remaining, Some(469), "refused requests do not count");
    }

    #[test]
    fn hour_and_day_refuse_on_their_own() {
        let mut quota = Quota::default();
        let caps = Caps::of(10, 2, 3);
        let last_second = MIDNIGHT + 3_599_000;
        quota.take(0, caps, last_second).unwrap();
        quota.take(0, caps, last_second).unwrap();
        let hour = breach(Window::Hour, 2, 1);
        assert_eq!(quota.take(0, caps, last_second), Err(hour));
        quota.take(0, caps, last_second + 1_000).unwrap();
        let day = breach(Window::Day, 3, 86_400 - 3_600);
        assert_eq!(quota.take(0, caps, last_second + 1_000), Err(day));
        assert!(quota.take(0, caps, MIDNIGHT + 86_400_000).is_ok());
    }

    #[test]
    fn keys_do_not_share() {
        let mut quota = Quota::default();
        let caps = Caps::of(1, 1, 1);
        assert!(quota.take(0, caps, MIDNIGHT).is_ok());
        assert!(quota.take(0, caps, MIDNIGHT).is_err());
        assert!(quota.take(1, caps, MIDNIGHT).is_ok());
    }

    #[test]
    fn internal_has_no_limit() {
        let mut quota = Quota::default();
        for _ in 0..1_000 {
            let usage = quota.take(0, Tier::Internal.caps(), MIDNIGHT).unwrap();
            assert_eq!((usage.limit, usage.remaining), (None, None));
        }
    }

    #[test]
    fn caps_can_be_set_and_taken_back() {
        let mut quota = Quota::default();
        quota.set_caps(0, Caps::of(1, 9, 9));
        let usage = quota.take(0, Tier::Trial.caps(), MIDNIGHT).unwrap();
        assert_eq!((usage.limit, usage.remaining), (Some(9), Some(8)));
        assert!(quota.take(0, Tier::Trial.caps(), MIDNIGHT).is_err());
        quota.reset();
        let usage = quota.take(0, Tier::Trial.caps(), MIDNIGHT).unwrap();
        assert_eq!(usage.remaining, Some(499));
    }
}
