//! Probes at looking whether something that was shut is open again: one chat in each rest looks,
//! and the others stay away. Whoever has had a turn waits longer for the next one, so that nobody
//! can keep it shut by being the one who looks.

use super::cooldown::Cooldown;
use crate::network::Block;

/// The most blocks whose turns are remembered; the oldest go.
const MOST: usize = 64;

/// What is shut, since when, and who has looked.
#[derive(Debug)]
pub struct Probes {
    length: u64,
    longest: u64,
    cooldown: Cooldown,
    taken: Vec<Taken>,
}

/// The last turn of one block.
#[derive(Debug)]
struct Taken {
    block: Block,
    cooldown: Cooldown,
    length: u64,
}

impl Probes {
    /// Begins with a rest of so many milliseconds; a block waits for another turn twice as long each
    /// time, and this long at most.
    pub fn begin(length: u64, longest: u64, now: u64) -> Self {
        Self {
            length,
            longest,
            cooldown: Cooldown::begin(length, now),
            taken: Vec::new(),
        }
    }

    /// How long a chat of this block has to stay away, in milliseconds; none where it may look.
    pub fn left(&self, block: Block, now: u64) -> Option<u64> {
        let own = self.taken.iter().find(|taken| taken.block == block);
        let own = own.and_then(|taken| taken.cooldown.left(now));
        own.max(self.cooldown.left(now))
    }

    /// A chat of this block takes the turn that is free.
    pub fn take(&mut self, block: Block, now: u64) {
        self.cooldown = Cooldown::begin(self.length, now);
        let before = self.taken.iter().position(|taken| taken.block == block);
        let length = before.map_or(self.length, |place| self.taken.remove(place).length);
        let length = (2 * length).min(self.longest);
        if self.taken.len() >= MOST {
            self.taken.remove(0);
        }
        self.taken.push(Taken {
            block,
            cooldown: Cooldown::begin(length, now),
            length,
        });
    }

    /// A chat that took a turn has not seen anything: another one may look at once.
    pub fn release(&mut self, now: u64) {
        self.cooldown = Cooldown::over(self.length, now);
    }
}
