//! A budget for retries that all requests of an isolate share.
//!
//! It follows gRPC's retry throttling (gRFC A6). An upstream that fails must not be sent several
//! times as many requests because it fails.

use crate::network::Block;

/// The size of the full budget.
///
/// This and the next two constants are in tenths of a token.
const FULL: u32 = 100;
const FAILURE: u32 = 10;
const SUCCESS: u32 = 1;
/// The most failures in a row after which a block may still retry.
///
/// One more would leave the block only half of its tokens. The same bound holds for all blocks
/// together.
const MAX_IN_A_ROW: u32 = 4;
/// The most failing blocks that are remembered.
///
/// The oldest are dropped.
const MAX_BLOCKS: usize = 8;

/// The tokens that are left, and the blocks that have failed recently.
#[derive(Debug)]
pub struct RetryThrottle {
    /// In tenths of a token.
    tokens: u32,
    failing: Vec<Failing>,
}

/// A block that has failed recently.
#[derive(Debug)]
struct Failing {
    block: Block,
    /// The number of failures in a row, with no answer to anybody in between.
    in_a_row: u32,
}

impl Default for RetryThrottle {
    fn default() -> Self {
        Self {
            tokens: FULL,
            failing: Vec::new(),
        }
    }
}

impl RetryThrottle {
    /// Records a failed attempt for this block.
    ///
    /// It takes a token, unless the block is known to fail. One party's prompts must not cost all
    /// others their retries.
    pub fn failed(&mut self, block: Block) {
        let known = self.failing.iter_mut().find(|known| known.block == block);
        if let Some(known) = known {
            known.in_a_row += 1;
            return;
        }
        self.tokens = self.tokens.saturating_sub(FAILURE);
        if self.failing.len() >= MAX_BLOCKS {
            self.failing.remove(0);
        }
        self.failing.push(Failing { block, in_a_row: 1 });
    }

    /// Records an answered chat, which refunds a tenth of a token.
    pub fn succeeded(&mut self) {
        self.tokens = FULL.min(self.tokens + SUCCESS);
        for known in &mut self.failing {
            known.in_a_row = 0;
        }
    }

    /// Returns whether this block may retry.
    ///
    /// It may while more than half of all tokens are left, and more than half of its own.
    pub fn allowed(&self, block: Block) -> bool {
        let spent = |known: &Failing| known.block == block && known.in_a_row > MAX_IN_A_ROW;
        self.tokens > FULL / 2 && !self.failing.iter().any(spent)
    }
}
