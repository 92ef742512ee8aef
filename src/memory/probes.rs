//! Half-open probes, which find out whether chats are let through again.
//!
//! After each cooldown, one chat probes and the others stay away. A block that has had a probe
//! waits longer for its next one. So nobody can keep a circuit open by being the one who probes.

use super::cooldown::Cooldown;
use crate::network::Block;

/// The most blocks whose probes are remembered.
///
/// The oldest are dropped.
const MAX_BLOCKS: usize = 64;

/// The current cooldown, and the blocks that have had a probe.
#[derive(Debug)]
pub struct Probes {
    length: u64,
    longest: u64,
    cooldown: Cooldown,
    taken: Vec<Taken>,
}

/// The last probe of one block.
#[derive(Debug)]
struct Taken {
    block: Block,
    cooldown: Cooldown,
    length: u64,
}

impl Probes {
    /// Begins with a cooldown of `length` milliseconds.
    ///
    /// A block waits twice as long for each further probe, at most `longest` milliseconds.
    pub fn begin(length: u64, longest: u64, now: u64) -> Self {
        Self {
            length,
            longest,
            cooldown: Cooldown::begin(length, now),
            taken: Vec::new(),
        }
    }

    /// Returns how many milliseconds a chat of this block must wait, or `None` if it may probe.
    pub fn left(&self, block: Block, now: u64) -> Option<u64> {
        let own = self.taken.iter().find(|taken| taken.block == block);
        let own = own.and_then(|taken| taken.cooldown.left(now));
        own.max(self.cooldown.left(now))
    }

    /// Takes the free probe for a chat of this block.
    pub fn take(&mut self, block: Block, now: u64) {
        self.cooldown = Cooldown::begin(self.length, now);
        let before = self.taken.iter().position(|taken| taken.block == block);
        let length = before.map_or(self.length, |place| self.taken.remove(place).length);
        let length = (2 * length).min(self.longest);
        if self.taken.len() >= MAX_BLOCKS {
            self.taken.remove(0);
        }
        self.taken.push(Taken {
            block,
            cooldown: Cooldown::begin(length, now),
            length,
        });
    }

    /// Releases a probe that has learned nothing, so that another chat may probe at once.
    pub fn release(&mut self, now: u64) {
        self.cooldown = Cooldown::over(self.length, now);
    }
}
