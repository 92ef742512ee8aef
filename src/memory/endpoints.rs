//! Which of the upstream's two URLs goes first: a circuit breaker around the primary. The fallback
//! may be no better: then chats look at the primary sooner.

use super::cooldown::Cooldown;

/// So many failures in a row of the URL that goes first are too many.
pub const FAILURES: u32 = 3;
/// For how long the fallback goes first, in milliseconds; after that one chat tries the primary again.
pub const COOLDOWN_MS: u64 = 30_000;

/// One of the upstream's URLs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Endpoint {
    /// The base URL.
    #[default]
    Primary,
    /// The other one of the same upstream.
    Fallback,
}

/// How the one that goes first has been doing.
#[derive(Debug, Default)]
pub struct EndpointBreaker {
    failures: u32,
    /// There while the fallback goes first.
    cooldown: Option<Cooldown>,
}

impl Endpoint {
    /// As log lines name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Fallback => "fallback",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Primary => Self::Fallback,
            Self::Fallback => Self::Primary,
        }
    }
}

impl EndpointBreaker {
    /// Where a chat goes first, given that there is a fallback.
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

    /// Whether a request on this endpoint is a probe, whose failure is half expected.
    pub fn is_probe(&self, endpoint: Endpoint) -> bool {
        endpoint == Endpoint::Primary && self.cooldown.is_some()
    }

    /// This URL could not be reached, or its gateway failed.
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

    /// Counts a failure of the one that goes first. Whether they are too many comes back.
    fn count_failure(&mut self) -> bool {
        self.failures = (self.failures + 1) % FAILURES;
        self.failures == 0
    }

    /// This URL has answered.
    pub fn answered(&mut self, endpoint: Endpoint) {
        match (endpoint, self.cooldown) {
            (Endpoint::Primary, _) => *self = Self::default(),
            (Endpoint::Fallback, Some(_)) => self.failures = 0,
            (Endpoint::Fallback, None) => {}
        }
    }
}
