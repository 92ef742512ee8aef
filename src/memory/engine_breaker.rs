//! A circuit breaker around the assistant's engine. While it is open, chats are refused here
//! instead of being charged for nothing, and one of them at a time looks whether the engine is back.

use super::probes::Probes;
use crate::network::Block;

/// The chats of so many blocks of networks have to fail, with no answer between them, to open the
/// breaker: one person's home (an IPv4 and an IPv6 block) and phone must not do it alone with a
/// prompt that the engine chokes on.
pub const BLOCKS: usize = 5;
/// How long the engine is left alone before one chat tries it again, in milliseconds.
pub const COOLDOWN_MS: u64 = 3_000;

/// How long a block that has looked again and again waits for its next turn, in milliseconds.
pub const LONGEST_COOLDOWN_MS: u64 = 24_000;

/// How the engine has been doing.
#[derive(Debug, Default)]
pub struct EngineBreaker {
    /// Whose chats have failed since the last answer, `BLOCKS` at most.
    failing: Vec<Block>,
    /// There while the breaker is open.
    probes: Option<Probes>,
}

impl EngineBreaker {
    /// How long chats of this block have to stay away, in milliseconds; none where one may be sent.
    pub fn rests(&self, block: Block, now: u64) -> Option<u64> {
        self.probes.as_ref()?.left(block, now)
    }

    /// A chat is about to be sent. Whether it looks for all others comes back.
    pub fn claim(&mut self, block: Block, now: u64) -> bool {
        self.probes.as_mut().is_some_and(|probes| {
            probes.take(block, now);
            true
        })
    }

    /// The chat that looked has seen nothing of the engine.
    pub fn release(&mut self, now: u64) {
        if let Some(probes) = &mut self.probes {
            probes.release(now);
        }
    }

    /// The engine has failed a chat of this block.
    pub fn failed(&mut self, block: Block, now: u64) {
        if self.failing.len() < BLOCKS && !self.failing.contains(&block) {
            self.failing.push(block);
        }
        if self.failing.len() == BLOCKS {
            // A failure of those under way makes no rest longer: they may fail for a long time.
            self.probes
                .get_or_insert_with(|| Probes::begin(COOLDOWN_MS, LONGEST_COOLDOWN_MS, now));
        }
    }

    /// The engine has answered.
    pub fn answered(&mut self) {
        *self = Self::default();
    }
}
