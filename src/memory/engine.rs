//! A circuit breaker around the assistant's engine. While it is open, chats are refused here
//! instead of being charged for nothing, and one of them at a time looks whether the engine is back.

use super::turns::Turns;
use crate::network::Block;

/// The chats of so many blocks of networks have to fail, with no answer between them, to open the
/// breaker: one person's home (an IPv4 and an IPv6 block) and phone must not do it alone with a
/// prompt that the engine chokes on.
pub const BLOCKS: usize = 5;
/// How long the engine is left alone before one chat tries it again, in milliseconds.
pub const REST_MS: u64 = 3_000;

/// How long a block that has looked again and again waits for its next turn, in milliseconds.
pub const LONGEST_REST_MS: u64 = 24_000;

/// How the engine has been doing.
#[derive(Debug, Default)]
pub struct Engine {
    /// Whose chats have failed since the last answer, `BLOCKS` at most.
    failing: Vec<Block>,
    /// There while the breaker is open.
    turns: Option<Turns>,
}

impl Engine {
    /// How long chats of this block have to stay away, in milliseconds; none where one may be sent.
    pub fn rests(&self, block: Block, now: u64) -> Option<u64> {
        self.turns.as_ref()?.left(block, now)
    }

    /// A chat is about to be sent. Whether it looks for all others comes back.
    pub fn claim(&mut self, block: Block, now: u64) -> bool {
        self.turns.as_mut().is_some_and(|turns| {
            turns.take(block, now);
            true
        })
    }

    /// The chat that looked has seen nothing of the engine.
    pub fn hand_back(&mut self, now: u64) {
        if let Some(turns) = &mut self.turns {
            turns.hand_back(now);
        }
    }

    /// The engine has failed a chat of this block.
    pub fn failed(&mut self, block: Block, now: u64) {
        if self.failing.len() < BLOCKS && !self.failing.contains(&block) {
            self.failing.push(block);
        }
        if self.failing.len() == BLOCKS {
            // A failure of those under way makes no rest longer: they may fail for a long time.
            self.turns
                .get_or_insert_with(|| Turns::begin(REST_MS, LONGEST_REST_MS, now));
        }
    }

    /// The engine has answered.
    pub fn answered(&mut self) {
        *self = Self::default();
    }
}
