//! A circuit breaker around the upstream's primary URL.
//!
//! It picks which of the upstream's two URLs is tried first. If the fallback is no better, chats
//! probe the primary sooner.

use super::cooldown::Cooldown;

/// The number of failures in a row that are too many for the URL that is tried first.
pub const FAILURES: u32 = 3;
/// How long the fallback is tried first, in milliseconds.
///
/// After that, one chat tries the primary again.
pub const COOLDOWN_MS: u64 = 30_000;

/// One of the upstream's URLs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Endpoint {
    /// The base URL.
    #[default]
    Primary,
    /// The other URL of the same upstream.
    Fallback,
}

/// The recent failures of the URL that is tried first.
#[derive(Debug, Default)]
pub struct EndpointBreaker {
    failures: u32,
    /// `Some` while the fallback is tried first.
    cooldown: Option<Cooldown>,
}

impl Endpoint {
    /// Returns the name that log lines use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Fallback => "fallback",
        }
    }

    /// Returns the other endpoint.
    pub const fn other(self) -> Self {
        match self {
            Self::Primary => Self::Fallback,
            Self::Fallback => Self::Primary,
        }
    }
}

impl EndpointBreaker {
    /// Returns the endpoint that a chat tries first, given that there is a fallback.
    pub fn first(&mut self, now: u64) -> Endpoint {
        if self
            .cooldown
            .as_mut()
            .is_none_or(|cooldown| cooldown.try_again(now))
        {
            Endpoint::Primary
        } else {
            Endpoint::Fallback
        }
    }

    /// Returns whether a request on this endpoint is a half-open probe, which may well fail.
    pub fn is_probe(&self, endpoint: Endpoint) -> bool {
        endpoint == Endpoint::Primary && self.cooldown.is_some()
    }

    /// Records that this URL could not be reached, or that its gateway failed.
    pub fn failed(&mut self, endpoint: Endpoint, now: u64) {
        match (endpoint, &mut self.cooldown) {
            (Endpoint::Primary, Some(cooldown)) => *cooldown = Cooldown::begin(COOLDOWN_MS, now),
            (Endpoint::Primary, None) => {
                if self.count_failure() {
                    self.cooldown = Some(Cooldown::begin(COOLDOWN_MS, now));
                }
            }
            (Endpoint::Fallback, Some(_)) => {
                if self.count_failure() {
                    self.cooldown = Some(Cooldown::over(COOLDOWN_MS, now));
                }
            }
            (Endpoint::Fallback, None) => {}
        }
    }

    /// Counts a failure of the URL that is tried first, and returns whether there are too many.
    fn count_failure(&mut self) -> bool {
        self.failures = (self.failures + 1) % FAILURES;
        self.failures == 0
    }

    /// Records that this URL has answered.
    pub fn answered(&mut self, endpoint: Endpoint) {
        match (endpoint, self.cooldown) {
            (Endpoint::Primary, _) => *self = Self::default(),
            (Endpoint::Fallback, Some(_)) => self.failures = 0,
            (Endpoint::Fallback, None) => {}
        }
    }
}
