//! Which of the upstream's two URLs goes first: a circuit breaker around the primary. The fallback
//! may be no better: then chats look at the primary sooner.

use super::rest::Rest;

/// So many failures in a row of the URL that goes first are too many.
pub const FAILURES: u32 = 3;
/// For how long the fallback goes first, in milliseconds; after that one chat tries the primary again.
pub const REST_MS: u64 = 30_000;

/// One of the upstream's URLs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Route {
    /// The base URL.
    #[default]
    Primary,
    /// The other one of the same upstream.
    Fallback,
}

/// How the one that goes first has been doing.
#[derive(Debug, Default)]
pub struct Routes {
    failures: u32,
    /// There while the fallback goes first.
    rest: Option<Rest>,
}

impl Route {
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

impl Routes {
    /// Where a chat goes first, given that there is a fallback.
    pub fn first(&mut self, now: u64) -> Route {
        if self.rest.as_mut().is_none_or(|rest| rest.try_again(now)) {
            Route::Primary
        } else {
            Route::Fallback
        }
    }

    /// Whether a request on this route is a probe, whose failure is half expected.
    pub fn is_probe(&self, route: Route) -> bool {
        route == Route::Primary && self.rest.is_some()
    }

    /// This URL could not be reached, or its gateway failed.
    pub fn failed(&mut self, route: Route, now: u64) {
        match (route, &mut self.rest) {
            (Route::Primary, Some(rest)) => *rest = Rest::begin(REST_MS, now),
            (Route::Primary, None) => {
                if self.count_failure() {
                    self.rest = Some(Rest::begin(REST_MS, now));
                }
            }
            (Route::Fallback, Some(_)) => {
                if self.count_failure() {
                    self.rest = Some(Rest::over(REST_MS, now));
                }
            }
            (Route::Fallback, None) => {}
        }
    }

    /// Counts a failure of the one that goes first. Whether they are too many comes back.
    fn count_failure(&mut self) -> bool {
        self.failures = (self.failures + 1) % FAILURES;
        self.failures == 0
    }

    /// This URL has answered.
    pub fn answered(&mut self, route: Route) {
        match (route, self.rest) {
            (Route::Primary, _) => *self = Self::default(),
            (Route::Fallback, Some(_)) => self.failures = 0,
            (Route::Fallback, None) => {}
        }
    }
}
