//! A circuit breaker around the assistant's engine. While it is open, chats are refused here
//! instead of being charged for nothing, and one of them at a time looks whether the engine is back.

use super::rest::Rest;
use crate::network::Home;

/// The chats of so many networks have to fail, with no answer between them, to open the breaker:
/// nobody can do it alone with a prompt that the engine chokes on.
pub const NETWORKS: usize = 3;
/// How long the engine is left alone before one chat tries it again, in milliseconds.
pub const REST_MS: u64 = 3_000;

/// How the engine has been doing.
#[derive(Debug, Default)]
pub struct Engine {
    /// The networks whose chats have failed since the last answer, `NETWORKS` at most.
    failing: Vec<Home>,
    /// There while the breaker is open.
    rest: Option<Rest>,
}

impl Engine {
    /// How long chats have to stay away, in milliseconds; none where one may be sent.
    pub fn rests(&self, now: u64) -> Option<u64> {
        self.rest?.left(now)
    }

    /// A chat is sent. Whether it is the probe comes back.
    pub fn sent(&mut self, now: u64) -> bool {
        self.rest.as_mut().is_some_and(|rest| rest.try_again(now))
    }

    /// The engine has failed a chat of this network.
    pub fn failed(&mut self, home: Home, now: u64) {
        if self.failing.len() < NETWORKS && !self.failing.contains(&home) {
            self.failing.push(home);
        }
        if self.failing.len() == NETWORKS {
            // A failure of those under way makes no rest longer: they may fail for a long time.
            self.rest.get_or_insert(Rest::begin(REST_MS, now));
        }
    }

    /// The engine has answered.
    pub fn answered(&mut self) {
        *self = Self::default();
    }
}
