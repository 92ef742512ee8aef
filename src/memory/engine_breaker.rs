//! A circuit breaker around the assistant's engine.
//!
//! While the circuit is open, chats are refused here instead of being charged for nothing. One chat
//! at a time probes whether the engine works again.

use super::probes::Probes;
use crate::network::Block;

/// The number of blocks whose chats must fail, with no answer in between, to open the circuit.
///
/// One person's home (an IPv4 and an IPv6 block) and phone must not open it alone with a prompt
/// that the engine chokes on.
pub const BLOCKS: usize = 5;
/// How long the circuit is open before one chat probes the engine, in milliseconds.
pub const COOLDOWN_MS: u64 = 3_000;

/// The longest time that a block waits for its next half-open probe, in milliseconds.
///
/// A block waits that long after repeated probes.
pub const MAX_COOLDOWN_MS: u64 = 24_000;

/// The recent failures of the engine.
#[derive(Debug, Default)]
pub struct EngineBreaker {
    /// The blocks whose chats have failed since the last answer, at most `BLOCKS`.
    failing: Vec<Block>,
    /// `Some` while the circuit is open.
    probes: Option<Probes>,
}

impl EngineBreaker {
    /// Returns how many milliseconds chats of this block must wait, or `None` if one may be sent.
    pub fn open_for(&self, block: Block, now: u64) -> Option<u64> {
        self.probes.as_ref()?.left(block, now)
    }

    /// Claims a half-open probe for a chat about to be sent, and returns whether the chat is one.
    pub fn claim(&mut self, block: Block, now: u64) -> bool {
        self.probes.as_mut().is_some_and(|probes| {
            probes.take(block, now);
            true
        })
    }

    /// Releases the probe of a chat that has learned nothing about the engine.
    pub fn release(&mut self, now: u64) {
        if let Some(probes) = &mut self.probes {
            probes.release(now);
        }
    }

    /// Records that the engine has failed a chat of this block.
    pub fn failed(&mut self, block: Block, now: u64) {
        if self.failing.len() < BLOCKS && !self.failing.contains(&block) {
            self.failing.push(block);
        }
        if self.failing.len() == BLOCKS {
            // Chats under way may go on failing for a long time. Their failures do not extend the
            // cooldown.
            self.probes
                .get_or_insert_with(|| Probes::begin(COOLDOWN_MS, MAX_COOLDOWN_MS, now));
        }
    }

    /// Records that the engine has answered.
    pub fn answered(&mut self) {
        *self = Self::default();
    }
}
