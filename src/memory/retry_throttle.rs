//! A budget for retries that all requests of an isolate share, after gRPC's retry throttling
//! (gRFC A6): an upstream that fails is not asked several times as often because it fails.

use crate::network::Block;

/// In tenths of a token.
const FULL: u32 = 100;
const FAILURE: u32 = 10;
const SUCCESS: u32 = 1;
/// So many failures of one block in a row leave its tokens: half of them, as for all.
const OWN: u32 = 4;
/// The failing blocks that are remembered; the oldest go.
const MOST: usize = 8;

/// What is left, and who has failed of late.
#[derive(Debug)]
pub struct RetryThrottle {
    /// In tenths of a token.
    tokens: u32,
    failing: Vec<Failing>,
}

/// A block that has failed of late.
#[derive(Debug)]
struct Failing {
    block: Block,
    /// How often in a row, with no answer to anybody between.
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
    /// An attempt for this block has failed. It takes a token, unless the block is known to fail:
    /// what one party's prompts do must not cost all others their retries.
    pub fn failed(&mut self, block: Block) {
        let known = self.failing.iter_mut().find(|known| known.block == block);
        if let Some(known) = known {
            known.in_a_row += 1;
            return;
        }
        self.tokens = self.tokens.saturating_sub(FAILURE);
        if self.failing.len() >= MOST {
            self.failing.remove(0);
        }
        self.failing.push(Failing { block, in_a_row: 1 });
    }

    /// A chat was answered: it gives a tenth of a token back.
    pub fn succeeded(&mut self) {
        self.tokens = FULL.min(self.tokens + SUCCESS);
        for known in &mut self.failing {
            known.in_a_row = 0;
        }
    }

    /// Whether there may be a retry for this block: while more than half of the tokens are left, and
    /// of its own.
    pub fn allowed(&self, block: Block) -> bool {
        let spent = |known: &Failing| known.block == block && known.in_a_row > OWN;
        self.tokens > FULL / 2 && !self.failing.iter().any(spent)
    }
}
