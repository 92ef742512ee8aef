//! The rate limits. Each domain has a counter for the minute and one for the second.

use std::collections::HashMap;

use crate::contract::answer::Answer;
use crate::contract::omniops::settings::{Reset, Settings};

/// The most domains that are counted. Beyond that, all counters begin anew.
const DOMAINS: usize = 10_000;

#[derive(Default)]
struct Counter {
    window: u64,
    count: u64,
}

impl Counter {
    /// Counts a request unless the window is full. Returns the count.
    fn take(&mut self, window: u64, cap: u64) -> Option<u64> {
        if self.window != window {
            *self = Self { window, count: 0 };
        }
        if self.count >= cap {
            return None;
        }
        self.count += 1;
        Some(self.count)
    }
}

/// The state of a domain's limits after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub limit: u64,
    pub remaining: u64,
    /// The end of the window, in milliseconds since 1970.
    pub reset_ms: u64,
    /// The seconds to wait. `None` if the request was admitted.
    pub wait: Option<u64>,
}

/// The counters of all domains.
#[derive(Default)]
pub struct Limits {
    domains: HashMap<String, (Counter, Counter)>,
}

impl Limits {
    pub fn take(&mut self, domain: &str, settings: &Settings, now_ms: u64) -> Usage {
        if self.domains.len() == DOMAINS && !self.domains.contains_key(domain) {
            self.domains.clear();
        }
        let (minute, second) = self.domains.entry(domain.to_owned()).or_default();
        let usage = |limit, remaining, length_ms, admitted: bool| {
            let reset_ms = (now_ms / length_ms + 1) * length_ms;
            Usage {
                limit,
                remaining,
                reset_ms,
                wait: (!admitted).then(|| (reset_ms - now_ms).div_ceil(1_000)),
            }
        };
        if second.take(now_ms / 1_000, settings.second).is_none() {
            return usage(settings.second, 0, 1_000, false);
        }
        match minute.take(now_ms / 60_000, settings.minute) {
            Some(count) => usage(settings.minute, settings.minute - count, 60_000, true),
            None => usage(settings.minute, 0, 60_000, false),
        }
    }

    pub fn clear(&mut self) {
        self.domains.clear();
    }
}

impl Usage {
    /// Adds the headers that tell it.
    pub fn told(&self, answer: Answer, unit: Reset) -> Answer {
        let reset = match unit {
            Reset::Seconds => self.reset_ms / 1_000,
            Reset::Milliseconds => self.reset_ms,
        };
        let answer = answer
            .with("x-ratelimit-limit", &self.limit.to_string())
            .with("x-ratelimit-remaining", &self.remaining.to_string())
            .with("x-ratelimit-reset", &reset.to_string());
        match self.wait {
            Some(wait) => answer.with("retry-after", &wait.to_string()),
            None => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minute_and_the_second_refuse_on_their_own() {
        let settings = Settings {
            minute: 3,
            second: 2,
            ..Settings::default()
        };
        let mut limits = Limits::default();
        let mut take = |domain: &str, now_ms| limits.take(domain, &settings, now_ms);
        assert_eq!(take("a", 60_100).remaining, 2);
        assert_eq!(take("a", 60_100).remaining, 1);
        let burst = take("a", 60_100);
        let full = (burst.limit, burst.reset_ms, burst.wait);
        assert_eq!(full, (2, 61_000, Some(1)));
        assert_eq!(take("a", 61_000).remaining, 0);
        let minute = take("a", 62_500);
        let full = (minute.limit, minute.reset_ms, minute.wait);
        assert_eq!(full, (3, 120_000, Some(58)));
        assert_eq!(take("b", 62_500).wait, None, "domains do not share");
        assert_eq!(take("a", 120_000).wait, None);
    }
}
